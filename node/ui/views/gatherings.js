/**
 * Gatherings of customers (K6): what was held this year, against what is wanted; the manager notes one, everybody notes
 * who came. Each has a page of its own, where guests are found as at the counter.
 */
import {list, send} from "ui/api.js";
import {useData} from "ui/data.js";
import {date, dateTime, money, number, parseMoney, theSite, today} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Field} from "ui/parts/field.js";
import {Empty, FormProblem, Loaded} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {Tabs} from "ui/parts/tabs.js";
import {toast} from "ui/parts/toast.js";
import {go, link} from "ui/router.js";
import {hasRole} from "ui/session.js";
import {search} from "../find.js";
import {Tier} from "../pieces.js";

/** How many of the wanted ones were held; for the manager. @param {{year: string}} props */
function Wanted({year}) {
    const data = useData((signal) => list("gatherings/year", {year, limit: 1000}, {signal}), [year]);
    const row = data.value?.rows.find((one) => one.store === theSite().store);
    if (!row) return null;
    return html`<p class="lead">${t("gatherings.held", {held: row.held, wanted: row.wanted ?? 0, year})}</p>`;
}

function Add() {
    const form = useForm({name: "", at: today(), cost: ""}, async ({name, at, cost}, key) => {
        const made = await send("POST", "gatherings", {name: name.trim(), ...(at === today() ? {} : {at}),
            ...(cost.trim() ? {cost: parseMoney(cost)} : {})}, {key});
        toast(t("gatherings.added"));
        go("gatherings", made.id);
    }, {
        check: ({name, cost}) => /** @type {Record<string, string>} */ ({
            ...(name.trim() ? {} : {name: t("field.needed")}),
            ...(cost.trim() && parseMoney(cost) === null ? {cost: t("field.amount")} : {}),
        }),
    });
    return html`<form class="panel" onSubmit=${form.submit} novalidate><h2>${t("gatherings.add")}</h2>
        <${Field} ...${form.field("name")} label=${t("gatherings.name")} />
        <div class="pair">
            <${Field} ...${form.field("at")} label=${t("gatherings.day")} type="date" max=${today()} />
            <${Field} ...${form.field("cost")} label=${t("gatherings.cost")} inputMode="decimal"
                optional=${t("optional")} />
        </div>
        <${FormProblem} form=${form} />
        <${Button} kind="main" type="submit" busy=${form.busy}>${t("gatherings.send")}<//>
    </form>`;
}

/** @param {{query: Record<string, string>}} props */
export function Gatherings({query}) {
    const now = Number(today().slice(0, 4));
    const years = [now, now - 1, now - 2].map(String);
    const year = years.includes(query.year) ? query.year : years[0];
    const data = useData((signal) => list("gatherings", {year, limit: 1000}, {signal}), [year]);
    const columns = [
        {name: "name", label: t("gatherings.name"), cell: (/** @type {any} */ row) => row.name},
        {name: "at", label: t("gatherings.day"), cell: (/** @type {any} */ row) => date(row.at)},
        {name: "attended", label: t("gatherings.attended"), number: true,
            cell: (/** @type {any} */ row) => number(row.attended)},
        {name: "cost", label: t("gatherings.cost"), number: true,
            cell: (/** @type {any} */ row) => (row.cost === null ? "–" : money(row.cost))},
    ];
    return html`<div class="head"><h1>${t("gatherings.title")}</h1>
            <${Button} onClick=${() => print()}>${t("print")}<//></div>
        <${Tabs} label=${t("gatherings.years")} tabs=${years.map((one) => ({
            href: link("gatherings", {year: one}), label: one, current: one === year}))} />
        ${hasRole("manager") ? html`<${Wanted} year=${year} />` : null}
        <${Loaded} data=${data}>${(/** @type {{rows: any[]}} */ {rows}) => html`<${Table}
            caption=${t("gatherings.title")} columns=${columns} rows=${[...rows].reverse()}
            rowKey=${(/** @type {any} */ row) => row.id} href=${(/** @type {any} */ row) => link("gatherings", row.id)}
            empty=${html`<${Empty} title=${t("gatherings.empty", {year})} />`} />`}<//>
        ${hasRole("manager") ? html`<${Add} />` : null}`;
}

/** A person found: one press notes that she was there. @param {{row: any, gathering: any, onDone: () => void}} props */
function Arrive({row, gathering, onDone}) {
    const name = row.name || row.card || row.customer;
    const form = useForm({}, async (_values, key) => {
        await send("POST", `customers/${row.customer}/contacts`, {gathering: gathering.id, purpose: gathering.name},
            {key});
        toast(t("gatherings.noted", {name}));
        onDone();
    });
    return html`<li><form onSubmit=${form.submit}>
        <${Button} type="submit" busy=${form.busy}><b>${name}</b> <span class="number">${row.phone ?? ""}</span>
            <${Tier} tier=${row.tier} /><//>
        <${FormProblem} form=${form} /></form></li>`;
}

/** @param {{gathering: any, guests: any[]}} props */
function Arrivals({gathering, guests}) {
    const [found, setFound] = useState(/** @type {any[] | null} */ (null));
    const form = useForm({whom: ""}, async ({whom}) => setFound(await search(whom)), {
        check: ({whom}) => /** @type {Record<string, string>} */ (whom.trim() ? {} : {whom: t("field.needed")}),
        aliases: {text: "whom"},
        loose: true,
    });
    const here = new Set(guests.map((one) => one.customer));
    function done() {
        setFound(null);
        form.reset();
        const input = document.querySelector("[name=whom]");
        if (input instanceof HTMLElement) input.focus();
    }
    return html`<section class="panel no-print"><h2>${t("gatherings.came")}</h2>
        <form class="one-line" role="search" onSubmit=${form.submit} novalidate>
            <${Field} ...${form.field("whom")} label=${t("find.label")} data-focus />
            <${Button} type="submit" busy=${form.busy}>${t("gatherings.find")}<//>
        </form>
        <${FormProblem} form=${form} />
        <div role="status">${found?.length === 0 ? html`<p class="soft">${t("gatherings.nobody")}</p>` : null}</div>
        ${found?.length ? html`<ul class="arrivals">${found.map((row) => here.has(row.customer)
            ? html`<li key=${row.customer}><p>${t("gatherings.already", {name: row.name || row.customer})}</p></li>`
            : html`<${Arrive} key=${row.customer} row=${row} gathering=${gathering} onDone=${done} />`)}</ul>` : null}
    </section>`;
}

/** @param {{id: string}} props */
export function Gathering({id}) {
    const all = useData((signal) => list("gatherings", {limit: 1000}, {signal}), [id]);
    const guests = useData((signal) => list(`gatherings/${id}/guests`, {limit: 1000}, {signal}), [id]);
    const columns = [
        {name: "name", label: t("field.name"),
            cell: (/** @type {any} */ row) => row.name || row.card || row.customer},
        {name: "card", label: t("field.card"), cell: (/** @type {any} */ row) => row.card ?? ""},
        {name: "phone", label: t("field.phone"), cell: (/** @type {any} */ row) => row.phone ?? ""},
        {name: "at", label: t("gatherings.when"), cell: (/** @type {any} */ row) => dateTime(row.at)},
    ];
    return html`<p class="no-print"><a href="#/gatherings">← ${t("gatherings.title")}</a></p>
        <${Loaded} data=${all}>${(/** @type {{rows: any[]}} */ {rows}) => {
            const gathering = rows.find((one) => one.id === id);
            if (!gathering) return html`<h1>${t("gatherings.title")}</h1><${Empty} title=${t("notfound")} />`;
            return html`<h1>${gathering.name}</h1>
                <p>${date(gathering.at)}${gathering.cost === null ? "" : ` · ${money(gathering.cost)}`}</p>
                <${Loaded} data=${guests}>${(/** @type {{rows: any[]}} */ came) => html`
                    <${Arrivals} gathering=${gathering} guests=${came.rows} />
                    <h2>${t("gatherings.guests", {count: came.rows.length})}</h2>
                    <${Table} caption=${t("gatherings.came")} columns=${columns} rows=${came.rows}
                        rowKey=${(/** @type {any} */ row) => row.customer}
                        href=${(/** @type {any} */ row) => link("customer", row.customer)}
                        empty=${html`<${Empty} title=${t("gatherings.none")} />`} />`}<//>`;
        }}<//>`;
}
