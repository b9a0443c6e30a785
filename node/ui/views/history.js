/**
 * What happened with a customer, newest first: the events of the file, in words. A manager takes back what was noted
 * by mistake.
 */
import {get} from "ui/api.js";
import {contactText} from "ui/customer/contact.js";
import {useData} from "ui/data.js";
import {dateTime, money} from "ui/format.js";
import {html} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Loaded} from "ui/parts/notice.js";
import {Whose} from "../pieces.js";
import {Void} from "./void.js";

/** What is worth showing of an event, as one line. @param {any} event */
export function gist(event) {
    const body = event.body ?? {};
    if (body.lines) {
        const sum = body.lines.reduce((/** @type {number} */ total, /** @type {any} */ line) => total + line.amount, 0);
        return `${body.lines.map((/** @type {any} */ line) => line.sku).join(", ")} · ${money(sum)}`;
    }
    if (event.type === "tagged") {
        return [body.label ?? word("tag", body.tag), body.on ? "" : t("history.off")].filter(Boolean).join(" · ");
    }
    if (event.type === "consent") {
        return `${word("agreement", body.purpose)} · ${t(`agreement.is.${body.given ? "given" : "withdrawn"}`)}`;
    }
    if (event.type === "custodian") return body.staff ?? t("keeper.nobody");
    if (event.type === "package_used") return [body.sku, body.note].filter(Boolean).join(" · ");
    if (event.type === "stepped") return [t(`step.${body.step}`), body.text].filter(Boolean).join(": ");
    if (event.type === "contacted") return contactText(body);
    return body.text ?? body.note ?? body.name ?? "";
}

/** @param {{id: string}} props */
export function History({id}) {
    const file = useData(() => get(`customers/${id}`), [id]);
    return html`<h1>${t("history.title")}</h1><${Whose} id=${id} />
        <${Loaded} data=${file}>${(/** @type {any} */ value) => html`<ol class="panel thread">
            ${value.history.map((/** @type {any} */ event) => html`<li key=${event.id}
                class=${event.voided ? "voided" : ""}>
                <p class="soft number">${dateTime(event.at)} ${event.actor ?? ""}</p>
                <p><b>${word("event", event.type)}</b> <span class="gist">${gist(event)}</span>
                    ${event.voided ? html` <span class="tag plain">${t("history.voided")}</span>` : null}</p>
                <${Void} event=${event} onDone=${file.again} /></li>`)}
        </ol>`}<//>`;
}
