/**
 * A list of the server, page by page. The first page is asked again when the log grew as long as it is the only one;
 * who has read on keeps what is there, and is told that there is something new.
 *
 *     const pages = usePages("vip", {by: "spend"});
 *     html`<${Pages} pages=${pages} caption=… columns=… />`
 */
import {list} from "../api.js";
import {tip, useData} from "../data.js";
import {html, useEffect, useState} from "../html.js";
import {problemText, t} from "../i18n.js";
import {Button} from "./button.js";
import {Empty, Loading, Notice} from "./notice.js";
import {Table} from "./table.js";
import {useShared} from "../state.js";

/**
 * @typedef {{rows: any[] | undefined, next: string | null, problem: any, busy: boolean, stale: boolean,
 *     more: () => void, again: () => void, path: string, query: import("ui/api.js").Query}} PageList
 *     path, query: what it is a list of
 */

/**
 * @param {string} path
 * @param {import("ui/api.js").Query} [query]
 * @param {{live?: boolean, limit?: number, follow?: (rows: any[]) => import("ui/api.js").Query}} [options]
 *   follow: what asks for the page behind these rows, for a list that grows at its beginning
 * @returns {PageList}
 */
export function usePages(path, query = {}, {live = true, limit = 100, follow} = {}) {
    const address = JSON.stringify([path, query]);
    const now = useShared(tip);
    const [kept, setLater] = useState(
        /** @type {{of: string, rows: any[], next: string | null, at: number} | null} */ (null));
    const later = kept?.of === address ? kept : null; // what came behind another list is none of this one's
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState(/** @type {any} */ (null));
    const first = useData((signal) => list(path, {...query, limit}, {signal}), [address],
        {live: live && later === null});
    useEffect(() => {
        setLater(null);
        setProblem(null);
    }, [address]);

    async function more() {
        const next = later ? later.next : first.value?.next;
        if (!next || busy) return;
        setBusy(true);
        setProblem(null);
        try {
            const rows = later?.rows ?? [];
            const page = await (follow
                ? list(path, {...query, ...follow([...(first.value?.rows ?? []), ...rows]), limit}) : list(next));
            setLater({of: address, rows: [...rows, ...page.rows], next: page.next, at: later?.at ?? now});
        } catch (failure) {
            setProblem(failure);
        } finally {
            setBusy(false);
        }
    }
    return {
        path, query,
        rows: first.value && [...first.value.rows, ...(later?.rows ?? [])],
        next: later ? later.next : first.value?.next ?? null,
        problem: problem ?? first.problem, busy, stale: later !== null && later.at !== now, more,
        again() {
            setLater(null);
            first.again();
        },
    };
}

/**
 * @param {{pages: PageList, caption: string, columns: import("ui/parts/table.js").Column[],
 *     rowKey?: (row: any) => string, href?: (row: any) => string, empty: any, hint?: any}} props
 */
export function Pages({pages, caption, columns, rowKey, href, empty, hint}) {
    const {rows, problem, next, stale} = pages;
    return html`
        ${problem ? html`<${Notice} kind="bad"><p>${problemText(problem)}</p>
            <${Button} onClick=${pages.again}>${t("again")}<//><//>` : null}
        ${stale ? html`<${Notice}><div class="row"><span>${t("pages.stale")}</span>
            <${Button} onClick=${pages.again}>${t("pages.fresh")}<//></div><//>` : null}
        ${rows === undefined ? (problem ? null : html`<${Loading} />`)
            : html`<${Table} caption=${caption} columns=${columns} rows=${rows} rowKey=${rowKey} href=${href}
                more=${next ? pages.more : null} busy=${pages.busy}
                empty=${html`<${Empty} title=${empty}>${hint}<//>`} />`}`;
}
