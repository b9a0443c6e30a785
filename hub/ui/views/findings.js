/** What customers said that is somebody's matter (K8): the notes of contacts, by whose matter it is. */
import {dateTime} from "ui/format.js";
import {html} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {Filters} from "../parts/filters.js";
import {customerHref, storeFilter, storeName, useStores, who} from "../parts/people.js";

/** @param {any[]} stores */
export function findingColumns(stores) {
    return [
        {name: "text", label: t("findings.text"), cell: (/** @type {any} */ row) => row.text ?? "–"},
        {name: "matter", label: t("complaint.level"), cell: (/** @type {any} */ row) => word("level", row.matter)},
        {name: "who", label: t("customer"), cell: who},
        {name: "store", label: t("store"), cell: (/** @type {any} */ row) => storeName(stores, row.store)},
        {name: "staff", label: t("staff.who"), cell: (/** @type {any} */ row) => row.staff ?? "–"},
        {name: "at", label: t("history.when"), cell: (/** @type {any} */ row) => dateTime(row.at)},
    ];
}

/** @param {{query: Record<string, string>}} props */
export function Findings({query}) {
    const stores = useStores();
    const pages = usePages("findings", {matter: query.matter, store: query.store, from: query.from});
    return html`<${Filters} path=${["desk", "said"]} query=${query} list=${pages} fields=${[
        {name: "matter", label: t("complaint.level"), options: [{value: "", label: t("all")},
            ...["store", "region", "company"].map((one) => ({value: one, label: t(`level.${one}`)}))]},
        ...storeFilter(stores),
        {name: "from", label: t("filter.from"), type: "date"},
    ]} />
        <${Pages} pages=${pages} caption=${t("desk.said")} columns=${findingColumns(stores)}
            empty=${t("findings.empty")} hint=${t("findings.hint")} rowKey=${(/** @type {any} */ row) => row.contact}
            href=${customerHref("1-1") ? (/** @type {any} */ row) => customerHref(row.customer) : undefined} />`;
}
