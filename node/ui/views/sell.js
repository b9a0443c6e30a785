/**
 * A sale: article, quantity, amount of the line; Enter goes on to the next field and from the last to a new line, Ctrl
 * and Enter sends. With a customer or without one. The sum stands large beside the button, to be read to the customer.
 */
import {send} from "ui/api.js";
import {money, parseMoney} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useRef} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Check} from "ui/parts/field.js";
import {FormProblem} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {go} from "ui/router.js";
import {Whose} from "../pieces.js";
import {sessionCount} from "./packages.js";
import {Points} from "./rewards.js";

/** @typedef {{sku: string, quantity: string, amount: string, list: string, sessions: string}} Line */

const CELLS = /** @type {(keyof Line)[]} */ (["sku", "quantity", "amount", "list"]);
const INPUTS = /** @type {Record<string, string>} */ ({sku: "text", sessions: "numeric"});
const MOST_SESSIONS = 1000; // of one package

/** @returns {Line} */
const fresh = () => ({sku: "", quantity: "1", amount: "", list: "", sessions: ""});

/** @param {Line} line */
function untouched(line) {
    return !line.sku.trim() && !line.amount.trim() && !line.list.trim() && !line.sessions.trim();
}

/**
 * @param {{lines: Line[], packages?: boolean}} values packages: a line may be a package of sessions
 * @returns {Record<string, string>} the wrong cells, as "lines.0.amount"
 */
export function checkLines({lines, packages = false}) {
    /** @type {Record<string, string>} */
    const wrong = {};
    lines.forEach((line, index) => {
        if (untouched(line) && (index > 0 || lines.some((one) => !untouched(one)))) return;
        if (!line.sku.trim()) wrong[`lines.${index}.sku`] = t("field.needed");
        /* Of nothing at all the command line may sell, for postage; at the counter it is a slip of the finger. */
        const counted = /^\d+([.]\d{1,3})?$/.test(line.quantity.trim()) && Number(line.quantity) > 0;
        if (!counted) wrong[`lines.${index}.quantity`] = t("sell.quantity.wrong");
        if (parseMoney(line.amount) === null) wrong[`lines.${index}.amount`] = t("field.amount");
        if (line.list.trim() && parseMoney(line.list) === null) wrong[`lines.${index}.list`] = t("field.amount");
        if (packages && line.sessions.trim() && sessionCount(line.sessions, MOST_SESSIONS) === null) {
            wrong[`lines.${index}.sessions`] = t("packages.sessions.wrong", {count: MOST_SESSIONS});
        }
    });
    return wrong;
}

/** @param {Line[]} lines */
export function linesBody(lines) {
    return lines.filter((line) => !untouched(line)).map((line) => ({
        sku: line.sku.trim(), quantity: line.quantity.trim(), amount: parseMoney(line.amount),
        ...(line.list.trim() ? {list_amount: parseMoney(line.list)} : {}),
    }));
}

/** What says which lines are packages (P5). @param {Line[]} lines @returns {{package?: string[]}} */
export function packagesBody(lines) {
    const sold = lines.filter((line) => !untouched(line) && line.sessions.trim());
    return sold.length > 0 ? {package: sold.map((line) => `${line.sku.trim()},${line.sessions.trim()}`)} : {};
}

/**
 * @param {{lines: Line[], cells: (keyof Line)[], errors: Record<string, string>, onLines: (lines: Line[]) => void,
 *     onSend: () => void}} props
 */
function Lines({lines, cells, errors, onLines, onSend}) {
    const table = useRef(/** @type {HTMLElement | null} */ (null));

    /** @param {number} row @param {keyof Line} cell */
    function focus(row, cell) {
        const input = table.current?.querySelector(`[name="lines.${row}.${cell}"]`);
        if (!(input instanceof HTMLInputElement)) return;
        input.focus();
        input.select();
    }

    /** @param {KeyboardEvent} event @param {number} row @param {keyof Line} cell */
    function onKeyDown(event, row, cell) {
        if (event.key !== "Enter" || event.isComposing) return;
        event.preventDefault();
        if (event.ctrlKey || event.metaKey) {
            onSend();
        } else if (cell === "sku") {
            focus(row, "amount");
        } else {
            focus(row + 1, "sku");
        }
    }

    /** @param {number} row @param {keyof Line} cell @param {any} event */
    function typed(row, cell, event) {
        const changed = lines.map((line, index) => (index === row ? {...line, [cell]: event.target.value} : line));
        onLines(untouched(changed[changed.length - 1]) ? changed : [...changed, fresh()]);
    }

    return html`<div class="table lines" ref=${table}><table>
        <caption class="unseen">${t("sell.lines")}</caption>
        <thead><tr>${cells.map((cell) => html`<th scope="col">${t(`sell.${cell}`)}</th>`)}
            <th scope="col"><span class="unseen">${t("sell.remove")}</span></th></tr></thead>
        <tbody>${lines.map((line, row) => html`<tr>${cells.map((cell) => {
            const name = `lines.${row}.${cell}`;
            const error = errors[name];
            return html`<td class=${`${cell}${error ? " wrong" : ""}`} data-label=${t(`sell.${cell}`)}>
                <input name=${name} data-focus=${row === 0 && cell === "sku" || undefined} value=${line[cell]}
                    autoComplete="off" spellcheck=${false}
                    aria-label=${`${t(`sell.${cell}`)} ${row + 1}`}
                    inputMode=${INPUTS[cell] ?? "decimal"}
                    aria-invalid=${error ? "true" : undefined}
                    aria-describedby=${error ? name : undefined}
                    onInput=${(/** @type {any} */ event) => typed(row, cell, event)}
                    onKeyDown=${(/** @type {KeyboardEvent} */ event) => onKeyDown(event, row, cell)} />
                ${error ? html`<p class="error" id=${name}>${error}</p>` : null}</td>`;
        })}
            <td><${Button} kind="quiet" disabled=${lines.length === 1}
                aria-label=${t("sell.remove.line", {count: row + 1})}
                onClick=${() => onLines(lines.filter((_line, index) => index !== row))}>✕<//></td>
        </tr>`)}</tbody>
    </table>
    </div>`;
}

/** @param {{id?: string}} props the customer; none: nobody's */
export function Sell({id}) {
    const start = {lines: [fresh()], packages: false, care_told: false, card_given: false};
    const form = useForm(start, async (values, key) => {
        await send("POST", "purchases", {
            ...(id ? {customer: id} : {}), lines: linesBody(values.lines), care_told: values.care_told,
            card_given: values.card_given, ...(values.packages ? packagesBody(values.lines) : {}),
        }, {key});
        toast(t("sell.done", {money: money(total(values.lines))}));
        if (id) go("customer", id);
        else go();
    }, {check: checkLines});
    const {packages} = form.values;
    const sum = total(form.values.lines);
    return html`<h1>${t("sell.title")}</h1>${id ? html`<${Whose} id=${id} /><${Points} id=${id} />`
        : html`<p class="soft">${t("sell.nobody")}</p>`}
        <form class="panel" onSubmit=${form.submit} novalidate>
            <${Lines} lines=${form.values.lines} cells=${packages ? [...CELLS, "sessions"] : CELLS}
                errors=${form.errors}
                onLines=${(/** @type {Line[]} */ lines) => form.change({lines})}
                onSend=${form.submit} />
            <div class="ticks">
                <${Check} ...${form.field("care_told")} label=${t("sell.care")} />
                <${Check} ...${form.field("card_given")} label=${t("sell.card")} />
                ${id ? html`<${Check} ...${form.field("packages")} label=${t("sell.packages")}
                    hint=${packages ? t("sell.packages.hint") : undefined} />` : null}
            </div>
            <${FormProblem} form=${form} />
            <div class="row total">
                <p class="sum number" role="status">${t("sell.sum")} <b>${money(sum)}</b></p>
                <${Button} kind="main" large type="submit" busy=${form.busy} keys="Ctrl ⏎">${t("sell.send")}<//>
            </div>
        </form>`;
}

/** @param {Line[]} lines */
function total(lines) {
    return lines.reduce((sum, line) => sum + (parseMoney(line.amount) ?? 0), 0);
}
