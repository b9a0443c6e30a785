/** Whom somebody asks about: a telephone number or its end, card, e-mail, name or id; one answer opens at once. */
import {list} from "ui/api.js";
import {useForm} from "ui/form.js";
import {html, useState} from "ui/html.js";
import {date} from "ui/format.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Field} from "ui/parts/field.js";
import {Empty, FormProblem} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {go, link} from "ui/router.js";
import {Tier, who} from "../parts/people.js";
import {Take} from "../parts/take.js";

const ID = /^\d{1,5}-\d{1,8}$/;

export function Find() {
    const [found, setFound] = useState(/** @type {{rows: any[], next: string | null, text: string} | null} */ (null));
    const form = useForm({whom: ""}, async ({whom}) => {
        const text = whom.trim();
        const {rows, next} = await list("customers", {text});
        if (rows.length === 1) go("customers", rows[0].customer);
        else if (rows.length === 0 && ID.test(text)) go("customers", text);
        else setFound({rows, next, text});
    }, {
        check: ({whom}) => /** @type {Record<string, string>} */ (whom.trim() ? {} : {whom: t("field.needed")}),
        aliases: {text: "whom"},
        loose: true,
    });
    const columns = [
        {name: "who", label: t("customer"), cell: who},
        {name: "card", label: t("card"), cell: (/** @type {any} */ row) => row.name ? row.card : ""},
        {name: "phone", label: t("phone"), cell: (/** @type {any} */ row) => row.phone},
        {name: "tier", label: t("tier"), cell: (/** @type {any} */ row) => html`<${Tier} row=${row} />`},
        {name: "last", label: t("last"), cell: (/** @type {any} */ row) => row.last ? date(row.last) : "–"},
    ];
    return html`<h1>${t("place.find")}</h1>
        <form class="panel narrow" role="search" onSubmit=${form.submit} novalidate>
            <${Field} ...${form.field("whom")} label=${t("find.whom")} hint=${t("find.hint")} type="search"
                data-focus />
            <${FormProblem} form=${form} />
            <${Button} kind="main" type="submit" busy=${form.busy}>${t("find.do")}<//>
        </form>
        ${found?.rows.length ? html`<div class="filters no-print"><${Take} list=${
            {...found, path: "customers", query: {text: found.text}}} /></div>` : null}
        ${found ? html`<${Table} caption=${t("place.find")} columns=${columns} rows=${found.rows}
            href=${(/** @type {any} */ row) => link("customers", row.customer)}
            empty=${html`<${Empty} title=${t("find.nobody")}>${t("find.nobody.do")}<//>`} />` : null}`;
}
