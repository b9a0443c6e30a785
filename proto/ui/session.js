/**
 * Who is signed in. `session` holds undefined until asked, null for nobody, else the answer of GET /api/v1/session.
 */
import {get, Problem, refused, send} from "./api.js";
import {theSite} from "./format.js";
import {createState} from "./state.js";

/**
 * @typedef {{name: string, role: string, store: string | null, staff: string | null, display: string | null,
 *     expires: string}} Session staff: the code, of who is one of them
 */

export const session = createState(/** @type {Session | null | undefined} */ (undefined));

/** Who was here last and did not sign out: the session ended by itself. */
export const ended = createState(/** @type {Session | null} */ (null));

// A session that ended while the app was open: the sign-in page stands over it, and what was typed stays beneath.
refused.listen(() => {
    ended.set(session.get() ?? ended.get());
    session.set(null);
});

export async function askSession() {
    try {
        session.set(await get("session"));
    } catch (problem) {
        if (problem instanceof Problem && problem.status === 401) session.set(null);
        else throw problem;
    }
}

/**
 * @param {string} name
 * @param {string} secret
 */
export async function signIn(name, secret) {
    session.set(await send("POST", "session", {name, secret}));
    ended.set(null);
}

export async function signOut() {
    await send("DELETE", "session");
    ended.set(null);
    session.set(null);
}

/** At the hub: whether the one signed in sees the whole region, and not one store only. */
export function seesRegion() {
    return !session.get()?.store;
}

/** Whether anything is written here: an account of one store only reads at the hub, and writes at the store. */
export function mayWrite() {
    return theSite().program !== "hub" || seesRegion();
}

/** Whether the one signed in has one of these roles. @param {...string} roles */
export function hasRole(...roles) {
    const now = session.get();
    return Boolean(now && roles.includes(now.role));
}
