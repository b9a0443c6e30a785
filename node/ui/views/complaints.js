/**
 * The store's complaints, the most urgent first, each with the step that comes next and what is left of its time; and
 * the articles that several customers complain about.
 */
import {list} from "ui/api.js";
import {useData} from "ui/data.js";
import {span, when} from "ui/format.js";
import {html} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Empty, Loaded} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {Tabs} from "ui/parts/tabs.js";
import {link} from "ui/router.js";
import {nextStep} from "../steps.js";
import {Alerts} from "./lists.js";

const SHOWN = ["open", "overdue", "unsatisfied", "all"];

/** What is left of its clock, in words. @param {{row: any}} props */
export function Clock({row}) {
    if (row.state === "closed") return html`<span class="soft">${t("state.closed")}</span>`;
    if (row.state === "paused") return html`<span class="tag plain">${t("state.paused")}</span>`;
    const over = row.answer_overdue || row.resolve_overdue || row.overdue;
    const left = row.first_answer_at ? row.resolve_left_ms : row.answer_left_ms;
    const told = {span: span(Math.abs(left ?? 0), row.business_hours)};
    if (over) return html`<span class="tag bad">${t("clock.over", told)}</span>`;
    return html`<span>${t(row.first_answer_at ? "clock.resolve" : "clock.answer", told)}</span>`;
}

/** @param {{query: Record<string, string>}} props */
export function Complaints({query}) {
    const articles = query.show === "articles";
    const shown = SHOWN.includes(query.show) ? query.show : "open";
    const data = useData(() => list("complaints", {[shown]: "true", limit: 500}), [shown]);
    const columns = [
        {name: "text", label: t("complaints.what"), cell: (/** @type {any} */ row) => row.topic || row.text || row.id},
        {name: "who", label: t("complaints.who"), cell: (/** @type {any} */ row) => row.name || row.phone || row.card ||
            (row.customer ? row.customer : t("complaints.nobody"))},
        {name: "opened", label: t("complaints.opened"), sort: (/** @type {any} */ row) => row.opened_at,
            cell: (/** @type {any} */ row) => when(row.opened_at)},
        {name: "next", label: t("complaints.next"), cell: (/** @type {any} */ row) =>
            (row.offer_due ? t("complaints.offer") : row.state === "closed" ? "" : t(`step.${nextStep(row)}`))},
        {name: "level", label: t("complaints.level"), cell: (/** @type {any} */ row) => t(`level.${row.level}`)},
        {name: "clock", label: t("complaints.clock"), cell: (/** @type {any} */ row) => html`<${Clock} row=${row} />`},
    ];
    return html`<div class="head"><h1>${t("complaints.title")}</h1>
        <${Button} kind="main" href=${link("complain")} keys="X">${t("complain.do")}<//></div>
        <${Tabs} label=${t("complaints.title")} tabs=${[...SHOWN, "articles"].map((one) => ({
            href: link("complaints", {show: one}), label: t(`complaints.${one}`),
            current: one === (articles ? "articles" : shown)}))} />
        ${shown === "unsatisfied" ? html`<p class="hint">${t("complaints.unsatisfied.hint")}</p>` : null}
        ${articles ? html`<${Alerts} />` : html`<${Loaded} data=${data}>
            ${(/** @type {{rows: any[]}} */ {rows}) => html`<${Table} caption=${t("complaints.title")}
            columns=${columns} rows=${rows} rowKey=${(/** @type {any} */ row) => row.id}
            href=${(/** @type {any} */ row) => link("complaints", row.id)}
            empty=${html`<${Empty} title=${t("complaints.empty")} />`} />`}<//>`}`;
}
