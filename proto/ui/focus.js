/**
 * Where the keyboard is when what it was in has gone (WCAG 2.4.3): a step was made and the next one is shown, a line of
 * a list was answered and left. Otherwise the focus would fall to the page, and the next letters would be shortcuts.
 *
 *     useEffect(() => watchFocus(main.current), []);   // once, on the element that the views are drawn in
 *
 * Of what stands now in the place of what went: what has data-focus, else the first field, else the first thing to
 * press; else further up, and at last the heading.
 */
const WANTED = ["[data-focus]", "input, textarea, select", "button, summary", "a[href]"];

/** @typedef {{parent: Element, index: number}[]} Trail from the element up to the watched one */

/** @param {Element} element @param {Element} within @returns {Trail} */
function trailOf(element, within) {
    const trail = [];
    for (let at = element; at !== within && at.parentElement; at = at.parentElement) {
        trail.push({parent: at.parentElement, index: Array.prototype.indexOf.call(at.parentElement.children, at)});
    }
    return trail;
}

/** @param {Element | null | undefined} element */
function focusOn(element) {
    if (!(element instanceof HTMLElement) || !element.checkVisibility()) return false;
    if (element.tagName === "H1") element.tabIndex = -1;
    element.focus();
    return document.activeElement === element;
}

/** @param {Element} place */
function focusIn(place) {
    return WANTED.some((wanted) => [...(place.matches(wanted) ? [place] : []), ...place.querySelectorAll(wanted)]
        .some(focusOn));
}

/** The field to begin with, else the heading. @param {Element} within */
function focusFirst(within) {
    return focusOn(within.querySelector("[data-focus]")) || focusOn(within.querySelector("h1"));
}

/** A view that is still to come has the focus as soon as there is something to give it to. */
const WAITS = "data-waits";

/** At another address: to the view that is drawn there. @param {HTMLElement} within */
export function focusView(within) {
    within.removeAttribute(WAITS);
    if (focusFirst(within)) return;
    within.focus();
    within.setAttribute(WAITS, "");
}

/** @param {HTMLElement} within @returns {() => void} ends it */
export function watchFocus(within) {
    let last = /** @type {{element: Element, trail: Trail} | null} */ (null);

    /** @param {FocusEvent} event */
    function came({target}) {
        if (!(target instanceof Element) || target === within) return;
        within.removeAttribute(WAITS);
        last = {element: target, trail: trailOf(target, within)};
    }

    /** Whoever presses beside everything leaves what had the focus. @param {Event} event */
    function pressed({target}) {
        if (!document.activeElement?.contains(/** @type {Node} */ (target))) last = null;
    }

    function drawn() {
        const now = document.activeElement;
        if (now && now !== document.body && now !== within) return;
        if (within.hasAttribute(WAITS)) {
            if (focusFirst(within)) scrollTo(0, 0);
        } else if (last && !document.querySelector("dialog[open]")) {
            const {element, trail} = last;
            if (focusOn(element)) return; // it was only moved
            last = null;
            const found = trail.filter(({parent}) => parent.isConnected).some(({parent, index}) => {
                const place = parent.children[Math.min(index, parent.children.length - 1)];
                return place && focusIn(place);
            });
            if (!found) focusFirst(within);
        }
    }

    const observer = new MutationObserver(drawn);
    observer.observe(within, {childList: true, subtree: true});
    within.addEventListener("focusin", came);
    addEventListener("pointerdown", pressed, {capture: true});
    return () => {
        observer.disconnect();
        within.removeEventListener("focusin", came);
        removeEventListener("pointerdown", pressed, {capture: true});
    };
}
