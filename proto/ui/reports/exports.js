/**
 * Lists as files for a spreadsheet, in the letters it reads. That one was taken is on the record of looks.
 *
 *     html`<${Exports} path=${["exports"]} query=${query} names=${["customers", "vip"]} />`   as /exports/{list} has
 */
import {address} from "../api.js";
import {today} from "../format.js";
import {html} from "../html.js";
import {t} from "../i18n.js";
import {Button} from "../parts/button.js";
import {Filters} from "../parts/filters.js";
import {Table} from "../parts/table.js";

/** How the letters are written: a mark for today's spreadsheets, else the old way of a country. */
const ENCODINGS = ["utf-8-bom", "cp949", "gb18030", "utf-8"];

/** @param {{path: string[], query: Record<string, string>, names: string[], caption: string}} props */
export function Exports({path, query, names, caption}) {
    const encoding = ENCODINGS.includes(query.encoding) ? query.encoding : ENCODINGS[0];
    const columns = [
        {name: "name", label: t("exports.list"), cell: (/** @type {string} */ name) => t(`exports.${name}`)},
        {name: "what", label: t("exports.holds"), cell: (/** @type {string} */ name) => t(`exports.${name}.what`)},
        {name: "do", label: t("exports.get"), acts: true, cell: (/** @type {string} */ name) => html`<${Button}
            href=${address(`exports/${name}`, {encoding})} download=${`${name}-${today()}.csv`}
            aria-label=${t("exports.get.of", {name: t(`exports.${name}`)})}>${t("exports.get")}<//>`},
    ];
    return html`<p class="hint">${t("exports.hint")}</p>
        <${Filters} path=${path} query=${query} fields=${[{name: "encoding", label: t("exports.encoding"),
            options: ENCODINGS.map((value, index) => ({value: index ? value : "",
                label: t(`exports.encoding.${value}`)}))}]} />
        <${Table} caption=${caption} columns=${columns} rows=${names}
            rowKey=${(/** @type {string} */ name) => name} />`;
}
