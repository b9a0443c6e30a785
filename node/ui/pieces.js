/**
 * Small pieces that several views show: a tier, how far it is to the next, whose customer a form is about, a choice of
 * one to five, and the words for a follow-up.
 */
import {get} from "ui/api.js";
import {useData} from "ui/data.js";
import {address, ageIn, everyYear, inDays, money} from "ui/format.js";
import {html} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {link} from "ui/router.js";

/** @param {{tier: string | null | undefined}} props */
export function Tier({tier}) {
    return tier ? html`<span class="tag tier">${word("tier", tier, tier)}</span>` : null;
}

/** How far to the next tier, as a bar and in words. @param {{card: any}} props */
export function NextTier({card}) {
    if (!card.tier_next || card.to_next === null) return null;
    const text = t("card.next", {tier: word("tier", card.tier_next, card.tier_next), money: money(card.to_next)});
    return html`<p class="next">${text}</p>`;
}

/** Who it is about, on top of a form. Asks for the card if it is not at hand. @param {{id: string}} props */
export function Whose({id}) {
    const card = useData(() => get(`customers/${id}/recall`), [id]).value;
    return html`<p class="whose"><a href=${link("customer", id)}>${card ? address(card.name) : "…"}</a>
        <span class="number">${card?.phone ?? ""}</span> <${Tier} tier=${card?.tier} /></p>`;
}

/** One to five, as options of a Choice. */
export function scores() {
    return ["1", "2", "3", "4", "5"].map((value) => ({value, label: value}));
}

/** @param {string} prefix @param {string[]} names */
export function options(prefix, names) {
    return names.map((value) => ({value, label: t(`${prefix}.${value}`)}));
}

/** How many people these follow-ups are about. @param {any[]} rows of followups */
export function peopleOf(rows) {
    return new Set(rows.map((row) => row.customer)).size;
}

/** @param {number} days */
export function birthdayText(days) {
    return days === 0 ? t("card.birthday.today") : t("card.birthday", {when: inDays(days)});
}

/** The day of the birthday, and the age where the year is known. @param {string} birthday @param {number} days */
export function turnsText(birthday, days) {
    const age = ageIn(birthday, days);
    return age === null ? everyYear(birthday) : t("card.birthday.turns", {age, day: everyYear(birthday)});
}
