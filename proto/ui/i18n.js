/**
 * Words in three languages. A word list is a module words/<language>.js that exports `words`: key → text, or key →
 * forms by Intl.PluralRules ({one, other}). {name} in a text stands for a value. tests/web/words.test.mjs holds every
 * list to the same keys, and every key used to a list.
 *
 *     addWords((language) => import(`./words/${language}.js`));   // an app adds its own beside the shared ones
 *     await loadWords("ko");
 *     t("today.calls", {count: 3})
 *     problemText(problem)                                        // in words; the server's English is for IT
 */
import {language} from "./settings.js";
import {createState} from "./state.js";

/** @typedef {string | Record<string, string>} Word */
/** @typedef {(language: string) => Promise<{words: Record<string, Word>}>} WordSource */

/** @type {WordSource[]} */
const sources = [(wanted) => import(`./words/${wanted}.js`)];
/** @type {Record<string, Word>} */
let words = {};
let plural = new Intl.PluralRules("en");
/** The language whose words are loaded: what is drawn follows this, not the wish. */
export const spoken = createState("");

/** @param {WordSource} source */
export function addWords(source) {
    sources.push(source);
}

/** @param {string} wanted */
export async function loadWords(wanted) {
    const lists = await Promise.all(sources.map((source) => source(wanted)));
    words = Object.assign({}, ...lists.map((list) => list.words));
    plural = new Intl.PluralRules(wanted);
    document.documentElement.lang = wanted === "zh" ? "zh-CN" : wanted;
    spoken.set(wanted);
}

/** Loads the language of now, and every one chosen later. */
export async function followLanguage() {
    language.listen(loadWords);
    await loadWords(language.get());
}

/** @param {string} key */
export function hasWord(key) {
    return key in words;
}

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values] `count` picks the plural form, and shows grouped by thousands
 * @returns {string}
 */
export function t(key, values = {}) {
    const word = words[key];
    if (word === undefined) return key;
    const text = typeof word === "string" ? word : word[plural.select(Number(values.count ?? 0))] ?? word.other;
    return text.replace(/\{(\w+)\}/g, (whole, name) => {
        const value = values[name];
        if (value === undefined) return whole;
        return typeof value === "number" ? new Intl.NumberFormat(locale()).format(value) : value;
    });
}

/** A key whose last part came from outside, such as a kind of follow-up; `fallback` where there is no word for it. */
/**
 * @param {string} prefix
 * @param {string | null | undefined} name
 * @param {string} [fallback]
 */
export function word(prefix, name, fallback) {
    const key = `${prefix}.${name}`;
    return hasWord(key) ? t(key) : fallback ?? name ?? "";
}

/** What Intl is asked for. */
export function locale() {
    return {ko: "ko-KR", zh: "zh-CN"}[spoken.get()] ?? "en-GB";
}

/**
 * "problem.FIELD.CODE", else "problem.CODE" (with what the server says, in English), else that alone.
 * @param {unknown} problem
 */
export function problemText(problem) {
    const {code, detail, field} = /** @type {Partial<import("./api.js").Problem>} */ (problem ?? {});
    const key = [`problem.${field}.${code}`, `problem.${code}`].find(hasWord);
    if (key) return t(key, {detail: detail ?? ""});
    return detail || (problem instanceof Error ? problem.message : String(problem));
}
