/**
 * The words of the apps: the same keys in every language, the same {values} in every text, and no key in the code that
 * no list has.
 */
import assert from "node:assert/strict";
import {existsSync, readdirSync, readFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {fileURLToPath, pathToFileURL} from "node:url";
import {test} from "node:test";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const folders = ["proto/ui", "node/ui", "hub/ui"].filter((folder) => existsSync(join(root, folder, "words")));

/** @param {string} folder @param {string} language @returns {Promise<Record<string, any>>} */
async function load(folder, language) {
    const file = join(root, folder, "words", `${language}.js`);
    return (await import(pathToFileURL(file).href)).words;
}

/** @param {any} word */
function values(word) {
    const texts = typeof word === "string" ? [word] : Object.values(word);
    return [...new Set(texts.flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort().join(" ");
}

for (const folder of folders) {
    for (const language of ["ko", "zh"]) {
        test(`E16 ${folder} says in ${language} what it says in English`, async () => {
            const [english, other] = [await load(folder, "en"), await load(folder, language)];
            assert.deepEqual(Object.keys(other).sort(), Object.keys(english).sort());
            for (const key of Object.keys(english)) {
                assert.equal(values(other[key]), values(english[key]), `values of ${key}`);
                assert.notEqual(values(other[key]) + JSON.stringify(other[key]), '""', `${key} is empty`);
            }
        });
    }
}

/** @param {string} folder @returns {string[]} */
function sources(folder) {
    return readdirSync(join(root, folder), {withFileTypes: true}).flatMap((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return entry.name === "words" ? [] : sources(path);
        return path.endsWith(".js") ? [path] : [];
    });
}

for (const folder of folders) {
    test(`E16 every word that ${folder} uses is in its lists`, async () => {
        const known = {...await load("proto/ui", "en"), ...await load(folder, "en")};
        let found = 0;
        for (const path of sources(folder)) {
            const text = readFileSync(join(root, path), "utf8").replace(/\/\*[^]*?\*\//g, "");
            for (const [, key] of text.matchAll(/\b(?:t\(|word: )"([\w.-]+)"/g)) {
                assert.ok(key in known, `${path}: no word "${key}"`);
                found++;
            }
        }
        assert.ok(found > 0, "no words found at all: has t() another name?");
    });
}
