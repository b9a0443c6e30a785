/** The stores: is each heard of, how much waits, is its clock right, and what is to be done if not. */
import {useData} from "ui/data.js";
import {list} from "ui/api.js";
import {ago, dateTime, number, span} from "ui/format.js";
import {html, useEffect, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Dialog} from "ui/parts/dialog.js";
import {Empty, Loaded} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {hasRole} from "ui/session.js";
import {Take} from "../parts/take.js";
import {Clock, Enrol, Revoke} from "./enrol.js";

/**
 * What the hub's word for a state means, and what it asks for.
 * @param {any} row as `stores` lists it
 * @returns {{name: string, tone: "good" | "warn" | "bad" | "plain", todo: string | null}}
 */
export function storeState(row) {
    const state = String(row.state ?? "");
    if (state === "connected") return {name: "connected", tone: "good", todo: clockToDo(row)};
    if (state === "revoked") return {name: "revoked", tone: "plain", todo: null};
    if (state === "not joined") return {name: "notjoined", tone: "warn", todo: "join"};
    if (state.startsWith("recovered as stream")) return {name: "recovered", tone: "plain", todo: null};
    if (state.startsWith("restored or cloned")) return {name: "copy", tone: "bad", todo: "recover"};
    if (state.includes("another PC")) {
        return {name: state.startsWith("connected") ? "connected" : "offline", tone: "bad", todo: "other"};
    }
    return {name: "offline", tone: "warn", todo: clockToDo(row) ?? "offline"};
}

/** @param {any} row */
function clockToDo(row) {
    if (row.clock === "events in the future") return "future";
    return row.clock === "ahead" || row.clock === "behind" ? "clock" : null;
}

/** @param {any} row */
function clockText(row) {
    if (row.clock === null || row.clock === undefined) return "–";
    if (row.clock === "ahead" || row.clock === "behind") {
        return t(`stores.clock.${row.clock}`, {span: span(Math.abs(row.skew_ms))});
    }
    return t(row.clock === "right" ? "stores.clock.right" : "stores.clock.future");
}

const EVERY_MS = 20000;
const MARKS = {good: "●", warn: "◑", bad: "■", plain: "○"};

/** What IT may do with a store. @param {any} row @returns {string[]} */
function actsOf(row) {
    if (row.state === "revoked") return [];
    return row.state === "not joined" ? ["replace", "revoke"] : ["replace", "clock", "revoke"];
}

/** @param {(act: string, row: any) => void} open */
function doing(open) {
    return {name: "do", label: t("acts"), acts: true, cell: (/** @type {any} */ row) => html`<div class="row">${
        actsOf(row).map((act) => html`<${Button} key=${act} kind="quiet" onClick=${() => open(act, row)}
            aria-label=${`${t(`enrol.${act}`)}: ${row.name || row.store}`}>${t(`enrol.${act}`)}<//>`)}</div>`};
}

const FORMS = /** @type {Record<string, any>} */ ({add: Enrol, replace: Enrol, revoke: Revoke, clock: Clock});

const COLUMNS = () => [
    {name: "store", label: t("store"), cell: (/** @type {any} */ row) => html`<strong>${row.name || row.store}</strong>
        <div class="hint">${[row.store, row.chain].filter(Boolean).join(" · ")}</div>`,
        sort: (/** @type {any} */ row) => row.name || row.store},
    {name: "state", label: t("stores.state"), cell: (/** @type {any} */ row) => {
        const {name, tone} = storeState(row);
        return html`<span class=${`mark-${tone}`}><span aria-hidden="true">${MARKS[tone]} </span>${
            t(`stores.${name}`)}</span>`;
    }, sort: (/** @type {any} */ row) => row.state},
    {name: "seen", label: t("stores.seen"), cell: (/** @type {any} */ row) => row.last_seen
        ? html`<span title=${dateTime(row.last_seen)}>${ago(row.last_seen)}</span>
            <div class="hint">${dateTime(row.last_seen)}</div>` : t("never"),
        sort: (/** @type {any} */ row) => row.last_seen ?? ""},
    {name: "lag", label: t("stores.lag"), number: true, cell: (/** @type {any} */ row) => row.lag === null
        ? "–" : number(row.lag), sort: (/** @type {any} */ row) => row.lag ?? -1},
    {name: "clock", label: t("stores.clock"), cell: clockText},
    {name: "events", label: t("stores.events"), number: true, cell: (/** @type {any} */ row) => number(row.events),
        sort: (/** @type {any} */ row) => row.events},
    {name: "todo", label: t("stores.todo"), cell: (/** @type {any} */ row) => {
        const {todo} = storeState(row);
        return html`${todo ? t(`stores.todo.${todo}`) : html`<span class="soft">${t("stores.todo.nothing")}</span>`}${
            row.erasures_waiting > 0 ? html`<div class="hint">${
                t("stores.erasures", {count: row.erasures_waiting})}</div>` : null}`;
    }},
];

export function Stores() {
    const [open, setOpen] = useState(/** @type {{act: string, row: any} | null} */ (null));
    const mayAct = hasRole("it");
    const Form = open ? FORMS[open.act] : null;
    const data = useData((signal) => list("stores", {limit: 1000}, {signal}), []);
    // That a store is not heard of any more is written nowhere: it has to be asked.
    useEffect(() => {
        const timer = setInterval(() => data.again(), EVERY_MS);
        return () => clearInterval(timer);
    });
    return html`<div class="head"><h1>${t("place.stores")}</h1><${Take} list=${{path: "stores"}}>${mayAct
            ? html`<${Button} kind="main" onClick=${() => setOpen({act: "add", row: null})}>${t("enrol.add")}<//>`
            : null}<//></div>
        <${Loaded} data=${data}>${(/** @type {any} */ found) => html`
            <${Table} caption=${t("place.stores")} columns=${[...COLUMNS(), ...(mayAct ? [doing((act, row) =>
                    setOpen({act, row}))] : [])]} rows=${found.rows}
                rowKey=${(/** @type {any} */ row) => `${row.store} ${row.stream}`}
                empty=${html`<${Empty} title=${t("stores.empty")}>${t("stores.empty.do")}<//>`} />`}<//>
        ${Form && open ? html`<${Dialog} onClose=${() => setOpen(null)} title=${[t(`enrol.${open.act}`),
            open.row && (open.row.name || open.row.store)].filter(Boolean).join(": ")}><${Form} row=${open.row}
            onClose=${() => setOpen(null)} changed=${data.again} /><//>` : null}`;
}
