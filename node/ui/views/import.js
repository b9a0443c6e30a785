/**
 * A file of the till, of an old customer book or of a complaint desk is taken in (E15): the file is chosen, its columns
 * are said, a dry run shows what would come of it, then it is taken in, and what was rejected comes back to be put
 * right.
 */
import {html, useEffect, useState} from "ui/html.js";
import {problemText, t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {Choice} from "ui/parts/field.js";
import {Loading, Notice} from "ui/parts/notice.js";
import {useShared} from "ui/state.js";
import {KINDS} from "../importing/fields.js";
import {samples} from "../importing/file.js";
import {change, choose, work} from "../importing/work.js";
import {Done, Tried} from "./import_answer.js";
import {Columns} from "./import_columns.js";
import {FileChoice} from "./import_file.js";

/** The file does not tell what its letters are: each way is shown. */
function Letters() {
    const {taken} = useShared(work);
    const seen = samples(taken?.head ?? new Uint8Array());
    const [chosen, setChosen] = useState("");
    return html`<section class="panel"><h2>${t("import.letters")}</h2>
        <${Choice} name="letters" label=${t("import.letters.which")} value=${chosen} onValue=${setChosen} first
            options=${seen.map(([value, text]) => ({value, label: `${t(`import.encoding.${value}`)}: “${text}”`}))} />
        <${Button} kind="main" disabled=${!chosen} onClick=${() => change({encoding: chosen})}>${t("import.go")}<//>
    </section>`;
}

/** @param {{problem: any}} props */
function Problem({problem}) {
    if (!problem) return null;
    const text = problem.code === "lacks" ? t("import.lacks", {columns: problem.columns.join(", ")})
        : problemText(problem);
    return html`<${Notice} kind="bad"><p>${text}</p><//>`;
}

/** Whoever closes the window while rows are written is asked. @param {boolean} running */
function useWarning(running) {
    useEffect(() => {
        if (!running) return undefined;
        const ask = (/** @type {Event} */ event) => event.preventDefault();
        addEventListener("beforeunload", ask);
        return () => removeEventListener("beforeunload", ask);
    }, [running]);
}

export function Import() {
    const now = useShared(work);
    useWarning(now.busy === "run");
    if (now.done) return html`<${Done} />`;
    const letters = now.problem?.field === "encoding" && now.taken;
    const shown = now.columns.length > 0 && !letters;
    // What is being written is not changed meanwhile.
    return html`<div inert=${now.busy === "run"}><p class="hint">${t("import.hint")}</p>
            <section class="panel">
                <${Choice} name="kind" label=${t("import.kind")} value=${now.kind}
                    options=${KINDS.map((value) => ({value, label: t(`exports.${value}`)}))}
                    onValue=${(/** @type {string} */ kind) => choose(kind, now.file)} />
                <${FileChoice} label=${t("import.file")} />
                ${now.wrong ? html`<${Notice} kind="bad"><p>${t(`import.wrong.${now.wrong}`)}</p><//>` : null}
                ${now.busy === "look" ? html`<${Loading} />` : null}
                ${letters || shown ? null : html`<${Problem} problem=${now.problem} />`}
            </section>
            ${letters ? html`<${Letters} />` : null}
            ${shown ? html`<${Columns} />${now.tried ? null : html`<${Problem} problem=${now.problem} />`}` : null}
        </div>
        ${now.tried ? html`<${Tried} />` : null}`;
}
