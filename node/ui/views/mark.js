/**
 * A mark on the store's day (K2): it rains, and everyone who bought is thanked this evening; or the store was closed.
 * What was marked by mistake is taken back in the same dialog.
 */
import {send} from "ui/api.js";
import {today} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Dialog} from "ui/parts/dialog.js";
import {Choice, Field} from "ui/parts/field.js";
import {FormProblem} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {options} from "../pieces.js";

/** @param {{onClose: () => void}} props */
function Ask({onClose}) {
    const form = useForm({kind: "rainy", off: "no", at: today()}, async ({kind, off, at}, key) => {
        await send("POST", "marks", {kind, ...(off === "yes" ? {off: true} : {}), ...(at === today() ? {} : {at})},
            {key});
        toast(t(off === "yes" ? "mark.taken" : "mark.done"));
        onClose();
    });
    return html`<${Dialog} title=${t("mark.title")} onClose=${onClose}>
        <form onSubmit=${form.submit} novalidate>
            <${Choice} ...${form.field("kind")} label=${t("mark.kind")} options=${options("mark", ["rainy", "closed"])}
                hint=${t(`mark.${form.values.kind}.hint`)} />
            <${Choice} ...${form.field("off")} label=${t("mark.what")} options=${[
                {value: "no", label: t("mark.on")}, {value: "yes", label: t("mark.off")}]} />
            <${Field} ...${form.field("at")} label=${t("mark.day")} type="date" max=${today()} />
            <${FormProblem} form=${form} />
            <div class="row"><${Button} kind="main" type="submit" busy=${form.busy}>${t("mark.send")}<//>
                <${Button} onClick=${onClose}>${t("cancel")}<//></div>
        </form>
    <//>`;
}

/** The button, and the dialog behind it. */
export function MarkDay() {
    const [open, setOpen] = useState(false);
    return html`<${Button} onClick=${() => setOpen(true)}>${t("mark.do")}<//>
        ${open ? html`<${Ask} onClose=${() => setOpen(false)} />` : null}`;
}
