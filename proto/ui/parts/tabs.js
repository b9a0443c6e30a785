/**
 * Tabs between views of one thing: links, so that each has an address. tabs: [{href, label, current, badge?}]
 */
import {html, useLayoutEffect, useRef} from "../html.js";

/**
 * Of links in one line that is longer than the page is wide, the current one is in sight.
 * @param {string | undefined} current its address
 */
export function useCurrentInSight(current) {
    const nav = useRef(/** @type {HTMLElement | null} */ (null));
    useLayoutEffect(() => {
        const [line, shown] = [nav.current, nav.current?.querySelector("[aria-current]")];
        if (!line || !(shown instanceof HTMLElement) || line.scrollWidth <= line.clientWidth) return;
        line.scrollLeft = shown.offsetLeft - line.offsetLeft - (line.clientWidth - shown.offsetWidth) / 2;
    }, [current]);
    return nav;
}

/** @param {{label: string, tabs: {href: string, label: any, current: boolean, badge?: any}[]}} props */
export function Tabs({label, tabs}) {
    const nav = useCurrentInSight(tabs.find((tab) => tab.current)?.href);
    return html`<nav class="tabs" aria-label=${label} ref=${nav}>${tabs.map((tab) => html`
        <a href=${tab.href} aria-current=${tab.current ? "page" : undefined}>${tab.label}${tab.badge
            ? html`<span class="badge">${tab.badge}</span>` : null}</a>`)}</nav>`;
}
