/** Who has not come for long, to be called; who came back after that; why others left (V7, V10). */
import {list} from "ui/api.js";
import {useData} from "ui/data.js";
import {html} from "ui/html.js";
import {date, money, monthsSince, number, percent} from "ui/format.js";
import {t, word} from "ui/i18n.js";
import {Filters, places, scopeOf} from "../parts/filters.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {customerHref, useStores, who} from "../parts/people.js";

const COLUMNS = () => [
    {name: "who", label: t("customer"), cell: who},
    {name: "phone", label: t("phone"), cell: (/** @type {any} */ row) => html`<span
        class="nowrap">${row.phone}</span>`},
    {name: "months", label: t("away.months"), number: true,
        cell: (/** @type {any} */ row) => number(monthsSince(row.last))},
    {name: "last", label: t("last"), cell: (/** @type {any} */ row) => row.last
        ? date(row.last) : t("never")},
    {name: "contacted", label: t("away.contacted"), cell: (/** @type {any} */ row) => row.contacted
        ? date(row.contacted) : "–"},
    {name: "silent", label: t("away.reason"), cell: (/** @type {any} */ row) => html`<span
        class=${row.silent ? "tag warn" : "soft"}>${t(row.silent ? "away.silent" : "away.known")}</span>`},
    {name: "spend", label: t("spend"), number: true, cell: (/** @type {any} */ row) => money(row.spend)},
    {name: "visits", label: t("visits"), number: true, cell: (/** @type {any} */ row) => number(row.visits)},
];

/** @param {{query: Record<string, string>}} props */
export function Away({query}) {
    const scope = scopeOf(query.where);
    const pages = usePages("reports/inactive", scope, {live: false});
    const back = useData((signal) => list("reports/back", scope, {signal}), [query.where], {live: false});
    const left = useData((signal) => list("reports/leaving", scope, {signal}), [query.where], {live: false});
    return html`
        <${Filters} path=${["value", "away"]} query=${query} list=${pages} fields=${[
            {name: "where", label: t("filter.where"), options: places(useStores())}]} />
        ${back.value?.rows.length ? html`<div class="figures">${back.value.rows.map((/** @type {any} */ row) => html`
            <div class="figure"><strong>${row.share === null ? "–" : percent(row.share)}</strong>
                <span>${t("away.back", {months: number(row.months), count: row.contacted,
                    back: number(row.back)})}</span></div>`)}</div>` : null}
        ${left.value?.rows.length ? html`<section class="panel"><h2>${t("away.why")}</h2><dl class="facts">
            ${left.value.rows.map((/** @type {any} */ row) => html`<dt>${word("leaving", row.reason)}</dt>
                <dd class="number">${number(row.customers)}</dd>`)}</dl></section>` : null}
        <${Pages} pages=${pages} caption=${t("value.away")} columns=${COLUMNS()}
            rowKey=${(/** @type {any} */ row) => row.customer} empty=${t("away.empty")}
            href=${customerHref("1-1") ? (/** @type {any} */ row) => customerHref(row.customer) : undefined} />`;
}
