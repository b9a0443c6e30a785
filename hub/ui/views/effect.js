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

const KINDS = /** @type {Record<string, string[]>} */ ({
    tiers: ["tiers", "tier-window"],
    pyramid: ["top-percent", "volume-groups", "profit-groups"],
    segments: ["valid-visits", "discount-share", "candidate-visits", "candidate-share", "band-window", "bands"],
    score: ["score-weights"],
    complaints: ["answer-hours", "resolve-hours", "level-hours", "business-hours", "holidays"],
});

/** @param {string} key */
export function kindOf(key) {
    return Object.keys(KINDS).find((kind) => KINDS[kind].includes(key)) ?? "none";
}

export const MOST = 1000; // rows of a page: more than anybody reads before deciding

/** @param {any} body */
async function preview(body) {
    return send("POST", "policy/preview", {...body, limit: MOST});
}

/** @param {string} key @param {string} value */
export async function effectOf(key, value) {
    const kind = kindOf(key);
    const set = {[key]: value};
    if (kind === "tiers") return {kind, rows: await preview({kind: "segments", set, changed: true})};
    if (kind === "pyramid") {
        const [then, now] = await Promise.all([get("pyramid"), preview({kind, set})]);
        return {kind, then, now};
    }
    if (kind === "none") {
        // Asked all the same: a value out of range is refused here, not only when it is saved.
        await preview({kind: "status", set});
        return {kind};
    }
    const [name, options] = kind === "score" ? ["vip", {by: "score", top: MOST}]
        : kind === "complaints" ? ["complaints", {all: true}] : ["segments", {}];
    const [then, now] = await Promise.all([
        list(name, {...options, limit: MOST}), preview({kind: name, set, ...options})]);
    return {kind, name, then: then.rows, now};
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

/** @param {{effect: any}} props */
export function Effect({effect}) {
    if (effect.kind === "none") return html`<${Notice}><p>${t("effect.none")}</p><//>`;
    if (effect.kind === "tiers") return html`<${Tiers} rows=${effect.rows} />`;
    if (effect.kind === "pyramid") {
        return html`<${Figures} then=${effect.then} now=${effect.now} empty=${t("effect.nobody")} />`;
    }
    const cut = Math.max(effect.then.length, effect.now.length) >= MOST;
    return html`${cut ? html`<${Notice} kind="warn"><p>${t("machine.cut", {count: MOST})}</p><//>` : null}
        <${Differences} kind=${LISTS[effect.name]} then=${effect.then} now=${effect.now}
        empty=${t("effect.nobody")} />`;
}
