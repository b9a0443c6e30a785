/**
 * Who is worth what: ranking, pyramid, map, those who come and go, each a tab with an address of its own. The ranking
 * moves while one looks; what is added up over everybody is asked once, as a busy region writes all the time.
 */
import {html} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Tabs} from "ui/parts/tabs.js";
import {hasRole, seesRegion} from "ui/session.js";
import {Away} from "./away.js";
import {Changes} from "./changes.js";
import {Cohorts} from "./cohorts.js";
import {Followups} from "./followups.js";
import {Map} from "./map.js";
import {Pyramid} from "./pyramid.js";
import {Ranking} from "./ranking.js";

const TABS = [
    {name: "ranking", view: Ranking}, {name: "followups", view: Followups}, {name: "pyramid", view: Pyramid},
    {name: "map", view: Map}, {name: "changes", view: Changes}, {name: "cohorts", view: Cohorts},
    {name: "away", view: Away},
];

/** @param {{path: string[], query: Record<string, string>}} props */
export function Value({path, query}) {
    const tabs = TABS.filter((tab) => (!["away", "followups"].includes(tab.name) || !hasRole("auditor"))
        && (tab.name !== "map" || seesRegion()));
    const now = tabs.find((tab) => tab.name === path[1]) ?? tabs[0];
    return html`
        <h1>${t(`value.${now.name}`)}</h1>
        <${Tabs} label=${t("place.value")} tabs=${tabs.map((tab) => ({
            href: `#/value/${tab.name}`, label: t(`value.${tab.name}`), current: tab === now}))} />
        <${now.view} query=${query} />`;
}
