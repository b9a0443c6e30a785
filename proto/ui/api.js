/**
 * The way to the server: /api/v1, JSON both ways, one kind of error.
 *
 *     const card = await get("recall", {phone});                    // GET, query from an object, arrays repeat
 *     const {rows, next} = await list("customers", {limit: 50});    // next: the path of the next page, or null
 *     await send("POST", "purchases", body, {key});                 // key: Idempotency-Key, one per form filled in
 *     await upload("imports/customers", {map}, file, {key});        // a file; csv("reports/back") gives one
 *     const stop = changes({tip, status});                          // server-sent events; tells when the line is cut
 *
 * Every failure is a Problem. `code` is what to look at: the command's error word, or one of ours: "unreachable" (no
 * answer), "signed_out" (401), "forbidden" (403), "busy" (429, 503). `field` names the input at fault, dashes as
 * underscores.
 */
import {createState} from "./state.js";

const BASE = "/api/v1/";
const AGAIN_MS = 5000;
const ATTENDED_MS = 60000;

let touched = Date.now();
for (const name of ["keydown", "pointerdown"]) {
    globalThis.addEventListener?.(name, () => { touched = Date.now(); }, {capture: true, passive: true});
}

/** What an app asks while nobody is at it keeps no session from ending. @returns {Record<string, string>} */
function attendance() {
    return Date.now() - touched > ATTENDED_MS ? {"Dangol-Unattended": "true"} : {};
}

/** True while the server does not answer at all; every request that does sets it right. */
export const unreachable = createState(false);
/** Rises whenever a request was refused for want of a session: the app shows the sign-in page. */
export const refused = createState(0);

export class Problem extends Error {
    /** @param {{status: number, code: string, detail: string, field?: string | null}} what */
    constructor({status, code, detail, field}) {
        super(detail);
        this.status = status;
        this.code = code;
        this.detail = detail;
        this.field = field ? field.replace(/-/g, "_") : null;
    }
}

/** @typedef {Record<string, string | number | boolean | null | undefined | string[]>} Query */

/**
 * @param {string} path
 * @param {Query} [query] absent, null, empty and false values are left out; true is an empty value
 */
export function address(path, query = {}) {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
        if (value === undefined || value === null || value === "" || value === false) continue;
        for (const one of Array.isArray(value) ? value : [value]) search.append(name, one === true ? "" : String(one));
    }
    const text = search.toString();
    return (path.startsWith("/") ? path : BASE + path) + (text ? "?" + text : "");
}

/** @type {Record<number, string>} */
const STATUS_CODES = {401: "signed_out", 403: "forbidden", 429: "busy", 503: "busy"};

/** @param {Response} response */
async function problemOf(response) {
    let body = /** @type {any} */ (null);
    try {
        body = await response.json();
    } catch {
        // not JSON: the status has to do
    }
    return new Problem({
        status: response.status,
        code: STATUS_CODES[response.status] ?? body?.code ?? "failed",
        detail: body?.detail ?? body?.title ?? `HTTP ${response.status}`,
        field: body?.field,
    });
}

/**
 * @param {string} url
 * @param {RequestInit} init
 */
async function request(url, init) {
    let response;
    try {
        const headers = {...attendance(), ...init.headers};
        response = await fetch(url, {credentials: "same-origin", ...init, headers});
    } catch (error) {
        if (init.signal?.aborted) throw error;
        unreachable.set(true);
        throw new Problem({status: 0, code: "unreachable", detail: "there is no answer"});
    }
    unreachable.set(false);
    if (response.ok) return response;
    const problem = await problemOf(response);
    if (problem.status === 401) refused.set(refused.get() + 1);
    throw problem;
}

/** @param {Response} response */
async function bodyOf(response) {
    if (response.status === 204) return null;
    const text = await response.text();
    return text ? JSON.parse(text) : null;
}

/**
 * @param {string} path
 * @param {Query} [query]
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<any>}
 */
export async function get(path, query, {signal} = {}) {
    return bodyOf(await request(address(path, query), {headers: {Accept: "application/json"}, signal}));
}

/**
 * @param {string} path
 * @param {Query} [query]
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<{rows: any[], next: string | null}>}
 */
export async function list(path, query, {signal} = {}) {
    const response = await request(address(path, query), {headers: {Accept: "application/json"}, signal});
    const next = /<([^>]+)>;\s*rel="?next"?/.exec(response.headers.get("Link") ?? "");
    return {rows: (await bodyOf(response)) ?? [], next: next ? next[1] : null};
}

/** A whole list as CSV. @param {string} path @param {Query} [query] */
export async function csv(path, query) {
    return (await request(address(path, query), {headers: {Accept: "text/csv"}})).text();
}

/**
 * A file, as it is. What is said about it stands in the query.
 * @param {string} path @param {Query} query @param {Blob} file @param {{key?: string}} [options]
 */
export async function upload(path, query, file, {key} = {}) {
    /** @type {Record<string, string>} */
    const headers = {Accept: "application/json", "Content-Type": "text/csv"};
    if (key) headers["Idempotency-Key"] = key;
    return bodyOf(await request(address(path, query), {method: "POST", headers, body: file}));
}

/**
 * @param {"POST" | "PATCH" | "PUT" | "DELETE"} method
 * @param {string} path
 * @param {object} [body]
 * @param {{key?: string}} [options]
 * @returns {Promise<any>}
 */
export async function send(method, path, body, {key} = {}) {
    /** @type {Record<string, string>} */
    const headers = {Accept: "application/json", "Content-Type": "application/json"};
    if (key) headers["Idempotency-Key"] = key;
    const said = body === undefined && method === "DELETE" ? undefined : JSON.stringify(body ?? {});
    return bodyOf(await request(address(path), {method, headers, body: said}));
}

/** A key for one form as filled in; randomUUID is there on loopback and TLS, and getRandomValues everywhere. */
export function newKey() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Listens to what changed. Cut off, it connects again by itself; refused, it asks why once (which shows the sign-in
 * page if that is it), and tries again later.
 * @param {{tip?: (position: number) => void, status?: (status: any) => void, line?: (open: boolean) => void}} heard
 * @returns {() => void} ends it
 */
export function changes(heard) {
    /** @type {EventSource} */
    let source;
    let timer = /** @type {any} */ (0);
    function open() {
        source = new EventSource(address("changes"));
        source.addEventListener("tip", (event) => heard.tip?.(JSON.parse(event.data).position));
        source.addEventListener("status", (event) => heard.status?.(JSON.parse(event.data)));
        source.addEventListener("open", () => {
            unreachable.set(false);
            heard.line?.(true);
        });
        source.addEventListener("error", () => {
            heard.line?.(false);
            // Whether nobody answers or somebody refuses is not told here, but to whoever asks.
            get("session").catch(() => {});
            if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN_MS);
        });
    }
    open();
    return () => {
        clearTimeout(timer);
        source.close();
    };
}
