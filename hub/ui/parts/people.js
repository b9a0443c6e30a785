/**
 * Customers, tiers and stores as the views show them.
 *
 *     who(row)             the name, else the card, else the id
 *     customerHref(id)     the page of a customer, or undefined for a role that may not see it
 *     <Tier row=…/>        the tier shown, and where it was given by hand
 *     useStores()          [{store, name, chain}], empty until known or for a role that may not ask
 *     storeFilter(stores)  a choice of one of them, for <Filters>; none for an account of one store
 */
import {list} from "ui/api.js";
import {useData} from "ui/data.js";
import {html} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {link} from "ui/router.js";
import {hasRole, seesRegion} from "ui/session.js";

/** @param {any} row */
export function who(row) {
    return row?.name || row?.card || row?.customer || row?.id || t("name.unknown");
}

export function seesCustomers() {
    return hasRole("assistant", "manager", "desk", "region");
}

/** @param {string | null | undefined} id */
export function customerHref(id) {
    return id && seesCustomers() ? link("customers", id) : undefined;
}

/** @param {{row: any}} props */
export function Who({row}) {
    const href = customerHref(row.customer);
    if (!row.customer) return html`<span class="soft">${t("nobody")}</span>`;
    return href ? html`<a href=${href}>${who(row)}</a>` : who(row);
}

/** @param {string | null | undefined} tier */
export function tierName(tier) {
    return tier && tier !== "none" ? word("tier", tier, tier) : t("tier.none");
}

/** @param {{row: any}} props */
export function Tier({row}) {
    if (!row.tier) return html`<span class="soft">–</span>`;
    const byHand = row.tier_granted && row.tier_granted !== row.tier_earned;
    return html`<span class=${`tier ${row.tier}`}>${tierName(row.tier)}</span>${byHand
        ? html` <span class="hint">${t("tier.granted")}</span>` : null}`;
}

/** @returns {{store: string, name: string, chain: string}[]} */
export function useStores() {
    const stores = useData(() => hasRole("desk", "region", "auditor", "it") && seesRegion()
        ? list("stores", {limit: 1000}) : Promise.resolve({rows: [], next: null}), [], {live: false});
    /** @type {Map<string, any>} */
    const known = new Map();
    // A store that had several PCs has a row each.
    for (const row of stores.value?.rows ?? []) known.set(row.store, row);
    return [...known.values()];
}

/** @param {{store: string, name: string}[]} stores @param {string | null | undefined} code */
export function storeName(stores, code) {
    if (!code) return t("desk");
    return stores.find((one) => one.store === code)?.name || (code === "desk" ? t("desk") : code);
}

/** @param {{store: string, name: string}[]} stores @param {{value: string, label: any}[]} [others] what else there is
 * @returns {import("./filters.js").Filter[]} */
export function storeFilter(stores, others = []) {
    return seesRegion() ? [{name: "store", label: t("store"), options: [{value: "", label: t("all")}, ...others,
        ...stores.map((one) => ({value: one.store, label: one.name || one.store}))]}] : [];
}
