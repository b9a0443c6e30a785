/**
 * The manager's office: reports on the store (reports.js), its lists as files, and files of the till, an old customer
 * book or a complaint desk taken in (import.js). Who may see which is as the server has it.
 */
import {html} from "ui/html.js";
import {problemText, t} from "ui/i18n.js";
import {Notice} from "ui/parts/notice.js";
import {Tabs} from "ui/parts/tabs.js";
import {Exports} from "ui/reports/exports.js";
import {link} from "ui/router.js";
import {hasRole} from "ui/session.js";
import {Import} from "./import.js";
import {Reports} from "./reports.js";

const ROLES = /** @type {Record<string, string[]>} */ ({
    reports: ["manager", "desk", "region", "auditor"], lists: ["manager", "region", "auditor"],
    import: ["manager", "it"],
});
const LISTS = ["customers", "purchases", "contacts", "complaints", "vip", "segments", "rfm", "followups", "monthly",
    "points", "packages", "benefits", "findings", "alerts", "duplicates", "staff", "tags"];

function allowed() {
    return Object.keys(ROLES).filter((one) => hasRole(...ROLES[one]));
}

/** Whether there is anything in it for the one signed in. */
export function hasOffice() {
    return allowed().length > 0;
}

/** @param {{query: Record<string, string>}} props */
function Lists({query}) {
    return html`<${Exports} path=${["office", "lists"]} query=${query} names=${LISTS} caption=${t("office.lists")} />`;
}

const VIEWS = /** @type {Record<string, any>} */ ({reports: Reports, lists: Lists, import: Import});

/** @param {{section?: string, query: Record<string, string>}} props */
export function Office({section, query}) {
    const mine = allowed();
    const shown = section ?? mine[0];
    if (!mine.includes(shown)) {
        return html`<h1>${t("place.office")}</h1>
            <${Notice}><p>${problemText({code: shown in VIEWS || !shown ? "forbidden" : "not_found"})}</p><//>`;
    }
    return html`<h1>${t(`office.${shown}`)}</h1>
        ${mine.length > 1 ? html`<${Tabs} label=${t("place.office")} tabs=${mine.map((one) => ({
            href: link("office", one), label: t(`office.${one}`), current: one === shown}))} />` : null}
        <${VIEWS[shown]} query=${query} />`;
}
