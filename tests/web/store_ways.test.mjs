/**
 * The ways people use the store app beside the common one: keys alone, large letters, a narrow screen, paper, a session
 * that ended, a program that stopped. How soon it paints: tests/bench/bench_paint.mjs.
 */
import assert from "node:assert/strict";
import {after, afterEach, before, describe, test} from "node:test";
import {accessible, ask, complaints, patience, run, Shop, shot, signIn, wordsOf} from "./shop.mjs";

const PLACES = ["", "customer/1-3", "customer/1-3/sell", "customer/1-3/contact", "customer/1-3/history",
    "customer/1-3/file", "customer/1-3/return", "register", "sales", "today", "customers", "complaints",
    "complaints/1-6", "contests", "complain"];
const TARGET = 44; // pixels, of what is tapped

describe("other ways to use the store app", () => {
    /** @type {Shop} */
    let shop;
    /** @type {Record<string, any>} */
    let words;

    before(async () => {
        words = await wordsOf("en");
        shop = await Shop.open((opened) => {
            /** @param {string} command @param {string[]} rest */
            const node = (command, ...rest) => run("dangol-node", [command, opened.node, ...rest]);
            node("register", "--name", "Example Ann", "--phone", "010-0000-0001", "--card", "A1", "--size", "M");
            node("register", "--name", "Sample Sue", "--phone", "010-0000-0002", "--card", "A2");
            node("purchase", "--card", "A1", "--line", "COAT-1,1,389000", "--at", "2026-03-01T10:00");
            node("complaint", "open", "--card", "A1", "--channel", "phone", "--text", "a button came off");
            assert.equal(ask("dangol-node", ["customer", opened.node, "--card", "A1"]).id, "1-3");
            assert.equal(ask("dangol-node", ["complaints", opened.node])[0].id, "1-6");
            node("purchase", "--card", "A2", "--line", "COAT-1,1,100000");
        });
    });
    after(() => shop?.close());
    afterEach((context) => shop?.explain(context));

    /** @param {import("playwright-core").Page} page @param {string} place */
    async function visit(page, place) {
        await page.goto(`${shop.url}/#/${place}`);
        await page.locator("main h1").first().waitFor({state: "attached"});
        await page.locator(".loading").waitFor({state: "detached"});
    }

    test("axe-core would find something, were it there", async () => {
        const page = await shop.page({locale: "en-GB"});
        await signIn(page, shop.url);
        await page.evaluate(() => document.querySelector("main")?.append(document.createElement("input")));
        await assert.rejects(accessible(page, "a field without a label"), /label/);
        await page.context().close();
    });

    test("with keys alone: signs in, sells, notes a contact, opens a complaint, sees the keys, signs out", async () => {
        const page = await shop.page({locale: "en-GB"});
        await page.goto(shop.url);
        await page.locator("[name=name]:focus").waitFor();
        const keys = page.keyboard;
        await keys.type("kim");
        await keys.press("Tab");
        await keys.type("1234");
        await keys.press("Enter");
        await page.locator("[data-find]:focus").waitFor();
        await keys.type("a1");
        await page.locator(".found li").waitFor();
        await keys.press("Enter");
        await page.locator(".card h1:focus").waitFor();
        await keys.press("s");
        await page.locator('[name="lines.0.sku"]:focus').waitFor();
        await keys.type("HAT-1");
        await keys.press("Enter");
        await keys.type("45000");
        await keys.press("Control+Enter");
        await page.locator(".card").getByText("HAT-1").waitFor();
        await keys.press("c");
        await page.locator("h1", {hasText: words["contact.title"]}).waitFor();
        await keys.press("Tab"); // whose it is
        await keys.press("Tab"); // how: the arrow keys choose
        await keys.press("ArrowRight");
        assert.equal(await page.locator("[name=kind]:checked").inputValue(), "sms");
        await keys.press("Tab");
        await keys.press("Tab");
        await keys.press("Space");
        await keys.press("Enter");
        await page.locator(".card h1").waitFor();
        const [contact] = ask("dangol-node", ["customer", shop.node, "--card", "A1"]).history;
        assert.deepEqual([contact.type, contact.body.kind, contact.actor], ["contacted", "sms", "kim"]);
        await keys.press("x");
        await page.locator("textarea:focus").waitFor();
        await keys.type("too warm? no: a letter that is typed is no shortcut");
        await keys.press("Tab");
        await keys.press("Tab");
        await keys.press("Tab");
        await keys.press("Enter");
        await page.locator(".guide").waitFor();
        await page.locator("main").focus();
        await keys.press("?");
        await page.locator("dialog[open]").waitFor();
        await accessible(page, "the list of keys");
        await shot(page, "en-keys");
        await keys.press("Escape");
        await page.locator("dialog").waitFor({state: "detached"});
        await keys.press("/");
        await page.locator("[data-find]:focus").waitFor();
        await page.locator(".person button").focus();
        await keys.press("Enter");
        await page.locator(".sheet select").first().waitFor();
        await shot(page, "en-person");
        await keys.press("Tab");
        await keys.press("Tab");
        await keys.press("Tab");
        await keys.press("Enter");
        await page.locator("[name=secret]").waitFor();
        await page.context().close();
    });

    for (const [locale, width, height] of /** @type {[string, number, number][]} */ (
        [["ko-KR", 390, 844], ["zh-CN", 390, 844], ["en-GB", 390, 844], ["en-GB", 768, 1024]])) {
        test(`at ${width} pixels in ${locale} the head takes two rows, and no table is cut`, async () => {
            const page = await shop.page({locale, viewport: {width, height}});
            await signIn(page, shop.url);
            for (const place of PLACES) {
                await visit(page, place);
                const [head, ...over] = await page.evaluate(() => [
                    document.querySelector("header.top")?.getBoundingClientRect().height ?? 0,
                    document.documentElement.scrollWidth - innerWidth,
                    ...[...document.querySelectorAll(".table")].map((one) => one.scrollWidth - one.clientWidth)]);
                assert.ok(head > 0 && head < 3 * TARGET, `${place}: the head is ${head} pixels high`);
                assert.ok(Math.max(...over) <= 0, `${place}: ${over} pixels too wide`);
            }
            await accessible(page, `${PLACES.at(-1)} at ${width} pixels`);
            await page.context().close();
        });
    }

    test("V2 a list that is drawn as sheets is ordered by a menu", async () => {
        const page = await shop.page({locale: "en-GB", viewport: {width: 390, height: 844}});
        await signIn(page, shop.url);
        await visit(page, "customers?of=store");
        const names = () => page.locator("tbody th").allInnerTexts();
        assert.equal((await names())[0], "Example Ann", "as listed: who has spent most");
        const menu = page.getByLabel(words["order"], {exact: true});
        await menu.selectOption({label: words["order.up"].replace("{column}", words["customers.spend"])});
        await page.locator("tbody tr:first-child", {hasText: "Sample Sue"}).waitFor();
        await menu.selectOption({label: words["order.listed"]});
        await page.locator("tbody tr:first-child", {hasText: "Example Ann"}).waitFor();
        await accessible(page, "a list with its orders");
        await shot(page, "en-390-orders");
        await page.setViewportSize({width: 1280, height: 860});
        await menu.waitFor({state: "hidden"});
        await page.context().close();
    });

    for (const [name, width, height] of /** @type {[string, number, number][]} */ (
        [["200%", 640, 430], ["400%", 320, 480], ["tablet", 820, 1180]])) {
        test(`at ${name} nothing needs scrolling sideways, and every target is large enough`, async () => {
            const page = await shop.page({locale: "ko-KR", viewport: {width, height}});
            const wrong = complaints(page);
            await signIn(page, shop.url);
            for (const place of PLACES) {
                await visit(page, place);
                const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
                assert.ok(over <= 0, `${place}: ${over} pixels too wide`);
                const tapped = "button, .button, nav a, select";
                const small = await page.evaluate(([what, least]) => [...document.querySelectorAll(String(what))]
                    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < Number(least))
                    .map((one) => one.outerHTML), [tapped, TARGET]);
                assert.deepEqual(small, [], `${place}: targets below ${TARGET} pixels`);
                await shot(page, `ko-${name.replace("%", "")}-${place.replace(/\W+/g, "-") || "counter"}`);
            }
            assert.deepEqual(wrong, []);
            await page.context().close();
        });
    }

    test("prints lists without what is only for the screen", async () => {
        const page = await shop.page({locale: "zh-CN", colorScheme: "dark"});
        await signIn(page, shop.url);
        for (const place of ["customers", "contests", "today", "complaints/1-6"]) {
            await visit(page, place);
            await page.emulateMedia({media: "print"});
            assert.equal(await page.locator(".top").isVisible(), false);
            assert.equal(await page.locator("main .button:visible").count(), 0, place);
            assert.equal(await page.evaluate(() => getComputedStyle(document.body).color), "rgb(0, 0, 0)");
            await shot(page, `zh-print-${place.split("/")[0]}`);
            assert.ok((await page.pdf({format: "A4"})).length > 1000);
            await page.emulateMedia({media: "screen"});
        }
        await page.context().close();
    });

    test("E14 a session that ended leaves what was typed under the sign-in page", async () => {
        const page = await shop.page({locale: "en-GB"});
        await signIn(page, shop.url);
        await visit(page, "register");
        await page.fill("[name=name]", "Sample Sam");
        await page.fill("[name=phone]", "01000000009");
        await page.check("[name=told]");
        await page.context().clearCookies();
        await page.locator("form button[type=submit]").click();
        await page.locator("[name=secret]:focus").waitFor();
        await accessible(page, "sign-in over the app");
        await page.keyboard.type("1234");
        await page.keyboard.press("Enter");
        await page.locator("[name=told]").waitFor();
        assert.deepEqual([await page.inputValue(".panel [name=name]"), await page.inputValue("[name=phone]")],
            ["Sample Sam", "010-0000-0009"]);
        await page.locator("form button[type=submit]").click();
        await page.locator(".card h1", {hasText: "Sample Sam"}).waitFor();
        await page.context().close();
    });

    test("says that the program stopped, and goes on by itself when it is back", async () => {
        const page = await shop.page({locale: "en-GB"});
        await signIn(page, shop.url);
        await visit(page, "sell");
        await page.fill('[name="lines.0.sku"]', "HAT-2");
        await shop.nodeServe?.stop();
        await page.locator(".sync.unreachable").waitFor({timeout: 20000 * patience});
        await shot(page, "en-stopped");
        await shop.openStore();
        const back = page.locator(".sync.waiting:visible, [name=secret]:visible");
        await back.waitFor({timeout: 30000 * patience});
        if (await page.locator("[name=secret]").isVisible()) {
            await page.fill("[name=secret]", "1234");
            await page.keyboard.press("Enter");
        }
        await page.locator(".sync.waiting").waitFor({timeout: 20000 * patience});
        assert.equal(await page.inputValue('[name="lines.0.sku"]'), "HAT-2");
        await page.context().close();
    });

    test("errors stand at their field, in the words of the language", async () => {
        const page = await shop.page({locale: "ko-KR"});
        await signIn(page, shop.url);
        await visit(page, "register");
        await page.fill("[name=name]", "김예시");
        await page.fill("[name=phone]", "123");
        await page.check("[name=told]");
        await page.locator("form button[type=submit]").click();
        const field = page.locator("[name=phone]:focus[aria-invalid=true]");
        await field.waitFor();
        const described = await field.getAttribute("aria-describedby");
        assert.match(await page.locator(`[id="${described}"]`).innerText(), /전화번호를/);
        assert.equal(await page.inputValue("[name=name]"), "김예시");
        await shot(page, "ko-error");
        await page.context().close();
    });
});
