/**
 * The region app: desk, ranking, value, stores, staff, duplicates, policy, time machine, record of looks. This module
 * knows the places, who may see which, and the line to the server; what is in them is under views/.
 */
import {changes, unreachable} from "ui/api.js";
import {tip} from "ui/data.js";
import {html, useEffect} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Notice} from "ui/parts/notice.js";
import {Shell} from "ui/parts/shell.js";
import {go, useRoute} from "ui/router.js";
import {hasRole, seesRegion, session} from "ui/session.js";
import {useShortcuts} from "ui/shortcuts.js";
import {useShared} from "ui/state.js";
import {seesCustomers} from "./parts/people.js";
import {Access} from "./views/access.js";
import {Accounts} from "./views/accounts.js";
import {Exports} from "./views/exports.js";
import {Customer} from "./views/customer.js";
import {Desk, mayAct} from "./views/desk.js";
import {Complaint, OpenComplaint} from "./views/complaint.js";
import {Duplicates} from "./views/duplicates.js";
import {Find} from "./views/find.js";
import {Machine} from "./views/machine.js";
import {Monthly} from "./views/monthly.js";
import {Policy} from "./views/policy.js";
import {Staff} from "./views/staff.js";
import {Stores} from "./views/stores.js";
import {Value} from "./views/value.js";

/** path, key that goes there, roles; the first place of a role is its home. `whole`: not for one store's. */
const PLACES = [
    {path: "desk", key: "d", roles: ["desk", "assistant", "manager", "region", "auditor"], view: Desk},
    {path: "value", key: "v", roles: ["region", "manager", "desk", "auditor"], view: Value},
    {path: "find", key: "f", roles: ["region", "desk", "manager", "assistant"], view: Find},
    {path: "stores", key: "s", roles: ["region", "desk", "auditor", "it"], view: Stores, whole: true},
    {path: "staff", key: "t", roles: ["region", "manager", "desk", "auditor"], view: Staff},
    {path: "duplicates", key: "u", roles: ["region", "desk"], view: Duplicates, whole: true},
    {path: "monthly", key: "m", roles: ["region", "manager", "desk"], view: Monthly},
    {path: "policy", key: "p", roles: ["region", "auditor", "desk", "manager", "it"], view: Policy},
    {path: "then", key: "h", roles: ["region", "auditor"], view: Machine, whole: true},
    {path: "exports", key: "x", roles: ["region", "auditor"], view: Exports, whole: true},
    {path: "accounts", key: "c", roles: ["it"], view: Accounts, whole: true},
    {path: "access", key: "a", roles: ["auditor"], view: Access, whole: true},
];
/** Where a role begins, if not at the first of its places. */
const HOMES = /** @type {Record<string, string>} */ ({region: "value", auditor: "then"});
/** Shown within a place: what opens from its rows. */
const WITHIN = /** @type {Record<string, {view: any, place: string, may: () => boolean}>} */ ({
    complaints: {view: Complaint, place: "desk", may: () => true},
    complain: {view: OpenComplaint, place: "desk", may: mayAct},
    customers: {view: Customer, place: "value", may: seesCustomers},
});

/** @param {{place: string}} props what this role may see is listed in the places only */
function NotHere({place}) {
    return html`<h1>${t("nothing.here")}</h1><${Notice} kind="warn"><p>${t("nothing.here.why", {place})}</p><//>`;
}

export function App() {
    const route = useRoute();
    const gone = useShared(unreachable);
    const store = useShared(session)?.store;
    useEffect(() => changes({tip: (position) => tip.set(position), line: (open) => unreachable.set(!open)}), []);
    const mine = PLACES.filter((place) => hasRole(...place.roles) && (!place.whole || seesRegion()));
    useShortcuts(mine.map((place) => ({key: place.key, word: `place.${place.path}`, run: () => go(place.path)})));
    const home = Object.keys(HOMES).find((role) => hasRole(role));
    const first = mine.find((place) => home && place.path === HOMES[home]) ?? mine[0];
    const asked = route.path[0] ?? first?.path ?? "";
    const within = WITHIN[asked]?.may() ? WITHIN[asked] : undefined;
    const place = within ? mine.find((one) => one.path === within.place) ?? mine[0]
        : mine.find((one) => one.path === asked);
    const View = within?.view ?? place?.view;
    return html`<${Shell} title=${t("app.title")} home="#/"
        light=${html`${gone ? html`<span class="tag bad" role="status">${t("line.gone")}</span>` : null}${store
            ? html`<span class="tag plain">${t("store.only", {store})}</span>` : null}`}
        places=${mine.map((one) => ({href: `#/${one.path}`, label: t(`place.${one.path}`),
            current: one.path === place?.path}))}>
        ${View ? html`<${View} key=${asked} ...${route} />` : html`<${NotHere} place=${asked} />`}
    <//>`;
}
