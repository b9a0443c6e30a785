/**
 * The bar of choices above a list of the region, and choices that several lists have. As the shared bar
 * (ui/parts/filters.js), and `list` is taken along by the buttons at its end (take.js); what was chosen stands on
 * paper, too.
 */
import {date} from "ui/format.js";
import {html} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Filters as Bar} from "ui/parts/filters.js";
import {session} from "ui/session.js";
import {Take} from "./take.js";

/** @typedef {import("ui/parts/filters.js").Filter} Filter */

/** What is chosen, in words. @param {Filter} field @param {string} value */
function chosen({label, options, type}, value) {
    const said = options ? options.find((one) => one.value === value)?.label
        : type === "date" && value ? date(value) : value;
    return said ? [`${label}: ${said}`] : [];
}

/**
 * @param {{path: string[], query: Record<string, string>, fields: Filter[], list?: import("./take.js").Taken | null,
 *     acts?: any, first?: any}} props first: a choice before the others; list: null for what is printed only;
 *     acts: buttons beside it
 */
export function Filters({path, query, fields, list, acts, first}) {
    return html`<${Bar} path=${path} query=${query} fields=${fields} first=${first}>${list === undefined ? null
            : html`<${Take} list=${list ?? undefined}>${acts}<//>`}<//>
        <p class="print-only">${fields.flatMap((one) => chosen(one, query[one.name] ?? "")).join(" · ")}</p>
        ${list?.next ? html`<p class="print-only">${t("take.cut", {count: list.rows?.length ?? 0})}</p>` : null}`;
}

/** The windows of a ranking. */
export function windows() {
    return [{value: "", label: t("window.all")}, {value: "year", label: t("window.year")},
        {value: "season", label: t("window.season")}, {value: "30", label: t("window.days", {count: 30})},
        {value: "90", label: t("window.days", {count: 90})}, {value: "365", label: t("window.days", {count: 365})}];
}

/** Where: the region, a chain, a store. @param {{store: string, name: string, chain: string}[]} stores */
export function places(stores) {
    const own = session.get()?.store; // an account of one store has no choice
    if (own) return [{value: "", label: own}];
    const chains = [...new Set(stores.map((one) => one.chain).filter(Boolean))];
    return [{value: "", label: t("scope.region")},
        ...chains.map((chain) => ({value: `chain:${chain}`, label: t("scope.chain", {name: chain})})),
        ...stores.map((one) => ({value: `store:${one.store}`, label: one.name || one.store}))];
}

/** The options of a command that such a place means. @param {string | undefined} place */
export function scopeOf(place = "") {
    const cut = place.indexOf(":");
    return cut < 0 ? {} : {[place.slice(0, cut)]: place.slice(cut + 1)};
}
