/**
 * A contact noted: how, what for, what came of it. Kind, purpose and outcome are one tap each; a note, a mark and a
 * promise if there was one; whose matter it is what the customer said, and why one comes no more.
 */
import {PURPOSES, purposeSaid} from "ui/customer/contact.js";
import {useForm} from "ui/form.js";
import {html} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Choice, Field, Select, TextArea} from "ui/parts/field.js";
import {FormProblem} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {go} from "ui/router.js";
import {options, scores, Whose} from "../pieces.js";

const KINDS = ["call", "sms", "message", "visit", "letter", "gift"];
const OUTCOMES = ["reached", "not-reached", "wrong-number", "declined"];
const LEAVING = ["quality", "no-novelty", "service", "competitor", "no-care", "other"];
const START = {
    kind: "call", purpose: "thanks", other: "", outcome: "", satisfaction: "", note: "", promise_by: "", promise: "",
    matter: "", reason: "",
};

/** @param {typeof START} values @returns {Record<string, string>} */
function check(values) {
    if (values.purpose === "other" && !values.other.trim()) return {other: t("field.needed")};
    if (values.matter && !values.note.trim()) return {note: t("contact.matter.needed")};
    return values.promise_by && !values.promise.trim() ? {promise: t("field.needed")} : {};
}

/** @param {typeof START} values */
function contactBody(values) {
    const {promise, other, purpose, promise_by: _by, reason: _left, ...others} = values;
    const said = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== ""));
    return {...said, purpose: purposeSaid(purpose, other)};
}

/** @param {{id: string}} props */
export function Contact({id}) {
    const form = useForm(START, async (values, _key, {once}) => {
        await once("contact", "POST", `customers/${id}/contacts`, contactBody(values));
        if (values.promise_by) {
            await once("promise", "POST", "promises",
                {customer: id, by: values.promise_by, text: values.promise.trim()});
        }
        if (values.reason) {
            await once("left", "POST", `customers/${id}/left`, {reason: values.reason});
        }
        toast(t("contact.done"));
        go("customer", id);
    }, {check, aliases: {by: "promise_by", text: "promise"}});
    return html`<h1>${t("contact.title")}</h1><${Whose} id=${id} />
        <form class="panel" onSubmit=${form.submit} novalidate>
            <${Choice} ...${form.field("kind")} label=${t("contact.kind")} options=${options("kind", KINDS)} />
            <${Choice} ...${form.field("purpose")} label=${t("contact.purpose")}
                options=${options("purpose", PURPOSES)} />
            ${form.values.purpose === "other"
                ? html`<${Field} ...${form.field("other")} label=${t("contact.purpose.which")} />` : null}
            <${Choice} ...${form.field("outcome")} label=${t("contact.outcome")}
                options=${options("outcome", OUTCOMES)} />
            <${TextArea} ...${form.field("note")} label=${t("contact.note")} optional=${t("optional")} />
            <details class="later"><summary>${t("contact.more")}</summary>
                <${Choice} ...${form.field("satisfaction")} label=${t("contact.satisfaction")} options=${scores()} />
                <div class="pair">
                    <${Field} ...${form.field("promise_by")} label=${t("contact.promise")} type="date"
                        hint=${t("contact.promise.hint")} />
                    <${Field} ...${form.field("promise")} label=${t("contact.promise.text")} />
                </div>
                <${Choice} ...${form.field("matter")} label=${t("contact.matter")} hint=${t("contact.matter.hint")}
                    options=${[{value: "", label: t("contact.matter.none")},
                        ...options("level", ["store", "region", "company"])]} />
                <${Select} ...${form.field("reason")} label=${t("contact.left")} hint=${t("contact.left.hint")}
                    options=${[{value: "", label: "–"}, ...options("leaving", LEAVING)]} />
            </details>
            <${FormProblem} form=${form} />
            <${Button} kind="main" large type="submit" busy=${form.busy}>${t("contact.send")}<//>
        </form>`;
}
