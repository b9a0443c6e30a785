/** Why somebody is to be called, written to or visited (K2), in words. */
import {money} from "../format.js";
import {t, word} from "../i18n.js";

/** @param {any} row a follow-up */
export function why(row) {
    const figure = row.figure ?? 0;
    switch (row.kind) {
        case "promise":
        case "occasion": return row.why;
        case "thank":
        case "letter": return t(`why.${row.kind}`, {money: money(figure)});
        case "inactive": return t("why.inactive", {count: figure});
        default: return word("why", row.kind, row.why);
    }
}
