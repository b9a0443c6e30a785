/**
 * The keeping of the customer files, for the manager: the sample of the quarter, each file checked with its customer
 * (S1), and the monthly review by whoever keeps them (C10).
 */
import {list, send} from "ui/api.js";
import {useData} from "ui/data.js";
import {useForm} from "ui/form.js";
import {theSite} from "ui/format.js";
import {html, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Dialog} from "ui/parts/dialog.js";
import {Choice, Field, TextArea} from "ui/parts/field.js";
import {Empty, FormProblem, Loaded} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {toast} from "ui/parts/toast.js";
import {link} from "ui/router.js";

/** @param {{row: any, onClose: (done: boolean) => void}} props row: of the sample */
function Check({row, onClose}) {
    const form = useForm({valid: "", findings: ""}, async ({valid, findings}, key) => {
        await send("POST", `customers/${row.customer}/checks`,
            {valid, ...(findings.trim() ? {findings: findings.trim()} : {})}, {key});
        toast(t("files.checked"));
        onClose(true);
    }, {
        check: ({valid}) => /** @type {Record<string, string>} */ (valid ? {} : {valid: t("field.needed")}),
    });
    return html`<${Dialog} title=${t("files.check.of", {name: row.name || row.customer})}
        onClose=${() => onClose(false)}>
        <p>${t("files.check.hint")} ${row.phone ? html`<b class="number">${row.phone}</b>` : null}</p>
        <form onSubmit=${form.submit} novalidate>
            <${Choice} ...${form.field("valid")} label=${t("files.valid")}
                options=${["yes", "no"].map((value) => ({value, label: t(`files.valid.${value}`)}))} />
            <${TextArea} ...${form.field("findings")} label=${t("files.findings")} optional=${t("optional")} />
            <${FormProblem} form=${form} />
            <div class="row"><${Button} kind="main" type="submit" busy=${form.busy}>${t("save")}<//>
                <${Button} onClick=${() => onClose(false)}>${t("cancel")}<//></div>
        </form>
    <//>`;
}

function Sample() {
    const data = useData((signal) => list("staff/sample", {limit: 1000}, {signal}), []);
    const [checking, setChecking] = useState(/** @type {any} */ (null));
    const columns = [
        {name: "who", label: t("field.name"), cell: (/** @type {any} */ row) => html`<a
            href=${link("customer", row.customer)}>${row.name || row.customer}</a>`},
        {name: "phone", label: t("field.phone"), cell: (/** @type {any} */ row) => row.phone ?? ""},
        {name: "staff", label: t("contests.name"), cell: (/** @type {any} */ row) => row.staff ?? "–"},
        {name: "state", label: t("files.state"), cell: (/** @type {any} */ row) => !row.verified
            ? html`<span class="soft">${t("files.not")}</span>`
            : t(row.valid ? "files.valid.yes" : "files.valid.no")},
        {name: "do", label: html`<span class="unseen">${t("files.check")}</span>`,
            cell: (/** @type {any} */ row) => html`<${Button} onClick=${() => setChecking(row)}
                aria-label=${t("files.check.of", {name: row.name || row.customer})}>${t("files.check")}<//>`},
    ];
    return html`<section class="panel"><h2>${t("files.sample")}</h2><p class="hint">${t("files.sample.hint")}</p>
        <${Loaded} data=${data}>${(/** @type {{rows: any[]}} */ {rows}) => html`<${Table}
            caption=${t("files.sample")} columns=${columns} rows=${rows}
            rowKey=${(/** @type {any} */ row) => row.customer}
            empty=${html`<${Empty} title=${t("files.empty")} />`} />`}<//>
        ${checking ? html`<${Check} row=${checking} onClose=${(/** @type {boolean} */ done) => {
            setChecking(null);
            if (done) data.again();
        }} />` : null}</section>`;
}

function Review() {
    const data = useData((signal) => list("staff", {limit: 1000}, {signal}), []);
    const form = useForm({files: ""}, async ({files}, key) => {
        await send("POST", "reviews", files.trim() ? {files: files.trim()} : {}, {key});
        toast(t("files.reviewed"));
        form.reset();
        data.again();
    }, {
        check: ({files}) => /** @type {Record<string, string>} */ (!files.trim() || /^\d{1,9}$/.test(files.trim())
            ? {} : {files: t("files.count.wrong")}),
    });
    const reviewers = (data.value?.rows ?? []).filter((one) => one.store === theSite().store &&
        one.reviews !== null && (one.keeper || one.reviews > 0));
    return html`<section class="panel"><h2>${t("files.review")}</h2><p class="hint">${t("files.review.hint")}</p>
        ${reviewers.length > 0 ? html`<ul class="plain">${reviewers.map((one) => html`<li key=${one.staff}>
            ${t("files.reviews", {name: one.name || one.staff, count: one.reviews})}</li>`)}</ul>` : null}
        <form class="one-line" onSubmit=${form.submit} novalidate>
            <${Field} ...${form.field("files")} label=${t("files.count")} inputMode="numeric"
                optional=${t("optional")} />
            <${Button} type="submit" busy=${form.busy}>${t("files.review.do")}<//>
        </form>
        <${FormProblem} form=${form} /></section>`;
}

export function Files() {
    return html`<p class="no-print"><a href="#/contests">← ${t("contests.title")}</a></p>
        <h1>${t("files.title")}</h1><${Sample} /><${Review} />`;
}
