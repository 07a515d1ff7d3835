// Sealed events: what disclosures show, and which are refused.

import assert from "node:assert/strict";
import { test } from "node:test";

import { changed, library, problemOf, text, vectors } from "./vectors.mjs";

const { byPlace, contentHash, openSealed, parseDisclosure, toBase64url, utf8 } = library;
const { disclosures, event, refused, sealed, shown } = vectors("sealing");
const places = new Map(disclosures.map((vector) => [vector.disclosure, vector.place]));

for (const vector of disclosures)
  test(`disclosure: ${vector.place}`, () => {
    const read = parseDisclosure(vector.disclosure, "/0");
    assert.equal(toBase64url(utf8(vector.json)), vector.disclosure);
    assert.deepEqual([read.digest, read.name ?? null], [vector.digest, vector.name ?? null]);
    assert.equal(text(read.value), text(vector.value));
  });

for (const vector of shown)
  test(`shown: ${vector.name}`, () => {
    const hash = contentHash(sealed);
    const opened = openSealed(sealed, vector.disclosures);
    assert.equal(text(opened.tree), text(vector.event));
    const withheld = Object.fromEntries(byPlace(opened.hidden.values()).map(({ place, count }) => [place, count]));
    assert.equal(text(withheld), text(vector.withheld));
    assert.deepEqual(opened.disclosures.map((item) => item.place), vector.disclosures.map((item) => places.get(item)));
    assert.equal(contentHash(sealed), hash, "the sealed event stays as it is");
  });

for (const vector of refused)
  test(`refused: ${vector.name}`, () =>
    assert.equal(problemOf(() => openSealed(sealed, vector.disclosures)).rule, vector.rule));

test("an event without digests is shown as it is", () => {
  const opened = openSealed(event, []);
  assert.equal(text(opened.tree), text(event));
  assert.equal(opened.hidden.size, 0);
});

test("digests are well formed, in order, and stand once", () => {
  const digests = sealed["silkroot:sealed"];
  const other = (value) => problemOf(() => openSealed(changed(sealed, "/silkroot:sealed", value), []))?.rule;
  assert.equal(other([]), "sealing.digests");
  assert.equal(other("x"), "sealing.digests");
  assert.equal(other([...digests].reverse()), "sealing.digests");
  assert.equal(other([digests[0], digests[0]]), "sealing.twice");
  assert.equal(other([`${digests[0]}=`]), "sealing.digests");
});

/** The event, with one more member sealed: the disclosure that the name and value would have. */
function forged(name, value) {
  const disclosure = toBase64url(utf8(JSON.stringify(["AAAAAAAAAAAAAAAAAAAAAA", name, value])));
  const { digest } = parseDisclosure(disclosure, "/0");
  const { "silkroot:sealed": _, ...open } = sealed;
  return [{ ...open, "silkroot:sealed": [digest] }, [disclosure]];
}

for (const [name, rule] of [
  ["quantityList", "disclosure.name"],
  ["silkroot:party", "disclosure.name"],
  ["silkroot:void", "sealing.disclosed"],
  ["persistentDisposition", "sealing.disclosed"],
  ["https://ref.gs1.org/epcis/quantityList", "sealing.name"],
  ["epcis:quantityList", "sealing.name"],
  ["nobody:name", "sealing.name"],
  ["melons", "sealing.name"],
  ["@id", "sealing.name"],
  ["", "sealing.name"],
  ["silkroot:uom", "sealing.disclosed"],
  ["silkroot:lines", "sealing.disclosed"],
])
  test(`a signer cannot hide ${name || "a member without a name"}`, () => {
    const given = new Map(Object.entries(sealed));
    if (!given.has(name) && rule === "disclosure.name") return assert.fail(`the event has no ${name}`);
    return assert.deepEqual(problemOf(() => openSealed(...forged(name, []))), { rule, field: "/disclosures/0" });
  });

test("nothing is sealed where EPCIS has no other members", () => {
  const [, disclosures] = forged("silkroot:note", 1);
  const { digest } = parseDisclosure(disclosures[0], "/0");
  const { "silkroot:sealed": _, ...open } = sealed;
  const quantityList = [{ ...open.quantityList[0], "silkroot:sealed": [digest] }];
  assert.equal(problemOf(() => openSealed({ ...open, quantityList }, disclosures)).rule, "sealing.closed");
});

test("what stands under a name that a prototype has is a member like any other", () => {
  const opened = openSealed(...forged("silkroot:__proto__", { "silkroot:note": 1 }));
  assert.equal(opened.tree["silkroot:__proto__"]["silkroot:note"], 1);
});

test("a disclosure is base64url of strict JSON with a salt of 128 bits", () => {
  const rule = (json) => problemOf(() => parseDisclosure(typeof json === "string" ? toBase64url(utf8(json)) : json, "/0"))?.rule;
  assert.equal(rule('["AAAAAAAAAAAAAAAAAAAAAA","a",1]'), undefined);
  assert.equal(rule('["AAAAAAAAAAAAAAAAAAAAA","a",1]'), "sealing.salt");
  assert.equal(rule('["AAAA","a",1]'), "sealing.salt");
  assert.equal(rule('["AAAAAAAAAAAAAAAAAAAAAA",1,1]'), "disclosure.form");
  assert.equal(rule('["AAAAAAAAAAAAAAAAAAAAAA"]'), "disclosure.form");
  assert.equal(rule('["AAAAAAAAAAAAAAAAAAAAAA","a",{"b":1,"b":1}]'), "disclosure.form");
  assert.equal(rule(7), "disclosure.form");
  assert.equal(problemOf(() => parseDisclosure("a=", "/0")).rule, "disclosure.form");
  assert.equal(problemOf(() => parseDisclosure(toBase64url(Uint8Array.of(0x22, 0xff, 0x22)), "/0")).rule, "disclosure.form");
});
