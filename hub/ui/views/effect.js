/**
 * The effect of a policy before it is saved: the same list under today's policy and under the other one, compared.
 * Which list a key changes is a table; keys that no list shows at once say so.
 */
import {get, list, send} from "ui/api.js";
import {html} from "ui/html.js";
import {number} from "ui/format.js";
import {t} from "ui/i18n.js";
import {Notice} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {Differences, Figures, LISTS} from "../parts/lists.js";
import {Who, tierName} from "../parts/people.js";

/** What each key changes: one list or document, or several. */
const KINDS = /** @type {Record<string, string[]>} */ ({
    tiers: ["tiers", "tier-window"],
    pyramid: ["top-percent", "volume-groups", "profit-groups"],
    segments: ["valid-visits", "discount-share", "candidate-visits", "candidate-share", "band-window", "bands"],
    score: ["score-weights"],
    complaints: ["answer-hours", "resolve-hours", "level-hours", "business-hours", "holidays"],
    followups: ["thank-amount", "thank-days", "referral-days", "letter-spend", "top-visit", "birthday-days",
        "rainy-thanks", "followup-days", "inactive-months"],
    inactive: ["inactive-months"],
    back: ["inactive-months", "back-days"],
    months: ["lost-months"],
    alerts: ["alert-count", "alert-days"],
});

/** @param {string} key */
export function kindsOf(key) {
    return Object.keys(KINDS).filter((kind) => KINDS[kind].includes(key));
}

export const MOST = 1000; // rows of a page: more than anybody reads before deciding

/** What is asked beside the kind. */
const ASKED = /** @type {Record<string, any>} */ ({score: {by: "score", top: MOST}, complaints: {all: true}});

/** @param {string} path @param {any} body */
async function preview(path, body) {
    return send("POST", path, {...body, limit: MOST});
}

/** @param {string} kind @param {Record<string, string>} set */
async function effectIn(kind, set) {
    if (kind === "tiers") return {kind, rows: await preview("policy/preview", {kind: "segments", set, changed: true})};
    if (kind === "pyramid") {
        const [then, now] = await Promise.all([get("pyramid"), preview("policy/preview", {kind, set})]);
        return {kind, then, now};
    }
    const name = kind === "score" ? "vip" : kind;
    const {path} = LISTS[name];
    const options = ASKED[kind] ?? {};
    const [then, now] = await Promise.all([list(path, {...options, limit: MOST}), path.startsWith("reports/")
        ? preview(`policy/preview/${path}`, {set, ...options})
        : preview("policy/preview", {kind: path, set, ...options})]);
    return {kind, name, then: then.rows, now};
}

/** @param {string} key @param {string} value @returns {Promise<any[]>} one for each list that the key changes */
export async function effectOf(key, value) {
    const set = {[key]: value};
    const kinds = kindsOf(key);
    // Asked all the same: a value out of range is refused here, not only when it is saved.
    if (kinds.length === 0) await preview("policy/preview", {kind: "status", set});
    return Promise.all(kinds.map((kind) => effectIn(kind, set)));
}

/** @param {{rows: any[]}} props who changes tier, counted and by name */
function Tiers({rows}) {
    /** @type {Map<string, number>} */
    const moves = new Map();
    for (const row of rows) {
        const move = `${row.tier_was}\n${row.tier ?? "none"}`;
        moves.set(move, (moves.get(move) ?? 0) + 1);
    }
    const columns = [
        {name: "who", label: t("customer"), cell: (/** @type {any} */ row) => html`<${Who} row=${row} />`},
        {name: "was", label: t("effect.was"), cell: (/** @type {any} */ row) => tierName(row.tier_was)},
        {name: "tier", label: t("effect.becomes"), cell: (/** @type {any} */ row) => tierName(row.tier)},
    ];
    return html`<p class="lead" role="status">${t(rows.length < MOST ? "effect.tiers" : "effect.tiers.many",
        {count: rows.length})}</p>
        <ul class="moves">${[...moves].sort((a, b) => b[1] - a[1]).map(([move, count]) => {
            const [was, becomes] = move.split("\n");
            return html`<li><strong>${number(count)}</strong> ${tierName(was)}<span aria-hidden="true"> → </span><span
                class="unseen"> ${t("effect.becomes")} </span>${tierName(becomes)}</li>`;
        })}</ul>
        ${rows.length > 0 ? html`<${Table} caption=${t("policy.effect")} columns=${columns} rows=${rows.slice(0, 100)}
            rowKey=${(/** @type {any} */ row) => row.customer} />` : null}
        ${rows.length > 100 ? html`<p class="hint">${t("change.more", {count: rows.length - 100})}</p>` : null}`;
}

/** @param {{effect: any}} props in one list or document */
function One({effect}) {
    if (effect.kind === "tiers") return html`<${Tiers} rows=${effect.rows} />`;
    if (effect.kind === "pyramid") {
        return html`<${Figures} then=${effect.then} now=${effect.now} empty=${t("effect.nobody")} />`;
    }
    const cut = Math.max(effect.then.length, effect.now.length) >= MOST;
    return html`${cut ? html`<${Notice} kind="warn"><p>${t("machine.cut", {count: MOST})}</p><//>` : null}
        <${Differences} kind=${LISTS[effect.name]} then=${effect.then} now=${effect.now}
        caption=${t(`effect.in.${effect.kind}`)} empty=${t("effect.nobody")} />`;
}

/** @param {{effects: any[]}} props */
export function Effect({effects}) {
    if (effects.length === 0) return html`<${Notice}><p>${t("effect.none")}</p><//>`;
    return effects.map((effect) => html`<section key=${effect.kind} data-effect=${effect.kind}>
        <h4>${t(`effect.in.${effect.kind}`)}</h4><${One} effect=${effect} /></section>`);
}
