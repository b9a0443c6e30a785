/**
 * The one large field: a telephone number, a card, a name or an e-mail address; what it is shows from how it is
 * written. It groups digits as they are typed, asks while one types, and opens the card at Enter, or at once when a
 * whole number or card means one person. What nobody has is offered for registration.
 */
import {get} from "ui/api.js";
import {groupPhone, theSite} from "ui/format.js";
import {html, useEffect, useId, useRef, useState} from "ui/html.js";
import {problemText, t} from "ui/i18n.js";
import {rewrite} from "ui/parts/field.js";
import {Notice} from "ui/parts/notice.js";
import {go, link} from "ui/router.js";
import {Tier} from "./pieces.js";
import {asFields, understand} from "./typed.js";

const WAIT_MS = 180;
const PAUSE_MS = 800; // whoever types on needs no word that it is too little
const LEAST = 2; // letters
const SYLLABLE = /[\p{Script=Hangul}\p{Script=Han}]/u; // one is a surname
const LEAST_DIGITS = 3;

/** @param {string} text */
export function wholePhone(text) {
    const digits = text.replace(/\D/g, "").length;
    return digits >= (theSite().country === "KR" ? 10 : 8);
}

/** @param {string} typed */
function enough(typed) {
    const {kind, text} = understand(typed);
    if (kind === "nothing") return false;
    if (kind === "phone") return text.replace(/\D/g, "").length >= LEAST_DIGITS;
    return [...text].length >= LEAST || (kind === "name" && SYLLABLE.test(text));
}

/** @param {string} typed @param {AbortSignal} [signal] @returns {Promise<any[]>} */
export async function search(typed, signal) {
    return get("customers", {text: understand(typed).text}, {signal});
}

/** The tier by which the region knows a number that nobody here has; empty: it does not. */
/** @param {string} phone @param {AbortSignal} signal @returns {Promise<string>} */
async function elsewhere(phone, signal) {
    return (await get("recall", {phone}, {signal}))?.directory?.tier ?? "";
}

const nothing = {rows: /** @type {any[] | null} */ (null), region: "", problem: /** @type {any} */ (null),
    short: false};

/** @param {{small?: boolean, first?: boolean}} props small: above a card that is open; first: has the focus */
export function Find({small, first}) {
    const [typed, setTyped] = useState("");
    const [answer, setAnswer] = useState(nothing);
    const [at, setAt] = useState(0);
    // What stands in the field now. An answer that comes late, to what was typed before, changes nothing: a scanner
    // is faster than any request, and Enter must never open whom the text before meant.
    const now = useRef("");
    const id = useId();
    const {rows: found, region, problem, short} = answer;

    /** @param {string} text */
    function type(text) {
        now.current = text;
        setTyped(text);
        setAnswer(nothing);
        setAt(0);
    }

    /** @param {Partial<typeof nothing>} part */
    function show(part) {
        if (now.current === typed) setAnswer({...nothing, ...part});
    }

    useEffect(() => {
        if (!enough(typed)) {
            const pause = typed.trim() ? setTimeout(() => show({short: true}), PAUSE_MS) : 0;
            return () => clearTimeout(pause);
        }
        const control = new AbortController();
        const timer = setTimeout(() => {
            search(typed, control.signal).then((rows) => {
                show({rows});
                const {kind, text} = understand(typed);
                if (kind !== "phone" || !wholePhone(text)) return;
                if (rows.length === 1) open(rows[0]);
                if (rows.length === 0) {
                    elsewhere(text, control.signal).then((region) => show({rows, region}), () => {});
                }
            }, (problem) => {
                if (!control.signal.aborted) show({problem});
            });
        }, WAIT_MS);
        return () => {
            clearTimeout(timer);
            control.abort();
        };
    }, [typed]);

    /** @param {any} row */
    function open(row) {
        if (now.current !== typed) return;
        type("");
        go("customer", row.customer);
        // Already there: the card is not drawn anew, and does not take the focus by itself.
        const title = document.querySelector(".card h1[tabindex]");
        if (title instanceof HTMLElement) title.focus({preventScroll: true});
    }

    async function enter() {
        if (!typed.trim()) return;
        if (!enough(typed)) {
            show({short: true});
            return;
        }
        let rows = found;
        if (!rows) {
            try {
                rows = await search(typed);
                show({rows});
            } catch (problem) {
                show({problem});
                return;
            }
        }
        if (rows.length > 0) open(rows[Math.min(at, rows.length - 1)]);
        else if (now.current === typed) register();
    }

    function register() {
        const fields = asFields(typed);
        type("");
        go("register", fields);
    }

    /** @param {any} event */
    function onInput(event) {
        const raw = event.target.value;
        const next = groupPhone(raw);
        if (next !== raw) rewrite(event.target, next);
        type(next);
    }

    /** @param {KeyboardEvent} event */
    function onKeyDown(event) {
        if (event.isComposing) return;
        const rows = found?.length ?? 0;
        if (event.key === "Enter") {
            event.preventDefault();
            enter();
        } else if (event.key === "ArrowDown" && rows > 0) {
            event.preventDefault();
            setAt((row) => Math.min(row + 1, rows - 1));
        } else if (event.key === "ArrowUp" && rows > 0) {
            event.preventDefault();
            setAt((row) => Math.max(row - 1, 0));
        } else if (event.key === "Escape" && typed) {
            event.preventDefault();
            type("");
        }
    }

    const rows = found ?? [];
    return html`<div class=${small ? "find small" : "find"} role="search">
        <label for=${id} class=${small ? "unseen" : ""}>${t("find.label")}</label>
        <input id=${id} data-find data-focus=${first} class="find-input" type="text" autoComplete="off"
            spellcheck=${false}
            autoCapitalize="none" enterKeyHint="search" value=${typed} placeholder=${t("find.example")}
            onInput=${onInput}
            onKeyDown=${onKeyDown} role="combobox" aria-expanded=${rows.length > 0} aria-controls=${id + "-list"}
            aria-autocomplete="list" aria-activedescendant=${rows.length > 0 ? `${id}-${at}` : undefined} />
        <ul id=${id + "-list"} class="found" role="listbox" aria-label=${t("find.found")} hidden=${rows.length === 0}>
            ${rows.map((row, index) => html`<li id=${`${id}-${index}`} key=${row.customer} role="option"
                aria-selected=${index === at} onMouseDown=${(/** @type {Event} */ event) => event.preventDefault()}
                onClick=${() => open(row)}>
                <b>${row.name || t("name.unknown")}</b> <span class="number">${row.phone ?? ""}</span>
                <span>${row.card ?? ""}</span> <${Tier} tier=${row.tier} />
            </li>`)}
        </ul>
        ${short ? html`<p class="unknown" role="status">${understand(typed).kind === "phone"
            ? t("find.digits", {count: LEAST_DIGITS}) : t("find.letters", {count: LEAST})}</p>` : null}
        ${found && rows.length === 0 ? html`<div class="unknown" role="status">
            <p>${region ? html`<${Tier} tier=${region} /> ${t("find.region")}` : t("find.nobody", {text: typed})}</p>
            <a class="button main" href=${link("register", asFields(typed))} onClick=${() => type("")}>
                ${t("find.register")}<kbd aria-hidden="true">⏎</kbd></a></div>` : null}
        ${problem ? html`<${Notice} kind="bad"><p>${problemText(problem)}</p><//>` : null}
    </div>`;
}

// A number may be typed, or a card scanned, without going to the field first.
addEventListener("keydown", (event) => {
    const input = document.querySelector("[data-find]");
    const busy = event.target instanceof Element && event.target.matches("input, textarea, select");
    const digit = /^[0-9]$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (digit && !busy && input instanceof HTMLInputElement && !document.querySelector("dialog[open]")) input.focus();
});

/** Puts the caret into the field, wherever one is. */
export function focusFind() {
    const input = document.querySelector("[data-find]");
    if (input instanceof HTMLInputElement) {
        input.focus();
        input.select();
    } else {
        go();
    }
}
