/**
 * A word that something was done, at the foot of the page, read out by screen readers and gone by itself: nothing
 * stands there that somebody would need later. toast("saved"); <Toasts/> once in the app.
 */
import {html} from "../html.js";
import {createState, useShared} from "../state.js";

const SHOWN_MS = 5000;
const current = createState(/** @type {{text: string} | null} */ (null));
let timer = /** @type {any} */ (0);

/** @param {string} text */
export function toast(text) {
    clearTimeout(timer);
    current.set({text});
    timer = setTimeout(() => current.set(null), SHOWN_MS);
}

export function Toasts() {
    const now = useShared(current);
    return html`<div class="toasts" role="status" aria-live="polite">
        ${now ? html`<p class="toast">${now.text}</p>` : null}
    </div>`;
}
