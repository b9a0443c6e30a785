/**
 * The manager's office at a store, in a browser, in each language: reports with their span, on paper and as files, and
 * the store's lists as files. Screenshots go to web/ in the build.
 */
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {after, afterEach, before, describe, test} from "node:test";
import {accessible, ask, complaints, day, run, Shop, shot, signIn, until, wordsOf} from "./shop.mjs";

const SIZES = /** @type {const} */ ([[1280, 860, "light"], [768, 1024, "dark"], [390, 844, "light"]]);
const REPORTS = ["months", "cohorts", "back", "complaints", "benefits", "monthly"];

/** Rows of CSV without quotes in it, after the mark that spreadsheets want. @param {string} text */
function rowsOf(text) {
    assert.equal(text.charCodeAt(0), 0xfeff, "begins with the mark of UTF-8");
    return text.slice(1).trim().split(/\r?\n/).map((line) => line.split(","));
}

for (const [language, locale] of [["ko", "ko-KR"], ["zh", "zh-CN"], ["en", "en-GB"]]) {
    describe(`the office of a store in ${language}`, () => {
        /** @type {Shop} */
        let shop;
        /** @type {import("playwright-core").Page} */
        let page;
        /** @type {Record<string, any>} */
        let words;
        /** @type {string[]} */
        let wrong = [];

        before(async () => {
            words = await wordsOf(language);
            shop = await Shop.open((opened) => {
                const node = (/** @type {string[]} */ ...said) => run("dangol-node",
                    [said[0], opened.node, ...said.slice(1)]);
                for (const [index, name] of ["Example Ann", "Sample Bob", "Sample Sue"].entries()) {
                    node("register", "--name", name, "--phone", `010-0000-000${index + 1}`, "--card", `A${index + 1}`,
                        "--at", day(-400));
                }
                for (const [card, ago] of /** @type {[string, number][]} */ (
                    [["A1", 390], ["A1", 200], ["A1", 20], ["A2", 300], ["A3", 30]])) {
                    node("purchase", "--card", card, "--line", "COAT-1,1,100000", "--at", day(-ago));
                }
                node("complaint", "open", "--card", "A1", "--channel", "counter", "--text", "a button came off",
                    "--at", day(-100));
                const ann = ask("dangol-node", ["customer", opened.node, "--card", "A1"]).id;
                const bob = ask("dangol-node", ["customer", opened.node, "--card", "A2"]).id;
                node("benefit", ann, "--kind", "coupon", "--cost", "12000");
                node("left", bob, "--reason", "no-novelty");
            });
            page = await shop.page({locale});
            wrong = complaints(page);
            await signIn(page, shop.url, "lee", "4321");
        });
        after(() => shop?.close());
        afterEach((context) => shop?.explain(context));

        /** @param {string} place @param {string} shown a selector of what is there at last */
        async function go(place, shown) {
            await page.goto(`${shop.url}/#/${place}`);
            await page.locator(shown).first().waitFor();
            await page.locator(".loading").waitFor({state: "detached"});
        }

        /** @param {string} what */
        async function look(what) {
            for (const [width, height, colorScheme] of SIZES) {
                await page.setViewportSize({width, height});
                await page.emulateMedia({colorScheme});
                await accessible(page, `${what}, ${width}, ${colorScheme}`);
                const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
                assert.ok(over <= 0, `${what}: ${over} pixels too wide at ${width}`);
                await shot(page, `${language}-office-${what}-${width}`);
            }
            await page.setViewportSize({width: 1280, height: 860});
            await page.emulateMedia({colorScheme: "light"});
        }

        /** What a download brings. @param {() => Promise<void>} begin */
        async function downloaded(begin) {
            const [download] = await Promise.all([page.waitForEvent("download"), begin()]);
            return {name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8")};
        }

        test("E14 is for the manager, by a key; an assistant does not see it", async () => {
            await page.locator("main").focus();
            await page.keyboard.press("m");
            await page.getByRole("heading", {level: 1, name: words["office.reports"]}).waitFor();
            const other = await shop.page({locale});
            await signIn(other, shop.url);
            assert.equal(await other.getByRole("link", {name: words["place.office"]}).count(), 0);
            await other.goto(`${shop.url}/#/office/lists`);
            await other.getByText(words["problem.forbidden"]).waitFor();
            await other.context().close();
        });

        test("V8 X9 P4 C12 shows each report with the figures of the program", async () => {
            for (const show of REPORTS) {
                await go(`office?show=${show}`, "section.panel");
                await look(show);
            }
            await go("office?show=months", ".chart");
            const [gained] = ask("dangol-node", ["report", shop.node, "gained-lost", "--from", day(-400)])
                .filter((/** @type {any} */ row) => row.gained === 1);
            const month = await page.evaluate(([language, first]) => new Intl.DateTimeFormat(language,
                {year: "numeric", month: "short", timeZone: "UTC"}).format(new Date(first)),
            [locale, `${gained.month}-01`]);
            const row = page.locator("section", {hasText: words["changes.title"]}).locator(".rows tr",
                {hasText: month});
            assert.deepEqual(await row.locator("td").allInnerTexts(),
                [gained.active, gained.gained, gained.lost, gained.won_back, gained.change].map((one, index) =>
                    (index === 4 && one > 0 ? `+${one}` : String(one))));
            await go("office?show=benefits", ".rows");
            await page.locator(".rows tr", {hasText: words["benefit.coupon"]}).getByText("12,000").waitFor();
            await go("office?show=back", ".figures");
            await page.locator(".rows tr", {hasText: words["leaving.no-novelty"]}).waitFor();
            await go("office?show=monthly", ".rows");
            assert.equal(await page.locator(".rows tbody tr").count(), 3);
        });

        test("X9 takes the days that are chosen, keeps them in the address, and gives the same as a file", async () => {
            await go("office?show=complaints", ".rows");
            await page.locator("[name=from]").fill(day(-150));
            await page.locator("[name=to]").fill(day(-1));
            await until("the address has the days", () => page.url().includes(`from=${day(-150)}`) &&
                page.url().includes(`to=${day(-1)}`));
            const told = ask("dangol-node", ["report", shop.node, "complaints", "--from", day(-150), "--to", day(-1)]);
            await until("the rows are those", async () => await page.locator(".rows tbody tr").count() === told.length);
            const {name, text} = await downloaded(() => page.getByRole("button",
                {name: words["exports.get.of"].replace("{name}", words["report.complaints"])}).click());
            assert.equal(name, `complaints-${day(-1)}.csv`);
            const [head, ...rows] = rowsOf(text);
            assert.deepEqual(rows.map((row) => row[head.indexOf("period")]),
                told.map((/** @type {any} */ row) => row.period));
            await page.goBack();
        });

        test("C12 prints the list alone", async () => {
            await go("office?show=monthly", ".rows");
            await page.emulateMedia({media: "print"});
            for (const hidden of [".top", ".tabs", ".filters", ".button"]) {
                assert.equal(await page.locator(`${hidden}:visible`).count(), 0, `${hidden} is on paper`);
            }
            assert.equal(await page.locator(".rows tbody tr:visible").count(), 3);
            await shot(page, `${language}-office-paper`);
            await page.emulateMedia({media: null});
        });

        test("E15 every list is there as a file", async () => {
            await go("office/lists", ".rows");
            await look("lists");
            const links = await page.locator(".rows a.button").evaluateAll((found) =>
                found.map((one) => /** @type {HTMLAnchorElement} */ (one).getAttribute("href")));
            assert.ok(links.length > 10);
            for (const link of links) {
                const status = await page.evaluate(async (address) => (await fetch(String(address))).status, link);
                assert.equal(status, 200, String(link));
            }
            const {name, text} = await downloaded(() => page.locator(".rows a.button").first().click());
            assert.match(name, /^customers-.*\.csv$/);
            assert.equal(rowsOf(text).length, 1 + 3);
            await page.locator("[name=encoding]").selectOption("cp949");
            await page.locator(".rows a.button[href*=cp949]").first().waitFor();
        });

        test("nothing went wrong on the page", () => assert.deepEqual(wrong, []));
    });
}
