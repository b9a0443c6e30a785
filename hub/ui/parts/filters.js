/** Choices that several lists have in their bar of filters (ui/parts/filters.js). */
import {t} from "ui/i18n.js";

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
