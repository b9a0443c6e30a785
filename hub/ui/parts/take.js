/**
 * A list taken along: printed, or as a file for a spreadsheet; and how much of it there is.
 *
 *     <Take list=${pages} />           of usePages; or {path, query} of what is asked otherwise; {rows, name}: as shown
 *     <Take />                         what is no list, and only printed
 */
import {csv as asked} from "ui/api.js";
import {today} from "ui/format.js";
import {html, useState} from "ui/html.js";
import {problemText, t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {toast} from "ui/parts/toast.js";
import {saveFile} from "ui/save.js";

/**
 * @typedef {{path?: string, query?: import("ui/api.js").Query, rows?: any[], next?: string | null,
 *     name?: string}} Taken
 */

/** What a spreadsheet would take for a formula is text, as in the files of the server. @param {any} value */
function cell(value) {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const said = typeof value === "boolean" ? (value ? "yes" : "no")
        : typeof value === "object" ? JSON.stringify(value) : String(value);
    const text = /^[=+\-@\t\r]/.test(said) ? `'${said}` : said;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows as CSV, a column for each name that any of them has. @param {any[]} rows */
export function csv(rows) {
    const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    return [names, ...rows.map((row) => names.map((name) => row[name]))].map(
        (line) => `${line.map(cell).join(",")}\r\n`).join("");
}

/** @param {Taken} list */
async function asFile({path, query, rows, name}) {
    const called = `${(name ?? path ?? "").replace(/[^\w-]+/g, "-")}-${today()}.csv`;
    saveFile(called, path ? await asked(path, query) : csv(rows ?? []));
}

/** @param {{list: Taken}} props how much of it is shown */
function Count({list: {rows, next}}) {
    if (!rows || rows.length === 0) return null;
    return html`<span class="hint" role="status">${t(next ? "take.first" : "take.rows", {count: rows.length})}</span>`;
}

/** @param {{list?: Taken, paper?: boolean, children?: any}} props paper: printed with all that is on the page */
export function Take({list, paper = true, children}) {
    const [busy, setBusy] = useState(false);
    /** @param {Taken} taken */
    async function get(taken) {
        setBusy(true);
        try {
            await asFile(taken);
        } catch (failure) {
            toast(problemText(failure));
        } finally {
            setBusy(false);
        }
    }
    return html`<div class="take">${list ? html`<${Count} list=${list} />` : null}${children}
        ${list ? html`<${Button} busy=${busy} disabled=${list.rows?.length === 0} onClick=${() => get(list)}>${
            t("exports.get")}<//>` : null}
        ${paper ? html`<${Button} onClick=${() => print()}>${t("print")}<//>` : null}</div>`;
}
