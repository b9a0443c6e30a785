/**
 * What is done for a customer from the region's page, each in a dialog: a contact or a promise noted, the file put
 * right, a tier given by hand, forgetting on request. A role that may not is shown no button; the server decides.
 */
import {list, send} from "ui/api.js";
import {purposeOf, PURPOSES, purposeSaid} from "ui/customer/contact.js";
import {useData} from "ui/data.js";
import {useForm} from "ui/form.js";
import {date, dateTime} from "ui/format.js";
import {html, useState} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Dialog} from "ui/parts/dialog.js";
import {Choice, Field, Select, TextArea} from "ui/parts/field.js";
import {FormProblem, Loaded, Notice} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {hasRole, mayWrite} from "ui/session.js";
import {storeName, tierName, useStores} from "../parts/people.js";
import {present} from "./complaint.js";
import {acted} from "./desk.js";

const KINDS = ["call", "sms", "message", "visit", "letter", "gift"];
const OUTCOMES = ["reached", "not-reached", "wrong-number", "declined"];
const LEAVING = ["quality", "no-novelty", "service", "competitor", "no-care", "other"];
/** What the desk puts right on the telephone; a store asks for the rest. */
const FIELDS = ["name", "phone", "card", "email", "birthday", "address", "size", "note"];

/** @param {string} prefix @param {string[]} names */
function options(prefix, names) {
    return names.map((value) => ({value, label: t(`${prefix}.${value}`)}));
}

/** The end of each of these forms. @param {{form: any, label: string, kind?: string, onClose: () => void}} props */
function End({form, label, kind = "main", onClose}) {
    return html`<${FormProblem} form=${form} />
        <div class="row"><${Button} kind=${kind} type="submit" busy=${form.busy}>${label}<//>
            <${Button} onClick=${onClose}>${t("cancel")}<//></div>`;
}

/** After it is written. @param {() => void} onClose */
function finished(onClose) {
    toast(t("saved"));
    acted();
    onClose();
}

/** @typedef {{row: any, onClose: () => void}} Props row: the customer */

/** @param {Props & {answers?: any}} props answers: the follow-up that it is */
export function Contact({row, answers, onClose}) {
    const due = answers ? purposeOf(answers) : "thanks";
    const fresh = {kind: "call", purpose: due, other: "", outcome: "reached", satisfaction: "", note: "", matter: "",
        by: "", promise: "", reason: ""};
    const form = useForm(fresh, async (values, _key, {once}) => {
        const {purpose, other, by, promise, reason, ...rest} = values;
        await once("contact", "POST", `customers/${row.id}/contacts`, present(
            {...rest, answers: answers?.id ?? "", purpose: purposeSaid(purpose, other)}));
        if (by) await once("promise", "POST", "promises", {customer: row.id, by, text: promise.trim()});
        if (reason) await once("left", "POST", `customers/${row.id}/left`, {reason});
        finished(onClose);
    }, {aliases: {text: "promise"}, check: ({purpose, other, matter, note, by, promise}) => ({
        ...(purpose === "other" && !other.trim() ? {other: t("field.needed")} : {}),
        ...(matter && !note.trim() ? {note: t("contact.matter.needed")} : {}),
        ...(by && !promise.trim() ? {promise: t("field.needed")} : {}),
    })});
    return html`<form onSubmit=${form.submit} novalidate>
        <${Choice} ...${form.field("kind")} label=${t("contact.kind")} options=${options("kind", KINDS)} />
        <${Select} ...${form.field("purpose")} label=${t("contact.purpose")}
            options=${options("purpose", [...new Set([due, ...PURPOSES])])} />
        ${form.values.purpose === "other"
            ? html`<${Field} ...${form.field("other")} label=${t("contact.purpose.which")} />` : null}
        <${Choice} ...${form.field("outcome")} label=${t("contact.outcome")} options=${options("outcome", OUTCOMES)} />
        <${TextArea} ...${form.field("note")} label=${t("contact.note")} optional=${t("optional")} />
        <details><summary>${t("contact.more")}</summary>
            <${Select} ...${form.field("satisfaction")} label=${t("contact.satisfaction")} options=${[
                {value: "", label: "–"}, ...["5", "4", "3", "2", "1"].map((value) => ({value, label: value}))]} />
            <${Field} ...${form.field("by")} label=${t("contact.promise")} type="date" />
            <${Field} ...${form.field("promise")} label=${t("contact.promise.text")} />
            <${Select} ...${form.field("matter")} label=${t("contact.matter")} hint=${t("contact.matter.hint")}
                options=${[{value: "", label: t("contact.matter.none")},
                    ...options("level", ["store", "region", "company"])]} />
            <${Select} ...${form.field("reason")} label=${t("contact.left")} hint=${t("contact.left.hint")}
                options=${[{value: "", label: "–"}, ...options("leaving", LEAVING)]} />
        </details>
        <${End} form=${form} label=${t("contact.send")} onClose=${onClose} /></form>`;
}

/** @param {Props} props */
function Promised({row, onClose}) {
    const form = useForm({by: "", text: ""}, async (values, key) => {
        await send("POST", "promises", {customer: row.id, by: values.by, text: values.text.trim()}, {key});
        finished(onClose);
    }, {check: ({by, text}) => ({...(by ? {} : {by: t("field.needed")}),
        ...(text.trim() ? {} : {text: t("field.needed")})})});
    return html`<form onSubmit=${form.submit} novalidate>
        <${Field} ...${form.field("text")} label=${t("contact.promise.text")} />
        <${Field} ...${form.field("by")} label=${t("contact.promise")} type="date" hint=${t("contact.promise.hint")} />
        <${End} form=${form} label=${t("save")} onClose=${onClose} /></form>`;
}

/** @param {Props} props */
function File({row, onClose}) {
    const [was] = useState(() => Object.fromEntries(FIELDS.map((name) => [name, row.file?.[name] ?? row[name] ?? ""])));
    const form = useForm(was, async (values, key) => {
        const changed = FIELDS.filter((name) => values[name].trim() !== was[name]);
        const clear = changed.filter((name) => !values[name].trim());
        if (changed.length > 0) {
            await send("PATCH", `customers/${row.id}`, {...Object.fromEntries(changed.filter(
                (name) => !clear.includes(name)).map((name) => [name, values[name].trim()])),
            ...(clear.length > 0 ? {clear} : {})}, {key});
        }
        finished(onClose);
    }, {aliases: {clear: "name"}});
    return html`<form onSubmit=${form.submit} novalidate>
        ${FIELDS.map((name) => html`<${Field} key=${name} ...${form.field(name)} label=${t(`field.${name}`)} />`)}
        <${End} form=${form} label=${t("save")} onClose=${onClose} /></form>`;
}

/** The names of the tiers, the lowest first. @param {any[]} policy */
export function tiersOf(policy) {
    const row = policy.find((one) => one.key === "tiers");
    return String(row?.value ?? "").split(",").map((one) => one.split(":")[0].trim()).filter((one) => one
        && one !== "none");
}

/** @param {Props & {tiers: string[]}} props */
function Tiers({row, tiers, onClose}) {
    const given = Boolean(row.tier_granted && row.tier_granted !== "none");
    const form = useForm({tier: given ? row.tier_granted : tiers.at(-1) ?? "", until: "", reason: ""},
        async ({tier, until, reason}, key) => {
            await send("POST", `customers/${row.id}/grants`,
                present({...(tier ? {tier, until} : {none: true}), reason}), {key});
            finished(onClose);
        });
    return html`<form onSubmit=${form.submit} novalidate>
        <p class="hint">${t("grant.hint", {tier: tierName(row.tier_earned)})}</p>
        <${Choice} ...${form.field("tier")} label=${t("tier")} options=${[
            ...tiers.map((value) => ({value, label: tierName(value)})),
            ...(given ? [{value: "", label: t("grant.none")}] : [])]} />
        ${form.values.tier ? html`<${Field} ...${form.field("until")} label=${t("grant.until")} type="date"
            hint=${t("grant.until.hint")} />` : null}
        <${Field} ...${form.field("reason")} label=${t("act.why")} optional=${t("optional")} />
        <${End} form=${form} label=${t("save")} onClose=${onClose} /></form>`;
}

/** @param {Props} props */
function Grant({row, onClose}) {
    const policy = useData((signal) => list("policy", {limit: 1000}, {signal}), [], {live: false});
    return html`<${Loaded} data=${policy}>${(/** @type {any} */ found) => html`<${Tiers} row=${row}
        tiers=${tiersOf(found.rows)} onClose=${onClose} />`}<//>`;
}

/** @param {{progress: any}} props how far the forgetting is */
function Forgotten({progress}) {
    const stores = useStores();
    return html`<p>${t(progress.done ? "erase.done" : "erase.goes.on")}</p>
        <dl class="facts"><dt>${t("keeper.region")}</dt><dd>${t(progress.hub.destroyed ? "erase.destroyed"
            : "erase.not-yet")}</dd>
        ${progress.stores.map((/** @type {any} */ one) => html`<dt>${storeName(stores, one.store)}</dt>
            <dd>${word("erase", one.state.replace(/[ ,]+/g, "-"), one.state)}${one.state === "not yet" ? html` <span
                class="hint">${one.last_seen ? dateTime(one.last_seen) : t("never")}</span>` : null}</dd>`)}</dl>
        ${progress.elsewhere ? null : html`<${Notice} kind="warn"><p>${t("erase.only.here")}</p><//>`}
        <p class="hint">${t("erase.copies")}</p>`;
}

/** @param {Props} props asked for once more before it is done, as nothing brings it back */
function Erase({row, onClose}) {
    const [progress, setProgress] = useState(/** @type {any} */ (null));
    const form = useForm({again: ""}, async (_values, key) => {
        setProgress(await send("POST", `customers/${row.id}/erase`, {}, {key}));
        acted();
    }, {check: ({again}) => /** @type {Record<string, string>} */ (row.erased_at || again.trim() === row.id ? {}
        : {again: t("erase.wrong")})});
    if (progress) return html`<${Forgotten} progress=${progress} />
        <div class="row"><${Button} onClick=${onClose}>${t("close")}<//></div>`;
    return html`<form onSubmit=${form.submit} novalidate>
        ${row.erased_at ? html`<p>${t("customer.erased", {day: date(row.erased_at)})}</p>` : html`
            <p>${t("erase.what")}</p>
            <${Field} ...${form.field("again")} label=${t("erase.again", {id: row.id})} spellcheck=${false} />`}
        <${End} form=${form} label=${t(row.erased_at ? "erase.look" : "erase.do")}
            kind=${row.erased_at ? "main" : "danger"} onClose=${onClose} /></form>`;
}

const ACTS = [
    {name: "contact", roles: ["desk", "manager", "assistant"], form: Contact},
    {name: "promise", roles: ["desk", "manager", "assistant"], form: Promised},
    {name: "file", roles: ["desk", "manager", "assistant"], form: File},
    {name: "grant", roles: ["manager", "region"], form: Grant},
    {name: "erase", roles: ["region"], form: Erase, always: true},
];

/** @param {{row: any}} props */
export function Care({row}) {
    const [open, setOpen] = useState("");
    const acts = ACTS.filter((act) => hasRole(...act.roles) && mayWrite() && (act.always || !row.erased_at));
    const act = acts.find((one) => one.name === open);
    return html`${acts.map((one) => html`<${Button} key=${one.name} onClick=${() => setOpen(one.name)}>${
            t(row.erased_at ? "erase.look" : `care.${one.name}`)}<//>`)}
        ${act ? html`<${Dialog} title=${t(`care.${act.name}.title`)} onClose=${() => setOpen("")}>
            <${act.form} row=${row} onClose=${() => setOpen("")} /><//>` : null}`;
}

/** An entry of the history taken back, or counting again. @param {{event: any, onClose: () => void}} props */
export function Void({event, onClose}) {
    const form = useForm({reason: ""}, async ({reason}, key) => {
        await send("POST", `events/${event.id}/void`, {reason: reason.trim(), ...(event.voided ? {undo: true} : {})},
            {key});
        finished(onClose);
    }, {aliases: {event: "reason"}, check: ({reason}) => /** @type {Record<string, string>} */ (reason.trim() ? {}
        : {reason: t("field.needed")})});
    const which = `${word("event", event.type)}, ${dateTime(event.at)}`;
    return html`<${Dialog} title=${t(event.voided ? "void.undo.title" : "void.title")} onClose=${onClose}>
        <p>${which}</p><p class="hint">${t("void.hint")}</p>
        <form onSubmit=${form.submit} novalidate>
            <${Field} ...${form.field("reason")} label=${t("act.why")} />
            <${End} form=${form} label=${t(event.voided ? "void.undo" : "void.do")} onClose=${onClose} /></form><//>`;
}

/** A promise was kept. @param {{id: string, text: string}} props */
export function Kept({id, text}) {
    const form = useForm({}, async (_values, key) => {
        await send("POST", `promises/${id}/keep`, {}, {key});
        toast(t("promise.kept"));
        acted();
    });
    if (!mayWrite()) return null;
    return html`<form onSubmit=${form.submit}><${Button} type="submit" busy=${form.busy}
        aria-label=${`${t("promise.keep")}: ${text}`}>${t("promise.keep")}<//><${FormProblem} form=${form} /></form>`;
}
