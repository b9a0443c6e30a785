/**
 * A dialog: the browser's own, so that focus stays inside, Escape closes it and the page behind is out of reach.
 *     <Dialog title=… onClose=…>…<//>     shown as long as it is drawn; focus goes back to where it was
 */
import {html, useEffect, useId, useRef} from "../html.js";
import {t} from "../i18n.js";
import {Button} from "./button.js";

/** @param {{title: any, onClose: () => void, wide?: boolean, children?: any}} props */
export function Dialog({title, onClose, wide, children}) {
    const id = useId();
    const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
    useEffect(() => {
        const before = document.activeElement;
        dialog.current?.showModal();
        return () => {
            if (before instanceof HTMLElement && before.isConnected) before.focus();
        };
    }, []);
    return html`<dialog ref=${dialog} class=${wide ? "wide" : undefined} aria-labelledby=${id} onClose=${onClose}
        onCancel=${(/** @type {Event} */ event) => { event.preventDefault(); onClose(); }}>
        <div class="title"><h2 id=${id}>${title}</h2>
            <${Button} kind="quiet" onClick=${onClose} aria-label=${t("close")}>✕<//></div>
        ${children}
    </dialog>`;
}
