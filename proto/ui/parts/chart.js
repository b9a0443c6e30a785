/**
 * A chart with its figures: uPlot draws, and a table with the same numbers opens below, for whoever cannot see the
 * drawing or wants to copy from it. Colours are those of the style sheet, and follow it when the theme changes.
 *
 *     <Chart label="…" x=${{label, values, time?}} lines=${[{label, values, format, kind: "line" | "bars", tone}]} />
 */
import uPlot from "uplot";
import {html, useEffect, useRef, useState} from "../html.js";
import {t} from "../i18n.js";
import {theme} from "../settings.js";
import {useShared} from "../state.js";

/**
 * @typedef {{label: string, values: (number | null)[], format: (value: number) => string, tone: string,
 *     kind?: "line" | "bars" | "area" | "dashed"}} Line
 * @typedef {{label: string, values: number[], names?: string[], format?: (value: number) => string}} Axis
 */

function dark() {
    return matchMedia("(prefers-color-scheme: dark)");
}

/** Rises when the colours may be others. */
function useColours() {
    const [turn, setTurn] = useState(0);
    const chosen = useShared(theme);
    useEffect(() => {
        const changed = () => setTurn((n) => n + 1);
        const query = dark();
        query.addEventListener("change", changed);
        return () => query.removeEventListener("change", changed);
    }, []);
    return `${chosen}${turn}`;
}

/** @param {string} name */
function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** @param {Line} line @returns {uPlot.Series} */
function series(line) {
    const stroke = colour(line.tone);
    const bars = line.kind === "bars" ? uPlot.paths.bars?.({size: [0.7, 48]}) : undefined;
    return {
        label: line.label, stroke, width: line.kind === "bars" ? 0 : 2, paths: bars,
        fill: line.kind === "bars" ? stroke : line.kind === "area" ? stroke + "22" : undefined,
        dash: line.kind === "dashed" ? [6, 6] : undefined, points: {show: false},
    };
}

/** @param {Axis} x @param {Line[]} lines @param {number} width @returns {uPlot.Options} */
function options(x, lines, width) {
    const ink = colour("soft");
    const grid = {stroke: colour("line"), width: 1};
    const font = `13px ${getComputedStyle(document.body).fontFamily}`;
    /** @param {number} value */
    const name = (value) => x.names ? x.names[x.values.indexOf(value)] ?? "" : x.format?.(value) ?? String(value);
    return {
        width, height: 280, legend: {show: false}, cursor: {drag: {x: false, y: false}},
        scales: {
            x: {time: false, range: lines.some((line) => line.kind === "bars")
                ? (_, low, high) => [low - 0.5, high + 0.5] : undefined},
            // From zero on: a bar is as long as what it stands for.
            y: {range: (_, low, high) => [Math.min(0, low ?? 0) * 1.05, Math.max(0, high ?? 1) * 1.05 || 1]},
        },
        series: [{label: x.label}, ...lines.map(series)],
        axes: [
            {stroke: ink, grid, ticks: grid, font, space: x.names ? 90 : 60,
                incrs: x.names ? [1, 2, 3, 4, 6, 12, 24] : undefined,
                values: (_, ticks) => ticks.map((tick) => name(tick))},
            {stroke: ink, grid, ticks: grid, font, size: 80,
                values: (_, ticks) => ticks.map((tick) => lines[0].format(tick))},
        ],
    };
}

/** @param {{label: string, x: Axis, lines: Line[], every?: number}} props every: a row of the table so often */
export function Chart({label, x, lines, every = 1}) {
    const place = useRef(/** @type {HTMLDivElement | null} */ (null));
    const colours = useColours();
    const data = JSON.stringify([x.values, lines.map((line) => [line.values, line.label])]);
    useEffect(() => {
        const box = place.current;
        if (!box) return undefined;
        const plot = new uPlot(options(x, lines, box.clientWidth),
            /** @type {any} */ ([x.values, ...lines.map((line) => line.values)]), box);
        const watch = new ResizeObserver(() => plot.setSize({width: box.clientWidth, height: 280}));
        watch.observe(box);
        return () => {
            watch.disconnect();
            plot.destroy();
        };
    }, [data, colours]);
    /** @param {number} value @param {number} index */
    const name = (value, index) => x.names ? x.names[index] : x.format?.(value) ?? String(value);
    return html`<figure class="chart">
        <div ref=${place} role="img" aria-label=${label}></div>
        <ul class="legend">${lines.map((line) => html`<li><span class=${`key ${line.tone} ${line.kind ?? "line"}`}
            aria-hidden="true"></span>${line.label}</li>`)}</ul>
        <details><summary>${t("chart.table")}</summary>
            <div class="table" tabindex="0" role="region" aria-label=${label}><table>
                <caption class="unseen">${label}</caption>
                <thead><tr><th scope="col">${x.label}</th>
                    ${lines.map((line) => html`<th scope="col" class="number">${line.label}</th>`)}</tr></thead>
                <tbody>${x.values.map((value, index) => index % every ? null : html`<tr>
                    <th scope="row">${name(value, index)}</th>
                    ${lines.map((line) => html`<td class="number">${line.values[index] === null
                        ? "–" : line.format(/** @type {number} */ (line.values[index]))}</td>`)}</tr>`)}</tbody>
            </table></div></details>
    </figure>`;
}
