/** The monthly list of a store, to be printed on the day the policy names: in full first, then what changed (C12). */
import {date, money, number, percent, today} from "ui/format.js";
import {html} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Filters} from "ui/parts/filters.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {customerHref, storeName, useStores, who} from "../parts/people.js";

/** This month and the eleven before it. */
function months() {
    const now = Number(today().slice(0, 4)) * 12 + Number(today().slice(5, 7)) - 1;
    return Array.from({length: 12}, (_, back) => `${Math.floor((now - back) / 12)}-${
        String(((now - back) % 12) + 1).padStart(2, "0")}`);
}

/** @param {{query: Record<string, string>}} props */
export function Monthly({query}) {
    const stores = useStores();
    const full = query.full !== "no";
    const pages = usePages("monthly", {month: query.month, store: query.store, full}, {live: false, limit: 1000});
    const columns = [
        {name: "who", label: t("customer"), cell: who},
        {name: "phone", label: t("phone"), cell: (/** @type {any} */ row) => row.phone},
        {name: "card", label: t("card"), cell: (/** @type {any} */ row) => row.card},
        {name: "birthday", label: t("field.birthday"), cell: (/** @type {any} */ row) => row.birthday},
        {name: "change", label: t("monthly.change"), cell: (/** @type {any} */ row) => row.change === "changed"
            ? row.changed.split(/[ ,]+/).filter(Boolean).map(
                (/** @type {string} */ one) => word("field", one)).join(", ")
            : t(`monthly.${row.change}`)},
        {name: "complete", label: t("monthly.complete"), number: true,
            cell: (/** @type {any} */ row) => percent(row.completeness)},
        {name: "custodian", label: t("monthly.custodian"), cell: (/** @type {any} */ row) => row.custodian ?? ""},
        {name: "spend", label: t("spend"), number: true, cell: (/** @type {any} */ row) => money(row.spend)},
        {name: "visits", label: t("visits"), number: true, cell: (/** @type {any} */ row) => number(row.visits)},
        {name: "last", label: t("last"), cell: (/** @type {any} */ row) => date(row.last)},
    ];
    const place = query.store ? storeName(stores, query.store) : t("scope.region");
    return html`
        <div class="head"><h1>${t("place.monthly")} <span class="print-only">${place} ${query.month ?? ""}</span></h1>
            <${Button} onClick=${() => print()}>${t("print")}<//></div>
        <${Filters} path=${["monthly"]} query=${query} fields=${[
            {name: "month", label: t("month"), options: [{value: "", label: t("monthly.latest")},
                ...months().map((value) => ({value, label: value}))]},
            {name: "store", label: t("store"), options: [{value: "", label: t("all")},
                ...stores.map((one) => ({value: one.store, label: one.name || one.store}))]},
            {name: "full", label: t("monthly.show"), options: [{value: "", label: t("monthly.full")},
                {value: "no", label: t("monthly.changes")}]},
        ]} />
        <${Pages} pages=${pages} caption=${t("place.monthly")} columns=${columns} empty=${t("monthly.empty")}
            rowKey=${(/** @type {any} */ row) => row.customer}
            href=${customerHref("1-1") ? (/** @type {any} */ row) => customerHref(row.customer) : undefined} />
        ${pages.next ? html`<p class="print-only">${t("monthly.cut")}</p>` : null}`;
}
