/**
 * Buttons, and links that look like them. kind: "main" (one to a view), "plain", "quiet", "danger".
 * `busy` keeps the button's place and width, and takes no second press; `keys` shows the shortcut that does the same.
 */
import {html} from "../html.js";
import {lettersOn} from "../shortcuts.js";
import {useShared} from "../state.js";

/**
 * @param {{kind?: string, type?: string, busy?: boolean, disabled?: boolean, keys?: string, href?: string,
 *     large?: boolean, onClick?: (event: any) => void, children?: any, [other: string]: any}} props
 */
export function Button(props) {
    const {kind = "plain", type = "button", busy, disabled, keys, href, large, onClick, children, ...others} = props;
    const name = `button ${kind}${large ? " large" : ""}${busy ? " busy" : ""}`;
    const letters = useShared(lettersOn);
    const hint = keys ? html`<kbd aria-hidden="true">${letters || keys.length > 1 ? keys : `Alt ${keys}`}</kbd>` : null;
    if (href) return html`<a class=${name} href=${href} ...${others}>${children}${hint}</a>`;
    // Not `disabled` while busy: that would take the focus away from who pressed it.
    return html`<button class=${name} type=${type} disabled=${disabled} aria-disabled=${busy ? "true" : undefined}
        onClick=${busy ? stop : onClick} ...${others}>${children}${hint}</button>`;
}

/** @param {Event} event */
function stop(event) {
    event.preventDefault();
}
