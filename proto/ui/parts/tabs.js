/**
 * Tabs between views of one thing: links, so that each has an address. tabs: [{href, label, current, badge?}]
 */
import {html} from "../html.js";

/** @param {{label: string, tabs: {href: string, label: any, current: boolean, badge?: any}[]}} props */
export function Tabs({label, tabs}) {
    return html`<nav class="tabs" aria-label=${label}>${tabs.map((tab) => html`
        <a href=${tab.href} aria-current=${tab.current ? "page" : undefined}>${tab.label}${tab.badge
            ? html`<span class="badge">${tab.badge}</span>` : null}</a>`)}</nav>`;
}
