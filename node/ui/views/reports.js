/**
 * Reports on this store for its manager, each with its span of days, on paper and as a file: customers gained and lost
 * and the share of sales from those who come again (V8), cohorts, who came back after a call and why others left (V7,
 * V10), complaints (X9), what was given away (P4), the monthly list (C12).
 */
import {list} from "ui/api.js";
import {useData} from "ui/data.js";
import {birthday, date, money, number, percent, theSite, today} from "ui/format.js";
import {html} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Filters} from "ui/parts/filters.js";
import {Empty, Loaded, Notice} from "ui/parts/notice.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {Table} from "ui/parts/table.js";
import {Tabs} from "ui/parts/tabs.js";
import {Triangle} from "ui/reports/cohorts.js";
import {FigureChart, figureColumns, figureFilters, PERIODS} from "ui/reports/complaints.js";
import {Gained, Returning, twoYears} from "ui/reports/months.js";
import {link} from "ui/router.js";
import {SaveCsv} from "ui/save.js";

const MOST = 1000; // rows of a report
const BASE = ["office", "reports"];

/** What a report is asked with. @param {Record<string, string>} query */
function asked(query) {
    return {from: query.from, to: query.to, store: theSite().store};
}

/** @param {import("ui/api.js").Query} query */
function spanText({from, to}) {
    return t("office.span", {from: from ? date(String(from)) : "…", to: date(to ? String(to) : today())});
}

/** @param {{kind: string, query: import("ui/api.js").Query, of: string}} props */
function Csv({kind, query, of}) {
    return html`<${SaveCsv} path=${`reports/${kind}`} query=${query} of=${of}
        name=${`${kind}-${query.to || today()}.csv`} />`;
}

/** @param {{query: Record<string, string>, fields?: any[]}} props fields: more to choose by */
function Span({query, fields = []}) {
    return html`<${Filters} path=${BASE} query=${query} fields=${[
        {name: "from", label: t("filter.from"), type: "date", max: today()},
        {name: "to", label: t("filter.to"), type: "date", max: today()}, ...fields]} />`;
}

/** @param {string} kind @param {import("ui/api.js").Query} query */
function useReport(kind, query) {
    return useData((signal) => list(`reports/${kind}`, {...query, limit: MOST}, {signal}),
        [kind, JSON.stringify(query)], {live: false});
}

/** @param {{query: Record<string, string>}} props */
function Months({query}) {
    const span = asked(query);
    const [gained, returning] = [useReport("gained-lost", span), useReport("returning", span)];
    return html`<${Span} query=${query} /><p class="print-only">${spanText(span)}</p>
        <${Loaded} data=${gained}>${(/** @type {any} */ {rows}) => rows.length > 0
            ? html`<${Gained} rows=${rows}><${Csv} kind="gained-lost" query=${span} of=${t("changes.title")} /><//>`
            : html`<${Empty} title=${t("changes.empty")} />`}<//>
        <${Loaded} data=${returning}>${(/** @type {any} */ {rows}) => rows.length > 0
            ? html`<${Returning} rows=${rows}><${Csv} kind="returning" query=${span}
                of=${t("returning.title")} /><//>` : null}<//>`;
}

/** @param {{query: Record<string, string>}} props */
function Cohorts({query}) {
    const span = asked(query);
    const data = useReport("cohorts", span);
    return html`<${Span} query=${query} /><p class="hint">${t("cohorts.hint")}</p>
        <${Loaded} data=${data}>${(/** @type {any} */ found) => html`
            ${found.next ? html`<${Notice} kind="warn"><p>${t("cohorts.cut")}</p><//>` : null}
            ${found.rows.length > 0 ? html`<section class="panel"><div class="head"><h2>${t("cohorts.title")}</h2>
                <${Csv} kind="cohorts" query=${span} of=${t("cohorts.title")} /></div>
                <${Triangle} rows=${found.rows} /></section>` : html`<${Empty} title=${t("changes.empty")} />`}`}<//>`;
}

/** @param {{query: Record<string, string>}} props */
function Back({query}) {
    const span = asked(query);
    const [back, leaving] = [useReport("back", span), useReport("leaving", span)];
    const columns = [
        {name: "reason", label: t("field.reason"), cell: (/** @type {any} */ row) => word("leaving", row.reason)},
        {name: "customers", label: t("cohorts.customers"), number: true,
            cell: (/** @type {any} */ row) => number(row.customers)},
        {name: "share", label: t("share"), number: true, cell: (/** @type {any} */ row) => percent(row.share)},
        {name: "spend", label: t("customers.spend"), number: true, cell: (/** @type {any} */ row) => money(row.spend)},
    ];
    return html`<${Span} query=${query} /><p class="print-only">${spanText(span)}</p>
        <${Loaded} data=${back}>${(/** @type {any} */ {rows}) => html`<section class="panel">
            <div class="head"><h2>${t("report.back")}</h2><${Csv} kind="back" query=${span} of=${t("report.back")} />
            </div>
            <div class="figures">${rows.map((/** @type {any} */ row) => html`<div class="figure" key=${row.months}>
                <strong>${row.share === null ? "–" : percent(row.share)}</strong>
                <span>${t("away.back", {months: number(row.months), count: row.contacted, back: number(row.back)})}
                </span></div>`)}</div></section>`}<//>
        <${Loaded} data=${leaving}>${(/** @type {any} */ {rows}) => html`<section class="panel">
            <div class="head"><h2>${t("report.leaving")}</h2>${rows.length > 0
                ? html`<${Csv} kind="leaving" query=${span} of=${t("report.leaving")} />` : null}</div>
            <${Table} caption=${t("report.leaving")} columns=${columns} rows=${rows}
                rowKey=${(/** @type {any} */ row) => row.reason}
                empty=${html`<${Empty} title=${t("report.leaving.empty")} />`} /></section>`}<//>`;
}

/** @param {{query: Record<string, string>}} props */
function Complaints({query}) {
    const by = PERIODS.includes(query.by) ? query.by : "month";
    const span = {...asked(query), by, vip: query.vip === "yes"};
    const data = useReport("complaints", span);
    return html`<${Filters} path=${BASE} query=${query} fields=${figureFilters()} />
        <p class="print-only">${spanText(span)}</p>
        <${Loaded} data=${data}>${(/** @type {any} */ {rows}) => html`<${FigureChart} rows=${rows} />
            <section class="panel"><div class="head"><h2>${t("report.complaints")}</h2>
                <${Csv} kind="complaints" query=${span} of=${t("report.complaints")} /></div>
                <${Table} caption=${t("report.complaints")} columns=${figureColumns()} rows=${[...rows].reverse()}
                    rowKey=${(/** @type {any} */ row) => row.period}
                    empty=${html`<${Empty} title=${t("figures.empty")} />`} /></section>`}<//>`;
}

/** @param {{query: Record<string, string>}} props */
function Benefits({query}) {
    const span = asked(query);
    const data = useReport("benefits", span);
    const columns = [
        {name: "kind", label: t("report.benefits"), cell: (/** @type {any} */ row) => word("benefit", row.kind)},
        {name: "given", label: t("report.given"), number: true, cell: (/** @type {any} */ row) => number(row.given)},
        {name: "customers", label: t("cohorts.customers"), number: true,
            cell: (/** @type {any} */ row) => number(row.customers)},
        {name: "cost", label: t("figures.cost"), number: true, cell: (/** @type {any} */ row) => money(row.cost)},
    ];
    return html`<${Span} query=${query} /><p class="print-only">${spanText(span)}</p>
        <${Loaded} data=${data}>${(/** @type {any} */ {rows}) => html`<section class="panel">
            <div class="head"><h2>${t("report.benefits")}</h2>
                <${Csv} kind="benefits" query=${span} of=${t("report.benefits")} /></div>
            <${Table} caption=${t("report.benefits")} columns=${columns} rows=${rows}
                rowKey=${(/** @type {any} */ row) => row.kind}
                empty=${html`<${Empty} title=${t("report.benefits.empty")} />`} /></section>`}<//>`;
}

/** This month and the eleven before it. */
function months() {
    const now = Number(today().slice(0, 4)) * 12 + Number(today().slice(5, 7)) - 1;
    return Array.from({length: 12}, (_, back) => `${Math.floor((now - back) / 12)}-${
        String(((now - back) % 12) + 1).padStart(2, "0")}`);
}

/** What has changed in a file since the list before. @param {any} row */
function changeText(row) {
    if (row.change !== "changed") return t(`monthly.${row.change}`);
    return row.changed.split(/[ ,]+/).filter(Boolean).map((/** @type {string} */ one) => word("field", one)).join(", ");
}

/** @param {{query: Record<string, string>}} props */
function Monthly({query}) {
    const chosen = {month: query.month, full: query.full !== "no", store: theSite().store};
    const pages = usePages("monthly", chosen, {live: false, limit: MOST});
    const columns = [
        {name: "name", label: t("field.name"), cell: (/** @type {any} */ row) => row.name || row.card || row.customer},
        {name: "phone", label: t("field.phone"), cell: (/** @type {any} */ row) => row.phone ?? ""},
        {name: "card", label: t("field.card"), cell: (/** @type {any} */ row) => row.card ?? ""},
        {name: "birthday", label: t("field.birthday"), cell: (/** @type {any} */ row) => birthday(row.birthday)},
        {name: "change", label: t("monthly.change"), cell: changeText},
        {name: "complete", label: t("monthly.complete"), number: true,
            cell: (/** @type {any} */ row) => percent(row.completeness)},
        {name: "custodian", label: t("monthly.custodian"), cell: (/** @type {any} */ row) => row.custodian ?? ""},
        {name: "spend", label: t("customers.spend"), number: true, cell: (/** @type {any} */ row) => money(row.spend)},
        {name: "visits", label: t("customers.visits"), number: true,
            cell: (/** @type {any} */ row) => number(row.visits)},
        {name: "last", label: t("customers.last"), cell: (/** @type {any} */ row) => (row.last ? date(row.last) : "–")},
    ];
    return html`<${Filters} path=${BASE} query=${query} fields=${[
        {name: "month", label: t("month"), options: [{value: "", label: t("monthly.latest")},
            ...months().map((value) => ({value, label: value}))]},
        {name: "full", label: t("monthly.show"), options: [{value: "", label: t("monthly.full")},
            {value: "no", label: t("monthly.changes")}]}]} />
        <section class="panel"><div class="head"><h2>${t("report.monthly")} ${query.month ?? ""}</h2>
            <${SaveCsv} path="monthly" query=${chosen} name=${`monthly-${query.month || today()}.csv`}
                of=${t("report.monthly")} /></div>
        <${Pages} pages=${pages} caption=${t("report.monthly")} columns=${columns} empty=${t("monthly.empty")}
            rowKey=${(/** @type {any} */ row) => row.customer}
            href=${(/** @type {any} */ row) => link("customer", row.customer)} /></section>
        ${pages.next ? html`<p class="print-only">${t("office.cut")}</p>` : null}`;
}

const KINDS = /** @type {Record<string, any>} */ ({
    months: Months, cohorts: Cohorts, back: Back, complaints: Complaints, benefits: Benefits, monthly: Monthly});

/** Those that begin two years ago unless somebody chose a day. */
const FROM_LATELY = ["months", "cohorts", "complaints"];

/** @param {{query: Record<string, string>}} props */
export function Reports({query}) {
    const show = query.show in KINDS ? query.show : "months";
    const chosen = {...query, show, ...(FROM_LATELY.includes(show) && !query.from ? {from: twoYears()} : {})};
    return html`<div class="head"><p class="lead">${t("office.of",
            {store: theSite().name ?? theSite().store ?? ""})}</p>
            <${Button} onClick=${() => print()}>${t("print")}<//></div>
        <${Tabs} label=${t("office.reports")} tabs=${Object.keys(KINDS).map((one) => ({
            href: link(...BASE, {show: one, from: query.from, to: query.to}), label: t(`report.${one}`),
            current: one === show}))} />
        <${KINDS[show]} key=${show} query=${chosen} />`;
}
