/**
 * An import from the choice of its file to its end. It is kept here and not in the view, so that whoever goes to the
 * counter meanwhile finds it as it was; it is gone when somebody else signs in.
 *
 *     choose(kind, file)   what is in the file, and which column may be which field: by a mapping kept that fits, else
 *                          as the program proposes
 *     change({fields})     other settings
 *     attempt()            a dry run: nothing is written
 *     run(name)            takes the rows in; `name`: keeps the mapping
 *
 * @typedef {import("./mapping.js").Settings} Settings
 * @typedef {object} Work
 * @property {string} kind
 * @property {File | null} file
 * @property {import("./file.js").Taken | null} taken
 * @property {{column: string, examples: string[]}[]} columns empty: not known yet
 * @property {string} found the encoding that the file is in
 * @property {Settings} settings
 * @property {any[]} kept mappings of the kind
 * @property {string} used the one that the settings came from
 * @property {string} wrong what the file is instead of CSV
 * @property {any} problem
 * @property {"" | "look" | "try" | "run"} busy
 * @property {any} tried answer of the dry run of these settings
 * @property {any} done answer of the import
 */
import {list, newKey, send, upload} from "ui/api.js";
import {session} from "ui/session.js";
import {createState} from "ui/state.js";
import {KINDS, missing, TIMES} from "./fields.js";
import {take} from "./file.js";
import {fitting, formatsOf, fromKept, plain, queryOf} from "./mapping.js";
import {unknownWord} from "./reasons.js";

const OWN = ["rejected_line", "rejected_reason"]; // of a file of rejected rows, which the program passes over

/** Of a word whose meaning nobody has said yet. */
export const UNSAID = "?";

/** @returns {Work} */
function fresh() {
    return {kind: KINDS[0], file: null, taken: null, columns: [], found: "", settings: plain(), kept: [], used: "",
        wrong: "", problem: null, busy: "", tried: null, done: null};
}

export const work = createState(fresh());
/** Of what is asked last: an answer to what was asked before changes nothing. */
let turn = 0;
let key = "";
let whose = session.get()?.name;
session.listen((now) => {
    if (!now || now.name === whose) return;
    whose = now.name;
    restart();
});

/** @param {Partial<Work>} some */
function set(some) {
    work.set({...work.get(), ...some});
}

/** @param {Work["busy"]} busy @param {(still: () => boolean) => Promise<Partial<Work>>} ask */
async function during(busy, ask) {
    const mine = ++turn;
    set({busy, problem: null});
    try {
        const some = await ask(() => mine === turn);
        if (mine === turn) set({busy: "", ...some});
    } catch (problem) {
        if (mine === turn) set({busy: "", problem});
    }
}

/** @param {string} [kind] */
export function restart(kind) {
    turn++;
    work.set({...fresh(), kind: kind ?? work.get().kind});
}

/** Names of the columns. */
export function columnNames() {
    return work.get().columns.map((one) => one.column);
}

/** @param {Settings} settings what is sent: a file that is UTF-8 beyond doubt is in nothing else */
function query(settings) {
    const {taken} = work.get();
    const said = {...settings, meanings: settings.meanings.filter((one) => one.meaning !== UNSAID)};
    return queryOf(columnNames(), taken?.utf8 ? {...said, encoding: ""} : said);
}

/** How the dates of the columns are written, where they tell. @param {string[]} fields */
function format(fields) {
    const examples = work.get().columns.filter((_, index) => TIMES.includes(fields[index]))
        .flatMap((one) => one.examples);
    const [first = ""] = formatsOf(examples);
    return first;
}

/**
 * One wrong date in a column keeps the program from proposing it: where there is one column of dates, that is it.
 * @param {any[]} columns @param {string[]} fields
 */
function withTime(columns, fields) {
    const [lacks] = missing(work.get().kind, fields.filter(Boolean)).flat().filter((one) => TIMES.includes(one));
    const dates = columns.flatMap(({examples}, index) =>
        (!fields[index] && examples.length > 0 && formatsOf(examples).length > 0 ? [index] : []));
    return lacks && dates.length === 1 ? fields.map((one, index) => (index === dates[0] ? lacks : one)) : fields;
}

/** @param {any} answer of `suggest` @param {any[]} kept @param {Settings} before */
function proposed(answer, kept, before) {
    const columns = answer.columns.filter((/** @type {any} */ one) => !OWN.includes(one.column));
    set({columns, found: answer.encoding});
    const names = columnNames();
    const chosen = {encoding: before.encoding, delimiter: before.delimiter};
    const {used} = work.get();
    if (before.fields.length === names.length && before.fields.some(Boolean)) return {settings: before, used};
    const fits = kept.map((one) => ({name: one.name, ...fromKept(one.options, names)}))
        .filter((one) => one.lacks.length === 0);
    const last = fits.at(-1);
    if (last) return {settings: {...last.settings, ...(before.encoding ? chosen : {})}, used: last.name};
    const fields = withTime(columns, columns.map((/** @type {any} */ one) => one.field ?? ""));
    return {settings: {...plain(), ...chosen, fields, format: answer.date_format ?? format(fields)}, used: ""};
}

/** What is in the file. @param {Settings} settings from before */
async function look(settings) {
    const {kind, taken} = work.get();
    if (!taken) return;
    await during("look", async (still) => {
        const {rows} = await list("mappings", {limit: 1000});
        const kept = rows.filter((one) => one.kind === kind).sort((a, b) => a.saved.localeCompare(b.saved));
        const {encoding, delimiter} = query(settings);
        const answer = await upload(`imports/${kind}`, {suggest: true, encoding, delimiter}, taken.body);
        return still() ? {kept, ...proposed(answer, kept, settings), tried: null} : {};
    });
}

/** @param {string} kind @param {File | null} file @param {boolean} [again] corrected: with the settings of before */
export async function choose(kind, file, again = false) {
    const before = again ? work.get() : fresh();
    const settings = again ? fitting(kind, before.settings) : plain();
    turn++;
    work.set({...fresh(), kind, file, used: before.used});
    if (!file) return;
    const taken = await take(file);
    if (work.get().file !== file) return;
    if ("wrong" in taken) {
        set({wrong: taken.wrong});
        return;
    }
    set({taken});
    await look(settings);
}

/** @param {Partial<Settings>} some */
export function change(some) {
    const settings = {...work.get().settings, ...some};
    if (some.fields && !work.get().used && !settings.format) settings.format = format(some.fields);
    key = "";
    turn++;
    set({settings, tried: null, problem: null, busy: ""});
    // What its letters and columns are is asked anew.
    if ("encoding" in some || "delimiter" in some) look(settings);
}

/** A mapping that is kept, or none: as proposed. @param {string} name */
export function takeKept(name) {
    const found = work.get().kept.find((one) => one.name === name);
    if (!found) {
        set({used: "", kept: work.get().kept});
        return choose(work.get().kind, work.get().file);
    }
    const {settings, lacks} = fromKept(found.options, columnNames());
    turn++;
    set({settings, used: name, tried: null, busy: "",
        problem: lacks.length > 0 ? {code: "lacks", columns: lacks} : null});
    return Promise.resolve();
}

/** @param {string} name */
export async function forget(name) {
    await send("DELETE", `mappings/${encodeURIComponent(name)}`);
    const {kept, used} = work.get();
    set({kept: kept.filter((one) => one.name !== name), used: used === name ? "" : used});
}

const PREVIEW = 10;

export function attempt() {
    const {kind, taken, settings} = work.get();
    if (!taken) return Promise.resolve();
    return during("try", async () => {
        const tried = await upload(`imports/${kind}`, {...query(settings), "dry-run": true, preview: PREVIEW},
            taken.body);
        key = newKey();
        return {tried, settings: {...settings, meanings: [...settings.meanings, ...asked(tried, settings)]}};
    });
}

/** The words of the file whose meaning is to be said. @param {any} tried @param {Settings} settings */
function asked(tried, settings) {
    /** @type {import("./mapping.js").Meaning[]} */
    const found = [];
    for (const problem of tried.problems) {
        const word = unknownWord(problem);
        const known = [...settings.meanings, ...found].some((one) => one.field === problem.field && one.word === word);
        if (word !== null && problem.field && !known) found.push({field: problem.field, word, meaning: UNSAID});
    }
    return found;
}

/** @param {string} name under which the mapping is kept, or empty @param {boolean} replace the one of that name */
export function run(name, replace) {
    const {kind, taken, settings} = work.get();
    if (!taken) return Promise.resolve();
    return during("run", async () => {
        if (name && replace) await send("DELETE", `mappings/${encodeURIComponent(name)}`);
        const done = await upload(`imports/${kind}`, {...query(settings), "save-map": name}, taken.body, {key});
        return {done};
    });
}
