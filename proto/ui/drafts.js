/**
 * What was typed and not sent yet, and what is on its way. Forms say so (form.js); whoever leads elsewhere asks first
 * (router.js, parts/dialog.js):
 *
 *     leave(() => go());                  // at once where nothing would be lost, else when the user says so
 *     const before = drafts();            // what is typed from now on is asked for by leave(close, before)
 *
 * What is on its way cannot be discarded, and whoever leaves it would not hear what became of it: leaving waits for the
 * answer. When all is well it goes on by itself, else it comes to nothing, and the form says why.
 */
import {createContext} from "preact";
import {createState} from "./state.js";

/** @typedef {"" | "typed" | "sending"} Draft "": there is nothing to lose */

/** @type {Map<object, Draft>} */
const held = new Map();

/**
 * What waits for the user's word or, where something is on its way, for the answer; null mostly.
 * @typedef {{sending: boolean, forms: object[], away: () => void}} Wish
 * @type {import("./state.js").State<Wish | null>}
 */
export const leaving = createState(/** @type {Wish | null} */ (null));

/** Who around a form wants to hear of its draft, see parts/meanwhile.js. */
export const Around = createContext(/** @type {((form: object, draft: Draft) => void) | null} */ (null));

/** @param {object} form @param {Draft} draft */
export function holdDraft(form, draft) {
    if (draft) held.set(form, draft);
    else held.delete(form);
    const wish = leaving.get();
    if (!wish?.sending || wish.forms.some((one) => held.get(one) === "sending")) return;
    leaving.set(null);
    if (!wish.forms.some((one) => held.has(one))) setTimeout(wish.away);
}

/** The forms with something typed. */
export function drafts() {
    return new Set(held.keys());
}

/** @param {() => void} away @param {Set<object>} [kept] forms that stay where they are */
export function leave(away, kept = new Set()) {
    const forms = [...held.keys()].filter((form) => !kept.has(form));
    if (forms.length === 0) away();
    else leaving.set({forms, away, sending: forms.some((form) => held.get(form) === "sending")});
}

/** The user's word: what was typed is given up. */
export function discard() {
    const wish = leaving.get();
    if (!wish || wish.sending) return;
    leaving.set(null);
    for (const form of wish.forms) held.delete(form);
    setTimeout(wish.away); // when the question is gone, and the focus back
}
