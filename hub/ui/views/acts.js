/** What can be done with a complaint: the next of the nine steps, hand it on, pause, resume, open it again (X2–X6). */
import {send} from "ui/api.js";
import {parseMoney} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Choice, Field, Select, TextArea} from "ui/parts/field.js";
import {FormProblem} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {hasRole} from "ui/session.js";
import {present} from "./complaint.js";

export const STEPS = ["listen", "empathise", "apologise", "cause", "explain", "propose", "compensate", "outcome",
    "follow-up"];
const SETTLEMENTS = ["exchange", "refund", "repair", "discount", "gift", "none"];

/** The steps made since the complaint was opened or opened again. @param {any} row @returns {Set<string>} */
export function stepsMade(row) {
    const made = new Set();
    for (const event of row.thread ?? []) {
        if (event.voided) continue;
        if (event.type === "reopened") made.clear();
        if (event.type === "stepped") made.add(event.body?.step);
    }
    return made;
}

/** @param {Set<string>} made the first step behind the last one made */
export function nextStep(made) {
    const last = STEPS.findLastIndex((step) => made.has(step));
    return STEPS[Math.min(last + 1, STEPS.length - 1)];
}

/** Steps left out before this one. @param {Set<string>} made @param {string} step */
export function leftOut(made, step) {
    const last = STEPS.findLastIndex((one) => made.has(one));
    const at = STEPS.indexOf(step);
    return at <= last ? made.has(step) : at > last + 1;
}

/** @param {{form: any, step: string}} props what only some steps ask */
function StepFields({form, step}) {
    if (step === "cause") return html`<${Field} ...${form.field("cause")} label=${t("act.cause")}
        hint=${t("act.cause.hint")} optional=${t("optional")} />`;
    if (step === "compensate") {
        return html`<${Select} ...${form.field("kind")} label=${t("act.kind")} options=${SETTLEMENTS.map((value) => (
            {value, label: t(`settlement.${value}`)}))} />
            <${Field} ...${form.field("cost")} label=${t("act.cost")} inputMode="decimal" optional=${t("optional")} />`;
    }
    if (step !== "outcome") return null;
    return html`<${Choice} ...${form.field("satisfied")} label=${t("act.satisfied")}
            options=${[{value: "yes", label: t("yes")}, {value: "no", label: t("no")}]} />
        <${Select} ...${form.field("score")} label=${t("act.score")} options=${[{value: "", label: "–"},
            ...["5", "4", "3", "2", "1"].map((value) => ({value, label: value}))]} />`;
}

/** The body of a step: only what belongs to it. @param {any} values */
function stepBody({step, text, skip_reason, cause, kind, cost, satisfied, score}) {
    const own = /** @type {Record<string, any>} */ ({cause: {cause},
        compensate: {kind, cost: cost.trim() ? parseMoney(cost) : ""},
        outcome: {satisfied, score}});
    return present({text, skip_reason, ...own[step]});
}

/** @param {{row: any, done: (text: string) => void}} props */
function Step({row, done}) {
    const made = stepsMade(row);
    const first = row.offer_due ? "compensate" : nextStep(made); // not satisfied: a last offer (X6)
    const form = useForm({step: first, text: "", skip_reason: "", cause: "", kind: "exchange", cost: "",
        satisfied: "", score: ""}, async (values, key) => {
        await send("POST", `complaints/${row.id}/steps/${values.step}`, stepBody(values), {key});
        done(t("act.noted", {step: t(`step.${values.step}`)}));
    }, {
        check({step, text, cost, satisfied, skip_reason}) {
            const noAmount = step === "compensate" && cost.trim() !== "" && parseMoney(cost) === null;
            return {
                ...(text.trim() ? {} : {text: t("field.needed")}),
                ...(noAmount ? {cost: t("field.amount")} : {}),
                ...(step === "outcome" && !satisfied ? {satisfied: t("field.needed")} : {}),
                ...(leftOut(made, step) && !skip_reason.trim() ? {skip_reason: t("field.needed")} : {}),
            };
        },
    });
    const step = form.values.step;
    return html`<form onSubmit=${form.submit} novalidate>
        <${Select} ...${form.field("step")} label=${t("act.step")} hint=${t(`step.${step}.hint`)}
            options=${STEPS.map((value, index) => ({value,
                label: `${index + 1} ${t(`step.${value}`)}${made.has(value) ? " ✓" : ""}`}))} />
        <${StepFields} form=${form} step=${step} />
        <${TextArea} ...${form.field("text")} label=${t("act.text")} />
        ${leftOut(made, step) ? html`<${Field} ...${form.field("skip_reason")}
            label=${t(made.has(step) ? "act.again" : "act.skip")} hint=${t("act.skip.hint")} />` : null}
        <${FormProblem} form=${form} />
        <${Button} kind="main" type="submit" busy=${form.busy}>${t("act.do")}<//>
    </form>`;
}

/** @param {{row: any, stores: any[], done: (text: string) => void}} props */
function RouteTo({row, stores, done}) {
    const form = useForm({level: row.level === "store" ? "region" : "store", store: row.store ?? "", text: ""},
        async ({level, store, text}, key) => {
            await send("POST", `complaints/${row.id}/route`,
                present({level, text, store: level === "store" ? store : ""}), {key});
            done(t("act.routed"));
        });
    return html`<form onSubmit=${form.submit} novalidate>
        <${Choice} ...${form.field("level")} label=${t("act.route.level")} options=${["store", "region", "company"].map(
            (value) => ({value, label: t(`level.${value}`)}))} />
        ${form.values.level === "store" ? html`<${Select} ...${form.field("store")} label=${t("store")}
            options=${stores.map((one) => ({value: one.store, label: one.name || one.store}))} />` : null}
        <${TextArea} ...${form.field("text")} label=${t("act.why")} optional=${t("optional")} />
        <${FormProblem} form=${form} />
        <${Button} kind="main" type="submit" busy=${form.busy}>${t("act.route")}<//>
    </form>`;
}

/** Pause, resume, reopen: a word why, and done.
 * @param {{row: any, act: "pause" | "resume" | "reopen", done: (text: string) => void}} props */
function Simple({row, act, done}) {
    const name = act === "pause" ? "reason" : "text";
    const form = useForm({why: ""}, async ({why}, key) => {
        await send("POST", `complaints/${row.id}/${act}`, act === "resume" ? {} : present({[name]: why}), {key});
        done(t(`act.${act}.done`));
    }, {
        check: ({why}) => /** @type {Record<string, string>} */ (act === "pause" && !why.trim()
            ? {why: t("field.needed")} : {}), aliases: {[name]: "why"},
    });
    return html`<form onSubmit=${form.submit} novalidate>
        <p class="hint">${t(`act.${act}.hint`)}</p>
        ${act === "resume" ? null : html`<${TextArea} ...${form.field("why")} label=${t("act.why")} />`}
        <${FormProblem} form=${form} />
        <${Button} kind="main" type="submit" busy=${form.busy}>${t(`act.${act}`)}<//>
    </form>`;
}

/** @param {any} row @returns {string[]} what fits its state */
function actsOf(row) {
    if (row.state === "closed") {
        const again = hasRole("manager", "desk") ? ["reopen"] : [];
        return row.offer_due ? ["step", ...again] : [...again, "step"];
    }
    return ["step", ...(hasRole("manager", "desk") ? ["route"] : []), row.state === "paused" ? "resume" : "pause"];
}

/** @param {{row: any, was: any, stores: any[], again: () => void}} props was: when one began to type, see Meanwhile */
export function Acts({row, was, stores, again}) {
    const acts = actsOf(was);
    const [act, setAct] = useState(acts[0]);
    /** @param {string} text */
    function done(text) {
        toast(text);
        again();
    }
    const form = act === "step" ? html`<${Step} row=${row} done=${done} />`
        : act === "route" ? html`<${RouteTo} row=${row} stores=${stores} done=${done} />`
        : html`<${Simple} key=${act} row=${row} act=${act} done=${done} />`;
    return html`<section class="panel no-print"><h2>${t("act.title")}</h2>
        <${Choice} name="act" label=${t("act.what")} value=${act} onValue=${setAct}
            options=${acts.map((value) => ({value, label: t(`act.${value}`)}))} />
        ${form}</section>`;
}
