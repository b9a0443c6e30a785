/** What a customer has earned, bought ahead and was given, to be looked at: points, packages, benefits (P3–P5). */
import {get, list} from "ui/api.js";
import {useData} from "ui/data.js";
import {date, money} from "ui/format.js";
import {html} from "ui/html.js";
import {t, word} from "ui/i18n.js";

/** @param {{rows: any[]}} props */
function Packages({rows}) {
    return html`<section class="panel"><h2>${t("packages.title")}</h2><ul>${rows.map((one) => html`<li
        key=${`${one.sale} ${one.sku}`}><b>${one.sku}</b> <span class=${one.expired || one.left === 0 ? "tag plain"
        : "tag"}>${one.expired && one.left > 0 ? t("packages.expired") : t("packages.left", {count: one.left})}</span>
        <p class="hint">${[t("packages.of", {count: one.bought - one.returned}),
            t("packages.until", {day: date(one.expires)})].join(" · ")}</p></li>`)}</ul></section>`;
}

/** @param {{points: any, benefits: any[]}} props */
function Rewards({points, benefits}) {
    return html`<section class="panel"><h2>${t("rewards.title")}</h2>
        ${points ? html`<p class="lead number">${t("rewards.points", {count: points.balance})}</p>
            <p class="hint">${t("rewards.redeemed", {count: points.redeemed})}</p>` : null}
        <ul>${benefits.map((one) => html`<li key=${one.id}>${word("benefit", one.kind)} ${one.note ?? ""}
            ${one.cost ? money(one.cost) : ""} <span class="hint">${date(one.at)}</span></li>`)}</ul></section>`;
}

/** @param {{id: string}} props of the customer */
export function Earned({id}) {
    const of = `customers/${encodeURIComponent(id)}`;
    const points = useData((signal) => get(`${of}/points`, {}, {signal}), [id]).value;
    const packages = useData((signal) => list(`${of}/packages`, {limit: 100}, {signal}), [id]).value?.rows ?? [];
    const benefits = useData((signal) => list(`${of}/benefits`, {limit: 100}, {signal}), [id]).value?.rows ?? [];
    if (!points?.balance && !points?.redeemed && packages.length + benefits.length === 0) return null;
    return html`<div class="beside">
        ${packages.length > 0 ? html`<${Packages} rows=${packages} />` : null}
        <${Rewards} points=${points} benefits=${benefits} /></div>`;
}
