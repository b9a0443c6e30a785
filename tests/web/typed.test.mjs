/**
 * What is typed and not sent yet, at a store and at the desk: others write about the same meanwhile, it is on its way
 * when somebody wants to leave, the session ends, somebody else signs in. Screenshots go to web/ in the build.
 */
import assert from "node:assert/strict";
import {after, afterEach, before, describe, test} from "node:test";
import {accessible, ask, complaints, enter, run, Shop, shot, signIn, wordsOf} from "./shop.mjs";

const PASSWORD = "made-up password";
const LOCALES = /** @type {Record<string, string>} */ ({ko: "ko-KR", zh: "zh-CN", en: "en-GB"});

describe("what is typed and not sent yet", () => {
    /** @type {Shop} */
    let shop;
    let complaint = "";
    /** @type {string[][]} */
    const wrong = [];

    before(async () => {
        shop = await Shop.open((opened) => {
            const node = (/** @type {string[]} */ ...said) => run("dangol-node",
                [said[0], opened.node, ...said.slice(1)]);
            node("register", "--name", "Example Ann", "--phone", "010-0000-0001", "--card", "A1");
            node("complaint", "open", "--card", "A1", "--channel", "counter", "--text", "a button came off");
            [{id: complaint}] = ask("dangol-node", ["complaints", opened.node]);
            run("dangol-hub", ["user", opened.hub, "add", "demo-desk", "--role", "desk"], `${PASSWORD}\n`);
        });
        await shop.openHub();
        run("dangol-node", ["sync", shop.node]);
    });
    after(() => shop?.close());
    afterEach((context) => shop?.explain(context));

    /** @param {string} language */
    async function atStore(language) {
        const page = await shop.page({locale: LOCALES[language]});
        wrong.push(complaints(page));
        await signIn(page, shop.url);
        return {page, words: await wordsOf(language)};
    }

    /** @param {string} language */
    async function atDesk(language) {
        const page = await shop.page({locale: LOCALES[language]});
        wrong.push(complaints(page));
        await page.goto(shop.hubUrl);
        await enter(page, "demo-desk", PASSWORD);
        await page.locator("header.top").waitFor();
        return {page, words: await wordsOf(language, "hub")};
    }

    /** Somebody else makes a step. @param {string} step @param {string} text */
    const others = (step, text) => run("dangol-node",
        ["complaint", shop.node, "step", complaint, step, "--text", text, "--staff", "lee"]);

    test("X7 a step that somebody else makes leaves what is typed about it at the store, and is told", async () => {
        const {page, words} = await atStore("en");
        await page.goto(`${shop.url}/#/complaints/${complaint}`);
        await page.locator(".guide h2", {hasText: words["step.listen"]}).waitFor();
        await page.fill("[name=text]", "she said that it was the second time");
        others("listen", "heard on the telephone");
        const told = page.locator(".notice", {hasText: words["meanwhile.title"]});
        await told.filter({hasText: "heard on the telephone"}).filter({hasText: "lee"}).waitFor();
        await accessible(page, "told of others at the store");
        await shot(page, "en-meanwhile");
        assert.equal(await page.inputValue("[name=text]"), "she said that it was the second time");
        await page.locator(".guide h2", {hasText: words["step.listen"]}).waitFor();
        await page.selectOption("[name=other]", "empathise");
        assert.equal(await page.inputValue("[name=text]"), "she said that it was the second time");
        await page.locator(".guide button[type=submit]").click();
        await page.locator(".guide h2", {hasText: words["step.apologise"]}).waitFor();
        await told.waitFor({state: "detached"});
        assert.equal(await page.inputValue("[name=text]"), "");
        await page.context().close();
    });

    test("X7 what is typed can be given up for what others did", async () => {
        const {page, words} = await atStore("ko");
        await page.goto(`${shop.url}/#/complaints/${complaint}`);
        await page.fill("[name=text]", "사과했습니다");
        others("apologise", "said sorry");
        await page.getByText(words["meanwhile.title"]).waitFor();
        await shot(page, "ko-meanwhile");
        await page.getByRole("button", {name: words["meanwhile.drop"]}).click();
        await page.locator(".guide h2", {hasText: words["step.cause"]}).waitFor();
        assert.equal(await page.inputValue("[name=text]"), "");
        await page.context().close();
    });

    test("X7 a step that a store makes leaves what is typed about it at the desk, and is told", async () => {
        const {page, words} = await atDesk("zh");
        run("dangol-node", ["sync", shop.node]);
        await page.goto(`${shop.hubUrl}/#/complaints/${complaint}`);
        await page.locator(".thread", {hasText: "said sorry"}).waitFor();
        await page.fill("[name=text]", "线太细了");
        others("cause", "the thread was thin");
        run("dangol-node", ["sync", shop.node]);
        const told = page.locator(".notice", {hasText: words["meanwhile.title"]});
        await told.filter({hasText: "the thread was thin"}).filter({hasText: "lee"}).waitFor();
        await accessible(page, "told of others at the desk");
        await shot(page, "region-zh-meanwhile");
        assert.equal(await page.inputValue("[name=text]"), "线太细了");
        await page.selectOption("[name=step]", "explain");
        await page.locator(".side form [type=submit]").last().click();
        await page.locator(".thread", {hasText: "线太细了"}).waitFor();
        await told.waitFor({state: "detached"});
        assert.equal(await page.inputValue("[name=text]"), "");
        await page.context().close();
    });

    /** Requests for sales wait until they are let go. @param {import("playwright-core").Page} page */
    async function slowly(page) {
        /** @type {(way: "continue" | "abort") => void} */
        let letGo = () => {};
        /** @type {Promise<"continue" | "abort">} */
        const word = new Promise((resolve) => { letGo = resolve; });
        await page.route("**/api/v1/purchases", async (route) => {
            if (await word === "continue") await route.continue();
            else await route.abort();
        });
        return letGo;
    }

    /** @param {import("playwright-core").Page} page @param {string} sku */
    async function sell(page, sku) {
        await page.goto(`${shop.url}/#/sell`);
        await page.fill('[name="lines.0.sku"]', sku);
        await page.fill('[name="lines.0.amount"]', "45000");
        await page.keyboard.press("Control+Enter");
        await page.locator("form button.busy").waitFor();
        await page.locator("header nav a").nth(1).click();
    }

    /** @param {string} sku */
    function sold(sku) {
        const all = ask("dangol-node", ["purchases", shop.node, "--customer", "none"]);
        return all.filter((/** @type {any} */ one) => JSON.stringify(one).includes(sku)).length;
    }

    test("E2 a sale on its way cannot be discarded: it goes on once the answer is here", async () => {
        const {page, words} = await atStore("en");
        const letGo = await slowly(page);
        await sell(page, "HAT-1");
        const waits = page.getByRole("dialog", {name: words["sending.title"]});
        await waits.waitFor();
        await accessible(page, "on its way");
        await shot(page, "en-sending");
        assert.equal(await page.getByRole("button", {name: words["leave.go"]}).count(), 0);
        letGo("continue");
        await page.locator("h1", {hasText: words["today.title"]}).waitFor();
        await waits.waitFor({state: "detached"});
        assert.equal(sold("HAT-1"), 1);
        await page.context().close();
    });

    test("E2 a sale that did not get through stays, with the reason", async () => {
        const {page, words} = await atStore("ko");
        const letGo = await slowly(page);
        await sell(page, "HAT-2");
        await page.getByRole("dialog", {name: words["sending.title"]}).waitFor();
        await shot(page, "ko-sending");
        letGo("abort");
        await page.getByText(words["form.kept"]).waitFor();
        await page.locator("dialog").waitFor({state: "detached"});
        assert.equal(await page.inputValue('[name="lines.0.sku"]'), "HAT-2");
        assert.equal(sold("HAT-2"), 0);
        await page.context().close();
    });

    /** @param {import("playwright-core").Page} page types a registration, and the session ends */
    async function interrupted(page) {
        await page.goto(`${shop.url}/#/register?phone=010-0000-0009`);
        await page.fill("[name=name]", "Sample Sam");
        await page.check("[name=told]");
        await page.context().clearCookies();
        await page.locator("form button[type=submit]").click();
        await page.locator("[name=secret]:focus").waitFor();
    }

    const known = () => ask("dangol-node", ["search", shop.node, "Sample Sam"]).length;

    test("E14 who was signed in is told that the session ended, and finds what was typed", async () => {
        const {page, words} = await atStore("zh");
        await interrupted(page);
        await page.getByText(words["signin.kept"].replaceAll("{name}", "Kim Demo")).waitFor();
        await accessible(page, "a session that ended");
        await shot(page, "zh-ended");
        await page.locator(".signin [name=name]").press("Tab");
        await page.keyboard.type("1234");
        await page.keyboard.press("Enter");
        await page.locator("[name=told]").waitFor();
        assert.deepEqual([await page.inputValue("main .panel [name=name]"), known()], ["Sample Sam", 0]);
        await page.context().close();
    });

    test("E14 who signs in after somebody else has nothing of what that one typed", async () => {
        const {page, words} = await atStore("en");
        await interrupted(page);
        await page.getByText(words["signin.kept"].replaceAll("{name}", "Kim Demo")).waitFor();
        await enter(page, "lee", "4321");
        await page.getByRole("button", {name: "Lee Demo"}).waitFor();
        await page.locator(".counter [data-find]").waitFor();
        await page.goto(`${shop.url}/#/register`);
        await page.locator("[name=told]").waitFor();
        assert.deepEqual([await page.inputValue("[name=name]"), await page.inputValue("[name=phone]"), known()],
            ["", "", 0]);
        await page.context().close();
    });

    test("E14 who signs out is asked about what is typed, and leaves nothing of it behind", async () => {
        const {page, words} = await atStore("en");
        await page.goto(`${shop.url}/#/register`);
        await page.fill("[name=name]", "Sample Sam");
        await page.locator(".person button").click();
        await page.getByRole("button", {name: words.signout}).click();
        await page.getByRole("button", {name: words["leave.go"]}).click();
        await page.locator("[name=secret]:focus").waitFor();
        assert.equal(await page.locator(".signin .notice").count(), 0);
        await page.keyboard.type("1234");
        await page.keyboard.press("Enter");
        await page.locator("[name=told]").waitFor();
        assert.equal(await page.inputValue("[name=name]"), "");
        await page.context().close();
    });

    test("C5 whoever has the number already is offered before another is registered with it", async () => {
        const {page, words} = await atStore("zh");
        const count = () => ask("dangol-node", ["search", shop.node, "010-0000-0001"]).length;
        await page.goto(`${shop.url}/#/register`);
        await page.fill("[name=name]", "Example Bob");
        await page.fill("[name=phone]", "01000000001");
        await page.check("[name=told]");
        await page.locator("form button[type=submit]").click();
        await page.getByText(words["problem.phone.known"]).waitFor();
        await accessible(page, "a number that is known");
        await shot(page, "zh-known");
        const open = page.locator("main form a", {hasText: "Example Ann"});
        assert.match(String(await open.getAttribute("href")), /^#\/customer\//);
        assert.equal(count(), 1);
        await page.getByRole("button", {name: words["register.known.another"]}).click();
        await page.locator(".card h1", {hasText: "Example Bob"}).waitFor();
        assert.equal(count(), 2);
        await page.context().close();
    });

    test("C6 a surname of one letter finds somebody; what is too little for that says so", async () => {
        const {page, words} = await atStore("ko");
        run("dangol-node", ["register", shop.node, "--name", "박예시", "--phone", "010-0000-0003"]);
        await page.goto(shop.url);
        await page.fill("[data-find]", "박");
        await page.locator(".found li", {hasText: "박예시"}).waitFor();
        for (const [little, word, count] of [["1", "find.digits", "3"], ["%", "find.letters", "2"]]) {
            await page.fill("[data-find]", little);
            await page.keyboard.press("Enter");
            await page.getByText(words[word].replace("{count}", count)).waitFor();
        }
        await accessible(page, "too little to find somebody");
        await shot(page, "ko-little");
        await page.context().close();
    });

    test("E16 the keys that the counter shows work there, with the caret in the field", async () => {
        const {page} = await atStore("en");
        for (const [at, place] of ["sell", "register", "complain"].entries()) {
            await page.goto(`${shop.url}/#/`);
            await page.locator("[data-find]:focus").waitFor();
            const shown = await page.locator(".counter kbd").nth(at).innerText();
            await shot(page, "en-counter-keys");
            await page.keyboard.press(shown.replace(/ (\w)$/, "+Key$1"));
            await page.waitForURL(`${shop.url}/#/${place}`);
        }
        await page.context().close();
    });

    test("nothing was complained about by the browser", () => assert.deepEqual(wrong.flat(), []));
});
