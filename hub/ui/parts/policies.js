/** Units and ranges of the policy table in the language of the reader; what has no word stays as the server says it. */
import {hasWord, t} from "ui/i18n.js";

/** @param {string} text a word of the table as a key */
function slug(text) {
    return text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}

/** @param {string} unit */
export function unitText(unit) {
    const key = `unit.${slug(unit)}`;
    return hasWord(key) ? t(key) : unit;
}

/** "ascending, each 1 to 99, or off": part by part. @param {string} range */
export function rangeText(range) {
    return range.split(/,\s+/).map((part) => {
        const either = /^(.+) or (off|none)$/.exec(part);
        if (part === "or off" || part === "or none") return t(`range.or.${part.slice(3)}`);
        if (either) return `${one(either[1])} ${t(`range.or.${either[2]}`)}`;
        return one(part);
    }).join(" · ");
}

/** @param {string} part */
function one(part) {
    const span = /^(each |or )?(\d+) to (\d+)$/.exec(part);
    if (span) return `${span[1] === "each " ? t("range.each") + " " : ""}${span[2]}–${span[3]}`;
    const most = /^up to (\d+)( bytes)?$/.exec(part);
    if (most) return t(most[2] ? "range.bytes" : "range.upto", {count: Number(most[1])});
    const key = `range.${slug(part)}`;
    return hasWord(key) ? t(key) : part;
}
