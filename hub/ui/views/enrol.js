/**
 * What IT does with the stores: one brought in by a join file, its PC replaced, shut out, and the times corrected that
 * a wrong clock wrote.
 */
import {send} from "ui/api.js";
import {useForm} from "ui/form.js";
import {html, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Choice, Field} from "ui/parts/field.js";
import {FormProblem, Notice} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {present} from "./complaint.js";

const MINUTE_MS = 60000;

/** @typedef {{row: any, onClose: () => void, changed: () => void}} Props row: the store; null: one to come */

/** @param {{form: any, label: string, kind?: string, onClose: () => void}} props */
function End({form, label, kind = "main", onClose}) {
    return html`<${FormProblem} form=${form} />
        <div class="row"><${Button} kind=${kind} type="submit" busy=${form.busy}>${label}<//>
            <${Button} onClick=${onClose}>${t("cancel")}<//></div>`;
}

/** The join file, to be carried to the store. @param {{made: any, onClose: () => void}} props */
function JoinFile({made, onClose}) {
    const href = `data:application/octet-stream,${encodeURIComponent(made.join)}`;
    return html`<${Notice} kind="warn"><p>${t("enrol.secret")}</p><//>
        <p>${t("enrol.then", {store: made.store})}</p>
        <p class="hint"><code>dangol-node init DIR --join ${made.store}.join</code></p>
        <div class="row"><${Button} kind="main" href=${href} download=${`${made.store}.join`}>${t("enrol.get")}<//>
            <${Button} onClick=${onClose}>${t("close")}<//></div>`;
}

/** A store brought in, or its PC replaced. @param {Props} props */
export function Enrol({row, onClose, changed}) {
    const [made, setMade] = useState(/** @type {any} */ (null));
    const form = useForm({store: row?.store ?? "", name: row?.name ?? "", chain: row?.chain ?? ""},
        async ({store, name, chain}, key) => {
            setMade(await send("POST", "stores", {store: store.trim(), ...(row ? {replace: true}
                : present({name: name.trim(), chain: chain.trim()}))}, {key}));
            changed();
        }, {check: ({store}) => /** @type {Record<string, string>} */ (store.trim() ? {}
            : {store: t("field.needed")})});
    if (made) return html`<${JoinFile} made=${made} onClose=${onClose} />`;
    if (row) return html`<form onSubmit=${form.submit} novalidate><p>${t("enrol.replace.what")}</p>
        <${End} form=${form} kind="danger" label=${t("enrol.replace")} onClose=${onClose} /></form>`;
    return html`<form onSubmit=${form.submit} novalidate>
        <${Field} ...${form.field("store")} label=${t("enrol.code")} hint=${t("enrol.code.hint")} spellcheck=${false} />
        <${Field} ...${form.field("name")} label=${t("enrol.name")} optional=${t("optional")} />
        <${Field} ...${form.field("chain")} label=${t("enrol.chain")} optional=${t("optional")} />
        <${End} form=${form} label=${t("enrol.add")} onClose=${onClose} /></form>`;
}

/** @param {Props} props */
export function Revoke({row, onClose, changed}) {
    const form = useForm({again: "", reason: ""}, async ({reason}, key) => {
        await send("POST", `stores/${encodeURIComponent(row.store)}/revoke`, present({reason: reason.trim()}), {key});
        toast(t("enrol.revoked", {store: row.name || row.store}));
        changed();
        onClose();
    }, {check: ({again}) => /** @type {Record<string, string>} */ (again.trim() === row.store ? {}
        : {again: t("enrol.wrong")})});
    return html`<form onSubmit=${form.submit} novalidate><p>${t("enrol.revoke.what")}</p>
        <${Field} ...${form.field("again")} label=${t("enrol.again", {store: row.store})} spellcheck=${false} />
        <${Field} ...${form.field("reason")} label=${t("act.why")} optional=${t("optional")} />
        <${End} form=${form} kind="danger" label=${t("enrol.revoke")} onClose=${onClose} /></form>`;
}

/** @param {Props} props */
export function Clock({row, onClose, changed}) {
    const form = useForm({since: "", until: "", way: "ahead", minutes: ""}, async (values, key) => {
        const {since, until, way, minutes} = values;
        await send("POST", `stores/${encodeURIComponent(row.store)}/clock`, present({since, until,
            ms: String((way === "ahead" ? -1 : 1) * Number(minutes) * MINUTE_MS)}), {key});
        toast(t("saved"));
        changed();
        onClose();
    }, {aliases: {ms: "minutes", from: "since"}, check: ({since, minutes}) => ({
        ...(since ? {} : {since: t("field.needed")}),
        ...(Number(minutes) > 0 ? {} : {minutes: t("field.needed")})})});
    return html`<form onSubmit=${form.submit} novalidate><p>${t("enrol.clock.what")}</p>
        <${Choice} ...${form.field("way")} label=${t("enrol.clock.way")} options=${["ahead", "behind"].map(
            (value) => ({value, label: t(`enrol.clock.${value}`)}))} />
        <${Field} ...${form.field("minutes")} label=${t("enrol.clock.minutes")} inputMode="numeric" />
        <${Field} ...${form.field("since")} label=${t("enrol.clock.since")} type="datetime-local"
            hint=${t("enrol.clock.hint")} />
        <${Field} ...${form.field("until")} label=${t("enrol.clock.until")} type="datetime-local"
            optional=${t("optional")} />
        <${End} form=${form} label=${t("enrol.clock.do")} onClose=${onClose} /></form>`;
}
