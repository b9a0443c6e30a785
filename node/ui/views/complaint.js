/**
 * A complaint as a guide: what was done so far on top, then the next step, large, with what to do and what one may say.
 * Another step than the next is possible and asks for the reason (X2).
 */
import {get, send} from "ui/api.js";
import {useData} from "ui/data.js";
import {dateTime, money, parseMoney} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useState} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Choice, Field, Select, TextArea} from "ui/parts/field.js";
import {Meanwhile} from "ui/parts/meanwhile.js";
import {FormProblem, Loaded, Notice} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {placeText} from "ui/places.js";
import {hasRole} from "ui/session.js";
import {options, scores, Whose} from "../pieces.js";
import {leftOut, nextStep, STEPS} from "../steps.js";
import {Clock} from "./complaints.js";

const EMPTY = {text: "", cause: "", kind: "", cost: "", satisfied: "", score: "", skip_reason: ""};

/** The step to make when the customer was not satisfied in the end (X6). */
const LAST_OFFER = "compensate";

/** What each step asks beside its text. */
const FIELDS = /** @type {Record<string, (keyof typeof EMPTY)[]>} */ ({
    cause: ["cause"], compensate: ["kind", "cost"], outcome: ["satisfied", "score"],
});

/** @param {{complaint: any, step: string, onDone: () => void}} props */
function StepForm({complaint, step, onDone}) {
    const skipped = leftOut(complaint, step);
    // A closed one may have any step made again: that is how a last offer is made.
    const again = complaint.state !== "closed" && STEPS.indexOf(step) < STEPS.indexOf(nextStep(complaint));
    const fields = FIELDS[step] ?? [];
    const needsReason = skipped.length > 0 || again;
    const form = useForm(EMPTY, async (values, key) => {
        /** @type {(keyof typeof EMPTY)[]} */
        const names = needsReason ? ["text", ...fields, "skip_reason"] : ["text", ...fields];
        const said = names.filter((name) => values[name].trim() !== "");
        const body = Object.fromEntries(said.map((name) =>
            [name, name === "cost" ? parseMoney(values.cost) : values[name].trim()]));
        await send("POST", `complaints/${complaint.id}/steps/${step}`, body, {key});
        toast(t("complaint.stepped", {step: t(`step.${step}`)}));
        form.reset();
        onDone();
    }, {check: (values) => {
        if (needsReason && !values.skip_reason.trim()) return {skip_reason: t("complaint.skip.needed")};
        const cost = fields.includes("cost") && values.cost.trim();
        if (cost && parseMoney(cost) === null) return {cost: t("field.amount")};
        /** @type {(keyof typeof EMPTY)[]} */
        const needed = ["text", "kind", "satisfied"];
        const missing = needed.filter((name) => (name === "text" || fields.includes(name)) && !values[name].trim());
        return Object.fromEntries(missing.map((name) => [name, t("field.needed")]));
    }});
    return html`<form onSubmit=${form.submit} novalidate>
        ${needsReason ? html`<${Field} ...${form.field("skip_reason")} required data-focus
            label=${again ? t("complaint.again")
                : t("complaint.skip", {steps: skipped.map((one) => t(`step.${one}`)).join(", ")})} />`
            : null}
        ${fields.includes("cause") ? html`<${Field} ...${form.field("cause")} label=${t("complaint.cause")} data-focus
            hint=${t("complaint.cause.hint")} />` : null}
        ${fields.includes("kind") ? html`<${Choice} ...${form.field("kind")} label=${t("complaint.kind")} first
            options=${options("settlement", ["exchange", "refund", "repair", "discount", "gift", "none"])} />
            <${Field} ...${form.field("cost")} label=${t("complaint.cost")} inputMode="decimal"
                optional=${t("optional")} />` : null}
        ${fields.includes("satisfied") ? html`<${Choice} ...${form.field("satisfied")} label=${t("complaint.satisfied")}
            first options=${[{value: "yes", label: t("yes")}, {value: "no", label: t("no")}]} />
            <${Choice} ...${form.field("score")} label=${t("complaint.score")} options=${scores()} />` : null}
        <${TextArea} ...${form.field("text")} required label=${t("complaint.text")} data-focus />
        <${FormProblem} form=${form} />
        <${Button} kind="main" large type="submit" busy=${form.busy}>
            ${t("complaint.done", {step: t(`step.${step}`)})}<//>
    </form>`;
}

/** @param {{complaint: any, was: any, again: () => void}} props was: when one began to type, see Meanwhile */
function Guide({complaint, was, again}) {
    const [other, setOther] = useState("");
    const step = other || (was.offer_due ? LAST_OFFER : nextStep(was));
    const number = STEPS.indexOf(step) + 1;
    return html`<section class="panel guide">
        <p class="soft">${t("complaint.next", {count: number})}</p>
        <h2 class="step">${t(`step.${step}`)}</h2>
        <div class="advice">
            <p>${t(`guide.${step}.do`)}</p>
            <blockquote>${t(`guide.${step}.say`)}</blockquote>
        </div>
        <${StepForm} key=${was.steps} complaint=${complaint} step=${step}
            onDone=${() => { setOther(""); again(); }} />
        <${Select} name="other" label=${t("complaint.other")} value=${step} onValue=${setOther}
            options=${STEPS.map((one, index) => ({value: one, label: `${index + 1}. ${t(`step.${one}`)}`}))} />
    </section>`;
}

/** When, who, where. @param {any} event */
function whence(event) {
    return [dateTime(event.at), event.actor, event.where ? placeText(event.where) : ""].filter(Boolean).join(" ");
}

/** What was done, and the words to it. @param {any} event */
function done({type, body = {}}) {
    const title = type === "stepped" ? t(`step.${body.step}`) : word("event", type);
    return html`<b>${title}</b> ${body.text ?? word("said", body.reason)}`;
}

/** @param {{event: any}} props */
function Entry({event}) {
    const body = event.body ?? {};
    return html`<li>
        <p class="soft number">${whence(event)}
            ${event.concurrent ? html` <span class="tag warn">${t("complaint.concurrent")}</span>` : null}</p>
        <p>${done(event)}</p>
        ${body.skipped ? html`<p class="soft">${
            t("complaint.skipped", {reason: word("said", body.skipped)})}</p>` : null}
        ${body.cost ? html`<p class="soft number">${word("settlement", body.settlement)} ${money(body.cost)}
            </p>` : null}
    </li>`;
}

/** @param {{complaint: any}} props */
function Progress({complaint}) {
    const made = complaint.step === null ? -1 : STEPS.indexOf(complaint.step);
    const left = new Set(complaint.left_out ?? []);
    return html`<ol class="steps" aria-label=${t("complaint.steps")}>${STEPS.map((step, index) => {
        const state = index > made ? (index === made + 1 && complaint.state !== "closed" ? "now" : "todo")
            : left.has(step) ? "left" : "done";
        return html`<li class=${state}><span class="dot" aria-hidden="true">${state === "done" ? "✓" : index + 1}</span>
            <span>${t(`step.${step}`)}</span><span class="unseen">${t(`complaint.state.${state}`)}</span></li>`;
    })}</ol>`;
}

/** What is asked for a word why, and by which name it is sent. */
const WHY = /** @type {Record<string, string>} */ ({pause: "reason", reopen: "text"});

/** @param {{complaint: any, act: "pause" | "resume" | "reopen", again: () => void}} props */
function Act({complaint, act, again}) {
    const name = WHY[act];
    const form = useForm({why: ""}, async ({why}, key) => {
        await send("POST", `complaints/${complaint.id}/${act}`, name ? {[name]: why.trim()} : {}, {key});
        again();
    }, {
        check: ({why}) => /** @type {Record<string, string>} */ (name && !why.trim() ? {why: t("field.needed")} : {}),
        aliases: name ? {[name]: "why"} : {},
    });
    return html`<details class="later no-print"><summary>${t(`complaint.${act}`)}</summary>
        <form onSubmit=${form.submit} novalidate>
            ${name ? html`<${Field} ...${form.field("why")} label=${t(`complaint.${act}.reason`)} />` : null}
            <${FormProblem} form=${form} />
            <${Button} type="submit" busy=${form.busy}>${t(`complaint.${act}`)}<//>
        </form></details>`;
}

/** @param {any} complaint @returns {"pause" | "resume" | "reopen" | null} what else is possible in its state */
function actOf({state}) {
    if (state === "closed") return hasRole("manager") ? "reopen" : null;
    return state === "paused" ? "resume" : "pause";
}

/** Closed by its outcome, it still wants to be followed up, the last of the steps. @param {any} complaint */
function followUpDue(complaint) {
    return complaint.step !== "follow-up" && nextStep(complaint) === "follow-up";
}

/** What is to be done with it. @param {{complaint: any, was: any, again: () => void}} props */
function Work({complaint, was, again}) {
    const act = actOf(was);
    const finished = was.state === "closed" && !was.offer_due && !followUpDue(was);
    return html`${was.offer_due ? html`<${Notice} kind="warn"><p>${t("complaints.unsatisfied.hint")}</p><//>` : null}
        ${finished
            ? html`<div tabindex="-1" data-focus><${Notice} kind="good"><p>${t("complaint.closed")}</p><//></div>`
            : html`<${Guide} complaint=${complaint} was=${was} again=${again} />`}
        ${act ? html`<${Act} key=${act} complaint=${complaint} act=${act} again=${again} />` : null}`;
}

/** @param {{id: string}} props */
export function Complaint({id}) {
    const data = useData(() => get(`complaints/${id}`), [id]);
    return html`<${Loaded} data=${data}>${(/** @type {any} */ value) => html`
        <h1>${value.topic || t("complaint.title")}</h1>
        ${value.customer ? html`<${Whose} id=${value.customer} />`
            : html`<p class="soft">${t("complaints.nobody")}</p>`}
        <p class="row"><span class="tag plain">${t(`level.${value.level}`)}</span> <${Clock} row=${value} />
            ${value.sku ? html`<span class="sku">${value.sku}</span>` : null}</p>
        ${value.level !== "store" ? html`<${Notice}><p>
            ${t("complaint.elsewhere", {level: t(`level.${value.level}`)})}</p><//>` : null}
        <${Progress} complaint=${value} />
        <div class="columns guided">
            <div><${Meanwhile} now=${value} say=${(/** @type {any} */ one) => html`${whence(one)}: ${done(one)}`}>
                ${(/** @type {any} */ was) => html`<${Work} complaint=${value} was=${was} again=${data.again} />`}
            <//></div>
            <section class="panel"><h2>${t("complaint.thread")}</h2>
                <ol class="thread">
                    ${value.thread.map((/** @type {any} */ event) => html`<${Entry} key=${event.id} event=${event} />`)}
                </ol></section>
        </div>`}<//>`;
}
