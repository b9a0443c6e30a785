/**
 * State that several parts look at: a value, who listens, and a hook. No more than that is needed.
 *
 *     const theme = createState("auto");
 *     theme.get(); theme.set("dark"); const now = useShared(theme);   // drawn again when it changes
 */
import {useEffect, useState} from "preact/hooks";

/**
 * @template T
 * @typedef {{get: () => T, set: (value: T) => void, listen: (heard: (value: T) => void) => () => void}} State
 */

/**
 * @template T
 * @param {T} value
 * @returns {State<T>}
 */
export function createState(value) {
    /** @type {Set<(value: T) => void>} */
    const listeners = new Set();
    return {
        get: () => value,
        set(next) {
            if (Object.is(next, value)) return;
            value = next;
            for (const heard of [...listeners]) heard(value);
        },
        listen(heard) {
            listeners.add(heard);
            return () => {
                listeners.delete(heard);
            };
        },
    };
}

/**
 * @template T
 * @param {State<T>} state
 * @returns {T}
 */
export function useShared(state) {
    const [value, setValue] = useState(state.get());
    useEffect(() => {
        setValue(() => state.get()); // it may have changed between drawing and listening
        return state.listen((next) => setValue(() => next));
    }, [state]);
    return value;
}
