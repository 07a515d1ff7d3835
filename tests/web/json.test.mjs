// Strict JSON and its canonical form.

import assert from "node:assert/strict";
import { test } from "node:test";

import { library, problemOf, text, vectors } from "./vectors.mjs";

const { parseObject, parseStrict } = library;
const { accepted, refused } = vectors("canonical_json");

for (const vector of accepted)
  test(`canonical: ${vector.name}`, () => assert.equal(text(parseStrict(vector.text)), vector.canonical));

for (const vector of refused)
  test(`refused: ${vector.name}`, () =>
    assert.deepEqual(problemOf(() => parseStrict(vector.text)), { rule: vector.rule, field: "" }));

test("half of a surrogate pair in the text itself", () => {
  assert.equal(problemOf(() => parseStrict('"\ud800"')).rule, "json.surrogate");
  assert.equal(problemOf(() => text("\udfff")).rule, "json.canonical");
});

test("only an object will do where one is asked for", () => {
  assert.equal(problemOf(() => parseObject("[]")).rule, "json.object");
  assert.equal(text(parseObject("{}")), "{}");
});

test("a whole number keeps whether it was written as an integer", () => {
  const [integer, decimal, exponent, fraction] = parseStrict("[1, 1.0, 1e0, 1.5]");
  assert.deepEqual([integer, decimal, exponent, fraction].map(library.isInteger), [true, false, false, false]);
  assert.equal(fraction, 1.5);
});

test("no member is found that the text does not hold", () => {
  const object = parseStrict("{}");
  assert.equal(object.constructor, undefined);
  assert.equal("toString" in object, false);
});
