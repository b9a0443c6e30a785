/**
 * What a person chose on this device: language and theme. "auto" follows the browser. Kept in localStorage, and
 * forgotten without harm where there is none.
 */
import {createState} from "./state.js";

/** @type {["auto", "light", "dark"]} */
export const THEMES = ["auto", "light", "dark"];
/** @type {["en", "ko", "zh"]} */
export const LANGUAGES = ["en", "ko", "zh"];
/** How each language calls itself: the same in every language. */
export const LANGUAGE_NAMES = /** @type {Record<string, string>} */ ({en: "English", ko: "한국어", zh: "中文"});

/** What was kept on this device, or null. @param {string} name */
export function kept(name) {
    try {
        return localStorage.getItem("dangol." + name);
    } catch {
        return null;
    }
}

/**
 * @param {string} name
 * @param {string} value
 */
export function keep(name, value) {
    try {
        localStorage.setItem("dangol." + name, value);
    } catch {
        // it holds until the page is closed
    }
}

function browserLanguage() {
    for (const wanted of navigator.languages ?? [navigator.language]) {
        const found = LANGUAGES.find((language) => wanted.toLowerCase().split("-")[0] === language);
        if (found) return found;
    }
    return "en";
}

const chosen = kept("language");
export const language = createState(/** @type {string} */ (
    LANGUAGES.find((one) => one === chosen) ?? browserLanguage()));
export const theme = createState(/** @type {string} */ (THEMES.find((one) => one === kept("theme")) ?? "auto"));

/** @param {string} value */
export function chooseLanguage(value) {
    keep("language", value);
    language.set(value);
}

/** @param {string} value */
export function chooseTheme(value) {
    keep("theme", value);
    theme.set(value);
    applyTheme();
}

/** Which screens take the dark colours. */
const DARK = /** @type {Record<string, string>} */ ({
    auto: "screen and (prefers-color-scheme: dark)", dark: "screen", light: "not all"});

/** Says so to dark.css, which index.html links. Called once at the start and by chooseTheme. */
export function applyTheme() {
    const dark = document.getElementById("dark");
    if (dark instanceof HTMLLinkElement) dark.media = DARK[theme.get()];
}
