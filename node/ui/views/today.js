/**
 * Today: whom to call, write to or visit, and why (K2, K3), the overdue first. A tap and a note answer one; what is
 * done goes.
 */
import {list} from "ui/api.js";
import {purposeOf} from "ui/customer/contact.js";
import {why} from "ui/customer/why.js";
import {useData} from "ui/data.js";
import {address, ago, inDays, today} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useLayoutEffect, useRef, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Choice, Field} from "ui/parts/field.js";
import {Empty, FormProblem, Loaded} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {link} from "ui/router.js";
import {options, peopleOf} from "../pieces.js";
import {MarkDay} from "./mark.js";

const MARKS = /** @type {Record<string, string>} */ ({
    promise: "⚑", birthday: "✿", occasion: "✿", thank: "♥", referral: "♥", newcomer: "♥", letter: "✉", top: "★",
    inactive: "☏", rainy: "☂",
});
/** What each kind is usually answered by. */
const USUAL = /** @type {Record<string, string>} */ ({letter: "letter", top: "visit", birthday: "message"});

/** @param {{row: any, open: boolean, onDone: () => void}} props open: else folded, with what was typed in it */
function Answer({row, open, onDone}) {
    const start = {kind: USUAL[row.kind] ?? "call", outcome: "", note: ""};
    const form = useForm(start, async (values, _key, {once}) => {
        if (row.kind === "promise" && values.outcome === "reached") {
            await once("keep", "POST", `promises/${row.id.replace("promise:", "")}/keep`, {});
        }
        await once("contact", "POST", `customers/${row.customer}/contacts`, {
            kind: values.kind, purpose: purposeOf(row), outcome: values.outcome, answers: row.id,
            ...(values.note.trim() ? {note: values.note.trim()} : {}),
        });
        toast(t("today.done", {name: row.name ?? ""}));
        onDone();
    }, {check: (values) => (values.outcome ? {} : {outcome: t("field.needed")})});
    const box = useRef(/** @type {HTMLElement | null} */ (null));
    useLayoutEffect(() => {
        const chosen = box.current?.querySelector("input:checked");
        if (open && chosen instanceof HTMLElement) chosen.focus();
    }, [open]);
    return html`<form ref=${box} class="answer" hidden=${!open} onSubmit=${form.submit} novalidate>
        <${Choice} ...${form.field("kind")} label=${t("contact.kind")}
            options=${options("kind", ["call", "sms", "message", "visit", "letter", "gift"])} />
        <${Choice} ...${form.field("outcome")} label=${t("contact.outcome")}
            options=${options("outcome", ["reached", "not-reached", "wrong-number", "declined"])} />
        <${Field} ...${form.field("note")} label=${t("contact.note")} />
        <${FormProblem} form=${form} />
        <div class="row"><${Button} kind="main" type="submit" busy=${form.busy}>${t("contact.send")}<//>
            <${Button} onClick=${onDone}>${t("cancel")}<//></div>
    </form>`;
}

/** @param {{row: any}} props */
function FollowUp({row}) {
    const [open, setOpen] = useState(false);
    const [begun, setBegun] = useState(false);
    /** @param {boolean} now @param {boolean} kept */
    function fold(now, kept) {
        setOpen(now);
        setBegun(now || kept);
    }
    const days = Math.round((Date.parse(row.due.slice(0, 10)) - Date.parse(today())) / 86400000);
    return html`<li class=${row.overdue ? "due overdue" : "due"}>
        <div class="line">
            <span class="kind" aria-hidden="true">${row.overdue ? "!" : MARKS[row.kind] ?? "•"}</span>
            <div class="what"><a class="name" href=${link("customer", row.customer)}>${address(row.name)}</a>
                <p>${why(row)}</p></div>
            <div class="when">${row.phone ? html`<a class="number" href=${"tel:" + row.phone.replace(/[^\d+]/g, "")}>
                ${row.phone}</a>` : null}
                <span class=${row.overdue ? "tag bad" : "soft"}>${row.overdue ? t("today.overdue", {when: ago(row.due)})
                    : inDays(days)}</span></div>
            <${Button} onClick=${() => fold(!open, true)} aria-expanded=${open}
                aria-label=${t("today.answer.whom", {name: row.name ?? ""})}>${t("today.answer")}<//>
        </div>
        ${begun ? html`<${Answer} row=${row} open=${open} onDone=${() => fold(false, false)} />` : null}
    </li>`;
}

export function Today() {
    const data = useData(() => list("followups", {limit: 1000}), []);
    return html`<div class="head"><h1>${t("today.title")}</h1>
        <div class="row"><${Button} href=${link("gatherings")} keys="G">${t("gatherings.title")}<//>
            <${MarkDay} />
            <${Button} onClick=${() => print()}>${t("print")}<//></div></div>
        <${Loaded} data=${data}>${(/** @type {{rows: any[]}} */ {rows}) => {
            const open = rows.filter((row) => !row.done);
            if (open.length === 0) return html`<${Empty} title=${t("today.empty")}>${t("today.empty.text")}<//>`;
            const groups = [
                {name: "overdue", rows: open.filter((row) => row.overdue)},
                {name: "promises", rows: open.filter((row) => !row.overdue && row.kind === "promise")},
                {name: "birthdays", rows: open.filter((row) => !row.overdue && /^(birthday|occasion)$/.test(row.kind))},
                {name: "others", rows: open.filter((row) =>
                    !row.overdue && !/^(promise|birthday|occasion)$/.test(row.kind))},
            ];
            return groups.filter((group) => group.rows.length > 0).map((group) => html`<section class="panel">
                <h2>${t(`today.group.${group.name}`)}${" "}
                    <span class="soft">${t("today.people", {count: peopleOf(group.rows)})}</span></h2>
                <ul>${group.rows.map((row) => html`<${FollowUp} key=${row.id} row=${row} />`)}</ul></section>`);
        }}<//>`;
}
