/**
 * The time machine in a browser: from list to list, forth and back, as the list it was and as what differs; and what
 * its lists said on a day.
 */
import assert from "node:assert/strict";
import {after, afterEach, before, describe, test} from "node:test";
import {accessible, complaints, day, enter, run, Shop, wordsOf} from "./shop.mjs";

const PASSWORD = "made-up password";

/** What the store wrote before. @param {Shop} shop */
function write(shop) {
    const node = (/** @type {string[]} */ ...said) => run("dangol-node", [said[0], shop.node, ...said.slice(1)]);
    for (const [index, name] of ["Example Ann", "Sample Bob"].entries()) {
        node("register", "--name", name, "--phone", `010-0000-000${index + 1}`, "--card", `A${index + 1}`,
            "--at", day(-40));
    }
    node("purchase", "--card", "A1", "--line", "COAT-1,1,500000", "--at", day(-30), "--staff", "kim");
    node("purchase", "--card", "A2", "--line", "HAT-1,1,50000", "--at", day(-200));
    node("purchase", "--card", "A1", "--line", "COAT-2,1,700000", "--at", day(-7)); // to be thanked from today on
    node("purchase", "--card", "A1", "--line", "HAT-2,1,20000", "--staff", "kim");
    node("complaint", "open", "--card", "A1", "--channel", "counter", "--text", "a button came off", "--topic",
        "Quality", "--at", day(-2));
}

/** From every list to the next, to one of rows and to a document, and back. @param {string[]} names */
function walk(names) {
    return names.flatMap((one, index) => [one, "vip", one, "pyramid", one, names[(index + 1) % names.length]]);
}

describe("the time machine", () => {
    /** @type {Shop} */
    let shop;
    /** @type {import("playwright-core").Page} */
    let page;
    /** @type {Record<string, any>} */
    let words;
    /** @type {string[]} */
    let wrong = [];

    before(async () => {
        words = await wordsOf("en", "hub");
        shop = await Shop.open((opened) => {
            write(opened);
            run("dangol-hub", ["policy", opened.hub, "--set", "thank-amount=600000"]);
            run("dangol-hub", ["user", opened.hub, "add", "demo-region", "--role", "region"], `${PASSWORD}\n`);
        });
        await shop.openHub();
        run("dangol-node", ["sync", shop.node]);
        page = await shop.page({locale: "en-GB"});
        wrong = complaints(page);
        await page.goto(shop.hubUrl);
        await enter(page, "demo-region", PASSWORD);
        await page.locator("header.top").waitFor();
    });
    after(() => shop?.close());
    afterEach((context) => shop?.explain(context));

    for (const show of ["list", "difference"]) {
        test(`E8 goes from list to list: ${show}`, async () => {
            await page.goto(`${shop.hubUrl}/#/then/vip?day=${day(-1)}${show === "list" ? "" : `&show=${show}`}`);
            const which = page.locator("[name=kind]");
            await which.waitFor();
            const names = await which.locator("option").evaluateAll((all) => all.map(
                (one) => /** @type {HTMLOptionElement} */ (one).value));
            assert.ok(names.length >= 5, `only ${names}`);
            for (const name of walk(names)) {
                await which.selectOption(name);
                await page.locator("h1", {hasText: words[`machine.${name}`]}).waitFor();
                await page.locator(`[data-then=${name}]`).locator("table, .facts, .empty").first().waitFor();
            }
            assert.deepEqual(wrong, []);
        });
    }

    /** @param {string} place */
    async function at(place) {
        await page.goto(`${shop.hubUrl}/#/then/${place}`);
        const shown = page.locator(`[data-then=${place.replace(/\?.*/, "")}]`);
        await shown.locator("table, .empty").first().waitFor();
        return shown;
    }

    test("E8 V7 who was long away on a day, and who was not yet", async () => {
        await (await at(`inactive?day=${day(-1)}`)).getByText("Sample Bob").waitFor();
        await (await at(`inactive?day=${day(-60)}`)).getByText(words["machine.empty"]).waitFor();
    });

    test("E8 K2 what is to be done today was not yet yesterday", async () => {
        const shown = await at(`followups?day=${day(-1)}&show=difference`);
        const thanks = shown.locator("tr", {hasText: "Example Ann"}).filter({hasText: words["followup.thank"]});
        await thanks.filter({hasText: words["change.added"]}).waitFor();
    });

    test("E8 X9 the complaints of the time, and since", async () => {
        const then = await at(`figures?day=${day(-5)}`);
        const month = then.locator("tbody tr").last();
        await month.waitFor();
        assert.match(await month.innerText(), /^\S+\s+0\b/);
        const since = await at(`figures?day=${day(-5)}&show=difference`);
        await since.locator("tbody tr", {hasText: day(-2).slice(0, 7)}).waitFor();
    });

    test("E8 S2 V8 the staff and the months of the time", async () => {
        await (await at(`staff?day=${day(-1)}`)).locator("tr", {hasText: "Kim Demo"}).waitFor();
        const months = await at(`months?day=${day(-1)}`);
        await months.locator("tr", {hasText: day(-30).slice(0, 7)}).waitFor();
        await (await at(`returning?day=${day(-1)}`)).locator("tr", {hasText: day(-30).slice(0, 7)}).waitFor();
        await (await at(`retention?day=${day(-1)}`)).getByText(words["machine.empty"]).waitFor();
        for (const width of [390, 768, 1280]) {
            await page.setViewportSize({width, height: 860});
            await accessible(page, `the time machine at ${width}`);
            const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(over <= 0, `${over} pixels too wide at ${width}`);
        }
        assert.deepEqual(wrong, []);
    });
});
