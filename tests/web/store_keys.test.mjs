/**
 * A store's day on the keyboard alone: where the focus goes after each act (WCAG 2.4.3), and that no key throws away
 * what was typed.
 */
import assert from "node:assert/strict";
import {after, afterEach, before, describe, test} from "node:test";
import {accessible, ask, complaints, day, run, Shop, signIn, wordsOf} from "./shop.mjs";

const STEPS = ["listen", "empathise", "apologise", "cause", "explain", "propose", "compensate", "outcome", "follow-up"];
/** The first field of a step, where that is not its text. @type {Record<string, string>} */
const FIRST = {cause: "cause", compensate: "kind", outcome: "satisfied"};

describe("the keyboard at a store", () => {
    /** @type {Shop} */
    let shop;
    /** @type {import("playwright-core").Page} */
    let page;
    /** @type {Record<string, any>} */
    let words;
    /** @type {string[]} */
    let wrong;
    let ann = "";

    before(async () => {
        words = await wordsOf("en");
        shop = await Shop.open((opened) => {
            const node = (/** @type {string[]} */ ...said) => run("dangol-node",
                [said[0], opened.node, ...said.slice(1)]);
            node("register", "--name", "Example Ann", "--phone", "010-0000-0001", "--card", "A1");
            ann = ask("dangol-node", ["customer", opened.node, "--card", "A1"]).id;
            node("purchase", "--card", "A1", "--line", "COAT-1,1,389000");
            for (const what of ["one", "two", "three"]) {
                node("promise", "add", ann, "--by", day(0), "--text", `promise ${what}`);
            }
        });
        page = await shop.page({locale: "en-GB"});
        wrong = complaints(page);
        await signIn(page, shop.url);
    });
    after(() => shop?.close());
    afterEach((context) => shop?.explain(context));

    /** @param {string} place @param {string} shown a selector of what is there at last */
    async function go(place, shown) {
        await page.goto(`${shop.url}/#/${place}`);
        await page.locator(shown).first().waitFor();
    }

    /** @param {string} selector */
    const focused = (selector) => page.locator(`${selector}:focus`).waitFor();

    test("X2 a complaint is opened and brought to its end without the mouse", async () => {
        await go("", "[data-find]");
        await page.keyboard.press("Alt+KeyX");
        await focused("[name=text]");
        await page.keyboard.type("a seam came open, now");
        await page.locator("form button[type=submit]").focus();
        await page.keyboard.press("Enter");
        for (const step of STEPS) {
            await page.locator(".guide h2", {hasText: words[`step.${step}`]}).waitFor();
            await focused(`.guide [name=${FIRST[step] ?? "text"}]`);
            if (step === "compensate") {
                assert.equal(await page.locator("[name=kind]:checked").count(), 0, "nothing is chosen for somebody");
                await page.keyboard.press("Space");
                await page.fill("[name=cost]", "ten");
            }
            if (step === "outcome") await page.keyboard.press("Space");
            // Letters that are shortcuts elsewhere, at once where the focus went.
            if (step !== "cause") await page.locator(".guide [name=text]").focus();
            await page.keyboard.type("qlton");
            if (step === "cause") await page.fill("[name=text]", "it was the thread");
            await page.locator(".guide button[type=submit]").focus();
            await page.keyboard.press("Enter");
            if (step !== "compensate") continue;
            await page.getByText(words["field.amount"]).waitFor();
            await focused("[name=cost]");
            await page.fill("[name=cost]", "10,000");
            await page.keyboard.press("Enter");
        }
        await page.locator("[data-focus]:focus", {hasText: words["complaint.closed"]}).waitFor();
        assert.equal(await page.locator(".guide").count(), 0);
        await accessible(page, "a complaint that is closed");
        const [row] = ask("dangol-node", ["complaints", shop.node, "--all"]);
        assert.deepEqual([row.step, row.state, row.satisfied], ["follow-up", "closed", true]);
        const {thread} = ask("dangol-node", ["complaint", shop.node, "show", row.id]);
        const [given] = thread.filter((/** @type {any} */ one) => one.body?.step === "compensate");
        assert.deepEqual([given.body.settlement, given.body.cost], ["exchange", 10000]);
    });

    test("another step keeps what was typed", async () => {
        await go("complain", "[name=text]");
        await page.fill("[name=text]", "a button is missing");
        await page.locator("form button[type=submit]").click();
        await focused(".guide [name=text]");
        await page.keyboard.type("heard in full");
        await page.selectOption("[name=other]", "apologise");
        await page.locator(".guide h2", {hasText: words["step.apologise"]}).waitFor();
        assert.equal(await page.inputValue(".guide [name=text]"), "heard in full");
        await page.fill("[name=skip_reason]", "in a hurry");
        await page.locator(".guide button[type=submit]").click();
        await page.locator(".guide h2", {hasText: words["step.cause"]}).waitFor();
        await focused(".guide [name=cause]");
    });

    test("K2 what was typed of an answer stays while it is folded, and goes when one says so", async () => {
        await go("today", ".due");
        const fold = page.locator(".due button[aria-expanded]").first();
        const note = page.locator(".answer [name=note]");
        await fold.click();
        await note.fill("asks for size M");
        await fold.click();
        await note.waitFor({state: "hidden"});
        await fold.click();
        await note.waitFor();
        assert.equal(await note.inputValue(), "asks for size M");
        await page.locator(".answer").getByRole("button", {name: words["cancel"], exact: true}).click();
        await note.waitFor({state: "detached"});
        await fold.click();
        assert.equal(await note.inputValue(), "");
        await fold.click();
    });

    test("K2 in Today the focus goes on to the next one, and at last to the heading", async () => {
        await go("today", ".due");
        for (let left = 3; left > 0; left--) {
            await page.locator(".due").nth(left - 1).waitFor();
            await page.locator(".due button[aria-expanded]").first().focus();
            await page.keyboard.press("Enter");
            await focused(".answer input[name=kind]");
            await page.check(".answer [name=outcome][value=reached]");
            await page.locator(".answer button[type=submit]").focus();
            await page.keyboard.press("Enter");
            await page.locator(".due").nth(left - 1).waitFor({state: "detached"});
            await focused(left > 1 ? ".due button[aria-expanded]" : "h1");
        }
    });

    test("P2 a return goes on to its lines", async () => {
        await go(`customer/${ann}/return`, ".sales button");
        await page.locator(".sales button").first().focus();
        await page.keyboard.press("Enter");
        await page.locator("form h2").waitFor();
        await page.locator("form :focus").waitFor();
    });

    test("no key throws away what was typed, unless one says so", async () => {
        const asks = page.getByRole("dialog", {name: words["leave.title"]});
        await go("register", "[name=name]");
        await page.fill("[name=name]", "Sample Sue");
        await page.evaluate(() => history.back());
        await asks.getByRole("button", {name: words["leave.stay"]}).click();
        await asks.waitFor({state: "detached"});
        await page.evaluate(() => history.back()); // and once more, as often as one likes
        await asks.getByRole("button", {name: words["leave.stay"]}).click();
        await asks.waitFor({state: "detached"});
        for (const key of ["Escape", "Alt+KeyT"]) {
            await page.keyboard.press(key);
            await asks.waitFor();
            await accessible(page, "the question before leaving");
            await page.keyboard.press("Enter"); // what is offered first loses nothing
            await asks.waitFor({state: "detached"});
            assert.equal(await page.inputValue("[name=name]"), "Sample Sue");
            await focused("[name=name]");
        }
        await page.locator("header nav a").nth(1).click();
        await asks.waitFor();
        await page.keyboard.press("Escape");
        await asks.waitFor({state: "detached"});
        await page.keyboard.press("Alt+KeyT");
        await asks.getByRole("button", {name: words["leave.go"]}).click();
        await page.locator("h1", {hasText: words["today.title"]}).waitFor();
        await go("register", "[name=name]");
        assert.equal(await page.inputValue("[name=name]"), "");
        await page.keyboard.press("Escape"); // nothing typed: nothing asked
        await page.locator(".counter").waitFor();
    });

    test("the back key leads where it did, after all, and forward again", async () => {
        const asks = page.getByRole("dialog", {name: words["leave.title"]});
        await go("contests", "h1");
        await go("register", "[name=name]");
        await page.fill("[name=name]", "Sample Sue");
        await page.evaluate(() => history.back());
        await asks.getByRole("button", {name: words["leave.stay"]}).click();
        await asks.waitFor({state: "detached"});
        await page.evaluate(() => history.back());
        await asks.getByRole("button", {name: words["leave.go"]}).click();
        await page.locator("h1", {hasText: words["contests.title"]}).waitFor();
        await page.evaluate(() => history.forward());
        await page.locator("[name=name]").waitFor();
        assert.equal(await page.inputValue("[name=name]"), "");
    });

    test("a dialog asks as well before what was typed in it goes", async () => {
        const asks = page.getByRole("dialog", {name: words["leave.title"]});
        await go(`customer/${ann}`, ".agreement");
        await page.getByRole("button", {name: words["tags.edit.of"]}).click();
        await page.fill("dialog [name=label]", "likes tea");
        await page.keyboard.press("Escape");
        await asks.getByRole("button", {name: words["leave.stay"]}).click();
        assert.equal(await page.inputValue("dialog [name=label]"), "likes tea");
        await page.keyboard.press("Escape");
        await asks.getByRole("button", {name: words["leave.go"]}).click();
        await page.locator("dialog").waitFor({state: "detached"});
        const edit = page.getByRole("button", {name: words["tags.edit.of"]});
        await edit.and(page.locator(":focus")).waitFor();
    });

    test("C4 the tick at registration is the consent, in the same write", async () => {
        await go("register", "[name=name]");
        await page.fill("[name=name]", "Sample Sue");
        await page.fill("[name=phone]", "010-0000-0002");
        await page.locator("form button[type=submit]").click();
        await page.getByText(words["register.told.needed"]).waitFor();
        await page.check("[name=told]");
        await page.locator("form button[type=submit]").click();
        await page.locator("[data-purpose=service][data-state=given]").waitFor();
        await page.locator("[data-purpose=news][data-state=unasked]").waitFor();
        const {consents} = ask("dangol-node", ["recall", shop.node, "--phone", "010-0000-0002"]);
        assert.deepEqual(consents.map((/** @type {any} */ one) => [one.purpose, one.given, one.staff]),
            [["service", true, "kim"]]);
    });

    test("nothing went wrong on the page", () => assert.deepEqual(wrong, []));
});
