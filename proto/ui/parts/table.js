/**
 * A table of rows. columns: [{name, label, cell(row), number?, acts?, sort?(row)}], acts: buttons; `row` opens one: the
 * first cell's link is what the keyboard reaches, a click anywhere in the row does the same. Up and down move between
 * rows. Where rows are drawn as sheets, and there is no head, a menu has the orders. `more` loads the next page when
 * there is one. `caption` names the table for screen readers; the heading above it usually says the same.
 */
import {html, useId, useRef, useState} from "../html.js";
import {t} from "../i18n.js";
import {Button} from "./button.js";

/**
 * @typedef {{name: string, label: any, cell: (row: any) => any, number?: boolean, acts?: boolean,
 *     sort?: (row: any) => string | number}} Column
 */

/** @param {any} a @param {any} b */
function compare(a, b) {
    if (a === b) return 0;
    if (a === null || a === undefined) return 1;
    if (b === null || b === undefined) return -1;
    return typeof a === "string" ? a.localeCompare(b) : a - b;
}

/** @param {KeyboardEvent} event */
function move(event) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const row = event.target instanceof Element ? event.target.closest("tr") : null;
    const next = event.key === "ArrowDown" ? row?.nextElementSibling : row?.previousElementSibling;
    const target = next?.querySelector("a, button");
    if (!(target instanceof HTMLElement)) return;
    event.preventDefault();
    target.focus();
}

/** @param {MouseEvent} event */
function open(event) {
    const target = /** @type {Element} */ (event.target);
    if (target.closest("a, button, input, label") || getSelection()?.toString()) return;
    const row = target.closest("tr");
    const control = row?.querySelector("td a, td button, th a");
    if (control instanceof HTMLElement) control.click();
}

/**
 * The orders, as a menu: shown where the head of the table is not.
 * @param {{columns: Column[], order: {name: string, down: boolean} | null,
 *     onOrder: (order: {name: string, down: boolean} | null) => void}} props
 */
function Orders({columns, order, onOrder}) {
    const id = useId();
    const ways = columns.filter((column) => column.sort).flatMap(({name, label, number}) =>
        [Boolean(number), !number].map((down) => ({value: `${name} ${down}`, label, name, down})));
    if (ways.length === 0) return null;
    const now = order ? `${order.name} ${order.down}` : "";
    return html`<p class="orders no-print"><label for=${id}>${t("order")}</label>
        <select id=${id} onChange=${(/** @type {any} */ event) => {
            const chosen = ways.find((one) => one.value === event.target.value);
            onOrder(chosen ? {name: chosen.name, down: chosen.down} : null);
        }}><option value="" selected=${now === ""}>${t("order.listed")}</option>
            ${ways.map((one) => html`<option value=${one.value} selected=${one.value === now}>${
                t(one.down ? "order.down" : "order.up", {column: one.label})}</option>`)}</select></p>`;
}

/** @param {Column} column */
function look(column) {
    return column.number ? "number" : column.acts ? "acts" : "";
}

/**
 * @param {{caption: string, columns: Column[], rows: any[], rowKey?: (row: any) => string, href?: (row: any) => string,
 *     more?: (() => void) | null, busy?: boolean, empty?: any}} props
 */
export function Table({caption, columns, rows, rowKey, href, more, busy, empty}) {
    const [order, setOrder] = useState(/** @type {{name: string, down: boolean} | null} */ (null));
    const body = useRef(null);
    const by = order && columns.find((column) => column.name === order.name)?.sort;
    const shown = by ? [...rows].sort((a, b) => compare(by(a), by(b)) * (order.down ? -1 : 1)) : rows;
    if (rows.length === 0 && empty) return empty;
    // What can be scrolled can be reached: by what is in it, or by itself.
    const reached = href || columns.some((column) => column.sort);
    return html`<div class="table" tabindex=${reached ? "-1" : "0"} role=${reached ? undefined : "region"}
        aria-label=${reached ? undefined : caption}><${Orders} columns=${columns} order=${order} onOrder=${setOrder} />
        <table class="rows">
        <caption class="unseen">${caption}</caption>
        <thead><tr>${columns.map((column) => html`<th scope="col" class=${look(column)}
            aria-sort=${order?.name === column.name ? (order.down ? "descending" : "ascending") : undefined}>
            ${column.sort ? html`<button type="button" class="sort" onClick=${() => setOrder(
                {name: column.name, down: order?.name === column.name ? !order.down : Boolean(column.number)})}>
                ${column.label}
                <span aria-hidden="true">${order?.name !== column.name ? "" : order.down ? "▾" : "▴"}</span>
            </button>` : column.label}</th>`)}</tr></thead>
        <tbody ref=${body} onKeyDown=${move} onClick=${href ? open : undefined} class=${href ? "links" : ""}>
            ${shown.map((row, index) => html`<tr key=${rowKey ? rowKey(row) : index}>
                ${columns.map((column, place) => place === 0
                    ? html`<th scope="row" class=${look(column)}>${href
                        ? html`<a href=${href(row)}>${column.cell(row)}</a>` : column.cell(row)}</th>`
                    : html`<td class=${look(column)} data-label=${typeof column.label === "string"
                        ? column.label : undefined}>${column.cell(row)}</td>`)}
            </tr>`)}
        </tbody>
    </table>
    ${more ? html`<p class="more"><${Button} busy=${busy} onClick=${more}>${t("more")}<//></p>` : null}
    </div>`;
}
