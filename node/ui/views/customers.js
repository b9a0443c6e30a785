/**
 * My customers, or with a switch all of the store's, and their tiers: who brings what in a window, what each has and
 * how far it is to the next; and other lists of customers (lists.js). Each prints as a list.
 */
import {list} from "ui/api.js";
import {useData} from "ui/data.js";
import {ago, money, number, theSite} from "ui/format.js";
import {html, useEffect, useState} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {HandOver} from "ui/customer/handover.js";
import {Button} from "ui/parts/button.js";
import {Empty, Loaded} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {Tabs} from "ui/parts/tabs.js";
import {link} from "ui/router.js";
import {hasRole, session} from "ui/session.js";
import {Tier} from "../pieces.js";
import {Away, Findings, Twins} from "./lists.js";

const WINDOWS = ["all", "year", "season"];
const PAGE = 100;
const LIMIT = 1000;
const NEAR = 0.25; // of what the next tier asks

/**
 * @param {{window: string, near: boolean, staff: string | null}} props near: those close to their next tier, of all
 *     time; staff: only whom this employee looks after (C10)
 */
function Ranking({window: window_, near, staff}) {
    const [wanted, setWanted] = useState(PAGE);
    useEffect(() => setWanted(PAGE), [window_, near, staff]);
    const limit = near ? LIMIT : wanted;
    const data = useData(() => list("vip", {window: window_, limit, top: LIMIT, custodian: staff}),
        [window_, limit, staff]);
    const columns = [
        {name: "name", label: t("field.name"), cell: (/** @type {any} */ row) => row.name || row.card || row.customer,
            sort: (/** @type {any} */ row) => row.name},
        {name: "card", label: t("field.card"), cell: (/** @type {any} */ row) => row.card ?? ""},
        {name: "tier", label: t("customers.tier"),
            cell: (/** @type {any} */ row) => html`<${Tier} tier=${row.tier} />`},
        {name: "spend", label: t("customers.spend"), number: true, sort: (/** @type {any} */ row) => row.spend,
            cell: (/** @type {any} */ row) => money(row.spend)},
        {name: "visits", label: t("customers.visits"), number: true, sort: (/** @type {any} */ row) => row.visits,
            cell: (/** @type {any} */ row) => number(row.visits)},
        {name: "last", label: t("customers.last"), cell: (/** @type {any} */ row) => (row.last ? ago(row.last) : "–"),
            sort: (/** @type {any} */ row) => row.last},
        {name: "next", label: t("customers.next"), number: true, sort: (/** @type {any} */ row) => row.to_next,
            cell: (/** @type {any} */ row) =>
                (row.tier_next ? `${word("tier", row.tier_next, row.tier_next)} ${money(row.to_next)}` : "")},
    ];
    return html`<${Loaded} data=${data}>${(/** @type {{rows: any[], next: string | null}} */ {rows, next}) => {
            const shown = near ? rows.filter((row) => row.tier_next && row.to_next <= NEAR * (row.spend + row.to_next))
                .sort((a, b) => a.to_next - b.to_next) : rows;
            return html`<${Table} caption=${t("place.customers")} columns=${columns} rows=${shown}
                rowKey=${(/** @type {any} */ row) => row.customer}
                href=${(/** @type {any} */ row) => link("customer", row.customer)}
                more=${!near && next ? () => setWanted(wanted + PAGE) : null} busy=${data.loading}
                empty=${staff && !near ? html`<${Empty} title=${t("customers.mine.empty")}>
                    ${t("customers.mine.empty.text")}<//>` : html`<${Empty} title=${t("customers.empty")} />`} />`;
        }}<//>`;
}

/** @param {{query: Record<string, string>}} props */
export function Customers({query}) {
    const window_ = WINDOWS.includes(query.window) ? query.window : "all";
    const lists = ["near", ...(hasRole("manager") ? ["away"] : []), "said", ...(hasRole("manager") ? ["twins"] : [])];
    const show = lists.includes(query.show) ? query.show : "";
    const me = session.get()?.staff ?? null;
    const mine = me !== null && query.of !== "store";
    const of = {of: query.of === "store" ? "store" : null};
    const ranks = show === "" || show === "near";
    const shown = show === "away" ? html`<${Away} />` : show === "said" ? html`<${Findings} />`
        : show === "twins" ? html`<${Twins} />`
        : html`<${Ranking} window=${window_} near=${show === "near"} staff=${mine ? me : null} />`;
    return html`<div class="head"><h1>${mine && ranks ? t("customers.mine")
            : t("customers.title", {store: theSite().name ?? theSite().store ?? ""})}</h1>
        <div class="row">${hasRole("manager") ? html`<${HandOver} />` : null}
            <${Button} onClick=${() => print()}>${t("print")}<//></div></div>
        ${me !== null && ranks ? html`<${Tabs} label=${t("customers.whose")} tabs=${[
            {href: link("customers", {show, window: query.window}), label: t("customers.mine"), current: mine},
            {href: link("customers", {show, window: query.window, of: "store"}), label: t("customers.ours"),
                current: !mine}]} />` : null}
        <${Tabs} label=${t("customers.lists")} tabs=${[
            ...WINDOWS.map((one) => ({href: link("customers", {window: one, ...of}), label: t(`window.${one}`),
                current: !show && one === window_})),
            ...lists.map((one) => ({href: link("customers", {show: one, ...of}), label: t(`customers.${one}`),
                current: one === show})),
        ]} />
        ${shown}`;
}
