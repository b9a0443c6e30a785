/**
 * A hub and a store of the real programs for tests in a browser: their directories, their processes, and the browser.
 * Environment as for the other whole-program tests: DANGOL_BIN (the build), DANGOL_PATIENCE, DANGOL_KEEP.
 */
import assert from "node:assert/strict";
import {execFileSync, spawn} from "node:child_process";
import {mkdirSync, mkdtempSync, readFileSync, rmSync} from "node:fs";
import {createServer} from "node:net";
import {createRequire} from "node:module";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {chromium} from "playwright-core";

const bin = process.env.DANGOL_BIN ?? join(import.meta.url.slice(7), "..", "..", "..", "build", "release");
export const patience = Number(process.env.DANGOL_PATIENCE ?? 1);
export const shotsFolder = join(bin, "web");
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @param {"dangol-hub" | "dangol-node"} program @param {string[]} words @param {string} [input] */
export function run(program, words, input) {
    const stdio = /** @type {["pipe", "pipe", "pipe"]} */ (["pipe", "pipe", "pipe"]);
    return execFileSync(join(bin, program), words, {input: input ?? "", encoding: "utf8", stdio});
}

/** @param {"dangol-hub" | "dangol-node"} program @param {string[]} words @returns {any} */
export function ask(program, words) {
    return JSON.parse(run(program, [...words, "--json"]));
}

/** @returns {Promise<number>} */
function freePort() {
    return new Promise((resolve) => {
        const server = createServer();
        server.listen(0, "127.0.0.1", () => {
            const address = /** @type {import("node:net").AddressInfo} */ (server.address());
            server.close(() => resolve(address.port));
        });
    });
}

/** A `serve` until stopped; resolves once its journal says what is waited for. */
/** @param {"dangol-hub" | "dangol-node"} program @param {string[]} words @param {RegExp} ready */
export function serve(program, words, ready) {
    const child = spawn(join(bin, program), words, {stdio: ["ignore", "ignore", "pipe"]});
    let journal = "";
    /** @type {Promise<void>} */
    const started = new Promise((resolve, reject) => {
        child.stderr.on("data", (chunk) => {
            journal += chunk;
            if (ready.test(journal)) resolve();
        });
        child.on("exit", (code) => reject(new Error(`${program} ended with ${code}: ${journal}`)));
    });
    return {
        started,
        journal: () => journal,
        /** @returns {Promise<void>} */
        stop: () => new Promise((resolve) => {
            if (child.exitCode !== null) return resolve();
            child.removeAllListeners("exit");
            child.on("exit", () => resolve());
            return void child.kill("SIGTERM");
        }),
    };
}

export function browse() {
    return chromium.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    });
}

const STAFF = [["kim", "assistant", "Kim Demo", "1234"], ["lee", "manager", "Lee Demo", "4321"]];

/** One region with one store, 12, and two of its staff: kim (assistant, PIN 1234) and lee (manager, PIN 4321). */
export class Shop {
    folder = mkdtempSync(join(tmpdir(), "dangol-web-"));
    hub = join(this.folder, "hub");
    node = join(this.folder, "store-12");
    url = "";
    hubUrl = ""; // once the hub is open
    /** @type {ReturnType<typeof serve> | null} */
    nodeServe = null;
    /** @type {ReturnType<typeof serve> | null} */
    hubServe = null;
    /** @type {import("playwright-core").Browser | null} */
    browser = null;

    /** @param {(shop: Shop) => void} [before] what is noted before the store opens
     * @param {string[]} [enrolled] more of how the store is enrolled
     * @param {string[]} [region] more of how the region begins */
    static async open(before, enrolled = [], region = []) {
        const shop = new Shop();
        const port = await freePort();
        run("dangol-hub", ["init", shop.hub, "--listen", `127.0.0.1:${port}`, "--http",
            "127.0.0.1:0", ...region]);
        const join12 = join(shop.folder, "join-12");
        run("dangol-hub", ["enroll", shop.hub, "12", "--name", "Demo Street", "-o", join12, ...enrolled]);
        run("dangol-node", ["init", shop.node, "--join", join12, "--http",
            `127.0.0.1:${await freePort()}`]);
        for (const [code, role, name, pin] of STAFF) {
            run("dangol-node", ["staff", shop.node, "add", code, "--role", role, "--name", name]);
            run("dangol-node", ["staff", shop.node, "pin", code], pin + "\n");
        }
        before?.(shop);
        await shop.openStore();
        mkdirSync(shotsFolder, {recursive: true});
        return shop;
    }

    async openStore() {
        this.nodeServe = serve("dangol-node", ["serve", this.node], /http: listening on/);
        await this.nodeServe.started;
        this.url = readFileSync(join(this.node, "http"), "utf8").trim();
    }

    async openHub() {
        this.hubServe = serve("dangol-hub", ["serve", this.hub], /http: listening on[^\n]*\n/);
        await this.hubServe.started;
        this.hubUrl = readFileSync(join(this.hub, "http"), "utf8").trim();
    }

    /** @param {import("playwright-core").BrowserContextOptions} options */
    async page(options) {
        this.browser ??= await browse();
        const context = await this.browser.newContext({viewport: {width: 1280, height: 860}, ...options});
        const page = await context.newPage();
        page.setDefaultTimeout(10000 * patience);
        return page;
    }

    /** After each test: what the pages showed when it failed, for those who were not there.
     * @param {any} context of the test */
    async explain(context) {
        if (context.passed !== false) return;
        for (const page of this.browser?.contexts().flatMap((one) => one.pages()) ?? []) {
            const focused = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
            context.diagnostic(`${page.url()} with the focus in ${focused}`);
            for (const line of (await page.locator("body").innerText()).split("\n")) context.diagnostic(line);
        }
    }

    async close() {
        await this.browser?.close();
        await this.nodeServe?.stop();
        await this.hubServe?.stop();
        if (!process.env.DANGOL_KEEP) rmSync(this.folder, {recursive: true, force: true});
    }
}

/** @typedef {import("playwright-core").Page} Page */

/** What the page complains about: errors of scripts, and what its policy forbids. @param {Page} page */
export function complaints(page) {
    /** @type {string[]} */
    const found = [];
    page.on("pageerror", (error) => found.push(String(error.stack ?? error)));
    page.on("dialog", (dialog) => {
        found.push("a dialog: " + dialog.message());
        void dialog.dismiss();
    });
    page.on("console", (message) => {
        const refused = /Failed to load resource|ERR_FAILED/.test(message.text()); // an answer that is no 2xx
        if (message.type() === "error" && !refused) found.push(message.text());
    });
    return found;
}

/** Sees that axe-core finds nothing, in what is shown now. @param {Page} page @param {string} where */
export async function accessible(page, where) {
    // The page's own policy lets no script of others in; the debugger's evaluation is no part of it.
    await page.evaluate(axeSource);
    const found = await page.evaluate(async () => {
        const result = await /** @type {any} */ (window).axe.run(document, {
            runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        });
        return result.violations.map((/** @type {any} */ one) =>
            `${one.id}: ${one.help}: ` +
            one.nodes.map((/** @type {any} */ node) => node.html.slice(0, 160)).join(" | "));
    });
    assert.deepEqual(found, [], `axe-core in ${where}`);
}

/** @param {Page} page @param {string} name */
export async function shot(page, name) {
    await page.screenshot({path: join(shotsFolder, `${name}.png`)});
}

/** @param {Page} page @param {string} url @param {string} [code] @param {string} [pin] */
export async function signIn(page, url, code = "kim", pin = "1234") {
    await page.goto(url);
    await enter(page, code, pin);
    await page.waitForSelector("[data-find]");
}

/** Fills in the sign-in page of either app. @param {Page} page @param {string} name @param {string} secret */
export async function enter(page, name, secret) {
    await page.fill("[name=name]:visible", name);
    await page.fill("[name=secret]:visible", secret);
    await page.keyboard.press("Enter");
}

/** Waits until what is asked is true; says what it was waiting for when it is in vain.
 * @param {string} what @param {() => any} holds */
export async function until(what, holds) {
    const end = Date.now() + 20000 * patience;
    for (;;) {
        const found = await holds();
        if (found) return found;
        if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

/** The words of an app in a language. @param {string} language @param {"node" | "hub"} [app]
 * @returns {Promise<Record<string, any>>} */
export async function wordsOf(language, app = "node") {
    const [shared, own] = await Promise.all([
        import(`../../proto/ui/words/${language}.js`), import(`../../${app}/ui/words/${language}.js`)]);
    return {...shared.words, ...own.words};
}

const SEOUL_MS = 9 * 3600000; // ahead of UTC, all year

/** A day of the region, so many days from now, as YYYY-MM-DD. @param {number} days */
export function day(days) {
    return new Date(Date.now() + SEOUL_MS + days * 86400000).toISOString().slice(0, 10);
}

/** The same as MM-DD. @param {number} days */
export function monthDay(days) {
    return day(days).slice(5);
}
