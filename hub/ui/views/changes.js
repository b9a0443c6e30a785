/** Who was gained, lost and won back each month, and which share of sales comes from those who had come before (V8). */
import {list} from "ui/api.js";
import {useData} from "ui/data.js";
import {html} from "ui/html.js";
import {today} from "ui/format.js";
import {t} from "ui/i18n.js";
import {Empty, Loaded} from "ui/parts/notice.js";
import {Gained, Returning, twoYears} from "ui/reports/months.js";
import {Filters, places, scopeOf} from "../parts/filters.js";
import {useStores} from "../parts/people.js";
import {Take} from "../parts/take.js";

/** The months of two years, unless somebody chose others. @param {Record<string, string>} query */
export function span(query) {
    return {from: query.from || twoYears(), to: query.to, ...scopeOf(query.where)};
}

/** @param {{path: string[], query: Record<string, string>, list?: import("../parts/take.js").Taken | null}} props */
export function SpanFilters({path, query, list = null}) {
    const shown = {...query, from: span(query).from};
    return html`<${Filters} path=${path} query=${shown} list=${list} fields=${[
        {name: "from", label: t("filter.from"), type: "date", max: today()},
        {name: "to", label: t("filter.to"), type: "date", max: today()},
        {name: "where", label: t("filter.where"), options: places(useStores())},
    ]} />`;
}

/** @param {{query: Record<string, string>}} props */
export function Changes({query}) {
    const of = span(query), asked = {...of, limit: 1000};
    const inputs = [JSON.stringify(asked)];
    const gained = useData((signal) => list("reports/gained-lost", asked, {signal}), inputs, {live: false});
    const returning = useData((signal) => list("reports/returning", asked, {signal}), inputs, {live: false});
    const empty = html`<${Empty} title=${t("changes.empty")} />`;
    return html`
        <${SpanFilters} path=${["value", "changes"]} query=${query} />
        <${Loaded} data=${gained}>${(/** @type {any} */ found) => found.rows.length > 0
            ? html`<${Gained} rows=${found.rows}><${Take} paper=${false} list=${{path: "reports/gained-lost",
                query: of}} /><//>` : empty}<//>
        <${Loaded} data=${returning}>${(/** @type {any} */ found) => found.rows.length > 0
            ? html`<${Returning} rows=${found.rows}><${Take} paper=${false} list=${{path: "reports/returning",
                query: of}} /><//>` : null}<//>`;
}
