/**
 * The store app: who is signed in sees the counter, Today, customers, complaints and contests (views/). This module
 * knows the places, the keys that lead there, and the line to the server; nothing of what is in the views.
 */
import {changes, get, unreachable} from "ui/api.js";
import {tip} from "ui/data.js";
import {html, useEffect, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Notice} from "ui/parts/notice.js";
import {Shell} from "ui/parts/shell.js";
import {SyncLight} from "ui/parts/sync.js";
import {go, useRoute} from "ui/router.js";
import {session} from "ui/session.js";
import {useShortcuts} from "ui/shortcuts.js";
import {useShared} from "ui/state.js";
import {focusFind} from "./find.js";
import {CustomerCard} from "./views/card.js";
import {Complain} from "./views/complain.js";
import {Complaint} from "./views/complaint.js";
import {Complaints} from "./views/complaints.js";
import {Contact} from "./views/contact.js";
import {Contests} from "./views/contests.js";
import {Correct} from "./views/correct.js";
import {Counter} from "./views/counter.js";
import {Customers} from "./views/customers.js";
import {Files} from "./views/files.js";
import {Gathering, Gatherings} from "./views/gatherings.js";
import {History} from "./views/history.js";
import {Nobodys} from "./views/nobody.js";
import {hasOffice, Office} from "./views/office.js";
import {Register} from "./views/register.js";
import {Sell} from "./views/sell.js";
import {TakeBack} from "./views/takeback.js";
import {Today} from "./views/today.js";

/** The status document, live by server-sent events, and asked anew when the line to the server was cut. */
function useStatus() {
    const [status, setStatus] = useState(/** @type {any} */ (null));
    const here = Boolean(useShared(session));
    useEffect(() => {
        if (!here) return undefined;
        const ask = () => get("status").then(setStatus, () => {});
        ask();
        return changes({
            status: setStatus,
            tip(position) {
                tip.set(position);
                ask();
            },
            line(open) {
                if (open) ask();
            },
        });
    }, [here]);
    return status;
}

/** What can be done with a customer, by the last part of the address. */
const WITH_CUSTOMER = /** @type {Record<string, any>} */ ({
    sell: Sell, return: TakeBack, contact: Contact, complain: Complain, history: History, file: Correct,
});

/** @param {{route: import("ui/router.js").Route}} props */
function View({route}) {
    const [place = "", id, what] = route.path;
    if (place === "") return html`<${Counter} />`;
    if (place === "customer" && id && !what) return html`<${CustomerCard} key=${id} id=${id} />`;
    if (place === "customer" && id && what in WITH_CUSTOMER) return html`<${WITH_CUSTOMER[what]} key=${id} id=${id} />`;
    if (place === "register") return html`<${Register} key=${JSON.stringify(route.query)} query=${route.query} />`;
    if (place === "sell") return html`<${Sell} />`;
    if (place === "sales") return html`<${Nobodys} query=${route.query} />`;
    if (place === "complain") return html`<${Complain} />`;
    if (place === "today") return html`<${Today} />`;
    if (place === "customers") return html`<${Customers} query=${route.query} />`;
    if (place === "complaints") return id ? html`<${Complaint} key=${id} id=${id} />`
        : html`<${Complaints} query=${route.query} />`;
    if (place === "gatherings") return id ? html`<${Gathering} key=${id} id=${id} />`
        : html`<${Gatherings} query=${route.query} />`;
    if (place === "files") return html`<${Files} />`;
    if (place === "contests") return html`<${Contests} query=${route.query} />`;
    if (place === "office") return html`<${Office} key=${id} section=${id} query=${route.query} />`;
    return html`<h1>${t("app.title")}</h1><${Notice}><p>${t("notfound")}</p><//>`;
}

const PLACES = ["today", "customers", "complaints", "contests", "office"];
/** Shown within a place, and reached from it. */
const WITHIN = /** @type {Record<string, string>} */ ({gatherings: "today", files: "contests"});

export function App() {
    const route = useRoute();
    const status = useStatus();
    const gone = useShared(unreachable);
    const asked = route.path[0] ?? "";
    const place = WITHIN[asked] ?? asked;
    const office = hasOffice();
    useShortcuts([
        {key: "/", word: "keys.find", run: focusFind},
        {key: "Escape", word: "keys.back", run: () => go()},
        {key: "n", word: "register.do", run: () => go("register")},
        {key: "s", word: "sell.anonymous", run: () => go("sell")},
        {key: "x", word: "complain.do", run: () => go("complain")},
        {key: "t", word: "keys.today", run: () => go("today")},
        {key: "l", word: "keys.customers", run: () => go("customers")},
        {key: "g", word: "gatherings.title", run: () => go("gatherings")},
        {key: "o", word: "keys.complaints", run: () => go("complaints")},
        {key: "q", word: "keys.contests", run: () => go("contests")},
        ...(office ? [{key: "m", word: "keys.office", run: () => go("office")}] : []),
    ]);
    return html`<${Shell} title=${t("app.title")} light=${html`<${SyncLight} status=${status} gone=${gone} />`}
        places=${[
            {href: "#/", label: t("place.counter"), current: !PLACES.includes(place)},
            ...PLACES.filter((one) => one !== "office" || office).map((one) => (
                {href: `#/${one}`, label: t(`place.${one}`), current: one === place})),
        ]}>
        <${View} route=${route} />
    <//>`;
}
