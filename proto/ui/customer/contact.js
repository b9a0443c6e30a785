/**
 * What is noted of a contact: what for, as a code of PURPOSES or a follow-up's (K2), worded where it is shown, or in
 * somebody's own words; and all of it in a line.
 */
import {t, word} from "../i18n.js";

export const PURPOSES = ["thanks", "fit", "birthday", "news", "promise", "greeting", "other"];
const OTHER = "other"; // said in words of one's own

/** What a contact that answers a follow-up is for. @param {{kind: string}} row a follow-up */
export function purposeOf({kind}) {
    return kind === "thank" ? "thanks" : kind;
}

/** What is sent. @param {string} purpose @param {string} own in whoever's own words */
export function purposeSaid(purpose, own) {
    return purpose === OTHER ? own.trim() : purpose;
}

/** @param {any} body of a contact @returns {string} what it was, what for, and what came of it */
export function contactText(body) {
    return [word("kind", body.kind), word("purpose", body.purpose), word("outcome", body.outcome),
        body.satisfaction ? t("contact.mark", {score: body.satisfaction}) : "", body.note].filter(Boolean).join(" · ");
}
