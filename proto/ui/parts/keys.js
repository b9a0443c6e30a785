/**
 * The list of shortcuts, opened by "?". <Keys/> once in the app.
 */
import {html, useState} from "../html.js";
import {t} from "../i18n.js";
import {chooseLetters, lettersOn, shortcuts, useShortcuts} from "../shortcuts.js";
import {useShared} from "../state.js";
import {Button} from "./button.js";
import {Dialog} from "./dialog.js";
import {Check} from "./field.js";

const NAMES = /** @type {Record<string, string>} */ ({escape: "Esc", enter: "⏎", arrowdown: "↓", arrowup: "↑"});

export function Keys() {
    const [open, setOpen] = useState(false);
    useShortcuts([{key: "?", word: "keys.help", run: () => setOpen(true)}]);
    const all = useShared(shortcuts);
    const letters = useShared(lettersOn);
    return html`
        <${Button} kind="quiet" onClick=${() => setOpen(true)} aria-label=${t("keys.help")}>?<//>
        ${open ? html`<${Dialog} title=${t("keys.title")} onClose=${() => setOpen(false)}>
            <dl class="keys">${all.map((one) => html`<div>
                <dt><kbd>${NAMES[one.key.toLowerCase()] ?? one.key.toUpperCase()}</kbd></dt>
                <dd>${t(one.word)}</dd></div>`)}</dl>
            <p class="hint">${t("keys.typing")}</p>
            <${Check} name="letters" value=${letters} onValue=${chooseLetters} label=${t("keys.letters")} />
        <//>` : null}`;
}
