/**
 * Sales without a customer (P1): whose one is can be said afterwards, and one made by mistake is taken back.
 */
import {send} from "ui/api.js";
import {money, when} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Field} from "ui/parts/field.js";
import {Empty, FormProblem} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {go} from "ui/router.js";
import {useShared} from "ui/state.js";
import {search} from "../find.js";
import {nobodys, settled} from "../nobody.js";
import {Tier} from "../pieces.js";
import {Void} from "./void.js";

/** @param {{sale: import("../nobody.js").Sale, row: any}} props row: a customer found */
function Hers({sale, row}) {
    const form = useForm({}, async (_values, key) => {
        await send("POST", `purchases/${sale.id}/customer`, {customer: row.customer}, {key});
        settled(sale.id);
        toast(t("nobody.done", {name: row.name || row.customer}));
        go("customer", row.customer);
    });
    return html`<li><${Button} busy=${form.busy} onClick=${form.submit}><b>${row.name || t("name.unknown")}</b>
        <span class="number">${row.phone ?? ""}</span> <${Tier} tier=${row.tier} /><//>
        <${FormProblem} form=${form} /></li>`;
}

/** @param {{sale: import("../nobody.js").Sale}} props */
function Sold({sale}) {
    const [found, setFound] = useState(/** @type {any[] | null} */ (null));
    const form = useForm({whom: ""}, async ({whom}) => setFound(await search(whom)), {
        check: ({whom}) => /** @type {Record<string, string>} */ (whom.trim() ? {} : {whom: t("field.needed")}),
        aliases: {text: "whom"},
        loose: true,
    });
    const what = `${when(sale.at)}, ${sale.skus.join(", ")}`;
    return html`<li class="panel"><h2>${what} <span class="number">${money(sale.amount)}</span></h2>
        <form class="one-line" role="search" aria-label=${what} onSubmit=${form.submit} novalidate>
            <${Field} ...${form.field("whom")} label=${t("nobody.whose")} />
            <${Button} type="submit" busy=${form.busy}>${t("nobody.find")}<//>
        </form>
        <${FormProblem} form=${form} />
        <div role="status">${found?.length === 0 ? html`<p class="soft">${t("find.nobody", {text: form.values.whom})}
            </p>` : null}</div>
        ${found?.length ? html`<ul class="arrivals" aria-label=${t("find.found")}>${found.map((row) => html`<${Hers}
            key=${row.customer} sale=${sale} row=${row} />`)}</ul>` : null}
        <${Void} event=${{id: sale.id, type: "sold"}} onDone=${() => settled(sale.id)} />
    </li>`;
}

export function Nobodys() {
    const sales = useShared(nobodys);
    return html`<h1>${t("nobody.title")}</h1><p class="hint">${t("nobody.hint")}</p>
        ${sales.length === 0 ? html`<${Empty} title=${t("nobody.empty")} />`
            : html`<ul>${sales.map((sale) => html`<${Sold} key=${sale.id} sale=${sale} />`)}</ul>`}`;
}
