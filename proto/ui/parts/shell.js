/**
 * The frame of an app once somebody is signed in: what it is, where one can go, how the line stands, who one is.
 *
 *     <Shell title=… places=${[{href, label, current, badge}]} light=${html`<${SyncLight} …/>`}>…view…<//>
 *
 * The view should begin with an <h1>; after each move to another place it gets the focus (or what has data-focus, a
 * field to begin with), so that a screen reader says where one is; also where it comes later than its address. Within a
 * view the focus goes on by itself (focus.js). What was typed and not sent is not left without a question (drafts.js).
 */
import {html, useEffect, useLayoutEffect, useRef, useState} from "../html.js";
import {leave} from "../drafts.js";
import {focusView, watchFocus} from "../focus.js";
import {problemText, t} from "../i18n.js";
import {useRoute} from "../router.js";
import {session, signOut} from "../session.js";
import {useShared} from "../state.js";
import {Button} from "./button.js";
import {Choices} from "./choices.js";
import {Keys} from "./keys.js";
import {Leaving} from "./leaving.js";
import {useCurrentInSight} from "./tabs.js";
import {toast, Toasts} from "./toast.js";

function Person() {
    const now = useShared(session);
    const [open, setOpen] = useState(false);
    const box = useRef(/** @type {HTMLElement | null} */ (null));
    useEffect(() => {
        if (!open) return undefined;
        /** @param {Event} event */
        const away = (event) => {
            const outside = event instanceof MouseEvent && !box.current?.contains(/** @type {Node} */ (event.target));
            if (outside || (event instanceof KeyboardEvent && event.key === "Escape")) setOpen(false);
        };
        addEventListener("mousedown", away);
        addEventListener("keydown", away);
        return () => {
            removeEventListener("mousedown", away);
            removeEventListener("keydown", away);
        };
    }, [open]);
    if (!now) return null;
    const out = () => void signOut().catch((problem) => toast(problemText(problem)));
    return html`<div class="person" ref=${box}>
        <${Button} kind="quiet" onClick=${() => setOpen(!open)} aria-expanded=${open}>${now.display || now.name}<//>
        ${open ? html`<div class="sheet">
            <p>${now.display || now.name} <span class="hint">${t(`role.${now.role}`)}</span></p>
            <${Choices} />
            <${Button} onClick=${() => leave(out)}>${t("signout")}<//>
        </div>` : null}
    </div>`;
}

/**
 * @param {{title: any, places: {href: string, label: any, current: boolean, badge?: any}[], light?: any,
 *     home?: string, children?: any}} props
 */
export function Shell({title, places, light, home = "#/", children}) {
    const main = useRef(/** @type {HTMLElement | null} */ (null));
    const where = useRoute().path.join("/");
    const first = useRef(true);
    const nav = useCurrentInSight(places.find((place) => place.current)?.href);
    useLayoutEffect(() => (main.current ? watchFocus(main.current) : undefined), []);
    useLayoutEffect(() => { // at once: what is scanned next belongs there
        const begin = main.current?.querySelector("[data-focus]");
        if (main.current && !first.current) focusView(main.current);
        else if (begin instanceof HTMLElement) begin.focus();
        first.current = false;
        scrollTo(0, 0);
    }, [where]);
    /** @param {Event} event */
    function skip(event) {
        event.preventDefault();
        main.current?.focus();
    }
    return html`
        <a class="skip" href="#main" onClick=${skip}>${t("skip")}</a>
        <header class="top">
            <a class="brand" href=${home}>${title}</a>
            <nav aria-label=${t("places")} ref=${nav}>${places.map((place) => html`
                <a href=${place.href} aria-current=${place.current ? "page" : undefined}>${place.label}${place.badge
                    ? html`<span class="badge">${place.badge}</span>` : null}</a>`)}</nav>
            <div class="ends">${light}<${Keys} /><${Person} /></div>
        </header>
        <main id="main" ref=${main} tabindex="-1">${children}</main>
        <${Leaving} />
        <${Toasts} />`;
}
