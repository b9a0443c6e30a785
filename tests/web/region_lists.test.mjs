/**
 * What the region sees beside complaints and ranking, in a browser, in each language: who stays away for no known
 * reason, last offers due, what customers said, points and packages of a customer, who belongs to her, gatherings,
 * reviews of the files, customers handed over. Screenshots go to web/ in the build.
 */
import assert from "node:assert/strict";
import {after, afterEach, before, describe, test} from "node:test";
import {accessible, ask, complaints, day, enter, run, Shop, shot, wordsOf} from "./shop.mjs";

const PASSWORD = "made-up password";
const SIZES = /** @type {Record<string, {width: number, height: number}>} */ ({
    desk: {width: 1440, height: 900}, tablet: {width: 820, height: 1180}});

/** What the store wrote before. @param {Shop} shop */
function write(shop) {
    const node = (/** @type {string[]} */ ...said) => run("dangol-node", [said[0], shop.node, ...said.slice(1)]);
    node("staff", "add", "lee", "--role", "manager", "--name", "Lee Demo", "--keeper");
    for (const [index, name] of ["Example Ann", "Sample Bob", "Sample Tom"].entries()) {
        node("register", "--name", name, "--phone", `010-0000-000${index + 1}`, "--card", `A${index + 1}`);
    }
    const [ann, bob] = ["A1", "A2"].map((card) => ask("dangol-node", ["customer", shop.node, "--card", card]).id);
    node("purchase", "--card", "A1", "--line", "CARE-10,1,500000", "--package", "CARE-10,10");
    node("redeem", ann, "40");
    node("benefit", ann, "--kind", "coupon", "--note", "10 off");
    node("custodian", ann, "kim");
    node("purchase", "--card", "A2", "--line", "HAT-1,1,50000", "--at", day(-300));
    node("purchase", "--card", "A3", "--line", "HAT-1,1,50000", "--at", day(-190));
    node("left", bob, "--reason", "quality");
    node("contact", ann, "--kind", "call", "--purpose", "fit", "--matter", "company",
        "--note", "the lining is too thin");
    node("complaint", "open", "--card", "A1", "--channel", "counter", "--text", "a button came off");
    const [{id}] = ask("dangol-node", ["complaints", shop.node]);
    node("complaint", "step", id, "outcome", "--satisfied", "no", "--skip-reason", "in a hurry");
    node("gathering", "add", "Tea at noon", "--cost", "120000");
    const [{id: tea}] = ask("dangol-node", ["gathering", shop.node, "list"]);
    node("contact", ann, "--gathering", tea, "--purpose", "tea");
    node("review", "--staff", "lee");
}

for (const [language, locale] of [["ko", "ko-KR"], ["zh", "zh-CN"], ["en", "en-GB"]]) {
    describe(`lists of the region in ${language}`, () => {
        /** @type {Shop} */
        let shop;
        /** @type {Record<string, import("playwright-core").Page>} */
        const pages = {};
        /** @type {Record<string, any>} */
        let words;
        /** @type {string[][]} */
        const wrong = [];
        const ids = {ann: "", bob: ""};

        before(async () => {
            words = await wordsOf(language, "hub");
            shop = await Shop.open((opened) => {
                write(opened);
                for (const role of ["desk", "region"]) {
                    run("dangol-hub", ["user", opened.hub, "add", `demo-${role}`, "--role", role], `${PASSWORD}\n`);
                }
            });
            await shop.openHub();
            run("dangol-node", ["sync", shop.node]);
            [ids.ann, ids.bob] = ["A1", "A2"].map(
                (card) => ask("dangol-hub", ["customer", shop.hub, "--card", card]).id);
        });
        after(() => shop?.close());
        afterEach((context) => shop?.explain(context));

        /** A page of somebody of a role, signed in. @param {string} role @param {string} place @param {string} shown */
        async function at(role, place, shown) {
            if (!pages[role]) {
                pages[role] = await shop.page({locale});
                wrong.push(complaints(pages[role]));
                await pages[role].goto(shop.hubUrl);
                await enter(pages[role], `demo-${role}`, PASSWORD);
                await pages[role].locator("header.top").waitFor();
            }
            await pages[role].goto(`${shop.hubUrl}/#/${place}`);
            await pages[role].locator(shown).first().waitFor();
            return pages[role];
        }

        /** @param {import("playwright-core").Page} page @param {string} what */
        async function look(page, what) {
            for (const [colorScheme, size] of /** @type {const} */ ([["light", "desk"], ["dark", "tablet"]])) {
                await page.setViewportSize(SIZES[size]);
                await page.emulateMedia({colorScheme});
                await accessible(page, `${what}, ${colorScheme}`);
                const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
                assert.ok(over <= 0, `${what}: ${over} pixels too wide on a ${size}`);
                await shot(page, `region-${language}-lists-${what}-${size}`);
            }
            await page.setViewportSize(SIZES.desk);
            await page.emulateMedia({colorScheme: "light"});
        }

        test("V7 V10 who stays away, and whether anybody knows why", async () => {
            const page = await at("region", "value/away", "tbody tr");
            const row = (/** @type {string} */ name) => page.locator("tbody tr", {hasText: name});
            await row("Sample Bob").getByText(words["away.known"], {exact: true}).waitFor();
            await row("Sample Tom").locator(".tag", {hasText: words["away.silent"]}).waitFor();
            const heads = await page.locator("thead th").allInnerTexts();
            const months = row("Sample Bob").locator("th, td").nth(heads.indexOf(words["away.months"]));
            assert.equal(await months.innerText(), "9", "300 days, not the 6 months of the policy");
            await look(page, "away");
        });

        test("V4 who stands in a field of the map is brought into view", async () => {
            const page = await at("region", "value/map", ".map");
            await page.locator('[data-field="55"]').click();
            const heading = page.locator("section.panel h2:focus");
            await heading.waitFor();
            assert.ok(await heading.evaluate((one) => {
                const {top, bottom} = one.getBoundingClientRect();
                return top >= 0 && bottom <= innerHeight;
            }), "the list is on the screen");
        });

        test("S1 where nobody has registered anybody, nobody is best", async () => {
            const page = await at("region", "staff/contest", "tbody tr");
            assert.equal(await page.locator("tbody .tag").count(), 0);
        });

        test("X6 the desk sees whom a last offer is due to, and makes it", async () => {
            const page = await at("desk", "desk", ".filters");
            await page.getByText(words["desk.empty"]).waitFor();
            await page.locator("[name=show]").selectOption("unsatisfied");
            await page.locator("tbody tr").getByText(words["desk.offer"]).waitFor();
            await look(page, "unsatisfied");
            await page.locator("tbody a").click();
            await page.locator("[name=kind]").selectOption("gift");
            assert.equal(await page.locator("[name=step]").inputValue(), "compensate");
            await page.locator("[name=text]").fill("a silk scarf");
            await page.locator("form:has([name=step]) [type=submit]").click();
            await page.locator(".thread", {hasText: "a silk scarf"}).waitFor();
            assert.deepEqual(ask("dangol-hub", ["complaints", shop.hub, "--unsatisfied"]), []);
        });

        test("K8 the desk reads what customers said, by whose matter it is", async () => {
            const page = await at("desk", "desk/said", "tbody tr");
            await page.locator("tbody tr", {hasText: "the lining is too thin"}).waitFor();
            await look(page, "said");
            await page.locator("[name=matter]").selectOption("region");
            await page.getByText(words["findings.empty"]).waitFor();
        });

        test("P3 P4 P5 a customer's points, packages and benefits are shown", async () => {
            const page = await at("desk", `customers/${ids.ann}`, ".agreement");
            const {balance} = ask("dangol-hub", ["points", shop.hub, ids.ann]);
            const said = (/** @type {string} */ word, /** @type {number} */ count) =>
                words[word].other.replace("{count}", new Intl.NumberFormat(locale).format(count));
            await page.getByText(said("rewards.points", balance)).waitFor();
            await page.locator("li", {hasText: "CARE-10"}).getByText(said("packages.left", 10)).waitFor();
            await page.locator("li", {hasText: "10 off"}).getByText(words["benefit.coupon"]).waitFor();
            await look(page, "customer");
        });

        test("C9 the desk notes who belongs to a customer", async () => {
            const page = await at("desk", `customers/${ids.ann}`, ".agreement");
            await page.getByRole("button", {name: words["relations.edit"]}).click();
            await page.locator("[name=whom]").fill("A2");
            await page.keyboard.press("Enter");
            await page.locator(`[name=other][value="${ids.bob}"]:checked`).waitFor();
            await page.getByRole("dialog").locator("[type=submit]").click();
            await page.locator(".facts dd", {hasText: "Sample Bob"}).waitFor();
            const [one] = ask("dangol-hub", ["recall", shop.hub, "--card", "A1"]).relations;
            assert.deepEqual([one.relation, one.customer], ["family", ids.bob]);
            await page.locator(".facts a", {hasText: "Sample Bob"}).click();
            await page.locator("h1", {hasText: "Sample Bob"}).waitFor();
        });

        test("K6 gatherings are shown by store and each, with who came", async () => {
            const page = await at("region", "staff/gatherings", "section.panel");
            await page.locator("tbody tr", {hasText: "Demo Street"}).filter({hasText: "120,000"}).first().waitFor();
            await page.locator("tbody a", {hasText: "Tea at noon"}).waitFor();
            await look(page, "gatherings");
            await page.locator("tbody a", {hasText: "Tea at noon"}).click();
            await page.locator("tbody tr", {hasText: "Example Ann"}).waitFor();
            await look(page, "guests");
        });

        test("C10 the appraisal shows who reviewed the files, and the desk hands customers over", async () => {
            const page = await at("desk", "staff/appraisal", "tbody tr");
            const heads = await page.locator("thead th").allInnerTexts();
            const lee = page.locator("tbody tr", {hasText: "Lee Demo"}).locator("th, td");
            assert.equal(await lee.nth(heads.indexOf(words["staff.reviews"])).innerText(), "1");
            await page.getByRole("button", {name: words["handover.do"]}).click();
            const dialog = page.getByRole("dialog");
            await dialog.locator("[name=from]").selectOption("12/kim");
            await dialog.locator("[name=to]").selectOption("12/lee");
            await look(page, "handover");
            await dialog.locator("[type=submit]").click();
            await dialog.waitFor({state: "detached"});
            assert.equal(ask("dangol-hub", ["recall", shop.hub, "--card", "A1"]).custodian.staff, "lee");
        });

        test("K2 V7 a policy tells beforehand what changes in the lists it is about", async () => {
            const page = await at("region", "policy", "tbody tr");
            const dialog = page.getByRole("dialog");
            /** @param {string} key @param {string} value */
            async function show(key, value) {
                await page.locator("tr", {has: page.locator("code", {hasText: new RegExp(`^${key}$`)})})
                    .getByRole("button").click();
                await dialog.locator("[name=value]").fill(value);
                await dialog.locator("[type=submit]").click();
                await dialog.locator(".effect").waitFor();
            }
            const effect = (/** @type {string} */ kind) => dialog.locator(`[data-effect=${kind}]`);
            await show("inactive-months", "11,12");
            for (const name of ["Sample Bob", "Sample Tom"]) {
                await effect("inactive").locator("tr", {hasText: name}).getByText(words["change.gone"]).waitFor();
            }
            await effect("followups").locator("tr", {hasText: "Sample Tom"}).getByText(words["change.gone"]).waitFor();
            await effect("back").locator("tr").first().waitFor();
            await look(page, "policy");
            await page.keyboard.press("Escape");
            await show("letter-spend", "400000");
            const ann = effect("followups").locator("tr", {hasText: "Example Ann"});
            await ann.filter({hasText: words["followup.letter"]}).getByText(words["change.added"]).waitFor();
            await page.keyboard.press("Escape");
            const set = ask("dangol-hub", ["policy", shop.hub]).filter(
                (/** @type {any} */ row) => row.value !== row.default);
            assert.deepEqual(set, [], "nothing is saved by looking");
        });

        test("nothing went wrong on the page", () => assert.deepEqual(wrong.flat(), []));
    });
}
