/**
 * Values as people read them: money from minor units, times in the region's zone, telephone numbers in groups. What is
 * regional (currency, zone, country) is told once by setSite with the answer of GET /api/v1/site; the language is
 * i18n's.
 */
import {locale, t} from "./i18n.js";

/**
 * @typedef {object} Site
 * @property {"node" | "hub"} program
 * @property {string} version
 * @property {string | null} [region]
 * @property {string | null} [store] its code
 * @property {string | null} [name] of the store
 * @property {string} currency
 * @property {number} exponent
 * @property {string} timezone
 * @property {string} country
 */

/** @type {Site} */
let site = {program: "node", version: "", currency: "KRW", exponent: 0, timezone: "Asia/Seoul", country: "KR"};

/** @param {Site} found */
export function setSite(found) {
    site = {...site, ...found};
}

export function theSite() {
    return site;
}

/**
 * @param {number | null | undefined} minor
 * @param {{sign?: boolean}} [options] sign: a plus before what is above zero
 */
export function money(minor, {sign = false} = {}) {
    if (minor === null || minor === undefined) return "–";
    const options = /** @type {Intl.NumberFormatOptions} */ ({
        style: "currency", currency: site.currency, minimumFractionDigits: site.exponent,
        maximumFractionDigits: site.exponent, signDisplay: sign ? "exceptZero" : "auto",
        currencyDisplay: "narrowSymbol",
    });
    return new Intl.NumberFormat(locale(), options).format(minor / 10 ** site.exponent);
}

/** The same in three digits, where there is little room: ₩2.58억, ₩258m. @param {number} minor */
export function roughMoney(minor) {
    return number(minor / 10 ** site.exponent, {style: "currency", currency: site.currency, notation: "compact",
        maximumSignificantDigits: 3, currencyDisplay: "narrowSymbol"});
}

/**
 * Money as typed, in minor units; null when it is no amount or has too many decimals.
 * @param {string} typed
 */
export function parseMoney(typed) {
    const text = typed.normalize("NFKC").replace(/[\s,_']/g, "").replace(/^[^\d.-]+/, "");
    const found = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text);
    if (!found || (found[3] ?? "").length > site.exponent) return null;
    const minor = Number(found[2]) * 10 ** site.exponent + Number((found[3] ?? "").padEnd(site.exponent, "0") || 0);
    return Number.isSafeInteger(minor) ? (found[1] ? -minor : minor) : null;
}

/**
 * @param {number | null | undefined} value
 * @param {Intl.NumberFormatOptions} [options]
 */
export function number(value, options) {
    return value === null || value === undefined ? "–" : new Intl.NumberFormat(locale(), options).format(value);
}

/** @param {number | null | undefined} share in 0..1 */
export function percent(share, digits = 0) {
    return number(share, {style: "percent", maximumFractionDigits: digits});
}

/**
 * @param {string | number | Date | null | undefined} value
 * @param {Intl.DateTimeFormatOptions} options
 */
function moment(value, options) {
    if (value === null || value === undefined || value === "") return "–";
    // A date without a time is that day wherever it is read.
    const bare = typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value);
    const zone = bare ? "UTC" : site.timezone;
    return new Intl.DateTimeFormat(locale(), {timeZone: zone, ...options}).format(new Date(value));
}

/** @param {string | number | Date | null | undefined} value */
export function date(value) {
    return moment(value, {year: "numeric", month: "short", day: "numeric"});
}

/** Month and day, and the year if it is not this one. */
/** @param {string} value */
export function day(value, now = new Date()) {
    return value.slice(0, 4) === today(now).slice(0, 4) ? moment(value, {month: "short", day: "numeric"}) : date(value);
}

/** A day that comes every year: 1985-11-25 or 11-25. */
/** @param {string} value */
export function everyYear(value) {
    return moment("2000-" + value.slice(-5), {month: "short", day: "numeric"});
}

/** A birthday as noted, with its year or without, as people write it. @param {string | null | undefined} value */
export function birthday(value) {
    return value && value.length > 5 ? date(value) : value ? everyYear(value) : "";
}

/** A month, 2024-11, as people write it. @param {string} value */
export function month(value) {
    return moment(`${value}-01`, {year: "numeric", month: "short"});
}

const OLDEST = 120; // years; who would be older has a year that was noted wrong

/**
 * The age that a birthday so many days ahead brings; null where the year is not known or cannot be.
 * @param {string} birthday 1985-11-25 or 11-25
 * @param {number} days
 */
export function ageIn(birthday, days, now = new Date()) {
    const written = /^(\d{4})-\d{2}-\d{2}$/.exec(birthday);
    const then = new Date(Date.parse(today(now) + "T00:00:00Z") + days * 86400000);
    const age = written ? then.getUTCFullYear() - Number(written[1]) : 0;
    return age >= 1 && age <= OLDEST ? age : null;
}

/** @param {string | number | Date | null | undefined} value */
export function time(value) {
    return moment(value, {hour: "2-digit", minute: "2-digit", hourCycle: "h23"});
}

/** @param {string | number | Date | null | undefined} value */
export function dateTime(value) {
    return moment(value, {
        year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    });
}

/** The calendar day of a moment in the region, as a number of days. */
/** @param {Date} moment_ */
function dayNumber(moment_) {
    return Math.round(Date.parse(today(moment_) + "T00:00:00Z") / 86400000);
}

/** Today in the region, as YYYY-MM-DD. */
export function today(now = new Date()) {
    // From its parts: how a locale writes a whole date changes from one release of a browser to another.
    const parts = new Intl.DateTimeFormat("en-GB", {
        timeZone: site.timezone, year: "numeric", month: "2-digit", day: "2-digit",
    }).formatToParts(now);
    return ["year", "month", "day"].map((one) => parts.find(({type}) => type === one)?.value).join("-");
}

/**
 * Time of a moment of today, else its date: as short as can be without a doubt.
 * @param {string | null | undefined} value
 */
export function when(value, now = new Date()) {
    if (!value) return "–";
    const then = new Date(value);
    return dayNumber(then) === dayNumber(now) ? time(then) : date(then);
}

/**
 * "today", "yesterday", "12 days ago", "3 months ago", "in 3 days": by calendar days of the region.
 * @param {string | null | undefined} value
 */
export function ago(value, now = new Date()) {
    return value ? inDays(dayNumber(new Date(value)) - dayNumber(now)) : "–";
}

/** Whole months of the region's calendar since a moment; null where there is none. @param {string | null} value */
export function monthsSince(value, now = new Date()) {
    if (!value) return null;
    const [then, day] = [today(new Date(value)), today(now)];
    const months = (/** @type {string} */ date) => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7));
    return Math.max(0, months(day) - months(then) - (day.slice(8) < then.slice(8) ? 1 : 0));
}

/** @param {number} days */
export function inDays(days) {
    const words = new Intl.RelativeTimeFormat(locale(), {numeric: "auto"});
    if (Math.abs(days) < 60) return words.format(days, "day");
    if (Math.abs(days) < 730) return words.format(Math.round(days / 30.4), "month");
    return words.format(Math.round(days / 365.25), "year");
}

/**
 * A span of time in its largest unit that is at least one: "3 hours", "2 days".
 * @param {number} milliseconds
 * @param {boolean} [business] business hours: a day has fewer than 24 of them, so they stay hours
 */
export function span(milliseconds, business = false) {
    const minutes = Math.max(0, Math.round(milliseconds / 60000));
    const [value, unit] = minutes < 60 ? [minutes, "minute"] : business || minutes < 48 * 60
        ? [Math.floor(minutes / 60), "hour"] : [Math.floor(minutes / 1440), "day"];
    return number(/** @type {number} */ (value), {style: "unit", unit: String(unit), unitDisplay: "long"});
}

/** Quantities come as decimals in text ("1.000"); shown without what says nothing. */
/** @param {string | number | null | undefined} value */
export function quantity(value) {
    return value === null || value === undefined ? "–" : number(Number(value), {maximumFractionDigits: 3});
}

const GROUPS = /** @type {Record<string, (digits: string) => number[]>} */ ({
    KR: (digits) => {
        const area = digits.startsWith("02") ? 2 : /^1[5-9]/.test(digits) ? 0 : 3;
        if (area === 0) return [4, 4];
        if (digits.startsWith("010")) return [3, 4, 4]; // has eleven digits: nothing jumps while it is typed
        return digits.length - area > 7 ? [area, 4, 4] : [area, 3, 4];
    },
    CN: (digits) => (digits.startsWith("1") ? [3, 4, 4] : [4, 4, 4]),
});

const LAST_DIGITS = 4; // as many may be the end of a number, by which people find one another

/**
 * Digits in the groups the country writes them in; while still typing, too. What is no domestic number stays as it is.
 * @param {string} typed
 */
export function groupPhone(typed) {
    const plain = typed.normalize("NFKC");
    if (!/^[\d\s.()-]*$/.test(plain)) return typed;
    const digits = plain.replace(/\D/g, "");
    const sizes = GROUPS[site.country]?.(digits);
    if (!sizes || digits.length <= LAST_DIGITS) return plain.trim() ? digits : typed;
    const parts = [];
    let at = 0;
    for (const size of sizes) {
        if (at < digits.length) parts.push(digits.slice(at, at + size));
        at += size;
    }
    if (at < digits.length) parts[parts.length - 1] += digits.slice(at);
    return parts.join(site.country === "CN" ? " " : "-");
}

/** A name as one addresses the person in the language: 김영희 님. */
/** @param {string | null | undefined} name */
export function address(name) {
    return name ? t("name.address", {name}) : t("name.unknown");
}
