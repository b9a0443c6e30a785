/**
 * What is still out of a sale, after what came back of it (P2), as the program counts: by article. Pure.
 */
export const THOUSANDTHS = 1000; // quantities of events

/** @typedef {{sku: string, quantity: number, amount: number}} Line quantity in thousandths */

/** The returns of a sale that count, the oldest first. @param {any} sale @param {any[]} history of the customer */
export function returnsOf(sale, history) {
    return history.filter((one) => one.type === "returned" && !one.voided && one.body.sale === sale.id)
        .sort((a, b) => a.at.localeCompare(b.at));
}

/** @param {any[]} lines @param {string} sku @returns {Line} */
function articleOf(lines, sku) {
    const mine = lines.filter((line) => line.sku === sku);
    return {
        sku, quantity: mine.reduce((sum, line) => sum + line.quantity, 0),
        amount: mine.reduce((sum, line) => sum + line.amount, 0),
    };
}

/**
 * Lines of an article of which nothing came back stay as they are, else what is left of it is one line.
 * @param {any} sale @param {any[]} history @returns {Line[]}
 */
export function restOf(sale, history) {
    const back = returnsOf(sale, history).flatMap((one) => one.body.lines);
    /** @type {Line[]} */
    const rest = [];
    for (const line of sale.body.lines) {
        const touched = back.some((one) => one.sku === line.sku);
        if (touched && rest.some((one) => one.sku === line.sku)) continue;
        const [all, gone] = [articleOf(sale.body.lines, line.sku), articleOf(back, line.sku)];
        const less = {quantity: all.quantity - gone.quantity, amount: all.amount - gone.amount};
        const left = touched ? {sku: line.sku, ...less} : line;
        if (left.quantity > 0) rest.push({sku: left.sku, quantity: left.quantity, amount: left.amount});
    }
    return rest;
}

/**
 * What is paid back for so much of a line: its part of the amount; all of it takes what is left, to the last unit.
 * @param {Line} line @param {number} quantity in thousandths
 */
export function shareOf(line, quantity) {
    return quantity === line.quantity ? line.amount : Math.round(line.amount * quantity / line.quantity);
}

/** @param {string} typed @param {number} most @returns {number | null} thousandths, more than none */
export function quantityOf(typed, most) {
    const found = /^(\d{1,9})(?:[.](\d{1,3}))?$/.exec(typed.normalize("NFKC").trim());
    const count = found ? Number(found[1]) * THOUSANDTHS + Number((found[2] ?? "").padEnd(3, "0")) : 0;
    return count > 0 && count <= most ? count : null;
}
