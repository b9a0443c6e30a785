/**
 * Keys that work anywhere. A part says while it is shown which it knows; "?" shows them all (parts/keys.js).
 *
 *     useShortcuts([{key: "n", word: "keys.register", run: () => go("register")}]);
 *
 * A letter alone is never taken from somebody who is typing, nor while a dialog is open or the sign-in page stands over
 * the app; with Alt it is from who is typing, too. WCAG 2.1.4 (character keys) is met by the choice to switch single
 * letters off, which is kept on the device.
 */
import {useEffect, useRef} from "preact/hooks";
import {createState} from "./state.js";

/** @typedef {{key: string, word: string, run: () => void}} Shortcut key: as KeyboardEvent.key, lower case */

/** @type {import("./state.js").State<Shortcut[]>} */
export const shortcuts = createState(/** @type {Shortcut[]} */ ([]));
export const lettersOn = createState(read());

function read() {
    try {
        return localStorage.getItem("dangol.letters") !== "off";
    } catch {
        return true;
    }
}

/** @param {boolean} on */
export function chooseLetters(on) {
    try {
        localStorage.setItem("dangol.letters", on ? "on" : "off");
    } catch {
        // it holds until the page is closed
    }
    lettersOn.set(on);
}

/** @param {EventTarget | null} target */
function typing(target) {
    return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

globalThis.addEventListener?.("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey) return;
    if (document.querySelector("dialog[open], .app[inert]")) return;
    const named = event.key.length > 1;
    if (!event.altKey && !named && (typing(event.target) || !lettersOn.get())) return;
    const pressed = event.altKey && /^Key[A-Z]$/.test(event.code) ? event.code[3] : event.key;
    const found = shortcuts.get().findLast((one) => one.key.toLowerCase() === pressed.toLowerCase());
    if (!found) return;
    event.preventDefault();
    found.run();
});

/** @param {Shortcut[]} mine the latest ones shown win */
export function useShortcuts(mine) {
    const current = useRef(mine);
    current.current = mine;
    useEffect(() => {
        const added = mine.map((one, index) => ({...one, run: () => current.current[index].run()}));
        shortcuts.set([...shortcuts.get(), ...added]);
        return () => shortcuts.set(shortcuts.get().filter((one) => !added.includes(one)));
    }, []);
}
