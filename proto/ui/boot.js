/**
 * How an app starts: words, theme, the site, who is signed in; then either the sign-in page or the app.
 *
 *     boot({words: (language) => import(`./words/${language}.js`), app: () => import("./app.js"),
 *         title: () => t("app.title"), pin: true});
 *
 * Whoever is not signed in sees the sign-in page before the app's modules are asked for: they come while the secret is
 * typed. Where somebody was signed in on this device, they are asked for at once. The modules that the sign-in page
 * needs stand in index.html, so that the browser need not find one through the other.
 *
 * A session that ends later leaves the app where it is, hidden under the sign-in page: what was typed is still there
 * for whose session it was. Anybody else, and whoever signed out, begins afresh.
 */
import {get, Problem} from "./api.js";
import {drafts} from "./drafts.js";
import {setSite} from "./format.js";
import {html, render, useEffect} from "./html.js";
import {addWords, followLanguage, problemText, spoken, t} from "./i18n.js";
import {replace} from "./router.js";
import {askSession, ended, session} from "./session.js";
import {applyTheme, keep, kept} from "./settings.js";
import {createState, useShared} from "./state.js";
import {Button} from "./parts/button.js";
import {Notice} from "./parts/notice.js";
import {SignIn} from "./parts/signin.js";

const failure = createState(/** @type {any} */ (null));
/** The app, once its modules are here. */
const loaded = createState(/** @type {{App: any} | null} */ (null));
/** @type {() => Promise<{App: any}>} */
let load;

/** Kept while somebody is signed in on this device. */
const HERE = "here";
let last = ""; // who was here last
session.listen((who) => {
    keep(HERE, who ? "yes" : "");
    if (!who) return;
    if (last && last !== who.name) replace(); // where one was, and with whom, is nothing to the next
    last = who.name;
});

async function loadApp() {
    if (loaded.get()) return;
    try {
        loaded.set(await load());
    } catch (problem) {
        throw problem instanceof TypeError
            ? new Problem({status: 0, code: "unreachable", detail: problem.message}) : problem;
    }
}

/** Behind what is drawn now. Should it fail, whoever signs in is told. */
function loadAppBehind() {
    requestAnimationFrame(() => setTimeout(() => loadApp().catch(() => {}), 0));
}

async function begin() {
    failure.set(null);
    try {
        const early = kept(HERE) ? loadApp() : null;
        const [site] = await Promise.all([get("site"), askSession(), early]);
        if (session.get()) await loadApp();
        setSite(site);
        // Drawn again with the site's money and times.
        failure.set(undefined);
    } catch (problem) {
        failure.set(problem);
    }
}

/** @param {{title: () => string, pin: boolean}} props */
function Root({title, pin}) {
    useShared(spoken); // everything is drawn again in another language, and nothing typed is lost
    const App = useShared(loaded)?.App;
    const who = useShared(session);
    const left = useShared(ended);
    const problem = useShared(failure);
    const whose = who || left;
    useEffect(() => {
        if (who && !App) loadApp().catch((reason) => failure.set(reason));
    }, [who, App]);
    document.title = title();
    if (problem) {
        return html`<main class="signin"><${Notice} kind="bad"><p>${problemText(problem)}</p>
            <${Button} onClick=${begin}>${t("again")}<//><//></main>`;
    }
    if (who === undefined || problem === null) return null;
    return html`
        ${App && whose ? html`<div key="app" class=${who ? "app" : "app behind"} inert=${!who}>
            <${App} key=${whose.name} /></div>` : null}
        ${who && App ? null : html`<${SignIn} key="signin" title=${title()} pin=${pin} name=${last}
            note=${left ? t(drafts().size > 0 ? "signin.kept" : "signin.ended", {name: left.display || left.name})
                : ""} />`}`;
}

/**
 * @param {{words: import("./i18n.js").WordSource, app: () => Promise<{App: any}>, title: () => string,
 *     pin?: boolean}} what
 */
export async function boot({words, app, title, pin = false}) {
    applyTheme();
    addWords(words);
    load = app;
    const [asked] = await Promise.all([begin(), followLanguage()]);
    const root = document.getElementById("root");
    if (root) render(html`<${Root} title=${title} pin=${pin} />`, root);
    loadAppBehind();
    return asked;
}
