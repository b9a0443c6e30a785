/**
 * A form that cannot lose what was typed or send it twice.
 *
 *     const form = useForm({name: "", phone: ""}, async (values, key) => {
 *         await send("POST", "customers", values, {key});
 *     });
 *     html`<form onSubmit=${form.submit}><${Field} ...${form.field("name")} label=… /> …
 *          <${FormProblem} form=${form} /><${Button} type="submit" busy=${form.busy}>…<//></form>`
 *
 * One Idempotency-Key belongs to what is typed: sent again unchanged after a failure it is the same, so a request
 * that did arrive counts once; changed, or sent with success, it is a new one. A problem that names a field stands at
 * that field, which gets the focus; any other is form.problem. `check` may return {field: text} before anything is
 * sent.
 *
 * A form that sends several requests sends them by the third argument of its action:
 *
 *     async (values, _key, {once}) => {
 *         await once("contact", "POST", `customers/${id}/contacts`, contact);
 *         if (by) await once("promise", "POST", "promises", {customer: id, by, text});
 *     }
 *
 * What went through is not sent again, whatever is changed because of a later one that did not; form.partly says that
 * there is such. What did not keeps its key as long as it is the same.
 */
import {newKey, send} from "./api.js";
import {Around, holdDraft} from "./drafts.js";
import {problemText} from "./i18n.js";
import {useContext, useLayoutEffect, useRef, useState} from "preact/hooks";

/**
 * @typedef {"POST" | "PATCH" | "PUT" | "DELETE"} Method
 * @typedef {object} Requests
 * @property {(name: string, method: Method, path: string, body: object) => Promise<any>} once
 *   not sent again once a request of this name went through: its answer is given again
 * @property {(method: Method, path: string, body: object) => Promise<any>} each
 *   for a list of changes: who calls it asks only for those that are still to be made
 */

/** The requests of one filling in of a form. */
function useRequests() {
    const answers = useRef(/** @type {Map<string, any>} */ (new Map()));
    const keys = useRef(/** @type {Map<string, string>} */ (new Map()));
    const through = useRef(0);
    /** @type {Requests["each"]} */
    async function each(method, path, body) {
        const exactly = [method, path, JSON.stringify(body)].join(" ");
        const key = keys.current.get(exactly) ?? newKey();
        keys.current.set(exactly, key);
        const answer = await send(method, path, body, {key});
        keys.current.delete(exactly);
        through.current++;
        return answer;
    }
    /** @type {Requests["once"]} */
    async function once(name, method, path, body) {
        if (!answers.current.has(name)) answers.current.set(name, await each(method, path, body));
        return answers.current.get(name);
    }
    return {once, each, some: () => through.current > 0, forget() {
        answers.current.clear();
        keys.current.clear();
        through.current = 0;
    }};
}

/**
 * @template {Record<string, any>} V
 * @param {V} initial
 * @param {(values: V, key: string, requests: Requests) => Promise<void>} action
 * @param {{check?: (values: V) => Record<string, string | undefined>, aliases?: Record<string, string>,
 *   loose?: boolean}} [options]
 *   aliases: names of fields in the server's problems that are called otherwise here
 *   loose: what is typed may be lost without a question, such as words to search for
 */
export function useForm(initial, action, {check, aliases = {}, loose = false} = {}) {
    const [values, setValues] = useState(initial);
    const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
    const [problem, setProblem] = useState("");
    const [partly, setPartly] = useState(false);
    const [busy, setBusy] = useState(false);
    const key = useRef("");
    const requests = useRequests();
    const running = useRef(false);
    const element = useRef(/** @type {HTMLFormElement | null} */ (null));
    const token = useRef({});
    const kept = useRef(initial); // what is there without anything being typed, or was sent
    const renewed = useRef(false); // by the action
    const typed = !loose && JSON.stringify(values) !== JSON.stringify(kept.current);

    const around = useContext(Around);
    /** @param {import("./drafts.js").Draft} draft */
    function hold(draft) {
        holdDraft(token.current, draft);
        around?.(token.current, draft);
    }
    useLayoutEffect(() => hold(typed ? (busy ? "sending" : "typed") : ""), [typed, busy]);
    useLayoutEffect(() => () => hold(""), []);

    /** @param {Partial<V>} some */
    function change(some) {
        key.current = "";
        setValues((now) => ({...now, ...some}));
        // "lines.0.amount" belongs to lines.
        setErrors((now) => Object.fromEntries(Object.entries(now).filter(([name]) => !(name.split(".")[0] in some))));
    }

    /** @param {Record<string, string>} found */
    function show(found) {
        setErrors(found);
        const first = Object.keys(found)[0];
        // After it is drawn, the field being described by its error only then, but before anything else is typed.
        queueMicrotask(() => {
            const input = element.current?.querySelector(`[name="${CSS.escape(first)}"]`);
            if (input instanceof HTMLElement) input.focus();
        });
    }

    /** @param {Event} [event] */
    async function submit(event) {
        event?.preventDefault();
        if (event?.currentTarget instanceof HTMLFormElement) element.current = event.currentTarget;
        if (running.current) return;
        const checked = Object.entries(check?.(values) ?? {});
        const wrong = /** @type {Record<string, string>} */ (Object.fromEntries(checked.filter(([, text]) => text)));
        setProblem("");
        if (Object.keys(wrong).length > 0) {
            show(wrong);
            return;
        }
        running.current = true;
        setBusy(true);
        setErrors({});
        key.current ||= newKey();
        renewed.current = false;
        try {
            await action(values, key.current, requests);
            key.current = "";
            if (!renewed.current) kept.current = values;
            hold(""); // at once: the action may have led elsewhere
            requests.forget();
            setPartly(false);
        } catch (failure) {
            setPartly(requests.some());
            const field = /** @type {any} */ (failure)?.field;
            const name = field ? aliases[field] ?? field : "";
            if (name && name in values) show({[name]: problemText(failure)});
            else setProblem(problemText(failure));
        } finally {
            running.current = false;
            setBusy(false);
        }
    }

    return {
        values, errors, problem, partly, busy, change, submit,
        /** @param {V} fresh */
        reset(fresh = initial) {
            key.current = "";
            kept.current = fresh;
            renewed.current = true;
            requests.forget();
            setPartly(false);
            setValues(fresh);
            setErrors({});
            setProblem("");
        },
        /** What a field needs. @param {keyof V & string} name */
        field(name) {
            return {
                name, value: values[name], error: errors[name],
                /** @param {any} value */
                onValue: (value) => change(/** @type {Partial<V>} */ ({[name]: value})),
            };
        },
    };
}
