/** Where something was written down, as people call it. */
import {t} from "./i18n.js";

const DESK = "desk"; // what the hub itself wrote, as a store's code

/** @param {string} store the code */
export function placeText(store) {
    return store === DESK ? t("agreement.desk") : t("agreement.store", {store});
}
