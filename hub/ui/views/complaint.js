/**
 * One complaint: what was said, what was done by whom, where and when, at all stores and the desk in one thread, steps
 * that were made without knowing of each other marked (X7); and what the desk does next. Opening a new one.
 */
import {get, send} from "ui/api.js";
import {useData} from "ui/data.js";
import {useForm} from "ui/form.js";
import {dateTime, money, span} from "ui/format.js";
import {html} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Choice, Field, Select, TextArea} from "ui/parts/field.js";
import {Meanwhile} from "ui/parts/meanwhile.js";
import {FormProblem, Loaded, Notice} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {go, link} from "ui/router.js";
import {clock, firstAnswer} from "../parts/clocks.js";
import {storeName, useStores, Who} from "../parts/people.js";
import {Take} from "../parts/take.js";
import {Acts} from "./acts.js";
import {acted, mayAct} from "./desk.js";
import {Whose} from "./whose.js";

const LATE_MS = 3600000; // heard of so much later is worth a word
/** A reference that an app made up for its request, which says nothing to anybody. */
const MADE_REF = /(^|\s)([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** @param {{event: any}} props what an entry of the thread says, beside who, where and when */
function Said({event}) {
    const body = event.body ?? {};
    return html`
        ${body.text ? html`<p class="said">${body.text}</p>` : null}
        ${body.reason ? html`<p class="said">${word("said", body.reason)}</p>` : null}
        ${body.skipped ? html`<p class="hint">${t("thread.skipped", {reason: word("said", body.skipped)})}</p>` : null}
        ${body.cause ? html`<p>${t("thread.cause", {cause: body.cause})}</p>` : null}
        ${body.settlement ? html`<p>${word("settlement", body.settlement)}${body.cost
            ? ` · ${money(body.cost)}` : ""}</p>` : null}
        ${body.satisfied === undefined || body.satisfied === null ? null : html`<p class=${body.satisfied
            ? "mark-good" : "mark-bad"}>${t(body.satisfied ? "thread.satisfied" : "thread.unsatisfied")}${body.score
            ? ` · ${body.score}/5` : ""}</p>`}`;
}

/** @param {any} event */
function title(event) {
    const body = event.body ?? {};
    if (event.type === "stepped") return word("step", body.step);
    if (event.type === "routed") {
        return t("thread.routed", {level: word("level", body.level), store: body.store ? ` ${body.store}` : ""});
    }
    return word("event", event.type);
}

/** @param {{event: any, stores: any[]}} props an entry of the thread in one line */
function Told({event, stores}) {
    const body = event.body ?? {};
    return html`${dateTime(event.at)} · ${storeName(stores, event.where)}${event.actor ? ` · ${event.actor}`
        : ""}: <b>${title(event)}</b> ${body.text ?? word("said", body.reason)}`;
}

/** @param {{thread: any[], stores: any[]}} props */
function Thread({thread, stores}) {
    return html`<ol class="thread">${thread.map((event) => {
        const late = event.received ? Date.parse(event.received) - Date.parse(event.at) : 0;
        const name = `${event.where === "desk" ? "ours" : ""}${event.voided ? " voided" : ""}`;
        return html`<li key=${event.id} class=${name}>
            <div class="head"><h3>${title(event)}</h3>
                ${event.concurrent ? html`<span class="tag warn">${t("complaint.concurrent")}</span>` : null}
                ${event.voided ? html`<span class="tag bad">${t("voided")}</span>` : null}</div>
            <p class="hint"><time datetime=${event.at}>${dateTime(event.at)}</time> ·
                ${" "}${storeName(stores, event.where)}${event.actor ? ` · ${event.actor}` : ""}</p>
            <${Said} event=${event} />
            ${late > LATE_MS && event.where !== "desk" ? html`<p
                class="hint">${t("thread.late", {when: dateTime(event.received)})}</p>` : null}
        </li>`;
    })}</ol>`;
}

/** @param {{row: any, stores: any[]}} props */
function Facts({row, stores}) {
    const {text, tone} = clock(row);
    return html`<dl class="facts">
        <dt>${t("complaint.clock")}</dt><dd class=${`mark-${tone}`}><strong>${text}</strong></dd>
        <dt>${t("complaint.answer")}</dt><dd>${firstAnswer(row)}</dd>
        <dt>${t("customer")}</dt><dd><${Who} row=${row} />${row.phone ? html` · <a
            href=${`tel:${row.phone.replace(/[^+\d]/g, "")}`}>${row.phone}</a>` : null} <${Whose} row=${row} /></dd>
        <dt>${t("store")}</dt><dd>${storeName(stores, row.store)}</dd>
        <dt>${t("complaint.level")}</dt><dd>${word("level", row.level)}${row.escalated
            ? ` – ${t("complaint.escalated.why")}` : ""}</dd>
        <dt>${t("complaint.channel")}</dt><dd>${word("channel", row.channel)}</dd>
        ${row.sku ? html`<dt>${t("article")}</dt><dd>${row.sku}</dd>` : null}
        ${row.paused_ms > 0 ? html`<dt>${t("complaint.paused")}</dt><dd>${span(row.paused_ms)}</dd>` : null}
        ${row.ref && !MADE_REF.test(row.ref) ? html`<dt>${t("complaint.ref")}</dt><dd>${row.ref}</dd>` : null}
        ${row.cycles > 1 ? html`<dt>${t("complaint.cycles")}</dt><dd>${row.cycles}</dd>` : null}
    </dl>`;
}

/** @param {{path: string[]}} props */
export function Complaint({path}) {
    const id = path[1] ?? "";
    const stores = useStores();
    const data = useData((signal) => get(`complaints/${encodeURIComponent(id)}`, {}, {signal}), [id]);
    const again = () => {
        data.again();
        acted();
    };
    return html`
        <p class="no-print"><a href="#/desk">← ${t("place.desk")}</a></p>
        <${Loaded} data=${data}>${(/** @type {any} */ row) => html`
            <div class="head"><h1>${row.topic || t("complaint.one", {id: row.id})}</h1>
                <div class="row"><span class=${`tag ${row.state === "closed" ? "plain" : ""}`}>${
                    word("state", row.state)}</span><${Take} /></div></div>
            ${row.concurrent ? html`<${Notice} kind="warn"><p>${t("complaint.concurrent.why")}</p><//>` : null}
            <div class="two">
                <section class="panel"><h2>${t("thread.title")}</h2>
                    <${Thread} thread=${row.thread} stores=${stores} /></section>
                <div class="side">
                    <section class="panel"><h2 class="unseen">${t("facts")}</h2>
                        <${Facts} row=${row} stores=${stores} /></section>
                    ${mayAct() ? html`<${Meanwhile} now=${row} say=${(/** @type {any} */ event) => html`<${Told}
                        event=${event} stores=${stores} />`}>${(/** @type {any} */ was) => html`<${Acts}
                        key=${`${was.id} ${was.state} ${was.thread.length}`} row=${row} was=${was} stores=${stores}
                        again=${again} />`}<//>` : null}
                </div>
            </div>`}<//>`;
}

/** The note of a new complaint: whose, how it came, what about. */
export function OpenComplaint() {
    const form = useForm({whom: "", channel: "phone", text: "", topic: "", sku: "", level: "store"},
        async ({whom, ...rest}, key) => {
            const {id} = await send("POST", "complaints", {...present(rest), ...named(whom)}, {key});
            toast(t("complaint.noted"));
            acted();
            go("complaints", id);
        }, {
            check: ({text}) => /** @type {Record<string, string>} */ (text.trim() ? {} : {text: t("field.needed")}),
            aliases: {phone: "whom", card: "whom", customer: "whom"},
        });
    const options = (/** @type {string} */ kind, /** @type {string[]} */ names) => names.map((value) => (
        {value, label: t(`${kind}.${value}`)}));
    return html`<h1>${t("desk.new")}</h1>
        <form class="panel narrow" onSubmit=${form.submit} novalidate>
            <${Field} ...${form.field("whom")} label=${t("complain.whom")} hint=${t("complain.whom.hint")}
                optional=${t("optional")} data-focus />
            <${Choice} ...${form.field("channel")} label=${t("complaint.channel")}
                options=${options("channel", ["phone", "hotline", "counter", "third-party"])} />
            <${TextArea} ...${form.field("text")} label=${t("complain.text")} required />
            <${Field} ...${form.field("topic")} label=${t("complain.topic")} optional=${t("optional")} />
            <${Field} ...${form.field("sku")} label=${t("article")} optional=${t("optional")} />
            <${Select} ...${form.field("level")} label=${t("complaint.level")}
                options=${options("level", ["store", "region", "company"])} />
            <${FormProblem} form=${form} />
            <div class="row"><${Button} kind="main" type="submit" busy=${form.busy}>${t("complain.do")}<//>
                <${Button} href=${link("desk")}>${t("cancel")}<//></div>
        </form>`;
}

/** What is filled in. @param {Record<string, any>} values */
export function present(values) {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "" && value !== null));
}

/** A customer as somebody writes one: 12-845 is an id, digits a telephone number, anything else a card.
 * @param {string} typed @returns {Record<string, string>} */
export function named(typed) {
    const text = typed.trim();
    if (!text) return {};
    if (/^\d{1,5}-\d{1,8}$/.test(text)) return {customer: text};
    return /^[+\d][\d\s().-]{5,}$/.test(text) ? {phone: text} : {card: text};
}
