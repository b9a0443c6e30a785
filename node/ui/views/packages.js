/**
 * Packages of a customer (P5): what is left of each and until when; a session that was given is noted with a line for
 * the care log. Nothing is shown of who bought none.
 */
import {list, send} from "ui/api.js";
import {useData} from "ui/data.js";
import {ago, date} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Dialog} from "ui/parts/dialog.js";
import {Field, TextArea} from "ui/parts/field.js";
import {FormProblem} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";

/** @param {string} typed @param {number} most @returns {number | null} a whole number from 1 on */
export function sessionCount(typed, most) {
    const count = /^\d{1,4}$/.test(typed.trim()) ? Number(typed) : 0;
    return count >= 1 && count <= most ? count : null;
}

/** @param {{id: string, one: any, onClose: () => void}} props one: a row of packages */
function Use({id, one, onClose}) {
    const form = useForm({sessions: "1", note: ""}, async ({sessions, note}, key) => {
        const count = sessionCount(sessions, one.left) ?? 1;
        await send("POST", `customers/${id}/sessions`, {sale: one.sale, sku: one.sku, sessions: count,
            ...(note.trim() ? {note: note.trim()} : {})}, {key});
        toast(t("packages.done", {count}));
        onClose();
    }, {
        check: ({sessions}) => /** @type {Record<string, string>} */ (sessionCount(sessions, one.left) === null
            ? {sessions: t("packages.sessions.wrong", {count: one.left})} : {}),
    });
    return html`<${Dialog} title=${t("packages.use.title", {sku: one.sku})} onClose=${onClose}>
        <p>${t("packages.left", {count: one.left})}</p>
        <form onSubmit=${form.submit} novalidate>
            <${Field} ...${form.field("sessions")} label=${t("packages.sessions")} inputMode="numeric" />
            <${TextArea} ...${form.field("note")} label=${t("packages.note")} hint=${t("packages.note.hint")}
                optional=${t("optional")} />
            <${FormProblem} form=${form} />
            <div class="row"><${Button} kind="main" type="submit" busy=${form.busy}>${t("packages.send")}<//>
                <${Button} onClick=${onClose}>${t("cancel")}<//></div>
        </form>
    <//>`;
}

/** @param {{id: string, one: any}} props */
function Package({id, one}) {
    const [open, setOpen] = useState(false);
    const usable = one.left > 0 && !one.expired;
    return html`<li class="package">
        <div><b class="sku">${one.sku}</b> <span class=${`tag ${usable ? "" : "plain"}`}>${
            one.expired && one.left > 0 ? t("packages.expired") : t("packages.left", {count: one.left})}</span>
            <p class="hint">${[t("packages.of", {count: one.bought - one.returned}),
                t("packages.until", {day: date(one.expires)}),
                one.last_used && t("packages.used", {when: ago(one.last_used)})].filter(Boolean).join(" · ")}</p></div>
        ${usable ? html`<${Button} onClick=${() => setOpen(true)}
            aria-label=${t("packages.use.of", {sku: one.sku})}>${t("packages.use")}<//>` : null}
        ${open ? html`<${Use} id=${id} one=${one} onClose=${() => setOpen(false)} />` : null}
    </li>`;
}

/** @param {{id: string}} props of the customer */
export function Packages({id}) {
    const data = useData((signal) => list(`customers/${id}/packages`, {limit: 100}, {signal}), [id]);
    const rows = data.value?.rows ?? [];
    if (rows.length === 0) return null;
    return html`<section class="panel"><h2>${t("packages.title")}</h2>
        <ul>${rows.map((one) => html`<${Package} key=${`${one.sale} ${one.sku}`} id=${id} one=${one} />`)}</ul>
    </section>`;
}
