/**
 * A bar of choices above a list. What is chosen stands in the address, so that back, reload and a link given to a
 * colleague show the same list.
 *
 *     const query = useRoute().query;
 *     html`<${Filters} path=${["value", "ranking"]} query=${query} fields=${[
 *         {name: "by", label: t("filter.by"), options: [{value: "", label: …}, …]},
 *         {name: "as_of", label: t("filter.asof"), type: "date"},
 *     ]} />`
 *
 * An empty value is the default and leaves the address.
 */
import {html} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Field, Select} from "ui/parts/field.js";
import {replace} from "ui/router.js";

/**
 * @typedef {{name: string, label: string, type?: string, options?: {value: string, label: any}[], max?: string}} Filter
 */

/** @param {{path: string[], query: Record<string, string>, fields: Filter[], children?: any}} props */
export function Filters({path, query, fields, children}) {
    /** @param {string} name @param {string} value */
    const change = (name, value) => replace(...path, {...query, [name]: value});
    return html`<form class="filters no-print" aria-label=${t("filters")} onSubmit=${(/** @type {Event} */ event) =>
        event.preventDefault()}>
        ${fields.map((one) => one.options
            ? html`<${Select} key=${one.name} name=${one.name} label=${one.label} value=${query[one.name] ?? ""}
                options=${one.options} onValue=${(/** @type {string} */ value) => change(one.name, value)} />`
            : html`<${Field} key=${one.name} name=${one.name} label=${one.label} type=${one.type} max=${one.max}
                value=${query[one.name] ?? ""} onValue=${(/** @type {string} */ value) => change(one.name, value)} />`)}
        ${children}
    </form>`;
}

/** The windows of a ranking. */
export function windows() {
    return [{value: "", label: t("window.all")}, {value: "year", label: t("window.year")},
        {value: "season", label: t("window.season")}, {value: "30", label: t("window.days", {count: 30})},
        {value: "90", label: t("window.days", {count: 90})}, {value: "365", label: t("window.days", {count: 365})}];
}

/** Where: the region, a chain, a store. @param {{store: string, name: string, chain: string}[]} stores */
export function places(stores) {
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
