/**
 * How to serve a customer (C7): tags of the list with a hint each, and free ones. Edited in a dialog: what was ticked
 * or taken off is sent, each as a change of its own. `card`: the recall card, of which `id` and `tags` are read.
 */
import {list} from "../api.js";
import {useData} from "../data.js";
import {useForm} from "../form.js";
import {html, useRef, useState} from "../html.js";
import {hasWord, t, word} from "../i18n.js";
import {Button} from "../parts/button.js";
import {Dialog} from "../parts/dialog.js";
import {Check, Field} from "../parts/field.js";
import {FormProblem, Loaded} from "../parts/notice.js";
import {toast} from "../parts/toast.js";
import {mayWrite} from "../session.js";

/** Free tags have no hint. @param {any} one */
const isFree = (one) => one.hint === null;

/** @param {{tag: string, hint: string | null}} one */
function hintOf({tag, hint}) {
    return hasWord(`hint.${tag}`) ? t(`hint.${tag}`) : hint ?? "";
}

/**
 * What is to be sent so that the tags become those: one body each.
 * @param {string[]} was @param {string[]} wanted @param {(tag: string) => any} body @returns {any[]}
 */
export function tagChanges(was, wanted, body) {
    return [
        ...wanted.filter((tag) => !was.includes(tag)).map(body),
        ...was.filter((tag) => !wanted.includes(tag)).map((tag) => ({...body(tag), remove: true})),
    ];
}

/** @param {string[]} tags @param {string} one @param {boolean | undefined} off */
function changed(tags, one, off) {
    return off ? tags.filter((tag) => tag !== one) : [...tags, one];
}

/** @param {{form: any, known: any[]}} props known: the tags of the list */
function Listed({form, known}) {
    const {on} = form.values;
    const groups = [...new Set(known.map((one) => one.of))];
    return groups.map((group) => html`<fieldset key=${group}><legend>${word("tags.of", group)}</legend>
        ${known.filter((one) => one.of === group).map((one) => html`<${Check} key=${one.tag} name=${`tag.${one.tag}`}
            value=${on.includes(one.tag)} label=${word("tag", one.tag)} hint=${hintOf(one)}
            onValue=${(/** @type {boolean} */ ticked) => form.change({
                on: ticked ? [...on, one.tag] : on.filter((/** @type {string} */ tag) => tag !== one.tag)})} />`)}
    </fieldset>`);
}

/** @param {{form: any, was: string[]}} props was: the free tags of now */
function Free({form, was}) {
    const {free} = form.values;
    return html`<fieldset><legend>${t("tags.own")}</legend>
        ${was.map((label, index) => html`<${Check} key=${label} name=${`free.${index}`} value=${free.includes(label)}
            label=${label} onValue=${(/** @type {boolean} */ ticked) => form.change({
                free: ticked ? [...free, label] : free.filter((/** @type {string} */ one) => one !== label)})} />`)}
        <${Field} ...${form.field("label")} label=${t("tags.label")} hint=${t("tags.label.hint")}
            optional=${t("optional")} maxlength="60" />
    </fieldset>`;
}

/** @param {{card: any, onClose: () => void}} props */
function Edit({card, onClose}) {
    const known = useData((signal) => list("tags", {limit: 1000}, {signal}), [], {live: false});
    // What the form began with: the card may change meanwhile.
    const [was] = useState({
        on: card.tags.filter((/** @type {any} */ one) => !isFree(one)).map((/** @type {any} */ one) => one.tag),
        free: card.tags.filter(isFree).map((/** @type {any} */ one) => one.tag),
    });
    const now = useRef({...was}); // what the customer has: of several changes some may go through
    const form = useForm({...was, label: ""}, async (values, _key, {each}) => {
        const label = values.label.trim();
        const free = label && !values.free.includes(label) ? [...values.free, label] : values.free;
        const post = (/** @type {any} */ body) => each("POST", `customers/${card.id}/tags`, body);
        for (const body of tagChanges(now.current.on, values.on, (tag) => ({tag}))) {
            await post(body);
            now.current.on = changed(now.current.on, body.tag, body.remove);
        }
        for (const body of tagChanges(now.current.free, free, (text) => ({label: text}))) {
            await post(body);
            now.current.free = changed(now.current.free, body.label, body.remove);
        }
        toast(t("saved"));
        onClose();
    });
    return html`<${Dialog} wide title=${t("tags.edit.title")} onClose=${onClose}>
        <${Loaded} data=${known}>${(/** @type {any} */ found) => html`<form onSubmit=${form.submit} novalidate>
            <div class="tag-groups"><${Listed} form=${form} known=${found.rows} /><${Free} form=${form}
                was=${was.free} /></div>
            <${FormProblem} form=${form} />
            <div class="row"><${Button} kind="main" type="submit" busy=${form.busy}>${t("save")}<//>
                <${Button} onClick=${onClose}>${t("cancel")}<//></div>
        </form>`}<//>
    <//>`;
}

/** @param {{card: any}} props */
export function Tags({card}) {
    const [open, setOpen] = useState(false);
    return html`<section class="panel"><div class="head"><h2>${t("tags.title")}</h2>
            ${mayWrite() ? html`<${Button} kind="quiet" onClick=${() => setOpen(true)}
                aria-label=${t("tags.edit.of")}>${t("edit")}<//>` : null}</div>
        ${card.tags.length > 0 ? html`<dl class="hints">${card.tags.map((/** @type {any} */ one) => html`
            <dt><span class="tag">${isFree(one) ? one.tag : word("tag", one.tag)}</span></dt>
            <dd>${isFree(one) ? "" : hintOf(one)}</dd>`)}</dl>` : html`<p class="soft">${t("tags.none")}</p>`}
        ${open ? html`<${Edit} card=${card} onClose=${() => setOpen(false)} />` : null}
    </section>`;
}
