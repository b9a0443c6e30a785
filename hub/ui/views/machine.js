/**
 * The time machine: any list as it was on any day, and what differs from today or from a second day. Two axes: what had
 * happened by then, and what the region had heard of by then.
 */
import {get, list} from "ui/api.js";
import {useData} from "ui/data.js";
import {date, today} from "ui/format.js";
import {html} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Empty, Loaded, Notice} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {Select} from "ui/parts/field.js";
import {replace} from "ui/router.js";
import {hasRole} from "ui/session.js";
import {Filters, places, scopeOf, windows} from "../parts/filters.js";
import {changeRows, columnName, Differences, Figures, LISTS, MOST, valueText, whole} from "../parts/lists.js";
import {useStores} from "../parts/people.js";
import {figures} from "../difference.js";
import {quarters} from "./staff.js";

/** What can be seen as it was, under the headings people look for it. */
const GROUPS = /** @type {[string, string[]][]} */ ([
    ["value", ["vip", "pyramid", "segments", "rfm", "months", "returning", "cohorts", "inactive", "back", "leaving",
        "retention"]],
    ["desk", ["complaints", "figures", "alerts", "findings", "followups"]],
    ["staff", ["staff", "gatherings", "benefits"]],
    ["stores", ["status"]],
]);
const KINDS = GROUPS.flatMap(([, kinds]) => kinds);
/** Reports by month begin with the year before. */
const BY_MONTH = ["months", "returning", "figures", "cohorts"];
const AXES = ["happened", "received", "both"];

/** Yesterday: the day most often asked for. */
function yesterday() {
    const day = new Date(Date.parse(today() + "T00:00:00Z") - 86400000);
    return day.toISOString().slice(0, 10);
}

/** What a moment means on the axes chosen. @param {string} axis @param {string} day */
function until(axis, day) {
    return {
        ...(axis !== "received" ? {happened_until: day} : {}), ...(axis !== "happened" ? {received_until: day} : {}),
    };
}

/** What goes with a kind of list. @param {string} kind @param {Record<string, string>} query @param {string} day */
function optionsOf(kind, query, day) {
    if (BY_MONTH.includes(kind)) return {from: `${Number(day.slice(0, 4)) - 1}-01-01`};
    if (kind === "staff") return {quarter: quarters(day)[0]};
    const scope = {window: query.window, ...scopeOf(query.where)};
    if (kind === "vip") return {...scope, top: MOST};
    if (kind === "pyramid") return scope;
    return kind === "complaints" ? {all: true} : {};
}

/** A list or document, on that day or now. @param {string} kind @param {any} query @param {AbortSignal} signal */
function ask(kind, query, signal) {
    // Some lists of today are not the auditor's; folded anew, all are.
    const then = query.happened_until || query.received_until || hasRole("auditor");
    if (!LISTS[kind]) return get(then ? `replay/${kind}` : kind, query, {signal});
    const path = LISTS[kind].path;
    return whole(() => list(then ? `replay/${path}` : path, {...query, limit: 1000}, {signal}));
}

/** @param {{value: any}} props the figures of a document */
function Document({value}) {
    const rows = Object.entries(value).filter(([, one]) => one === null || typeof one !== "object");
    return html`<dl class="facts">${rows.map(([name, one]) => html`<dt>${columnName(name)}</dt>
        <dd class="number">${valueText(name, one)}</dd>`)}</dl>`;
}

/** That this is not all. @param {{count: number}} props */
function Cut({count}) {
    return html`<${Notice} kind="warn"><p>${t("machine.cut", {count})}</p><//>`;
}

/** @param {{kind: string, value: any, stores: any[]}} props */
function AsItWas({kind, value, stores}) {
    const how = LISTS[kind];
    if (!how) return html`<section class="panel"><${Document} value=${value} /></section>`;
    return html`${value.whole ? null : html`<${Cut} count=${value.rows.length} />`}
        <${Table} caption=${t(`machine.${kind}`)} columns=${how.columns(stores)} rows=${value.rows}
        rowKey=${how.key} empty=${html`<${Empty} title=${t("machine.empty")}>${t("machine.empty.why")}<//>`} />`;
}

/** @param {{kind: string, then: any, now: any, other: string}} props */
function Differing({kind, then, now, other}) {
    const how = LISTS[kind];
    const empty = t("change.none", {other});
    if (!how) return html`<${Figures} then=${then} now=${now} empty=${empty} />`;
    return html`
        ${then.whole && now.whole ? null : html`<${Cut} count=${MOST} />`}
        <${Differences} kind=${how} then=${then.rows} now=${now.rows} empty=${empty} />`;
}

/** What is shown, as rows for a file. @param {string} kind @param {string} day @param {any} then @param {any} now
 * @returns {import("../parts/take.js").Taken | null} */
function taken(kind, day, then, now) {
    const how = LISTS[kind];
    if (!then || now === undefined) return null;
    if (now === null) {
        return how ? {rows: then.rows, next: then.whole ? null : "more", name: `${kind}-${day}`}
            : {rows: figures({}, then).map(({name, now: value}) => ({name, value})), name: `${kind}-${day}`};
    }
    const rows = how ? changeRows(how, then.rows, now.rows) : figures(then, now);
    return {rows, name: `${kind}-${day}-difference`};
}

/** @param {{kind: string, query: Record<string, string>}} props */
function Which({kind, query}) {
    const named = (/** @type {string} */ value) => ({value, label: t(`machine.${value}`)});
    return html`<${Select} name="kind" label=${t("machine.which")} value=${kind}
        options=${GROUPS.map(([name, kinds]) => ({label: t(`place.${name}`), options: kinds.map(named)}))}
        onValue=${(/** @type {string} */ name) => replace("then", name, query)} />`;
}

/** @param {{path: string[], query: Record<string, string>}} props */
export function Machine({path, query}) {
    const stores = useStores();
    const kind = KINDS.includes(path[1]) ? path[1] : "vip";
    const axis = AXES.includes(query.axis) ? query.axis : "happened";
    const day = query.day || yesterday();
    const shown = query.show === "difference" ? "difference" : "list";
    const options = optionsOf(kind, query, day);
    const asked = JSON.stringify([kind, axis, day, options]);
    const then = useData((signal) => ask(kind, {...options, ...until(axis, day)}, signal), [asked], {live: false});
    const second = query.other ? until(axis, query.other) : {};
    const now = useData((signal) => shown === "difference" ? ask(kind, {...options, ...second}, signal)
        : Promise.resolve(null), [asked, query.other, shown], {live: false});
    const other = query.other ? date(query.other) : t("machine.today");
    const scoped = kind === "vip" || kind === "pyramid";
    return html`
        <h1>${t("machine.title", {kind: t(`machine.${kind}`), day: date(day)})}</h1>
        <${Filters} path=${["then", kind]} query=${{...query, day}} fields=${[
            {name: "day", label: t("machine.day"), type: "date", max: today()},
            {name: "axis", label: t("machine.axis"), options: AXES.map((one, index) => (
                {value: index ? one : "", label: t(`machine.axis.${one}`)}))},
            ...(scoped ? [{name: "window", label: t("filter.window"), options: windows()},
                {name: "where", label: t("filter.where"), options: places(stores)}] : []),
            {name: "show", label: t("machine.show"), options: [{value: "", label: t("machine.show.list")},
                {value: "difference", label: t("machine.show.difference")}]},
            ...(shown === "difference" ? [{name: "other", label: t("machine.other"), type: "date", max: today()}] : []),
        ]} list=${taken(kind, day, then.value, now.value)} first=${html`<${Which} kind=${kind} query=${query} />`} />
        <p class="hint">${t(`machine.axis.${axis}.hint`, {day: date(day)})}${
            LISTS[kind] ? ` ${t("machine.limit", {count: MOST})}` : ""}${
            kind === "retention" ? ` ${t("machine.retention.hint")}` : ""}</p>
        <div key=${kind} data-then=${kind}>${shown === "list"
            ? html`<${Loaded} data=${then}>${(/** @type {any} */ value) => html`<${AsItWas} kind=${kind}
                value=${value} stores=${stores} />`}<//>`
            : html`<h2>${t("machine.between", {day: date(day), other})}</h2>
                <${Loaded} data=${then}>${(/** @type {any} */ before) => html`
                    <${Loaded} data=${now}>${(/** @type {any} */ after) => after === null ? null
                        : html`<${Differing} kind=${kind} then=${before} now=${after} other=${other} />`}<//>`}<//>`
        }</div>`;
}
