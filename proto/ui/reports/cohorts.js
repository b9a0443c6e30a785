/** Of those who first came in a month, which share came in each later one (V8): a row a cohort, shares as shades. */
import {month, number, percent} from "../format.js";
import {html} from "../html.js";
import {t} from "../i18n.js";

/** @param {any[]} rows @returns {Map<string, any[]>} */
function byCohort(rows) {
    const cohorts = new Map();
    for (const row of rows) {
        if (!cohorts.has(row.cohort)) cohorts.set(row.cohort, []);
        cohorts.get(row.cohort)[row.after] = row;
    }
    return cohorts;
}

/** @param {{rows: any[]}} props */
export function Triangle({rows}) {
    const cohorts = byCohort(rows);
    const width = Math.max(...[...cohorts.values()].map((cells) => cells.length));
    const months = Array.from({length: width}, (_, index) => index);
    return html`<div class="table" tabindex="0" role="region" aria-label=${t("cohorts.title")}><table class="cohorts">
        <caption class="unseen">${t("cohorts.title")}</caption>
        <thead><tr><th scope="col">${t("cohorts.first")}</th><th scope="col" class="number">${
            t("cohorts.customers")}</th>
            ${months.map((after) => html`<th scope="col" class="number">${after === 0
                ? t("cohorts.same") : `+${after}`}</th>`)}</tr></thead>
        <tbody>${[...cohorts].map(([first, cells]) => html`<tr><th scope="row" class="nowrap">${month(first)}</th>
            <td class="number">${number(cells[0]?.customers)}</td>
            ${months.map((after) => cells[after]
                ? html`<td class=${`number heat-${Math.ceil(cells[after].share * 5)}`}>${
                    percent(cells[after].share)}</td>`
                : html`<td></td>`)}</tr>`)}</tbody>
    </table></div>`;
}
