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
import {html} from "../html.js";
import {t} from "../i18n.js";
import {Field, Select} from "./field.js";
import {replace} from "../router.js";

/**
 * @typedef {{name: string, label: string, type?: string, options?: {value: string, label: any}[], max?: string}} Filter
 */

/**
 * @param {{path: string[], query: Record<string, string>, fields: Filter[], first?: any, children?: any}} props
 *     first: a choice of another kind, before these
 */
export function Filters({path, query, fields, first, children}) {
    /** @param {string} name @param {string} value */
    const change = (name, value) => replace(...path, {...query, [name]: value});
    return html`<form class="filters no-print" aria-label=${t("filters")} onSubmit=${(/** @type {Event} */ event) =>
        event.preventDefault()}>
        ${first}${fields.map((one) => one.options
            ? html`<${Select} key=${one.name} name=${one.name} label=${one.label} value=${query[one.name] ?? ""}
                options=${one.options} onValue=${(/** @type {string} */ value) => change(one.name, value)} />`
            : html`<${Field} key=${one.name} name=${one.name} label=${one.label} type=${one.type} max=${one.max}
                value=${query[one.name] ?? ""} onValue=${(/** @type {string} */ value) => change(one.name, value)} />`)}
        ${children}
    </form>`;
}
