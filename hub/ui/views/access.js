/** The record of looks: who saw whose data, when and from where, and who was refused (E14). For the auditor. */
import {dateTime, today} from "ui/format.js";
import {html} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {Filters} from "../parts/filters.js";

const SHOWN = 8; // ids of a row

/** @param {any} customers as a list or as text */
function ids(customers) {
    const all = Array.isArray(customers) ? customers : String(customers ?? "").split(/[ ,]+/).filter(Boolean);
    if (all.length <= SHOWN) return all.join(", ");
    return `${all.slice(0, SHOWN).join(", ")} ${t("access.more", {count: all.length - SHOWN})}`;
}

/** What was asked for, in words where there are some. @param {{method: string, route: string}} row */
function did({method, route}) {
    const name = `${method}${route}`.toLowerCase().replace(/[^a-z]+/g, ".").replace(/\.$/, "");
    return word("did", name, `${method} ${route}`);
}

const COLUMNS = () => [
    {name: "at", label: t("history.when"), cell: (/** @type {any} */ row) => dateTime(row.at)},
    {name: "who", label: t("access.who"), cell: (/** @type {any} */ row) => row.who ?? "–"},
    {name: "role", label: t("access.role"), cell: (/** @type {any} */ row) => row.role ? word("role", row.role) : "–"},
    {name: "address", label: t("access.from"), cell: (/** @type {any} */ row) => row.address},
    {name: "did", label: t("access.did"),
        cell: (/** @type {any} */ row) => html`<span title=${`${row.method} ${row.route}`}>${did(row)}</span>`},
    {name: "outcome", label: t("access.outcome"), cell: (/** @type {any} */ row) => word("look", row.outcome)},
    {name: "customers", label: t("access.whose"), cell: (/** @type {any} */ row) => ids(row.customers)},
];

/** The day a week ago: what is asked for first. */
function lastWeek() {
    return new Date(Date.parse(today() + "T00:00:00Z") - 7 * 86400000).toISOString().slice(0, 10);
}

/** @param {{query: Record<string, string>}} props */
export function Access({query}) {
    const from = query.from || lastWeek();
    const pages = usePages("access", {user: query.user, customer: query.customer, from, to: query.to,
        refused: query.show === "refused", newest: true}, {follow: (rows) => ({before: rows.at(-1)?.seq})});
    return html`<h1>${t("place.access")}</h1><p class="hint">${t("access.hint")}</p>
        <${Filters} path=${["access"]} query=${{...query, from}} list=${pages} fields=${[
            {name: "user", label: t("access.who"), type: "search"},
            {name: "customer", label: t("access.whose"), type: "search"},
            {name: "from", label: t("filter.from"), type: "date"}, {name: "to", label: t("filter.to"), type: "date"},
            {name: "show", label: t("access.show"), options: [{value: "", label: t("all")},
                {value: "refused", label: t("access.refused")}]},
        ]} />
        <${Pages} pages=${pages} caption=${t("place.access")} columns=${COLUMNS()} empty=${t("access.empty")}
            rowKey=${(/** @type {any} */ row) => String(row.seq)} />`;
}
