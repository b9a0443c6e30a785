/**
 * The pictures of the README, of what scripts/demo made up:
 *
 *     scripts/demo --no-serve --keep DIR && node tests/web/pictures.mjs DIR
 *
 * They go to tests/web/pictures. DANGOL_BIN is the build, as for the tests.
 */
import {mkdirSync, readFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import {ask, browse, enter, serve} from "./shop.mjs";

const STORE = "myeongdong";
const YEAR = "2024-12-31"; // the last day of the demo's trade
const folder = process.argv[2];
const pictures = join(dirname(fileURLToPath(import.meta.url)), "pictures");
if (!folder) {
    console.error("pictures: say where scripts/demo --keep has put its data");
    process.exit(2);
}

/** @param {string} site */
function address(site) {
    return readFileSync(join(folder, site, "http"), "utf8").trim();
}

/** A page of somebody signed in.
 * @param {import("playwright-core").Browser} browser
 * @param {{url: string, name: string, secret: string, locale: string, colorScheme?: "light" | "dark"}} who */
async function signedIn(browser, {url, name, secret, locale, colorScheme = "light"}) {
    const context = await browser.newContext({locale, colorScheme, viewport: {width: 1280, height: 780}});
    const page = await context.newPage();
    await page.goto(url);
    await enter(page, name, secret);
    await page.locator("header.top").waitFor();
    return page;
}

/** @param {import("playwright-core").Page} page @param {string} file @param {string} shown what is there at last */
async function picture(page, file, shown) {
    await page.locator(shown).first().waitFor();
    await page.locator(".loading").first().waitFor({state: "detached"});
    await page.mouse.move(0, 0);
    await page.screenshot({path: join(pictures, file)});
    console.log(`pictures: ${file}`);
}

/** @param {import("playwright-core").Browser} browser */
async function take(browser) {
    const hub = {url: address("hub"), secret: "demo-demo"};
    const region = await signedIn(browser, {...hub, name: "region", locale: "en-GB"});
    await region.goto(`${hub.url}/#/value/pyramid?as_of=${YEAR}`);
    await picture(region, "pyramid.png", ".chart canvas");
    const desk = await signedIn(browser, {...hub, name: "desk", locale: "ko-KR"});
    const thread = ask("dangol-hub", ["complaints", join(folder, "hub"), "--all"])
        .find((/** @type {any} */ row) => row.concurrent);
    await desk.goto(`${hub.url}/#/complaints/${thread.id}`);
    await picture(desk, "complaint.png", ".thread");
    const auditor = await signedIn(browser, {...hub, name: "auditor", locale: "zh-CN", colorScheme: "dark"});
    await auditor.goto(`${hub.url}/#/then/vip?day=2024-06-30&other=${YEAR}&show=difference`);
    await picture(auditor, "time-machine.png", "ins");
    const best = ask("dangol-hub", ["vip", join(folder, "hub"), "--top", "1", "--store", STORE])[0];
    const staff = {name: `${STORE[0]}2`, secret: "1234"};
    const store = await signedIn(browser, {...staff, url: address(STORE), locale: "en-GB"});
    await store.fill("[data-find]", best.card);
    await store.locator(".found li").first().waitFor();
    await store.keyboard.press("Enter");
    await picture(store, "card.png", ".card h1");
}

mkdirSync(pictures, {recursive: true});
const sites = [serve("dangol-hub", ["serve", join(folder, "hub")], /http: listening on[^\n]*\n/),
    serve("dangol-node", ["serve", join(folder, STORE)], /http: listening on[^\n]*\n/)];
const browser = await browse();
try {
    await Promise.all(sites.map((site) => site.started));
    await take(browser);
} finally {
    await browser.close();
    await Promise.all(sites.map((site) => site.stop()));
}
