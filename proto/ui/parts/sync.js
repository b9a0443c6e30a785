/**
 * The sync light: how it stands with the hub, in words beside a mark whose shape differs too, so that colour is never
 * all there is. Pressed, it explains and says what to do. It takes the status document of a node; `syncState` is the
 * judgement alone, pure, for tests and other views.
 */
import {html, useState} from "../html.js";
import {t} from "../i18n.js";
import {dateTime, when} from "../format.js";
import {Dialog} from "./dialog.js";

/**
 * @typedef {"level" | "cut" | "waiting" | "sending" | "stopped" | "unreachable" | "unknown"} SyncWord
 * @typedef {{state: SyncWord, count: number, since: string | null}} SyncState
 */

/**
 * @param {any} status the node's status document, null when not known yet
 * @param {boolean} gone the program itself does not answer
 * @returns {SyncState}
 */
export function syncState(status, gone) {
    if (gone) return {state: "unreachable", count: 0, since: null};
    if (!status) return {state: "unknown", count: 0, since: null};
    const count = status.waiting ?? 0;
    const since = status.waiting_since ?? null;
    if (status.quarantine || status.revoked) return {state: "stopped", count, since};
    if (count > 0) return {state: status.connected ? "sending" : "waiting", count, since};
    return {state: status.connected ? "level" : "cut", count, since: null};
}

const MARKS = {level: "●", cut: "◌", sending: "◐", waiting: "◑", stopped: "■", unreachable: "✕", unknown: "○"};

/** @param {SyncState} sync */
export function syncText(sync) {
    return t(`sync.${sync.state}`, {count: sync.count, since: when(sync.since)});
}

/** What the program says of the line, by how it begins. */
const TROUBLES = /** @type {[RegExp, string][]} */ ([[/^no line to the hub/, "line"], [/^the hub is silent/, "silent"],
    [/^the hub refuses/, "refused"], [/^the hub says bye/, "bye"], [/older copy|^fork:/, "forked"]]);

/** In words where there are some; the program's own, in English, are for IT. @param {{text: string}} props */
function Trouble({text}) {
    const found = TROUBLES.find(([begin]) => begin.test(text));
    return html`${found ? html`<p>${t(`sync.trouble.${found[1]}`)}</p>` : null}
        <p class="hint">${t("sync.forit", {text})}</p>`;
}

/** @param {{status: any, gone: boolean}} props */
export function SyncLight({status, gone}) {
    const [open, setOpen] = useState(false);
    const sync = syncState(status, gone);
    return html`
        <button type="button" class=${`sync ${sync.state}`} onClick=${() => setOpen(true)} aria-haspopup="dialog">
            <span class="mark" aria-hidden="true">${MARKS[sync.state]}</span>
            <span role="status">${syncText(sync)}</span>
        </button>
        ${open ? html`<${Dialog} title=${t("sync.title")} onClose=${() => setOpen(false)}>
            <p class="lead">${syncText(sync)}</p>
            <p>${t(`sync.${sync.state}.explain`)}</p>
            ${status?.quarantine ? html`<${Trouble} text=${status.quarantine} />` : null}
            ${status?.trouble && status.trouble !== status.quarantine
                ? html`<${Trouble} text=${status.trouble} />` : null}
            <dl class="facts">
                <dt>${t("sync.contact")}</dt>
                <dd>${status?.last_contact ? dateTime(status.last_contact) : t("never")}</dd>
                <dt>${t("sync.count")}</dt>
                <dd>${t("sync.events", {count: status?.events ?? 0, waiting: sync.count})}</dd>
            </dl>
        <//>` : null}`;
}
