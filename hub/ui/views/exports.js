/** Every list as a file for a spreadsheet, in the letters it reads. That it was taken is on the record of looks. */
import {address} from "ui/api.js";
import {today} from "ui/format.js";
import {html} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Table} from "ui/parts/table.js";
import {hasRole} from "ui/session.js";
import {Filters} from "../parts/filters.js";

const FOR_ALL = ["customers", "purchases", "contacts", "complaints", "vip", "segments", "rfm", "benefits", "alerts",
    "staff", "stores", "policy", "tags"];
const FOR_REGION = ["followups", "monthly", "points", "packages", "findings", "duplicates"];
/** How the letters are written: a mark for today's spreadsheets, else the old way of a country. */
const ENCODINGS = ["utf-8-bom", "cp949", "gb18030", "utf-8"];

/** @param {{query: Record<string, string>}} props */
export function Exports({query}) {
    const encoding = ENCODINGS.includes(query.encoding) ? query.encoding : ENCODINGS[0];
    const names = [...FOR_ALL, ...(hasRole("auditor") ? ["access"] : FOR_REGION)];
    const columns = [
        {name: "name", label: t("exports.list"), cell: (/** @type {string} */ name) => t(`exports.${name}`)},
        {name: "what", label: t("exports.holds"), cell: (/** @type {string} */ name) => t(`exports.${name}.what`)},
        {name: "do", label: t("acts"), acts: true, cell: (/** @type {string} */ name) => html`<${Button}
            href=${address(`exports/${name}`, {encoding})} download=${`${name}-${today()}.csv`}
            aria-label=${t("exports.get.of", {name: t(`exports.${name}`)})}>${t("exports.get")}<//>`},
    ];
    return html`<h1>${t("place.exports")}</h1><p class="hint">${t("exports.hint")}</p>
        <${Filters} path=${["exports"]} query=${query} fields=${[{name: "encoding", label: t("exports.encoding"),
            options: ENCODINGS.map((value, index) => ({value: index ? value : "",
                label: t(`exports.encoding.${value}`)}))}]} />
        <${Table} caption=${t("place.exports")} columns=${columns} rows=${names}
            rowKey=${(/** @type {string} */ name) => name} />`;
}
