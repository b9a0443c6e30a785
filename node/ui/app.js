/**
 * The store app: who is signed in sees the counter, Today, customers, complaints and contests (views/). This module
 * knows the places, the line to the server and nothing of what is in them.
 */
import {changes, get, unreachable} from "ui/api.js";
import {boot} from "ui/boot.js";
import {tip} from "ui/data.js";
import {html, useEffect, useState} from "ui/html.js";
import {t} from "ui/i18n.js";
import {SyncLight} from "ui/parts/sync.js";
import {Shell} from "ui/parts/shell.js";
import {useRoute} from "ui/router.js";
import {useShared} from "ui/state.js";

/** The status document, live by server-sent events, and asked anew when the line to the server was cut. */
function useStatus() {
    const [status, setStatus] = useState(/** @type {any} */ (null));
    useEffect(() => {
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
                else unreachable.set(true);
            },
        });
    }, []);
    return status;
}

function App() {
    const route = useRoute();
    const status = useStatus();
    const gone = useShared(unreachable);
    return html`<${Shell} title=${t("app.title")} light=${html`<${SyncLight} status=${status} gone=${gone} />`}
        places=${[{href: "#/", label: t("place.counter"), current: route.path.length === 0}]}>
        <h1>${t("place.counter")}</h1>
    <//>`;
}

boot({words: (language) => import(`./words/${language}.js`), App, title: () => t("app.title"), pin: true});
