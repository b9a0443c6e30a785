/**
 * Who may sign in at the hub, and the tokens of programs such as tills: made, changed and taken away by IT. A token is
 * shown this once.
 */
import {list, send} from "ui/api.js";
import {useData} from "ui/data.js";
import {useForm} from "ui/form.js";
import {date, dateTime} from "ui/format.js";
import {html, useState} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Dialog} from "ui/parts/dialog.js";
import {Field, Select} from "ui/parts/field.js";
import {Empty, FormProblem, Loaded, Notice} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {toast} from "ui/parts/toast.js";
import {storeName, useStores} from "../parts/people.js";
import {Take} from "../parts/take.js";
import {present} from "./complaint.js";

const ROLES = ["desk", "region", "auditor", "it", "manager", "assistant"];
const DAYS = "365";

/** @typedef {{row: any, stores: any[], onClose: () => void, changed: () => void}} Props */

/** @param {any[]} stores every one once, and none */
function storeOptions(stores) {
    return [{value: "", label: t("accounts.whole")},
        ...stores.map((one) => ({value: one.store, label: one.name || one.store}))];
}

/** @param {string} name */
const path = (name) => `users/${encodeURIComponent(name)}`;

/** @param {{form: any, label: string, kind?: string, onClose: () => void}} props */
function End({form, label, kind = "main", onClose}) {
    return html`<${FormProblem} form=${form} />
        <div class="row"><${Button} kind=${kind} type="submit" busy=${form.busy}>${label}<//>
            <${Button} onClick=${onClose}>${t("cancel")}<//></div>`;
}

/** @param {string} said @param {Props} props */
function finished(said, {onClose, changed}) {
    toast(said);
    changed();
    onClose();
}

/** @param {{form: any, stores: any[]}} props */
function RoleAndStore({form, stores}) {
    return html`<${Select} ...${form.field("role")} label=${t("access.role")} options=${ROLES.map((value) => ({value,
            label: t(`role.${value}`)}))} hint=${t(`accounts.role.${form.values.role}`)} />
        <${Select} ...${form.field("store")} label=${t("accounts.sees")} options=${storeOptions(stores)} />`;
}

/** @param {Props} props */
function Add(props) {
    const form = useForm({name: "", role: "desk", store: "", secret: ""}, async ({secret, ...rest}, key) => {
        await send("POST", "users", {...present(rest), name: rest.name.trim(), secret}, {key});
        finished(t("accounts.added", {name: rest.name.trim()}), props);
    }, {aliases: {password: "secret"}, check: ({name, secret}) => ({...(name.trim() ? {} : {name: t("field.needed")}),
        ...(secret ? {} : {secret: t("field.needed")})})});
    return html`<form onSubmit=${form.submit} novalidate>
        <${Field} ...${form.field("name")} label=${t("signin.name")} hint=${t("accounts.name.hint")}
            autoCapitalize="none" spellcheck=${false} />
        <${RoleAndStore} form=${form} stores=${props.stores} />
        <${Field} ...${form.field("secret")} label=${t("signin.password")} type="password" autoComplete="new-password"
            hint=${t("accounts.secret.hint")} />
        <${End} form=${form} label=${t("accounts.add")} onClose=${props.onClose} /></form>`;
}

/** @param {Props} props */
function Role(props) {
    const form = useForm({role: props.row.role ?? "desk", store: props.row.store ?? ""}, async (values, key) => {
        await send("PUT", path(props.row.name), present(values), {key});
        finished(t("saved"), props);
    });
    return html`<form onSubmit=${form.submit} novalidate><p class="hint">${t("accounts.again")}</p>
        <${RoleAndStore} form=${form} stores=${props.stores} />
        <${End} form=${form} label=${t("save")} onClose=${props.onClose} /></form>`;
}

/** @param {Props} props */
function Secret(props) {
    const form = useForm({secret: ""}, async ({secret}, key) => {
        await send("PUT", `${path(props.row.name)}/secret`, {secret}, {key});
        finished(t("saved"), props);
    }, {aliases: {password: "secret", pin: "secret"}, check: ({secret}) => /** @type {Record<string, string>} */ (
        secret ? {} : {secret: t("field.needed")})});
    return html`<form onSubmit=${form.submit} novalidate><p class="hint">${t("accounts.again")}</p>
        <${Field} ...${form.field("secret")} label=${t("accounts.secret")} type="password"
            autoComplete="new-password" hint=${t("accounts.secret.hint")} />
        <${End} form=${form} label=${t("save")} onClose=${props.onClose} /></form>`;
}

/** @param {Props} props */
function Remove(props) {
    const {name, token} = props.row;
    const form = useForm({}, async (_values, key) => {
        await send("DELETE", path(name), token ? {token: String(token)} : undefined, {key});
        finished(t(token ? "accounts.token.removed" : "accounts.removed", {name}), props);
    });
    return html`<form onSubmit=${form.submit} novalidate>
        <p>${t(token ? "accounts.token.remove.ask" : "accounts.remove.ask", {name})}</p>
        <${End} form=${form} kind="danger" label=${t("accounts.remove")} onClose=${props.onClose} /></form>`;
}

/** @param {Props} props */
function Token(props) {
    const [made, setMade] = useState(/** @type {any} */ (null));
    const form = useForm({name: props.row?.name ?? "", store: props.row?.store ?? "", days: DAYS},
        async ({name, store, days}, key) => {
            setMade(await send("POST", `${path(name.trim())}/tokens`, present({store, days}), {key}));
            props.changed();
        }, {check: ({name, days}) => ({...(name.trim() ? {} : {name: t("field.needed")}),
            ...(/^\d+$/.test(days) ? {} : {days: t("field.needed")})})});
    if (made) return html`<${Notice} kind="warn"><p>${t("accounts.token.once")}</p><//>
        <p><code class="secret" data-token>${made.token}</code></p>
        <p class="hint">${t("accounts.token.until", {name: made.name, day: date(made.expires)})}</p>
        <div class="row"><${Button} kind="main" onClick=${() => navigator.clipboard?.writeText(made.token).then(
            () => toast(t("copied")), () => toast(t("copied.not")))}>${t("copy")}<//>
            <${Button} onClick=${props.onClose}>${t("close")}<//></div>`;
    return html`<form onSubmit=${form.submit} novalidate><p class="hint">${t("accounts.token.hint")}</p>
        <${Field} ...${form.field("name")} label=${t("accounts.token.name")} autoCapitalize="none"
            spellcheck=${false} />
        <${Select} ...${form.field("store")} label=${t("accounts.sees")} options=${storeOptions(props.stores)} />
        <${Field} ...${form.field("days")} label=${t("accounts.token.days")} inputMode="numeric" />
        <${End} form=${form} label=${t("accounts.token.make")} onClose=${props.onClose} /></form>`;
}

const FORMS = /** @type {Record<string, any>} */ ({add: Add, role: Role, secret: Secret, remove: Remove, token: Token});

/** What can be done with a row. @param {any} row @returns {string[]} */
function actsOf(row) {
    if (row.kind === "till") return ["token", "remove"];
    return row.kind === "staff" ? ["secret"] : ["role", "secret", "remove"];
}

/** @param {any[]} stores @param {(act: string, row: any) => void} open */
function columns(stores, open) {
    return [
        {name: "name", label: t("signin.name"), cell: (/** @type {any} */ row) => row.name},
        {name: "kind", label: t("accounts.kind"), cell: (/** @type {any} */ row) => html`${
            word("accounts.kind", row.kind)}${row.role ? ` · ${word("role", row.role)}` : ""}`},
        {name: "store", label: t("accounts.sees"), cell: (/** @type {any} */ row) => row.store
            ? storeName(stores, row.store) : t("accounts.whole")},
        {name: "token", label: t("accounts.token"), cell: (/** @type {any} */ row) => row.token === null ? "–"
            : t("accounts.token.one", {id: row.token, day: date(row.expires)})},
        {name: "used", label: t("accounts.used"), cell: (/** @type {any} */ row) => row.token === null ? "–"
            : row.used ? dateTime(row.used) : t("never")},
        {name: "changed", label: t("accounts.changed"), cell: (/** @type {any} */ row) => dateTime(row.changed)},
        {name: "do", label: t("acts"), acts: true, cell: (/** @type {any} */ row) => html`<div class="row">${
            actsOf(row).map((act) => html`<${Button} key=${act} kind="quiet" onClick=${() => open(act, row)}
                aria-label=${`${t(`accounts.${act}`)}: ${row.name}`}>${t(`accounts.${act}`)}<//>`)}</div>`},
    ];
}

export function Accounts() {
    const stores = useStores();
    const data = useData((signal) => list("users", {limit: 1000}, {signal}), []);
    const [open, setOpen] = useState(/** @type {{act: string, row: any} | null} */ (null));
    const Form = open ? FORMS[open.act] : null;
    return html`<div class="head"><h1>${t("place.accounts")}</h1><${Take} list=${{path: "users"}}>
            <${Button} kind="main" onClick=${() => setOpen({act: "add", row: null})}>${t("accounts.add")}<//>
            <${Button} onClick=${() => setOpen({act: "token", row: null})}>${t("accounts.token.make")}<//><//></div>
        <p class="hint">${t("accounts.hint")}</p>
        <${Loaded} data=${data}>${(/** @type {any} */ found) => html`<${Table} caption=${t("place.accounts")}
            columns=${columns(stores, (act, row) => setOpen({act, row}))} rows=${found.rows}
            rowKey=${(/** @type {any} */ row) => `${row.name} ${row.token}`}
            empty=${html`<${Empty} title=${t("accounts.empty")} />`} />`}<//>
        ${Form && open ? html`<${Dialog} onClose=${() => setOpen(null)} title=${[t(`accounts.${open.act}`),
            open.row?.name].filter(Boolean).join(": ")}><${Form} row=${open.row} stores=${stores}
            onClose=${() => setOpen(null)} changed=${data.again} /><//>` : null}`;
}
