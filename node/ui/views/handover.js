/**
 * All customers of one employee are handed over to another (C10), when the staff change. For the manager.
 */
import {list, send} from "ui/api.js";
import {useData} from "ui/data.js";
import {theSite} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {staffName} from "ui/customer/keeper.js";
import {Button} from "ui/parts/button.js";
import {Dialog} from "ui/parts/dialog.js";
import {Select} from "ui/parts/field.js";
import {FormProblem, Loaded} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";

/** @param {{staff: any[], onClose: () => void}} props staff: of this store */
function Choose({staff, onClose}) {
    const form = useForm({from: "", to: ""}, async (values, key) => {
        const done = await send("POST", "handovers", values, {key});
        toast(t("handover.done", {count: done.customers}));
        onClose();
    }, {
        check: ({from, to}) => /** @type {Record<string, string>} */ ({
            ...(from ? {} : {from: t("field.needed")}),
            ...(!to ? {to: t("field.needed")} : from === to ? {to: t("handover.same")} : {}),
        }),
    });
    const nobody = {value: "", label: "–"};
    const named = (/** @type {any} */ one) => ({value: one.staff,
        label: one.active ? staffName(one) : `${staffName(one)} – ${t("handover.gone")}`});
    return html`<form onSubmit=${form.submit} novalidate>
        <${Select} ...${form.field("from")} label=${t("handover.from")} options=${[nobody, ...staff.map(named)]} />
        <${Select} ...${form.field("to")} label=${t("handover.to")}
            options=${[nobody, ...staff.filter((one) => one.active).map(named)]} />
        <p class="hint">${t("handover.hint")}</p>
        <${FormProblem} form=${form} />
        <div class="row"><${Button} kind="main" type="submit" busy=${form.busy}>${t("handover.send")}<//>
            <${Button} onClick=${onClose}>${t("cancel")}<//></div>
    </form>`;
}

/** @param {{onClose: () => void}} props */
function Ask({onClose}) {
    const staff = useData((signal) => list("staff", {limit: 1000}, {signal}), [], {live: false});
    return html`<${Dialog} title=${t("handover.title")} onClose=${onClose}><${Loaded} data=${staff}>
        ${(/** @type {any} */ found) => html`<${Choose} onClose=${onClose}
            staff=${found.rows.filter((/** @type {any} */ one) => one.store === theSite().store)} />`}<//><//>`;
}

/** The button, and the dialog behind it. */
export function HandOver() {
    const [open, setOpen] = useState(false);
    return html`<${Button} onClick=${() => setOpen(true)}>${t("handover.do")}<//>
        ${open ? html`<${Ask} onClose=${() => setOpen(false)} />` : null}`;
}
