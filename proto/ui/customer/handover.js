/**
 * All customers of one employee are handed over to another (C10), when the staff change: within a store, or within the
 * region's own staff. For the manager and the desk.
 */
import {list, send} from "../api.js";
import {useData} from "../data.js";
import {useForm} from "../form.js";
import {theSite} from "../format.js";
import {html, useState} from "../html.js";
import {t} from "../i18n.js";
import {Button} from "../parts/button.js";
import {Dialog} from "../parts/dialog.js";
import {Select} from "../parts/field.js";
import {FormProblem, Loaded} from "../parts/notice.js";
import {toast} from "../parts/toast.js";
import {staffKey, staffName, storeOf} from "./keeper.js";

/** @param {{staff: any[], onClose: () => void}} props */
function Choose({staff, onClose}) {
    const form = useForm({from: "", to: ""}, async ({from, to}, key) => {
        const cut = from.indexOf("/");
        const done = await send("POST", "handovers", {from: from.slice(cut + 1), to: to.slice(to.indexOf("/") + 1),
            ...storeOf(from.slice(0, cut))}, {key});
        toast(t("handover.done", {count: done.customers}));
        onClose();
    }, {
        check: ({from, to}) => /** @type {Record<string, string>} */ ({
            ...(from ? {} : {from: t("field.needed")}),
            ...(!to ? {to: t("field.needed")} : from === to ? {to: t("handover.same")} : {}),
        }),
    });
    const nobody = {value: "", label: "–"};
    const named = (/** @type {any} */ one) => ({value: staffKey(one),
        label: one.active ? staffName(one) : `${staffName(one)} – ${t("handover.gone")}`});
    const {from} = form.values;
    const store = from.slice(0, from.indexOf("/"));
    const heirs = staff.filter((one) => one.active && (!from || (one.store ?? "") === store));
    return html`<form onSubmit=${form.submit} novalidate>
        <${Select} ...${form.field("from")} label=${t("handover.from")} options=${[nobody, ...staff.map(named)]}
            onValue=${(/** @type {string} */ chosen) => form.change({from: chosen, to: ""})} />
        <${Select} ...${form.field("to")} label=${t("handover.to")} options=${[nobody, ...heirs.map(named)]} />
        <p class="hint">${t("handover.hint")}</p>
        <${FormProblem} form=${form} />
        <div class="row"><${Button} kind="main" type="submit" busy=${form.busy}>${t("handover.send")}<//>
            <${Button} onClick=${onClose}>${t("cancel")}<//></div>
    </form>`;
}

/** @param {{onClose: () => void}} props */
function Ask({onClose}) {
    const staff = useData((signal) => list("staff", {limit: 1000}, {signal}), [], {live: false});
    const {program, store} = theSite();
    const here = (/** @type {any} */ one) => program === "hub" || one.store === store;
    return html`<${Dialog} title=${t("handover.title")} onClose=${onClose}><${Loaded} data=${staff}>
        ${(/** @type {any} */ found) => html`<${Choose} onClose=${onClose}
            staff=${found.rows.filter(here)} />`}<//><//>`;
}

/** The button, and the dialog behind it. */
export function HandOver() {
    const [open, setOpen] = useState(false);
    return html`<${Button} onClick=${() => setOpen(true)}>${t("handover.do")}<//>
        ${open ? html`<${Ask} onClose=${() => setOpen(false)} />` : null}`;
}
