/** What the fields of an import, the words that some take, and the reasons for rejecting a row are called by people. */
import {hasWord, t, word} from "ui/i18n.js";
import {reasonOf} from "./reasons.js";

/** Under which name the words of a field stand in the lists of words, if not under its own. */
const CALLED = /** @type {Record<string, string>} */ ({
    "purchases.kind": "sold", "contacts.kind": "kind", "contacts.matter": "level",
});

/** @param {string} kind @param {string} field */
export function fieldName(kind, field) {
    return word(`column.${kind}`, field, word("column", field, word("field", field, word("file", field))));
}

/** What one of the words means. @param {string} kind @param {string} field @param {string} one */
export function wordName(kind, field, one) {
    return ["yes", "no"].includes(one) ? t(one) : word(CALLED[`${kind}.${field}`] ?? field, one);
}

/** Why a row was rejected; in the program's own words where there are none of ours. @param {any} problem */
export function reasonText(problem) {
    const {name, what, more, text} = reasonOf(problem);
    if (name) return t(`reject.${name}`, {what, more});
    const key = `problem.${problem.field}.invalid`; // telephone numbers, cards, addresses, birthdays
    return hasWord(key) ? t(key) : text;
}
