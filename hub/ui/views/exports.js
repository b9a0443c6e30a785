/** Every list of the region as a file for a spreadsheet. */
import {html} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Exports as Lists} from "ui/reports/exports.js";
import {hasRole} from "ui/session.js";

const FOR_ALL = ["customers", "purchases", "contacts", "complaints", "vip", "segments", "rfm", "benefits", "alerts",
    "staff", "stores", "policy", "tags"];
const FOR_REGION = ["followups", "monthly", "points", "packages", "findings", "duplicates"];

/** @param {{query: Record<string, string>}} props */
export function Exports({query}) {
    const names = [...FOR_ALL, ...(hasRole("auditor") ? ["access"] : FOR_REGION)];
    return html`<h1>${t("place.exports")}</h1>
        <${Lists} path=${["exports"]} query=${query} names=${names} caption=${t("place.exports")} />`;
}
