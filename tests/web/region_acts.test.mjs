/**
 * What the region's people do for a customer from her page, in a browser, in each language: the desk notes a contact
 * with a promise and keeps it, puts the file right and takes an entry back; the region gives a tier by hand and forgets
 * somebody on request; a store's manager says whose a complaint of nobody's is. Screenshots go to web/ in the build.
 */
import assert from "node:assert/strict";
import {after, afterEach, before, describe, test} from "node:test";
import {accessible, ask, complaints, day, enter, run, Shop, shot, until, wordsOf} from "./shop.mjs";

const PASSWORD = "made-up password";
const SIZES = [{width: 390, height: 844}, {width: 768, height: 1024}, {width: 1280, height: 860}];

/** What the store wrote before. @param {Shop} shop */
function write(shop) {
    const node = (/** @type {string[]} */ ...said) => run("dangol-node", [said[0], shop.node, ...said.slice(1)]);
    for (const [index, name] of ["Example Ann", "Sample Bob"].entries()) {
        node("register", "--name", name, "--phone", `010-0000-000${index + 1}`, "--card", `A${index + 1}`);
    }
    node("purchase", "--card", "A1", "--line", "COAT-1,1,500000");
    node("purchase", "--card", "A1", "--line", "HAT-1,1,50000");
    node("complaint", "open", "--channel", "phone", "--text", "nobody called back", "--topic", "Call");
    run("dangol-hub", ["policy", shop.hub, "--set", "tiers=silver:1000000,gold:5000000"]);
    for (const role of ["desk", "region", "manager"]) {
        run("dangol-hub", ["user", shop.hub, "add", `demo-${role}`, "--role", role], `${PASSWORD}\n`);
    }
}

for (const [language, locale] of [["ko", "ko-KR"], ["zh", "zh-CN"], ["en", "en-GB"]]) {
    describe(`acts for a customer at the region in ${language}`, () => {
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
            shop = await Shop.open(write);
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
            for (const [index, size] of SIZES.entries()) {
                const colorScheme = index % 2 ? "dark" : "light";
                await page.setViewportSize(size);
                await page.emulateMedia({colorScheme});
                await accessible(page, `${what}, ${size.width}`);
                const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
                assert.ok(over <= 0, `${what}: ${over} pixels too wide at ${size.width}`);
                await shot(page, `region-${language}-acts-${what}-${size.width}`);
            }
            await page.emulateMedia({colorScheme: "light"});
        }

        /** Opens a dialog of the page. @param {import("playwright-core").Page} page @param {string} word */
        async function open(page, word) {
            await page.getByRole("button", {name: words[word], exact: true}).click();
            return page.getByRole("dialog");
        }

        test("K4 the desk notes a contact, what was promised on it, and that it was kept", async () => {
            const page = await at("desk", `customers/${ids.ann}`, ".agreement");
            const dialog = await open(page, "care.contact");
            await dialog.locator("[name=purpose]").selectOption("fit");
            await dialog.locator("[name=note]").fill("the sleeve is short");
            await dialog.locator("summary").click();
            await dialog.locator("[name=by]").fill(day(-3));
            await dialog.locator("[name=promise]").fill("call her");
            await dialog.locator("[type=submit]").click();
            await dialog.getByText(words["form.partly"]).waitFor();
            await dialog.locator("[name=by]").fill(day(3));
            await look(page, "contact");
            await dialog.locator("[type=submit]").click();
            await dialog.waitFor({state: "detached"});
            await page.getByText(/call her/).first().waitFor();
            const contacts = ask("dangol-hub", ["customer", shop.hub, ids.ann]).history.filter(
                (/** @type {any} */ event) => event.type === "contacted");
            assert.deepEqual(contacts.map((/** @type {any} */ one) => one.body.purpose), ["fit"]);
            await page.locator("tbody tr", {hasText: words["purpose.fit"]}).filter({hasText: "sleeve"}).waitFor();
            await page.getByRole("button", {name: `${words["promise.keep"]}: call her`}).click();
            await page.getByRole("button", {name: `${words["promise.keep"]}: call her`}).waitFor({state: "detached"});
            assert.deepEqual(ask("dangol-hub", ["recall", shop.hub, "--card", "A1"]).promises, []);
        });

        test("C3 the desk puts the file right, and what is wrong stands at its field", async () => {
            const page = await at("desk", `customers/${ids.ann}`, ".agreement");
            const dialog = await open(page, "care.file");
            await dialog.locator("[name=phone]").fill("010-0000-0002");
            await dialog.locator("[name=size]").fill("66");
            await dialog.locator("[name=email]").fill("no address");
            await dialog.locator("[type=submit]").click();
            await dialog.getByText(words["problem.email.invalid"]).waitFor();
            await dialog.locator("[name=email]").fill("");
            await dialog.locator("[name=phone]").fill("010-0000-0009");
            await dialog.locator("[type=submit]").click();
            await dialog.waitFor({state: "detached"});
            const card = ask("dangol-hub", ["recall", shop.hub, "--card", "A1"]);
            assert.equal(card.phone, "010-0000-0009");
        });

        test("P2 the desk takes a sale back with a reason, and lets it count again", async () => {
            const page = await at("desk", `customers/${ids.ann}`, ".agreement");
            const spend = () => ask("dangol-hub", ["customer", shop.hub, ids.ann]).spend;
            const hat = page.locator("tbody tr", {hasText: "HAT-1"});
            await hat.getByRole("button").click();
            const dialog = page.getByRole("dialog");
            await dialog.locator("[type=submit]").click();
            await dialog.getByText(words["field.needed"]).waitFor();
            await dialog.locator("[name=reason]").fill("rung up twice");
            await look(page, "void");
            await dialog.locator("[type=submit]").click();
            await hat.getByText(words.voided).waitFor();
            assert.equal(spend(), 500000);
            await hat.getByRole("button").click();
            await dialog.locator("[name=reason]").fill("it was right");
            await dialog.locator("[type=submit]").click();
            await hat.getByText(words.voided).waitFor({state: "detached"});
            assert.equal(spend(), 550000);
        });

        test("V3 the region gives a tier by hand, and takes it back", async () => {
            const page = await at("region", `customers/${ids.ann}`, ".facts");
            assert.equal(await page.getByRole("button", {name: words["care.contact"], exact: true}).count(), 0);
            const dialog = await open(page, "care.grant");
            await dialog.locator("[name=tier][value=gold]").check({force: true});
            await look(page, "grant");
            await dialog.locator("[type=submit]").click();
            await page.locator(".facts .tier.gold").waitFor();
            assert.equal(ask("dangol-hub", ["customer", shop.hub, ids.ann]).tier, "gold");
            await open(page, "care.grant");
            await dialog.locator('[name=tier][value=""]').check({force: true});
            await dialog.locator("[type=submit]").click();
            await page.locator(".facts .tier.gold").waitFor({state: "detached"});
            assert.equal(ask("dangol-hub", ["customer", shop.hub, ids.ann]).tier, null);
        });

        test("E10 the region forgets somebody, once it is said twice, and sees how far it is", async () => {
            const page = await at("region", `customers/${ids.bob}`, ".facts");
            const dialog = await open(page, "care.erase");
            await dialog.locator("[name=again]").fill(ids.ann);
            await dialog.locator("[type=submit]").click();
            await dialog.getByText(words["erase.wrong"]).waitFor();
            await dialog.locator("[name=again]").fill(ids.bob);
            await look(page, "erase");
            await dialog.locator("[type=submit]").click();
            await dialog.locator(".facts dt", {hasText: "Demo Street"}).waitFor();
            await look(page, "erased");
            await dialog.getByRole("button", {name: words.close}).last().click();
            await page.locator(".notice.warn").waitFor();
            await until("the store has forgotten", () => ask("dangol-hub", ["erase", shop.hub, ids.bob]).done);
            assert.equal(await page.getByText("Sample Bob").count(), 0);
            await open(page, "erase.look");
            await dialog.locator("[type=submit]").click();
            await dialog.getByText(words["erase.done"]).waitFor();
        });

        test("X1 the desk notes a complaint, and what an app made up for it is not shown as a reference", async () => {
            const page = await at("desk", "complain", "[name=whom]");
            await page.locator("[name=whom]").fill("A1");
            await page.locator("[name=text]").fill("the zip is stuck");
            await page.locator("main form [type=submit]").click();
            await page.locator(".thread", {hasText: "the zip is stuck"}).waitFor();
            assert.equal(await page.getByText(words["complaint.ref"], {exact: true}).count(), 0);
        });

        test("C2 the manager says whose a complaint of nobody's is", async () => {
            const {id} = ask("dangol-hub", ["complaints", shop.hub]).find(
                (/** @type {any} */ row) => row.topic === "Call");
            const page = await at("manager", `complaints/${id}`, ".thread");
            const dialog = await open(page, "whose.do");
            await dialog.locator("[name=whom]").fill("A1");
            await dialog.locator("[type=submit]").click();
            await dialog.locator("[name=customer]:checked").waitFor({state: "attached"});
            await look(page, "whose");
            await dialog.locator("[type=submit]").click();
            await page.locator(".facts a", {hasText: "Example Ann"}).waitFor();
            const now = ask("dangol-hub", ["complaints", shop.hub]);
            assert.deepEqual(now.map((/** @type {any} */ row) => row.customer), [ids.ann, ids.ann]);
        });

        test("nothing was complained about by the browser", () => assert.deepEqual(wrong.flat(), []));
    });
}
