/** The ranking by a measure, in a window and scope, page by page (V2, V3). */
import {html} from "ui/html.js";
import {date, money, number, today} from "ui/format.js";
import {t} from "ui/i18n.js";
import {Filters, places, scopeOf, windows} from "../parts/filters.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {customerHref, Tier, tierName, useStores, who} from "../parts/people.js";

const MEASURES = ["spend", "visits", "margin", "referrals", "score"];

/** @param {string} by */
export function rankingColumns(by) {
    const value = {name: "value", label: t(`measure.${by}`), number: true,
        cell: (/** @type {any} */ row) => by === "margin" ? money(row.value) : number(row.value)};
    return [
        {name: "who", label: t("customer"), cell: (/** @type {any} */ row) => html`<span class="rank"
            aria-hidden="true">${row.rank}</span><span class="unseen">${t("rank.place", {count: row.rank})}: </span>${
            who(row)}`},
        {name: "card", label: t("card"), cell: (/** @type {any} */ row) => row.name ? row.card : ""},
        ...(by === "spend" || by === "visits" ? [] : [value]),
        {name: "spend", label: t("spend"), number: true, cell: (/** @type {any} */ row) => money(row.spend)},
        {name: "visits", label: t("visits"), number: true, cell: (/** @type {any} */ row) => number(row.visits)},
        {name: "last", label: t("last"), cell: (/** @type {any} */ row) => date(row.last)},
        {name: "tier", label: t("tier"), cell: (/** @type {any} */ row) => html`<${Tier} row=${row} />`},
        {name: "next", label: t("tier.next"), number: true, cell: (/** @type {any} */ row) => row.to_next === null
            ? "" : html`<span class="soft">${t("tier.more",
                {amount: money(row.to_next), tier: tierName(row.tier_next)})}</span>`},
    ];
}

/** @param {{query: Record<string, string>}} props */
export function Ranking({query}) {
    const stores = useStores();
    const by = MEASURES.includes(query.by) ? query.by : "spend";
    const pages = usePages("vip", {by, window: query.window, as_of: query.as_of, ...scopeOf(query.where)});
    return html`
        <${Filters} path=${["value", "ranking"]} query=${query} list=${pages} fields=${[
            {name: "by", label: t("filter.by"), options: MEASURES.map((one) => (
                {value: one === "spend" ? "" : one, label: t(`measure.${one}`)}))},
            {name: "window", label: t("filter.window"), options: windows()},
            {name: "where", label: t("filter.where"), options: places(stores)},
            {name: "as_of", label: t("filter.asof"), type: "date", max: today()},
        ]} />
        <${Pages} pages=${pages} caption=${t("value.ranking")} columns=${rankingColumns(by)}
            rowKey=${(/** @type {any} */ row) => row.customer} empty=${t("ranking.empty")} hint=${t("ranking.empty.do")}
            href=${customerHref("1-1") ? (/** @type {any} */ row) => customerHref(row.customer) : undefined} />`;
}
