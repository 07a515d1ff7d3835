/**
 * Seals members of an event on this device, and gives it its blind: both with random bytes of this device.
 *
 * As `ledger.domain.sealing.seal` does for members at the top level: each becomes a digest, the digests stand in
 * `silkroot:sealed` in ascending order, and a disclosure shows one member. Nobody who lacks the disclosure can tell what
 * is behind a digest.
 */

import { canonical, newObject } from "../../verify/json.ts";
import { sha256, toBase64url, utf8 } from "../../verify/hashes.ts";
import type { Json, JsonObject } from "../../verify/types.ts";

export type Sealed = { event: JsonObject; disclosures: string[] };

const SALT_BYTES = 16;

/** So many random bytes. */
export type Random = (count: number) => Uint8Array;

export const random: Random = (count) => crypto.getRandomValues(new Uint8Array(count));

/** The event with those members sealed, in its own order; members that it does not have are left out. */
export function sealMembers(event: JsonObject, names: string[], salts: Random = random): Sealed {
  const [open, disclosures] = [newObject(), [] as string[]];
  for (const [name, value] of Object.entries(event))
    if (names.includes(name)) disclosures.push(disclosureOf(name, value, salts(SALT_BYTES)));
    else open[name] = value;
  if (disclosures.length) open["silkroot:sealed"] = disclosures.map(digestOf).sort();
  return { event: open, disclosures };
}

/** 32 hex digits, so that nobody can guess an event from its hash. */
export const newBlind = (from: Random = random): string =>
  Array.from(from(SALT_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join("");

const disclosureOf = (name: string, value: Json, salt: Uint8Array): string =>
  toBase64url(canonical([toBase64url(salt), name, value]));

const digestOf = (disclosure: string): string => toBase64url(sha256(utf8(disclosure)));
