/** A customer: worth, what is open, the file with who told what, and everything that happened, the latest first. */
import {get, list} from "ui/api.js";
import {useData} from "ui/data.js";
import {date, dateTime, money, number, percent, quantity} from "ui/format.js";
import {html, useState} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Empty, Loaded, Notice} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {link} from "ui/router.js";
import {hasRole, mayWrite} from "ui/session.js";
import {contactText} from "ui/customer/contact.js";
import {Agreement} from "ui/customer/agreement.js";
import {Keeper} from "ui/customer/keeper.js";
import {Relations} from "ui/customer/relations.js";
import {Tags} from "ui/customer/tags.js";
import {seesCustomers, Tier, tierName, who} from "../parts/people.js";
import {Take} from "../parts/take.js";
import {Care, Kept, Void} from "./care.js";
import {Earned} from "./earned.js";

const FIRST = 50; // entries of the history shown at once
/** What stands for good. */
const LASTING = ["voided", "erased", "key_destroyed", "credited"];

/** @param {any} body what was bought or brought back */
function lines(body) {
    let total = 0;
    for (const line of body.lines) total += line.amount ?? 0;
    const goods = body.lines.map((/** @type {any} */ line) => `${line.sku} × ${quantity(line.quantity / 1000)}`);
    return `${money(total)} · ${goods.slice(0, 6).join(", ")}${goods.length > 6 ? " …" : ""}`;
}

const KNOWN = /** @type {Record<string, (body: any) => any>} */ ({
    sold: lines, returned: lines,
    contacted: contactText,
    stepped: (body) => [word("step", body.step), body.text].filter(Boolean).join(": "),
    complained: (body) => body.text,
    consent: (body) =>
        `${word("agreement", body.purpose)} · ${t(`agreement.is.${body.given ? "given" : "withdrawn"}`)}`,
    tagged: (body) => [body.label ?? word("tag", body.tag), body.on ? null : t("tag.off")].filter(Boolean).join(" · "),
    custodian: (body) => body.staff ?? t("keeper.nobody"),
    tier_granted: (body) => tierName(body.tier),
    left: (body) => word("leaving", body.reason),
    linked: (body) => `${body.other ?? ""} (${word("reason", body.reason)})`,
});

/** An entry in words: the kinds people look for by hand, others by their fields as they stand. @param {any} event */
export function entryText(event) {
    const body = event.body ?? {};
    if (body.lines) return lines(body);
    if (KNOWN[event.type]) return KNOWN[event.type](body) ?? "";
    return Object.entries(body).filter(([, value]) => value !== null && typeof value !== "object")
        .map(([name, value]) => `${word("field", name)}: ${value}`).join(", ");
}

/** For a spreadsheet. @param {any} event */
function plain(event) {
    const {at, type, actor, voided} = event;
    return {at, type, text: entryText(event), staff: actor, voided: Boolean(voided)};
}

/** @param {{history: any[]}} props */
function History({history}) {
    const [all, setAll] = useState(false);
    const [taken, setTaken] = useState(/** @type {any} */ (null));
    const shown = all ? history : history.slice(0, FIRST);
    const columns = [
        {name: "at", label: t("history.when"), cell: (/** @type {any} */ event) => dateTime(event.at)},
        {name: "type", label: t("history.what"), cell: (/** @type {any} */ event) => html`${word("event", event.type)}${
            event.voided ? html` <span class="tag bad">${t("voided")}</span>` : null}`},
        {name: "text", label: t("history.said"), cell: entryText},
        {name: "by", label: t("history.by"), cell: (/** @type {any} */ event) => event.actor ?? ""},
        ...(hasRole("desk", "manager") && mayWrite() ? [{name: "void", label: t("acts"), acts: true,
            cell: (/** @type {any} */ event) => LASTING.includes(event.type) ? "" : html`<${Button} kind="quiet"
                onClick=${() => setTaken(event)} aria-label=${`${t(event.voided ? "void.undo" : "void.do")}: ${
                    word("event", event.type)}, ${dateTime(event.at)}`}>${
                    t(event.voided ? "void.undo" : "void.do")}<//>`}] : []),
    ];
    return html`<section class="panel"><div class="head"><h2>${t("customer.history")}</h2><${Take} paper=${false}
            list=${{rows: history.map(plain), name: "history"}} /></div>
        <${Table} caption=${t("customer.history")} columns=${columns} rows=${shown}
            rowKey=${(/** @type {any} */ event) => event.id} empty=${html`<${Empty} title=${t("history.empty")} />`} />
        ${shown.length < history.length ? html`<p class="more no-print"><${Button} onClick=${() => setAll(true)}>${
            t("history.all", {count: history.length})}<//></p>` : null}
        ${taken ? html`<${Void} event=${taken} onClose=${() => setTaken(null)} />` : null}</section>`;
}

/** @param {{id: string}} props every field with who told it, when, and whether it has grown old */
function File({id}) {
    const data = useData((signal) => list(`customers/${id}/fields`, {limit: 1000}, {signal}), [id]);
    const columns = [
        {name: "field", label: t("file.field"), cell: (/** @type {any} */ row) => word("field", row.field)},
        {name: "value", label: t("file.value"), cell: (/** @type {any} */ row) => html`<span>${row.value}</span>${
            row.concurrent ? html` <span class="tag warn">${t("complaint.concurrent")}</span>` : null}`},
        {name: "by", label: t("file.by"), cell: (/** @type {any} */ row) => [
            word("by", row.by, word("role", row.by)), row.staff].filter(Boolean).join(", ")},
        {name: "at", label: t("history.when"), cell: (/** @type {any} */ row) => html`${date(row.at)}${row.stale
            ? html` <span class="tag plain">${t("file.stale")}</span>` : null}`},
        {name: "under", label: t("file.under"), cell: (/** @type {any} */ row) => row.customer},
    ];
    return html`<section class="panel"><div class="head"><h2>${t("customer.file")}</h2><${Take} paper=${false}
            list=${{path: `customers/${id}/fields`, name: "file"}} /></div>
        <${Loaded} data=${data}>${(/** @type {any} */ found) => html`<${Table} caption=${t("customer.file")}
            columns=${columns} rows=${found.rows}
            empty=${html`<${Empty} title=${t("file.empty")} />`} />`}<//></section>`;
}

/** @param {{id: string}} props promises, complaints, and what is noted beside the file: for roles that see the card */
function Open({id}) {
    const data = useData((signal) => get(`customers/${id}/recall`, {}, {signal}), [id]);
    return html`<${Loaded} data=${data}>${(/** @type {any} */ card) => html`
        ${card.complaints?.map((/** @type {any} */ one) => html`<${Notice} kind="warn"><p>${t("customer.complaint")}:
            ${" "}<a href=${link("complaints", one.id)}>${one.topic || one.text || one.id}</a></p><//>`)}
        ${card.promises?.map((/** @type {any} */ one) => html`<${Notice} kind=${one.overdue ? "bad" : "info"}
            role="note"><div class="row"><span>${t(one.overdue ? "customer.promise.overdue" : "customer.promise",
                {text: one.text ?? "", day: date(one.due)})}</span> <${Kept} id=${one.id}
                text=${one.text ?? ""} /></div><//>`)}
        ${card.completeness === undefined ? null : html`<p class="hint">${t("customer.complete",
            {share: percent(card.completeness)})}${card.ask_next
            ? ` ${t("customer.asknext", {field: word("field", card.ask_next)})}` : ""}</p>`}
        <div class="beside"><${Tags} card=${card} /><${Relations} card=${card} /><${Agreement} card=${card} />
            <${Keeper} card=${card} /></div>`}<//>`;
}

/** @param {{path: string[]}} props */
export function Customer({path}) {
    const id = path[1] ?? "";
    const data = useData((signal) => get(`customers/${encodeURIComponent(id)}`, {}, {signal}), [id]);
    return html`
        <p class="no-print"><a href="#/value" onClick=${(/** @type {Event} */ event) => {
            if (history.length > 1) {
                event.preventDefault();
                history.back();
            }
        }}>← ${t("back")}</a></p>
        <${Loaded} data=${data}>${(/** @type {any} */ row) => html`
            <div class="head"><h1>${who(row)}</h1><div class="row no-print"><${Care} row=${row} />
                <${Button} onClick=${() => print()}>${t("print")}<//></div></div>
            ${row.erased_at ? html`<${Notice} kind="warn"><p>${t("customer.erased",
                {day: date(row.erased_at)})}</p><//>` : null}
            <section class="panel"><h2 class="unseen">${t("facts")}</h2>
                <dl class="facts wide">
                    <div><dt>${t("tier")}</dt><dd><${Tier} row=${row} />${row.to_next ? html` <span class="hint">${
                        t("tier.more", {amount: money(row.to_next), tier: tierName(row.tier_next)})}</span>`
                        : null}</dd></div>
                    <div><dt>${t("spend")}</dt><dd>${money(row.spend)}</dd></div>
                    <div><dt>${t("visits")}</dt><dd>${number(row.visits)}</dd></div>
                    <div><dt>${t("last")}</dt><dd>${row.last ? dateTime(row.last) : t("never")}</dd></div>
                    <div><dt>${t("phone")}</dt><dd>${row.phone ?? "–"}</dd></div>
                    <div><dt>${t("card")}</dt><dd>${row.card ?? "–"}</dd></div>
                    <div><dt>${t("customer.ids")}</dt><dd>${(row.ids ?? [row.id]).join(", ")}</dd></div>
                </dl></section>
            ${row.erased_at ? null : html`
                ${hasRole("desk", "manager", "assistant") ? html`<${Open} id=${id} />` : null}
                ${seesCustomers() ? html`<${Earned} id=${id} />` : null}
                <${File} id=${id} />`}
            <${History} history=${row.history ?? []} />`}<//>`;
}
