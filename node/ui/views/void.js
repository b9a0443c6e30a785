/**
 * Something noted by mistake is taken back, with the reason, by a manager; it stays to be seen, and may count again.
 */
import {send} from "ui/api.js";
import {useForm} from "ui/form.js";
import {html} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Field} from "ui/parts/field.js";
import {FormProblem} from "ui/parts/notice.js";
import {toast} from "ui/parts/toast.js";
import {hasRole} from "ui/session.js";

/** What is taken back; of the rest another entry says that it is no longer so. */
const MISTAKES = ["sold", "returned", "redeemed", "benefit", "package_used", "contacted", "promised", "left"];

/** @param {{event: any, onDone?: () => void}} props event: of a history */
export function Void({event, onDone}) {
    const undo = Boolean(event.voided);
    const form = useForm({reason: ""}, async ({reason}, key) => {
        await send("POST", `events/${event.id}/void`, {reason: reason.trim(), ...(undo ? {undo: true} : {})}, {key});
        toast(t(undo ? "void.undone" : "void.done"));
        form.reset();
        onDone?.();
    }, {
        check: ({reason}) => /** @type {Record<string, string>} */ (reason.trim() ? {} : {reason: t("field.needed")}),
    });
    if (!hasRole("manager") || !MISTAKES.includes(event.type)) return null;
    const what = t(undo ? "void.undo" : "void.do");
    return html`<details class="later void no-print"><summary aria-label=${`${what}: ${word("event", event.type)}`}>
        ${what}</summary>
        <form onSubmit=${form.submit} novalidate>
            <${Field} ...${form.field("reason")} label=${t("void.reason")} />
            <${FormProblem} form=${form} />
            <${Button} kind=${undo ? "plain" : "danger"} type="submit" busy=${form.busy}>${what}<//>
        </form></details>`;
}
