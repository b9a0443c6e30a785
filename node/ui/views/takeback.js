/**
 * Goods come back: the sale they came from is chosen first, then what of it. What was returned before shows under the
 * sale; the program refuses what was returned already.
 */
import {get, send} from "ui/api.js";
import {useData} from "ui/data.js";
import {dateTime, money, quantity} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Empty, FormProblem, Loaded} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {go} from "ui/router.js";
import {Whose} from "../pieces.js";

const THOUSANDTHS = 1000; // quantities of events

/** @param {{id: string, sale: any, onBack: () => void}} props */
function Pick({id, sale, onBack}) {
    const lines = sale.body.lines.filter((/** @type {any} */ line) => line.quantity > 0);
    const form = useForm({picked: /** @type {boolean[]} */ (lines.map(() => true))}, async ({picked}, key) => {
        const chosen = lines.filter((/** @type {any} */ _line, /** @type {number} */ index) => picked[index]);
        const body = chosen.length === lines.length ? {} : {lines: chosen.map((/** @type {any} */ line) => ({
            sku: line.sku, quantity: String(line.quantity / THOUSANDTHS), amount: line.amount,
        }))};
        await send("POST", `purchases/${sale.id}/returns`, body, {key});
        toast(t("return.done"));
        go("customer", id);
    });
    const {picked} = form.values;
    const sum = lines.reduce((/** @type {number} */ total, /** @type {any} */ line, /** @type {number} */ index) =>
        total + (picked[index] ? line.amount : 0), 0);
    return html`<form class="panel" onSubmit=${form.submit} novalidate>
        <h2>${t("return.what", {when: dateTime(sale.at)})}</h2>
        <fieldset><legend class="unseen">${t("return.lines")}</legend>
            ${lines.map((/** @type {any} */ line, /** @type {number} */ index) => html`<label class="check pick">
                <input type="checkbox" name=${`line.${index}`} checked=${picked[index]}
                    onChange=${(/** @type {any} */ event) => form.change({
                        picked: picked.map((one, at) => (at === index ? event.target.checked : one))})} />
                <span class="sku">${line.sku}</span> <span class="number">× ${quantity(line.quantity / THOUSANDTHS)}
                    </span>
                <span class="number">${money(line.amount)}</span></label>`)}
        </fieldset>
        <${FormProblem} form=${form} />
        <div class="row total">
            <p class="sum number" role="status">${t("return.sum")} <b>${money(sum)}</b></p>
            <${Button} onClick=${onBack}>${t("back")}<//>
            <${Button} kind="main" large type="submit" busy=${form.busy} disabled=${!picked.some(Boolean)}>
                ${t("return.send")}<//>
        </div>
    </form>`;
}

/** @param {{id: string}} props */
export function TakeBack({id}) {
    const [sale, setSale] = useState(/** @type {any} */ (null));
    const file = useData(() => get(`customers/${id}`), [id]);
    return html`<h1>${t("return.title")}</h1><${Whose} id=${id} />
        ${sale ? html`<${Pick} key=${sale.id} id=${id} sale=${sale} onBack=${() => setSale(null)} />`
            : html`<${Loaded} data=${file}>${(/** @type {any} */ value) => {
                const sales = value.history.filter((/** @type {any} */ one) => one.type === "sold" && !one.voided);
                if (sales.length === 0) return html`<${Empty} title=${t("return.none")} />`;
                return html`<section class="panel"><h2>${t("return.which")}</h2><ul class="sales">
                    ${sales.map((/** @type {any} */ one) => html`<li>
                        <button type="button" onClick=${() => setSale(one)}>
                            <b class="number">${dateTime(one.at)}</b>
                            <span>${one.body.lines.map((/** @type {any} */ line) => line.sku).join(", ")}</span>
                            <span class="number">${money(one.body.lines.reduce((/** @type {number} */ sum,
                                /** @type {any} */ line) => sum + line.amount, 0))}</span>
                        </button></li>`)}
                </ul></section>`;
            }}<//>`}`;
}
