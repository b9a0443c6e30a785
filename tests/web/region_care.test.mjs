/**
 * What the desk notes of a customer beside the file, what of the policy is to come, and the record of looks page by
 * page; in a browser, in each language. Screenshots go to web/ in the build.
 */
import assert from "node:assert/strict";
import {after, afterEach, before, describe, test} from "node:test";
import {accessible, ask, complaints, day, enter, run, Shop, shot, until, wordsOf} from "./shop.mjs";

const PASSWORD = "made-up password";
const PAGE = 100; // rows of the record at a time

for (const [language, locale] of [["ko", "ko-KR"], ["zh", "zh-CN"], ["en", "en-GB"]]) {
    describe(`caring for customers at the region in ${language}`, () => {
        /** @type {Shop} */
        let shop;
        /** @type {Record<string, import("playwright-core").Page>} */
        const pages = {};
        /** @type {Record<string, any>} */
        let words;
        /** @type {string[][]} */
        const wrong = [];
        let ann = "";

        before(async () => {
            words = await wordsOf(language, "hub");
            shop = await Shop.open((opened) => {
                run("dangol-node", ["register", opened.node, "--name", "Example Ann", "--phone", "010-0000-0001",
                    "--card", "A1"]);
                run("dangol-node", ["consent", opened.node, ask("dangol-node", ["customer", opened.node, "--card",
                    "A1"]).id, "--purpose", "news", "--given", "--staff", "kim"]);
                for (const role of ["desk", "region", "auditor"]) {
                    run("dangol-hub", ["user", opened.hub, "add", `demo-${role}`, "--role", role], `${PASSWORD}\n`);
                }
            });
            await shop.openHub();
            run("dangol-node", ["sync", shop.node]);
            ann = ask("dangol-hub", ["customer", shop.hub, "--card", "A1"]).id;
        });
        after(() => shop?.close());
        afterEach((context) => shop?.explain(context));

        /** Somebody of a role, signed in. @param {string} role */
        async function as(role) {
            if (!pages[role]) {
                pages[role] = await shop.page({locale});
                wrong.push(complaints(pages[role]));
                await pages[role].goto(shop.hubUrl);
                await enter(pages[role], `demo-${role}`, PASSWORD);
                await pages[role].locator("header.top").waitFor();
            }
            return pages[role];
        }

        /** @param {import("playwright-core").Page} page @param {string} what */
        async function look(page, what) {
            for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
                await page.emulateMedia({colorScheme});
                await accessible(page, `${what}, ${colorScheme}`);
                await shot(page, `region-${language}-care-${what}-${colorScheme}`);
            }
            await page.emulateMedia({colorScheme: "light"});
        }

        test("C4 C7 C10 the desk notes agreement, tags and custodian, and the store has them", async () => {
            const page = await as("desk");
            await page.goto(`${shop.hubUrl}/#/customers/${ann}`);
            const news = page.locator("[data-purpose=news][data-state=given]");
            await news.getByText("kim").waitFor();
            await news.getByRole("button", {name: words["agreement.withdraw"]}).click();
            await page.locator("[data-purpose=news][data-state=withdrawn]").waitFor();
            await page.getByRole("button", {name: words["tags.edit.of"]}).click();
            const dialog = page.getByRole("dialog");
            await dialog.locator('[name="tag.trust"]').check();
            await dialog.locator("[type=submit]").click();
            await page.locator(".hints", {hasText: words["hint.trust"]}).waitFor();
            await page.getByRole("button", {name: words["keeper.change"]}).click();
            await dialog.locator("[name=custodian]").selectOption("12/lee");
            await look(page, "custodian");
            await dialog.locator("[type=submit]").click();
            await dialog.waitFor({state: "detached"});
            await page.locator(".beside").getByText("lee").waitFor();
            await look(page, "customer");
            const card = await until("the store has it", () => {
                const now = ask("dangol-node", ["recall", shop.node, "--card", "A1"]);
                return now.custodian?.staff === "lee" && now;
            });
            assert.deepEqual(card.tags.map((/** @type {any} */ one) => one.tag), ["trust"]);
            assert.deepEqual(card.consents.map((/** @type {any} */ one) => [one.purpose, one.given, one.staff]),
                [["news", false, "demo-desk"]]);
        });

        test("E2 of a form that half failed, what went through is not sent again, whatever is changed", async () => {
            const page = await as("desk");
            await page.goto(`${shop.hubUrl}/#/customers/${ann}`);
            await page.getByRole("button", {name: words["tags.edit.of"]}).click();
            const dialog = page.getByRole("dialog");
            for (const tag of ["novelty", "trying"]) await dialog.locator(`[name="tag.${tag}"]`).check();
            /** @type {string[]} */
            const asked = [];
            await page.route("**/tags", (route) => {
                asked.push(route.request().postDataJSON().tag);
                return asked.length === 2 ? route.abort() : route.continue();
            });
            await dialog.locator("[type=submit]").click();
            await dialog.getByText(words["form.partly"]).waitFor();
            await dialog.locator('[name="tag.impulsive"]').check();
            await dialog.locator('[name="tag.novelty"]').uncheck();
            await dialog.locator("[type=submit]").click();
            await dialog.waitFor({state: "detached"});
            await page.unroute("**/tags");
            assert.deepEqual(asked, ["novelty", "trying", "trying", "impulsive", "novelty"]);
            const {tags} = ask("dangol-hub", ["recall", shop.hub, "--card", "A1"]);
            assert.deepEqual(tags.map((/** @type {any} */ one) => one.tag).sort(), ["impulsive", "trust", "trying"]);
        });

        test("what of the policy holds from a later day on is shown", async () => {
            run("dangol-hub", ["policy", shop.hub, "--set", "answer-hours=12", "--from", day(30)]);
            const page = await as("region");
            await page.goto(`${shop.hubUrl}/#/policy`);
            const row = page.locator("tr", {has: page.locator("code", {hasText: /^answer-hours$/})});
            await row.locator(".value", {hasText: /^24$/}).waitFor();
            await row.locator(".coming", {hasText: /12$/}).waitFor();
            await row.getByRole("button").click();
            await page.getByRole("dialog").locator(".notice", {hasText: /12$/}).waitFor();
            await look(page, "policy-coming");
        });

        test("E14 the record of looks shows the latest first, page by page", async () => {
            await (await as("desk")).evaluate(async ([id, count]) => {
                for (let i = 0; i < Number(count); i++) await fetch(`/api/v1/customers/${id}/recall`);
            }, [ann, PAGE + 20]);
            await until("the record is on the disk", () => ask("dangol-hub", ["access", shop.hub, "--user",
                "demo-desk"]).length > PAGE + 20);
            const page = await as("auditor");
            await page.goto(`${shop.hubUrl}/#/access`);
            const rows = page.locator("tbody tr");
            await rows.nth(PAGE - 1).waitFor();
            assert.equal(await rows.count(), PAGE);
            const signedIn = rows.filter({hasText: "demo-desk"})
                .filter({has: page.locator('[title="POST /session"]')});
            assert.equal(await signedIn.count(), 0, "what was first is not among the latest");
            await page.locator(".more button").click();
            await signedIn.first().waitFor();
            await look(page, "record");
        });

        test("nothing was complained about by the browser", () => assert.deepEqual(wrong.flat(), []));
    });
}
