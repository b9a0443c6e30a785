/** Whose a complaint of nobody's is, said later by the store's people (C2): somebody is found, and chosen. */
import {list, Problem, send} from "ui/api.js";
import {useForm} from "ui/form.js";
import {html, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Dialog} from "ui/parts/dialog.js";
import {Choice, Field} from "ui/parts/field.js";
import {FormProblem} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {hasRole, mayWrite} from "ui/session.js";
import {who} from "../parts/people.js";
import {acted} from "./desk.js";

const FOUND = 8; // more than that, and one types more

/** @param {{id: string, onClose: () => void}} props */
function Say({id, onClose}) {
    const [found, setFound] = useState(/** @type {any[]} */ ([]));
    const form = useForm({whom: "", customer: ""}, async ({whom, customer}, key) => {
        if (!customer) {
            const {rows} = await list("customers", {text: whom.trim(), limit: FOUND});
            if (rows.length === 0) throw new Problem({status: 404, code: "not_found", detail: whom, field: "whom"});
            setFound(rows);
            form.change({customer: rows.length === 1 ? rows[0].customer : ""});
            return;
        }
        await send("POST", `purchases/${id}/customer`, {customer}, {key});
        toast(t("saved"));
        acted();
        onClose();
    }, {aliases: {text: "whom"}, check: ({whom}) => /** @type {Record<string, string>} */ (whom.trim() ? {}
        : {whom: t("field.needed")})});
    return html`<${Dialog} title=${t("whose.title")} onClose=${onClose}><form onSubmit=${form.submit} novalidate>
        <${Field} ...${form.field("whom")} label=${t("find.whom")} hint=${t("find.hint")}
            onValue=${(/** @type {string} */ whom) => {
                setFound([]);
                form.change({whom, customer: ""});
            }} />
        ${found.length > 0 ? html`<${Choice} ...${form.field("customer")} label=${t("relations.who")}
            options=${found.map((one) => ({value: one.customer,
                label: [who(one), one.phone].filter(Boolean).join(" ")}))} />` : null}
        <${FormProblem} form=${form} />
        <div class="row"><${Button} kind="main" type="submit" busy=${form.busy}
                disabled=${found.length > 0 && !form.values.customer}>${t(found.length > 0 ? "save" : "find.do")}<//>
            <${Button} onClick=${onClose}>${t("cancel")}<//></div></form><//>`;
}

/** @param {{row: any}} props a complaint */
export function Whose({row}) {
    const [open, setOpen] = useState(false);
    if (row.customer || !hasRole("manager", "assistant") || !mayWrite()) return null;
    return html`<${Button} onClick=${() => setOpen(true)}>${t("whose.do")}<//>
        ${open ? html`<${Say} id=${row.id} onClose=${() => setOpen(false)} />` : null}`;
}
