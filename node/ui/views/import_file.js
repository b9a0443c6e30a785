/** The choice of the file that is taken in. */
import {html, useId} from "ui/html.js";
import {t} from "ui/i18n.js";
import {useShared} from "ui/state.js";
import {choose, work} from "../importing/work.js";

/** @param {{label: string, again?: boolean}} props again: the settings of before are for this one, too */
export function FileChoice({label, again = false}) {
    const {kind, file} = useShared(work);
    const id = useId();
    /** @param {any} event */
    function chosen(event) {
        const [one] = event.target.files;
        if (one) choose(kind, one, again);
        event.target.value = ""; // the same one, corrected, may be chosen again
    }
    return html`<div class="field"><label for=${id}>${label}</label>
        <div class="file-choice"><input id=${id} type="file" name="file" onChange=${chosen}
                accept=".csv,.txt,.tsv,text/csv,text/plain" aria-describedby=${id + "-hint"} />
            <span class="button" aria-hidden="true">${t("import.file.do")}</span>
            ${file && !again ? html`<b>${file.name}</b>` : null}</div>
        <p class="hint" id=${id + "-hint"}>${t("import.file.hint")}</p></div>`;
}
