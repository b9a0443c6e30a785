/**
 * The question before something typed is thrown away; the word that it is on its way, when it is too late for that.
 * <Leaving/> once in the app; see drafts.js.
 */
import {discard, leaving} from "../drafts.js";
import {html} from "../html.js";
import {t} from "../i18n.js";
import {useShared} from "../state.js";
import {Button} from "./button.js";
import {Dialog} from "./dialog.js";

export function Leaving() {
    const wish = useShared(leaving);
    if (!wish) return null;
    const stay = () => leaving.set(null);
    if (wish.sending) {
        return html`<${Dialog} key="sending" title=${t("sending.title")} onClose=${stay}>
            <p role="status">${t("sending.text")}</p>
            <div class="row"><${Button} onClick=${stay} autofocus>${t("sending.stay")}<//></div>
        <//>`;
    }
    return html`<${Dialog} key="typed" title=${t("leave.title")} onClose=${stay}>
        <p>${t("leave.text")}</p>
        <div class="row"><${Button} kind="main" onClick=${stay} autofocus>${t("leave.stay")}<//>
            <${Button} kind="danger" onClick=${discard}>${t("leave.go")}<//></div>
    <//>`;
}
