/**
 * The sign-in page. pin: code and PIN, typed on digits; else name and password. After a failure the secret is empty
 * again and has the focus, the name stays.
 */
import {html, useLayoutEffect, useRef} from "../html.js";
import {t} from "../i18n.js";
import {useForm} from "../form.js";
import {Problem} from "../api.js";
import {signIn} from "../session.js";
import {Button} from "./button.js";
import {Choices} from "./choices.js";
import {Field} from "./field.js";
import {FormProblem, Notice} from "./notice.js";

/** @param {{title: any, pin?: boolean, name?: string, note?: string}} props name: who was signed in before */
export function SignIn({title, pin, name = "", note}) {
    const page = useRef(/** @type {HTMLElement | null} */ (null));
    const form = useForm({name, secret: ""}, async (values) => {
        try {
            await signIn(values.name.trim(), values.secret);
        } catch (problem) {
            form.change({secret: ""});
            focus("secret");
            if (problem instanceof Problem && problem.status === 401) {
                throw new Problem({status: 401, code: pin ? "wrong_pin" : "wrong_password", detail: problem.detail});
            }
            throw problem;
        }
    }, {loose: true, check: ({name: code, secret}) => ({
        ...(code.trim() ? {} : {name: t("field.needed")}), ...(secret ? {} : {secret: t("field.needed")}),
    })});

    /** @param {string} field */
    function focus(field) {
        const input = page.current?.querySelector(`[name=${field}]`);
        if (input instanceof HTMLElement) input.focus();
    }
    // With the first drawing, never later: somebody may be typing by then.
    useLayoutEffect(() => focus(name ? "secret" : "name"), []);

    return html`<main class="signin" ref=${page}>
        <form class="panel" onSubmit=${form.submit} novalidate>
            <h1>${title}</h1>
            ${note ? html`<${Notice} role="status"><p>${note}</p><//>` : null}
            <${Field} ...${form.field("name")} label=${t(pin ? "signin.code" : "signin.name")} autoComplete="username"
                autoCapitalize="none" spellcheck=${false} />
            <${Field} ...${form.field("secret")} label=${t(pin ? "signin.pin" : "signin.password")} type="password"
                inputMode=${pin ? "numeric" : undefined} autoComplete="current-password" />
            <${FormProblem} form=${form} alone />
            <${Button} kind="main" large type="submit" busy=${form.busy}>${t("signin.do")}<//>
        </form>
        <${Choices} />
    </main>`;
}
