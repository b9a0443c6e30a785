/**
 * The sales without a customer that were made in this window, until it is closed: so that one can still say whose they
 * are (P1). No list of the server's has them; nothing of a person is kept here.
 */
import {createState} from "ui/state.js";

const KEPT = "dangol.nobody";
const MOST = 50;

/** @typedef {{id: string, at: string, skus: string[], amount: number}} Sale */

/** @returns {Sale[]} */
function read() {
    try {
        return JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
    } catch {
        return [];
    }
}

export const nobodys = createState(read());

nobodys.listen((sales) => {
    try {
        sessionStorage.setItem(KEPT, JSON.stringify(sales));
    } catch {
        // they are known until the page is closed
    }
});

/** @param {Sale} sale */
export function soldToNobody(sale) {
    nobodys.set([sale, ...nobodys.get()].slice(0, MOST));
}

/** It is somebody's, or was taken back. @param {string} id */
export function settled(id) {
    nobodys.set(nobodys.get().filter((one) => one.id !== id));
}
