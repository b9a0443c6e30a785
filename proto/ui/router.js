/**
 * Places of the app in the address after #, so that back, forward, reload and a second window work.
 *
 *     #/customers/12-845?tab=history   →   {path: ["customers", "12-845"], query: {tab: "history"}}
 *     html`<a href=${link("customers", id)}>`   go("today")   useRoute()
 */
import {leave} from "./drafts.js";
import {createState, useShared} from "./state.js";

/** @typedef {{path: string[], query: Record<string, string>}} Route */

/** @returns {Route} */
function read() {
    const [path, search] = location.hash.replace(/^#\/?/, "").split("?");
    return {
        path: path.split("/").filter(Boolean).map(decodeURIComponent),
        query: Object.fromEntries(new URLSearchParams(search ?? "")),
    };
}

const route = createState(read());
let shown = location.hash;
/** Which of the pages behind the back key is shown: each knows its number. */
let place = numberOf(history.state) ?? 0;
history.replaceState({place}, "");

/** @param {any} state of an entry of the history @returns {number | undefined} none: it is new */
function numberOf(state) {
    return state?.place;
}

// However one came to leave, by a key, a link or the browser's own buttons: what was typed is not lost unasked. Whoever
// stays goes back the way that was gone, so that the back key leads where it did before.
addEventListener("hashchange", () => {
    const wanted = location.hash;
    const there = numberOf(history.state) ?? place + 1;
    history.replaceState({place: there}, "");
    if (wanted === shown) {
        place = there;
        return;
    }
    const from = shown;
    let asked = false;
    leave(() => {
        if (asked && location.hash !== from) {
            location.hash = wanted; // what was sent meanwhile led elsewhere
            return;
        }
        if (asked) {
            history.go(there - place); // comes here again, with nothing left to ask
            return;
        }
        shown = wanted;
        place = there;
        route.set(read());
    });
    if (shown === wanted) return;
    asked = true;
    history.go(place - there);
});

/** @returns {Route} */
export function useRoute() {
    return useShared(route);
}

/**
 * link("a", "b", {c: "d"}): parts of the path, then at last a query if wanted.
 * @param {...(string | Record<string, string | null | undefined>)} parts
 */
export function link(...parts) {
    const last = parts[parts.length - 1];
    const query = new URLSearchParams();
    if (typeof last === "object") {
        for (const [name, value] of Object.entries(last)) if (value) query.set(name, value);
    }
    const path = parts.filter((part) => typeof part === "string").map((part) => encodeURIComponent(String(part)));
    const search = query.toString();
    return "#/" + path.join("/") + (search ? "?" + search : "");
}

/** @param {...(string | Record<string, string | null | undefined>)} parts */
export function go(...parts) {
    location.hash = link(...parts);
}

/** As go, without a step for the back key. */
/** @param {...(string | Record<string, string | null | undefined>)} parts */
export function replace(...parts) {
    history.replaceState({place}, "", link(...parts));
    shown = location.hash;
    route.set(read());
}
