/**
 * A contact noted: how, what for, what came of it. Kind and outcome are one tap each; a note, a mark and a promise if
 * there was one. With `answers` it closes a follow-up of today.
 */
import {send} from "ui/api.js";
import {useForm} from "ui/form.js";
import {html} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Choice, Field, TextArea} from "ui/parts/field.js";
import {FormProblem} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {go} from "ui/router.js";
import {options, scores, Whose} from "../pieces.js";

const KINDS = ["call", "sms", "message", "visit", "letter", "gift"];
const OUTCOMES = ["reached", "not-reached", "wrong-number", "declined"];
const PURPOSES = ["thanks", "fit", "birthday", "news", "promise", "greeting"];

/** @param {{id: string, answers?: string, purpose?: string, onDone?: () => void}} props */
export function ContactForm({id, answers, purpose = "", onDone}) {
    const start = {kind: "call", purpose, outcome: "", satisfaction: "", note: "", promise_by: "", promise: ""};
    const form = useForm(start, async (values, key) => {
        const {promise, ...others} = values;
        const body = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== ""));
        if (values.promise_by && promise) body.note = [values.note, promise].filter(Boolean).join("\n");
        await send("POST", `customers/${id}/contacts`, {...body, ...(answers ? {answers} : {})}, {key});
        toast(t("contact.done"));
        onDone?.();
    }, {check: (values) => (values.purpose.trim() ? {} : {purpose: t("field.needed")})});
    return html`<form onSubmit=${form.submit} novalidate>
        <${Choice} ...${form.field("kind")} label=${t("contact.kind")} options=${options("kind", KINDS)} />
        <${Field} ...${form.field("purpose")} label=${t("contact.purpose")} list="purposes" />
        <datalist id="purposes">${PURPOSES.map((one) => html`<option value=${t(`purpose.${one}`)}></option>`)}
            </datalist>
        <${Choice} ...${form.field("outcome")} label=${t("contact.outcome")} options=${options("outcome", OUTCOMES)} />
        <${TextArea} ...${form.field("note")} label=${t("contact.note")} optional=${t("optional")} />
        <details class="later"><summary>${t("contact.more")}</summary>
            <${Choice} ...${form.field("satisfaction")} label=${t("contact.satisfaction")} options=${scores()} />
            <${Field} ...${form.field("promise_by")} label=${t("contact.promise")} type="date"
                hint=${t("contact.promise.hint")} />
            ${form.values.promise_by ? html`<${Field} ...${form.field("promise")}
                label=${t("contact.promise.text")} />` : null}
        </details>
        <${FormProblem} form=${form} />
        <${Button} kind="main" large type="submit" busy=${form.busy}>${t("contact.send")}<//>
    </form>`;
}

/** @param {{id: string}} props */
export function Contact({id}) {
    return html`<h1>${t("contact.title")}</h1><${Whose} id=${id} />
        <div class="panel"><${ContactForm} id=${id} onDone=${() => go("customer", id)} /></div>`;
}
