// Identities of events, and the actions that they imply.

import assert from "node:assert/strict";
import { test } from "node:test";

import { changed, library, printed, problemOf, text, vectors } from "./vectors.mjs";

const { actionOf, amendedOf, contentHash, kindOf, linesOf, lotsOf, parentsIn, preImage, readAction, writeAction } = library;

// Its numbers are larger than what the strict reader lets in, so that the form of those is seen as well.
for (const vector of vectors("content_hash", JSON.parse).vectors)
  test(`content hash: ${vector.name}`, () => {
    assert.equal(new TextDecoder().decode(preImage(vector.event)), vector.preImage);
    assert.equal(contentHash(vector.event).replace("0x", ""), vector.contentHash.replace("0x", ""));
  });

const binding = vectors("binding");
const deadline = BigInt(binding.deadline);

for (const form of binding.forms)
  test(`form: ${form.name}`, () => {
    assert.equal(new TextDecoder().decode(preImage(form.event)), form.preImage);
    const action = actionOf(form.event, deadline);
    assert.equal(text(writeAction(action)), text(form.action));
    assert.deepEqual(readAction(form.action), action);
    assert.equal(text(printed(lotsOf(form.event))), text(form.lots));
    if (form.lines) assert.equal(text(printed(linesOf(form.event))), text(form.lines));
    if (form.amended) assert.equal(text(printed(amendedOf(form.event))), text(form.amended));
    for (const [lot, parents] of Object.entries(form.parents ?? {}))
      assert.deepEqual(parentsIn(action, lot), parents);
    assert.deepEqual(parentsIn(action, `0x${"0".repeat(64)}`), []);
  });

test("every kind of action but a propagation is among the forms", () => {
  const kinds = new Set(binding.forms.map((form) => kindOf(readAction(form.action))));
  assert.deepEqual([...kinds].sort((a, b) => a - b), [...Array(21).keys()].filter((kind) => kind !== 18));
});

const events = new Map(binding.forms.map((form) => [form.name, form.event]));
for (const refusal of binding.refused)
  test(`refused: ${refusal.form} ${refusal.at} ${refusal.rule}`, () => {
    const event = changed(events.get(refusal.form), refusal.at, refusal.value, refusal.gone);
    const expected = { rule: refusal.rule, field: refusal.field };
    assert.deepEqual(problemOf(() => actionOf(event, deadline)), expected);
  });

test("an event is not changed by being read", () => {
  const event = events.get("shipping");
  const before = text(event);
  actionOf(event, deadline);
  contentHash(event);
  assert.equal(text(event), before);
});
