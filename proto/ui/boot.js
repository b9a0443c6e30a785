/**
 * How an app starts: words, theme, the site, who is signed in; then either the sign-in page or the app.
 *
 *     boot({words: (language) => import(`./words/${language}.js`), App, title: () => t("app.title"), pin: true});
 *
 * A session that ends later leaves the app where it is, hidden under the sign-in page: what was typed is still there.
 */
import {get} from "./api.js";
import {setSite} from "./format.js";
import {html, render, useRef} from "./html.js";
import {addWords, followLanguage, problemText, spoken, t} from "./i18n.js";
import {askSession, session} from "./session.js";
import {applyTheme} from "./settings.js";
import {createState, useShared} from "./state.js";
import {Button} from "./parts/button.js";
import {Notice} from "./parts/notice.js";
import {SignIn} from "./parts/signin.js";

const failure = createState(/** @type {any} */ (null));

async function begin() {
    failure.set(null);
    try {
        const [site] = await Promise.all([get("site"), askSession()]);
        setSite(site);
        // Drawn again with the site's money and times.
        failure.set(undefined);
    } catch (problem) {
        failure.set(problem);
    }
}

/** @param {{App: any, title: () => string, pin: boolean}} props */
function Root({App, title, pin}) {
    useShared(spoken); // everything is drawn again in another language, and nothing typed is lost
    const who = useShared(session);
    const problem = useShared(failure);
    const last = useRef("");
    if (who) last.current = who.name;
    document.title = title();
    if (problem) {
        return html`<main class="signin"><${Notice} kind="bad"><p>${problemText(problem)}</p>
            <${Button} onClick=${begin}>${t("again")}<//><//></main>`;
    }
    if (who === undefined || problem === null) return null;
    return html`
        ${last.current ? html`<div key="app" class=${who ? "app" : "app behind"} inert=${!who}>
            <${App} key=${last.current} /></div>` : null}
        ${who ? null : html`<${SignIn} key="signin" title=${title()} pin=${pin} name=${last.current} />`}`;
}

/** @param {{words: import("./i18n.js").WordSource, App: any, title: () => string, pin?: boolean}} app */
export async function boot({words, App, title, pin = false}) {
    applyTheme();
    addWords(words);
    const [asked] = await Promise.all([begin(), followLanguage()]);
    const root = document.getElementById("root");
    if (root) render(html`<${Root} App=${App} title=${title} pin=${pin} />`, root);
    return asked;
}
