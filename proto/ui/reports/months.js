/** Figures by month: customers gained, lost and won back, and the share of sales from who had come before (V8). */
import {money, month, number, percent, today} from "../format.js";
import {html} from "../html.js";
import {t} from "../i18n.js";
import {Chart} from "../parts/chart.js";
import {Table} from "../parts/table.js";

/** From when on, where nobody says: the months of two years. */
export function twoYears() {
    const year = Number(today().slice(0, 4));
    return `${year - 2}${today().slice(4, 8)}01`;
}

/** @param {any} row */
function monthOf(row) {
    return html`<span class="nowrap">${month(row.month)}</span>`;
}

/** @param {{rows: any[], children?: any}} props children: what can be done with it */
export function Gained({rows, children}) {
    const x = {label: t("month"), values: rows.map((_, index) => index), names: rows.map((row) => month(row.month))};
    const columns = [
        {name: "month", label: t("month"), cell: monthOf},
        ...["active", "gained", "lost", "won_back", "change"].map((name) => ({name, label: t(`changes.${name}`),
            number: true, cell: (/** @type {any} */ row) => number(row[name],
                name === "change" ? {signDisplay: "exceptZero"} : {})})),
    ];
    return html`<section class="panel"><div class="head"><h2>${t("changes.title")}</h2>${children}</div>
        <p class="hint">${t("changes.hint")}</p>
        <${Chart} label=${t("changes.title")} x=${x} lines=${[
            {label: t("changes.gained"), values: rows.map((row) => row.gained + row.won_back), format: number,
                tone: "accent", kind: "bars"},
            {label: t("changes.lost"), values: rows.map((row) => -row.lost), format: number, tone: "bad",
                kind: "bars"}]} />
        <${Table} caption=${t("changes.title")} columns=${columns} rows=${[...rows].reverse()} /></section>`;
}

/** @param {{rows: any[], children?: any}} props children: what can be done with it */
export function Returning({rows, children}) {
    const x = {label: t("month"), values: rows.map((_, index) => index), names: rows.map((row) => month(row.month))};
    const share = (/** @type {number} */ value) => percent(value, 1);
    const columns = [
        {name: "month", label: t("month"), cell: monthOf},
        {name: "sales", label: t("returning.sales"), number: true, cell: (/** @type {any} */ row) => money(row.sales)},
        {name: "back", label: t("returning.of"), number: true,
            cell: (/** @type {any} */ row) => money(row.returning_sales)},
        {name: "share", label: t("share"), number: true, cell: (/** @type {any} */ row) => row.share === null
            ? "–" : share(row.share)},
    ];
    return html`<section class="panel"><div class="head"><h2>${t("returning.title")}</h2>${children}</div>
        <${Chart} label=${t("returning.title")} x=${x} lines=${[
            {label: t("returning.share"), values: rows.map((row) => row.share), format: share, tone: "accent"},
            {label: t("returning.reference"), values: rows.map((row) => row.reference / 100), format: share,
                tone: "soft", kind: "dashed"}]} />
        <${Table} caption=${t("returning.title")} columns=${columns} rows=${[...rows].reverse()} /></section>`;
}
