/**
 * The customer file as a form has it (C3, C8): what is known of each field, and what a correction changes.
 */
export const GROUPS = /** @type {Record<string, string[]>} */ ({
    reach: ["name", "phone", "card", "email", "address", "birthday", "sex", "nationality"],
    shopping: ["size", "taste", "brands", "habits", "service", "promotions", "way", "reason"],
    person: ["work", "family", "occasions", "hobbies", "lifestyle", "personality", "values", "education", "income"],
    seen: ["temperament", "appearance", "note"],
});
export const OWN = "custom."; // how the form calls a field of the chain's

/** @typedef {{value: string, rows: any[], stale: boolean}} Known of one field: its rows, the latest first */

/** @param {string | null} text @returns {Record<string, string | null>} */
function ownOf(text) {
    try {
        const own = JSON.parse(text ?? "");
        return own !== null && typeof own === "object" ? own : {};
    } catch {
        return {}; // sealed, or as an import wrote it
    }
}

/**
 * What is known, by the names of the form.
 * @param {any[]} rows of fields @param {string[]} declared keys of the chain's own
 * @returns {Record<string, Known>}
 */
export function knownOf(rows, declared) {
    /** @type {Record<string, Known>} */
    const known = {};
    const latest = [...rows].sort((a, b) => b.at.localeCompare(a.at));
    for (const name of Object.values(GROUPS).flat()) {
        const mine = latest.filter((row) => row.field === name);
        known[name] = {value: mine[0]?.value ?? "", rows: mine, stale: mine[0]?.stale ?? false};
    }
    const told = latest.filter((row) => row.field === "custom").map((row) => ({...row, own: ownOf(row.value)}));
    for (const key of new Set([...declared, ...told.flatMap((row) => Object.keys(row.own))])) {
        const mine = told.filter((row) => key in row.own).map((row) => ({...row, value: row.own[key]}));
        if (mine.length === 0 && !declared.includes(key)) continue;
        known[OWN + key] = {value: mine[0]?.value ?? "", rows: mine, stale: mine[0]?.stale ?? false};
    }
    return known;
}

/**
 * The change card: only what differs.
 * @param {Record<string, string>} before @param {Record<string, string>} now
 * @returns {Record<string, string | string[]>}
 */
export function changesOf(before, now) {
    /** @type {Record<string, string | string[]>} */
    const body = {};
    const clear = [], custom = [];
    for (const [name, typed] of Object.entries(now)) {
        const value = typed.trim();
        if (value === (before[name] ?? "").trim()) continue;
        if (name.startsWith(OWN)) custom.push(`${name.slice(OWN.length)}=${value}`);
        else if (value === "") clear.push(name);
        else body[name] = value;
    }
    return {...body, ...(clear.length > 0 ? {clear} : {}), ...(custom.length > 0 ? {custom} : {})};
}
