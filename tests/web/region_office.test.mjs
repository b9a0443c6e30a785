/**
 * The office of the region in a browser, in each language: who works there, gatherings and who came, every list taken
 * along as a file, lists of another day; and what an account of one store finds there. Screenshots go to web/ in the
 * build.
 */
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {after, afterEach, before, describe, test} from "node:test";
import {accessible, ask, complaints, day, enter, run, Shop, shot, wordsOf} from "./shop.mjs";

const PASSWORD = "made-up password";
const SIZES = [{width: 390, height: 844}, {width: 768, height: 1024}, {width: 1280, height: 860}];
/** Where there is a list to take along. */
const TAKEN = /** @type {Record<string, string[]>} */ ({
    region: ["desk", "desk/figures", "desk/said", "value", "value/map", "value/cohorts", "value/away",
        "value/followups", "stores", "staff/contest", "staff/appraisal", "staff/gatherings", "staff/people", "monthly",
        "policy", "then/vip", `then/complaints?show=difference&day=${day(-3)}`, "then/status", "then/rfm"],
    it: ["stores", "accounts", "policy"],
    auditor: ["access", `then/findings?show=difference&day=${day(-3)}`, "then/months"],
});
/** What an account of one store sees. */
const OF_STORE = ["desk", "desk/figures", "desk/said", "value/ranking", "value/followups", "value/pyramid",
    "value/changes", "value/cohorts", "value/away", "staff/contest", "staff/appraisal", "staff/sample", "staff/people",
    "monthly", "policy", "find"];

/** What the store wrote before. @param {Shop} shop */
function write(shop) {
    const node = (/** @type {string[]} */ ...said) => run("dangol-node", [said[0], shop.node, ...said.slice(1)]);
    for (const [index, name] of ["Example Ann", "Sample Bob"].entries()) {
        node("register", "--name", name, "--phone", `010-0000-000${index + 1}`, "--card", `A${index + 1}`, "--at",
            day(-40), "--staff", "kim");
    }
    node("purchase", "--card", "A1", "--line", "COAT-1,1,500000", "--at", day(-30), "--staff", "kim");
    node("purchase", "--card", "A2", "--line", "HAT-1,1,50000", "--at", day(-200));
    const ann = ask("dangol-node", ["customer", shop.node, "--card", "A1"]).id;
    node("contact", ann, "--kind", "call", "--purpose", "fit", "--matter", "company", "--note",
        "=the lining is too thin");
    node("promise", "add", ann, "--by", day(0), "--text", "a scarf to match");
    node("complaint", "open", "--card", "A1", "--channel", "counter", "--text", "a button came off");
}

for (const [language, locale] of [["ko", "ko-KR"], ["zh", "zh-CN"], ["en", "en-GB"]]) {
    describe(`the office of the region in ${language}`, () => {
        /** @type {Shop} */
        let shop;
        /** @type {Record<string, import("playwright-core").Page>} */
        const pages = {};
        /** @type {Record<string, any>} */
        let words;
        /** @type {string[][]} */
        const wrong = [];

        before(async () => {
            words = await wordsOf(language, "hub");
            shop = await Shop.open((opened) => {
                write(opened);
                for (const role of ["desk", "region", "it", "auditor", "manager"]) {
                    run("dangol-hub", ["user", opened.hub, "add", `demo-${role}`, "--role", role,
                        ...(role === "manager" ? ["--store", "12"] : [])], `${PASSWORD}\n`);
                }
            });
            await shop.openHub();
            run("dangol-node", ["sync", shop.node]);
        });
        after(() => shop?.close());
        afterEach((context) => shop?.explain(context));

        /** A page of somebody of a role, signed in. @param {string} role @param {string} place */
        async function at(role, place) {
            if (!pages[role]) {
                pages[role] = await shop.page({locale});
                wrong.push(complaints(pages[role]));
                await pages[role].goto(shop.hubUrl);
                await enter(pages[role], `demo-${role}`, PASSWORD);
                await pages[role].locator("header.top").waitFor();
            }
            await pages[role].goto(`${shop.hubUrl}/#/${place}`);
            await pages[role].locator("main h1").waitFor();
            return pages[role];
        }

        /** @param {import("playwright-core").Page} page @param {string} what */
        async function look(page, what) {
            for (const [index, size] of SIZES.entries()) {
                await page.setViewportSize(size);
                await page.emulateMedia({colorScheme: index % 2 ? "dark" : "light"});
                await accessible(page, `${what}, ${size.width}`);
                const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
                assert.ok(over <= 0, `${what}: ${over} pixels too wide at ${size.width}`);
                await shot(page, `region-${language}-office-${what}-${size.width}`);
            }
            await page.emulateMedia({colorScheme: "light"});
        }

        /** @param {import("playwright-core").Page} page @param {string} word @param {string} [of] */
        const press = (page, word, of) => page.getByRole("button", {name: of ? `${words[word]}: ${of}` : words[word],
            exact: true}).click();

        /** Those of the region itself, as the hub knows them. */
        const own = () => ask("dangol-hub", ["staff", shop.hub]).filter((/** @type {any} */ row) => !row.store);

        test("S2 somebody of the region is taken in, renamed, leaves and comes back", async () => {
            const page = await at("region", "staff/people");
            const row = (/** @type {string} */ name) => page.locator("tbody tr", {hasText: name});
            await row("Kim Demo").waitFor();
            assert.equal(await row("Kim Demo").getByRole("button").count(), 0, "changed at the store");
            await press(page, "people.add");
            const dialog = page.getByRole("dialog");
            await dialog.locator("[type=submit]").click();
            await dialog.getByText(words["field.needed"]).first().waitFor();
            await dialog.locator("[name=code]").fill("demo-desk");
            await dialog.locator("[name=name]").fill("Example Desk");
            await look(page, "people-add");
            await dialog.locator("[type=submit]").click();
            await row("Example Desk").getByText(words["role.desk"]).waitFor();
            await press(page, "people.add");
            await dialog.locator("[name=code]").fill("demo-desk");
            await dialog.locator("[name=name]").fill("Sample Other");
            await dialog.locator("[type=submit]").click();
            await dialog.getByText(words["people.exists"]).waitFor();
            await page.keyboard.press("Escape");
            await page.getByRole("button", {name: words["leave.go"], exact: true}).click();
            await dialog.waitFor({state: "detached"});
            await press(page, "people.change", "Example Desk");
            await dialog.locator("[name=name]").fill("Example Service");
            await dialog.locator("[name=role]").selectOption("manager");
            await dialog.locator("[type=submit]").click();
            await row("Example Service").getByText(words["role.manager"], {exact: true}).waitFor();
            assert.deepEqual(own().map((/** @type {any} */ one) => [one.staff, one.name, one.role, one.active]),
                [["demo-desk", "Example Service", "manager", true]]);
            await look(page, "people");
            const [{customer}] = ask("dangol-hub", ["search", shop.hub, "Ann"]);
            run("dangol-hub", ["custodian", shop.hub, customer, "demo-desk"]);
            await press(page, "people.off", "Example Service");
            await dialog.locator("[type=submit]").click();
            await dialog.locator("p", {hasText: /1/}).waitFor(); // customer she still looks after
            await dialog.getByRole("button", {name: words.close, exact: true}).last().click();
            await row("Example Service").waitFor({state: "detached"});
            await page.locator("[name=show]").selectOption("left");
            await press(page, "people.back", "Example Service");
            await dialog.locator("[type=submit]").click();
            await row("Example Service").waitFor({state: "detached"});
            assert.ok(own()[0].active);
        });

        test("K6 the region notes a gathering, and the desk who came", async () => {
            const page = await at("region", "staff/gatherings");
            await press(page, "gatherings.add");
            const dialog = page.getByRole("dialog");
            await dialog.locator("[name=name]").fill("Tea at noon");
            await dialog.locator("[name=cost]").fill("many");
            await dialog.locator("[type=submit]").click();
            await dialog.getByText(words["field.amount"]).waitFor();
            await dialog.locator("[name=cost]").fill("120000");
            await look(page, "gathering-add");
            await dialog.locator("[type=submit]").click();
            await page.locator("h2", {hasText: "Tea at noon"}).waitFor();
            assert.equal(await page.locator("[name=whom]").count(), 0, "who came is noted by the desk");
            const desk = await at("desk", "staff/gatherings");
            await desk.locator("tbody a", {hasText: "Tea at noon"}).click();
            await desk.locator("[name=whom]").fill("Ann");
            await desk.keyboard.press("Enter");
            await desk.locator(".arrivals button", {hasText: "Example Ann"}).click();
            await desk.locator("tbody tr", {hasText: "Example Ann"}).waitFor();
            await desk.locator("[name=whom]").fill("A1");
            await desk.keyboard.press("Enter");
            await desk.getByText(words["gatherings.already"].replace("{name}", "Example Ann")).waitFor();
            await look(desk, "guests");
            const [held] = ask("dangol-hub", ["gathering", shop.hub, "list"]);
            assert.deepEqual([held.name, held.cost, held.attended, held.store], ["Tea at noon", 120000, 1, null]);
            await at("region", `then/gatherings?day=${day(0)}`);
            await page.locator("tbody tr", {hasText: "Tea at noon"}).waitFor();
            await at("region", `then/gatherings?day=${day(-1)}`);
            await page.getByText(words["machine.empty"]).waitFor();
        });

        test("K2 the desk sees whom to call of all stores, and notes the call", async () => {
            const page = await at("desk", "value/followups");
            const row = page.locator("tbody tr", {hasText: "Example Ann"}).filter({hasText: "scarf"});
            await row.waitFor();
            await look(page, "followups");
            await row.getByRole("button").click();
            const dialog = page.getByRole("dialog");
            await dialog.getByText(/scarf/).waitFor();
            assert.equal(await dialog.locator("[name=purpose]").inputValue(), "promise");
            await dialog.locator("[name=note]").fill("comes tomorrow");
            await look(page, "followup");
            await dialog.locator("[type=submit]").click();
            await row.waitFor({state: "detached"});
            const [done] = ask("dangol-hub", ["followups", shop.hub, "--kind", "promise", "--all"]);
            assert.ok(done.done && done.answered_by);
            await page.locator("[name=show]").selectOption("all");
            await row.getByText(words["followups.done"], {exact: true}).waitFor();
            assert.equal(await row.getByRole("button").count(), 0);
        });

        test("E15 every list is taken along as a file, and what is no formula is none", async () => {
            for (const [role, places] of Object.entries(TAKEN)) {
                for (const place of places) {
                    const page = await at(role, place);
                    const button = page.locator(".take").getByRole("button", {name: words["exports.get"], exact: true});
                    await page.locator("main .loading").first().waitFor({state: "detached"});
                    const download = page.waitForEvent("download");
                    await button.first().click().catch((/** @type {any} */ why) => assert.fail(`${place}: ${why}`));
                    const text = readFileSync(await (await download).path(), "utf8");
                    assert.ok(text.startsWith("\ufeff"), `${place} is marked for spreadsheets`);
                    assert.ok(text.trim().split("\n").length > 1, `${place} has rows`);
                    if (place === "desk/said") assert.match(text, /'=the lining/);
                }
            }
            const page = await at("region", "value/ranking");
            await page.emulateMedia({media: "print"});
            await page.setViewportSize({width: 680, height: 1000}); // A4 upright within its margins
            await page.locator(".print-only", {hasText: words["filter.window"]}).waitFor();
            for (const place of ["value/ranking", "value/followups", "desk", "stores", "staff/people"]) {
                await at("region", place);
                await page.locator("thead").waitFor(); // a table on paper too, however narrow that is
                const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
                assert.ok(over <= 0, `${place}: ${over} pixels too wide for the paper`);
            }
            await page.emulateMedia({media: "screen"});
            await page.setViewportSize(SIZES[2]);
        });

        test("E14 an account of one store is led nowhere it may not go", async () => {
            for (const place of OF_STORE) {
                const page = await at("manager", place);
                await page.locator("main .loading").first().waitFor({state: "detached"});
                assert.equal(await page.locator(".notice.bad").count(), 0, place);
            }
            const page = await at("manager", "desk");
            await look(page, "bound");
            assert.equal(await page.locator("a[href='#/complain']").count(), 0, "complaints are opened at the store");
            await page.locator("tbody a").first().click();
            await page.locator(".thread").waitFor();
            assert.equal(await page.locator("form [name=act]").count(), 0, "nothing is done from here");
            await page.locator("a[href^='#/customers']").click();
            await page.locator("h1", {hasText: "Example Ann"}).waitFor();
            await page.locator("section.panel", {hasText: words["tags.title"]}).waitFor();
            await page.locator("section.panel", {hasText: words["customer.history"]}).waitFor();
            await look(page, "bound-customer");
            assert.equal(await page.locator(".notice.bad").count(), 0);
            const buttons = await page.locator("main").getByRole("button").allInnerTexts();
            assert.deepEqual([...new Set(buttons)].sort(), [words["exports.get"], words.print].sort(), "it only reads");
            for (const place of ["complain", "stores", "then"]) {
                await at("manager", place);
                await page.getByRole("heading", {name: words["nothing.here"]}).waitFor();
            }
        });

        test("nothing went wrong on the page", () => assert.deepEqual(wrong.flat(), []));
    });
}
