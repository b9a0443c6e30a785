/**
 * Who of the staff looks after a customer (C10). Managers and the desk may change it. `card`: the recall card, of which
 * `id` and `custodian` are read.
 */
import {list, send} from "../api.js";
import {useData} from "../data.js";
import {theSite} from "../format.js";
import {useForm} from "../form.js";
import {html, useState} from "../html.js";
import {t} from "../i18n.js";
import {Button} from "../parts/button.js";
import {Dialog} from "../parts/dialog.js";
import {Select} from "../parts/field.js";
import {FormProblem, Loaded} from "../parts/notice.js";
import {toast} from "../parts/toast.js";
import {placeText} from "../places.js";
import {hasRole, mayWrite} from "../session.js";

/** An employee as the value of a choice: two stores may use the same code. @param {any} one */
export function staffKey(one) {
    return `${one.store ?? ""}/${one.staff}`;
}

/** @param {any} one */
export function staffName(one) {
    const name = one.name ? `${one.name} (${one.staff})` : one.staff;
    return theSite().program === "hub" ? `${name}, ${one.store ? placeText(one.store)
        : t("keeper.region")}` : name;
}

/** How the commands name an employee's store: the one they are asked at is not said. @param {string} store */
export function storeOf(store) {
    return store && store !== theSite().store ? {store} : {};
}

/** @param {{card: any, staff: any[], onClose: () => void}} props */
function Choose({card, staff, onClose}) {
    const now = card.custodian ? staffKey(card.custodian) : "";
    const known = staff.some((one) => staffKey(one) === now);
    const listed = [...staff.filter((one) => one.active || staffKey(one) === now),
        ...(card.custodian && !known ? [card.custodian] : [])];
    const form = useForm({custodian: now}, async ({custodian}, key) => {
        const cut = custodian.indexOf("/");
        await send("POST", `customers/${card.id}/custodian`, custodian
            ? {custodian: custodian.slice(cut + 1), ...storeOf(custodian.slice(0, cut))} : {none: true}, {key});
        toast(t("saved"));
        onClose();
    });
    return html`<form onSubmit=${form.submit} novalidate>
        <${Select} ...${form.field("custodian")} label=${t("keeper.who")} options=${[
            {value: "", label: t("keeper.nobody")},
            ...listed.map((one) => ({value: staffKey(one), label: staffName(one)}))]} />
        <${FormProblem} form=${form} />
        <div class="row"><${Button} kind="main" type="submit" busy=${form.busy}>${t("save")}<//>
            <${Button} onClick=${onClose}>${t("cancel")}<//></div>
    </form>`;
}

/** @param {{card: any, onClose: () => void}} props */
function Change({card, onClose}) {
    const staff = useData((signal) => list("staff", {limit: 1000}, {signal}), [], {live: false});
    return html`<${Dialog} title=${t("keeper.title")} onClose=${onClose}><${Loaded} data=${staff}>
        ${(/** @type {any} */ found) => html`<${Choose} card=${card} staff=${found.rows}
            onClose=${onClose} />`}<//><//>`;
}

/** @param {{card: any}} props */
export function Keeper({card}) {
    const [open, setOpen] = useState(false);
    const mine = hasRole("manager", "desk") && mayWrite();
    if (!card.custodian && !mine) return null;
    return html`<section class="panel"><div class="head"><h2>${t("keeper.title")}</h2>
            ${mine ? html`<${Button} kind="quiet" onClick=${() => setOpen(true)}
                aria-label=${t("keeper.change")}>${t("edit")}<//>` : null}</div>
        ${card.custodian ? html`<p class="lead">${card.custodian.staff}${theSite().program === "hub"
            && card.custodian.store ? html` <span class="hint">${
            placeText(card.custodian.store)}</span>` : null}</p>` : html`<p class="soft">${t("keeper.nobody")}</p>`}
        ${open ? html`<${Change} card=${card} onClose=${() => setOpen(false)} />` : null}
    </section>`;
}
