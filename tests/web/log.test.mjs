// The log's tree: every proof of every size up to 300 verifies, and no altered one does.

import assert from "node:assert/strict";
import { test } from "node:test";

import { library, problemOf, vectors } from "./vectors.mjs";

const { EMPTY_ROOT, fromHex, leafHash, sha256, toHex, utf8, verifyConsistency, verifyInclusion } = library;

const { inclusion, consistency, emptyRoot, reference } = vectors("merkle");
inclusion.forEach((vector, number) =>
  test(`inclusion ${number}: ${vector.name}, ${vector.index} of ${vector.size}`, () => {
    const leaf = leafHash(vector.contentHash, vector.signatureHash);
    const { proof, root } = vector;
    assert.equal(verifyInclusion(leaf, BigInt(vector.index), proof, BigInt(vector.size), root), vector.valid);
  }),
);
consistency.forEach((vector, number) =>
  test(`consistency ${number}: ${vector.name}, ${vector.first} and ${vector.second}`, () => {
    const [first, second] = [BigInt(vector.first), BigInt(vector.second)];
    assert.equal(verifyConsistency(first, vector.firstRoot, second, vector.secondRoot, vector.proof), vector.valid);
  }),
);

// ---------------------------------------------------------------- a prover of the test's own, straight from RFC 9162

const SIZES = 300;
const node = (left, right) => toHex(sha256(Uint8Array.of(1, ...fromHex(left), ...fromHex(right))));
const entry = (index) => [`content ${index}`, `signature ${index}`].map((name) => toHex(sha256(utf8(name))));
const leaves = Array.from({ length: 600 }, (_, index) => leafHash(...entry(index)));
const known = new Map();

/** The greatest power of 2 below `count`. */
const split = (count) => 2 ** Math.floor(Math.log2(count - 1));

function rootOf(start, end) {
  if (end - start === 1) return leaves[start];
  const key = `${start} ${end}`;
  const middle = start + split(end - start);
  if (!known.has(key)) known.set(key, node(rootOf(start, middle), rootOf(middle, end)));
  return known.get(key);
}

function path(index, start, end) {
  if (end - start === 1) return [];
  const middle = start + split(end - start);
  return index < middle
    ? [...path(index, start, middle), rootOf(middle, end)]
    : [...path(index, middle, end), rootOf(start, middle)];
}

function subproof(first, start, end, isWhole) {
  if (start + first === end) return isWhole ? [] : [rootOf(start, end)];
  const middle = start + split(end - start);
  return start + first <= middle
    ? [...subproof(first, start, middle, isWhole), rootOf(middle, end)]
    : [...subproof(start + first - middle, middle, end, false), rootOf(start, middle)];
}

/** Proofs that differ from the given one in one place: a hash altered, one left out, one too many, two swapped. */
function* altered(proof, salt) {
  if (proof.length) {
    const at = salt % proof.length;
    yield proof.with(at, flipped(proof[at]));
    yield proof.toSpliced(at, 1);
  }
  yield [...proof, EMPTY_ROOT];
  if (proof.length > 1) yield [proof[1], proof[0], ...proof.slice(2)];
}

const flipped = (hash) => hash.slice(0, -1) + (hash.endsWith("0") ? "1" : "0");

test("the tree of the vectors is the tree of this test", () => {
  assert.equal(emptyRoot, EMPTY_ROOT);
  for (const { inputs, root, rootPreImage } of reference) {
    assert.equal(toHex(sha256(fromHex(rootPreImage))), root);
    assert.ok(inputs.length >= 0);
  }
  const tiles = vectors("log_tiles");
  assert.equal(leafHash(tiles.entry.contentHash, tiles.entry.signatureHash), tiles.entry.leafHash);
  assert.equal(tiles.entry.leafHash, leaves[0]);
  for (const log of tiles.logs) {
    const size = Number(log.size);
    assert.equal(rootOf(0, size), log.root);
    for (const tile of log.tiles) checkTile(tile, size);
    const last = BigInt(size - 1);
    assert.ok(verifyInclusion(leaves[size - 1], last, path(size - 1, 0, size), BigInt(size), log.root));
  }
  for (const [first, second] of tiles.logs.slice(1).map((log, index) => [tiles.logs[index], log])) {
    const proof = subproof(Number(first.size), 0, Number(second.size), true);
    assert.ok(verifyConsistency(BigInt(first.size), first.root, BigInt(second.size), second.root, proof));
  }
});

/** A tile holds the roots of the subtrees of its level, one after the other. */
function checkTile({ path: name, bytes, sha256: digest, first }, size) {
  const [, level, number] = /^tile\/([0-9]+)\/([0-9]{3})/.exec(name);
  const span = 256 ** Number(level);
  const hashes = Array.from({ length: bytes / 32 }, (_, index) => {
    const start = (Number(number) * 256 + index) * span;
    assert.ok(start + span <= size);
    return rootOf(start, start + span);
  });
  assert.equal(hashes[0], first);
  assert.equal(toHex(sha256(fromHex(`0x${hashes.map((hash) => hash.slice(2)).join("")}`))), digest);
}

test("every inclusion proof verifies, and no altered one does", () => {
  for (let size = 1; size <= SIZES; size++) {
    const root = rootOf(0, size);
    for (let index = 0; index < size; index++) {
      const [at, count, proof] = [BigInt(index), BigInt(size), path(index, 0, size)];
      assert.ok(verifyInclusion(leaves[index], at, proof, count, root), `${index} of ${size}`);
      if (size > 40 && index % 17 !== size % 17) continue; // of the large trees some are altered
      for (const other of altered(proof, index + size))
        assert.ok(!verifyInclusion(leaves[index], at, other, count, root), `${index} of ${size}, altered`);
      assert.ok(!verifyInclusion(leaves[index], at, proof, count, flipped(root)));
      assert.ok(!verifyInclusion(leaves[index + 1], at, proof, count, root));
      if (size > 1) assert.ok(!verifyInclusion(leaves[index], (at + 1n) % count, proof, count, root));
    }
  }
});

test("every consistency proof verifies, and no altered one does", () => {
  for (let second = 1; second <= SIZES; second++)
    for (let first = second > 60 ? (second % 17) + 1 : 1; first < second; first += second > 60 ? 17 : 1) {
      const [older, newer] = [rootOf(0, first), rootOf(0, second)];
      const [from, to, proof] = [BigInt(first), BigInt(second), subproof(first, 0, second, true)];
      assert.ok(verifyConsistency(from, older, to, newer, proof), `${first} and ${second}`);
      for (const other of altered(proof, first + second))
        assert.ok(!verifyConsistency(from, older, to, newer, other), `${first} and ${second}, altered`);
      assert.ok(!verifyConsistency(from, flipped(older), to, newer, proof));
      assert.ok(!verifyConsistency(from, older, to, flipped(newer), proof));
    }
});

test("a leaf is made of two hashes", () => {
  assert.equal(problemOf(() => leafHash("0x00", EMPTY_ROOT)).rule, "merkle.hash");
  assert.equal(problemOf(() => leafHash(EMPTY_ROOT, `${EMPTY_ROOT}00`)).rule, "merkle.hash");
});

test("what is no hash proves nothing", () => {
  assert.ok(!verifyInclusion(leaves[0], 0n, ["0x00"], 2n, rootOf(0, 2)));
  assert.ok(!verifyInclusion(leaves[0].toUpperCase(), 0n, [], 1n, leaves[0]));
  assert.ok(!verifyInclusion(leaves[0], -1n, [], 1n, leaves[0]));
  assert.ok(!verifyInclusion(leaves[0], 0n, [], 2n ** 64n, leaves[0]));
  assert.ok(!verifyConsistency(-1n, EMPTY_ROOT, 1n, leaves[0], []));
});
