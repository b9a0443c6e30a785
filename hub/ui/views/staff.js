/** The contest of a quarter, the figures for appraisal, and the files drawn to be checked with customers (S1, S2). */
import {html} from "ui/html.js";
import {number, percent, today} from "ui/format.js";
import {t, word} from "ui/i18n.js";
import {HandOver} from "ui/customer/handover.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {Tabs} from "ui/parts/tabs.js";
import {link} from "ui/router.js";
import {hasRole, seesRegion} from "ui/session.js";
import {Filters} from "../parts/filters.js";
import {customerHref, storeFilter, storeName, useStores} from "../parts/people.js";
import {Employees} from "./employees.js";
import {Gatherings} from "./gatherings.js";

/** This quarter and those of five years before it, as 2026Q4. */
export function quarters(day = today()) {
    const now = Number(day.slice(0, 4)) * 4 + Math.floor((Number(day.slice(5, 7)) - 1) / 3);
    return Array.from({length: 21}, (_, back) => `${Math.floor((now - back) / 4)}Q${((now - back) % 4) + 1}`);
}

/** @param {string} quarter */
function quarterName(quarter) {
    return t("quarter", {year: quarter.slice(0, 4), number: quarter.slice(5)});
}

/** @param {any} row */
export function person(row) {
    return html`${row.name || row.staff}${row.name ? html` <span class="hint">${row.staff}</span>` : null}`;
}

const MEASURED = /** @type {Record<string, string>} */ ({count: "registrations", completeness: "completeness",
    validity: "validity"});

/** @param {any[]} stores @param {any[]} rows */
function contest(stores, rows) {
    // Where everybody has the same, nobody is best.
    const values = rows.map((row) => row[MEASURED[row.measure]]).filter((value) => value !== null);
    const differ = new Set(values).size > 1;
    const measured = (/** @type {any} */ row) => ({count: number(row.registrations),
        completeness: row.completeness === null ? "–" : percent(row.completeness),
        validity: row.validity === null ? "–" : percent(row.validity)})[/** @type {string} */ (row.measure)] ?? "–";
    return [
        {name: "staff", label: t("staff.who"), cell: person},
        {name: "store", label: t("store"), cell: (/** @type {any} */ row) => storeName(stores, row.store)},
        {name: "place", label: t("staff.place"), number: true, cell: (/** @type {any} */ row) => html`${
            row.rank_region ?? "–"}${row.place && differ ? html` <span class=${`tag ${row.place === "best"
            ? "" : "plain"}`}>${t(`staff.${row.place}`)}</span>` : null}`},
        {name: "instore", label: t("staff.instore"), number: true,
            cell: (/** @type {any} */ row) => row.rank_store ?? "–"},
        {name: "measured", label: t("staff.measured"), number: true, cell: measured},
        {name: "points", label: t("staff.points"), number: true,
            cell: (/** @type {any} */ row) => number(row.contact_points)},
    ];
}

/** @param {any[]} stores */
export function appraisal(stores) {
    const share = (/** @type {string} */ name) => (/** @type {any} */ row) => row[name] === null
        ? "–" : percent(row[name]);
    const figure = (/** @type {string} */ name) => (/** @type {any} */ row) => number(row[name]);
    return [
        {name: "staff", label: t("staff.who"), cell: person},
        {name: "store", label: t("store"), cell: (/** @type {any} */ row) => storeName(stores, row.store)},
        {name: "registrations", label: t("staff.registrations"), number: true, cell: figure("registrations")},
        {name: "completeness", label: t("staff.completeness"), number: true, cell: share("completeness")},
        {name: "validity", label: t("staff.validity"), number: true, cell: share("validity")},
        {name: "contacts", label: t("staff.contacts"), number: true, cell: figure("contacts")},
        {name: "minutes", label: t("staff.minutes"), number: true, cell: figure("minutes")},
        {name: "done", label: t("staff.done"), number: true, cell: (/** @type {any} */ row) => t("staff.done.of",
            {done: number(row.followups_done), count: row.followups_done + row.followups_open})},
        {name: "custody", label: t("staff.custody"), number: true, cell: figure("custody")},
        {name: "reviews", label: t("staff.reviews"), number: true, cell: figure("reviews")},
        {name: "satisfaction", label: t("staff.satisfaction"), number: true, cell: (/** @type {any} */ row) => number(
            row.satisfaction, {maximumFractionDigits: 1})},
    ];
}

/** @param {any[]} stores */
function sample(stores) {
    return [
        {name: "who", label: t("customer"), cell: (/** @type {any} */ row) => row.name || row.customer},
        {name: "phone", label: t("phone"), cell: (/** @type {any} */ row) => row.phone},
        {name: "store", label: t("store"), cell: (/** @type {any} */ row) => storeName(stores, row.store)},
        {name: "staff", label: t("staff.who"), cell: (/** @type {any} */ row) => row.staff ?? "–"},
        {name: "verified", label: t("staff.verified"), cell: (/** @type {any} */ row) => !row.verified
            ? html`<span class="soft">${t("staff.verified.not")}</span>`
            : t(row.valid ? "staff.verified.valid" : "staff.verified.invalid")},
    ];
}

/** @param {{tab: string, query: Record<string, string>}} props contest, appraisal or sample of a quarter */
function Quarter({tab, query}) {
    const stores = useStores();
    const quarter = query.quarter || quarters()[0];
    const pages = usePages(tab === "sample" ? "staff/sample" : "staff", {quarter, store: query.store},
        {live: false});
    const columns = {contest, appraisal, sample}[tab] ?? contest;
    const measure = pages.rows?.[0]?.measure;
    const [now, ...before] = quarters();
    const older = query.quarter && ![now, ...before].includes(query.quarter) ? [query.quarter] : [];
    return html`<${Filters} path=${["staff", tab]} query=${query} list=${pages} fields=${[
        {name: "quarter", label: t("staff.quarter"), options: [{value: "", label: quarterName(now)},
            ...[...before, ...older].map((value) => ({value, label: quarterName(value)}))]},
        ...storeFilter(stores),
    ]} />
        ${tab === "contest" && measure ? html`<p class="lead">${t("staff.measures", {quarter: quarterName(quarter),
            measure: word("staff", measure)})}</p>` : null}
        <${Pages} pages=${pages} caption=${t(`staff.${tab}`)} columns=${columns(stores, pages.rows ?? [])}
            empty=${t("staff.empty")} hint=${t("staff.empty.why")}
            rowKey=${tab === "sample" ? (/** @type {any} */ row) => row.customer : undefined}
            href=${tab === "sample" && customerHref("1-1")
                ? (/** @type {any} */ row) => customerHref(row.customer) : undefined} />`;
}

const OF_QUARTER = ["contest", "appraisal", "sample"];

/** @param {{path: string[], query: Record<string, string>}} props */
export function Staff({path, query}) {
    const tabs = ["contest", "appraisal", ...(hasRole("desk") ? [] : ["sample"]),
        ...(hasRole("auditor") || !seesRegion() ? [] : ["gatherings"]), "people"];
    const tab = tabs.includes(path[1]) ? path[1] : "contest";
    return html`
        <div class="head"><h1>${t(`staff.${tab}`)}</h1>
            ${hasRole("manager", "desk") && seesRegion() ? html`<${HandOver} />` : null}</div>
        <${Tabs} label=${t("place.staff")} tabs=${tabs.map((name) => ({current: name === tab,
            href: link("staff", name, OF_QUARTER.includes(name) ? {quarter: query.quarter, store: query.store} : {}),
            label: t(`staff.${name}`)}))} />
        ${tab === "gatherings" ? html`<${Gatherings} query=${query} />`
            : tab === "people" ? html`<${Employees} query=${query} />`
            : html`<${Quarter} key=${tab} tab=${tab} query=${query} />`}`;
}
