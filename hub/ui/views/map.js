/** The map: how lately against how often, five groups each, with who stands in a field (V4). */
import {list} from "ui/api.js";
import {useData} from "ui/data.js";
import {html, useLayoutEffect, useRef} from "ui/html.js";
import {date, money, number, percent, roughMoney, today} from "ui/format.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Loaded} from "ui/parts/notice.js";
import {link} from "ui/router.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {Filters} from "../parts/filters.js";
import {customerHref, Tier, who} from "../parts/people.js";
import {Take} from "../parts/take.js";

const GROUPS = [5, 4, 3, 2, 1];

/** How strong a field is shown, 0 to 5. @param {number} share @param {number} most */
function strength(share, most) {
    return most > 0 ? Math.ceil((5 * share) / most) : 0;
}

/** @param {{rows: any[], query: Record<string, string>}} props */
function Grid({rows, query}) {
    const total = rows.reduce((sum, row) => sum + row.customers, 0);
    const measure = query.show === "spend" ? "spend" : "customers";
    const most = Math.max(...rows.map((row) => row[measure]));
    const cell = (/** @type {number} */ r, /** @type {number} */ f) => rows.find((row) => row.r === r && row.f === f);
    return html`<div class="table" tabindex="0" role="region" aria-label=${t("value.map")}><table class="map">
        <caption>${t("map.caption", {count: total})}</caption>
        <thead><tr><td></td>${GROUPS.map((f) => html`<th scope="col">${t(`map.f${f}`)}</th>`)}</tr></thead>
        <tbody>${GROUPS.map((r) => html`<tr><th scope="row">${t(`map.r${r}`)}</th>${GROUPS.map((f) => {
            const one = cell(r, f) ?? {customers: 0, spend: 0};
            const chosen = query.r === String(r) && query.f === String(f);
            return html`<td class=${`heat-${strength(one[measure], most)}`}><a class="field"
                href=${link("value", "map", {...query, r: String(r), f: String(f)})} data-field=${`${r}${f}`}
                aria-current=${chosen ? "true" : undefined}>
                <strong>${number(one.customers)}</strong><span class="unseen"> ${t("customers")}, </span>
                <span class="exact">${money(one.spend)}</span><span class="rough" title=${money(one.spend)}>${
                    roughMoney(one.spend)}</span>
                <span class="unseen">, ${percent(one.customers / (total || 1), 1)}</span></a></td>`;
        })}</tr>`)}</tbody>
    </table></div>`;
}

/** @param {{query: Record<string, string>}} props */
function InField({query}) {
    const pages = usePages("segments", {r: query.r, f: query.f, as_of: query.as_of}, {live: false});
    const columns = [
        {name: "who", label: t("customer"), cell: who},
        {name: "card", label: t("card"), cell: (/** @type {any} */ row) => row.name ? row.card : ""},
        {name: "m", label: t("map.m"), number: true, cell: (/** @type {any} */ row) => row.m},
        {name: "tier", label: t("tier"), cell: (/** @type {any} */ row) => html`<${Tier} row=${row} />`},
        {name: "type", label: t("type"), cell: (/** @type {any} */ row) => word("type", row.type)},
        {name: "band", label: t("band"), cell: (/** @type {any} */ row) => word("band", row.band)},
        {name: "spend", label: t("spend"), number: true, cell: (/** @type {any} */ row) => money(row.spend)},
        {name: "visits", label: t("visits"), number: true, cell: (/** @type {any} */ row) => number(row.visits)},
        {name: "last", label: t("last"), cell: (/** @type {any} */ row) => date(row.last)},
    ];
    const title = t("map.field", {recency: t(`map.r${query.r}`), frequency: t(`map.f${query.f}`)});
    const heading = useRef(/** @type {HTMLElement | null} */ (null));
    useLayoutEffect(() => { // it is below the map: whoever chose a field is taken there
        heading.current?.focus({preventScroll: true});
        heading.current?.scrollIntoView({block: "start"});
    }, []);
    return html`<section class="panel"><div class="head"><h2 ref=${heading} tabindex="-1">${title}</h2>
        <${Take} list=${pages} paper=${false}><${Button} href=${link("value", "map", {...query, r: "", f: ""})}>${
                t("close")}<//><//></div>
        <${Pages} pages=${pages} caption=${title} columns=${columns} empty=${t("map.empty")}
            rowKey=${(/** @type {any} */ row) => row.customer}
            href=${customerHref("1-1") ? (/** @type {any} */ row) => customerHref(row.customer) : undefined} />
    </section>`;
}

/** @param {{query: Record<string, string>}} props */
export function Map({query}) {
    const data = useData((signal) => list("rfm", {as_of: query.as_of}, {signal}), [query.as_of], {live: false});
    return html`
        <${Filters} path=${["value", "map"]} query=${query}
            list=${{path: "rfm", query: {as_of: query.as_of}}} fields=${[
            {name: "show", label: t("map.show"), options: [{value: "", label: t("customers")},
                {value: "spend", label: t("spend")}]},
            {name: "as_of", label: t("filter.asof"), type: "date", max: today()},
        ]} />
        <${Loaded} data=${data}>${(/** @type {any} */ found) => html`<${Grid} rows=${found.rows} query=${query} />
            ${query.r && query.f ? html`<${InField} key=${query.r + query.f} query=${query} />`
                : html`<p class="hint">${t("map.hint")}</p>`}`}<//>`;
}
