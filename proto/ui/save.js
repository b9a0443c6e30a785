/**
 * Files for the user's own disk: saveFile(name, text) hands one over, <SaveCsv path query name of /> is a button for a
 * list of the server's as CSV.
 */
import {csv} from "./api.js";
import {html, useState} from "./html.js";
import {problemText, t} from "./i18n.js";
import {Button} from "./parts/button.js";
import {toast} from "./parts/toast.js";

const MARK = "\ufeff"; // by which spreadsheets know UTF-8

/** @param {string} name @param {string} text */
export function saveFile(name, text) {
    const marked = text.startsWith(MARK) ? text : MARK + text;
    const url = URL.createObjectURL(new Blob([marked], {type: "text/csv;charset=utf-8"}));
    const link = document.createElement("a");
    Object.assign(link, {href: url, download: name});
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60000); // a slow disk may still read it
}

/** @param {{path: string, query?: import("./api.js").Query, name: string, of: string}} props of: what it holds */
export function SaveCsv({path, query, name, of}) {
    const [busy, setBusy] = useState(false);
    async function save() {
        setBusy(true);
        try {
            saveFile(name, await csv(path, query));
        } catch (problem) {
            toast(problemText(problem));
        } finally {
            setBusy(false);
        }
    }
    return html`<${Button} busy=${busy} onClick=${save}
        aria-label=${t("exports.get.of", {name: of})}>${t("exports.get")}<//>`;
}
