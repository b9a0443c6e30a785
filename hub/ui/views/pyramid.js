/** How much comes from how few, as measured, beside what people say of eighty and twenty (V1). */
import {get} from "ui/api.js";
import {useData} from "ui/data.js";
import {html} from "ui/html.js";
import {money, number, percent, today} from "ui/format.js";
import {t} from "ui/i18n.js";
import {Empty, Loaded} from "ui/parts/notice.js";
import {Chart} from "ui/parts/chart.js";
import {Filters, places, scopeOf, windows} from "../parts/filters.js";
import {useStores, Who} from "../parts/people.js";

/** @param {{pyramid: any}} props */
function Groups({pyramid}) {
    const groups = ["large", "medium", "small"];
    return html`<div class="table"><table>
        <caption class="unseen">${t("pyramid.groups")}</caption>
        <thead><tr><th scope="col">${t("pyramid.group")}</th><th scope="col" class="number">${t("customers")}</th>
            <th scope="col" class="number">${t("spend")}</th><th scope="col" class="number">${
                t("share")}</th></tr></thead>
        <tbody>${groups.map((name) => html`<tr><th scope="row">${t(`pyramid.${name}`)}</th>
            <td class="number">${number(pyramid[name].customers)}</td>
            <td class="number">${money(pyramid[name].spend)}</td>
            <td class="number">${percent(pyramid[name].spend / pyramid.total, 1)}</td></tr>`)}</tbody>
    </table></div>`;
}

/** @param {{profit: any}} props */
function Profit({profit}) {
    return html`<section class="panel"><h2>${t("pyramid.profit")}</h2>
        <dl class="facts">${["high", "medium", "low", "none"].map((name) => html`
            <dt>${t(`pyramid.profit.${name}`)}</dt><dd class="number">${number(profit[name])}</dd>`)}
            <dt>${t("measure.margin")}</dt><dd class="number">${money(profit.margin)}</dd></dl></section>`;
}

/** @param {{pyramid: any}} props */
function Figures({pyramid}) {
    const x = Array.from(pyramid.curve, (_, index) => index);
    const share = (/** @type {number} */ value) => percent(value, 1);
    return html`
        <div class="figures">
            <div class="figure"><strong>${percent(pyramid.top_share, 1)}</strong>
                <span>${t("pyramid.top", {percent: percent(pyramid.top_percent / 100),
                    count: pyramid.top_customers})}</span></div>
            <div class="figure"><strong>${number(pyramid.customers_for_80_percent)}</strong>
                <span>${t("pyramid.eighty", {percent: percent(0.8),
                    share: percent(pyramid.customers_for_80_percent / pyramid.customers, 1)})}</span></div>
            <div class="figure"><strong>${money(pyramid.total)}</strong>
                <span>${t("pyramid.total", {count: pyramid.customers})}</span></div>
            ${pyramid.year_top ? html`<div class="figure"><strong><${Who} row=${pyramid.year_top} /></strong>
                <span>${t("pyramid.year", {amount: money(pyramid.year_top.spend)})}</span></div>` : null}
        </div>
        <section class="panel"><h2>${t("pyramid.curve")}</h2>
            <${Chart} label=${t("pyramid.curve.label", {share: share(pyramid.top_share),
                percent: percent(pyramid.top_percent / 100)})} every=${5}
                x=${{label: t("pyramid.best"), values: x,
                    format: (/** @type {number} */ value) => percent(value / 100)}}
                lines=${[{label: t("pyramid.measured"), values: pyramid.curve, format: share, tone: "accent",
                    kind: "area"},
                {label: t("pyramid.equal"), values: x.map((value) => value / 100), format: share, tone: "soft",
                    kind: "dashed"}]} />
        </section>
        <section class="panel"><h2>${t("pyramid.groups")}</h2><${Groups} pyramid=${pyramid} /></section>
        ${pyramid.profit_groups ? html`<${Profit} profit=${pyramid.profit_groups} />` : null}`;
}

/** @param {{query: Record<string, string>}} props */
export function Pyramid({query}) {
    const stores = useStores();
    const asked = {window: query.window, as_of: query.as_of, ...scopeOf(query.where)};
    const data = useData((signal) => get("pyramid", asked, {signal}), [JSON.stringify(asked)], {live: false});
    return html`
        <${Filters} path=${["value", "pyramid"]} query=${query} list=${null} fields=${[
            {name: "window", label: t("filter.window"), options: windows()},
            {name: "where", label: t("filter.where"), options: places(stores)},
            {name: "as_of", label: t("filter.asof"), type: "date", max: today()},
        ]} />
        <${Loaded} data=${data}>${(/** @type {any} */ pyramid) => pyramid.customers > 0
            ? html`<${Figures} pyramid=${pyramid} />` : html`<${Empty} title=${t("ranking.empty")} />`}<//>`;
}
