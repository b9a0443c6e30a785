/**
 * The question before something typed is thrown away. <Leaving/> once in the app; see drafts.js.
 */
import {leaving} from "../drafts.js";
import {html} from "../html.js";
import {t} from "../i18n.js";
import {useShared} from "../state.js";
import {Button} from "./button.js";
import {Dialog} from "./dialog.js";

export function Leaving() {
    const away = useShared(leaving);
    if (!away) return null;
    const stay = () => leaving.set(null);
    return html`<${Dialog} title=${t("leave.title")} onClose=${stay}>
        <p>${t("leave.text")}</p>
        <div class="row"><${Button} kind="main" onClick=${stay} autofocus>${t("leave.stay")}<//>
            <${Button} kind="danger" onClick=${() => { stay(); setTimeout(away); }}>${t("leave.go")}<//></div>
    <//>`;
}
