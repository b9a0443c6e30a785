/**
 * The lists that can be asked as of another time or under another policy, and how two answers are compared: one table
 * for the time machine and for a policy's effect before it is saved.
 */
import {list} from "ui/api.js";
import {html} from "ui/html.js";
import {date, money, number, percent, when} from "ui/format.js";
import {hasWord, t, word} from "ui/i18n.js";
import {Empty} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {figureColumns, hours} from "ui/reports/complaints.js";
import {difference, figures, tally} from "../difference.js";
import {clock} from "./clocks.js";
import {storeName, Tier, tierName, who} from "./people.js";
import {alertColumns} from "../views/figures.js";
import {findingColumns} from "../views/findings.js";
import {gatheringColumns} from "../views/gatherings.js";
import {rankingColumns} from "../views/ranking.js";
import {appraisal} from "../views/staff.js";

export const MOST = 5000; // rows of a list that are compared in a browser
const SHOWN = 500; // differences that are listed

/** All pages of a list, up to MOST rows. `ask` gives the first; whole: nothing was left out. */
/** @param {() => Promise<{rows: any[], next: string | null}>} ask */
export async function whole(ask) {
    let page = await ask();
    const rows = [...page.rows];
    while (page.next && rows.length < MOST) {
        page = await list(page.next);
        rows.push(...page.rows);
    }
    return {rows, whole: page.next === null};
}

const TEXT = /** @type {Record<string, (value: any) => any>} */ ({
    spend: money, cost: money, total: money, margin: money, high_margin: money, tier: tierName,
    type: (value) => word("type", value), band: (value) => word("band", value), state: (value) => word("state", value),
    step: (value) => value ? word("step", value) : t("step.nothing"), level: (value) => word("level", value),
    last: when, due: date, first_answer_at: when, closed_at: when, top_share: (value) => percent(value, 1),
    share: (value) => percent(value, 1), sales: money, returning_sales: money, answer_in_time: percent,
    resolved: percent, completeness: percent, validity: percent, answer_hours_median: hours,
    resolve_hours_median: hours,
});

/** A value of a column as people read it. @param {string} name @param {any} value */
export function valueText(name, value) {
    const last = name.split(".").at(-1) ?? name;
    if (value === null || value === undefined) return last === "tier" ? t("tier.none") : "–";
    if (typeof value === "boolean") return t(value ? "yes" : "no");
    return TEXT[last] ? TEXT[last](value) : typeof value === "number" ? number(value) : String(value);
}

/** @param {string} name */
export function columnName(name) {
    if (hasWord(`column.${name}`)) return t(`column.${name}`);
    return name.split(".").map((one) => word("column", one)).join(" · ");
}

const segmentColumns = () => [
    {name: "who", label: t("customer"), cell: who},
    {name: "rfm", label: t("map.rfm"), cell: (/** @type {any} */ row) => `${row.r} ${row.f} ${row.m}`},
    {name: "tier", label: t("tier"), cell: (/** @type {any} */ row) => html`<${Tier} row=${row} />`},
    {name: "type", label: t("type"), cell: (/** @type {any} */ row) => word("type", row.type)},
    {name: "band", label: t("band"), cell: (/** @type {any} */ row) => word("band", row.band)},
    {name: "spend", label: t("spend"), number: true, cell: (/** @type {any} */ row) => money(row.spend)},
    {name: "visits", label: t("visits"), number: true, cell: (/** @type {any} */ row) => number(row.visits)},
];
const complaintColumns = (/** @type {any[]} */ stores) => [
    {name: "matter", label: t("complaint.matter"), cell: (/** @type {any} */ row) => row.topic || row.text || row.id},
    {name: "clock", label: t("complaint.clock"), cell: (/** @type {any} */ row) => clock(row).text},
    {name: "who", label: t("customer"), cell: (/** @type {any} */ row) => row.customer ? who(row) : t("nobody")},
    {name: "store", label: t("store"), cell: (/** @type {any} */ row) => storeName(stores, row.store)},
    {name: "state", label: t("complaint.state"), cell: (/** @type {any} */ row) => word("state", row.state)},
    {name: "step", label: t("complaint.step"), cell: (/** @type {any} */ row) => valueText("step", row.step)},
    {name: "opened", label: t("complaint.opened"), cell: (/** @type {any} */ row) => when(row.opened_at)},
];

const followupColumns = (/** @type {any[]} */ stores) => [
    {name: "who", label: t("customer"), cell: who},
    {name: "kind", label: t("followup"), cell: (/** @type {any} */ row) => word("followup", row.kind)},
    {name: "due", label: t("column.due"), cell: (/** @type {any} */ row) => html`${date(row.due)}${row.overdue
        ? html` <span class="tag warn">${t("desk.overdue.short")}</span>` : null}`},
    {name: "store", label: t("store"), cell: (/** @type {any} */ row) => storeName(stores, row.store)},
    {name: "staff", label: t("staff.who"), cell: (/** @type {any} */ row) => row.staff ?? "–"},
];
const awayColumns = () => [
    {name: "who", label: t("customer"), cell: who},
    {name: "last", label: t("last"), cell: (/** @type {any} */ row) => row.last ? date(row.last) : t("never")},
    {name: "spend", label: t("spend"), number: true, cell: (/** @type {any} */ row) => money(row.spend)},
    {name: "visits", label: t("visits"), number: true, cell: (/** @type {any} */ row) => number(row.visits)},
];
const keptColumns = () => [
    {name: "who", label: t("customer"), cell: who},
    {name: "last", label: t("column.last"), cell: (/** @type {any} */ row) => date(row.last)},
    {name: "until", label: t("column.until"), cell: (/** @type {any} */ row) => date(row.until)},
    {name: "spend", label: t("spend"), number: true, cell: (/** @type {any} */ row) => money(row.spend)},
];

/** Figures under a name of their own. @param {any} first the column of that name @param {string[]} names */
const figuresOf = (first, names) => [first, ...names.map((name) => ({name, label: columnName(name), number: true,
    cell: (/** @type {any} */ row) => valueText(name, row[name])}))];
const rfmColumns = () => figuresOf({name: "field", label: t("map.rf"),
    cell: (/** @type {any} */ row) => `${row.r} ${row.f}`}, ["customers", "spend", "visits"]);
const cohortColumns = () => figuresOf({name: "cohort", label: t("cohorts.first"),
    cell: (/** @type {any} */ row) => `${row.cohort} +${row.after}`}, ["customers", "retained", "share"]);
const backColumns = () => figuresOf({name: "months", label: t("away.months"),
    cell: (/** @type {any} */ row) => number(row.months)}, ["contacted", "back", "share"]);
const leavingColumns = () => figuresOf({name: "reason", label: t("away.why"),
    cell: (/** @type {any} */ row) => word("leaving", row.reason)}, ["customers", "share", "spend"]);
const benefitColumns = (/** @type {any[]} */ stores) => [
    {name: "who", label: t("customer"), cell: who},
    {name: "kind", label: t("column.benefit"), cell: (/** @type {any} */ row) => word("benefit", row.kind)},
    {name: "note", label: t("column.note"), cell: (/** @type {any} */ row) => row.note ?? "–"},
    {name: "cost", label: columnName("cost"), number: true,
        cell: (/** @type {any} */ row) => row.cost === null ? "–" : money(row.cost)},
    {name: "store", label: t("store"), cell: (/** @type {any} */ row) => storeName(stores, row.store)},
    {name: "at", label: t("history.when"), cell: (/** @type {any} */ row) => date(row.at)},
];

/** Figures by month. @param {string[]} names */
const monthColumns = (names) => () => figuresOf({name: "month", label: t("month"),
    cell: (/** @type {any} */ row) => row.month}, names);

/**
 * @typedef {{path: string, columns: (stores: any[]) => any[], key: (row: any) => string, place?: (row: any) => number,
 *     compared: string[], what?: string, name?: (row: any) => any}} ListKind what, name: what a row is about, if not a
 *     customer.
 */
export const LISTS = /** @type {Record<string, ListKind>} */ ({
    vip: {path: "vip", columns: () => rankingColumns("spend"), key: (row) => row.customer, place: (row) => row.rank,
        compared: ["spend", "visits", "tier"]},
    segments: {path: "segments", columns: segmentColumns, key: (row) => row.customer,
        compared: ["r", "f", "m", "tier", "type", "band", "valid", "candidate", "spend", "visits"]},
    complaints: {path: "complaints", columns: complaintColumns, key: (row) => row.id, what: "complaint.matter",
        name: (row) => row.topic || row.text || row.id,
        compared: ["state", "step", "level", "first_answer_at", "closed_at", "satisfied", "overdue",
            "resolve_overdue"]},
    followups: {path: "followups", columns: followupColumns, key: (row) => row.id, compared: ["due", "overdue"],
        name: (row) => `${who(row)} · ${word("followup", row.kind)}`},
    inactive: {path: "reports/inactive", columns: awayColumns, key: (row) => row.customer, compared: ["months"]},
    back: {path: "reports/back", columns: backColumns, key: (row) => String(row.months),
        compared: ["contacted", "back"],
        what: "away.months", name: (row) => number(row.months)},
    months: {path: "reports/gained-lost", columns: monthColumns(["active", "gained", "lost", "won_back"]),
        key: (row) => row.month, what: "month", compared: ["active", "gained", "lost", "won_back"],
        name: (row) => row.month},
    returning: {path: "reports/returning", columns: monthColumns(["sales", "returning_sales", "share"]),
        key: (row) => row.month, what: "month", compared: ["sales", "returning_sales", "share"],
        name: (row) => row.month},
    figures: {path: "reports/complaints", columns: figureColumns, key: (row) => row.period, what: "period",
        name: (row) => row.period, compared: ["complaints", "answer_in_time", "answer_hours_median",
            "resolve_hours_median", "resolved", "score", "cost"]},
    retention: {path: "reports/retention", columns: keptColumns, key: (row) => row.customer, compared: ["last"]},
    staff: {path: "staff", columns: appraisal, key: (row) => `${row.store}/${row.staff}`, what: "staff.who",
        name: (row) => [row.name, row.staff].filter(Boolean).join(" · "),
        compared: ["rank_region", "registrations", "completeness", "validity", "contacts", "minutes",
            "followups_done", "followups_open", "custody", "reviews", "satisfaction"]},
    alerts: {path: "alerts", columns: alertColumns, key: (row) => row.sku, what: "article", name: (row) => row.sku,
        compared: ["complaints", "open"]},
    rfm: {path: "rfm", columns: rfmColumns, key: (row) => `${row.r} ${row.f}`, what: "map.rf",
        name: (row) => `${t(`map.r${row.r}`)} · ${t(`map.f${row.f}`)}`, compared: ["customers", "spend", "visits"]},
    cohorts: {path: "reports/cohorts", columns: cohortColumns, key: (row) => `${row.cohort} ${row.after}`,
        what: "cohorts.first", name: (row) => `${row.cohort} +${row.after}`, compared: ["customers", "retained"]},
    leaving: {path: "reports/leaving", columns: leavingColumns, key: (row) => row.reason, what: "away.why",
        name: (row) => word("leaving", row.reason), compared: ["customers", "spend"]},
    findings: {path: "findings", columns: findingColumns, key: (row) => row.contact, what: "findings.text",
        name: (row) => row.text ?? who(row), compared: ["matter", "text"]},
    gatherings: {path: "gatherings", columns: gatheringColumns, key: (row) => row.id, what: "gatherings.what",
        name: (row) => row.name, compared: ["attended", "cost"]},
    benefits: {path: "benefits", columns: benefitColumns, key: (row) => row.id, compared: ["cost"],
        name: (row) => `${who(row)} · ${word("benefit", row.kind)}`},
});

/** @param {{change: import("../difference.js").Change}} props */
function What({change}) {
    const moved = change.by === 0 ? null : html`<span class="hint">${t(change.by > 0 ? "change.up" : "change.down",
        {count: Math.abs(change.by)})}</span>`;
    return html`<span class=${`tag ${change.kind === "gone" ? "bad" : change.kind === "added" ? "" : "plain"}`}>${
        t(`change.${change.kind}`)}</span> ${moved}
        ${change.columns.map((name) => html`<div>${columnName(name)}: <del>${valueText(name, change.then[name])}</del>
            <span aria-hidden="true"> → </span><ins>${valueText(name, change.now[name])}</ins></div>`)}`;
}

/** What differs as rows for a spreadsheet: a column of then and one of now for each that is compared.
 * @param {ListKind} kind @param {any[]} then @param {any[]} now */
export function changeRows(kind, then, now) {
    return difference(then, now, {key: kind.key, place: kind.place, columns: kind.compared}).map((change) => ({
        key: change.key, name: (change.now ?? change.then).name ?? "", change: change.kind, places: change.by,
        ...Object.fromEntries(kind.compared.flatMap((name) => [[`${name}_then`, change.then?.[name] ?? null],
            [`${name}_now`, change.now?.[name] ?? null]])),
    }));
}

/** @param {{kind: ListKind, then: any[], now: any[], empty: string, caption?: string}} props */
export function Differences({kind, then, now, empty, caption = t("change.title")}) {
    const changes = difference(then, now, {key: kind.key, place: kind.place, columns: kind.compared});
    const counts = tally(changes);
    const columns = [
        {name: "who", label: t(kind.what ?? "customer"),
            cell: (/** @type {any} */ change) => (kind.name ?? who)(change.now ?? change.then)},
        {name: "what", label: t("change.what"),
            cell: (/** @type {any} */ change) => html`<${What} change=${change} />`},
    ];
    return html`
        <p class="row" role="status">${/** @type {const} */ (["added", "gone", "changed", "moved"]).map((name) => html`
            <span class=${`tag ${counts[name] ? "" : "plain"}`} data-count=${name}>${
                t(`change.${name}.count`, {count: counts[name]})}</span>`)}</p>
        <${Table} caption=${caption} columns=${columns} rows=${changes.slice(0, SHOWN)}
            rowKey=${(/** @type {any} */ change) => change.key} empty=${html`<${Empty} title=${empty} />`} />
        ${changes.length > SHOWN
            ? html`<p class="hint">${t("change.more", {count: changes.length - SHOWN})}</p>` : null}`;
}

/** Of documents, such as the pyramid: figure by figure. @param {{then: any, now: any, empty: string}} props */
export function Figures({then, now, empty}) {
    const rows = figures(then, now);
    const columns = [
        {name: "name", label: t("change.figure"), cell: (/** @type {any} */ row) => columnName(row.name)},
        {name: "then", label: t("change.then"), number: true,
            cell: (/** @type {any} */ row) => valueText(row.name, row.then)},
        {name: "now", label: t("change.now"), number: true,
            cell: (/** @type {any} */ row) => valueText(row.name, row.now)},
    ];
    return html`<${Table} caption=${t("change.title")} columns=${columns} rows=${rows}
        empty=${html`<${Empty} title=${empty} />`} />`;
}
