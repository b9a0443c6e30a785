/**
 * Gatherings of customers (K6): what each store held of how many it should in the year, each gathering, and who came.
 * The region notes those of its own, and the desk who came to any; stores note theirs.
 */
import {list, send} from "ui/api.js";
import {useData} from "ui/data.js";
import {useForm} from "ui/form.js";
import {date, dateTime, money, number, parseMoney, today} from "ui/format.js";
import {html, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Dialog} from "ui/parts/dialog.js";
import {Field} from "ui/parts/field.js";
import {Empty, FormProblem, Loaded} from "ui/parts/notice.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {Table} from "ui/parts/table.js";
import {toast} from "ui/parts/toast.js";
import {go, link} from "ui/router.js";
import {hasRole} from "ui/session.js";
import {Filters} from "../parts/filters.js";
import {customerHref, seesCustomers, storeName, Tier, useStores, who} from "../parts/people.js";
import {Take} from "../parts/take.js";
import {acted} from "./desk.js";

const YEARS = 3;
const FOUND = 8; // more than that, and one types more

/** @param {{onClose: () => void}} props one that was held */
function Add({onClose}) {
    const form = useForm({name: "", at: today(), cost: ""}, async ({name, at, cost}, key) => {
        const made = await send("POST", "gatherings", {name: name.trim(), ...(at === today() ? {} : {at}),
            ...(cost.trim() ? {cost: parseMoney(cost)} : {})}, {key});
        toast(t("gatherings.added"));
        acted();
        onClose();
        go("staff", "gatherings", {one: made.id});
    }, {check: ({name, cost}) => ({
        ...(name.trim() ? {} : {name: t("field.needed")}),
        ...(cost.trim() && parseMoney(cost) === null ? {cost: t("field.amount")} : {}),
    })});
    return html`<${Dialog} title=${t("gatherings.add")} onClose=${onClose}>
        <form onSubmit=${form.submit} novalidate>
            <${Field} ...${form.field("name")} label=${t("gatherings.what")} />
            <${Field} ...${form.field("at")} label=${t("gatherings.day")} type="date" max=${today()} />
            <${Field} ...${form.field("cost")} label=${t("figures.cost")} inputMode="decimal"
                optional=${t("optional")} />
            <${FormProblem} form=${form} />
            <div class="row"><${Button} kind="main" type="submit" busy=${form.busy}>${t("save")}<//>
                <${Button} onClick=${onClose}>${t("cancel")}<//></div></form><//>`;
}

/** Somebody found: one press notes that she was there. @param {{row: any, gathering: any, done: () => void}} props */
function Arrive({row, gathering, done}) {
    const form = useForm({}, async (_values, key) => {
        await send("POST", `customers/${row.customer}/contacts`, {gathering: gathering.id, purpose: gathering.name},
            {key});
        toast(t("gatherings.noted", {name: who(row)}));
        acted();
        done();
    });
    return html`<li><form onSubmit=${form.submit}><${Button} type="submit" busy=${form.busy}><b>${who(row)}</b>
            <span class="number">${row.phone ?? ""}</span> <${Tier} row=${row} /><//>
        <${FormProblem} form=${form} /></form></li>`;
}

/** @param {{gathering: any, guests: any[]}} props */
function Arrivals({gathering, guests}) {
    const [found, setFound] = useState(/** @type {any[] | null} */ (null));
    const form = useForm({whom: ""}, async ({whom}) => {
        setFound((await list("customers", {text: whom.trim(), limit: FOUND})).rows);
    }, {check: ({whom}) => /** @type {Record<string, string>} */ (whom.trim() ? {} : {whom: t("field.needed")}),
        aliases: {text: "whom"}, loose: true});
    const here = new Set(guests.map((one) => one.customer));
    function done() {
        setFound(null);
        form.reset();
        const input = document.querySelector("[name=whom]");
        if (input instanceof HTMLElement) input.focus();
    }
    return html`<section class="panel narrow no-print"><h2>${t("gatherings.arrive")}</h2>
        <form role="search" onSubmit=${form.submit} novalidate>
            <${Field} ...${form.field("whom")} label=${t("find.whom")} hint=${t("find.hint")} type="search"
                data-focus />
            <${FormProblem} form=${form} /><${Button} type="submit" busy=${form.busy}>${t("find.do")}<//></form>
        <div role="status">${found?.length === 0 ? html`<p class="soft">${t("find.nobody")}</p>` : null}</div>
        ${found?.length ? html`<ul class="arrivals">${found.map((row) => here.has(row.customer)
            ? html`<li key=${row.customer}><p>${t("gatherings.already", {name: who(row)})}</p></li>`
            : html`<${Arrive} key=${row.customer} row=${row} gathering=${gathering} done=${done} />`)}</ul>` : null}
    </section>`;
}

/** @param {any[]} stores @param {string | null} store */
function where(stores, store) {
    return store ? storeName(stores, store) : t("people.own");
}

/** @param {{year: string, stores: any[]}} props */
function Wanted({year, stores}) {
    const data = useData((signal) => list("gatherings/year", {year, limit: 1000}, {signal}), [year]);
    const columns = [
        {name: "store", label: t("store"), cell: (/** @type {any} */ row) => where(stores, row.store)},
        {name: "held", label: t("gatherings.held"), number: true, cell: (/** @type {any} */ row) => html`<span
            class=${row.wanted > row.held ? "mark-warn" : ""}>${t("gatherings.of",
            {held: number(row.held), wanted: number(row.wanted ?? 0)})}</span>`},
        {name: "attended", label: t("gatherings.came"), number: true,
            cell: (/** @type {any} */ row) => number(row.attended)},
        {name: "cost", label: t("figures.cost"), number: true, cell: (/** @type {any} */ row) => money(row.cost)},
    ];
    return html`<section class="panel"><h2>${t("gatherings.year", {year})}</h2>
        <${Loaded} data=${data}>${(/** @type {{rows: any[]}} */ {rows}) => html`<${Table}
            caption=${t("gatherings.year", {year})} columns=${columns} rows=${rows}
            empty=${html`<${Empty} title=${t("stores.empty")} />`} />`}<//></section>`;
}

/** @param {{id: string}} props */
function Guests({id}) {
    const pages = usePages(`gatherings/${encodeURIComponent(id)}/guests`, {}, {limit: 1000});
    const all = useData((signal) => list("gatherings", {limit: 1000}, {signal}), [id]);
    const stores = useStores();
    const gathering = all.value?.rows.find((one) => one.id === id);
    const columns = [
        {name: "who", label: t("customer"), cell: who},
        {name: "card", label: t("card"), cell: (/** @type {any} */ row) => row.card ?? "–"},
        {name: "phone", label: t("phone"), cell: (/** @type {any} */ row) => row.phone ?? "–"},
        {name: "at", label: t("history.when"), cell: (/** @type {any} */ row) => dateTime(row.at)},
    ];
    return html`<p class="no-print"><a href=${link("staff", "gatherings")}>← ${t("staff.gatherings")}</a></p>
        <div class="head"><div><h2>${gathering?.name ?? t("gatherings.guests")}</h2>
            ${gathering ? html`<p class="hint">${[date(gathering.at), where(stores, gathering.store),
                gathering.cost === null ? "" : money(gathering.cost)].filter(Boolean).join(" · ")}</p>` : null}</div>
            <${Take} list=${pages} /></div>
        ${gathering && pages.rows && hasRole("desk") ? html`<${Arrivals} gathering=${gathering}
            guests=${pages.rows} />` : null}
        <${Pages} pages=${pages} caption=${t("gatherings.guests")} columns=${columns} empty=${t("gatherings.nobody")}
            rowKey=${(/** @type {any} */ row) => row.customer}
            href=${seesCustomers() ? (/** @type {any} */ row) => customerHref(row.customer) : undefined} />`;
}

/** @param {any[]} stores */
export function gatheringColumns(stores) {
    return [
        {name: "name", label: t("gatherings.what"), cell: (/** @type {any} */ row) => row.name},
        {name: "at", label: t("history.when"), cell: (/** @type {any} */ row) => date(row.at)},
        {name: "store", label: t("store"), cell: (/** @type {any} */ row) => where(stores, row.store)},
        {name: "attended", label: t("gatherings.came"), number: true,
            cell: (/** @type {any} */ row) => number(row.attended)},
        {name: "cost", label: t("figures.cost"), number: true, cell: (/** @type {any} */ row) => row.cost === null
            ? "–" : money(row.cost)},
    ];
}

/** @param {{query: Record<string, string>}} props */
export function Gatherings({query}) {
    const stores = useStores();
    const now = Number(today().slice(0, 4));
    const year = query.year || String(now);
    const pages = usePages("gatherings", {year});
    const [adding, setAdding] = useState(false);
    if (query.one) return html`<${Guests} id=${query.one} />`;
    const add = html`<${Button} kind="main" onClick=${() => setAdding(true)}>${t("gatherings.add")}<//>`;
    return html`<${Filters} path=${["staff", "gatherings"]} query=${query} list=${pages}
        acts=${hasRole("region", "manager") ? add : null} fields=${[
        {name: "year", label: t("gatherings.years"), options: Array.from({length: YEARS}, (_, back) => (
            {value: back ? String(now - back) : "", label: String(now - back)}))}]} />
        ${adding ? html`<${Add} onClose=${() => setAdding(false)} />` : null}
        <${Wanted} year=${year} stores=${stores} />
        <section class="panel"><h2>${t("gatherings.each")}</h2>
            <${Pages} pages=${pages} caption=${t("gatherings.each")} columns=${gatheringColumns(stores)}
                empty=${t("gatherings.empty")}
                rowKey=${(/** @type {any} */ row) => row.id}
                href=${(/** @type {any} */ row) => link("staff", "gatherings", {one: row.id})} /></section>`;
}
