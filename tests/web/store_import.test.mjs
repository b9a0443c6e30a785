/**
 * A manager takes files in at the store, in a browser, in each language: a till's sales in the letters of its country,
 * words of its own, a wrong row that is corrected and taken in again, a mapping kept and used, a customer book whose
 * dates may be read two ways. Screenshots go to web/ in the build.
 */
import assert from "node:assert/strict";
import {readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, afterEach, before, describe, test} from "node:test";
import {accessible, ask, complaints, run, Shop, shotsFolder, signIn, wordsOf} from "./shop.mjs";

const SIZES = /** @type {const} */ ([[1280, 860, "light"], [768, 1024, "dark"], [390, 844, "light"]]);
/** A till's day, in EUC-KR: receipt, time, card, article, pieces, amount, kind. */
const HEAD = Buffer.from("bfb5bcf6c1f5b9f8c8a32cc6c7b8c5c0cfbdc32cc8b8bff8c4abb5e52cbbf3c7b02cbcf6b7ae2c" +
    "c6c7b8c5b1ddbed72cb1b8bad00a", "hex"); // 영수증번호,판매일시,회원카드,상품,수량,판매금액,구분
const [SALE, RETURN] = [Buffer.from("c6c7b8c5", "hex"), Buffer.from("b9ddc7b0", "hex")]; // 판매, 반품

/** @param {[string, Buffer][]} rows */
function till(rows) {
    return Buffer.concat([HEAD, ...rows.flatMap(([row, kind]) => [Buffer.from(row), kind, Buffer.from("\n")])]);
}

const DAY = till([["R1,05/11/2025 10:00,A1,COAT-1,1,120000,", SALE], ["R2,06/11/2025 11:00,A2,COAT-1,1,99000,", SALE],
    ["R3,07/11/2025 11:00,A2,COAT-1,-1,-99000,", RETURN], ["R4,32/11/2025 11:00,A1,COAT-2,1,77000,", SALE],
    ["R5,28/11/2025 11:00,Z9,HAT-1,2,88000,", SALE]]);
const NEXT_DAY = till([["R6,29/11/2025 10:00,A1,HAT-1,1,44000,", SALE]]);
const BOOK = "Member No,Name,Mobile,Born\nC1,Example Cho,010-0000-0011,03/04/1990\n,Sample Nobody,,\n";

for (const [language, locale] of [["ko", "ko-KR"], ["zh", "zh-CN"], ["en", "en-GB"]]) {
    describe(`files taken in at a store in ${language}`, () => {
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
                for (const [index, name] of ["Example Ann", "Sample Bob"].entries()) {
                    run("dangol-node", ["register", opened.node, "--name", name, "--phone", `010-0000-000${index + 1}`,
                        "--card", `A${index + 1}`]);
                }
            });
            page = await shop.page({locale});
            wrong = complaints(page);
            await signIn(page, shop.url, "lee", "4321");
        });
        after(() => shop?.close());
        afterEach((context) => shop?.explain(context));

        /** @param {string} what */
        async function look(what) {
            for (const [width, height, colorScheme] of SIZES) {
                await page.setViewportSize({width, height});
                await page.emulateMedia({colorScheme});
                await accessible(page, `${what}, ${width}, ${colorScheme}`);
                const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
                assert.ok(over <= 0, `${what}: ${over} pixels too wide at ${width}`);
                const path = join(shotsFolder, `${language}-import-${what}-${width}.png`);
                await page.screenshot({path, fullPage: true});
            }
            await page.setViewportSize({width: 1280, height: 860});
            await page.emulateMedia({colorScheme: "light"});
        }

        /** @param {string} name @param {Buffer | string} content */
        async function choose(name, content) {
            const path = join(shop.folder, name);
            writeFileSync(path, content);
            await page.setInputFiles("[name=file]", path);
        }

        /** @param {string} name of a count */
        const count = async (name) => Number(await page.locator(`[data-count=${name}] strong`).innerText());
        const attempt = async () => {
            await page.locator(".send-file button").click();
            await page.locator(".tried h2:focus").waitFor();
        };
        /** What a customer has spent. @param {string} card */
        const spend = (card) => ask("dangol-node", ["customer", shop.node, "--card", card]).spend;
        /** @param {string} key @param {Record<string, string>} values */
        const said = (key, values) => Object.entries(values).reduce((text, [name, value]) =>
            text.replace(`{${name}}`, value), words[key]);

        test("E14 is for the manager", async () => {
            const other = await shop.page({locale});
            await signIn(other, shop.url);
            await other.goto(`${shop.url}/#/office/import`);
            await other.getByText(words["problem.forbidden"]).waitFor();
            await other.context().close();
        });

        test("E15 tells at once what is no CSV", async () => {
            await page.goto(`${shop.url}/#/office/import`);
            await choose("book.xlsx", Buffer.from([0x50, 0x4b, 3, 4, 0, 0]));
            await page.getByText(words["import.wrong.excel"]).waitFor();
            await choose("empty.csv", "");
            await page.getByText(words["import.wrong.empty"]).waitFor();
        });

        test("E15 finds a till's letters, columns and dates, and asks what its own words mean", async () => {
            await page.locator("[name=kind][value=purchases]").check();
            await choose("till.csv", DAY);
            await page.locator("[name='column.0']").waitFor();
            const chosen = await page.locator("[name^='column.']").evaluateAll((found) =>
                found.map((one) => /** @type {HTMLSelectElement} */ (one).value));
            assert.deepEqual(chosen, ["basket", "time", "customer", "sku", "quantity", "amount", "kind"]);
            assert.equal(await page.locator("[name=format]").inputValue(), "%d/%m/%Y %H:%M");
            await look("columns");
            await page.locator("[name='column.1']").selectOption("");
            await page.getByText(said("import.missing", {fields: words["column.time"]})).waitFor();
            assert.ok(await page.locator(".send-file button").isDisabled());
            await page.locator("[name='column.1']").selectOption("time");
            await attempt();
            assert.equal(await count("rejected"), 5);
            await page.getByText(words["import.words.open"]).waitFor();
            await look("words");
        });

        test("E15 a dry run shows what would come of it, and writes nothing", async () => {
            await page.locator("[name='meaning.0']").selectOption("purchase");
            await page.locator("[name='meaning.1']").selectOption("return");
            await attempt();
            assert.deepEqual([await count("written"), await count("skipped"), await count("rejected"),
                await count("registered")], [4, 0, 1, 1]);
            await page.getByText(said("reject.date", {what: "32/11/2025 11:00"})).waitFor();
            await look("tried");
            assert.equal(spend("A1"), 0);
            await page.goto(`${shop.url}/#/today`);
            await page.getByRole("heading", {level: 1, name: words["today.title"]}).waitFor();
            await page.goBack();
            await page.locator(".tried").waitFor();
        });

        test("E15 takes the rows in, keeps the mapping, and hands the rejected rows back to be corrected", async () => {
            await page.locator(".tried [name=name]").fill("not a name");
            await page.locator(".tried [type=submit]").click();
            await page.getByText(words["problem.save_map.invalid"]).waitFor();
            await page.locator(".tried [name=name]").fill("till");
            await page.locator(".tried [type=submit]").click();
            await page.getByText(words["import.done.some"]).waitFor();
            assert.deepEqual([await count("written"), await count("rejected")], [4, 1]);
            assert.deepEqual([spend("A1"), spend("A2"), spend("Z9")], [120000, 0, 88000]);
            await look("done");
            const [download] = await Promise.all([page.waitForEvent("download"),
                page.getByRole("button", {name: words["import.rejects.get"]}).click()]);
            assert.equal(download.suggestedFilename(), "till.rejects.csv");
            const rejects = readFileSync(await download.path(), "utf8");
            assert.match(rejects, /32\/11\/2025 11:00.*판매/);
            await choose("till.rejects.csv", rejects.replace(/32(\/11\/2025 11:00,A1)/, "30$1"));
            await page.locator(".send-file button").waitFor();
            assert.equal(await page.locator("[name='column.0']").inputValue(), "basket", "the settings stay");
            await attempt();
            assert.deepEqual([await count("written"), await count("rejected")], [1, 0]);
            await page.locator(".tried [type=submit]").click();
            await page.getByText(words["import.done.all"]).waitFor();
            assert.equal(spend("A1"), 197000);
        });

        test("E15 the same file again writes nothing twice; the next one needs no saying", async () => {
            await page.getByRole("button", {name: words["import.another"]}).click();
            await choose("till.csv", DAY);
            await page.getByText(said("import.kept.used", {name: "till"})).waitFor();
            await attempt();
            assert.deepEqual([await count("written"), await count("skipped")], [0, 4]);
            await choose("tuesday.csv", NEXT_DAY);
            await page.getByText("tuesday.csv").waitFor();
            await page.getByText(said("import.kept.used", {name: "till"})).waitFor();
            await attempt();
            assert.equal(await count("written"), 1);
            await page.locator(".tried [type=submit]").click();
            await page.getByText(words["import.done.all"]).waitFor();
            assert.equal(spend("A1"), 241000);
        });

        test("E15 a mapping is kept no longer", async () => {
            await page.getByRole("button", {name: words["import.another"]}).click();
            await choose("tuesday.csv", NEXT_DAY);
            await page.getByRole("button", {name: words["import.kept.drop"]}).click();
            await page.getByRole("dialog").locator(".button.danger").click();
            await page.locator("[name=kept]").waitFor({state: "detached"});
            assert.deepEqual(ask("dangol-node", ["mappings", shop.node]), []);
        });

        test("E15 asks how dates are read where they tell it two ways", async () => {
            await page.locator("[name=kind][value=customers]").check();
            await choose("book.csv", BOOK);
            await page.locator("[name='column.3']").waitFor();
            await page.getByText(said("import.dates.doubt", {example: "03/04/1990"})).waitFor();
            await page.locator("[name=format]").selectOption("%m/%d/%Y");
            await attempt();
            await page.getByText(words["reject.reach"]).waitFor();
            await page.locator(".tried [type=submit]").click();
            await page.getByText(words["import.done.some"]).waitFor();
            assert.equal(ask("dangol-node", ["customer", shop.node, "--card", "C1"]).file.birthday, "1990-03-04");
        });

        test("nothing went wrong on the page", () => assert.deepEqual(wrong, []));
    });
}

test("E15 where a file does not tell its letters, each way to read them is shown", async (context) => {
    const shop = await Shop.open(undefined, [], ["--currency", "USD", "--timezone", "UTC", "--country", "US"]);
    try {
        const words = await wordsOf("en");
        const page = await shop.page({locale: "en-GB"});
        const wrong = complaints(page);
        await signIn(page, shop.url, "lee", "4321");
        await page.goto(`${shop.url}/#/office/import`);
        const path = join(shop.folder, "few.csv");
        writeFileSync(path, Buffer.concat([Buffer.from("card,name\nK1,"), Buffer.from("c8abb1e6b5bf0a", "hex")]));
        await page.setInputFiles("[name=file]", path);
        await page.getByText("홍길동").waitFor();
        assert.equal(await page.locator("[name=letters][value=utf-8]").count(), 0, "it cannot be that");
        await accessible(page, "the letters of a file");
        await page.screenshot({path: join(shotsFolder, "en-import-letters.png")});
        await page.locator("[name=letters][value=cp949]").check();
        await page.getByRole("button", {name: words["import.go"]}).click();
        await page.locator(".send-file button").click();
        await page.locator(".tried tr", {hasText: "홍길동"}).waitFor();
        await page.locator(".tried [type=submit]").click();
        await page.getByText(words["import.done.all"]).waitFor();
        assert.equal(ask("dangol-node", ["customer", shop.node, "--card", "K1"]).name, "홍길동");
        assert.deepEqual(wrong, []);
    } finally {
        await shop.explain(context);
        await shop.close();
    }
});
