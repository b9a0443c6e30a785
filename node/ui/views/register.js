/**
 * Register in ten seconds (C1, C4): name and number, what it is for, a tick, which is the consent; the rest may come
 * later, in conversation. What was typed into the field at the counter is filled in already. The tiers and what they
 * ask stand beside, to be shown.
 */
import {get, Problem, send} from "ui/api.js";
import {useData} from "ui/data.js";
import {address, groupPhone, money} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useRef, useState} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Check, Field} from "ui/parts/field.js";
import {FormProblem} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {go, link} from "ui/router.js";
import {search, wholePhone} from "../find.js";

const EMPTY = {name: "", phone: "", card: "", email: "", birthday: "", size: "", told: false, rules_shown: false};

/** @param {typeof EMPTY} values @returns {Record<string, string>} */
function check(values) {
    if (!values.name.trim()) return {name: t("field.needed")};
    if (!values.phone.trim() && !values.card.trim() && !values.email.trim()) return {phone: t("register.reach")};
    if (!values.told) return {told: t("register.told.needed")};
    return {};
}

function Rules() {
    const rules = useData(() => get("rules"), [], {live: false}).value;
    return html`<aside class="panel rules">
        <h2>${t("register.purpose.title")}</h2>
        <p>${t("register.purpose")}</p>
        ${rules?.tiers?.length ? html`<h2>${t("register.tiers")}</h2>
            <dl class="facts">${rules.tiers.map((/** @type {any} */ one) => html`
                <dt>${word("tier", one.tier, one.tier)}</dt><dd class="number">
                    ${t("register.from", {money: money(one.spend)})}</dd>`)}
            </dl>
            <p class="hint">${/^\d+$/.test(rules.window ?? "") ? t("register.window", {count: Number(rules.window)})
                : word("window", rules.window)}</p>` : null}
        ${rules?.benefits ? html`<p>${rules.benefits}</p>` : null}
    </aside>`;
}

/** Whose the number is already: opened, or another person's, too. */
/** @param {{rows: any[], busy: boolean, onAnother: () => void}} props */
function Known({rows, busy, onAnother}) {
    return html`<div class="row known">${rows.map((row) => html`<a class="button" key=${row.customer}
        href=${link("customer", row.customer)}>${t("register.known.open", {name: address(row.name)})}</a>`)}
        <${Button} busy=${busy} onClick=${onAnother}>${t("register.known.another")}<//></div>`;
}

/** @param {{query: Record<string, string>}} props */
export function Register({query}) {
    const start = {...EMPTY, ...Object.fromEntries(Object.entries(query).filter(([name]) => name in EMPTY))};
    const [known, setKnown] = useState(/** @type {any[]} */ ([])); // who has the number already
    const another = useRef(""); // the number of which it is said that it is another person's, too
    const form = useForm(start, async (values, key) => {
        setKnown([]);
        if (wholePhone(values.phone) && another.current !== values.phone) {
            const rows = await search(values.phone);
            setKnown(rows);
            if (rows.length > 0) throw new Problem({status: 0, code: "known", detail: "", field: "phone"});
        }
        const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "" && value !== false));
        // The tick says both: that it was told, and that the customer agrees (C4).
        const made = await send("POST", "customers", {...given, agrees: values.told}, {key});
        toast(t("register.done", {name: values.name}));
        go("customer", made.id);
    }, {check});
    function anyway() {
        another.current = form.values.phone;
        form.submit();
    }
    return html`<h1>${t("register.title")}</h1>
        <div class="columns">
            <form class="panel" onSubmit=${form.submit} novalidate>
                <${Field} ...${form.field("name")} label=${t("field.name")} required
                    data-focus=${!start.name || undefined} />
                <${Field} data-focus=${start.name ? true : undefined} ...${form.field("phone")}
                    label=${t("field.phone")} type="tel" inputMode="tel"
                    format=${groupPhone} />
                ${form.errors.phone && known.length > 0 ? html`<${Known} rows=${known} busy=${form.busy}
                    onAnother=${anyway} />` : null}
                <${Check} ...${form.field("told")} label=${t("register.told")} hint=${t("register.told.hint")} />
                <${Check} ...${form.field("rules_shown")} label=${t("register.shown")} />
                <${FormProblem} form=${form} />
                <${Button} kind="main" large type="submit" busy=${form.busy}>${t("register.do")}<//>
                <details class="later"><summary>${t("register.later")}</summary>
                    <${Field} ...${form.field("card")} label=${t("field.card")} />
                    <${Field} ...${form.field("birthday")} label=${t("field.birthday")}
                        hint=${t("register.birthday.hint")}
                        inputMode="numeric" />
                    <${Field} ...${form.field("size")} label=${t("field.size")} />
                    <${Field} ...${form.field("email")} label=${t("field.email")} type="email" />
                </details>
            </form>
            <${Rules} />
        </div>`;
}
