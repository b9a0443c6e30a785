/**
 * Inputs with their label, hint and error tied together for eyes and screen readers. Each takes what form.field(name)
 * gives: name, value, error, onValue.
 *
 *     Field      one line; type, inputMode, autoComplete … as for <input>; `format` rewrites while typing (groupPhone)
 *     TextArea   several lines, grows with the text
 *     Select     options: [{value, label}], or under headings: [{label, options}]
 *     Choice     the same as radio buttons side by side: for two to five, one tap; `first`: the form begins with it
 *     Check      a tick
 */
import {html, useId} from "../html.js";

/**
 * @typedef {{name: string, value: any, error?: string, onValue: (value: any) => void, label: any, hint?: any,
 *     required?: boolean, optional?: any, [other: string]: any}} FieldProps
 */

/**
 * @param {{id: string, label: any, hint?: any, error?: string, optional?: any, class?: string, children?: any}} props
 */
function Frame({id, label, hint, error, optional, class: name = "", children}) {
    return html`<div class=${`field ${name}${error ? " wrong" : ""}`}>
        <label for=${id}>${label}${optional ? html`<span class="optional">${optional}</span>` : null}</label>
        ${children}
        ${hint ? html`<p class="hint" id=${id + "-hint"}>${hint}</p>` : null}
        ${error ? html`<p class="error" id=${id + "-error"}>${error}</p>` : null}
    </div>`;
}

/** @param {string} id @param {any} hint @param {string | undefined} error */
function describedBy(id, hint, error) {
    return [hint && id + "-hint", error && id + "-error"].filter(Boolean).join(" ") || undefined;
}

/** @param {FieldProps} props */
export function Field({name, value, error, onValue, label, hint, optional, required, format, class: frame, ...others}) {
    const id = useId();

    /** @param {any} event */
    function typed(event) {
        const raw = event.target.value;
        const next = format ? format(raw) : raw;
        if (next !== raw) rewrite(event.target, next);
        onValue(next);
    }

    return html`<${Frame} id=${id} label=${label} hint=${hint} error=${error} optional=${optional} class=${frame}>
        <input id=${id} name=${name} value=${value} required=${required} aria-required=${required}
            aria-invalid=${error ? "true" : undefined} aria-describedby=${describedBy(id, hint, error)}
            onInput=${typed} autoComplete="off" ...${others} required=${undefined} />
    <//>`;
}

/**
 * Writes what was typed in another form; the caret stays behind the same letter or digit. At once, not when it is drawn
 * again: the next key may come before that.
 * @param {HTMLInputElement} input @param {string} next
 */
export function rewrite(input, next) {
    const place = placeAfter(input.value, input.selectionStart ?? input.value.length, next);
    input.value = next;
    input.setSelectionRange(place, place);
}

/**
 * Where the caret goes in `next` so that as many letters and digits stand before it as before.
 * @param {string} raw @param {number} at @param {string} next
 */
export function placeAfter(raw, at, next) {
    const marks = /[\p{L}\p{N}+@]/u;
    let wanted = [...raw.slice(0, at)].filter((one) => marks.test(one)).length;
    let place = 0;
    while (place < next.length && wanted > 0) {
        if (marks.test(next[place])) wanted--;
        place++;
    }
    return at >= raw.length ? next.length : place;
}

/** @param {FieldProps} props */
export function TextArea({name, value, error, onValue, label, hint, optional, required, class: frame, ...others}) {
    const id = useId();
    return html`<${Frame} id=${id} label=${label} hint=${hint} error=${error} optional=${optional} class=${frame}>
        <textarea id=${id} name=${name} rows="3" value=${value} aria-required=${required}
            aria-invalid=${error ? "true" : undefined} aria-describedby=${describedBy(id, hint, error)}
            onInput=${(/** @type {any} */ event) => onValue(event.target.value)} ...${others}></textarea>
    <//>`;
}

/** @typedef {{value: string, label: any}} Option */

/** @param {Option} one @param {any} value */
function option(one, value) {
    return html`<option value=${one.value} selected=${one.value === value}>${one.label}</option>`;
}

/** @param {FieldProps & {options: (Option | {label: any, options: Option[]})[]}} props */
export function Select({name, value, error, onValue, label, hint, optional, options, class: frame, ...others}) {
    const id = useId();
    return html`<${Frame} id=${id} label=${label} hint=${hint} error=${error} optional=${optional} class=${frame}>
        <select id=${id} name=${name} aria-invalid=${error ? "true" : undefined}
            aria-describedby=${describedBy(id, hint, error)}
            onChange=${(/** @type {any} */ event) => onValue(event.target.value)} ...${others}>
            ${options.map((one) => "options" in one ? html`<optgroup label=${one.label}>${
                one.options.map((under) => option(under, value))}</optgroup>` : option(one, value))}
        </select>
    <//>`;
}

/** @param {FieldProps & {options: {value: string, label: any}[]}} props */
export function Choice({name, value, error, onValue, label, hint, options, first, class: frame = ""}) {
    const id = useId();
    return html`<fieldset class=${`choice ${frame}${error ? " wrong" : ""}`}
        aria-describedby=${describedBy(id, hint, error)}>
        <legend>${label}</legend>
        <div class="options">${options.map((one, index) => html`<label class="option">
            <input type="radio" name=${name} value=${one.value} checked=${one.value === value}
                data-focus=${(first && index === 0) || undefined} onChange=${() => onValue(one.value)} />
            <span>${one.label}</span>
        </label>`)}</div>
        ${hint ? html`<p class="hint" id=${id + "-hint"}>${hint}</p>` : null}
        ${error ? html`<p class="error" id=${id + "-error"}>${error}</p>` : null}
    </fieldset>`;
}

/** @param {FieldProps} props */
export function Check({name, value, error, onValue, label, hint}) {
    const id = useId();
    return html`<div class=${`check${error ? " wrong" : ""}`}>
        <input id=${id} type="checkbox" name=${name} checked=${value} aria-invalid=${error ? "true" : undefined}
            aria-describedby=${describedBy(id, hint, error)}
            onChange=${(/** @type {any} */ event) => onValue(event.target.checked)} />
        <div><label for=${id}>${label}</label>
            ${hint ? html`<p class="hint" id=${id + "-hint"}>${hint}</p>` : null}
            ${error ? html`<p class="error" id=${id + "-error"}>${error}</p>` : null}</div>
    </div>`;
}
