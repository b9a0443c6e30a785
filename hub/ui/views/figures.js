/** Complaints in figures by day to year (X9), and articles several people complain about (X8). */
import {date, number} from "ui/format.js";
import {html} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {FigureChart, figureColumns, figureFilters, PERIODS} from "ui/reports/complaints.js";
import {Filters, places} from "../parts/filters.js";
import {useStores} from "../parts/people.js";
import {Take} from "../parts/take.js";
import {span} from "./changes.js";

/** @param {{query: Record<string, string>}} props */
export function ComplaintFigures({query}) {
    const by = PERIODS.includes(query.by) ? query.by : "month";
    const pages = usePages("reports/complaints", {...span(query), by, vip: query.vip === "yes"},
        {live: false, limit: 1000});
    const [by_, from, to, vip] = figureFilters();
    return html`
        <${Filters} path=${["desk", "figures"]} query=${{...query, from: span(query).from}} list=${pages}
            fields=${[by_, from, to, {name: "where", label: t("filter.where"), options: places(useStores())}, vip]} />
        <${FigureChart} rows=${pages.rows ?? []} />
        <${Pages} pages=${{...pages, rows: pages.rows && [...pages.rows].reverse()}} caption=${t("desk.figures")}
            columns=${figureColumns()} empty=${t("figures.empty")} />`;
}

export function alertColumns() {
    return [
        {name: "sku", label: t("article"), cell: (/** @type {any} */ row) => row.sku},
        {name: "count", label: t("figures.complaints"), number: true,
            cell: (/** @type {any} */ row) => number(row.complaints)},
        {name: "open", label: t("alerts.open"), number: true, cell: (/** @type {any} */ row) => number(row.open)},
        {name: "stores", label: t("place.stores"), cell: (/** @type {any} */ row) => [row.stores].flat().join(", ")},
        {name: "first", label: t("alerts.first"), cell: (/** @type {any} */ row) => date(row.first)},
        {name: "last", label: t("alerts.last"), cell: (/** @type {any} */ row) => date(row.last)},
    ];
}

export function Alerts() {
    const pages = usePages("alerts");
    return html`<div class="filters no-print"><${Take} list=${pages} /></div>
        <${Pages} pages=${pages} caption=${t("desk.alerts")} columns=${alertColumns()} empty=${t("alerts.empty")}
        hint=${t("alerts.hint")} />`;
}
