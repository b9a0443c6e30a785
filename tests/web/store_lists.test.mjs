/**
 * What a store does with people, points and lists beside the sale, in a browser, in each language: relations, points
 * spent, benefits given, a birthday with its age, last offers, rainy days, findings, who stays away, files to check.
 * Screenshots go to web/ in the build.
 */
import assert from "node:assert/strict";
import {after, afterEach, before, describe, test} from "node:test";
import {accessible, ask, complaints, day, run, Shop, shot, signIn, wordsOf} from "./shop.mjs";

const AGE = 40;
const SIZES = /** @type {Record<string, {width: number, height: number}>} */ ({
    desk: {width: 1280, height: 860}, tablet: {width: 820, height: 1180}});

/** The birthday of somebody who turns AGE so many days from now. @param {number} days */
function birthday(days) {
    const next = day(days);
    // Who is born on February 29th has a birthday in other years, too, but not on the day this test would name.
    return `${Number(next.slice(0, 4)) - AGE}${next.slice(4)}`;
}

for (const [language, locale] of [["ko", "ko-KR"], ["zh", "zh-CN"], ["en", "en-GB"]]) {
    describe(`people, points and lists at a store in ${language}`, () => {
        /** @type {Shop} */
        let shop;
        /** @type {import("playwright-core").Page} */
        let page;
        /** @type {Record<string, any>} */
        let words;
        /** @type {string[][]} */
        const wrong = [];
        const ids = {ann: "", bob: "", tom: ""};
        let complaint = "";

        before(async () => {
            words = await wordsOf(language);
            shop = await Shop.open((opened) => {
                const node = (/** @type {string[]} */ ...said) => run("dangol-node",
                    [said[0], opened.node, ...said.slice(1)]);
                node("staff", "add", "lee", "--role", "manager", "--name", "Lee Demo", "--keeper");
                for (const [index, name] of ["Example Ann", "Sample Bob", "Sample Sue", "Sample Tom"].entries()) {
                    node("register", "--name", name, "--phone", `010-0000-000${index + 1}`, "--card", `A${index + 1}`,
                        "--staff", "kim", ...(index === 0 ? ["--birthday", birthday(3)] : []));
                }
                [ids.ann, ids.bob, ids.tom] = ["A1", "A2", "A4"].map(
                    (card) => ask("dangol-node", ["customer", opened.node, "--card", card]).id);
                node("purchase", "--card", "A1", "--line", "COAT-1,1,900000");
                node("purchase", "--card", "A2", "--line", "HAT-1,1,50000", "--at", day(-300));
                node("purchase", "--card", "A4", "--line", "HAT-1,1,50000", "--at", day(-400));
                node("complaint", "open", "--card", "A3", "--channel", "counter", "--text", "a button came off");
                complaint = ask("dangol-node", ["complaints", opened.node])[0].id;
                node("complaint", "step", complaint, "outcome", "--satisfied", "no", "--skip-reason", "in a hurry");
            });
            await open("kim", "1234");
        });
        after(() => shop?.close());
        afterEach((context) => shop?.explain(context));

        /** @param {string} code @param {string} pin */
        async function open(code, pin) {
            await page?.context().close();
            page = await shop.page({locale});
            wrong.push(complaints(page));
            await signIn(page, shop.url, code, pin);
        }

        /** @param {string} place @param {string} shown a selector of what is there at last */
        async function go(place, shown) {
            await page.goto(`${shop.url}/#/${place}`);
            await page.locator(shown).first().waitFor();
        }

        /** Looks at what is shown now, in light and dark, at a desk and on a tablet. @param {string} what */
        async function look(what) {
            for (const [colorScheme, size] of /** @type {const} */ ([["light", "desk"], ["dark", "tablet"]])) {
                await page.setViewportSize(SIZES[size]);
                await page.emulateMedia({colorScheme});
                await accessible(page, `${what}, ${colorScheme}`);
                const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
                assert.ok(over <= 0, `${what}: ${over} pixels too wide on a ${size}`);
                await shot(page, `${language}-lists-${what}-${size}`);
            }
            await page.setViewportSize(SIZES.desk);
            await page.emulateMedia({colorScheme: "light"});
        }

        const card = () => ask("dangol-node", ["recall", shop.node, "--card", "A1"]);
        const balance = () => ask("dangol-node", ["points", shop.node, ids.ann]).balance;
        const dialog = () => page.getByRole("dialog");
        const send = () => dialog().locator("[type=submit]").click();

        test("C6 the card says how old she turns, and when", async () => {
            await go(`customer/${ids.ann}`, ".agreement");
            const line = await page.locator(".alerts .good").innerText();
            const date = new Intl.DateTimeFormat(locale, {timeZone: "UTC", month: "short", day: "numeric"})
                .format(new Date(birthday(3)));
            const turns = words["card.birthday.turns"].replace("{age}", String(AGE)).replace("{day}", date);
            assert.ok(line.includes(turns), `${line} does not say ${turns}`);
            await look("birthday");
        });

        test("C9 notes by keyboard who comes along, and ends it", async () => {
            await page.getByRole("button", {name: words["relations.edit"]}).focus();
            await page.keyboard.press("Enter");
            await dialog().locator("[name=whom]").fill("nobody at all");
            await page.keyboard.press("Enter");
            await dialog().getByText(words["problem.whom.not_found"]).waitFor();
            await page.locator("[name=whom]:focus").fill("sample");
            await page.keyboard.press("Enter");
            await dialog().locator(`[name=other][value="${ids.bob}"]`).check();
            await dialog().locator("[name=kind][value=leader]").check();
            await look("relations");
            await send();
            await page.locator(".facts dt", {hasText: words["relation.leader"]}).waitFor();
            assert.deepEqual(card().relations.map((/** @type {any} */ one) => [one.customer, one.relation]),
                [[ids.bob, "leader"]]);
            await go(`customer/${ids.bob}`, ".agreement");
            await page.locator(".facts dt", {hasText: words["relation.follower"]}).waitFor();
            await go(`customer/${ids.ann}`, ".agreement");
            await page.getByRole("button", {name: words["relations.edit"]}).click();
            await dialog().locator('[name="kept.0"]').uncheck();
            await send();
            await page.locator(".facts dt", {hasText: words["relation.leader"]}).waitFor({state: "detached"});
            assert.deepEqual(card().relations, []);
        });

        test("P3 spends points on the card and at the sale, and no more than there are", async () => {
            const had = balance();
            assert.ok(had >= 100, `${had} points are too few for this test`);
            for (const place of [`customer/${ids.ann}`, `customer/${ids.ann}/sell`]) {
                await go(place, ".points button");
                await page.locator(".points button").click();
                await dialog().locator("[name=points]").fill(String(had + 1));
                await send();
                await dialog().locator(".error").waitFor();
                await dialog().locator("[name=points]").fill("30");
                await look(place.endsWith("sell") ? "points-at-sale" : "points");
                await send();
                await dialog().waitFor({state: "detached"});
            }
            const shown = new Intl.NumberFormat(locale).format(had - 60);
            await page.locator(".points", {hasText: shown}).waitFor();
            assert.equal(balance(), had - 60);
        });

        test("P4 notes a benefit, with what it cost", async () => {
            await go(`customer/${ids.ann}`, ".points");
            await page.getByRole("button", {name: words["benefit.give"]}).click();
            await dialog().locator("[name=kind][value=coupon]").check();
            await dialog().locator("[name=note]").fill("10 off");
            await dialog().locator("[name=cost]").fill("1o000");
            await send();
            await dialog().getByText(words["field.amount"]).waitFor();
            await dialog().locator("[name=cost]").fill("10,000");
            await look("benefit");
            await send();
            await page.locator(".panel li", {hasText: "10 off"}).waitFor();
            const [given] = ask("dangol-node", ["benefits", shop.node, ids.ann]);
            assert.deepEqual([given.kind, given.cost, given.note], ["coupon", 10000, "10 off"]);
        });

        test("X6 who was not satisfied is listed until a last offer is made", async () => {
            await go("complaints?show=unsatisfied", "tbody tr");
            await page.locator("tbody tr").getByText(words["complaints.offer"]).waitFor();
            await look("unsatisfied");
            await page.locator("tbody a").click();
            await page.locator(".guide .step", {hasText: words["step.compensate"]}).waitFor();
            assert.equal(await page.locator("summary", {hasText: words["complaint.reopen"]}).count(), 0,
                "is for the manager");
            await page.locator(".guide [name=text]").fill("a last offer");
            await page.locator("[name=kind][value=gift]").check();
            await look("last-offer");
            await page.locator(".guide form [type=submit]").click();
            await page.locator(".thread", {hasText: "a last offer"}).waitFor();
            await go("complaints?show=unsatisfied", ".empty");
            assert.deepEqual(ask("dangol-node", ["complaints", shop.node, "--unsatisfied"]), []);
        });

        test("K2 marks a rainy day, and takes a mark back", async () => {
            const rainy = () => ask("dangol-node", ["followups", shop.node, "--kind", "rainy"])
                .map((/** @type {any} */ row) => row.customer);
            await go("today", "h1");
            for (const [off, whom] of /** @type {[string, string[]][]} */ ([["no", [ids.ann]], ["yes", []]])) {
                await page.getByRole("button", {name: words["mark.do"]}).click();
                await dialog().locator(`[name=off][value=${off}]`).check();
                if (off === "no") await look("rainy");
                await send();
                await dialog().waitFor({state: "detached"});
                assert.deepEqual(rainy(), whom);
            }
        });

        test("K8 V10 notes whose matter it is and why somebody left, and lists it", async () => {
            await go(`customer/${ids.bob}/contact`, "form");
            await page.locator("summary").click();
            await page.locator("[name=matter][value=company]").check();
            await page.locator("form [type=submit]").click();
            await page.getByText(words["contact.matter.needed"]).waitFor();
            await page.locator("[name=note]").fill("the lining is too thin");
            await page.locator("[name=reason]").selectOption("quality");
            await look("contact");
            await page.locator("form [type=submit]").click();
            await page.locator(".card h1").waitFor();
            await go("customers?show=said", "tbody tr");
            await page.locator("tr", {hasText: "the lining is too thin"}).getByText(words["level.company"]).waitFor();
            await look("said");
            const [left] = ask("dangol-node", ["report", shop.node, "leaving"]);
            assert.deepEqual([left.reason, left.customers], ["quality", 1]);
        });

        test("V7 a manager sees who stays away, and whether anybody knows why", async () => {
            await go("customers", ".tabs");
            const tab = page.getByRole("link", {name: words["customers.away"]});
            assert.equal(await tab.count(), 0, "is for the manager");
            await open("lee", "4321");
            await go("customers?show=away", "tbody tr");
            await page.locator("tr", {hasText: "Sample Bob"}).getByText(words["away.known"], {exact: true}).waitFor();
            const tom = page.locator("tr", {hasText: "Sample Tom"});
            await tom.locator(".tag", {hasText: words["away.silent"]}).waitFor();
            await look("away");
            const rows = ask("dangol-node", ["report", shop.node, "inactive"]);
            assert.deepEqual(rows.map((/** @type {any} */ row) => [row.customer, row.silent]).sort(),
                [[ids.bob, false], [ids.tom, true]].sort());
            assert.equal(await page.locator("tbody tr").count(), rows.length);
        });

        test("X6 a manager opens a complaint again", async () => {
            await go(`complaints/${complaint}`, ".steps");
            await page.locator("summary", {hasText: words["complaint.reopen"]}).click();
            await page.locator("[name=why]").fill("the gift broke, too");
            await page.locator("details [type=submit]").click();
            await page.locator(".thread", {hasText: "the gift broke, too"}).waitFor();
            assert.equal(ask("dangol-node", ["complaints", shop.node])[0].id, complaint);
        });

        test("S1 C10 a manager notes what a sampled file was found to be, and the monthly review", async () => {
            await go("contests", "h1");
            await page.getByRole("link", {name: words["files.title"]}).click();
            const row = page.locator("tbody tr").first();
            await row.getByRole("button").click();
            await send();
            await dialog().getByText(words["field.needed"]).waitFor();
            await dialog().locator("[name=valid][value=no]").check();
            await dialog().locator("[name=findings]").fill("has moved");
            await look("check");
            await send();
            await row.getByText(words["files.valid.no"]).waitFor();
            await page.locator("[name=files]").fill("many");
            await page.keyboard.press("Enter");
            await page.getByText(words["files.count.wrong"]).waitFor();
            await page.locator("[name=files]").fill("3");
            await page.keyboard.press("Enter");
            const reviews = words["files.reviews"];
            await page.getByText((reviews.one ?? reviews.other).replace("{name}", "Lee Demo").replace("{count}", "1"))
                .waitFor();
            await look("files");
            const sampled = ask("dangol-node", ["staff", shop.node, "sample"]);
            assert.equal(sampled.filter((/** @type {any} */ one) => one.verified && !one.valid).length, 1);
            const lee = ask("dangol-node", ["staff", shop.node]).find((/** @type {any} */ one) => one.staff === "lee");
            assert.equal(lee.reviews, 1);
        });

        test("nothing went wrong on the page", () => assert.deepEqual(wrong.flat(), []));
    });
}
