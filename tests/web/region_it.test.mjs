/**
 * What IT does at the region, in a browser, in each language: accounts and tokens, a store brought in by its join file
 * and shut out; and what the region downloads. Screenshots go to web/ in the build.
 */
import assert from "node:assert/strict";
import {readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, afterEach, before, describe, test} from "node:test";
import {accessible, ask, complaints, enter, run, Shop, shot, wordsOf} from "./shop.mjs";

const PASSWORD = "made-up password";
const SIZES = [{width: 390, height: 844}, {width: 768, height: 1024}, {width: 1280, height: 860}];

for (const [language, locale] of [["ko", "ko-KR"], ["zh", "zh-CN"], ["en", "en-GB"]]) {
    describe(`IT at the region in ${language}`, () => {
        /** @type {Shop} */
        let shop;
        /** @type {Record<string, any>} */
        let words;
        /** @type {import("playwright-core").Page} */
        let page;
        /** @type {string[][]} */
        const wrong = [];

        /** @param {string} name */
        async function signedIn(name) {
            const one = await shop.page({locale});
            wrong.push(complaints(one));
            await one.goto(shop.hubUrl);
            await enter(one, name, PASSWORD);
            await one.locator("header.top").waitFor();
            return one;
        }

        before(async () => {
            words = await wordsOf(language, "hub");
            shop = await Shop.open((opened) => {
                run("dangol-node", ["register", opened.node, "--name", "Example Ann", "--phone", "010-0000-0001"]);
                for (const role of ["it", "region"]) {
                    run("dangol-hub", ["user", opened.hub, "add", `demo-${role}`, "--role", role], `${PASSWORD}\n`);
                }
            });
            await shop.openHub();
            run("dangol-node", ["sync", shop.node]);
            page = await signedIn("demo-it");
        });
        after(() => shop?.close());
        afterEach((context) => shop?.explain(context));

        /** @param {import("playwright-core").Page} shown @param {string} what */
        async function look(shown, what) {
            for (const [index, size] of SIZES.entries()) {
                const colorScheme = index % 2 ? "dark" : "light";
                await shown.setViewportSize(size);
                await shown.emulateMedia({colorScheme});
                await accessible(shown, `${what}, ${size.width}`);
                const over = await shown.evaluate(() => document.documentElement.scrollWidth - innerWidth);
                assert.ok(over <= 0, `${what}: ${over} pixels too wide at ${size.width}`);
                await shot(shown, `region-${language}-it-${what}-${size.width}`);
            }
            await shown.emulateMedia({colorScheme: "light"});
        }

        /** @param {string} word @param {string} [of] */
        const button = (word, of) => page.getByRole("button", {name: of ? `${words[word]}: ${of}` : words[word],
            exact: true});

        test("E14 IT makes an account, which may then sign in, and takes it away", async () => {
            await page.goto(`${shop.hubUrl}/#/accounts`);
            await page.locator("tbody tr", {hasText: "demo-region"}).waitFor();
            await look(page, "accounts");
            await button("accounts.add").click();
            const dialog = page.getByRole("dialog");
            await dialog.locator("[name=name]").fill("demo-desk");
            await dialog.locator("[name=secret]").fill("short");
            await dialog.locator("[type=submit]").click();
            await dialog.getByText(words["problem.password.invalid"]).waitFor();
            await dialog.locator("[name=secret]").fill(PASSWORD);
            await look(page, "account");
            await dialog.locator("[type=submit]").click();
            await page.locator("tbody tr", {hasText: "demo-desk"}).waitFor();
            const desk = await signedIn("demo-desk");
            await desk.getByRole("heading", {level: 1, name: words["place.desk"]}).waitFor();
            await button("accounts.role", "demo-desk").click();
            await dialog.locator("[name=role]").selectOption("auditor");
            await dialog.locator("[type=submit]").click();
            await page.locator("tbody tr", {hasText: "demo-desk"}).getByText(words["role.auditor"]).waitFor();
            await button("accounts.remove", "demo-desk").click();
            await dialog.locator("[type=submit]").click();
            await page.locator("tbody tr", {hasText: "demo-desk"}).waitFor({state: "detached"});
            assert.equal(await desk.evaluate(() => fetch("/api/v1/session").then((one) => one.status)), 401);
        });

        test("E15 IT makes a token for a program, which holds until it is taken away", async () => {
            await button("accounts.token.make").click();
            const dialog = page.getByRole("dialog");
            await dialog.locator("[name=name]").fill("till-1");
            await dialog.locator("[name=days]").fill("30");
            await dialog.locator("[type=submit]").click();
            const token = await dialog.locator("[data-token]").innerText();
            await look(page, "token");
            const asked = () => fetch(`${shop.hubUrl}/api/v1/status`, {headers: {Authorization: `Bearer ${token}`}})
                .then((one) => one.status);
            assert.equal(await asked(), 200);
            await dialog.getByRole("button", {name: words.close}).last().click();
            await button("accounts.remove", "till-1").click();
            await dialog.locator("[type=submit]").click();
            await dialog.waitFor({state: "detached"});
            assert.equal(await asked(), 401);
        });

        test("E15 IT brings a store in by its join file, and shuts it out", async () => {
            await page.goto(`${shop.hubUrl}/#/stores`);
            await page.locator("tbody tr", {hasText: "Demo Street"}).waitFor();
            await button("enrol.add").click();
            const dialog = page.getByRole("dialog");
            await dialog.locator("[name=store]").fill("12");
            await dialog.locator("[type=submit]").click();
            await dialog.getByText(words["problem.store.exists"]).waitFor();
            await dialog.locator("[name=store]").fill("7");
            await dialog.locator("[name=name]").fill("Sample Square");
            await dialog.locator("[type=submit]").click();
            const download = page.waitForEvent("download");
            await dialog.getByText(words["enrol.get"]).click();
            const file = join(shop.folder, "join-7");
            writeFileSync(file, readFileSync(await (await download).path()));
            await look(page, "join");
            run("dangol-node", ["init", join(shop.folder, "store-7"), "--join", file]);
            assert.equal(ask("dangol-node", ["status", join(shop.folder, "store-7")]).store, "7");
            await dialog.getByRole("button", {name: words.close}).last().click();
            await look(page, "stores");
            await button("enrol.revoke", "Sample Square").click();
            await dialog.locator("[name=again]").fill("12");
            await dialog.locator("[type=submit]").click();
            await dialog.getByText(words["enrol.wrong"]).waitFor();
            await dialog.locator("[name=again]").fill("7");
            await dialog.locator("[type=submit]").click();
            await page.locator("tbody tr", {hasText: "Sample Square"}).getByText(words["stores.revoked"]).waitFor();
        });

        test("E6 IT corrects the times that a wrong clock wrote", async () => {
            await button("enrol.clock", "Demo Street").click();
            const dialog = page.getByRole("dialog");
            await dialog.locator("[name=minutes]").fill("60");
            await dialog.locator("[name=since]").fill("2020-01-01T00:00");
            await look(page, "clock");
            const [{customer}] = ask("dangol-hub", ["search", shop.hub, "Ann"]);
            const first = () => ask("dangol-hub", ["customer", shop.hub, customer]).history.at(-1).at;
            const was = Date.parse(first());
            await dialog.locator("[type=submit]").click();
            await dialog.waitFor({state: "detached"});
            assert.equal(Date.parse(first()), was - 3600000);
        });

        test("E15 the region downloads a list, in the letters of its spreadsheet", async () => {
            const region = await signedIn("demo-region");
            await region.goto(`${shop.hubUrl}/#/exports`);
            await region.locator("tbody tr").first().waitFor();
            await look(region, "exports");
            const download = region.waitForEvent("download");
            await region.locator("tbody a[href*='exports/customers?']").click();
            const text = readFileSync(await (await download).path(), "utf8");
            assert.ok(text.startsWith("\ufeff"), "marked for spreadsheets");
            assert.match(text, /Example Ann/);
            const links = await region.locator("tbody a").evaluateAll((all) => Promise.all(all.map(
                (one) => fetch(/** @type {HTMLAnchorElement} */ (one).href).then((answer) => answer.status))));
            assert.deepEqual([...new Set(links)], [200], "every list is there");
        });

        test("nothing was complained about by the browser", () => assert.deepEqual(wrong.flat(), []));
    });
}
