/**
 * A whole day at a store, in a browser, in each language: the hub is off, the shop goes on; then it is on, and the
 * light says so by itself. Screenshots go to web/ in the build.
 */
import assert from "node:assert/strict";
import {after, afterEach, before, describe, test} from "node:test";
import {accessible, ask, complaints, monthDay, run, Shop, shot, signIn, wordsOf} from "./shop.mjs";

const SCRIPT = "<img src=x onerror=alert(1)><script>alert(2)</script>";

for (const [language, locale, phone, name] of [
    ["ko", "ko-KR", "010-5555-0001", "김보기"], ["zh", "zh-CN", "010-5555-0002", "王样例"],
    ["en", "en-GB", "010-5555-0003", "Sample Sue"],
]) {
    describe(`a day at a store in ${language}`, () => {
        /** @type {Shop} */
        let shop;
        /** @type {import("playwright-core").Page} */
        let page;
        /** @type {Record<string, any>} */
        let words;
        /** @type {string[]} */
        let wrong;
        let customer = "";

        before(async () => {
            words = await wordsOf(language);
            shop = await Shop.open((opened) => {
                run("dangol-node", ["register", opened.node, "--name", "Example Ann", "--phone", "010-0000-0001",
                    "--card", "A1", "--birthday", "1985-" + monthDay(2)]);
                run("dangol-node", ["register", opened.node, "--name", SCRIPT, "--phone", "010-0000-0002"]);
                run("dangol-node", ["purchase", opened.node, "--card", "A1", "--line", "COAT-1,1,389000", "--at",
                    "2026-03-01T10:00"]);
            });
            page = await shop.page({locale});
            wrong = complaints(page);
        });
        after(() => shop?.close());
        afterEach((context) => shop?.explain(context));

        test("E14 signs in with code and PIN, and says what is wrong", async () => {
            await page.goto(shop.url);
            await page.fill("[name=name]", "kim");
            await page.fill("[name=secret]", "9999");
            await page.keyboard.press("Enter");
            await page.getByText(words["problem.wrong_pin"]).waitFor();
            assert.equal(await page.inputValue("[name=name]"), "kim");
            assert.equal(await page.inputValue("[name=secret]"), "");
            await accessible(page, "sign-in");
            await shot(page, `${language}-sign-in`);
            await signIn(page, shop.url);
            assert.equal(await page.getAttribute("html", "lang"), {ko: "ko", zh: "zh-CN", en: "en"}[language]);
        });

        test("E1 says without a hub what waits since when", async () => {
            const light = page.locator(".sync");
            await light.filter({hasText: /\d/}).waitFor();
            const {waiting} = ask("dangol-node", ["status", shop.node]);
            assert.ok((await light.innerText()).includes(String(waiting)), await light.innerText());
            await light.click();
            await page.getByText(words["sync.waiting.explain"]).waitFor();
            await shot(page, `${language}-light`);
            await page.keyboard.press("Escape");
            await page.locator("dialog").waitFor({state: "detached"});
            const focused = await light.evaluate((element) => element === document.activeElement);
            assert.ok(focused, "the focus is back at the light");
        });

        test("C6 recognises somebody by the end of a number, a card and a name", async () => {
            for (const typed of ["0001", "a1", "example"]) {
                await page.fill("[data-find]", typed);
                await page.locator(".found li").first().waitFor();
                await page.keyboard.press("Enter");
                await page.locator(".card h1", {hasText: "Example Ann"}).waitFor();
                await page.getByText("COAT-1").waitFor();
            }
            // A whole number needs no Enter at all.
            await page.locator("[data-find]").pressSequentially("01000000001");
            await page.locator(".card h1", {hasText: "Example Ann"}).waitFor();
            await shot(page, `${language}-card`);
            await accessible(page, "card");
        });

        test("C6 opens whom the text means now, not whom the text before meant", async () => {
            await page.fill("[data-find]", "a1");
            await page.locator(".found li").first().waitFor();
            await page.fill("[data-find]", "010-0000-0002");
            await page.keyboard.press("Enter"); // as a scanner does, before any answer
            await page.locator(".card h1", {hasText: SCRIPT}).waitFor();
            assert.equal(await page.inputValue("[data-find]"), "");
            // An answer that is late does not touch what is typed since.
            /** @type {() => void} */
            let release = () => {};
            await page.route("**/api/v1/customers?*", async (route) => {
                await new Promise((resolve) => { release = () => resolve(undefined); });
                await route.continue().catch(() => {}); // the page may have given it up
            });
            const asked = page.waitForRequest("**/api/v1/customers?*");
            await page.fill("[data-find]", "010-0000-0001");
            await asked;
            await page.fill("[data-find]", "Ex");
            await page.unroute("**/api/v1/customers?*");
            release();
            await page.locator(".found li", {hasText: "Example Ann"}).waitFor();
            assert.equal(await page.inputValue("[data-find]"), "Ex");
            await page.keyboard.press("Escape");
        });

        test("shows a script in a name as the text it is", async () => {
            await page.fill("[data-find]", "0002");
            await page.keyboard.press("Enter");
            await page.locator(".card h1", {hasText: SCRIPT}).waitFor();
            assert.equal(await page.locator("main img, main script").count(), 0);
            assert.deepEqual(wrong, []);
        });

        test("C1 C4 registers whom nobody knows, from the same field", async () => {
            await page.locator("[data-find]").fill("");
            await page.locator("[data-find]").pressSequentially(phone.replace(/-/g, ""));
            assert.equal(await page.inputValue("[data-find]"), phone, "digits are grouped as they are typed");
            await page.locator(".unknown").waitFor();
            await page.keyboard.press("Enter");
            await page.locator("[name=name]").waitFor();
            assert.equal(await page.inputValue("[name=phone]"), phone);
            await page.fill("[name=name]", name);
            await page.keyboard.press("Enter");
            await page.getByText(words["register.told.needed"]).waitFor();
            await accessible(page, "registration with an error");
            await shot(page, `${language}-register`);
            await page.check("[name=told]");
            await page.check("[name=rules_shown]");
            await page.locator("form button[type=submit]").click();
            await page.locator(".card h1", {hasText: name}).waitFor();
            customer = page.url().split("/").pop() ?? "";
            const file = ask("dangol-node", ["customer", shop.node, customer]);
            assert.deepEqual([file.name, file.phone], [name, phone]);
        });

        test("sells once, though the button is pressed twice and the first request is lost", async () => {
            /** @type {string[]} */
            const keys = [];
            await page.route("**/api/v1/purchases", async (route) => {
                keys.push(route.request().headers()["idempotency-key"]);
                if (keys.length === 1) {
                    await route.fetch(); // it arrives, its answer does not
                    await route.abort();
                } else {
                    await route.continue();
                }
            });
            await page.keyboard.press("s");
            await page.locator('[name="lines.0.sku"]').fill("DRESS-7");
            await page.keyboard.press("Enter");
            await page.keyboard.type("8,90x");
            await page.keyboard.press("Control+Enter");
            await page.getByText(words["field.amount"]).waitFor();
            await page.locator('[name="lines.0.amount"]').fill("89,000");
            await page.keyboard.press("Enter");
            await page.keyboard.type("SCARF-2");
            await page.keyboard.press("Enter");
            await page.keyboard.type("12000");
            await shot(page, `${language}-sell`);
            await accessible(page, "sale");
            await page.locator("form button[type=submit]").dblclick();
            await page.getByText(words["form.kept"]).waitFor();
            assert.equal(await page.inputValue('[name="lines.1.amount"]'), "12000");
            await page.locator("form button[type=submit]").dblclick();
            await page.locator(".card").getByText("SCARF-2").waitFor();
            await page.unroute("**/api/v1/purchases");
            assert.equal(new Set(keys).size, 1, "the same form, the same key");
            const file = ask("dangol-node", ["customer", shop.node, customer]);
            assert.deepEqual([file.visits, file.spend], [1, 101000]);
        });

        test("P2 takes a part of it back", async () => {
            await page.keyboard.press("r");
            await page.locator(".sales button").first().click();
            await page.uncheck('[name="line.0"]');
            await shot(page, `${language}-return`);
            await accessible(page, "return");
            await page.locator("form button[type=submit]").click();
            await page.locator(".card h1").waitFor();
            assert.equal(ask("dangol-node", ["customer", shop.node, customer]).spend, 89000);
        });

        test("K1 K3 notes a contact and a promise, and shows it on the card", async () => {
            await page.keyboard.press("c");
            await page.locator(".option:has([value=message])").click();
            await page.locator(".option:has([value=reached])").click();
            await page.locator("summary").click();
            await page.locator(".option:has([value='4'])").click();
            await page.fill("[name=promise_by]", "2031-12-24");
            await page.fill("[name=promise]", "blue coat");
            await shot(page, `${language}-contact`);
            await accessible(page, "contact");
            await page.locator("form button[type=submit]").click();
            await page.locator(".alerts").getByText("blue coat").waitFor();
        });

        test("K2 shows whom to congratulate today, and forgets it once it is done", async () => {
            await page.keyboard.press("t");
            const row = page.locator(".due", {hasText: "Example Ann"}).filter({hasText: words["why.birthday"]});
            await row.waitFor();
            await row.locator("button").first().click();
            await row.locator(".option:has([value=reached])").click();
            await row.locator("[name=note]").fill("glad");
            await shot(page, `${language}-today`);
            await accessible(page, "today");
            await row.locator("button[type=submit]").click();
            await row.waitFor({state: "detached"});
            const left = ask("dangol-node", ["followups", shop.node]);
            assert.equal(left.filter((/** @type {any} */ one) => one.kind === "birthday" && !one.done).length, 0);
        });

        test("K1 keeps what a contact was for as a code, and shows it and what came of it in words", async () => {
            const [ann] = ask("dangol-node", ["search", shop.node, "Example Ann"]);
            const purposes = [customer, ann.customer].flatMap((id) => ask("dangol-node", ["customer", shop.node, id])
                .history.filter((/** @type {any} */ one) => one.type === "contacted")
                .map((/** @type {any} */ one) => one.body.purpose));
            assert.deepEqual(purposes, ["thanks", "birthday"]);
            await page.goto(`${shop.url}/#/customer/${customer}/history`);
            const line = page.locator(".thread li", {hasText: words["purpose.thanks"]});
            const mark = words["contact.mark"].replace("{score}", "4");
            await line.filter({hasText: words["outcome.reached"]}).filter({hasText: mark}).waitFor();
            await shot(page, `${language}-history`);
        });

        test("X1 X2 guides through a complaint, and lets no step be left out without a reason", async () => {
            await page.goto(`${shop.url}/#/customer/${customer}/complain`);
            await page.fill("[name=text]", "a button came off");
            await page.fill("[name=sku]", "DRESS-7");
            await shot(page, `${language}-complain`);
            await page.locator("form button[type=submit]").click();
            await page.locator(".guide h2", {hasText: words["step.listen"]}).waitFor();
            await page.fill("[name=text]", "heard");
            await page.locator(".guide button[type=submit]").click();
            await page.locator(".guide h2", {hasText: words["step.empathise"]}).waitFor();
            await page.selectOption("[name=other]", "apologise");
            await page.fill("[name=text]", "said sorry");
            await page.locator(".guide button[type=submit]").click();
            await page.getByText(words["complaint.skip.needed"]).waitFor();
            await accessible(page, "complaint");
            await page.fill("[name=skip_reason]", "in a hurry");
            await page.locator(".guide button[type=submit]").click();
            await page.locator(".guide h2", {hasText: words["step.cause"]}).waitFor();
            await page.getByText("in a hurry").waitFor();
            await page.locator(".guide button[type=submit]").click(); // without a word on what was done
            await page.locator(".error", {hasText: words["field.needed"]}).waitFor();
            await shot(page, `${language}-complaint`);
            const [complaint] = ask("dangol-node", ["complaints", shop.node]);
            assert.deepEqual([complaint.step, complaint.left_out], ["apologise", ["empathise"]]);
        });

        test("every place is there, and accessible in the light and in the dark", async () => {
            const places = ["customers", "complaints", "contests", `customer/${customer}/history`, "register", "sell"];
            for (const place of places) {
                for (const scheme of /** @type {const} */ (["light", "dark"])) {
                    await page.emulateMedia({colorScheme: scheme});
                    await page.goto(`${shop.url}/#/${place}`);
                    await page.locator("main h1").waitFor();
                    await page.locator(".loading").waitFor({state: "detached"});
                    await accessible(page, `${place} in the ${scheme}`);
                    await shot(page, `${language}-${place.replace(/\W+/g, "-")}-${scheme}`);
                }
            }
            for (const place of [`customer/${customer}`, "today", ""]) {
                await page.goto(`${shop.url}/#/${place}`);
                await page.locator(".loading").waitFor({state: "detached"});
                await accessible(page, `${place} in the dark`);
                await shot(page, `${language}-${place.split("/")[0] || "counter"}-dark`);
            }
            await page.emulateMedia({colorScheme: "light"});
        });

        test("E1 E2 sends everything once the hub is there, and the light says so by itself", async () => {
            await page.goto(`${shop.url}/#/`);
            await page.locator(".sync.waiting").waitFor();
            await shop.openHub();
            await page.locator(".sync.level", {hasText: words["sync.level"]}).waitFor({timeout: 60000});
            await shot(page, `${language}-level`);
            const known = ask("dangol-hub", ["customer", shop.hub, "--phone", phone]);
            assert.deepEqual([known.name, known.spend], [name, 89000]);
            const [complaint] = ask("dangol-hub", ["complaints", shop.hub]);
            assert.equal(complaint.step, "apologise");
        });

        test("nothing went wrong on the page all day", () => {
            assert.deepEqual(wrong, []);
        });
    });
}
