/**
 * A complaint is opened in seconds (X1): how it came and what it is about; whose it is, if somebody's. Then the guide
 * begins.
 */
import {send} from "ui/api.js";
import {useForm} from "ui/form.js";
import {html} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Choice, Field, TextArea} from "ui/parts/field.js";
import {FormProblem} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {go} from "ui/router.js";
import {options, Whose} from "../pieces.js";

/** @param {{id?: string}} props the customer; none: nobody's */
export function Complain({id}) {
    const form = useForm({channel: "counter", text: "", topic: "", sku: ""}, async (values, key) => {
        const body = Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ""));
        const made = await send("POST", "complaints", {...body, ...(id ? {customer: id} : {})}, {key});
        toast(t("complain.done"));
        go("complaints", made.id);
    }, {check: (values) => (values.text.trim() ? {} : {text: t("field.needed")})});
    return html`<h1>${t("complain.title")}</h1>
        ${id ? html`<${Whose} id=${id} />` : html`<p class="soft">${t("complain.nobody")}</p>`}
        <form class="panel" onSubmit=${form.submit} novalidate>
            <${Choice} ...${form.field("channel")} label=${t("complain.channel")}
                options=${options("channel", ["counter", "phone", "hotline", "third-party"])} />
            <${TextArea} ...${form.field("text")} label=${t("complain.text")}
                hint=${t("complain.text.hint")} data-focus />
            <div class="pair">
                <${Field} ...${form.field("topic")} label=${t("complain.topic")} optional=${t("optional")} />
                <${Field} ...${form.field("sku")} label=${t("complain.sku")} optional=${t("optional")} />
            </div>
            <${FormProblem} form=${form} />
            <${Button} kind="main" large type="submit" busy=${form.busy}>${t("complain.send")}<//>
        </form>`;
}
