/**
 * Data on a page: asked when shown, asked again when the log grew, never older than what is on the screen says.
 *
 *     const {value, problem, loading, again} = useData(() => get("followups"), []);
 *
 * What was there stays on the screen while it is asked again, so nothing jumps or flickers.
 */
import {createState} from "./state.js";
import {useEffect, useRef, useState} from "preact/hooks";

/** Rises when the log grew; an app sets it from api.changes. */
export const tip = createState(0);

/** @param {any[]} a @param {any[]} b */
function same(a, b) {
    return a.length === b.length && a.every((one, index) => Object.is(one, b[index]));
}

/**
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} ask
 * @param {any[]} inputs asked again when one of them changes
 * @param {{live?: boolean}} [options] live: also when the log grew
 */
export function useData(ask, inputs, {live = true} = {}) {
    const [state, setState] = useState(
        /** @type {{inputs: any[], value: T | undefined, problem: any, loading: boolean}} */ (
            {inputs, value: undefined, problem: null, loading: true}));
    const current = useRef(ask);
    current.current = ask;
    const [turn, setTurn] = useState(0);

    useEffect(() => {
        const control = new AbortController();
        /** @param {{value?: T, problem?: any, loading?: boolean}} some */
        const set = (some) => setState((now) => ({value: same(now.inputs, inputs) ? now.value : undefined,
            problem: null, loading: false, ...some, inputs}));
        set({loading: true});
        current.current(control.signal).then(
            (value) => { if (!control.signal.aborted) set({value}); },
            (problem) => { if (!control.signal.aborted) set({problem}); },
        );
        return () => control.abort();
    }, [...inputs, turn]);

    useEffect(() => {
        if (!live) return undefined;
        let timer = /** @type {any} */ (0);
        // What one act writes comes in several steps: asked once, shortly after the last.
        const stop = tip.listen(() => {
            clearTimeout(timer);
            timer = setTimeout(() => setTurn((n) => n + 1), 150);
        });
        return () => {
            clearTimeout(timer);
            stop();
        };
    }, [live]);

    const again = () => setTurn((n) => n + 1);
    // What was asked with other inputs is not drawn with these, not even once: a list is no document.
    if (!same(state.inputs, inputs)) return {value: undefined, problem: null, loading: true, again};
    return {value: state.value, problem: state.problem, loading: state.loading, again};
}
