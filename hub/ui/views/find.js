/** Whom somebody asks about: telephone number, card, e-mail, name or id in one field; one answer opens at once. */
import {get, Problem} from "ui/api.js";
import {useForm} from "ui/form.js";
import {html, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Field} from "ui/parts/field.js";
import {Empty, FormProblem} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {go, link} from "ui/router.js";
import {who} from "../parts/people.js";

/** How to ask for what was typed, the likeliest way first. @param {string} typed @returns {Record<string, string>[]} */
export function ways(typed) {
    const text = typed.trim();
    if (/^\d{1,5}-\d{1,8}$/.test(text)) return [{id: text}, {card: text}];
    if (text.includes("@")) return [{email: text}];
    if (/^[+\d][\d\s().-]{5,}$/.test(text.normalize("NFKC"))) return [{phone: text}, {card: text}];
    return [{card: text}, {name: text}];
}

/** @param {string} typed @returns {Promise<any[]>} those found, none when nobody is */
async function find(typed) {
    for (const {id, ...query} of ways(typed)) {
        try {
            const found = await get(id ? `customers/${id}/recall` : "recall", query);
            return Array.isArray(found) ? found : [found];
        } catch (problem) {
            if (!(problem instanceof Problem) || problem.code !== "not_found") throw problem;
        }
    }
    return [];
}

export function Find() {
    const [found, setFound] = useState(/** @type {any[] | null} */ (null));
    const form = useForm({whom: ""}, async ({whom}) => {
        const rows = await find(whom);
        if (rows.length === 1) go("customers", rows[0].id ?? rows[0].customer);
        else setFound(rows);
    }, {
        check: ({whom}) => /** @type {Record<string, string>} */ (whom.trim() ? {} : {whom: t("field.needed")}),
        aliases: {phone: "whom", card: "whom", name: "whom", email: "whom", customer: "whom"},
    });
    const columns = [
        {name: "who", label: t("customer"), cell: who},
        {name: "card", label: t("card"), cell: (/** @type {any} */ row) => row.card},
        {name: "phone", label: t("phone"), cell: (/** @type {any} */ row) => row.phone},
    ];
    return html`<h1>${t("place.find")}</h1>
        <form class="panel narrow" role="search" onSubmit=${form.submit} novalidate>
            <${Field} ...${form.field("whom")} label=${t("find.whom")} hint=${t("find.hint")} type="search"
                data-focus />
            <${FormProblem} form=${form} />
            <${Button} kind="main" type="submit" busy=${form.busy}>${t("find.do")}<//>
        </form>
        ${found ? html`<${Table} caption=${t("place.find")} columns=${columns} rows=${found}
            href=${(/** @type {any} */ row) => link("customers", row.id ?? row.customer)}
            empty=${html`<${Empty} title=${t("find.nobody")}>${t("find.nobody.do")}<//>`} />` : null}`;
}
