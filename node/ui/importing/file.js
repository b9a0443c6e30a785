/**
 * The file that was chosen, looked at before it is sent: what is no CSV is told at once, two bytes a letter become
 * UTF-8, and where the letters may be one thing or another, each is shown.
 */
const MOST_BYTES = 64 * 1024 * 1024; // as the server takes
const LOOK_BYTES = 256 * 1024;
const SHOWN = 40; // letters of a sample
const BROKEN = "\ufffd"; // stands for bytes that are no letter
/** What a file of a till may be in, as the program calls it and as the browser does. */
export const ENCODINGS = /** @type {[string, string][]} */ ([["utf-8", "utf-8"], ["cp949", "euc-kr"],
    ["gb18030", "gb18030"], ["windows-1252", "windows-1252"]]);

/** @typedef {{body: Blob, utf8: boolean, head: Uint8Array}} Taken utf8: it says so beyond doubt */

/** @param {Uint8Array} bytes */
function isUtf8(bytes) {
    if (bytes.every((one) => one < 0x80)) return false; // any of them
    try {
        new TextDecoder("utf-8", {fatal: true}).decode(bytes, {stream: true});
        return true;
    } catch {
        return false;
    }
}

/** What is wrong with the file, as the end of a key of words; else the file as it is sent. */
/** @param {Blob} file @returns {Promise<Taken | {wrong: string}>} */
export async function take(file) {
    if (file.size === 0) return {wrong: "empty"};
    if (file.size > MOST_BYTES) return {wrong: "large"};
    let body = file;
    let head = new Uint8Array(await file.slice(0, LOOK_BYTES).arrayBuffer());
    const [first, second] = head;
    if ((first === 0x50 && second === 0x4b) || (first === 0xd0 && second === 0xcf)) return {wrong: "excel"};
    if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
        const text = new TextDecoder(first === 0xff ? "utf-16le" : "utf-16be").decode(await file.arrayBuffer());
        body = new Blob([text]);
        head = new Uint8Array(await body.slice(0, LOOK_BYTES).arrayBuffer());
    }
    return {body, utf8: isUtf8(head), head};
}

/**
 * The first letters beyond ASCII, as each encoding has them that they can be in.
 * @param {Uint8Array} head @returns {[string, string][]}
 */
export function samples(head) {
    const first = head.findIndex((one) => one >= 0x80);
    if (first < 0) return [];
    const start = head.lastIndexOf(0x0a, first) + 1;
    const line = head.subarray(start, start + 4 * SHOWN * 4);
    return ENCODINGS.map(([name, label]) => {
        const text = new TextDecoder(label).decode(line).split(/[\r\n]/)[0];
        const at = Math.max(0, text.search(/[^\x20-\x7e]/) - SHOWN / 4);
        return /** @type {[string, string]} */ ([name, text.slice(at, at + SHOWN)]);
    }).filter(([, text]) => !text.includes(BROKEN));
}
