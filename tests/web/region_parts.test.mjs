/** What the region app reckons by itself: differences of two lists, the next step of a complaint. */
import assert from "node:assert/strict";
import {test} from "node:test";
import {difference, figures, tally} from "../../hub/ui/difference.js";

const how = {key: (/** @type {any} */ row) => row.id, place: (/** @type {any} */ row) => row.rank,
    columns: ["spend", "tier"]};

test("E8 what differs between two rankings: added, gone, moved, changed", () => {
    const then = [{id: "a", rank: 1, spend: 9, tier: null}, {id: "b", rank: 2, spend: 8, tier: "gold"},
        {id: "c", rank: 3, spend: 7, tier: null}, {id: "d", rank: 4, spend: 6}];
    const now = [{id: "b", rank: 1, spend: 10, tier: "gold"}, {id: "a", rank: 2, spend: 9, tier: null},
        {id: "e", rank: 3, spend: 8, tier: null}, {id: "d", rank: 4, spend: 6, tier: null}];
    const found = difference(then, now, how);
    assert.deepEqual(found.map((one) => [one.kind, one.key, one.columns, one.by]), [
        ["changed", "b", ["spend"], 1], ["moved", "a", [], -1], ["added", "e", [], 0], ["gone", "c", [], 0]]);
    assert.deepEqual(tally(found), {added: 1, gone: 1, moved: 1, changed: 1});
});

test("E8 a list does not differ from itself, and everything differs from nothing", () => {
    const rows = [{id: "a", rank: 1, spend: 1, tier: null}, {id: "b", rank: 2, spend: 1, tier: "gold"}];
    assert.deepEqual(difference(rows, structuredClone(rows), how), []);
    assert.deepEqual(difference([], rows, how).map((one) => one.kind), ["added", "added"]);
    assert.deepEqual(difference(rows, [], how).map((one) => one.kind), ["gone", "gone"]);
});

test("E8 figures of a document, nested ones by their path; a curve is not told point by point", () => {
    const then = {customers: 5, large: {spend: 3, customers: 1}, curve: [0, 1], year_top: null};
    const now = {customers: 6, large: {spend: 4, customers: 1}, curve: [0, 0.5], year_top: {name: "Ann"}};
    assert.deepEqual(figures(then, now), [{name: "customers", then: 5, now: 6},
        {name: "large.spend", then: 3, now: 4}, {name: "year_top.name", then: undefined, now: "Ann"}]);
    assert.deepEqual(figures(then, structuredClone(then)), []);
});
