/**
 * Somebody writes about a thing that others write about, too. As long as nothing is typed, what stands there follows
 * what they do. What is typed stays, in the form that it was begun in, and what they did since is told above it.
 *
 *     <Meanwhile now=${complaint} say=${(event) => html`…`}>${(was) => html`<${Form} key=${was.steps} …/>`}<//>
 *
 * now: has a thread of events with an id each. was: what it was when one began to type, else `now`. What the children
 * are drawn by (their key, which form it is) comes from `was`; what is checked before it is sent, from `now`.
 */
import {Around} from "../drafts.js";
import {html, useCallback, useRef, useState} from "../html.js";
import {t} from "../i18n.js";
import {Button} from "./button.js";
import {Notice} from "./notice.js";

/** @param {{now: any, say: (event: any) => any, children: (was: any) => any}} props */
export function Meanwhile({now, say, children}) {
    const forms = useRef(/** @type {Map<object, import("../drafts.js").Draft>} */ (new Map()));
    const [draft, setDraft] = useState(/** @type {import("../drafts.js").Draft} */ (""));
    const [turn, setTurn] = useState(0);
    const was = useRef(now);
    const hear = useCallback((/** @type {object} */ form, /** @type {import("../drafts.js").Draft} */ one) => {
        if (one) forms.current.set(form, one);
        else forms.current.delete(form);
        const all = [...forms.current.values()];
        setDraft(all.includes("sending") ? "sending" : all[0] ?? "");
    }, []);
    if (!draft) was.current = now;
    const known = new Set(was.current.thread.map((/** @type {any} */ event) => event.id));
    // One's own may be among them while it is being sent.
    const news = draft === "typed" ? now.thread.filter((/** @type {any} */ event) => !known.has(event.id)) : [];
    return html`
        ${news.length > 0 ? html`<${Notice} kind="warn" role="status">
            <p><b>${t("meanwhile.title")}</b></p>
            <ul>${news.map((/** @type {any} */ event) => html`<li key=${event.id}>${say(event)}</li>`)}</ul>
            <p>${t("meanwhile.kept")}</p>
            <${Button} onClick=${() => setTurn(turn + 1)}>${t("meanwhile.drop")}<//>
        <//>` : null}
        <${Around.Provider} key=${turn} value=${hear}>${children(was.current)}<//>`;
}
