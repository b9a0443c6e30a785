/**
 * What the columns of a file are, how its dates are written, which rows are wanted, and what its own words mean: as
 * proposed or kept, to be put right before anything is taken in.
 */
import {html, useState} from "ui/html.js";
import {problemText, t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Dialog} from "ui/parts/dialog.js";
import {Field, Select} from "ui/parts/field.js";
import {Notice} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {toast} from "ui/parts/toast.js";
import {useShared} from "ui/state.js";
import {FIELDS, missing, TIMES, wordsFor} from "../importing/fields.js";
import {ENCODINGS} from "../importing/file.js";
import {FORMATS, formatsOf, sample, twice} from "../importing/mapping.js";
import {fieldName, wordName} from "../importing/names.js";
import {attempt, change, forget, takeKept, UNSAID, work} from "../importing/work.js";

/** @param {{value: string, label: string, options: {value: string, label: any}[], onValue: (value: string) => void,
 *     name: string}} props a choice in a table, whose label is for who does not see the column */
function Which({value, label, options, onValue, name}) {
    return html`<select name=${name} aria-label=${label}
        onChange=${(/** @type {any} */ event) => onValue(event.target.value)}>
        ${options.map((one) => html`<option value=${one.value} selected=${one.value === value}>${one.label}</option>`)}
    </select>`;
}

function FieldsTable() {
    const {kind, columns, settings} = useShared(work);
    const options = [{value: "", label: t("import.unused")},
        ...FIELDS[kind].map((value) => ({value, label: fieldName(kind, value)}))];
    /** @param {number} at @param {string} field */
    const say = (at, field) => change({fields: columns.map((_, index) =>
        (index === at ? field : settings.fields[index] ?? ""))});
    const rows = columns.map((one, index) => ({...one, index}));
    const shown = [
        {name: "column", label: t("import.column"), cell: (/** @type {any} */ row) => row.column || "–"},
        {name: "examples", label: t("import.examples"), cell: (/** @type {any} */ row) => html`<span class="soft">${
            row.examples.join(" · ") || t("import.none")}</span>`},
        {name: "field", label: t("import.is"), acts: true, cell: (/** @type {any} */ row) => html`<${Which}
            name=${`column.${row.index}`} value=${settings.fields[row.index] ?? ""} options=${options}
            label=${t("import.is.of", {column: row.column})}
            onValue=${(/** @type {string} */ field) => say(row.index, field)} />`},
    ];
    return html`<div class="few"><${Table} caption=${t("import.columns")} columns=${shown} rows=${rows}
        rowKey=${(/** @type {any} */ row) => String(row.index)} /></div>`;
}

/** How dates are written: what fits the examples first. */
function Dates() {
    const {columns, settings} = useShared(work);
    const dates = columns.filter((_, index) => TIMES.includes(settings.fields[index]));
    const examples = dates.flatMap((one) => one.examples);
    if (examples.length === 0) return null;
    const fits = formatsOf(examples);
    const all = [...new Set([...fits, settings.format, "", ...FORMATS])];
    const doubt = fits.length > 1 && fits.includes(settings.format);
    return html`<${Select} name="format" class="dates" label=${t("import.dates")} value=${settings.format}
        hint=${doubt ? t("import.dates.doubt", {example: examples[0]}) : undefined}
        options=${all.map((value) => ({value, label: `${sample(value)}${fits.includes(value) ? " ✓" : ""}`}))}
        onValue=${(/** @type {string} */ format) => change({format})} />`;
}

/** Only some of the rows. */
function Wanted() {
    const {columns, settings} = useShared(work);
    const [first, ...others] = settings.where;
    /** @param {Partial<import("../importing/mapping.js").Where>} some */
    function say(some) {
        const next = {...(first ?? {column: "", value: ""}), ...some};
        change({where: next.column ? [next, ...others] : others});
    }
    return html`<div class="pair"><${Select} name="where.column" label=${t("import.where")} value=${first?.column ?? ""}
            options=${[{value: "", label: t("import.where.all")},
                ...columns.map(({column}) => ({value: column, label: column}))]}
            onValue=${(/** @type {string} */ column) => say({column})} />
        ${first ? html`<${Field} name="where.value" label=${t("import.where.is")} value=${first.value}
            onValue=${(/** @type {string} */ value) => say({value})} />` : null}</div>`;
}

/** Words of the file that the program does not know. */
function Words() {
    const {kind, settings} = useShared(work);
    const rows = settings.meanings.map((one, index) => ({...one, index}));
    if (rows.length === 0) return null;
    /** @param {number} at @param {string} meaning */
    const say = (at, meaning) => change({meanings: settings.meanings.map((one, index) =>
        (index === at ? {...one, meaning} : one))});
    const columns = [
        {name: "word", label: t("import.word"), cell: (/** @type {any} */ row) => `“${row.word}”`},
        {name: "field", label: t("import.word.of"), cell: (/** @type {any} */ row) => fieldName(kind, row.field)},
        {name: "meaning", label: t("import.word.means"), acts: true, cell: (/** @type {any} */ row) => {
            const known = wordsFor(kind, row.field);
            const own = ["", UNSAID, ...known].includes(row.meaning) ? [] : [row.meaning];
            return html`<${Which} name=${`meaning.${row.index}`} value=${row.meaning}
                label=${t("import.word.means.of", {word: row.word})}
                options=${[{value: UNSAID, label: t("import.word.unsaid")},
                    ...[...known, ...own].map((value) => ({value, label: wordName(kind, row.field, value)})),
                    {value: "", label: t("import.word.nothing")}]}
                onValue=${(/** @type {string} */ meaning) => say(row.index, meaning)} />`;
        }},
    ];
    return html`<section class="panel"><h2>${t("import.words")}</h2><p class="hint">${t("import.words.hint")}</p>
        <div class="few"><${Table} caption=${t("import.words")} columns=${columns} rows=${rows}
            rowKey=${(/** @type {any} */ row) => `${row.field} ${row.word}`} /></div></section>`;
}

/** The mappings kept: one is taken, or is kept no longer. */
function Kept() {
    const {kept, used} = useShared(work);
    const [asking, setAsking] = useState(false);
    if (kept.length === 0) return null;
    async function drop() {
        try {
            await forget(used);
            toast(t("import.kept.gone", {name: used}));
        } catch (problem) {
            toast(problemText(problem));
        }
        setAsking(false);
    }
    return html`<div class="one-line kept"><${Select} name="kept" label=${t("import.kept")} value=${used}
            hint=${used ? t("import.kept.used", {name: used}) : undefined}
            options=${[{value: "", label: t("import.kept.none")},
                ...kept.map(({name}) => ({value: name, label: name}))]} onValue=${takeKept} />
        ${used ? html`<${Button} onClick=${() => setAsking(true)}>${t("import.kept.drop")}<//>` : null}
        ${asking ? html`<${Dialog} title=${t("import.kept.drop.of", {name: used})} onClose=${() => setAsking(false)}>
            <p>${t("import.kept.drop.hint")}</p>
            <div class="row"><${Button} kind="danger" onClick=${drop}>${t("import.kept.drop")}<//>
                <${Button} onClick=${() => setAsking(false)}>${t("cancel")}<//></div><//>` : null}</div>`;
}

export function Columns() {
    const {kind, settings, found, busy, tried} = useShared(work);
    const lacks = missing(kind, settings.fields.filter(Boolean));
    const doubled = twice(settings);
    const names = (/** @type {string[]} */ some) => some.map((one) => fieldName(kind, one));
    return html`<section class="panel"><h2>${t("import.columns")}</h2>
        <${Kept} /><${FieldsTable} />
        ${lacks.length > 0 ? html`<${Notice} kind="warn"><p>${t("import.missing", {
            fields: lacks.map((some) => names(some).join(t("import.or"))).join(", ")})}</p><//>` : null}
        ${doubled.length > 0 ? html`<${Notice} kind="warn"><p>${t("import.twice", {
            fields: names(doubled).join(", ")})}</p><//>` : null}
        <${Dates} />
        <details class="later"><summary>${t("import.more")}</summary>
            <${Wanted} />
            <${Select} name="encoding" label=${t("exports.encoding")} value=${settings.encoding}
                options=${[{value: "", label: t("import.encoding.found", {name: found})},
                    ...ENCODINGS.map(([value]) => ({value, label: t(`import.encoding.${value}`)}))]}
                onValue=${(/** @type {string} */ encoding) => change({encoding})} /></details></section>
        <${Words} />
        <div class="row send-file"><${Button} kind=${tried ? "plain" : "main"} large busy=${busy === "try"}
            disabled=${lacks.length > 0 || doubled.length > 0} onClick=${attempt}>${t("import.try")}<//>
            <span class="hint">${t("import.try.hint")}</span></div>`;
}
