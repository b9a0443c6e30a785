/**
 * What somebody typed into the one field, understood by how it is written. Pure.
 */

/**
 * What was typed, by how it is written.
 * @param {string} typed
 * @returns {{kind: "nothing" | "phone" | "card" | "email" | "name", text: string}}
 */
export function understand(typed) {
    const text = typed.normalize("NFKC").trim();
    if (!text) return {kind: "nothing", text};
    if (text.includes("@")) return {kind: "email", text};
    const digits = text.replace(/[\s.()-]/g, "");
    if (/^\+?\d+$/.test(digits)) return {kind: "phone", text};
    if (/^[A-Za-z]+[-\s]?\d+$/.test(text)) return {kind: "card", text};
    return {kind: "name", text};
}

/** Fields of the registration that what was typed fills. @param {string} typed @returns {Record<string, string>} */
export function asFields(typed) {
    const {kind, text} = understand(typed);
    return kind === "nothing" ? {} : {[kind]: text};
}
