/**
 * A dialog: the browser's own, so that focus stays inside, Escape closes it and the page behind is out of reach.
 * What was typed in it is not thrown away unasked.
 *     <Dialog title=… onClose=…>…<//>     shown as long as it is drawn; focus goes back to where it was
 */
import {drafts, leave} from "../drafts.js";
import {html, useId, useLayoutEffect, useRef} from "../html.js";
import {t} from "../i18n.js";
import {Button} from "./button.js";

/** @param {{title: any, onClose: () => void, wide?: boolean, children?: any}} props */
export function Dialog({title, onClose, wide, children}) {
    const id = useId();
    const before = useRef(/** @type {Set<object> | null} */ (null));
    before.current ??= drafts();
    const close = () => leave(onClose, before.current ?? undefined);
    const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
    useLayoutEffect(() => {
        const shown = dialog.current;
        shown?.showModal();
        // Closed while it is still on the page: only then does the browser give the focus back, and at once, so that
        // what is typed next goes where the user looks.
        return () => shown?.close();
    }, []);
    return html`<dialog ref=${dialog} class=${wide ? "wide" : undefined} aria-labelledby=${id}
        onClose=${() => { if (dialog.current?.isConnected) onClose(); }}
        onCancel=${(/** @type {Event} */ event) => { event.preventDefault(); close(); }}>
        <div class="title"><h2 id=${id}>${title}</h2>
            <${Button} kind="quiet" onClick=${close} aria-label=${t("close")}>✕<//></div>
        ${children}
    </dialog>`;
}
