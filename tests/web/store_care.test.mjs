/**
 * What a store keeps of a customer beside the sales, in a browser, in each language: agreement, tags, packages and
 * their sessions, custodian and handover, gatherings and who came. Screenshots go to web/ in the build.
 */
import assert from "node:assert/strict";
import {after, afterEach, before, describe, test} from "node:test";
import {accessible, ask, complaints, day, run, Shop, shot, signIn, wordsOf} from "./shop.mjs";

for (const [language, locale] of [["ko", "ko-KR"], ["zh", "zh-CN"], ["en", "en-GB"]]) {
    describe(`caring for customers at a store in ${language}`, () => {
        /** @type {Shop} */
        let shop;
        /** @type {import("playwright-core").Page} */
        let page;
        /** @type {Record<string, any>} */
        let words;
        /** @type {string[]} */
        let wrong;
        const ids = {ann: "", sue: ""};

        before(async () => {
            words = await wordsOf(language);
            shop = await Shop.open((opened) => {
                const node = (/** @type {string[]} */ ...words) => run("dangol-node",
                    [words[0], opened.node, ...words.slice(1)]);
                node("register", "--name", "Example Ann", "--phone", "010-0000-0001", "--card", "A1");
                node("register", "--name", "Sample Sue", "--phone", "010-0000-0002", "--card", "A2");
                const whose = (/** @type {string} */ card) =>
                    ask("dangol-node", ["customer", opened.node, "--card", card]);
                ids.ann = whose("A1").id;
                ids.sue = whose("A2").id;
                node("tag", ids.ann, "weighing", "--staff", "lee");
                node("custodian", ids.sue, "kim");
            });
            page = await shop.page({locale});
            wrong = complaints(page);
            await signIn(page, shop.url);
        });
        after(() => shop?.close());
        afterEach((context) => shop?.explain(context));

        const card = () => ask("dangol-node", ["recall", shop.node, "--card", "A1"]);

        /** @param {string} place @param {string} shown a selector of what is there at last */
        async function go(place, shown) {
            await page.goto(`${shop.url}/#/${place}`);
            await page.locator(shown).first().waitFor();
        }

        /** Looks at what is shown now, in light and dark. @param {string} what */
        async function look(what) {
            for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
                await page.emulateMedia({colorScheme});
                await accessible(page, `${what}, ${colorScheme}`);
                await shot(page, `${language}-care-${what}-${colorScheme}`);
            }
            await page.emulateMedia({colorScheme: "light"});
        }

        test("C4 notes an agreement with who was told, and withdraws it", async () => {
            await go(`customer/${ids.ann}`, ".agreement");
            const news = page.locator("[data-purpose=news]");
            assert.equal(await news.getAttribute("data-state"), "unasked");
            await news.getByRole("button", {name: words["agreement.give"]}).first().click();
            await page.locator("[data-purpose=news][data-state=given]").waitFor();
            await news.getByText("kim").waitFor();
            await page.locator("[data-purpose=service]").getByRole("button", {name: words["agreement.refuse"]}).click();
            await page.locator("[data-purpose=service][data-state=withdrawn]").waitFor();
            await look("agreement");
            await news.getByRole("button", {name: words["agreement.withdraw"]}).click();
            await page.locator("[data-purpose=news][data-state=withdrawn]").waitFor();
            const noted = card().consents.map(
                (/** @type {any} */ one) => [one.purpose, one.given, one.staff, one.store]);
            assert.deepEqual(noted.sort(), [["news", false, "kim", "12"], ["service", false, "kim", "12"]]);
        });

        test("C7 edits tags, shows their hints, and sends only what changed", async () => {
            const before_ = ask("dangol-node", ["customer", shop.node, ids.ann]).history.length;
            await page.getByRole("button", {name: words["tags.edit.of"]}).click();
            const dialog = page.getByRole("dialog");
            await dialog.getByText(words["hint.trust"]).waitFor();
            assert.equal(await dialog.locator('[name="tag.weighing"]').isChecked(), true);
            await dialog.locator('[name="tag.trust"]').check();
            await dialog.locator('[name="tag.weighing"]').uncheck();
            await dialog.locator("[name=label]").fill("likes tea");
            await look("tags");
            await dialog.locator("[type=submit]").click();
            await page.locator(".hints", {hasText: "likes tea"}).filter({hasText: words["hint.trust"]}).waitFor();
            assert.deepEqual(card().tags.map((/** @type {any} */ one) => one.tag), ["trust", "likes tea"]);
            assert.equal(ask("dangol-node", ["customer", shop.node, ids.ann]).history.length, before_ + 3);
            await page.getByRole("button", {name: words["tags.edit.of"]}).click();
            await dialog.locator('[name="free.0"]').uncheck();
            await dialog.locator("[type=submit]").click();
            await page.locator(".hints", {hasText: "likes tea"}).waitFor({state: "detached"});
            assert.deepEqual(card().tags.map((/** @type {any} */ one) => one.tag), ["trust"]);
        });

        test("P5 sells a package, uses a session with a line for the care log, and says what is left", async () => {
            await go(`customer/${ids.ann}/sell`, '[name="lines.0.sku"]');
            await page.check("[name=packages]");
            await page.fill('[name="lines.0.sku"]', "CARE-10");
            await page.fill('[name="lines.0.amount"]', "500000");
            await page.fill('[name="lines.0.sessions"]', "0");
            await page.keyboard.press("Control+Enter");
            await page.locator(".lines .error").waitFor();
            await page.fill('[name="lines.0.sessions"]', "10");
            await look("sell-a-package");
            await page.keyboard.press("Control+Enter");
            const row = page.locator(".package", {hasText: "CARE-10"});
            await row.filter({hasText: "10"}).waitFor();
            await row.getByRole("button").click();
            const dialog = page.getByRole("dialog");
            await dialog.locator("[name=sessions]").fill("11");
            await dialog.locator("[type=submit]").click();
            await dialog.locator(".error").waitFor();
            await dialog.locator("[name=sessions]").fill("2");
            await dialog.locator("[name=note]").fill("mild peeling, warm towels");
            await look("session");
            await dialog.locator("[type=submit]").click();
            await dialog.waitFor({state: "detached"});
            await row.locator(".tag", {hasText: "8"}).waitFor();
            await look("packages");
            const [left] = ask("dangol-node", ["packages", shop.node, ids.ann]);
            assert.deepEqual([left.bought, left.used, left.left], [10, 2, 8]);
            await go(`customer/${ids.ann}/history`, ".thread");
            await page.getByText("mild peeling, warm towels").waitFor();
        });

        test("C10 an assistant sees who looks after somebody, and a manager changes it", async () => {
            await go(`customer/${ids.sue}`, ".agreement");
            await page.locator(".panel", {hasText: words["keeper.title"]}).getByText("kim").waitFor();
            assert.equal(await page.getByRole("button", {name: words["keeper.change"]}).count(), 0);
            await go("customers", "h1");
            assert.equal(await page.getByRole("button", {name: words["handover.do"]}).count(), 0);
            await page.context().close();
            page = await shop.page({locale});
            wrong.push(...complaints(page));
            await signIn(page, shop.url, "lee", "4321");
            await go(`customer/${ids.ann}`, ".agreement");
            await page.getByRole("button", {name: words["keeper.change"]}).click();
            const dialog = page.getByRole("dialog");
            await dialog.locator("[name=custodian]").selectOption("12/kim");
            await look("custodian");
            await dialog.locator("[type=submit]").click();
            await page.locator(".panel", {hasText: words["keeper.title"]}).getByText("kim").waitFor();
            assert.deepEqual(card().custodian, {staff: "kim", store: "12"});
        });

        test("C10 a manager hands all customers of one over to another", async () => {
            await go("customers", "h1");
            await page.getByRole("button", {name: words["handover.do"]}).click();
            const dialog = page.getByRole("dialog");
            await dialog.locator("[name=from]").selectOption("12/kim");
            await dialog.locator("[name=to]").selectOption("12/kim");
            await dialog.locator("[type=submit]").click();
            await dialog.getByText(words["handover.same"]).waitFor();
            await dialog.locator("[name=to]").selectOption("12/lee");
            await look("handover");
            await dialog.locator("[type=submit]").click();
            await dialog.waitFor({state: "detached"});
            for (const one of ["A1", "A2"]) {
                assert.equal(ask("dangol-node", ["recall", shop.node, "--card", one]).custodian.staff, "lee");
            }
        });

        test("K6 a manager notes a gathering, and who came", async () => {
            await go("today", "h1");
            await page.keyboard.press("g");
            await page.getByText(words["gatherings.empty"].replace("{year}", day(0).slice(0, 4))).waitFor();
            await look("gatherings");
            await page.fill("[name=name]", "Tea at noon");
            await page.fill("[name=cost]", "12x");
            await page.keyboard.press("Enter");
            await page.getByText(words["field.amount"]).waitFor();
            await page.fill("[name=cost]", "120,000");
            await page.keyboard.press("Enter");
            await page.locator("h1", {hasText: "Tea at noon"}).waitFor();
            await page.locator("[name=whom]").fill("nobody at all");
            await page.keyboard.press("Enter");
            await page.getByText(words["gatherings.nobody"]).waitFor();
            await page.locator("[name=whom]").fill("a1");
            await page.keyboard.press("Enter");
            await page.locator(".arrivals button", {hasText: "Example Ann"}).click();
            await page.locator("tbody tr", {hasText: "Example Ann"}).waitFor();
            await page.locator("[name=whom]:focus").fill("0001");
            await page.keyboard.press("Enter");
            await page.getByText(words["gatherings.already"].replace("{name}", "Example Ann")).waitFor();
            await look("guests");
            const [held] = ask("dangol-node", ["gathering", shop.node, "list"]);
            assert.deepEqual([held.name, held.cost, held.attended], ["Tea at noon", 120000, 1]);
            await go("gatherings", "tbody tr");
            await page.locator("tbody tr", {hasText: "Tea at noon"}).filter({hasText: "120,000"}).waitFor();
            await page.locator(".lead").waitFor();
            await look("gatherings-held");
        });

        test("nothing went wrong on the page", () => assert.deepEqual(wrong, []));
    });
}
