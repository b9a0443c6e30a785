/**
 * The clocks of a complaint in words: how long until an answer is due, or since when it is overdue. The server computes
 * them from the history (business hours, pauses); here they are only told, so that both always say the same.
 */
import {span, when} from "ui/format.js";
import {t} from "ui/i18n.js";

/**
 * @param {any} row as `complaints` lists it
 * @returns {{text: string, tone: "good" | "warn" | "bad" | "plain"}}
 */
export function clock(row) {
    if (row.state === "closed") return {text: t("clock.closed", {when: when(row.closed_at)}), tone: "plain"};
    if (row.state === "paused") return {text: t("clock.paused"), tone: "plain"};
    if (!row.first_answer_at) return due(row.answer_left_ms, "answer", row.business_hours);
    return due(row.resolve_left_ms, "resolve", row.business_hours);
}

const SOON_MS = 4 * 3600000;

/**
 * @param {number | null} left
 * @param {"answer" | "resolve"} what
 * @param {boolean} business
 * @returns {ReturnType<typeof clock>}
 */
function due(left, what, business) {
    if (left === null || left === undefined) return {text: "–", tone: "plain"};
    if (left < 0) return {text: t(`clock.${what}.over`, {span: span(-left, business)}), tone: "bad"};
    return {text: t(`clock.${what}.in`, {span: span(left, business)}), tone: left < SOON_MS ? "warn" : "good"};
}

/** What became of the first answer. @param {any} row */
export function firstAnswer(row) {
    if (!row.first_answer_at) return t("answer.none");
    const took = span(row.answer_ms, row.business_hours);
    return t(row.answered_in_time === false ? "answer.late" : "answer.after", {span: took});
}
