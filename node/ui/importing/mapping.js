/**
 * Which column of a file is which field, as the form has it and as the program takes it (node/mapping.h). Pure.
 *
 * @typedef {{column: string, value: string}} Where only rows with this value
 * @typedef {{field: string, word: string, meaning: string}} Meaning of a word of the file; empty: it says nothing
 * @typedef {object} Settings
 * @property {string[]} fields of each column, empty: it is not used
 * @property {string} format how dates are written, empty: 2026-06-30 or 2026-06-30 12:00:05
 * @property {string} encoding empty: as the file tells
 * @property {string} delimiter empty: as the file tells
 * @property {string} source empty: the usual one
 * @property {Where[]} where
 * @property {Meaning[]} meanings
 */
import {FIELDS, JOINED} from "./fields.js";

/** @returns {Settings} */
export function plain() {
    return {fields: [], format: "", encoding: "", delimiter: "", source: "", where: [], meanings: []};
}

/** One entry of an option, quoted as CSV. @param {string} text */
function entry(text) {
    return /[",]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** The entries of an option. @param {string} text */
export function entries(text) {
    const found = text.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*))/g);
    return [...found].map(([, quoted, bare]) => (quoted?.replace(/""/g, '"') ?? bare).trim()).filter(Boolean);
}

/** What is asked of the program. @param {string[]} names of the columns @param {Settings} settings */
export function queryOf(names, settings) {
    const used = [...new Set(settings.fields.filter(Boolean))];
    return {
        map: used.map((field) =>
            entry(`${field}=${names.filter((_, index) => settings.fields[index] === field).join("+")}`)),
        where: settings.where.map(({column, value}) => `${column}=${value}`),
        value: settings.meanings.map(({field, word, meaning}) => entry(`${field}=${word}:${meaning}`)),
        "date-format": settings.format, encoding: settings.encoding, delimiter: settings.delimiter,
        source: settings.source,
    };
}

/** The columns that a field of a kept mapping names. @param {string} text @param {string[]} names of the file */
function columnsOf(text, names) {
    return names.includes(text) ? [text] : text.split("+").map((one) => one.trim());
}

/** @param {string} text FIELD=VALUE:MEANING,… @returns {Meaning[]} */
function meaningsOf(text) {
    let field = "";
    return entries(text).map((one) => {
        const [, named, rest] = /^([a-z_]+)=(.*)$/s.exec(one) ?? [null, field, one];
        field = named ?? field;
        const colon = String(rest).lastIndexOf(":");
        return {field, word: String(rest).slice(0, colon), meaning: String(rest).slice(colon + 1)};
    });
}

/**
 * A mapping that was kept, for a file with these columns; `lacks`: what it wants and the file does not have.
 * @param {any} options of GET /mappings @param {string[]} names
 */
export function fromKept(options, names) {
    const settings = plain();
    settings.fields = names.map(() => "");
    /** @type {string[]} */
    const lacks = [];
    for (const one of (options.map ?? []).flatMap(entries)) {
        const cut = one.indexOf("=");
        const field = cut < 0 ? one : one.slice(0, cut);
        for (const column of columnsOf(cut < 0 ? one : one.slice(cut + 1), names)) {
            const at = names.indexOf(column);
            if (at < 0) lacks.push(column);
            else settings.fields[at] = field;
        }
    }
    settings.where = (options.where ?? []).map((/** @type {string} */ one) => ({
        column: one.slice(0, one.indexOf("=")), value: one.slice(one.indexOf("=") + 1)}));
    lacks.push(...settings.where.map(({column}) => column).filter((column) => !names.includes(column)));
    settings.meanings = (options.value ?? []).flatMap(meaningsOf);
    settings.format = options["date-format"] ?? "";
    settings.encoding = options.encoding ?? "";
    settings.delimiter = options.delimiter ?? "";
    settings.source = options.source ?? "";
    return {settings, lacks: [...new Set(lacks)]};
}

/** Fields that more columns are said to be than can be. @param {Settings} settings */
export function twice(settings) {
    const used = settings.fields.filter(Boolean);
    return [...new Set(used.filter((field, index) => used.indexOf(field) !== index && !JOINED.includes(field)))];
}

/** Without what goes with another kind. @param {string} kind @param {Settings} settings */
export function fitting(kind, settings) {
    return {...settings, fields: settings.fields.map((one) => (FIELDS[kind].includes(one) ? one : "")),
        meanings: settings.meanings.filter(({field}) => FIELDS[kind].includes(field))};
}

/** @type {Record<string, string>} */
const PARTS = {Y: "(?:19|20|21)\\d\\d", m: "(?:0?[1-9]|1[0-2])", d: "(?:0?[1-9]|[12]\\d|3[01])",
    H: "(?:[01]?\\d|2[0-3])", M: "[0-5]\\d", S: "[0-5]\\d", I: "(?:0?[1-9]|1[0-2])", p: "[AaPp][Mm]", b: "[A-Za-z]{3}"};
/** How the files of other programs write dates, as import_suggest.c tries them. */
export const FORMATS = ["%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y", "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d-%m-%Y",
    "%d-%m-%Y %H:%M", "%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y.%m.%d", "%Y.%m.%d %H:%M",
    "%Y.%m.%d %H:%M:%S", "%Y. %m. %d.", "%Y%m%d", "%Y%m%d%H%M%S", "%Y년 %m월 %d일", "%Y年%m月%d日",
    "%d %b %Y", "%b %d %Y"];
const USUAL = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** @param {string} format */
function pattern(format) {
    const parts = format.split(/(%[A-Za-z])/).map((part) => (/^%[A-Za-z]$/.test(part) ? PARTS[part[1]]
        : part.replace(/[.\\/]/g, "\\$&").replace(/ /g, "\\s+")));
    return new RegExp(`^${parts.join("")}$`);
}

/** In which ways all of these may be dates; the first empty: the usual one. @param {string[]} examples */
export function formatsOf(examples) {
    if (examples.length === 0 || examples.every((one) => USUAL.test(one))) return [""];
    return FORMATS.filter((format) => examples.every((one) => pattern(format).test(one.trim())));
}

/** A date as a format writes it. @param {string} format */
export function sample(format) {
    /** @type {Record<string, string>} */
    const values = {Y: "2026", m: "12", d: "31", H: "14", M: "05", S: "09", I: "02", p: "PM", b: "Dec"};
    return format ? format.replace(/%([A-Za-z])/g, (whole, part) => values[part] ?? whole) : "2026-12-31 14:05";
}
