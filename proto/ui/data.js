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

/**
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} ask
 * @param {any[]} inputs asked again when one of them changes
 * @param {{live?: boolean}} [options] live: also when the log grew
 */
export function useData(ask, inputs, {live = true} = {}) {
    const [state, setState] = useState(/** @type {{value: T | undefined, problem: any, loading: boolean}} */ (
        {value: undefined, problem: null, loading: true}));
    const current = useRef(ask);
    current.current = ask;
    const [turn, setTurn] = useState(0);
    const inputsBefore = useRef(inputs);

    useEffect(() => {
        const changed = inputsBefore.current.some((input, index) => input !== inputs[index]);
        inputsBefore.current = inputs;
        const control = new AbortController();
        setState((now) => ({value: changed ? undefined : now.value, problem: null, loading: true}));
        current.current(control.signal).then(
            (value) => setState({value, problem: null, loading: false}),
            (problem) => {
                if (!control.signal.aborted) setState((now) => ({...now, problem, loading: false}));
            },
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

    return {...state, again: () => setTurn((n) => n + 1)};
}
