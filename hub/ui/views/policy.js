/** What the region has set: each figure with its meaning, unit, range; a change shows its effect before it is saved. */
import {list, send} from "ui/api.js";
import {useData} from "ui/data.js";
import {useForm} from "ui/form.js";
import {date, today} from "ui/format.js";
import {html, useState} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Dialog} from "ui/parts/dialog.js";
import {Field} from "ui/parts/field.js";
import {FormProblem, Loaded, Notice} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {hasRole} from "ui/session.js";
import {rangeText, unitText} from "../parts/policies.js";
import {Take} from "../parts/take.js";
import {Effect, effectOf, MOST as PREVIEWED} from "./effect.js";

/** The keys under the headings people look for them; a key that is none of these comes last. */
const GROUPS = /** @type {[string, string[]][]} */ ([
    ["tiers", ["tiers", "tier-window", "tier-rules", "top-percent", "volume-groups", "profit-groups", "score-weights"]],
    ["buyers", ["valid-visits", "discount-share", "candidate-visits", "candidate-share", "band-window", "bands",
        "inactive-months", "back-days", "lost-months", "returning-share"]],
    ["file", ["ask-order", "stale-months", "custom-fields", "keep-years", "monthly-day", "point-spend",
        "points-referral", "package-months"]],
    ["care", ["thank-amount", "thank-days", "referral-days", "letter-spend", "top-visit", "birthday-days",
        "rainy-thanks", "followup-days"]],
    ["staff", ["quota-vips", "quota-minutes", "gatherings", "contest-sample", "contest-q4", "care-month"]],
    ["complaints", ["answer-hours", "resolve-hours", "level-hours", "business-hours", "holidays", "alert-count",
        "alert-days"]],
]);

/** @param {any[]} rows @returns {{name: string, rows: any[]}[]} */
export function grouped(rows) {
    const left = new Map(rows.map((row) => [row.key, row]));
    const groups = GROUPS.map(([name, keys]) => ({name, rows: keys.flatMap((key) => {
        const row = left.get(key);
        left.delete(key);
        return row ? [row] : [];
    })}));
    return [...groups, {name: "system", rows: [...left.values()]}].filter((group) => group.rows.length > 0);
}

/** @param {{row: any, onClose: () => void, saved: () => void}} props */
function Change({row, onClose, saved}) {
    const [shown, setShown] = useState(/** @type {any} */ (null));
    const [asking, setAsking] = useState(false);
    const form = useForm({value: row.value ?? "", from: ""}, async ({value, from}, key) => {
        if (!shown || shown.value !== value) {
            await show(value);
            return;
        }
        await send("PUT", "policy", {set: {[row.key]: value}, ...(from ? {from} : {})}, {key});
        toast(t("policy.saved", {key: row.key}));
        saved();
    }, {
        check: ({value}) => /** @type {Record<string, string>} */ (value.trim() ? value === row.value
            ? {value: t("policy.same")} : {} : {value: t("field.needed")}),
        aliases: {policy: "value", set: "value", [row.key.replace(/-/g, "_")]: "value"},
    });
    /** @param {string} value */
    async function show(value) {
        setAsking(true);
        try {
            setShown({value, effects: await effectOf(row.key, value)});
        } finally {
            setAsking(false);
        }
    }
    const fits = shown && shown.value === form.values.value;
    return html`<${Dialog} wide title=${row.key} onClose=${onClose}>
        <p>${word("policy", row.key, row.meaning)}</p>
        ${row.coming.map((/** @type {any} */ later) => html`<${Notice}><p>${
            t("policy.coming", {day: date(later.from), value: later.value})}</p><//>`)}
        <form onSubmit=${form.submit} novalidate>
            <${Field} ...${form.field("value")} label=${t("policy.value")} spellcheck=${false}
                hint=${[unitText(row.unit), rangeText(row.range), t("policy.default", {value: row.default})]
                    .join(" · ")} />
            <${Field} ...${form.field("from")} label=${t("policy.from")} type="date" hint=${t("policy.from.hint")} />
            <div aria-live="polite">${fits ? html`<section class="effect"><h3>${t("policy.effect")}</h3>
                <${Effect} effects=${shown.effects} /></section>` : html`<p class="hint">${
                    t("policy.show.hint")} ${t("policy.limit", {count: PREVIEWED})}</p>`}</div>
            <${FormProblem} form=${form} />
            <div class="row">
                <${Button} kind="main" type="submit" busy=${form.busy || asking}>${
                    t(fits ? "policy.save" : "policy.show")}<//>
                <${Button} onClick=${onClose}>${t("cancel")}<//></div>
        </form>
    <//>`;
}

/** Lists break behind their commas, not within a number. @param {string} value */
function breaking(value) {
    return value.replace(/,/g, ",\u200b");
}

/** @param {{row: any, change: ((row: any) => void) | null}} props */
function Row({row, change}) {
    const own = row.value !== row.default;
    return html`<tr><th scope="row"><div>${word("policy", row.key, row.meaning)}</div>
            <div class="hint"><code>${row.key}</code> · ${row.source}</div></th>
        <td data-label=${t("policy.value")}><strong class="value">${breaking(row.value ?? "–")}</strong>${own
            ? html`<div class="hint">${t("policy.default", {value: row.default})}</div>` : null}${
            row.coming.map((/** @type {any} */ one) => html`
            <div class="coming">${t("policy.coming", {day: date(one.from), value: breaking(one.value)})}</div>`)}</td>
        <td data-label=${t("policy.unit")}><div>${unitText(row.unit)}</div>
            <div class="hint">${rangeText(row.range)}</div></td>
        ${change ? html`<td class="no-print"><${Button} onClick=${() => change(row)}
            aria-label=${t("policy.change.of", {key: row.key})}>${t("policy.change")}<//></td>` : null}</tr>`;
}

export function Policy() {
    const data = useData((signal) => list("policy", {limit: 1000}, {signal}), []);
    const [changing, setChanging] = useState(/** @type {any} */ (null));
    const change = hasRole("region") ? setChanging : null;
    return html`<div class="head"><h1>${t("place.policy")}</h1>
            <${Take} list=${{path: "policy"}} /></div>
        <p class="hint">${t("policy.asof", {day: date(today())})}</p>
        <${Loaded} data=${data}>${(/** @type {any} */ found) => grouped(found.rows).map((group) => html`
            <section class="panel" key=${group.name}><h2>${t(`policies.${group.name}`)}</h2>
                <div class="table" tabindex="0" role="region" aria-label=${t(`policies.${group.name}`)}>
                <table class="policy"><caption class="unseen">${t(`policies.${group.name}`)}</caption>
                <thead><tr><th scope="col">${t("policy.meaning")}</th><th scope="col">${t("policy.value")}</th>
                    <th scope="col">${t("policy.unit")}</th>${change ? html`<th scope="col"
                        class="no-print"><span class="unseen">${t("policy.change")}</span></th>` : null}</tr></thead>
                <tbody>${group.rows.map((row) => html`<${Row} key=${row.key} row=${row} change=${change} />`)}</tbody>
                </table></div></section>`)}<//>
        ${changing ? html`<${Change} row=${changing} onClose=${() => setChanging(null)} saved=${() => {
            setChanging(null);
            data.again();
        }} />` : null}`;
}
