/**
 * Gatherings of customers (K6): what each store held of how many it should in the year, each gathering, and who came.
 * Stores note them; regional staff see them here.
 */
import {list} from "ui/api.js";
import {useData} from "ui/data.js";
import {date, dateTime, money, number, today} from "ui/format.js";
import {html} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Empty, Loaded} from "ui/parts/notice.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {Table} from "ui/parts/table.js";
import {link} from "ui/router.js";
import {Filters} from "ui/parts/filters.js";
import {customerHref, storeName, useStores, who} from "../parts/people.js";

const YEARS = 3;

/** @param {{year: string, stores: any[]}} props */
function Wanted({year, stores}) {
    const data = useData((signal) => list("gatherings/year", {year, limit: 1000}, {signal}), [year]);
    const columns = [
        {name: "store", label: t("store"), cell: (/** @type {any} */ row) => storeName(stores, row.store)},
        {name: "held", label: t("gatherings.held"), number: true, cell: (/** @type {any} */ row) => html`<span
            class=${row.wanted > row.held ? "mark-warn" : ""}>${t("gatherings.of",
            {held: number(row.held), wanted: number(row.wanted ?? 0)})}</span>`},
        {name: "attended", label: t("gatherings.came"), number: true,
            cell: (/** @type {any} */ row) => number(row.attended)},
        {name: "cost", label: t("figures.cost"), number: true, cell: (/** @type {any} */ row) => money(row.cost)},
    ];
    return html`<section class="panel"><h2>${t("gatherings.year", {year})}</h2>
        <${Loaded} data=${data}>${(/** @type {{rows: any[]}} */ {rows}) => html`<${Table}
            caption=${t("gatherings.year", {year})} columns=${columns} rows=${rows}
            empty=${html`<${Empty} title=${t("stores.empty")} />`} />`}<//></section>`;
}

/** @param {{id: string}} props */
function Guests({id}) {
    const pages = usePages(`gatherings/${encodeURIComponent(id)}/guests`);
    const columns = [
        {name: "who", label: t("customer"), cell: who},
        {name: "card", label: t("card"), cell: (/** @type {any} */ row) => row.card ?? "–"},
        {name: "phone", label: t("phone"), cell: (/** @type {any} */ row) => row.phone ?? "–"},
        {name: "at", label: t("history.when"), cell: (/** @type {any} */ row) => dateTime(row.at)},
    ];
    return html`<p class="no-print"><a href=${link("staff", "gatherings")}>← ${t("staff.gatherings")}</a></p>
        <h2>${t("gatherings.guests")}</h2>
        <${Pages} pages=${pages} caption=${t("gatherings.guests")} columns=${columns} empty=${t("gatherings.nobody")}
            rowKey=${(/** @type {any} */ row) => row.customer}
            href=${customerHref("1-1") ? (/** @type {any} */ row) => customerHref(row.customer) : undefined} />`;
}

/** @param {{query: Record<string, string>}} props */
export function Gatherings({query}) {
    const stores = useStores();
    const now = Number(today().slice(0, 4));
    const year = query.year || String(now);
    const pages = usePages("gatherings", {year});
    if (query.one) return html`<${Guests} id=${query.one} />`;
    const columns = [
        {name: "name", label: t("gatherings.what"), cell: (/** @type {any} */ row) => row.name},
        {name: "at", label: t("history.when"), cell: (/** @type {any} */ row) => date(row.at)},
        {name: "store", label: t("store"), cell: (/** @type {any} */ row) => storeName(stores, row.store)},
        {name: "attended", label: t("gatherings.came"), number: true,
            cell: (/** @type {any} */ row) => number(row.attended)},
        {name: "cost", label: t("figures.cost"), number: true, cell: (/** @type {any} */ row) => money(row.cost)},
    ];
    return html`<${Filters} path=${["staff", "gatherings"]} query=${query} fields=${[
        {name: "year", label: t("gatherings.years"), options: Array.from({length: YEARS}, (_, back) => (
            {value: back ? String(now - back) : "", label: String(now - back)}))}]} />
        <${Wanted} year=${year} stores=${stores} />
        <section class="panel"><h2>${t("gatherings.each")}</h2>
            <${Pages} pages=${pages} caption=${t("gatherings.each")} columns=${columns} empty=${t("gatherings.empty")}
                rowKey=${(/** @type {any} */ row) => row.id}
                href=${(/** @type {any} */ row) => link("staff", "gatherings", {one: row.id})} /></section>`;
}
