/** The complaint desk of all stores: the queue, the most urgent first, figures, and articles complained about. */
import {tip} from "ui/data.js";
import {html, useEffect} from "ui/html.js";
import {when} from "ui/format.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Tabs} from "ui/parts/tabs.js";
import {go, link} from "ui/router.js";
import {hasRole, mayWrite, seesRegion} from "ui/session.js";
import {useShortcuts} from "ui/shortcuts.js";
import {clock} from "../parts/clocks.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {Filters} from "../parts/filters.js";
import {storeFilter, storeName, useStores, who} from "../parts/people.js";
import {Alerts, ComplaintFigures} from "./figures.js";
import {Findings} from "./findings.js";

const EVERY_MS = 60000;

export function mayAct() {
    return hasRole("desk", "manager", "assistant") && mayWrite();
}

/** @param {any[]} stores */
function columns(stores) {
    return [
        {name: "matter", label: t("complaint.matter"), cell: (/** @type {any} */ row) => html`<span
            class="matter">${row.topic || row.text || row.id}</span>`},
        {name: "clock", label: t("complaint.clock"), cell: (/** @type {any} */ row) => {
            const {text, tone} = clock(row);
            return html`<span class=${`nowrap mark-${tone}`}>${tone === "bad" ? html`<span aria-hidden="true">▲ </span>`
                : null}${text}</span>`;
        }},
        {name: "who", label: t("customer"), cell: (/** @type {any} */ row) => html`<span
            class="nowrap">${row.customer ? who(row) : t("nobody")}</span>`},
        {name: "store", label: t("store"), cell: (/** @type {any} */ row) => storeName(stores, row.store)},
        {name: "level", label: t("complaint.level"),
            cell: (/** @type {any} */ row) => html`${word("level", row.level)}${
            row.escalated ? html` <span class="tag warn" title=${t("complaint.escalated.why")}>${
                t("complaint.escalated")}</span>` : null}`},
        {name: "step", label: t("complaint.step"), cell: (/** @type {any} */ row) => html`${row.step
            ? word("step", row.step) : t("step.nothing")}${row.offer_due
            ? html` <span class="tag warn">${t("desk.offer")}</span>` : null}${row.concurrent
            ? html` <span class="tag warn">${t("complaint.concurrent")}</span>` : null}`},
        {name: "opened", label: t("complaint.opened"), cell: (/** @type {any} */ row) => html`<span
            class="nowrap">${when(row.opened_at)}</span>`},
    ];
}

/** @param {{query: Record<string, string>}} props */
function Queue({query}) {
    const stores = useStores();
    const state = query.show || "open";
    const pages = usePages("complaints", {
        [state]: true, store: query.store, level: query.level, vip: query.vip === "yes",
    });
    // The clocks run on while nothing is written.
    useEffect(() => {
        const timer = setInterval(() => pages.again(), EVERY_MS);
        return () => clearInterval(timer);
    });
    return html`
        <${Filters} path=${["desk"]} query=${query} list=${pages} fields=${[
            {name: "show", label: t("desk.show"), options: [{value: "", label: t("desk.open")},
                {value: "overdue", label: t("desk.overdue")},
                {value: "unsatisfied", label: t("desk.unsatisfied")}, {value: "all", label: t("desk.all")}]},
            ...storeFilter(stores),
            {name: "level", label: t("complaint.level"), options: [{value: "", label: t("all")},
                ...["store", "region", "company"].map((one) => ({value: one, label: t(`level.${one}`)}))]},
            {name: "vip", label: t("desk.whose"), options: [{value: "", label: t("desk.everybody")},
                {value: "yes", label: t("desk.vip")}]},
        ]} />
        <${Pages} pages=${pages} caption=${t("place.desk")} columns=${columns(stores)} empty=${t("desk.empty")}
            hint=${t("desk.empty.hint")} rowKey=${(/** @type {any} */ row) => row.id}
            href=${(/** @type {any} */ row) => link("complaints", row.id)} />`;
}

const TABS = [{name: "queue", view: Queue}, {name: "figures", view: ComplaintFigures}, {name: "alerts", view: Alerts},
    {name: "said", view: Findings}];

/** @param {{path: string[], query: Record<string, string>}} props */
export function Desk({path, query}) {
    const tabs = TABS.filter((tab) => (tab.name !== "said" || !hasRole("auditor"))
        && (tab.name !== "alerts" || seesRegion()));
    const now = tabs.find((tab) => tab.name === path[1]) ?? tabs[0];
    useShortcuts(mayAct() ? [{key: "n", word: "desk.new", run: () => go("complain")}] : []);
    return html`
        <div class="head"><h1>${t("place.desk")}</h1>
            ${mayAct() ? html`<${Button} kind="main" keys="N" href=${link("complain")}>${
                t("desk.new")}<//>` : null}</div>
        <${Tabs} label=${t("place.desk")} tabs=${tabs.map((tab) => ({
            href: tab === TABS[0] ? "#/desk" : `#/desk/${tab.name}`, label: t(`desk.${tab.name}`),
            current: tab === now}))} />
        <${now.view} query=${query} />`;
}

/** After an act of one's own: what is shown elsewhere is asked anew without waiting for the server's word. */
export function acted() {
    tip.set(tip.get() + 0.001);
}
