/**
 * What a customer has earned and was given: points, which are spent here (P3), and benefits, noted when they are given
 * (P4). Points stand at the sale, too: they are spent there, beside the sale and not with it, so that neither can be
 * written twice for want of the other.
 */
import {get, list, send} from "ui/api.js";
import {useData} from "ui/data.js";
import {date, money, parseMoney} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useState} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Dialog} from "ui/parts/dialog.js";
import {Choice, Field} from "ui/parts/field.js";
import {FormProblem} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {options} from "../pieces.js";

const SHOWN = 5; // benefits, the latest

/** @param {string} typed @param {number} balance @returns {number | null} whole points from 1 up to what there is */
export function pointCount(typed, balance) {
    const text = typed.normalize("NFKC").replace(/[\s,]/g, "");
    const count = /^\d{1,12}$/.test(text) ? Number(text) : 0;
    return count >= 1 && count <= balance ? count : null;
}

/** @param {{id: string, balance: number, onClose: () => void}} props */
function Spend({id, balance, onClose}) {
    const form = useForm({points: ""}, async ({points}, key) => {
        const count = pointCount(points, balance) ?? 0;
        await send("POST", `customers/${id}/redemptions`, {points: count}, {key});
        toast(t("points.done", {count}));
        onClose();
    }, {
        check: ({points}) => /** @type {Record<string, string>} */ (pointCount(points, balance) === null
            ? {points: t("points.wrong", {count: balance})} : {}),
    });
    return html`<${Dialog} title=${t("points.spend")} onClose=${onClose}>
        <form onSubmit=${form.submit} novalidate>
            <${Field} ...${form.field("points")} label=${t("points.how")} inputMode="numeric"
                hint=${t("points.left", {count: balance})} />
            <${FormProblem} form=${form} />
            <div class="row"><${Button} kind="main" type="submit" busy=${form.busy}>${t("points.spend")}<//>
                <${Button} onClick=${onClose}>${t("cancel")}<//></div>
        </form>
    <//>`;
}

/** How many points there are, and the way to spend some. Nothing is shown of who has none. */
/** @param {{id: string}} props of the customer */
export function Points({id}) {
    const points = useData((signal) => get(`customers/${id}/points`, {}, {signal}), [id]);
    const [open, setOpen] = useState(false);
    const balance = points.value?.balance ?? 0;
    if (!points.value) return null;
    return html`<div class="points row"><p class="lead number">${t("card.points", {count: balance})}</p>
        ${balance > 0 ? html`<${Button} onClick=${() => setOpen(true)}>${t("points.spend")}<//>` : null}
        ${open ? html`<${Spend} id=${id} balance=${balance} onClose=${() => setOpen(false)} />` : null}</div>`;
}

/** @param {{id: string, onClose: () => void}} props */
function Give({id, onClose}) {
    const form = useForm({kind: "birthday", note: "", cost: ""}, async ({kind, note, cost}, key) => {
        await send("POST", `customers/${id}/benefits`, {kind, ...(note.trim() ? {note: note.trim()} : {}),
            ...(cost.trim() ? {cost: parseMoney(cost)} : {})}, {key});
        toast(t("benefit.done"));
        onClose();
    }, {
        check: ({cost}) => /** @type {Record<string, string>} */ (cost.trim() && parseMoney(cost) === null
            ? {cost: t("field.amount")} : {}),
    });
    return html`<${Dialog} title=${t("benefit.give")} onClose=${onClose}>
        <form onSubmit=${form.submit} novalidate>
            <${Choice} ...${form.field("kind")} label=${t("benefit.kind")}
                options=${options("benefit", ["birthday", "festival", "coupon", "tier"])} />
            <${Field} ...${form.field("note")} label=${t("benefit.note")} optional=${t("optional")} />
            <${Field} ...${form.field("cost")} label=${t("benefit.cost")} inputMode="decimal"
                optional=${t("optional")} />
            <${FormProblem} form=${form} />
            <div class="row"><${Button} kind="main" type="submit" busy=${form.busy}>${t("benefit.send")}<//>
                <${Button} onClick=${onClose}>${t("cancel")}<//></div>
        </form>
    <//>`;
}

/** @param {{id: string}} props of the customer */
export function Rewards({id}) {
    const given = useData((signal) => list(`customers/${id}/benefits`, {limit: 1000}, {signal}), [id]);
    const [open, setOpen] = useState(false);
    const latest = [...(given.value?.rows ?? [])].sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, SHOWN);
    return html`<section class="panel"><div class="head"><h2>${t("card.rewards")}</h2>
            <${Button} kind="quiet" onClick=${() => setOpen(true)}>${t("benefit.give")}<//></div>
        <${Points} id=${id} />
        ${latest.length > 0 ? html`<ul class="plain">${latest.map((one) => html`<li>
            ${word("benefit", one.kind)} ${one.note ?? ""} ${one.cost ? money(one.cost) : ""}
            <span class="soft">${date(one.at)}</span></li>`)}</ul>` : null}
        ${open ? html`<${Give} id=${id} onClose=${() => setOpen(false)} />` : null}
    </section>`;
}
