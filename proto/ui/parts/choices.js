/**
 * Language and theme, as two small menus. They stand on the sign-in page and in the menu of the one signed in.
 */
import {html, useId} from "../html.js";
import {t} from "../i18n.js";
import {chooseLanguage, chooseTheme, language, LANGUAGE_NAMES, LANGUAGES, theme, THEMES} from "../settings.js";
import {useShared} from "../state.js";

/**
 * @param {{label: string, value: string, options: {value: string, label: string, lang?: string}[],
 *     onValue: (value: string) => void}} props
 */
function Menu({label, value, options, onValue}) {
    const id = useId();
    return html`<span class="menu"><label for=${id} class="unseen">${label}</label>
        <select id=${id} onChange=${(/** @type {any} */ event) => onValue(event.target.value)}>
            ${options.map((one) => html`<option value=${one.value} lang=${one.lang}
                selected=${one.value === value}>${one.label}</option>`)}
        </select></span>`;
}

export function Choices() {
    const languages = LANGUAGES.map((one) => ({value: one, label: LANGUAGE_NAMES[one], lang: one}));
    const themes = THEMES.map((one) => ({value: one, label: t(`theme.${one}`)}));
    return html`<div class="choices">
        <${Menu} label=${t("language")} value=${useShared(language)} options=${languages} onValue=${chooseLanguage} />
        <${Menu} label=${t("theme")} value=${useShared(theme)} options=${themes} onValue=${chooseTheme} />
    </div>`;
}
