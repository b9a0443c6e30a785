/**
 * What was typed and not sent yet. Forms say so (form.js); whoever leads elsewhere asks first (router.js,
 * parts/dialog.js):
 *
 *     leave(() => go());                  // at once where nothing would be lost, else when the user says so
 *     const before = drafts();            // what is typed from now on is asked for by leave(close, before)
 */
import {createState} from "./state.js";

/** @type {Set<object>} */
const held = new Set();

/** What waits for the user's word, null mostly. @type {import("./state.js").State<(() => void) | null>} */
export const leaving = createState(/** @type {(() => void) | null} */ (null));

/** @param {object} form @param {boolean} typed */
export function holdDraft(form, typed) {
    if (typed) held.add(form);
    else held.delete(form);
}

/** The forms with something typed. */
export function drafts() {
    return new Set(held);
}

/** @param {() => void} away @param {Set<object>} [kept] forms that stay where they are */
export function leave(away, kept = new Set()) {
    const lost = [...held].filter((form) => !kept.has(form));
    const discard = () => {
        for (const form of lost) held.delete(form);
        away();
    };
    if (lost.length === 0) away();
    else leaving.set(discard);
}
