/**
 * Who works here: those of the region itself are taken in, renamed, given another role and leave from here; those of
 * the stores are shown, and changed at their store, where they have their PINs.
 */
import {list, send} from "ui/api.js";
import {useData} from "ui/data.js";
import {useForm} from "ui/form.js";
import {number} from "ui/format.js";
import {html, useState} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Dialog} from "ui/parts/dialog.js";
import {Field, Select} from "ui/parts/field.js";
import {Empty, FormProblem, Loaded} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {toast} from "ui/parts/toast.js";
import {hasRole, seesRegion} from "ui/session.js";
import {Filters} from "../parts/filters.js";
import {storeFilter, storeName, useStores} from "../parts/people.js";
import {present} from "./complaint.js";
import {person} from "./staff.js";

const ROLES = ["desk", "region", "manager", "assistant"];
const OWN = "region"; // in the choice of stores: of none

/** @typedef {{row: any, rows: any[], onClose: () => void, changed: () => void}} Props row: whom; null: somebody new */

/** @param {string} code */
const path = (code) => `staff/${encodeURIComponent(code)}`;

/** @param {{form: any, label: string, kind?: string, onClose: () => void}} props */
function End({form, label, kind = "main", onClose}) {
    return html`<${FormProblem} form=${form} />
        <div class="row"><${Button} kind=${kind} type="submit" busy=${form.busy}>${label}<//>
            <${Button} onClick=${onClose}>${t("cancel")}<//></div>`;
}

/** Taken in, or changed: a change says everything anew. @param {Props} props */
function Say({row, rows, onClose, changed}) {
    const role = ROLES.includes(row?.role) ? row.role : ROLES[0];
    const form = useForm({code: row?.staff ?? "", name: row?.name ?? "", role}, async ({code, ...rest}, key) => {
        await send("PUT", path(code.trim()), present({...rest, name: rest.name.trim()}), {key});
        toast(t("saved"));
        changed();
        onClose();
    }, {check: ({code, name}) => ({
        ...(code.trim() ? {} : {code: t("field.needed")}),
        ...(!row && rows.some((one) => !one.store && one.role && one.staff === code.trim())
            ? {code: t("people.exists")} : {}),
        ...(name.trim() ? {} : {name: t("field.needed")}),
    })});
    return html`<form onSubmit=${form.submit} novalidate>
        ${row ? null : html`<${Field} ...${form.field("code")} label=${t("people.code")} hint=${t("people.code.hint")}
            autoCapitalize="none" spellcheck=${false} />`}
        <${Field} ...${form.field("name")} label=${t("people.name")} />
        <${Select} ...${form.field("role")} label=${t("access.role")} options=${ROLES.map((value) => ({value,
            label: t(`role.${value}`)}))} hint=${t("people.role.hint")} />
        <${End} form=${form} label=${t(row ? "save" : "people.add")} onClose=${onClose} /></form>`;
}

/** @param {Props} props works here no more; whose customers are left is said before the dialog goes */
function Off({row, onClose, changed}) {
    const [left, setLeft] = useState(0);
    const form = useForm({}, async (_values, key) => {
        const {customers = 0} = await send("DELETE", path(row.staff), undefined, {key});
        toast(t("people.gone", {name: row.name || row.staff}));
        changed();
        if (customers > 0) setLeft(customers);
        else onClose();
    });
    if (left > 0) return html`<p>${t("people.left.custody", {count: left, name: row.name || row.staff})}</p>
        <${Button} onClick=${onClose}>${t("close")}<//>`;
    return html`<form onSubmit=${form.submit} novalidate>
        <p>${t("people.off.ask", {name: row.name || row.staff})}</p>
        <${End} form=${form} kind="danger" label=${t("people.off")} onClose=${onClose} /></form>`;
}

const FORMS = /** @type {Record<string, any>} */ ({add: Say, change: Say, back: Say, off: Off});

/** What can be done with somebody of the region's own. @param {any} row @returns {string[]} */
function actsOf(row) {
    if (row.store) return [];
    if (!row.role) return ["add"];
    return row.active ? ["change", "off"] : ["back"];
}

/** @param {any[]} stores @param {((act: string, row: any) => void) | null} open */
function columns(stores, open) {
    return [
        {name: "staff", label: t("staff.who"), cell: person, sort: (/** @type {any} */ row) => row.name || row.staff},
        {name: "store", label: t("store"), cell: (/** @type {any} */ row) => row.store
            ? storeName(stores, row.store) : t("people.own"), sort: (/** @type {any} */ row) => row.store ?? ""},
        {name: "role", label: t("access.role"), cell: (/** @type {any} */ row) => html`${row.role
            ? word("role", row.role) : html`<span class="soft">${t("people.unknown")}</span>`}${row.keeper
            ? html` <span class="tag plain">${t("people.keeper")}</span>` : null}`},
        {name: "state", label: t("people.state"), cell: (/** @type {any} */ row) => row.active
            ? t("people.here") : html`<span class="tag plain">${t("people.left")}</span>`},
        {name: "custody", label: t("staff.custody"), number: true, cell: (/** @type {any} */ row) => html`<span
            class=${!row.active && row.custody > 0 ? "mark-warn" : ""}>${number(row.custody)}</span>`,
            sort: (/** @type {any} */ row) => row.custody},
        ...(open ? [{name: "do", label: t("acts"), acts: true, cell: (/** @type {any} */ row) => html`<div
            class="row">${actsOf(row).map((act) => html`<${Button} key=${act} kind="quiet"
                onClick=${() => open(act, row)} aria-label=${`${t(`people.${act}`)}: ${row.name || row.staff}`}>${
                t(`people.${act}`)}<//>`)}</div>`}] : []),
    ];
}

/** @param {{query: Record<string, string>}} props */
export function Employees({query}) {
    const stores = useStores();
    const data = useData((signal) => list("staff", {limit: 1000}, {signal}), []);
    const [open, setOpen] = useState(/** @type {{act: string, row: any} | null} */ (null));
    const may = hasRole("region", "manager") && seesRegion();
    const all = data.value?.rows ?? [];
    const rows = all.filter((row) => (query.show === "left" ? !row.active : row.active)
        && (!query.store || (row.store ?? OWN) === query.store));
    const Form = open ? FORMS[open.act] : null;
    return html`
        <p class="hint">${t("people.hint")}</p>
        <${Filters} path=${["staff", "people"]} query=${query} list=${{rows, name: "people"}}
            acts=${may ? html`<${Button} kind="main" onClick=${() => setOpen({act: "add", row: null})}>${
                t("people.add")}<//>` : null} fields=${[
            {name: "show", label: t("desk.show"), options: [{value: "", label: t("people.here")},
                {value: "left", label: t("people.left")}]},
            ...storeFilter(stores, [{value: OWN, label: t("people.own")}]),
        ]} />
        <${Loaded} data=${data}>${() => html`<${Table} caption=${t("staff.people")}
            columns=${columns(stores, may ? (act, row) => setOpen({act, row}) : null)} rows=${rows}
            rowKey=${(/** @type {any} */ row) => `${row.store} ${row.staff}`}
            empty=${html`<${Empty} title=${t("people.nobody")} />`} />`}<//>
        ${Form && open ? html`<${Dialog} onClose=${() => setOpen(null)} title=${[t(`people.${open.act}`),
            open.row && (open.row.name || open.row.staff)].filter(Boolean).join(": ")}><${Form} row=${open.row}
            rows=${all} onClose=${() => setOpen(null)} changed=${data.again} /><//>` : null}`;
}
