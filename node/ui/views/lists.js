/**
 * Lists of customers beside the ranking, each under a tab of Customers: who has not come for long (V7, V10), for the
 * manager, what customers said that is somebody's matter (K8), and who may be in the book twice (C5), which the
 * region's desk decides. Beside the complaints: articles that several complain about (X8).
 */
import {date, dateTime, money, number} from "ui/format.js";
import {html} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {link} from "ui/router.js";

/** @param {any} row */
const whose = (row) => row.name || row.card || row.customer;
/** @param {any} row */
const open = (row) => link("customer", row.customer);

export function Away() {
    const pages = usePages("reports/inactive", {}, {live: false});
    const columns = [
        {name: "name", label: t("field.name"), cell: whose},
        {name: "phone", label: t("field.phone"), cell: (/** @type {any} */ row) => row.phone ?? ""},
        {name: "months", label: t("away.months"), number: true, cell: (/** @type {any} */ row) => number(row.months),
            sort: (/** @type {any} */ row) => row.months},
        {name: "last", label: t("customers.last"), cell: (/** @type {any} */ row) => date(row.last)},
        {name: "contacted", label: t("away.contacted"),
            cell: (/** @type {any} */ row) => (row.contacted ? date(row.contacted) : "–")},
        {name: "silent", label: t("away.why"), cell: (/** @type {any} */ row) => html`<span
            class=${row.silent ? "tag warn" : "soft"}>${t(row.silent ? "away.silent" : "away.known")}</span>`},
        {name: "spend", label: t("customers.spend"), number: true, cell: (/** @type {any} */ row) => money(row.spend),
            sort: (/** @type {any} */ row) => row.spend},
    ];
    return html`<p class="hint">${t("away.hint")}</p>
        <${Pages} pages=${pages} caption=${t("customers.away")} columns=${columns} href=${open}
            rowKey=${(/** @type {any} */ row) => row.customer} empty=${t("away.empty")} />`;
}

export function Findings() {
    const pages = usePages("findings");
    const columns = [
        {name: "text", label: t("findings.text"), cell: (/** @type {any} */ row) => row.text ?? "–"},
        {name: "matter", label: t("findings.matter"), cell: (/** @type {any} */ row) => word("level", row.matter)},
        {name: "who", label: t("field.name"), cell: whose},
        {name: "staff", label: t("contests.name"), cell: (/** @type {any} */ row) => row.staff ?? "–"},
        {name: "at", label: t("findings.at"), cell: (/** @type {any} */ row) => dateTime(row.at)},
    ];
    return html`<p class="hint">${t("findings.hint")}</p>
        <${Pages} pages=${pages} caption=${t("customers.said")} columns=${columns} href=${open}
            rowKey=${(/** @type {any} */ row) => row.contact} empty=${t("findings.empty")} />`;
}

export function Twins() {
    const pages = usePages("duplicates");
    const columns = [
        {name: "one", label: t("twins.one"), cell: (/** @type {any} */ row) => row.name || row.customer},
        {name: "other", label: t("twins.other"), cell: (/** @type {any} */ row) => html`<a
            href=${link("customer", row.other)}>${row.other_name || row.other}</a>`},
        {name: "why", label: t("twins.why"), cell: (/** @type {any} */ row) =>
            row.reason.split(" and ").map((/** @type {string} */ one) => word("field", one, one)).join(", ")},
        {name: "value", label: t("twins.value"), cell: (/** @type {any} */ row) => row.value ?? ""},
    ];
    return html`<p class="hint">${t("twins.hint")}</p>
        <${Pages} pages=${pages} caption=${t("customers.twins")} columns=${columns} href=${open}
            rowKey=${(/** @type {any} */ row) => `${row.customer} ${row.other}`} empty=${t("twins.empty")} />`;
}

export function Alerts() {
    const pages = usePages("alerts");
    const columns = [
        {name: "sku", label: t("complain.sku"), cell: (/** @type {any} */ row) => row.sku},
        {name: "count", label: t("complaints.title"), number: true,
            cell: (/** @type {any} */ row) => number(row.complaints)},
        {name: "open", label: t("complaints.open"), number: true, cell: (/** @type {any} */ row) => number(row.open)},
        {name: "last", label: t("articles.last"), cell: (/** @type {any} */ row) => dateTime(row.last)},
    ];
    return html`<p class="hint">${t("articles.hint")}</p>
        <${Pages} pages=${pages} caption=${t("complaints.articles")} columns=${columns}
            rowKey=${(/** @type {any} */ row) => row.sku} empty=${t("articles.empty")} />`;
}
