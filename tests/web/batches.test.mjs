// Batches: one signature over many statements, and each event's place in it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { library, problemOf, text, vectors } from "./vectors.mjs";

const { batchDigest, batchDigestOf, batchLeaf, digestOf, fromHex, isAmong, isSigned, keccak, ledgerDomain, pathLength } =
  library;
const { readProof, sha256, signatureHash, structHash, toHex, utf8 } = library;

const { batches, chainId, encodeType, ledger, refused, typeHash, unsigned } = vectors("batches");
const domain = ledgerDomain(BigInt(chainId), ledger);
const signed = (proof) => isSigned(digestOf(domain, proof.action), proof.keyId, proof, batchDigestOf(domain, proof));

for (const { name, count, root, rootPreImage, structHash: hash, structPreImage, batchDigest: digest, events } of batches)
  test(`batch: ${name}`, () => {
    assert.equal(toHex(sha256(fromHex(rootPreImage))), root);
    assert.equal(toHex(keccak(utf8(encodeType))), typeHash);
    assert.equal(toHex(keccak(fromHex(structPreImage))), hash);
    assert.equal(structHash(encodeType, { root, count: BigInt(count) }), hash);
    assert.equal(batchDigest(domain, root, count), digest);
    for (const event of events) {
      const proof = readProof(event.proof);
      assert.equal(digestOf(domain, proof.action), event.digest);
      assert.equal(toHex(sha256(fromHex(event.leafPreImage))), event.leaf);
      assert.equal(batchLeaf(event.digest), event.leaf);
      assert.deepEqual(proof.batch.path, event.path);
      assert.ok(signed(proof));
      assert.equal(text(event.proof), event.preImage);
      assert.equal(signatureHash(event.proof), event.signatureHash);
    }
  });

for (const { name, proof, rule, field } of refused)
  test(`no batch: ${name}`, () => assert.deepEqual(problemOf(() => readProof(proof)), { rule, field }));

for (const { name, proof } of unsigned) test(`not signed: ${name}`, () => assert.ok(!signed(readProof(proof))));

test("every place of every size up to 64 holds, and no altered one does", () => {
  const node = (left, right) => toHex(sha256(Uint8Array.of(1, ...fromHex(left), ...fromHex(right))));
  const split = (count) => 2 ** Math.floor(Math.log2(count - 1));
  const rootOf = (leaves) => {
    if (leaves.length === 1) return leaves[0];
    const at = split(leaves.length);
    return node(rootOf(leaves.slice(0, at)), rootOf(leaves.slice(at)));
  };
  const pathOf = (index, leaves) => {
    if (leaves.length === 1) return [];
    const at = split(leaves.length);
    return index < at
      ? [...pathOf(index, leaves.slice(0, at)), rootOf(leaves.slice(at))]
      : [...pathOf(index - at, leaves.slice(at)), rootOf(leaves.slice(0, at))];
  };
  const digests = Array.from({ length: 65 }, (_, number) => toHex(sha256(utf8(`reading ${number}`))));
  for (let count = 1; count <= 64; count++) {
    const leaves = digests.slice(0, count).map(batchLeaf);
    const root = rootOf(leaves);
    for (let index = 0; index < count; index++) {
      const place = { root, count, index, path: pathOf(index, leaves) };
      const at = `${index} of ${count}`;
      assert.equal(place.path.length, pathLength(index, count), at);
      assert.ok(isAmong(digests[index], place), at);
      assert.ok(!isAmong(digests[index + 1], place), at);
      assert.ok(!isAmong(digests[index], { ...place, root: digests[0] }), at);
      if (count > 1) assert.ok(!isAmong(digests[index], { ...place, index: (index + 1) % count }), at);
      place.path.forEach((_, step) => {
        assert.ok(!isAmong(digests[index], { ...place, path: place.path.with(step, digests[0]) }), at);
        assert.ok(!isAmong(digests[index], { ...place, path: place.path.slice(0, step) }), at);
      });
    }
  }
});
