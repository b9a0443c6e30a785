/**
 * What the rows of an import can hold, by kind: the fields, which of them must be there, and the words that some take.
 * As `import --help` tells; tests/web/units.test.mjs holds it against the program. Pure.
 */
export const KINDS = ["customers", "purchases", "contacts", "complaints"];
const YES_NO = ["yes", "no"];
const LEVELS = ["store", "region", "company"];

/** @type {Record<string, string[]>} */
export const FIELDS = {
    customers: ["name", "phone", "card", "email", "birthday", "address", "sex", "nationality", "size", "work", "family",
        "personality", "habits", "taste", "hobbies", "lifestyle", "service", "promotions", "values", "education",
        "income", "temperament", "appearance", "brands", "way", "reason", "occasions", "note", "custom", "time",
        "staff", "told", "referred_by", "ref"],
    purchases: ["time", "basket", "sku", "quantity", "amount", "unit_price", "customer", "phone", "kind", "list_price",
        "list_amount", "discount", "cost", "unit_cost", "sessions", "staff", "care_told", "card_given", "sale",
        "voided"],
    contacts: ["customer", "phone", "kind", "purpose", "time", "outcome", "satisfaction", "minutes", "matter",
        "answers", "note", "staff", "ref", "voided"],
    complaints: ["opened", "subject", "text", "answered", "closed", "resolved", "score", "customer", "phone", "channel",
        "level", "sku", "segment", "company", "settlement", "cost", "cause", "staff", "ref"],
};

/** Of each of these at least one. @type {Record<string, string[][]>} */
const NEEDED = {
    customers: [["phone", "card", "email"]],
    purchases: [["time"], ["sku"], ["amount", "unit_price"]],
    contacts: [["customer", "phone"], ["kind"], ["purpose"], ["time"]],
    complaints: [["opened"], ["subject", "text"]],
};

/** Those with a fixed list of words, by "kind.field". @type {Record<string, string[]>} */
const WORDS = {
    "customers.told": YES_NO,
    "purchases.kind": ["purchase", "return"], "purchases.care_told": YES_NO, "purchases.card_given": YES_NO,
    "purchases.voided": YES_NO,
    "contacts.kind": ["call", "sms", "message", "visit", "letter", "gift", "gathering"],
    "contacts.outcome": ["reached", "not-reached", "wrong-number", "declined"],
    "contacts.matter": LEVELS, "contacts.voided": YES_NO,
    "complaints.resolved": YES_NO, "complaints.channel": ["counter", "phone", "hotline", "third-party"],
    "complaints.level": LEVELS,
    "complaints.settlement": ["exchange", "refund", "repair", "discount", "gift", "none"],
};

/** Whose texts several columns may give together. */
export const JOINED = ["name", "address", "time", "opened", "answered", "closed", "note", "text", "family", "work"];
export const TIMES = ["time", "opened", "answered", "closed", "birthday"];

/** The words a field takes; none: any. @param {string} kind @param {string} field */
export function wordsFor(kind, field) {
    return WORDS[`${kind}.${field}`] ?? [];
}

/** Which fields still need a column: lists of which one will do. @param {string} kind @param {string[]} found */
export function missing(kind, found) {
    return NEEDED[kind].filter((some) => !some.some((field) => found.includes(field)));
}
