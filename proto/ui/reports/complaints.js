/** Complaints in figures, a row a day to a year (X9): the periods, the chart, the columns. */
import {money, number, percent, span as time} from "../format.js";
import {html} from "../html.js";
import {t} from "../i18n.js";
import {Chart} from "../parts/chart.js";

const HOUR_MS = 3600000;
export const PERIODS = ["day", "week", "month", "quarter", "year"];

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

/** The choices of such a report: a row each, and whose complaints. */
export const figureFilters = () => [
    {name: "by", label: t("figures.by"), options: PERIODS.map((one) => (
        {value: one === "month" ? "" : one, label: t(`figures.by.${one}`)}))},
    {name: "from", label: t("filter.from"), type: "date"}, {name: "to", label: t("filter.to"), type: "date"},
    {name: "vip", label: t("figures.whose"), options: [{value: "", label: t("figures.everybody")},
        {value: "yes", label: t("figures.vip")}]},
];

/** How many there were, over time. @param {{rows: any[]}} props */
export function FigureChart({rows}) {
    if (rows.length < 2) return null;
    return html`<section class="panel"><${Chart} label=${t("figures.complaints")}
        x=${{label: t("period"), values: rows.map((_, index) => index), names: rows.map((row) => row.period)}}
        lines=${[{label: t("figures.complaints"), values: rows.map((row) => row.complaints),
            format: number, tone: "accent", kind: "bars"}]} /></section>`;
}
