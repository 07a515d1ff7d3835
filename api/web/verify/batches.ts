/**
 * One signature over up to 1,000 statements: `Batch(root, count)`, and each event's place in it.
 *
 * `root` is that of the tree of RFC 9162, section 2.1, over `count` leaves, and the data of a leaf is the statement's
 * EIP-712 digest: 32 bytes. Throws `proof.form`, `batch.action`, `batch.count`, `batch.index` and `batch.path`.
 */

import { hasExactly } from "./actions.ts";
import { digestOfHash, structHash } from "./digests.ts";
import { fromHex, isHash, sha256, toHex, verifyInclusion } from "./hashes.ts";
import { isInteger, isObject } from "./json.ts";
import { problem } from "./problem.ts";
import { signedBy } from "./signatures.ts";
import type { Action, BatchPlace, Domain, Hex, Json, SignatureProof } from "./types.ts";

const BATCH = "Batch(bytes32 root,uint32 count)";
const MOST = 1_000;
const HASH_BYTES = 32;

/** Signatures of batches that were checked already: all events of a batch cost one check. */
const known = new Map<string, boolean>();

/** The place that a proof's member holds. */
export function readBatch(json: Json, action: Action): BatchPlace {
  const refuse = (rule: string, at: string, value: unknown, message: string) =>
    problem(rule, `/batch${at}`, value ?? "", message);
  if (!isObject(json) || !hasExactly(json, ["root", "count", "index", "path"]))
    throw refuse("proof.form", "", json, "a place in a batch has root, count, index, path");
  const { root, count, index } = json;
  if (!isHash(root)) throw refuse("proof.form", "/root", root, "a root has 32 bytes");
  if (!isInteger(count)) throw refuse("proof.form", "/count", count, "a whole number is needed");
  if (!isInteger(index)) throw refuse("proof.form", "/index", index, "a whole number is needed");
  const path = pathOf(json.path!);
  if (!path) throw refuse("proof.form", "/path", json.path, "a path is its hashes in one base64 text");
  if (action.type !== "Statement") throw refuse("batch.action", "", action.type, "only statements are signed in batches");
  if (count < 1 || count > MOST) throw refuse("batch.count", "/count", count, "a batch has 1 to 1,000 statements");
  if (index < 0 || index >= count) throw refuse("batch.index", "/index", index, `the batch has ${count} statements`);
  const length = pathLength(index, count);
  if (path.length !== length) throw refuse("batch.path", "/path", path.length, `this path has ${length} hashes`);
  return { root, count, index, path };
}

/** How many nodes an inclusion path has. */
export function pathLength(index: number, count: number): number {
  let length = 0;
  for (let last = count - 1; last; [index, last] = [index >> 1, last >> 1]) if (index & 1 || index < last) length++;
  return length;
}

/** What a key signs for a batch. */
export const batchDigest = (domain: Domain, root: Hex, count: number): Hex =>
  digestOfHash(domain, structHash(BATCH, { root, count: BigInt(count) }));

/** The same of a proof; null where it is of no batch. */
export const batchDigestOf = (domain: Domain, { batch }: SignatureProof): Hex | null =>
  batch ? batchDigest(domain, batch.root, batch.count) : null;

/** The leaf hash of the statement with that digest: SHA-256(0x00 ‖ digest). */
export const batchLeaf = (digest: Hex): Hex => toHex(sha256(Uint8Array.of(0, ...fromHex(digest))));

/** Whether the statement with that digest lies in the batch at that place. */
export const isAmong = (digest: Hex, { root, count, index, path }: BatchPlace): boolean =>
  verifyInclusion(batchLeaf(digest), BigInt(index), path, BigInt(count), root);

/** Whether the key's signature covers the digest: alone, or with its batch, whose own digest is `batch`. */
export function isSigned(digest: Hex, keyId: Hex, proof: SignatureProof, batch: Hex | null): boolean {
  const { scheme, signature } = proof;
  if (!proof.batch) return signedBy(digest, keyId, scheme, signature);
  if (!batch || !isAmong(digest, proof.batch)) return false;
  const name = [batch, keyId, scheme, signature].join();
  const answer = known.get(name) ?? signedBy(batch, keyId, scheme, signature);
  known.set(name, answer);
  return answer;
}

function pathOf(json: Json): Hex[] | null {
  try {
    const data = Uint8Array.from(atob(json as string), (char) => char.charCodeAt(0));
    const text = btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""));
    if (text !== json || data.length % HASH_BYTES) return null;
    return Array.from({ length: data.length / HASH_BYTES }, (_, at) =>
      toHex(data.subarray(HASH_BYTES * at, HASH_BYTES * (at + 1))),
    );
  } catch {
    return null; // no base64
  }
}
