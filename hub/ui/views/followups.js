/**
 * Whom to call, write to or visit, and why (K2): of all stores, the overdue first; the desk notes the contact that
 * answers one.
 */
import {why} from "ui/customer/why.js";
import {date} from "ui/format.js";
import {html, useState} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Dialog} from "ui/parts/dialog.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {Filters} from "../parts/filters.js";
import {customerHref, storeFilter, storeName, useStores, who} from "../parts/people.js";
import {Contact} from "./care.js";
import {mayAct} from "./desk.js";

export const KINDS = ["promise", "thank", "referral", "newcomer", "letter", "top", "birthday", "occasion", "inactive",
    "rainy"];

/** @param {any[]} stores @param {((row: any) => void) | null} answer */
function columns(stores, answer) {
    return [
        {name: "who", label: t("customer"), cell: who},
        {name: "kind", label: t("followup"), cell: (/** @type {any} */ row) => html`${word("followup", row.kind)}
            <div class="hint">${why(row)}</div>`},
        {name: "due", label: t("column.due"), cell: (/** @type {any} */ row) => html`<span
            class=${`nowrap${row.overdue ? " mark-warn" : ""}`}>${date(row.due)}</span>${row.overdue && !row.done
            ? html` <span class="tag warn">${t("desk.overdue.short")}</span>` : null}${row.done
            ? html` <span class="tag plain">${t("followups.done")}</span>` : null}`},
        {name: "phone", label: t("phone"), cell: (/** @type {any} */ row) => row.phone
            ? html`<a class="nowrap" href=${`tel:${row.phone.replace(/[^+\d]/g, "")}`}>${row.phone}</a>` : "–"},
        {name: "store", label: t("store"), cell: (/** @type {any} */ row) => storeName(stores, row.store)},
        {name: "staff", label: t("staff.who"), cell: (/** @type {any} */ row) => row.staff ?? "–"},
        ...(answer ? [{name: "do", label: t("acts"), acts: true, cell: (/** @type {any} */ row) => row.done ? ""
            : html`<${Button} kind="quiet" onClick=${() => answer(row)}
                aria-label=${`${t("followups.answer")}: ${who(row)}`}>${t("followups.answer")}<//>`}] : []),
    ];
}

/** @param {{query: Record<string, string>}} props */
export function Followups({query}) {
    const stores = useStores();
    const [open, setOpen] = useState(/** @type {any} */ (null));
    const pages = usePages("followups", {kind: query.kind, store: query.store, as_of: query.as_of,
        all: query.show === "all"});
    return html`
        <${Filters} path=${["value", "followups"]} query=${query} list=${pages} fields=${[
            {name: "kind", label: t("followup"), options: [{value: "", label: t("all")},
                ...KINDS.map((value) => ({value, label: t(`followup.${value}`)}))]},
            ...storeFilter(stores),
            {name: "show", label: t("desk.show"), options: [{value: "", label: t("followups.open")},
                {value: "all", label: t("followups.all")}]},
            {name: "as_of", label: t("followups.until"), type: "date"},
        ]} />
        <${Pages} pages=${pages} caption=${t("value.followups")} columns=${columns(stores, mayAct() ? setOpen : null)}
            empty=${t("followups.empty")} hint=${t("followups.empty.do")}
            rowKey=${(/** @type {any} */ row) => row.id}
            href=${(/** @type {any} */ row) => customerHref(row.customer) ?? "#/value/followups"} />
        ${open ? html`<${Dialog} title=${`${who(open)}: ${word("followup", open.kind)}`} onClose=${() => setOpen(null)}>
            <p class="hint">${why(open)}</p>
            <${Contact} row=${{id: open.customer}} answers=${open} onClose=${() => setOpen(null)} /><//>` : null}`;
}
