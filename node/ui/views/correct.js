/**
 * The customer file corrected (C3, C8): every field with who told it and when. What is old is marked, and confirmed
 * with one touch; of the rest only what was changed is written, as one change card. The chain's own fields stand at the
 * end.
 */
import {get, send} from "ui/api.js";
import {useData} from "ui/data.js";
import {date, groupPhone} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useLayoutEffect, useRef} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Choice, Field, TextArea} from "ui/parts/field.js";
import {FormProblem, Loaded} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {session} from "ui/session.js";
import {changesOf, GROUPS, knownOf, OWN} from "../file.js";
import {Whose} from "../pieces.js";

const LONG = ["address", "family", "occasions", "habits", "taste", "note"];
const INPUTS = /** @type {Record<string, any>} */ ({
    phone: {type: "tel", inputMode: "tel", format: groupPhone}, email: {type: "email"},
});

/** @typedef {import("../file.js").Known} Known */

/** @param {string} name */
function labelOf(name) {
    return name.startsWith(OWN) ? name.slice(OWN.length) : word("file", name, word("field", name));
}

/** Who told it and when. @param {any} row */
function saidText(row) {
    const by = row.by === "customer" ? "file.by.customer" : "file.by.staff";
    return t(row.staff ? by : "file.by.import", {staff: row.staff ?? "", day: date(row.at)});
}

/** One touch: it is still so. @param {{id: string, name: string, known: Known, onDone: () => void}} props */
function Confirm({id, name, known, onDone}) {
    const form = useForm({}, async (_values, key) => {
        const body = name.startsWith(OWN) ? {custom: [`${name.slice(OWN.length)}=${known.value}`]}
            : {[name]: known.value};
        await send("PATCH", `customers/${id}`, body, {key});
        toast(t("file.confirmed", {field: labelOf(name)}));
        onDone();
    });
    return html`<div class="stale"><span class="tag warn">${t("card.stale")}</span>
        <${Button} busy=${form.busy} onClick=${form.submit}
            aria-label=${t("file.confirm.of", {field: labelOf(name)})}>${t("file.confirm")}<//>
        <${FormProblem} form=${form} alone /></div>`;
}

/** @param {{id: string, name: string, known: Known, form: any, onDone: () => void}} props */
function Entry({id, name, known, form, onDone}) {
    const {rows} = known;
    const others = rows.slice(1).filter((row) => row.concurrent && row.value !== known.value);
    const hint = rows.length > 0 ? html`${saidText(rows[0])}${others.map((row) => html`<br />${
        t("file.other", {value: row.value ?? "–"})} ${saidText(row)}`)}` : undefined;
    const Kind = LONG.includes(name) ? TextArea : Field;
    return html`<div class="entry"><${Kind} ...${form.field(name)} label=${labelOf(name)} hint=${hint}
            ...${INPUTS[name] ?? {}} />
        ${known.stale ? html`<${Confirm} id=${id} name=${name} known=${known} onDone=${onDone} />` : null}</div>`;
}

/** @param {{id: string, known: Record<string, Known>, onDone: () => void}} props */
function File({id, known, onDone}) {
    const own = Object.keys(known).filter((name) => name.startsWith(OWN));
    const said = Object.fromEntries(Object.entries(known).map(([name, {value}]) => [name, value]));
    const before = useRef(said); // what stands in the form without being typed
    const start = /** @type {Record<string, string>} */ ({...said, source: ""});
    const form = useForm(start, async ({source, ...values}, key) => {
        const body = changesOf(before.current, values);
        const who = source ? {source: session.get()?.role ?? ""} : {};
        await send("PATCH", `customers/${id}`, {...body, ...who}, {key});
        toast(t("saved"));
        before.current = values;
        form.reset({...values, source: ""});
        onDone();
    }, {
        check({source: _who, ...values}) {
            const changed = Object.keys(changesOf(before.current, values)).length > 0;
            return values.name.trim() ? (changed ? {} : {source: t("file.same")}) : {name: t("field.needed")};
        },
        aliases: {clear: "phone", custom: own[0] ?? ""},
    });
    useLayoutEffect(() => { // written elsewhere meanwhile: shown, where nobody types
        const fresh = Object.entries(said).filter(([name, value]) => value !== before.current[name]);
        const untouched = fresh.filter(([name]) => form.values[name] === before.current[name]);
        before.current = {...before.current, ...Object.fromEntries(fresh)};
        if (untouched.length > 0) form.change(Object.fromEntries(untouched));
    }, [JSON.stringify(said)]);
    const groups = Object.entries({...GROUPS, ...(own.length > 0 ? {own} : {})});
    return html`<form class="file" onSubmit=${form.submit} novalidate>
        ${groups.map(([group, names]) => html`<section class="panel" key=${group}><h2>${t(`file.${group}`)}</h2>
            <div class="entries">${names.map((name) => html`<${Entry} key=${name} id=${id} name=${name}
                known=${known[name]} form=${form} onDone=${onDone} />`)}</div></section>`)}
        <div class="panel send">
            <${Choice} ...${form.field("source")} label=${t("file.source")} options=${[
                {value: "", label: t("file.source.customer")}, {value: "staff", label: t("file.source.staff")}]} />
            <${FormProblem} form=${form} />
            <${Button} kind="main" large type="submit" busy=${form.busy}>${t("file.save")}<//>
        </div>
    </form>`;
}

/** @param {{id: string}} props */
export function Correct({id}) {
    const rows = useData((signal) => get(`customers/${id}/fields`, {}, {signal}), [id]);
    const rules = useData((signal) => get("rules", {}, {signal}), [], {live: false});
    const both = {...rows, value: rows.value && rules.value && {rows: rows.value, declared: rules.value.custom ?? []},
        problem: rows.problem ?? rules.problem};
    return html`<h1>${t("file.title")}</h1><${Whose} id=${id} />
        <${Loaded} data=${both}>${(/** @type {any} */ {rows: found, declared}) => html`<${File} id=${id}
            known=${knownOf(found, declared)} onDone=${rows.again} />`}<//>`;
}
