/**
 * What the apps compute, without a browser: numbers as they are typed, money, days of the region, the light, the steps.
 */
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import {before, describe, test} from "node:test";

// What the modules look for in a browser while they are loaded.
if (!("navigator" in globalThis)) Object.assign(globalThis, {navigator: {languages: ["en"]}});
Object.assign(globalThis, {document: {documentElement: {}}});

/** @type {typeof import("../../proto/ui/format.js")} */
let format;
/** @type {typeof import("../../proto/ui/i18n.js")} */
let i18n;

const KOREA = {program: /** @type {const} */ ("node"), version: "0", currency: "KRW", exponent: 0,
    timezone: "Asia/Seoul", country: "KR"};
const CHINA = {...KOREA, currency: "CNY", exponent: 2, timezone: "Asia/Shanghai", country: "CN"};

before(async () => {
    format = await import("../../proto/ui/format.js");
    i18n = await import("../../proto/ui/i18n.js");
    await i18n.loadWords("en");
});

describe("telephone numbers, digit by digit", () => {
    for (const [site, written] of /** @type {[any, string[]][]} */ ([
        [KOREA, ["0", "01", "010", "0101", "010-12", "010-1234", "010-1234-5", "010-1234-5678"]],
        [KOREA, ["02", "021", "02-123", "02-123-4567", "02-1234-5678", "031-123-4567", "031-1234-5678", "1588-0001"]],
        [CHINA, ["138", "1380", "138 00", "138 0000", "138 0000 0", "138 0000 0001"]],
    ])) {
        test(`C5 ${site.country}: ${written.at(-1)}`, () => {
            format.setSite(site);
            for (const text of written) {
                const digits = text.replace(/\D/g, "");
                assert.equal(format.groupPhone(digits), text);
                assert.equal(format.groupPhone(text), text, "again");
            }
        });
    }

    test("C5 last digits, by which people find one another, stay as they are typed", () => {
        format.setSite(KOREA);
        for (const text of ["048", "0482", "1234", "0205", "0093"]) assert.equal(format.groupPhone(text), text);
    });

    test("C5 leaves names, cards and numbers from abroad alone, reads full-width digits", () => {
        format.setSite(KOREA);
        for (const text of ["", "김예시", "A100", "+82 10-1234", "a@b.kr"]) assert.equal(format.groupPhone(text), text);
        assert.equal(format.groupPhone("０１０１２３４５６７８"), "010-1234-5678");
    });

    test("the caret stays behind the same digit", async () => {
        const {placeAfter} = await import("../../proto/ui/parts/field.js");
        assert.equal(placeAfter("0101", 4, "010-1"), 5);
        assert.equal(placeAfter("010-91234", 5, "010-9123-4"), 5);
        assert.equal(placeAfter("010", 0, "010"), 0);
    });
});

test("money as typed is minor units, or nothing", () => {
    format.setSite(KOREA);
    assert.deepEqual(["89,000", "₩89000", "８９０００", "-5", "0"].map(format.parseMoney), [89000, 89000, 89000, -5, 0]);
    assert.deepEqual(["", "8,90x", "1.5", "-", "1-2", "9".repeat(20)].map(format.parseMoney), Array(6).fill(null));
    format.setSite(CHINA);
    assert.deepEqual(["12.5", "12.", "0.05", "1 000.00"].map(format.parseMoney), [1250, 1200, 5, 100000]);
    assert.equal(format.parseMoney("1.005"), null);
    assert.match(format.money(1250), /12\.50/);
});

test("days are the region's, not the computer's", () => {
    format.setSite(KOREA);
    const now = new Date("2026-03-01T00:30:00+09:00"); // still February in UTC
    assert.equal(format.today(now), "2026-03-01");
    assert.equal(format.ago("2026-02-28T23:59:59+09:00", now), "yesterday");
    assert.equal(format.ago("2026-03-01T00:00:00+09:00", now), "today");
    assert.equal(format.ago("2025-02-28T12:00:00+09:00", now), "12 months ago");
    assert.match(format.when("2026-02-28T23:59:59+09:00", now), /28 Feb 2026/);
    assert.equal(format.when("2026-03-01T00:05:00+09:00", now), "00:05");
    assert.equal(format.everyYear("1984-02-29"), "29 Feb");
    assert.equal(format.everyYear("02-29"), "29 Feb");
});

test("X4 a day of business hours is not 24 hours, so they stay hours", () => {
    const hour = 3600000;
    format.setSite(KOREA);
    assert.deepEqual([hour - 60000, hour, 48 * hour - 60000, 48 * hour].map((time) => format.span(time)),
        ["59 minutes", "1 hour", "47 hours", "2 days"]);
    assert.deepEqual([hour - 60000, hour, 48 * hour, 200 * hour].map((time) => format.span(time, true)),
        ["59 minutes", "1 hour", "48 hours", "200 hours"]);
});

test("C6 the age that a birthday brings, where the year is known", () => {
    format.setSite(KOREA);
    const eve = new Date("2026-12-31T23:30:00+09:00");
    assert.equal(format.ageIn("1986-12-31", 0, eve), 40);
    assert.equal(format.ageIn("1986-01-01", 1, eve), 41, "over the turn of the year");
    assert.equal(format.ageIn("1986-01-01", 0, new Date("2026-12-31T15:00:00Z")), 41, "a new year in the region");
    assert.equal(format.ageIn("2000-02-29", 59, eve), 27, "kept on February 28th");
    assert.equal(format.ageIn("12-31", 0, eve), null);
    assert.deepEqual(["2026-12-31", "2025-12-31", "1906-12-31", "1905-12-31", "2030-12-31"].map(
        (birthday) => format.ageIn(birthday, 0, eve)), [null, 1, 120, null, null]);
});

test("V7 months are whole ones of the region's calendar", () => {
    const months = (/** @type {string} */ then, /** @type {string} */ now) => format.monthsSince(
        `${then}T12:00:00+09:00`, new Date(`${now}T12:00:00+09:00`));
    assert.deepEqual([months("2026-05-31", "2026-11-30"), months("2026-05-30", "2026-11-30"),
        months("2026-05-29", "2026-11-30"), months("2026-11-30", "2026-11-30")], [5, 6, 6, 0]);
    assert.deepEqual([months("2024-02-29", "2025-02-28"), months("2024-02-29", "2025-03-01")], [11, 12]);
    assert.equal(months("2026-11-30", "2026-11-29"), 0, "a clock ahead");
    assert.equal(format.monthsSince(null), null);
});

test("E1 the light says what is so, the worst first", async () => {
    const {syncState} = await import("../../proto/ui/parts/sync.js");
    const state = (/** @type {any} */ status, gone = false) => syncState(status, gone).state;
    const since = "2026-11-22T10:32:00+09:00";
    assert.equal(state(null), "unknown");
    assert.equal(state({waiting: 0, connected: true}), "level");
    assert.equal(state({waiting: 0, connected: false}), "cut", "what others do does not arrive");
    assert.equal(state({waiting: 1, waiting_since: since, connected: false}), "waiting");
    assert.equal(state({waiting: 1, waiting_since: since, connected: true}), "sending");
    assert.equal(state({waiting: 1, connected: true, quarantine: "restored or cloned"}), "stopped");
    assert.equal(state({waiting: 0, connected: true, revoked: true}), "stopped");
    assert.equal(state({waiting: 0, connected: true}, true), "unreachable");
});

test("X2 after each step comes the next; what lies between is left out", async () => {
    const {leftOut, nextStep, STEPS} = await import("../../node/ui/steps.js");
    assert.equal(STEPS.length, 9);
    assert.equal(nextStep({step: null}), "listen");
    STEPS.slice(0, -1).forEach((step, index) => assert.equal(nextStep({step}), STEPS[index + 1]));
    assert.equal(nextStep({step: "follow-up"}), "follow-up");
    assert.deepEqual(leftOut({step: null}, "listen"), []);
    assert.deepEqual(leftOut({step: "listen"}, "cause"), ["empathise", "apologise"]);
    assert.deepEqual(leftOut({step: "cause"}, "listen"), []);
});

test("P2 what is left of a sale is counted by article, as the program does", async () => {
    const {quantityOf, restOf, returnsOf, shareOf} = await import("../../node/ui/returns.js");
    const line = (/** @type {string} */ sku, /** @type {number} */ quantity, /** @type {number} */ amount) =>
        ({sku, quantity: quantity * 1000, amount});
    const sale = {id: "1-5", type: "sold", body: {lines: [line("A", 2, 100), line("B", 1, 50), line("A", 1, 60)]}};
    const back = (/** @type {string} */ of, /** @type {any[]} */ lines, voided = false) =>
        ({type: "returned", at: "2026-01-0" + lines.length, voided, body: {sale: of, lines}});
    assert.deepEqual(restOf(sale, []), sale.body.lines);
    const history = [back("1-5", [line("A", 1, 40)]), back("1-6", [line("B", 1, 50)]),
        back("1-5", [line("B", 1, 50), line("A", 1, 1)], true)];
    assert.deepEqual(restOf(sale, history), [line("A", 2, 120), line("B", 1, 50)], "other sales and void ones not");
    assert.equal(returnsOf(sale, history).length, 1);
    assert.deepEqual(restOf(sale, [back("1-5", sale.body.lines)]), [], "all of it");
    assert.deepEqual([1000, 2000, 3000].map((count) => shareOf(line("A", 3, 100), count)), [33, 67, 100]);
    assert.deepEqual(["1", "２", "0.5", "3", "3.001", "0", "", "-1", "1,5"].map((typed) => quantityOf(typed, 3000)),
        [1000, 2000, 500, 3000, null, null, null, null, null]);
});

/** @param {string} path */
const source = (path) => readFileSync(join(dirname(fileURLToPath(import.meta.url)), "..", "..", path), "utf8");

test("E15 the fields of an import are those that the program takes", async () => {
    const {FIELDS, KINDS, missing} = await import("../../node/ui/importing/fields.js");
    const file = [...source("proto/event/events.def").matchAll(/^ {4}S\(event, (\w+),/gm)].map(([, name]) => name);
    assert.ok(file.length > 20, "the customer file is found");
    for (const kind of KINDS) {
        const code = source(`node/import_${kind}.c`);
        const [, table] = /struct mapping_field fields\[\] = \{(.*?)\n\};/s.exec(code) ?? ["", ""];
        const own = [...table.matchAll(/\{"(\w+)", (\d)\}/g)];
        const names = [...(kind === "customers" ? file : []), ...own.map(([, name]) => name)];
        assert.deepEqual([...FIELDS[kind]].sort(), names.sort(), kind);
        const needs = new Set(own.map(([, , need]) => need).filter((need) => need !== "0"));
        assert.equal(missing(kind, []).length, kind === "customers" ? 1 : needs.size, kind);
        assert.deepEqual(missing(kind, names), [], kind);
    }
});

test("E15 a mapping is asked for as the program takes it, and read as it was kept", async () => {
    const {entries, fromKept, plain, queryOf} = await import("../../node/ui/importing/mapping.js");
    const names = ["Date", "Time", "Card, No.", "Total", 'A "b"', "x+y"];
    const settings = {...plain(), fields: ["time", "time", "customer", "amount", "sku", "basket"],
        where: [{column: "Total", value: "a=b"}], meanings: [{field: "kind", word: "a:b, c", meaning: "return"}]};
    const query = queryOf(names, settings);
    assert.deepEqual(query.map, ["time=Date+Time", '"customer=Card, No."', "amount=Total", '"sku=A ""b"""',
        "basket=x+y"]);
    const kept = fromKept({map: query.map, where: query.where, value: query.value}, names);
    assert.deepEqual(kept, {settings, lacks: []});
    assert.deepEqual(fromKept({map: query.map}, ["Total"]).lacks, ["Date", "Time", "Card, No.", 'A "b"', "x", "y"]);
    assert.deepEqual(entries('a=b, "c=d, e" ,f'), ["a=b", "c=d, e", "f"]);
    assert.deepEqual(fromKept({map: ["phone"], value: ["kind=x:purchase,y:return,voided=z:yes"]}, ["phone"]).settings,
        {...plain(), fields: ["phone"], meanings: [{field: "kind", word: "x", meaning: "purchase"},
            {field: "kind", word: "y", meaning: "return"}, {field: "voided", word: "z", meaning: "yes"}]});
});

test("E15 how dates are written is told by them, or left to be chosen", async () => {
    const {FORMATS, formatsOf, sample} = await import("../../node/ui/importing/mapping.js");
    assert.deepEqual(formatsOf(["2026-06-30", "2026-06-30 12:00:05", "2026-06-30T12:00:05+09:00"]), [""]);
    assert.deepEqual(formatsOf(["31/12/2026", "1/2/2026"]), ["%d/%m/%Y"]);
    assert.deepEqual(formatsOf(["03/04/2026"]), ["%d/%m/%Y", "%m/%d/%Y"]);
    assert.deepEqual(formatsOf(["2026.06.30 12:00"]), ["%Y.%m.%d %H:%M"]);
    assert.deepEqual(formatsOf(["soon"]), []);
    for (const format of FORMATS) assert.ok(formatsOf([sample(format)]).includes(format), format);
    const known = source("node/import_suggest.c");
    for (const format of FORMATS) assert.ok(known.includes(`"${format}"`), `${format} is none of the program's`);
});

test("E15 why a row is rejected is recognised, whatever the program says", async () => {
    const {reasonOf, unknownWord} = await import("../../node/ui/importing/reasons.js");
    const {words} = await import("../../node/ui/words/en.js");
    const files = ["cells", "rows", "purchases", "customers", "contacts", "complaints"];
    const calls = files.flatMap((name) => source(`node/import_${name}.c`).match(/import_reject\([^;]*?\);/gs) ?? []);
    const found = calls.flatMap((call) => [...call.matchAll(/"((?:[^"\\]|\\.)+)"/g)].map(([, text]) => text)
        .filter((text) => text.includes(" ") && !text.startsWith("field %zu")).slice(0, 1))
        .map((text) => text.replace(/\\"/g, '"').replace(/%\.\*s|%s/g, "word").replace(/%zu|%u|%d/g, "7"));
    assert.ok(found.length > 20, `only ${found.length} are found`);
    for (const reason of found) {
        const {name} = reasonOf({field: "x", reason: `x: ${reason}`});
        assert.ok(`reject.${name}` in words, `${reason} is ${name || "no reason that is known"}`);
    }
    assert.equal(unknownWord({field: "kind", reason: 'kind: "Ruf" is not one of: call, sms'}), "Ruf");
    assert.equal(unknownWord({field: "kind", reason: "kind: is missing"}), null);
});

test("C3 a change card has what was changed, and nothing else", async () => {
    const {changesOf, knownOf} = await import("../../node/ui/file.js");
    const before = {name: "Ann", size: "M", email: "a@b.kr", work: "", "custom.skin": "dry", "custom.hair": ""};
    assert.deepEqual(changesOf(before, {...before, size: " M "}), {});
    assert.deepEqual(changesOf(before, {...before, size: "L", email: " ", "custom.skin": "", "custom.hair": "grey"}),
        {size: "L", clear: ["email"], custom: ["skin=", "hair=grey"]});
    const row = (/** @type {string} */ field, /** @type {string} */ value, /** @type {string} */ at, stale = false) =>
        ({field, value, at, stale, concurrent: true});
    const known = knownOf([row("size", "M", "2024-01-01", true), row("size", "L", "2026-01-01"),
        row("custom", '{"skin":"dry","club":"yes"}', "2024-01-01", true), row("custom", '{"skin":null}', "2026-01-01"),
        row("custom", "no object", "2026-02-01")], ["skin", "hair"]);
    assert.deepEqual([known.size.value, known.size.stale, known.size.rows.length], ["L", false, 2], "the latest first");
    assert.deepEqual(Object.keys(known).filter((name) => name.startsWith("custom.")),
        ["custom.skin", "custom.hair", "custom.club"]);
    assert.deepEqual([known["custom.skin"].value, known["custom.club"].stale], ["", true], "taken away; old");
});

test("C6 what is typed at the counter is understood by how it is written", async () => {
    const {asFields, understand} = await import("../../node/ui/typed.js");
    const kinds = [["", "nothing"], ["010-1234", "phone"], ["+82 10 1234", "phone"], ["０１０", "phone"], ["A100", "card"],
        ["VIP-7", "card"], ["a@b.kr", "email"], ["김예시", "name"], ["王", "name"], ["Example Ann", "name"]];
    for (const [text, kind] of kinds) assert.equal(understand(text).kind, kind, text);
    assert.deepEqual(asFields(" 김예시 "), {name: "김예시"});
    assert.deepEqual(asFields("  "), {});
});

test("a problem is told in words where there are some, else as the server says it", async () => {
    const {Problem} = await import("../../proto/ui/api.js");
    const say = (/** @type {any} */ what) => i18n.problemText(new Problem({status: 422, detail: "as it is", ...what}));
    assert.match(say({code: "invalid", field: "phone"}), /country code/);
    assert.equal(say({code: "invalid", field: "taste"}), "Please check this: as it is");
    assert.equal(say({code: "unheard of", field: "taste"}), "as it is");
    assert.match(say({code: "busy", field: "phone"}), /moment/);
});

describe("the first page", () => {
    const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
    const named = /** @type {Record<string, string>} */ ({
        preact: "/ui/lib/preact.mjs", "preact/hooks": "/ui/lib/hooks.mjs", htm: "/ui/lib/htm.mjs",
    });

    /** Every module that one imports, and those import.
     * @param {string} app @param {string} url @param {Set<string>} seen */
    function follow(app, url, seen) {
        if (seen.has(url)) return seen;
        seen.add(url);
        if (url.startsWith("/ui/lib/")) return seen;
        const file = join(root, url.replace(/^\/ui\/app\//, `${app}/ui/`).replace(/^\/ui\/shared\//, "proto/ui/"));
        for (const [, from] of readFileSync(file, "utf8").matchAll(/^(?:import|export) [^;]*?from "([^"]+)"/gm)) {
            follow(app, named[from] ?? (from.startsWith("ui/") ? `/ui/shared/${from.slice(3)}`
                : new URL(from, `http://x${url}`).pathname), seen);
        }
        return seen;
    }

    for (const app of ["node", "hub"]) {
        test(`${app}: index.html names the modules of the sign-in page, and no others`, () => {
            const page = readFileSync(join(root, "proto/ui/index.html"), "utf8");
            const preloaded = [...page.matchAll(/rel="modulepreload" href="([^"]+)"/g)].map(([, url]) => url).sort();
            const needed = follow(app, "/ui/app/start.js", new Set());
            needed.delete("/ui/app/start.js");
            assert.deepEqual(preloaded, [...needed].sort());
        });
    }
});
