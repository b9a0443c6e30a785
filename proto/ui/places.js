/** Where something was written down, as people call it. */
import {theSite} from "./format.js";
import {t} from "./i18n.js";

const DESK = "desk"; // what the hub itself wrote, as a store's code

/** @param {string} store the code */
export function placeText(store) {
    const site = theSite();
    if (site.name && store === site.store) return site.name;
    return store === DESK ? t("agreement.desk") : t("agreement.store", {store});
}
