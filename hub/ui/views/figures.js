/** Complaints in figures by day to year (X9), and articles several people complain about (X8). */
import {date, money, number, percent, span as time} from "ui/format.js";
import {html} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Chart} from "../parts/chart.js";
import {Filters, places} from "../parts/filters.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {useStores} from "../parts/people.js";
import {span} from "./changes.js";

const HOUR_MS = 3600000;
const PERIODS = ["day", "week", "month", "quarter", "year"];

/** @param {number | null} hours */
export function hours(hours) {
    return hours === null ? "–" : time(hours * HOUR_MS);
}

/** @param {Record<string, number>} causes */
function causeText(causes) {
    return Object.entries(causes ?? {}).map(([cause, count]) => `${cause} ${number(count)}`).join(", ") || "–";
}

export const figureColumns = () => [
    {name: "period", label: t("period"), cell: (/** @type {any} */ row) => html`<span
        class="nowrap">${row.period}</span>`},
    {name: "complaints", label: t("figures.complaints"), number: true,
        cell: (/** @type {any} */ row) => number(row.complaints)},
    {name: "rate", label: t("figures.rate"), number: true, cell: (/** @type {any} */ row) => number(row.per_1000,
        {maximumFractionDigits: 1})},
    {name: "intime", label: t("figures.intime"), number: true, cell: (/** @type {any} */ row) =>
        row.answer_in_time === null ? "–" : percent(row.answer_in_time)},
    {name: "answer", label: t("figures.answer"), number: true,
        cell: (/** @type {any} */ row) => hours(row.answer_hours_median)},
    {name: "resolve", label: t("figures.resolve"), number: true,
        cell: (/** @type {any} */ row) => hours(row.resolve_hours_median)},
    {name: "resolved", label: t("figures.satisfied"), number: true, cell: (/** @type {any} */ row) =>
        row.resolved === null ? "–" : percent(row.resolved)},
    {name: "score", label: t("figures.score"), number: true, cell: (/** @type {any} */ row) => number(row.score,
        {maximumFractionDigits: 1})},
    {name: "cost", label: t("figures.cost"), number: true, cell: (/** @type {any} */ row) => money(row.cost)},
    {name: "causes", label: t("figures.causes"), cell: (/** @type {any} */ row) => causeText(row.causes)},
];

/** @param {{query: Record<string, string>}} props */
export function ComplaintFigures({query}) {
    const by = PERIODS.includes(query.by) ? query.by : "month";
    const pages = usePages("reports/complaints", {...span(query), by, vip: query.vip === "yes"},
        {live: false, limit: 1000});
    const rows = pages.rows ?? [];
    return html`
        <${Filters} path=${["desk", "figures"]} query=${query} fields=${[
            {name: "by", label: t("figures.by"), options: PERIODS.map((one) => (
                {value: one === "month" ? "" : one, label: t(`figures.by.${one}`)}))},
            {name: "from", label: t("filter.from"), type: "date"}, {name: "to", label: t("filter.to"), type: "date"},
            {name: "where", label: t("filter.where"), options: places(useStores())},
            {name: "vip", label: t("desk.whose"), options: [{value: "", label: t("desk.everybody")},
                {value: "yes", label: t("desk.vip")}]},
        ]} />
        ${rows.length > 1 ? html`<section class="panel"><${Chart} label=${t("figures.complaints")}
            x=${{label: t("period"), values: rows.map((_, index) => index), names: rows.map((row) => row.period)}}
            lines=${[{label: t("figures.complaints"), values: rows.map((row) => row.complaints),
                format: number, tone: "accent", kind: "bars"}]} /></section>` : null}
        <${Pages} pages=${{...pages, rows: pages.rows && [...pages.rows].reverse()}} caption=${t("desk.figures")}
            columns=${figureColumns()} empty=${t("figures.empty")} />`;
}

export function Alerts() {
    const pages = usePages("alerts");
    const columns = [
        {name: "sku", label: t("article"), cell: (/** @type {any} */ row) => row.sku},
        {name: "count", label: t("figures.complaints"), number: true,
            cell: (/** @type {any} */ row) => number(row.complaints)},
        {name: "open", label: t("alerts.open"), number: true, cell: (/** @type {any} */ row) => number(row.open)},
        {name: "stores", label: t("place.stores"), cell: (/** @type {any} */ row) => [row.stores].flat().join(", ")},
        {name: "first", label: t("alerts.first"), cell: (/** @type {any} */ row) => date(row.first)},
        {name: "last", label: t("alerts.last"), cell: (/** @type {any} */ row) => date(row.last)},
    ];
    return html`<${Pages} pages=${pages} caption=${t("desk.alerts")} columns=${columns} empty=${t("alerts.empty")}
        hint=${t("alerts.hint")} />`;
}
