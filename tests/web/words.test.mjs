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

test("E16 what both apps call by one name stands once", async () => {
    const shared = new Set(Object.keys(await load("proto/ui", "en")));
    for (const folder of folders.filter((one) => one !== "proto/ui")) {
        for (const language of ["en", "ko", "zh"]) {
            const own = Object.keys(await load(folder, language));
            assert.deepEqual(own.filter((key) => shared.has(key)), [], `${folder} in ${language}`);
        }
    }
});

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

/** @param {string} path @returns {string} */
function source(path) {
    return readFileSync(join(root, path), "utf8");
}

/** @param {string} folder @param {RegExp} name @returns {string[]} */
function files(folder, name) {
    return readdirSync(join(root, folder)).filter((one) => name.test(one)).map((one) => join(folder, one));
}

// What people at a counter or a desk make or ask for is in these; the rest is of the command line and of IT.
const COMMANDS = [...files("proto/command", /^(act|ask)(_(?!staff)\w+)?\.c$/),
    ...files("node", /^(commands_(customer|day|sale|loyalty)|custom_fields|file_values)\.c$/),
    ...files("hub", /^commands_(desk|duplicates|erase|store)\.c$/)];
/** Fields that no view sends: a fault of the program, which its English words tell best. */
const UNSENT = ["ref", "points", "changed", "option"];

test("E16 whatever goes wrong has words in every language: every code there is", async () => {
    const codes = [...source("proto/base/err.h").matchAll(/^ {4}X\([A-Z_]+, "(\w+)"/gm)].map(([, code]) => code);
    assert.ok(codes.length > 15, "the list of codes is found");
    const ours = [...source("proto/ui/api.js").matchAll(/(?:code: |\?\? |\d: )"([a-z_]+)"/g)].map(([, code]) => code);
    assert.ok(ours.includes("unreachable") && ours.includes("failed"), `those of the apps are found: ${ours}`);
    for (const language of ["en", "ko", "zh"]) {
        const words = await load("proto/ui", language);
        for (const code of [...codes, ...ours]) assert.ok(`problem.${code}` in words, `${language}: problem.${code}`);
    }
});

test("E16 what goes wrong with a field has words in every language", async () => {
    const fault = /err_set\(\s*[^,]+,\s*([^",]*?ERR_[^",]*?),\s*"([a-z0-9_-]+)"/g;
    const found = new Set();
    for (const path of COMMANDS) {
        for (const [, code, field] of source(path).matchAll(fault)) {
            for (const [, word] of code.matchAll(/ERR_([A-Z_]+)/g)) {
                found.add(`problem.${field.replace(/-/g, "_")}.${word.toLowerCase()}`);
            }
        }
    }
    assert.ok(found.size > 50, `only ${found.size} are found: is err_set written otherwise?`);
    for (const language of ["en", "ko", "zh"]) {
        const words = await load("proto/ui", language);
        const without = [...found].filter((key) => !(key in words) && !key.endsWith(".usage") &&
            !UNSENT.includes(key.split(".")[1]));
        assert.deepEqual(without, [], `in ${language}`);
    }
});

test("E16 every policy and its unit have words in every language", async () => {
    const table = [...source("proto/model/policies.def").matchAll(
        /^POLICY\(\w+,\s*"([a-z0-9-]+)",\s*\w+,\s*-?[\w.]+,\s*-?[\w.]+,(?:\s*"[^"]*")+,\s*"([^"]*)"/gm)];
    assert.equal(table.length, [...source("proto/model/policies.def").matchAll(/^POLICY\(/gm)].length);
    for (const language of ["en", "ko", "zh"]) {
        const words = await load("hub/ui", language);
        for (const [, key, unit] of table) {
            assert.ok(`policy.${key}` in words, `${language}: policy.${key}`);
            const slug = unit.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
            assert.ok(!slug || `unit.${slug}` in words, `${language}: unit.${slug}`);
        }
    }
});

test("E14 whatever shows people's data has words in the record of looks", async () => {
    const routes = source("proto/api/routes.c").matchAll(
        /(?:(READ|DO)\(|\{HTTP_(\w+), )"(\/[^"]*)",\s*"[^"]*",\s*[^,]+,\s*([^,)}]+)/g);
    const names = [...routes].filter(([, , , path, flags]) => /\bP\b/.test(flags) || path === "/session").map(
        ([, macro, method, path]) => `${method ?? (macro === "READ" ? "GET" : "POST")}${path}`.toLowerCase().replace(
            /[^a-z]+/g, ".").replace(/\.$/, ""));
    assert.ok(names.length > 50, `only ${names.length} are found`);
    for (const language of ["en", "ko", "zh"]) {
        const words = await load("hub/ui", language);
        assert.deepEqual(names.filter((name) => !(`did.${name}` in words)), [], `in ${language}`);
    }
});
