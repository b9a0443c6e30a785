/**
 * The recall card (C6): whom one has in front of oneself, in two seconds. The name first, then what must not be missed
 * (an overdue promise, an open complaint, a birthday), then what to talk about.
 */
import {get, send} from "ui/api.js";
import {useData} from "ui/data.js";
import {address, ago, date, day, money, quantity} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useLayoutEffect} from "ui/html.js";
import {hasWord, t, word} from "ui/i18n.js";
import {Agreement} from "ui/customer/agreement.js";
import {Keeper} from "ui/customer/keeper.js";
import {Relations} from "ui/customer/relations.js";
import {Tags} from "ui/customer/tags.js";
import {Button} from "ui/parts/button.js";
import {Field} from "ui/parts/field.js";
import {FormProblem, Loaded} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {go, link} from "ui/router.js";
import {useShortcuts} from "ui/shortcuts.js";
import {Find} from "../find.js";
import {birthdayText, NextTier, Tier, turnsText} from "../pieces.js";
import {Packages} from "./packages.js";
import {Rewards} from "./rewards.js";

/** What must not be missed. @param {{card: any}} props */
function Alerts({card}) {
    const near = card.birthday_in_days;
    return html`<ul class="alerts">
        ${card.promises.map((/** @type {any} */ one) => html`<li class=${one.overdue ? "bad" : "warn"}>
            <b>${t(one.overdue ? "card.promise.overdue" : "card.promise", {day: day(one.due)})}</b> ${one.text}
            <${Kept} id=${one.id} /></li>`)}
        ${card.complaints.map((/** @type {any} */ one) => html`<li class=${one.overdue ? "bad" : "warn"}>
            <b>${t("card.complaint", {when: ago(one.opened_at)})}</b> ${one.topic}
            <a href=${link("complaints", one.id)}>${t("card.complaint.open")}</a></li>`)}
        ${near !== null && near !== undefined && near <= 14 ? html`<li class="good"><b>${birthdayText(near)}</b>
            ${turnsText(card.birthday, near)}</li>` : null}
    </ul>`;
}

/** @param {{id: string}} props of a promise */
function Kept({id}) {
    const form = useForm({}, async (_values, key) => {
        await send("POST", `promises/${id}/keep`, {}, {key});
        toast(t("promise.kept"));
    });
    return html`<form class="inline" onSubmit=${form.submit}><${Button} type="submit" busy=${form.busy}>
        ${t("promise.keep")}<//>
        <${FormProblem} form=${form} /></form>`;
}

/** The one field worth asking for now, with the place to write the answer. @param {{card: any}} props */
function AskNext({card}) {
    const field = card.ask_next;
    const form = useForm(/** @type {Record<string, string>} */ ({[field]: ""}), async (values, key) => {
        await send("PATCH", `customers/${card.id}`, values, {key});
        toast(t("saved"));
        form.reset({[field]: ""});
    }, {check: (values) => (values[field].trim() ? {} : {[field]: t("field.needed")})});
    const question = hasWord(`ask.${field}`) ? t(`ask.${field}`) : t("ask.other", {field: word("field", field)});
    return html`<section class="panel">
        <h2>${t("card.ask")}</h2>
        <p class="lead">${question}</p>
        <form onSubmit=${form.submit} novalidate class="one-line">
            <${Field} ...${form.field(field)} label=${word("field", field)} />
            <${Button} type="submit" busy=${form.busy}>${t("save")}<//>
        </form>
        <${FormProblem} form=${form} />
    </section>`;
}

/** @param {{items: any[]}} props */
function Items({items}) {
    if (items.length === 0) return html`<p class="soft">${t("card.items.none")}</p>`;
    return html`<ul class="items">${items.map((one) => html`<li>
        <span class="sku">${one.sku}</span>
        <span class="number">${Number(one.quantity) === 1 ? "" : "× " + quantity(one.quantity)}</span>
        <span class="number">${money(one.amount)}</span>
        <span class="soft">${date(one.at)}</span></li>`)}</ul>`;
}

const FACTS = ["size", "taste", "service", "family", "work", "hobbies", "address", "note"];

/** @param {{card: any}} props */
function Known({card}) {
    const file = useData(() => get(`customers/${card.id}/fields`), [card.id]).value ?? [];
    const facts = FACTS.map((name) => file.find((/** @type {any} */ row) => row.field === name)).filter(Boolean);
    return html`<section class="panel"><div class="head"><h2>${t("card.known")}</h2>
        <${Button} kind="quiet" href=${link("customer", card.id, "file")} keys="E">
            ${t("file.do")}<//></div><dl class="facts">
        ${facts.map((row) => html`<dt>${word("field", row.field)}</dt><dd>${row.value}
            ${row.stale ? html` <span class="tag plain">${t("card.stale")}</span>` : null}</dd>`)}
        <dt>${t("card.visits")}</dt><dd class="number">
            ${t("card.visits.value", {count: card.visits, money: money(card.spend)})}</dd>
    </dl></section>`;
}

/** @param {{card: any}} props */
function Card({card}) {
    return html`<article class="card">
        <header class="panel">
            <div class="head">
                <h1>${address(card.name)}</h1>
                <${Tier} tier=${card.tier} />
            </div>
            <p class="who"><span class="number">${card.phone ?? ""}</span> ${card.card ? html`<span>${card.card}
                </span>` : null}
                ${card.size ? html`<span>${t("field.size")} <b>${card.size}</b></span>` : null}
                <span class="soft">
                    ${card.last_visit ? t("card.last", {when: ago(card.last_visit.at)}) : t("card.first")}</span></p>
            <${NextTier} card=${card} />
            <${Alerts} card=${card} />
            <div class="row actions">
                <${Button} kind="main" large href=${link("customer", card.id, "sell")} keys="S">${t("sell.do")}<//>
                <${Button} large href=${link("customer", card.id, "contact")} keys="C">${t("contact.do")}<//>
                <${Button} large href=${link("customer", card.id, "complain")} keys="X">${t("complain.do")}<//>
                <${Button} large href=${link("customer", card.id, "return")} keys="R">${t("return.do")}<//>
                <${Button} large kind="quiet" href=${link("customer", card.id, "history")} keys="H">
                    ${t("history.do")}<//>
            </div>
        </header>
        <div class="columns">
            <div>
                <section class="panel"><h2>${t("card.items")}</h2><${Items} items=${card.items} /></section>
                <${Packages} id=${card.id} />
                ${card.ask_next ? html`<${AskNext} key=${card.ask_next} card=${card} />` : null}
                <${Rewards} id=${card.id} />
            </div>
            <div>
                <${Tags} card=${card} />
                <${Known} card=${card} />
                <${Relations} card=${card} />
                <${Agreement} card=${card} />
                <${Keeper} card=${card} />
            </div>
        </div>
    </article>`;
}

/** @param {{id: string}} props */
export function CustomerCard({id}) {
    const card = useData((signal) => get(`customers/${id}/recall`, {}, {signal}), [id]);
    useShortcuts([
        {key: "s", word: "sell.do", run: () => go("customer", id, "sell")},
        {key: "c", word: "contact.do", run: () => go("customer", id, "contact")},
        {key: "x", word: "complain.do", run: () => go("customer", id, "complain")},
        {key: "r", word: "return.do", run: () => go("customer", id, "return")},
        {key: "e", word: "file.do", run: () => go("customer", id, "file")},
        {key: "h", word: "history.do", run: () => go("customer", id, "history")},
    ]);
    const there = card.value !== undefined;
    useLayoutEffect(() => {
        const title = document.querySelector(".card h1");
        // Whoever types in another field meanwhile keeps it.
        const elsewhere = document.activeElement?.matches("input:not([data-find]), textarea");
        if (!(title instanceof HTMLElement) || elsewhere) return;
        title.tabIndex = -1;
        title.focus({preventScroll: true});
    }, [there]);
    return html`<${Find} small /><${Loaded} data=${card}>
        ${(/** @type {any} */ value) => html`<${Card} card=${value} />`}<//>`;
}
