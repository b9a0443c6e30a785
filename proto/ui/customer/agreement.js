/**
 * What a customer agreed to (C4): for what, since when, told to whom. One press notes the answer; it may be withdrawn
 * at any time. `card`: the recall card, of which `id` and `consents` are read.
 */
import {send} from "../api.js";
import {date} from "../format.js";
import {useForm} from "../form.js";
import {html} from "../html.js";
import {t} from "../i18n.js";
import {Button} from "../parts/button.js";
import {FormProblem} from "../parts/notice.js";
import {toast} from "../parts/toast.js";
import {placeText} from "../places.js";
import {mayWrite} from "../session.js";

const PURPOSES = ["service", "news"];

/** Since when, and who was told. @param {any} consent */
function since(consent) {
    const who = [consent.staff, consent.store && placeText(consent.store)].filter(Boolean);
    return who.length > 0 ? t("agreement.since", {day: date(consent.at), who: who.join(", ")}) : date(consent.at);
}

/** @param {{id: string, purpose: string, given: boolean, label: string}} props */
function Answer({id, purpose, given, label}) {
    const form = useForm({}, async (_values, key) => {
        await send("POST", `customers/${id}/consents`, {purpose, [given ? "given" : "withdrawn"]: true}, {key});
        toast(t(given ? "agreement.given.done" : "agreement.withdrawn.done"));
    });
    return html`<form onSubmit=${form.submit}>
        <${Button} type="submit" busy=${form.busy} aria-label=${`${t(`agreement.${purpose}`)}: ${label}`}>${label}<//>
        <${FormProblem} form=${form} /></form>`;
}

/** @param {{id: string, purpose: string, consent: any}} props consent: undefined where nobody asked */
function Purpose({id, purpose, consent}) {
    const state = !consent ? "unasked" : consent.given ? "given" : "withdrawn";
    return html`<li class="agreement" data-purpose=${purpose} data-state=${state}>
        <div><b>${t(`agreement.${purpose}`)}</b> <span class=${`tag ${state === "given" ? "" : "plain"}`}>${
            t(`agreement.is.${state}`)}</span>
            ${consent ? html`<p class="hint">${since(consent)}</p>` : null}</div>
        ${mayWrite() ? html`<div class="row no-print">
            ${consent?.given ? null : html`<${Answer} key="yes" id=${id} purpose=${purpose} given=${true}
                label=${t("agreement.give")} />`}
            ${consent && !consent.given ? null : html`<${Answer} key="no" id=${id} purpose=${purpose} given=${false}
                label=${t(consent ? "agreement.withdraw" : "agreement.refuse")} />`}
        </div>` : null}
    </li>`;
}

/** @param {{card: any}} props */
export function Agreement({card}) {
    return html`<section class="panel"><h2>${t("agreement.title")}</h2>
        <ul>${PURPOSES.map((purpose) => html`<${Purpose} key=${purpose} id=${card.id} purpose=${purpose}
            consent=${card.consents?.find((/** @type {any} */ one) => one.purpose === purpose)} />`)}</ul>
        ${mayWrite() ? html`<p class="hint">${t("agreement.hint")}</p>` : null}
    </section>`;
}
