/**
 * How the lists of the region come onto paper, and the map onto a narrow screen, in each language: a row is a line, and
 * no amount is broken.
 */
import assert from "node:assert/strict";
import {writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, afterEach, before, describe, test} from "node:test";
import {complaints, day, enter, run, Shop, shot, wordsOf} from "./shop.mjs";

const PASSWORD = "made-up password";
const CUSTOMERS = 130;
const A4 = {width: 680, height: 1010}; // what is within the margins of @page

/** An old customer book, what they bought, and a large sale. @param {Shop} shop */
function write(shop) {
    const numbers = Array.from({length: CUSTOMERS}, (_, index) => String(index).padStart(4, "0"));
    /** @param {string} what @param {string} head @param {(number: string) => string} row @param {string} map */
    const take = (what, head, row, map) => {
        const file = join(shop.folder, `${what}.csv`);
        writeFileSync(file, `${[head, ...numbers.map(row)].join("\n")}\n`);
        run("dangol-node", ["import", shop.node, what, file, "--map", map]);
    };
    take("customers", "Name,Phone,Card,Birthday,Since", (number) => `Example ${number},010-0000-${number},` +
        `DEMO-${number},1971-12-31,${day(-70)}`, "name=Name,phone=Phone,card=Card,birthday=Birthday,time=Since");
    take("purchases", "Receipt,Time,Item,Amount,Member", (number) => `R-${number},${day(-65)},HAT-1,11${number},` +
        `DEMO-${number}`, "basket=Receipt,time=Time,sku=Item,amount=Amount,customer=Member");
    run("dangol-node", ["purchase", shop.node, "--card", "DEMO-0001", "--line", "COAT-1,1,1258037800"]);
}

/** How many pages a PDF has. @param {Buffer} pdf */
function pagesOf(pdf) {
    return (pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g) ?? []).length;
}

describe("the region on paper and on a telephone", () => {
    /** @type {Shop} */
    let shop;

    before(async () => {
        shop = await Shop.open((opened) => {
            write(opened);
            run("dangol-hub", ["user", opened.hub, "add", "demo-region", "--role", "region"], `${PASSWORD}\n`);
        });
        await shop.openHub();
        run("dangol-node", ["sync", shop.node]);
    });
    after(() => shop?.close());
    afterEach((context) => shop?.explain(context));

    for (const [language, locale] of [["ko", "ko-KR"], ["zh", "zh-CN"], ["en", "en-GB"]]) {
        describe(language, () => {
            /** @type {import("playwright-core").Page} */
            let page;
            /** @type {string[]} */
            let wrong;

            before(async () => {
                page = await shop.page({locale});
                wrong = complaints(page);
                await page.goto(shop.hubUrl);
                await enter(page, "demo-region", PASSWORD);
                await page.locator("header.top").waitFor();
            });
            after(() => page?.context().close());

            for (const [place, shown] of /** @type {const} */ ([["monthly", CUSTOMERS], ["value/ranking", 100]])) {
                test(`C12 prints ${place} as a list, some forty lines to a page`, async () => {
                    await page.goto(`${shop.hubUrl}/#/${place}`);
                    const rows = page.locator(".rows tbody tr");
                    await rows.nth(shown - 1).waitFor();
                    const pages = pagesOf(await page.pdf({format: "A4"}));
                    assert.ok(pages >= 2 && pages <= Math.ceil(shown / 35), `${shown} rows: ${pages} pages`);
                    await page.emulateMedia({media: "print"});
                    await page.setViewportSize(A4);
                    const highest = await rows.evaluateAll((all) => Math.max(...all.map(
                        (one) => one.getBoundingClientRect().height)));
                    assert.ok(highest < 24, `a row is ${highest} pixels high`);
                    await shot(page, `region-${language}-paper-${place.replace("/", "-")}`);
                    await page.emulateMedia({media: null});
                    assert.deepEqual(wrong, []);
                });
            }

            test("V4 shows the whole map, and no amount broken, on every screen", async () => {
                const words = await wordsOf(language, "hub");
                await page.goto(`${shop.hubUrl}/#/value/map`);
                await page.getByText(words["map.hint"]).waitFor();
                for (const width of [390, 768, 1024, 1280]) {
                    await page.setViewportSize({width, height: 860});
                    const found = await page.evaluate(() => {
                        const fields = [...document.querySelectorAll("[data-field]")];
                        const inside = (/** @type {Element} */ one) => {
                            const [text, field] = [one, /** @type {Element} */ (one.parentElement)].map(
                                (each) => each.getBoundingClientRect());
                            return text.left >= field.left - 1 && text.right <= field.right + 1;
                        };
                        return {
                            fields: fields.length,
                            over: Math.max(...fields.map((one) => one.getBoundingClientRect().right)) > innerWidth,
                            heights: new Set(fields.map((one) => Math.round(one.getBoundingClientRect().height))).size,
                            out: fields.flatMap((one) => [...one.querySelectorAll("span:not(.unseen)")]).filter(
                                (one) => one.getClientRects().length > 1 || !inside(one)
                                    && one.getClientRects().length > 0).map((one) => one.textContent),
                        };
                    });
                    assert.deepEqual(found, {fields: 25, over: false, heights: 1, out: []}, `at ${width}`);
                }
                await page.setViewportSize({width: 390, height: 860});
                await shot(page, `region-${language}-paper-map-390`);
            });
        });
    }
});
