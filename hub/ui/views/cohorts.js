/** Of those who first came in a month: how many came in each later one (V8). */
import {list} from "ui/api.js";
import {useData} from "ui/data.js";
import {html} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Empty, Loaded, Notice} from "ui/parts/notice.js";
import {Triangle} from "ui/reports/cohorts.js";
import {span, SpanFilters} from "./changes.js";

const MOST = 1000;

/** @param {{query: Record<string, string>}} props */
export function Cohorts({query}) {
    const of = span(query), asked = {...of, limit: MOST};
    const data = useData((signal) => list("reports/cohorts", asked, {signal}), [JSON.stringify(asked)],
        {live: false});
    return html`
        <${SpanFilters} path=${["value", "cohorts"]} query=${query} list=${{path: "reports/cohorts", query: of}} />
        <p class="hint">${t("cohorts.hint")}</p>
        <${Loaded} data=${data}>${(/** @type {any} */ found) => html`
            ${found.next ? html`<${Notice} kind="warn"><p>${t("cohorts.cut")}</p><//>` : null}
            ${found.rows.length > 0 ? html`<${Triangle} rows=${found.rows} />`
                : html`<${Empty} title=${t("changes.empty")} />`}`}<//>`;
}
