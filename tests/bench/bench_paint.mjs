/**
 * When the store app shows something, in headless Chromium on a computer six times slower than this one:
 *
 *   paint_first    ms to the first contentful paint of somebody who was never here: the sign-in page
 *   paint_counter  the same of the counter, loaded again by somebody signed in
 *
 * Baseline: the limit of 1,000. The median of five; whatever else the machine does counts, too.
 */
import {Shop, signIn} from "../web/shop.mjs";

const ROUNDS = 5;
const SLOWER = 6;
const LIMIT_MS = 1000;

/** @typedef {import("playwright-core").Page} Page */

/** @param {Page} page */
async function slow(page) {
    const debug = await page.context().newCDPSession(page);
    await debug.send("Emulation.setCPUThrottlingRate", {rate: SLOWER});
}

/** @param {Page} page @returns {Promise<number>} */
async function painted(page) {
    const paint = await page.waitForFunction(() =>
        performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    return Number(await paint.jsonValue());
}

/** @param {string} name @param {number[]} times */
function tell(name, times) {
    const value = times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
    console.error(`bench_paint: ${name}: ${times.map(Math.round).join(", ")} ms`);
    console.log(JSON.stringify({name, value, unit: "ms", baseline: LIMIT_MS, ratio: LIMIT_MS / value}));
}

/** @param {Shop} shop */
async function strangers(shop) {
    const times = [];
    for (let i = 0; i < ROUNDS; i++) {
        const page = await shop.page({locale: "en-GB"});
        await slow(page);
        await page.goto(shop.url);
        await page.locator("[name=name]").waitFor();
        times.push(await painted(page));
        await page.context().close();
    }
    tell("paint_first", times);
}

/** @param {Shop} shop */
async function counter(shop) {
    const times = [], page = await shop.page({locale: "en-GB"});
    await signIn(page, shop.url);
    await slow(page);
    for (let i = 0; i < ROUNDS; i++) {
        await page.reload();
        await page.locator("[data-find]").waitFor();
        times.push(await painted(page));
    }
    tell("paint_counter", times);
    await page.context().close();
}

const shop = await Shop.open();
try {
    await strangers(shop);
    await counter(shop);
} finally {
    await shop.close();
}
