/**
 * Why a row was not taken in. The program says it in English, behind the field's name; here it is told which reason
 * that is, for the words of the user's language (names.js). Pure.
 */

/** How the program's reasons look, and what each is called; what is caught goes into its words. */
const REASONS = /** @type {[RegExp, string][]} */ ([
    [/^"(.*)" is neither yes nor no/s, "word"], [/^"(.*)" is neither purchase nor return/s, "word"],
    [/^"(.*)" is not one of: /s, "word"],
    [/^is missing, and so are phone and email/, "reach"], [/^is missing/, "missing"],
    [/^"(.*)" is not in the encoding/s, "encoding"],
    [/^"(.*)" has not happened yet/s, "future"], [/^'(.*)' has not come yet/s, "future"],
    [/^"(.*)" is not a number from 1 to 5/s, "score"],
    [/^"(.*)" (?:is not a number such as|must be a whole number|has more than \d+ decimals)/s, "number"],
    [/^"(.*)" (?:is not a (?:time|date) such as|is not in the calendar|is outside the years)/s, "date"],
    [/^"(.*)" does not match the date format/s, "date"],
    [/^is longer than (\d+) bytes/, "long"], [/too (?:large|long)|has more than/, "large"],
    [/^several customers have it/, "several"], [/^nobody has this card number/, "nobody"],
    [/^is before the complaint/, "before"], [/^are below zero/, "below"],
    [/^line (\d+) has the same one/, "same"], [/^is that of .* which is something else/s, "other"],
    [/^goes with line (\d+)/, "with"], [/^another row of the same basket/, "basket"],
    [/^the row has (\d+) \w+, the header (\d+)/, "count"], [/^the header stands here/, "header"],
    [/^is not what was written there/, "known-by"],
    [/opening quote|closing quote/, "quote"],
]);

/** Without the field, which stands beside it. @param {any} problem of an import's answer */
function bare({field, reason}) {
    return field && reason.startsWith(`${field}: `) ? reason.slice(field.length + 2) : reason;
}

/** Which of them it is, with what was caught; empty: none. @param {any} problem of an import's answer */
export function reasonOf(problem) {
    const text = bare(problem);
    for (const [look, name] of REASONS) {
        const found = look.exec(text);
        if (found) return {name, what: found[1] ?? "", more: found[2] ?? "", text};
    }
    return {name: "", what: "", more: "", text};
}

/** The word of the file that the program does not know, if that is what is wrong. @param {any} problem */
export function unknownWord(problem) {
    const {name, what} = reasonOf(problem);
    return name === "word" ? what : null;
}
