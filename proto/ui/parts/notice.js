/**
 * Things said in place: Notice (kind "info", "good", "warn", "bad"), FormProblem (what a form's request failed of),
 * Empty (a list with nothing in it, and what to do about that), Loading (shown only if it takes long enough to notice),
 * Loaded (one of these three, or what was asked for).
 */
import {html, useEffect, useState} from "../html.js";
import {problemText, t} from "../i18n.js";
import {Button} from "./button.js";

const NOT_FOUND = 404; // and will be, however often it is asked

/** @param {{kind?: string, role?: string, children?: any}} props */
export function Notice({kind = "info", role, children}) {
    const spoken = role ?? (kind === "bad" ? "alert" : undefined);
    return html`<div class=${`notice ${kind}`} role=${spoken}>${children}</div>`;
}

/**
 * @param {{form: {problem: string, partly: boolean}, alone?: boolean}} props alone: it goes without saying what became
 *   of the rest
 */
export function FormProblem({form, alone}) {
    const rest = form.partly ? "form.partly" : alone ? "" : "form.kept";
    if (!form.problem && !form.partly) return null;
    return html`<${Notice} kind="bad">${form.problem ? html`<p>${form.problem}</p>` : null}
        ${rest ? html`<p class=${form.problem ? "hint" : undefined}>${t(rest)}</p>` : null}<//>`;
}

/** @param {{title: any, children?: any}} props */
export function Empty({title, children}) {
    return html`<div class="empty"><p class="title">${title}</p>${children ? html`<p>${children}</p>` : null}</div>`;
}

export function Loading() {
    const [shown, setShown] = useState(false);
    useEffect(() => {
        const timer = setTimeout(() => setShown(true), 300);
        return () => clearTimeout(timer);
    }, []);
    return html`<p class="loading" role="status">${shown ? t("loading") : " "}</p>`;
}

/**
 * @param {{data: {value: any, problem: any, again: () => void}, children: (value: any) => any}} props
 */
export function Loaded({data, children}) {
    return html`
        ${data.problem ? html`<${Notice} kind="bad"><p>${problemText(data.problem)}</p>
            ${data.problem.status === NOT_FOUND ? null : html`<${Button} onClick=${data.again}>${t("again")}<//>`}
            <//>` : null}
        ${data.value !== undefined ? children(data.value) : data.problem ? null : html`<${Loading} />`}`;
}
