/** The monthly list of a store, to be printed on the day the policy names: in full first, then what changed (C12). */
import {birthday, date, money, number, percent, today} from "ui/format.js";
import {html} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Filters} from "../parts/filters.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {customerHref, storeFilter, useStores, who} from "../parts/people.js";

/** This month and the eleven before it. */
function months() {
    const now = Number(today().slice(0, 4)) * 12 + Number(today().slice(5, 7)) - 1;
    return Array.from({length: 12}, (_, back) => `${Math.floor((now - back) / 12)}-${
        String(((now - back) % 12) + 1).padStart(2, "0")}`);
}

/** @param {any} text */
function nowrap(text) {
    return text ? html`<span class="nowrap">${text}</span>` : null;
}

/** @param {{query: Record<string, string>}} props */
export function Monthly({query}) {
    const stores = useStores();
    const full = query.full !== "no";
    const pages = usePages("monthly", {month: query.month, store: query.store, full}, {live: false, limit: 1000});
    const columns = [
        {name: "who", label: t("customer"), cell: who},
        {name: "phone", label: t("phone"),
            cell: (/** @type {any} */ row) => nowrap(row.phone?.normalize("NFKC"))},
        {name: "card", label: t("card"), cell: (/** @type {any} */ row) => nowrap(row.card)},
        {name: "birthday", label: t("field.birthday"),
            cell: (/** @type {any} */ row) => nowrap(birthday(row.birthday))},
        {name: "change", label: t("monthly.change"), cell: (/** @type {any} */ row) => row.change === "changed"
            ? row.changed.split(/[ ,]+/).filter(Boolean).map(
                (/** @type {string} */ one) => word("field", one)).join(", ")
            : t(`monthly.${row.change}`)},
        {name: "complete", label: t("monthly.complete"), number: true,
            cell: (/** @type {any} */ row) => percent(row.completeness)},
        {name: "custodian", label: t("monthly.custodian"), cell: (/** @type {any} */ row) => row.custodian ?? ""},
        {name: "spend", label: t("spend"), number: true, cell: (/** @type {any} */ row) => money(row.spend)},
        {name: "visits", label: t("visits"), number: true, cell: (/** @type {any} */ row) => number(row.visits)},
        {name: "last", label: t("last"), cell: (/** @type {any} */ row) => nowrap(date(row.last))},
    ];
    return html`
        <h1>${t("place.monthly")}</h1>
        <${Filters} path=${["monthly"]} query=${query} list=${pages} fields=${[
            {name: "month", label: t("month"), options: [{value: "", label: t("monthly.latest")},
                ...months().map((value) => ({value, label: value}))]},
            ...storeFilter(stores),
            {name: "full", label: t("monthly.show"), options: [{value: "", label: t("monthly.full")},
                {value: "no", label: t("monthly.changes")}]},
        ]} />
        <${Pages} pages=${pages} caption=${t("place.monthly")} columns=${columns} empty=${t("monthly.empty")}
            rowKey=${(/** @type {any} */ row) => row.customer}
            href=${customerHref("1-1") ? (/** @type {any} */ row) => customerHref(row.customer) : undefined} />`;
}
