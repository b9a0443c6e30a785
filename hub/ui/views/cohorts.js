/** Of those who first came in a month: how many came in each later one (V8). */
import {list} from "ui/api.js";
import {useData} from "ui/data.js";
import {html} from "ui/html.js";
import {number, percent} from "ui/format.js";
import {t} from "ui/i18n.js";
import {Empty, Loaded, Notice} from "ui/parts/notice.js";
import {span, SpanFilters} from "./changes.js";

const MOST = 1000;

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
function Triangle({rows}) {
    const cohorts = byCohort(rows);
    const width = Math.max(...[...cohorts.values()].map((cells) => cells.length));
    const months = Array.from({length: width}, (_, index) => index);
    return html`<div class="table" tabindex="0" role="region" aria-label=${t("value.cohorts")}><table class="cohorts">
        <caption class="unseen">${t("value.cohorts")}</caption>
        <thead><tr><th scope="col">${t("cohorts.first")}</th><th scope="col" class="number">${t("customers")}</th>
            ${months.map((after) => html`<th scope="col" class="number">${after === 0
                ? t("cohorts.same") : `+${after}`}</th>`)}</tr></thead>
        <tbody>${[...cohorts].map(([month, cells]) => html`<tr><th scope="row">${month}</th>
            <td class="number">${number(cells[0]?.customers)}</td>
            ${months.map((after) => cells[after]
                ? html`<td class=${`number heat-${Math.ceil(cells[after].share * 5)}`}>${
                    percent(cells[after].share)}</td>`
                : html`<td></td>`)}</tr>`)}</tbody>
    </table></div>`;
}

/** @param {{query: Record<string, string>}} props */
export function Cohorts({query}) {
    const asked = {...span(query), limit: MOST};
    const data = useData((signal) => list("reports/cohorts", asked, {signal}), [JSON.stringify(asked)],
        {live: false});
    return html`
        <${SpanFilters} path=${["value", "cohorts"]} query=${query} />
        <p class="hint">${t("cohorts.hint")}</p>
        <${Loaded} data=${data}>${(/** @type {any} */ found) => html`
            ${found.next ? html`<${Notice} kind="warn"><p>${t("cohorts.cut")}</p><//>` : null}
            ${found.rows.length > 0 ? html`<${Triangle} rows=${found.rows} />`
                : html`<${Empty} title=${t("changes.empty")} />`}`}<//>`;
}
