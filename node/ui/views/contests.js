/**
 * Contests of the quarter on the customer file (S1), and the figures of each (S2). Prints as the appraisal.
 */
import {list} from "ui/api.js";
import {useData} from "ui/data.js";
import {number, percent, today} from "ui/format.js";
import {html} from "ui/html.js";
import {t, word} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Empty, Loaded} from "ui/parts/notice.js";
import {Table} from "ui/parts/table.js";
import {Tabs} from "ui/parts/tabs.js";
import {link} from "ui/router.js";
import {hasRole} from "ui/session.js";

/** The quarter `back` quarters ago, as 2026Q4. @param {number} back */
function quarter(back) {
    const [year, month] = today().split("-").map(Number);
    const index = year * 4 + Math.floor((month - 1) / 3) - back;
    return `${Math.floor(index / 4)}Q${(index % 4) + 1}`;
}

/** @param {string} written */
function quarterText(written) {
    const [year, number_] = written.split("Q");
    return t("contests.quarter", {year, quarter: number_});
}

/** @param {string} name @param {(row: any) => any} cell */
function figure(name, cell) {
    return {name, label: t(`contests.${name}`), number: true, cell, sort: (/** @type {any} */ row) => row[name] ?? -1};
}

/** @param {{query: Record<string, string>}} props */
export function Contests({query}) {
    const quarters = [0, 1, 2, 3].map(quarter);
    const chosen = quarters.includes(query.quarter) ? query.quarter : quarters[0];
    const data = useData(() => list("staff", {quarter: chosen, limit: 1000}), [chosen]);
    const columns = [
        {name: "name", label: t("contests.name"), cell: (/** @type {any} */ row) => row.name || row.staff,
            sort: (/** @type {any} */ row) => row.name},
        {name: "place", label: t("contests.place"), number: true, sort: (/** @type {any} */ row) => row.rank_store,
            cell: (/** @type {any} */ row) => html`${number(row.rank_store)}
                ${row.place_store === "best" && row.registrations + row.contacts > 0 ? html`<span class="tag">
                    ${t("contests.best")}</span>`
                    : null}`},
        figure("registrations", (row) => number(row.registrations)),
        figure("completeness", (row) => percent(row.completeness)),
        figure("validity", (row) => percent(row.validity)),
        figure("contacts", (row) => number(row.contacts)),
        figure("followups_done", (row) =>
            `${number(row.followups_done)} / ${number(row.followups_done + row.followups_open)}`),
        figure("satisfaction", (row) => number(row.satisfaction, {maximumFractionDigits: 1})),
    ];
    return html`<div class="head"><h1>${t("contests.title")}</h1><div class="row">
            ${hasRole("manager") ? html`<${Button} href=${link("files")}>${t("files.title")}<//>` : null}
            <${Button} onClick=${() => print()}>${t("print")}<//></div></div>
        <${Tabs} label=${t("contests.quarters")} tabs=${quarters.map((one) => ({
            href: link("contests", {quarter: one}), label: quarterText(one), current: one === chosen}))} />
        <${Loaded} data=${data}>${(/** @type {{rows: any[]}} */ {rows}) => html`
            ${rows.length > 0 ? html`<p class="lead">${t("contests.measure", {
                measure: word("measure", rows[0].measure)})}</p>` : null}
            <${Table} caption=${t("contests.title")} columns=${columns} rows=${rows}
                rowKey=${(/** @type {any} */ row) => row.staff} empty=${html`<${Empty}
                    title=${t("contests.empty")} />`} />`}<//>`;
}
