/** Customers who may be one person: side by side, and somebody says whether they are (C5). */
import {get, send, newKey} from "ui/api.js";
import {useData} from "ui/data.js";
import {birthday, date, money, number} from "ui/format.js";
import {html, useState} from "ui/html.js";
import {problemText, t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Dialog} from "ui/parts/dialog.js";
import {Loaded, Notice} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {storeName, useStores, who} from "../parts/people.js";
import {Take} from "../parts/take.js";
import {acted} from "./desk.js";

const FIELDS = ["name", "phone", "card", "email", "birthday", "address"];

/** @param {string} name @param {any} value */
function shown(name, value) {
    return name === "birthday" ? birthday(value) : value;
}

/** @param {{sides: any[]}} props */
function SideBySide({sides}) {
    const rows = [
        ...FIELDS.map((name) => (
            {name: word("field", name), cells: sides.map((one) => shown(name, one.file?.[name] ?? one[name]))})),
        {name: t("spend"), cells: sides.map((one) => money(one.spend))},
        {name: t("visits"), cells: sides.map((one) => number(one.visits))},
        {name: t("last"), cells: sides.map((one) => one.last ? date(one.last) : t("never"))},
        {name: t("customer.ids"), cells: sides.map((one) => (one.ids ?? [one.id]).join(", "))},
    ];
    return html`<table class="sides"><caption class="unseen">${t("duplicates.compare")}</caption>
        <thead><tr><td></td>${sides.map((one) => html`<th scope="col">${who(one)}</th>`)}</tr></thead>
        <tbody>${rows.filter((row) => row.cells.some(Boolean)).map((row) => html`<tr
            class=${row.cells[0] && row.cells[0] === row.cells[1] ? "alike" : ""}><th scope="row">${row.name}</th>
            ${row.cells.map((cell) => html`<td>${cell || html`<span class="soft">–</span>`}</td>`)}</tr>`)}</tbody>
    </table>`;
}

/** @param {{pair: any, onClose: () => void, decided: () => void}} props */
function Decide({pair, onClose, decided}) {
    const data = useData((signal) => Promise.all([pair.customer, pair.other].map((id) =>
        get(`customers/${id}`, {history: 1}, {signal}))), [pair.customer, pair.other], {live: false});
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState("");
    const [key] = useState(newKey);
    /** @param {"links" | "unlinks"} path */
    async function decide(path) {
        setBusy(true);
        setProblem("");
        try {
            await send("POST", path, {a: pair.customer, b: pair.other}, {key: `${path}-${key}`});
            toast(t(`duplicates.${path}.done`));
            decided();
        } catch (failure) {
            setProblem(problemText(failure));
            setBusy(false);
        }
    }
    return html`<${Dialog} wide title=${t("duplicates.ask")} onClose=${onClose}>
        <p class="hint">${t(`duplicates.why.${pair.reason}`)}</p>
        <${Loaded} data=${data}>${(/** @type {any} */ sides) => html`<${SideBySide} sides=${sides} />`}<//>
        ${problem ? html`<${Notice} kind="bad"><p>${problem}</p><//>` : null}
        <div class="row"><${Button} kind="main" busy=${busy} onClick=${() => decide("links")}>${
                t("duplicates.link")}<//>
            <${Button} busy=${busy} onClick=${() => decide("unlinks")}>${t("duplicates.never")}<//>
            <${Button} kind="quiet" onClick=${onClose}>${t("duplicates.later")}<//></div>
    <//>`;
}

export function Duplicates() {
    const stores = useStores();
    const pages = usePages("duplicates");
    const [pair, setPair] = useState(/** @type {any} */ (null));
    const columns = [
        {name: "one", label: t("duplicates.one"), cell: (/** @type {any} */ row) => html`${who(row)}
            <div class="hint">${storeName(stores, row.store)}</div>`},
        {name: "other", label: t("duplicates.other"), cell: (/** @type {any} */ row) => html`${
            row.other_name || row.other}<div class="hint">${storeName(stores, row.other_store)}</div>`},
        {name: "why", label: t("duplicates.why"), cell: (/** @type {any} */ row) => word("reason", row.reason)},
        {name: "do", label: t("duplicates.decide"), cell: (/** @type {any} */ row) => html`<${Button}
            onClick=${() => setPair(row)} aria-label=${t("duplicates.look.at", {one: who(row),
                other: row.other_name || row.other})}>${t("duplicates.look")}<//>`},
    ];
    return html`<div class="head"><h1>${t("place.duplicates")}</h1><${Take} list=${pages} /></div>
        <p class="hint">${t("duplicates.hint")}</p>
        <${Pages} pages=${pages} caption=${t("place.duplicates")} columns=${columns} empty=${t("duplicates.empty")}
            rowKey=${(/** @type {any} */ row) => `${row.customer} ${row.other}`} />
        ${pair ? html`<${Decide} pair=${pair} onClose=${() => setPair(null)} decided=${() => {
            setPair(null);
            acted();
            pages.again();
        }} />` : null}`;
}
