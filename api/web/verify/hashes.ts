/**
 * Hashes: of bytes, of events and their signatures, and of the log's Merkle tree.
 *
 * `contentHash` is SHA-256 over the format version and the RFC 8785 form of the event without recordTime and eventID.
 * The tree is that of RFC 9162, section 2.1; an event's leaf is contentHash ‖ SHA-256(signature proof). Verification
 * throws nothing: a proof is right or it is not.
 */

import { sha256 as sha2 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";

import { canonical, newObject } from "./json.ts";
import { problem } from "./problem.ts";
import type { Hex, Json, JsonObject } from "./types.ts";

const FORMAT = "silkroot-event-1\n";
const HASH = /^0x[0-9a-f]{64}$/;
const UINT64_MAX = 2n ** 64n - 1n;

export const EMPTY_ROOT = "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

export const sha256 = (data: Uint8Array): Uint8Array => sha2(data);
export const keccak = (data: Uint8Array): Uint8Array => keccak_256(data);
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const toHex = (data: Uint8Array): Hex => `0x${bytesToHex(data)}`;
export const isHash = (value: unknown): value is Hex => typeof value === "string" && HASH.test(value);

/** The bytes of a `Hex`; `bytes.hex` where it is none. */
export function fromHex(hex: Hex): Uint8Array {
  if (!/^0x([0-9a-f]{2})*$/.test(hex)) throw problem("bytes.hex", "", hex, "0x and lower-case hex digits are needed");
  return hexToBytes(hex.slice(2));
}

/** RFC 4648, section 5, without padding. */
export function toBase64url(data: Uint8Array): string {
  const text = btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""));
  return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

/** The bytes; null unless the text is exactly what `toBase64url` writes. */
export function fromBase64url(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1) return null;
  const data = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
  return toBase64url(data) === text ? data : null;
}

/** The bytes that an event's identity is the hash of. */
export function preImage(event: JsonObject): Uint8Array {
  const hashed = Object.assign(newObject(), event);
  delete hashed.recordTime;
  delete hashed.eventID;
  return concatBytes(utf8(FORMAT), canonical(hashed));
}

/** The event's identity. */
export const contentHash = (event: JsonObject): Hex => toHex(sha256(preImage(event)));

/** SHA-256 of the RFC 8785 form of a signature proof, as `proof_hash.json` has it. */
export const signatureHash = (proof: Json): Hex => toHex(sha256(canonical(proof)));

/** The leaf hash of an event in the log. */
export function leafHash(content: Hex, signature: Hex): Hex {
  if (!isHash(content) || !isHash(signature)) throw problem("merkle.hash", "", content, "a hash has 32 bytes");
  return hashed(0, content, signature);
}

/** Whether the leaf hash is at `index` (from 0) in the tree of that size and root: RFC 9162, section 2.1.3.2. */
export const verifyInclusion = (leaf: Hex, index: bigint, proof: Hex[], size: bigint, root: Hex): boolean =>
  isHash(root) && rootByInclusion(leaf, index, proof, size) === root;

/** The root to which an inclusion proof leads; null where it is none for that index and size, whatever the root. */
export function rootByInclusion(leaf: Hex, index: bigint, proof: Hex[], size: bigint): Hex | null {
  if (index < 0n || index >= size || size > UINT64_MAX || ![leaf, ...proof].every(isHash)) return null;
  let [place, last, hash] = [index, size - 1n, leaf];
  for (const sibling of proof) {
    if (!last) return null;
    if (place & 1n || place === last) {
      hash = hashed(1, sibling, hash);
      while (!(place & 1n) && place) [place, last] = [place >> 1n, last >> 1n];
    } else hash = hashed(1, hash, sibling);
    [place, last] = [place >> 1n, last >> 1n];
  }
  return last ? null : hash;
}

/**
 * Whether the tree of size and root `second` begins with that of `first`: RFC 9162, section 2.1.4.2; and every tree
 * begins with the empty one and with itself, by an empty proof.
 */
export function verifyConsistency(
  first: bigint,
  firstRoot: Hex,
  second: bigint,
  secondRoot: Hex,
  proof: Hex[],
): boolean {
  if (first < 0n || first > second || second > UINT64_MAX || ![firstRoot, secondRoot, ...proof].every(isHash))
    return false;
  if (first === second) return !proof.length && firstRoot === secondRoot && (first > 0n || firstRoot === EMPTY_ROOT);
  if (!first) return !proof.length && firstRoot === EMPTY_ROOT;
  const [start, ...path] = first & (first - 1n) ? proof : [firstRoot, ...proof];
  if (!start) return false;
  let [place, last] = [first - 1n, second - 1n];
  while (place & 1n) [place, last] = [place >> 1n, last >> 1n];
  let [before, after] = [start, start];
  for (const sibling of path) {
    if (!last) return false;
    if (place & 1n || place === last) {
      [before, after] = [hashed(1, sibling, before), hashed(1, sibling, after)];
      while (!(place & 1n) && place) [place, last] = [place >> 1n, last >> 1n];
    } else after = hashed(1, after, sibling);
    [place, last] = [place >> 1n, last >> 1n];
  }
  return !last && before === firstRoot && after === secondRoot;
}

/** A leaf (0) of two hashes, or the node (1) above two. */
const hashed = (prefix: 0 | 1, left: Hex, right: Hex): Hex =>
  toHex(sha256(concatBytes(Uint8Array.of(prefix), hexToBytes(left.slice(2)), hexToBytes(right.slice(2)))));
