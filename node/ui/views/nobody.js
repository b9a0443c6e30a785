/**
 * Sales without a customer (P1), the latest first: whose one is can be said afterwards, and one made by mistake is
 * taken back.
 */
import {send} from "ui/api.js";
import {dateTime, money, quantity, theSite, today} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Dialog} from "ui/parts/dialog.js";
import {Field} from "ui/parts/field.js";
import {Filters} from "ui/parts/filters.js";
import {FormProblem} from "ui/parts/notice.js";
import {Pages, usePages} from "ui/parts/pages.js";
import {toast} from "ui/parts/toast.js";
import {go} from "ui/router.js";
import {search} from "../find.js";
import {Tier} from "../pieces.js";
import {Void} from "./void.js";

/** What was bought, and how many where it is not one. @param {any} sale of purchases */
function goodsText(sale) {
    return sale.items.map((/** @type {any} */ one) =>
        (Number(one.quantity) === 1 ? one.sku : `${one.sku} × ${quantity(one.quantity)}`)).join(", ");
}

/** @param {{sale: any, row: any}} props row: a customer found */
function Hers({sale, row}) {
    const form = useForm({}, async (_values, key) => {
        await send("POST", `purchases/${sale.id}/customer`, {customer: row.customer}, {key});
        toast(t("nobody.done", {name: row.name || row.customer}));
        go("customer", row.customer);
    });
    return html`<li><${Button} busy=${form.busy} onClick=${form.submit}><b>${row.name || t("name.unknown")}</b>
        <span class="number">${row.phone ?? ""}</span> <${Tier} tier=${row.tier} /><//>
        <${FormProblem} form=${form} /></li>`;
}

/** @param {{sale: any, onClose: () => void}} props */
function Whose({sale, onClose}) {
    const [found, setFound] = useState(/** @type {any[] | null} */ (null));
    const form = useForm({whom: ""}, async ({whom}) => setFound(await search(whom)), {
        check: ({whom}) => /** @type {Record<string, string>} */ (whom.trim() ? {} : {whom: t("field.needed")}),
        aliases: {text: "whom"},
        loose: true,
    });
    return html`<${Dialog} title=${t("nobody.ask")} onClose=${onClose}>
        <p>${dateTime(sale.at)}, ${goodsText(sale)} <b class="number">${money(sale.amount)}</b></p>
        <form class="one-line" role="search" aria-label=${t("nobody.ask")} onSubmit=${form.submit} novalidate>
            <${Field} ...${form.field("whom")} label=${t("nobody.whose")} />
            <${Button} type="submit" busy=${form.busy}>${t("nobody.find")}<//>
        </form>
        <${FormProblem} form=${form} alone />
        <div role="status">${found?.length === 0 ? html`<p class="soft">${t("find.nobody", {text: form.values.whom})}
            </p>` : null}</div>
        ${found?.length ? html`<ul class="arrivals" aria-label=${t("find.found")}>${found.map((row) => html`<${Hers}
            key=${row.customer} sale=${sale} row=${row} />`)}</ul>` : null}
        <${Void} event=${{id: sale.id, type: "sold"}} onDone=${onClose} />
    <//>`;
}

/** @param {{query: Record<string, string>}} props */
export function Nobodys({query}) {
    const pages = usePages("purchases", {customer: "none", store: theSite().store, from: query.from, to: query.to});
    const [asking, setAsking] = useState(/** @type {any} */ (null));
    const columns = [
        {name: "at", label: t("nobody.when"), cell: (/** @type {any} */ row) => dateTime(row.at)},
        {name: "goods", label: t("nobody.goods"), cell: goodsText},
        {name: "amount", label: t("sell.amount"), number: true, cell: (/** @type {any} */ row) => html`${
            money(row.amount)}${row.returned ? html`<br /><span class="hint">${t("nobody.returned",
            {money: money(row.returned)})}</span>` : null}`},
        {name: "staff", label: t("nobody.by"), cell: (/** @type {any} */ row) => row.staff ?? ""},
        {name: "do", label: html`<span class="unseen">${t("nobody.ask")}</span>`, acts: true,
            cell: (/** @type {any} */ row) => html`<${Button} onClick=${() => setAsking(row)}
                aria-label=${`${t("nobody.ask")} ${dateTime(row.at)}, ${goodsText(row)}`}>${t("nobody.ask")}<//>`},
    ];
    return html`<h1>${t("nobody.title")}</h1><p class="hint">${t("nobody.hint")}</p>
        <${Filters} path=${["sales"]} query=${query} fields=${[
            {name: "from", label: t("filter.from"), type: "date", max: today()},
            {name: "to", label: t("filter.to"), type: "date", max: today()}]} />
        <${Pages} pages=${pages} caption=${t("nobody.title")} columns=${columns} empty=${t("nobody.empty")}
            rowKey=${(/** @type {any} */ row) => row.id} />
        ${asking ? html`<${Whose} sale=${asking} onClose=${() => setAsking(null)} />` : null}`;
}
