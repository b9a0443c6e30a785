/**
 * Who belongs to a customer (C9): family, companions, who leads the group and who follows. Edited in a dialog: what is
 * unticked ends, somebody found is added. The other's file says the reverse. `card`: the recall card, of which `id`,
 * `relations` and `referred_by` are read.
 */
import {list, Problem} from "../api.js";
import {theSite} from "../format.js";
import {useForm} from "../form.js";
import {html, useRef, useState} from "../html.js";
import {t, word} from "../i18n.js";
import {Button} from "../parts/button.js";
import {Dialog} from "../parts/dialog.js";
import {Check, Choice, Field} from "../parts/field.js";
import {FormProblem} from "../parts/notice.js";
import {toast} from "../parts/toast.js";
import {link} from "../router.js";
import {mayWrite} from "../session.js";

const KINDS = ["family", "companion", "leader", "follower"];
const FOUND = 8; // more than that, and one types more

/** @param {any} one of `relations` */
const nameOf = (one) => one.name || one.card || one.customer;

/** @param {any} one */
const keyOf = (one) => `${one.relation} ${one.customer}`;

/**
 * What is to be sent so that the relations become those: one body each.
 * @param {any[]} was @param {string[]} kept keys @param {{kind: string, other: string} | null} added
 * @returns {{kind: string, other: string, remove?: boolean}[]}
 */
export function relationChanges(was, kept, added) {
    return [
        ...was.filter((one) => !kept.includes(keyOf(one)))
            .map((one) => ({kind: one.relation, other: one.customer, remove: true})),
        ...(added && !kept.includes(`${added.kind} ${added.other}`) ? [added] : []),
    ];
}

/** @param {{card: any, onClose: () => void}} props */
function Edit({card, onClose}) {
    const [was] = useState(/** @type {any[]} */ (card.relations)); // the card may change meanwhile
    const [found, setFound] = useState(/** @type {any[]} */ ([]));
    const now = useRef(was); // what is noted: of several changes some may go through
    const form = useForm({kept: was.map(keyOf), whom: "", other: "", kind: KINDS[0]}, async (values, _key, {each}) => {
        const {kept, whom, other, kind} = values;
        if (whom.trim() && !other) {
            await find(whom);
            return;
        }
        for (const body of relationChanges(now.current, kept, other ? {kind, other} : null)) {
            await each("POST", `customers/${card.id}/relations`, body);
            now.current = now.current.filter((one) => !body.remove || keyOf(one) !== `${body.kind} ${body.other}`);
        }
        toast(t("saved"));
        onClose();
    }, {aliases: {text: "whom"}});

    /** @param {string} whom */
    async function find(whom) {
        const {rows} = await list("customers", {text: whom.trim(), limit: FOUND});
        const others = rows.filter((one) => one.customer !== card.id);
        if (others.length === 0) throw new Problem({status: 404, code: "not_found", detail: whom, field: "whom"});
        setFound(others);
        form.change({other: others.length === 1 ? others[0].customer : ""});
    }

    const {kept, whom, other} = form.values;
    return html`<${Dialog} title=${t("relations.title")} onClose=${onClose}>
        <form onSubmit=${form.submit} novalidate>
            ${was.length > 0 ? html`<fieldset><legend>${t("relations.now")}</legend>
                ${was.map((one, index) => html`<${Check} key=${keyOf(one)} name=${`kept.${index}`}
                    value=${kept.includes(keyOf(one))} label=${`${word("relation", one.relation)}: ${nameOf(one)}`}
                    onValue=${(/** @type {boolean} */ ticked) => form.change({
                        kept: ticked ? [...kept, keyOf(one)] : kept.filter((key) => key !== keyOf(one))})} />`)}
                <p class="hint">${t("relations.now.hint")}</p></fieldset>` : null}
            <${Field} ...${form.field("whom")} label=${t("relations.whom")} hint=${t("relations.whom.hint")}
                onValue=${(/** @type {string} */ text) => {
                    setFound([]);
                    form.change({whom: text, other: ""});
                }} />
            <div role="status">${found.length > 0 ? html`<p class="unseen">${
                t("relations.found", {count: found.length})}</p>` : null}</div>
            ${found.length > 0 ? html`
                <${Choice} ...${form.field("other")} label=${t("relations.who")} options=${found.map((one) => ({
                    value: one.customer, label: [nameOf(one), one.phone].filter(Boolean).join(" ")}))} />
                <${Choice} ...${form.field("kind")} label=${t("relations.kind")} options=${KINDS.map((kind) => ({
                    value: kind, label: t(`relation.${kind}`)}))} />` : null}
            <${FormProblem} form=${form} />
            <div class="row"><${Button} kind="main" type="submit" busy=${form.busy}
                disabled=${found.length > 0 && !other}>${t(whom.trim() && !other && found.length === 0
                    ? "relations.find" : "save")}<//>
                <${Button} onClick=${onClose}>${t("cancel")}<//></div>
        </form>
    <//>`;
}

/** @param {{card: any}} props */
export function Relations({card}) {
    const [open, setOpen] = useState(false);
    const place = theSite().program === "hub" ? "customers" : "customer";
    const all = [...card.relations, ...(card.referred_by ? [{...card.referred_by, relation: "referred-by"}] : [])];
    return html`<section class="panel"><div class="head"><h2>${t("relations.title")}</h2>
            ${mayWrite() ? html`<${Button} kind="quiet" onClick=${() => setOpen(true)}
                aria-label=${t("relations.edit")}>${t("edit")}<//>` : null}</div>
        ${all.length > 0 ? html`<dl class="facts">${all.map((one) => html`<dt>${word("relation", one.relation)}</dt>
            <dd><a href=${link(place, one.customer)}>${nameOf(one)}</a></dd>`)}</dl>`
            : html`<p class="soft">${t("relations.none")}</p>`}
        ${open ? html`<${Edit} card=${card} onClose=${() => setOpen(false)} />` : null}
    </section>`;
}
