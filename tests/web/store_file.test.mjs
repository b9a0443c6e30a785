/**
 * What was noted is put right at a store, in a browser: the customer file, goods that come back in part, a sale that is
 * somebody's after all, one made by mistake; and whose customers one sees.
 */
import assert from "node:assert/strict";
import {after, afterEach, before, describe, test} from "node:test";
import {accessible, ask, complaints, day, run, Shop, signIn, until, wordsOf} from "./shop.mjs";

describe("putting right at a store", () => {
    /** @type {Shop} */
    let shop;
    /** @type {import("playwright-core").Page} */
    let page;
    /** @type {Record<string, any>} */
    let words;
    /** @type {string[]} */
    let wrong;
    let ann = "", sue = "";

    before(async () => {
        words = await wordsOf("en");
        shop = await Shop.open((opened) => {
            const node = (/** @type {string[]} */ ...said) => run("dangol-node",
                [said[0], opened.node, ...said.slice(1)]);
            run("dangol-hub", ["policy", opened.hub, "--set", "custom-fields=demo:skin,demo:hair,shoes:last",
                "--set", "alert-count=2"]);
            node("register", "--name", "Example Ann", "--phone", "010-0000-0001", "--card", "A1", "--size", "M",
                "--taste", "plain", "--email", "ann@example.org", "--staff", "lee", "--at", day(-800));
            node("register", "--name", "Sample Sue", "--phone", "010-0000-0002", "--card", "A2");
            ann = ask("dangol-node", ["customer", opened.node, "--card", "A1"]).id;
            sue = ask("dangol-node", ["customer", opened.node, "--card", "A2"]).id;
            node("custodian", sue, "kim");
            node("register", "--name", "Sample Sam", "--phone", "010-0000-0002");
            for (const card of ["A1", "A2"]) {
                node("complaint", "open", "--card", card, "--channel", "counter", "--text", "torn", "--sku", "COAT-1");
            }
            node("purchase", "--card", "A1", "--line", "COAT-1,3,100000", "--line", "SCARF-2,1,20000");
            node("purchase", "--card", "A1", "--line", "HAT-3,1,50000");
        }, ["--chain", "demo"]);
        await shop.openHub();
        await until("the store knows its chain's own fields",
            () => ask("dangol-node", ["rules", shop.node]).custom.length > 0);
        page = await shop.page({locale: "en-GB"});
        wrong = complaints(page);
        await signIn(page, shop.url);
    });
    after(() => shop?.close());
    afterEach((context) => shop?.explain(context));

    const file = () => ask("dangol-node", ["customer", shop.node, ann]);
    const cards = () => file().history.filter((/** @type {any} */ one) => one.type === "updated");

    /** @param {string} place @param {string} shown a selector of what is there at last */
    async function go(place, shown) {
        await page.goto(`${shop.url}/#/${place}`);
        await page.locator(shown).first().waitFor();
    }

    test("C3 every field says who filled it and when, and what is old is confirmed with one touch", async () => {
        await go(`customer/${ann}`, ".agreement");
        await page.keyboard.press("e");
        const taste = page.locator(".entry", {has: page.locator("[name=taste]")});
        await taste.getByText(/lee/).waitFor();
        await accessible(page, "a file to correct");
        const others = await page.locator(".stale").count();
        await taste.getByRole("button", {name: words["file.confirm.of"].replace("{field}", words["field.taste"])})
            .press("Enter");
        await taste.locator(".stale").waitFor({state: "detached"});
        await taste.getByText(/kim/).waitFor();
        await page.locator("[name=taste]:focus").waitFor();
        assert.equal(await page.locator(".stale").count(), others - 1);
        assert.deepEqual(cards().map((/** @type {any} */ one) => [one.actor, one.body.taste]), [["kim", "plain"]]);
    });

    test("C3 a correction writes only what was changed", async () => {
        await page.locator("form.file [type=submit]").click();
        await page.getByText(words["file.same"]).waitFor();
        await page.fill("[name=size]", "L");
        await page.fill("[name=email]", "");
        await page.fill("[name=birthday]", "1990-13-01");
        await page.locator("form.file [type=submit]").click();
        await page.locator("[name=birthday][aria-invalid]:focus").waitFor();
        await page.fill("[name=birthday]", "");
        await page.check("[name=source][value=staff]");
        await page.locator("form.file [type=submit]").click();
        await page.locator(".entry", {has: page.locator("[name=size]")}).getByText(/Noted by kim/).waitFor();
        assert.deepEqual([file().file.size, file().file.email ?? null, file().file.taste], ["L", null, "plain"]);
        const [card] = cards();
        assert.deepEqual([card.body.size, card.body.source, "taste" in card.body], ["L", "assistant", false]);
        assert.equal(cards().length, 2);
        await page.fill("[name=name]", " ");
        await page.locator("form.file [type=submit]").click();
        await page.locator("[name=name][aria-invalid]:focus").waitFor();
        await page.fill("[name=name]", "Example Ann");
    });

    test("C8 the chain's own fields are filled in, each for itself", async () => {
        assert.equal(await page.locator('[name="custom.last"]').count(), 0, "another chain's");
        await page.fill('[name="custom.skin"]', "dry");
        await page.fill('[name="custom.hair"]', "grey");
        await page.locator("form.file [type=submit]").click();
        const skin = page.locator(".entry", {has: page.locator('[name="custom.skin"]')});
        await skin.getByText(/kim/).waitFor();
        await page.fill('[name="custom.hair"]', "");
        await page.locator("form.file [type=submit]").click();
        await until("one is left", () => file().file.custom === '{"skin":"dry"}');
        assert.equal(await page.inputValue('[name="custom.skin"]'), "dry");
    });

    test("C3 what another writes meanwhile is shown, and not written over", async () => {
        await page.fill("[name=work]", "gardener");
        run("dangol-node", ["update", shop.node, ann, "--size", "XL"]);
        await until("it is shown", () => page.inputValue("[name=size]").then((size) => size === "XL"));
        assert.equal(await page.inputValue("[name=work]"), "gardener");
        await page.locator("form.file [type=submit]").click();
        await page.locator(".entry", {has: page.locator("[name=work]")}).getByText(/kim/).waitFor();
        assert.deepEqual([file().file.size, file().file.work], ["XL", "gardener"]);
    });

    test("P2 part of a line comes back, what came back shows, and a sale that is back is not offered", async () => {
        await go(`customer/${ann}/return`, ".sales");
        assert.equal(await page.locator(".sales button").count(), 2);
        await page.locator(".sales button", {hasText: "COAT-1"}).click();
        await page.uncheck('[name="line.1"]');
        await page.fill('[name="lines.0.quantity"]', "4");
        await page.locator("form [type=submit]").click();
        await page.locator('[name="lines.0.quantity"][aria-invalid]:focus').waitFor();
        await page.fill('[name="lines.0.quantity"]', "1");
        await page.locator(".sum", {hasText: "33,333"}).waitFor();
        await accessible(page, "part of a line comes back");
        await page.locator("form [type=submit]").click();
        await page.locator(".card h1").waitFor();
        await go(`customer/${ann}/return`, ".sales");
        const coat = page.locator(".sales button", {hasText: "COAT-1"});
        await coat.getByText(/33,333/).waitFor();
        await coat.click();
        assert.equal(await page.inputValue('[name="lines.0.quantity"]'), "2");
        await page.locator(".sum", {hasText: "86,667"}).waitFor();
        await page.fill('[name="lines.0.amount"]', "66,668");
        await page.locator("form [type=submit]").click();
        await page.locator('[name="lines.0.amount"][aria-invalid]:focus').waitFor();
        await page.fill('[name="lines.0.amount"]', "60,000");
        await page.locator(".sum", {hasText: "80,000"}).waitFor();
        await page.locator("form [type=submit]").click();
        await page.locator(".card h1").waitFor();
        await go(`customer/${ann}/return`, ".sales");
        await page.locator(".sales button", {hasText: "HAT-3"}).waitFor();
        assert.equal(await page.locator(".sales button").count(), 1);
        const back = file().history.filter((/** @type {any} */ one) => one.type === "returned")
            .map((/** @type {any} */ one) => one.body.lines.map((/** @type {any} */ line) =>
                [line.sku, line.quantity, line.amount]));
        assert.deepEqual(back, [[["COAT-1", 2000, 60000], ["SCARF-2", 1000, 20000]], [["COAT-1", 1000, 33333]]]);
    });

    test("P1 a sale of nobody's is said to be somebody's", async () => {
        await go("sell", '[name="lines.0.sku"]');
        await page.fill('[name="lines.0.sku"]', "GLOVE-4");
        await page.fill('[name="lines.0.amount"]', "30,000");
        await page.fill('[name="lines.0.quantity"]', "0");
        await page.keyboard.press("Control+Enter");
        await page.locator('[name="lines.0.quantity"][aria-invalid]:focus').waitFor();
        await page.fill('[name="lines.0.quantity"]', "1");
        await page.keyboard.press("Control+Enter");
        await page.getByRole("link", {name: words["nobody.waiting"].one.replace("{count}", "1")}).click();
        await page.locator("tr", {hasText: "GLOVE-4"}).getByRole("button").click();
        await page.fill("[name=whom]", "a2");
        await page.keyboard.press("Enter");
        await accessible(page, "a sale of nobody's");
        await page.locator(".arrivals button", {hasText: "Sample Sue"}).click();
        await page.locator(".card h1", {hasText: "Sample Sue"}).waitFor();
        await page.getByText("GLOVE-4").waitFor();
        assert.equal(ask("dangol-node", ["customer", shop.node, sue]).spend, 30000);
        await go("sales", ".empty");
    });

    test("C10 my customers are those whom I look after, and the store's a switch away", async () => {
        await go("customers", "tbody tr");
        await page.locator("h1", {hasText: words["customers.mine"]}).waitFor();
        assert.deepEqual(await page.locator("tbody th").allInnerTexts(), ["Sample Sue"]);
        await page.getByRole("link", {name: words["customers.ours"]}).click();
        await page.locator("tbody tr", {hasText: "Example Ann"}).waitFor();
        await page.locator("h1", {hasText: "Demo Street"}).waitFor();
    });

    test("a manager takes a sale back with the reason, and lets it count again; an assistant does not", async () => {
        await go(`customer/${ann}/history`, ".thread");
        assert.equal(await page.locator(".void").count(), 0);
        await page.context().close();
        page = await shop.page({locale: "en-GB"});
        wrong.push(...complaints(page));
        await signIn(page, shop.url, "lee", "4321");
        await go(`customer/${ann}/history`, ".void");
        const spent = file().spend;
        const hat = page.locator(".thread > li", {hasText: "HAT-3"});
        await hat.locator("summary").click();
        await hat.locator("[type=submit]").click();
        await hat.getByText(words["field.needed"]).waitFor();
        await hat.locator("[name=reason]").fill("typed twice");
        await hat.locator("[type=submit]").click();
        await hat.getByText(words["history.voided"]).waitFor();
        await accessible(page, "a history with something taken back");
        assert.equal(file().spend, spent - 50000);
        if (!await hat.locator("[name=reason]").isVisible()) await hat.locator("summary").click();
        await hat.locator("[name=reason]").fill("it was right");
        await hat.locator("[type=submit]").click();
        await hat.getByText(words["history.voided"]).waitFor({state: "detached"});
        assert.equal(file().spend, spent);
    });

    test("C5 X8 a manager sees who may be in the book twice, and what several complain about", async () => {
        await go("customers?show=twins", "tbody tr");
        const pair = page.locator("tbody tr", {hasText: "Sample Sue"}).filter({hasText: "Sample Sam"});
        await pair.filter({hasText: words["field.phone"]}).waitFor();
        await accessible(page, "who may be in the book twice");
        await go("complaints", "tbody tr");
        await page.getByRole("link", {name: words["complaints.articles"]}).click();
        await page.locator("tbody tr", {hasText: "COAT-1"}).filter({hasText: "2"}).waitFor();
        await accessible(page, "articles complained about");
    });

    test("nothing went wrong on the page", () => assert.deepEqual(wrong, []));
});
