/**
 * What differs between two answers to the same question: at two dates, or under two policies. Pure.
 *
 *     difference(then, now, {key: (row) => row.customer, place: (row) => row.rank, columns: ["spend", "tier"]})
 *
 * Both lists should be whole; of two first pages, who is on one only may merely have moved off the other.
 */

/**
 * @typedef {{kind: "added" | "gone" | "moved" | "changed", key: string, then: any, now: any, columns: string[],
 *     by: number}} Change by: places up (above zero) or down
 */

/** @param {any} a @param {any} b */
function same(a, b) {
    return a === b || (a ?? null) === (b ?? null) || JSON.stringify(a) === JSON.stringify(b);
}

/**
 * @param {any[]} then @param {any[]} now
 * @param {{key: (row: any) => string, place?: (row: any) => number, columns: string[]}} how
 * @returns {Change[]} in the order of `now`, those gone last
 */
export function difference(then, now, {key, place, columns}) {
    const before = new Map(then.map((row) => [key(row), row]));
    /** @type {Change[]} */
    const changes = [];
    for (const row of now) {
        const was = before.get(key(row));
        before.delete(key(row));
        if (!was) {
            changes.push({kind: "added", key: key(row), then: null, now: row, columns: [], by: 0});
            continue;
        }
        const other = columns.filter((name) => !same(was[name], row[name]));
        const by = place ? place(was) - place(row) : 0;
        if (other.length > 0) {
            changes.push({kind: "changed", key: key(row), then: was, now: row, columns: other, by});
        } else if (by !== 0) {
            changes.push({kind: "moved", key: key(row), then: was, now: row, columns: [], by});
        }
    }
    for (const [gone, row] of before) changes.push({kind: "gone", key: gone, then: row, now: null, columns: [], by: 0});
    return changes;
}

/** @param {Change[]} changes @returns {Record<Change["kind"], number>} */
export function tally(changes) {
    const counts = {added: 0, gone: 0, moved: 0, changed: 0};
    for (const change of changes) counts[change.kind]++;
    return counts;
}

/** The figures of a document that differ, such as a pyramid's: [{name, then, now}], nested ones with dots. */
/** @param {any} then @param {any} now @param {string} [under] @returns {{name: string, then: any, now: any}[]} */
export function figures(then, now, under = "") {
    return Object.keys({...then, ...now}).flatMap((name) => {
        const [a, b] = [then?.[name], now?.[name]];
        if (same(a, b) || Array.isArray(a) || Array.isArray(b)) return [];
        const isObject = (/** @type {any} */ value) => value !== null && typeof value === "object";
        if (isObject(a) || isObject(b)) return figures(a, b, `${under}${name}.`);
        return [{name: under + name, then: a, now: b}];
    });
}
