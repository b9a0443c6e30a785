/**
 * Goods come back: the sale they came from is chosen first, then what of it and how much. What came back before stands
 * with the sale and is offered no more; a sale that came back in full is not offered either.
 */
import {get, send} from "ui/api.js";
import {useData} from "ui/data.js";
import {date, dateTime, money, parseMoney, quantity, theSite} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Empty, FormProblem, Loaded} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {go} from "ui/router.js";
import {Whose} from "../pieces.js";
import {quantityOf, restOf, returnsOf, shareOf, THOUSANDTHS} from "../returns.js";

/** @param {any[]} lines */
function listed(lines) {
    return lines.map((line) => line.quantity === THOUSANDTHS ? line.sku
        : `${line.sku} × ${quantity(line.quantity / THOUSANDTHS)}`).join(", ");
}

/** @param {any[]} lines */
function sumOf(lines) {
    return lines.reduce((sum, line) => sum + line.amount, 0);
}

/** What came back of it before. @param {{returns: any[]}} props */
function Before({returns}) {
    return html`${returns.map((one) => html`<span class="hint" key=${one.id}>${t("return.before", {
        day: date(one.at), what: listed(one.body.lines), money: money(sumOf(one.body.lines))})}</span>`)}`;
}

/** @typedef {{picked: boolean, quantity: string, amount: string | null}} Choice of a line; amount null: its part */

/** As it is typed. @param {number} minor */
function plainMoney(minor) {
    return (minor / 10 ** theSite().exponent).toFixed(theSite().exponent);
}

/**
 * What is paid back for a line: its part unless somebody typed another amount, null where that is none.
 * @param {import("../returns.js").Line} line @param {Choice} choice @param {number} count
 */
function amountOf(line, choice, count) {
    if (choice.amount === null) return shareOf(line, count);
    const typed = parseMoney(choice.amount);
    return typed !== null && typed >= 0 && typed <= line.amount ? typed : null;
}

/** @param {{line: import("../returns.js").Line, index: number, form: any}} props */
function Row({line, index, form}) {
    const choice = /** @type {Choice} */ (form.values.lines[index]);
    const name = `lines.${index}.quantity`;
    const error = form.errors[name];
    const several = line.quantity !== THOUSANDTHS;
    const count = quantityOf(choice.quantity, line.quantity);
    const paid = `lines.${index}.amount`;
    const wrong = form.errors[paid];

    /** @param {Partial<Choice>} some */
    function choose(some) {
        form.change({lines: form.values.lines.map((/** @type {Choice} */ one, /** @type {number} */ at) =>
            (at === index ? {...one, ...some} : one))});
    }

    return html`<div class="pick">
        <label class="check"><input type="checkbox" name=${`line.${index}`} checked=${choice.picked}
            onChange=${(/** @type {any} */ event) => choose({picked: event.target.checked})} />
            <span class="sku">${line.sku}</span></label>
        ${several ? html`<label class=${error ? "count wrong" : "count"}>× <input name=${name} inputMode="decimal"
            value=${choice.quantity} autoComplete="off" disabled=${!choice.picked}
            aria-label=${t("return.count", {sku: line.sku})}
            aria-invalid=${error ? "true" : undefined} aria-describedby=${error ? name + "-error" : undefined}
            onInput=${(/** @type {any} */ event) => choose({quantity: event.target.value, amount: null})} />
            <span class="hint">${t("return.of", {count: quantity(line.quantity / THOUSANDTHS)})}</span></label>` : null}
        <span class=${wrong ? "paid wrong" : "paid"}><input name=${paid} inputMode="decimal" autoComplete="off"
            disabled=${!choice.picked} aria-label=${t("return.amount", {sku: line.sku})}
            value=${choice.amount ?? plainMoney(count === null ? 0 : shareOf(line, count))}
            aria-invalid=${wrong ? "true" : undefined} aria-describedby=${wrong ? paid + "-error" : undefined}
            onInput=${(/** @type {any} */ event) => choose({amount: event.target.value})} /></span>
        ${error ? html`<p class="error" id=${name + "-error"}>${error}</p>` : null}
        ${wrong ? html`<p class="error" id=${paid + "-error"}>${wrong}</p>` : null}</div>`;
}

/** @param {{id: string, sale: any, history: any[], onBack: () => void}} props */
function Pick({id, sale, history, onBack}) {
    const [rest] = useState(() => restOf(sale, history)); // what is chosen from stays what it is while one chooses
    const start = rest.map((line) => ({picked: true, quantity: String(line.quantity / THOUSANDTHS),
        amount: /** @type {string | null} */ (null)}));
    /** @param {Choice[]} lines */
    const chosen = (lines) => rest.flatMap((line, index) => {
        const count = lines[index].picked ? quantityOf(lines[index].quantity, line.quantity) : null;
        const amount = count === null ? null : amountOf(line, lines[index], count);
        return count === null || amount === null ? [] : [{sku: line.sku, quantity: count, amount}];
    });
    const form = useForm({lines: start}, async ({lines}, key) => {
        await send("POST", `purchases/${sale.id}/returns`, {lines: chosen(lines).map((line) =>
            ({...line, quantity: String(line.quantity / THOUSANDTHS)}))}, {key});
        toast(t("return.done"));
        go("customer", id);
    }, {
        check: ({lines}) => Object.fromEntries(lines.flatMap((one, index) => {
            const line = rest[index];
            const count = quantityOf(one.quantity, line.quantity);
            if (!one.picked) return [];
            if (count === null) {
                return [[`lines.${index}.quantity`,
                    t("return.count.wrong", {count: quantity(line.quantity / THOUSANDTHS)})]];
            }
            return amountOf(line, one, count) === null ? [[`lines.${index}.amount`,
                t("return.amount.wrong", {money: money(line.amount)})]] : [];
        })),
    });
    const {lines} = form.values;
    return html`<form class="panel" onSubmit=${form.submit} novalidate>
        <h2>${t("return.what", {when: dateTime(sale.at)})}</h2>
        <p class="stack"><${Before} returns=${returnsOf(sale, history)} /></p>
        <fieldset><legend class="unseen">${t("return.lines")}</legend>
            ${rest.map((line, index) => html`<${Row} key=${index} line=${line} index=${index} form=${form} />`)}
        </fieldset>
        <${FormProblem} form=${form} />
        <div class="row total">
            <p class="sum number" role="status">${t("return.sum")} <b>${money(sumOf(chosen(lines)))}</b></p>
            <${Button} onClick=${onBack}>${t("back")}<//>
            <${Button} kind="main" large type="submit" busy=${form.busy} disabled=${!lines.some((one) => one.picked)}>
                ${t("return.send")}<//>
        </div>
    </form>`;
}

/** @param {{history: any[], onSale: (sale: any) => void}} props */
function Sales({history, onSale}) {
    const sales = history.filter((one) => one.type === "sold" && !one.voided && restOf(one, history).length > 0);
    if (sales.length === 0) return html`<${Empty} title=${t("return.none")} />`;
    return html`<section class="panel"><h2>${t("return.which")}</h2><ul class="sales">
        ${sales.map((one) => html`<li key=${one.id}>
            <button type="button" onClick=${() => onSale(one)}>
                <b class="number">${dateTime(one.at)}</b>
                <span class="stack"><span>${listed(one.body.lines)}</span>
                    <${Before} returns=${returnsOf(one, history)} /></span>
                <span class="number">${money(sumOf(one.body.lines))}</span>
            </button></li>`)}
    </ul></section>`;
}

/** @param {{id: string}} props */
export function TakeBack({id}) {
    const [sale, setSale] = useState(/** @type {any} */ (null));
    const file = useData((signal) => get(`customers/${id}`, {}, {signal}), [id]);
    return html`<h1>${t("return.title")}</h1><${Whose} id=${id} />
        <${Loaded} data=${file}>${(/** @type {any} */ {history}) => (sale
            ? html`<${Pick} key=${sale.id} id=${id} sale=${sale} history=${history} onBack=${() => setSale(null)} />`
            : html`<${Sales} history=${history} onSale=${setSale} />`)}<//>`;
}
