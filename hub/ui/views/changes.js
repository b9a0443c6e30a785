/** Who was gained, lost and won back each month, and which share of sales comes from those who had come before (V8). */
import {list} from "ui/api.js";
import {useData} from "ui/data.js";
import {html} from "ui/html.js";
import {money, number, percent, today} from "ui/format.js";
import {t} from "ui/i18n.js";
import {Empty, Loaded} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {Chart} from "../parts/chart.js";
import {Filters, places, scopeOf} from "../parts/filters.js";
import {useStores} from "../parts/people.js";

/** The months of two years, unless somebody chose others. @param {Record<string, string>} query */
export function span(query) {
    const year = Number(today().slice(0, 4));
    return {from: query.from || `${year - 2}${today().slice(4, 8)}01`, to: query.to, ...scopeOf(query.where)};
}

/** @param {{path: string[], query: Record<string, string>}} props */
export function SpanFilters({path, query}) {
    return html`<${Filters} path=${path} query=${query} fields=${[
        {name: "from", label: t("filter.from"), type: "date", max: today()},
        {name: "to", label: t("filter.to"), type: "date", max: today()},
        {name: "where", label: t("filter.where"), options: places(useStores())},
    ]} />`;
}

/** @param {any} row */
function month(row) {
    return html`<span class="nowrap">${row.month}</span>`;
}

/** @param {{rows: any[]}} props */
function Gained({rows}) {
    const x = {label: t("month"), values: rows.map((_, index) => index), names: rows.map((row) => row.month)};
    const columns = [
        {name: "month", label: t("month"), cell: month},
        ...["active", "gained", "lost", "won_back", "change"].map((name) => ({name, label: t(`changes.${name}`),
            number: true, cell: (/** @type {any} */ row) => number(row[name],
                name === "change" ? {signDisplay: "exceptZero"} : {})})),
    ];
    return html`<section class="panel"><h2>${t("changes.title")}</h2>
        <p class="hint">${t("changes.hint")}</p>
        <${Chart} label=${t("changes.title")} x=${x} lines=${[
            {label: t("changes.gained"), values: rows.map((row) => row.gained + row.won_back), format: number,
                tone: "accent", kind: "bars"},
            {label: t("changes.lost"), values: rows.map((row) => -row.lost), format: number, tone: "bad",
                kind: "bars"}]} />
        <${Table} caption=${t("changes.title")} columns=${columns} rows=${[...rows].reverse()} /></section>`;
}

/** @param {{rows: any[]}} props */
function Returning({rows}) {
    const x = {label: t("month"), values: rows.map((_, index) => index), names: rows.map((row) => row.month)};
    const share = (/** @type {number} */ value) => percent(value, 1);
    const columns = [
        {name: "month", label: t("month"), cell: month},
        {name: "sales", label: t("returning.sales"), number: true, cell: (/** @type {any} */ row) => money(row.sales)},
        {name: "back", label: t("returning.of"), number: true,
            cell: (/** @type {any} */ row) => money(row.returning_sales)},
        {name: "share", label: t("share"), number: true, cell: (/** @type {any} */ row) => row.share === null
            ? "–" : share(row.share)},
    ];
    return html`<section class="panel"><h2>${t("returning.title")}</h2>
        <${Chart} label=${t("returning.title")} x=${x} lines=${[
            {label: t("returning.share"), values: rows.map((row) => row.share), format: share, tone: "accent"},
            {label: t("returning.reference"), values: rows.map((row) => row.reference / 100), format: share,
                tone: "soft", kind: "dashed"}]} />
        <${Table} caption=${t("returning.title")} columns=${columns} rows=${[...rows].reverse()} /></section>`;
}

/** @param {{query: Record<string, string>}} props */
export function Changes({query}) {
    const asked = {...span(query), limit: 1000};
    const inputs = [JSON.stringify(asked)];
    const gained = useData((signal) => list("reports/gained-lost", asked, {signal}), inputs, {live: false});
    const returning = useData((signal) => list("reports/returning", asked, {signal}), inputs, {live: false});
    const empty = html`<${Empty} title=${t("changes.empty")} />`;
    return html`
        <${SpanFilters} path=${["value", "changes"]} query=${query} />
        <${Loaded} data=${gained}>${(/** @type {any} */ found) => found.rows.length > 0
            ? html`<${Gained} rows=${found.rows} />` : empty}<//>
        <${Loaded} data=${returning}>${(/** @type {any} */ found) => found.rows.length > 0
            ? html`<${Returning} rows=${found.rows} />` : null}<//>`;
}
