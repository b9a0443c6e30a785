/** What would come of an import, and what came of it: how many rows, the first of them, and those rejected. */
import {tip} from "ui/data.js";
import {dateTime, number} from "ui/format.js";
import {useForm} from "ui/form.js";
import {html, useLayoutEffect, useRef} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Check, Field} from "ui/parts/field.js";
import {Notice} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {saveFile} from "ui/save.js";
import {useShared} from "ui/state.js";
import {fieldName, reasonText} from "../importing/names.js";
import {restart, run, UNSAID, work} from "../importing/work.js";
import {gist} from "./history.js";
import {FileChoice} from "./import_file.js";

/** How many rows became what. @param {{answer: any}} props */
function Counts({answer}) {
    const dry = answer.dry_run ? "would" : "did";
    const figures = [
        {name: "written", count: answer.written}, {name: "skipped", count: answer.skipped},
        {name: "rejected", count: answer.rejected}, {name: "registered", count: answer.registered}];
    const shown = figures.filter(({name, count}) => name !== "registered" || count > 0);
    return html`<div class="figures" role="status">${shown.map(({name, count}) => html`<div key=${name}
        class=${`figure ${name === "rejected" && count > 0 ? "short" : ""}`} data-count=${name}>
        <strong>${number(count)}</strong> <span>${t(`import.${dry}.${name}`)}</span></div>`)}</div>`;
}

/** @param {{answer: any}} props */
function Rejected({answer}) {
    const {kind} = useShared(work);
    if (answer.rejected === 0) return null;
    const rows = answer.problems;
    const columns = [
        {name: "line", label: t("import.line"), cell: (/** @type {any} */ row) => number(row.line)},
        {name: "field", label: t("import.field"),
            cell: (/** @type {any} */ row) => (row.field ? fieldName(kind, row.field) : "–")},
        {name: "reason", label: t("import.why"), cell: reasonText},
    ];
    return html`<h3>${t("import.rejected")}</h3>
        <div class="few"><${Table} caption=${t("import.rejected")} columns=${columns} rows=${rows}
            rowKey=${(/** @type {any} */ row) => String(row.line)} /></div>
        ${answer.rejected > rows.length ? html`<p class="hint">${t("import.rejected.more",
            {count: answer.rejected - rows.length})}</p>` : null}`;
}

const SHOWN = 6; // values of a file

/** What an event says, for a glance. @param {any} event */
function details(event) {
    if (event.type !== "registered" && event.type !== "updated") return gist(event);
    const {name, phone, card, ...others} = event.body;
    return [name, phone, card, ...Object.values(others)].filter((one) => typeof one === "string").slice(0, SHOWN)
        .join(" · ");
}

/** @param {{rows: any[]}} props */
function Preview({rows}) {
    const columns = [
        {name: "at", label: t("import.when"), cell: (/** @type {any} */ row) => dateTime(row.at)},
        {name: "type", label: t("import.what"), cell: (/** @type {any} */ row) => word("event", row.type)},
        {name: "who", label: t("import.whose"), cell: (/** @type {any} */ row) => row.customer ?? "–"},
        {name: "gist", label: t("import.says"), cell: details},
    ];
    return html`<h3>${t("import.first")}</h3>
        <${Table} caption=${t("import.first")} columns=${columns} rows=${rows} />`;
}

/** How many entries there are more than when it began. */
function Progress() {
    const now = useShared(tip);
    const begun = useRef(now);
    return html`<p role="status">${t("import.running", {count: Math.max(0, now - begun.current)})}</p>`;
}

/** The heading has the focus when the answer comes. */
function useFocus() {
    const heading = useRef(/** @type {HTMLElement | null} */ (null));
    useLayoutEffect(() => {
        heading.current?.focus({preventScroll: true});
        heading.current?.scrollIntoView({block: "nearest"});
    }, []);
    return heading;
}

export function Tried() {
    const {tried, settings, used, kept, busy} = useShared(work);
    const heading = useFocus();
    const start = {name: "", replace: false};
    const form = useForm(start, async ({name, replace}) => {
        await run(name.trim(), replace);
        const {problem} = work.get();
        if (problem) throw problem;
    }, {
        loose: true, aliases: {save_map: "name"},
        check: ({name, replace}) => /** @type {Record<string, string>} */ (
            !replace && kept.some((one) => one.name === name.trim()) ? {replace: t("import.keep.there")} : {}),
    });
    const there = kept.some((one) => one.name === form.values.name.trim());
    const unsaid = settings.meanings.some((one) => one.meaning === UNSAID);
    return html`<section class="panel tried"><h2 ref=${heading} tabindex="-1">${t("import.tried")}</h2>
        <${Counts} answer=${tried} />
        ${tried.skipped > 0 ? html`<p class="hint">${t("import.skipped.hint")}</p>` : null}
        ${unsaid ? html`<${Notice} kind="warn"><p>${t("import.words.open")}</p><//>` : null}
        <${Rejected} answer=${tried} />
        ${tried.preview?.length > 0 ? html`<${Preview} rows=${tried.preview} />` : null}
        ${tried.written === 0 ? html`<p class="lead">${
            t(tried.rejected > 0 ? "import.nothing" : "import.all.here")}</p>`
            : html`<form onSubmit=${form.submit} novalidate>
            ${used ? null : html`<${Field} ...${form.field("name")} label=${t("import.keep")} optional=${t("optional")}
                hint=${t("import.keep.hint")} />`}
            ${there ? html`<${Check} ...${form.field("replace")} label=${t("import.keep.replace")} />` : null}
            ${form.problem ? html`<${Notice} kind="bad"><p>${form.problem}</p>
                <p class="hint">${t("import.safe")}</p><//>` : null}
            ${busy === "run" ? html`<${Progress} />` : null}
            <div class="row"><${Button} kind="main" large type="submit" busy=${busy === "run"}>
                ${t("import.run", {count: tried.written})}<//>
                <span class="hint">${t(tried.rejected > 0 ? "import.run.hint" : "import.safe")}</span></div>
        </form>`}</section>`;
}

/** @param {string} name of the file that was taken in */
function rejectsName(name) {
    return `${name.replace(/\.(csv|txt|tsv)$/i, "").replace(/\.rejects$/, "")}.rejects.csv`;
}

export function Done() {
    const {done, file, kind} = useShared(work);
    const heading = useFocus();
    return html`<section class="panel"><h2 ref=${heading} tabindex="-1">${
            t("import.done", {name: file?.name ?? ""})}</h2>
            <${Counts} answer=${done} />
            <${Notice} kind=${done.rejected > 0 ? "warn" : "good"}><p>${t(done.rejected > 0 ? "import.done.some"
                : "import.done.all")}</p><p class="hint">${t("import.safe")}</p><//>
            <${Rejected} answer=${done} /></section>
        ${done.rejected > 0 ? html`<section class="panel"><h2>${t("import.correct")}</h2>
            <ol class="numbered"><li>${done.rejects ? html`<${Button} kind="main" onClick=${() =>
                saveFile(rejectsName(file?.name ?? kind), done.rejects)}>${t("import.rejects.get")}<//>` : null}</li>
                <li>${t("import.correct.how")}</li>
                <li><${FileChoice} label=${t("import.correct.file")} again /></li></ol></section>` : null}
        <p class="row no-print"><${Button} onClick=${() => restart()}>${t("import.another")}<//></p>`;
}
