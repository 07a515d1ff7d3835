/**
 * The keys of this device: one a person, kept in IndexedDB, and never readable by a script.
 *
 * A record holds the key pair itself (WebCrypto, P-256, private half not extractable), so that nothing here or elsewhere
 * can copy it; `keyId` is keccak256(x ‖ y), as the registry has it. Whoever clears the browser's data loses the key: a
 * person then gets a new one.
 */

import { openDB } from "idb";
import type { DBSchema, IDBPDatabase } from "idb";

import { keccak, toHex } from "../../verify/hashes.ts";
import type { Hex } from "../../verify/types.ts";

/** `person` and `party` are ids; `party` has at least 13 digits. `name`: what the person is called. */
export type DeviceKey = { person: string; party: string; name: string; keyId: Hex; keyPair: CryptoKeyPair };

interface Keys extends DBSchema {
  keys: { key: string; value: DeviceKey };
}

const CURVE = { name: "ECDSA", namedCurve: "P-256" };

/** A new key pair, whose private half no script can read, and the id that the registry knows it by. */
export async function newKeyPair(): Promise<{ keyPair: CryptoKeyPair; keyId: Hex; point: Uint8Array }> {
  const keyPair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  const point = await pointOf(keyPair.publicKey);
  return { keyPair, keyId: toHex(keccak(point)), point };
}

/** x ‖ y of a public key, 64 bytes. */
export async function pointOf(key: CryptoKey): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey("raw", key)).subarray(1);
}

/** Keeps the person's key; an older one of the same person is gone then. */
export const keepDeviceKey = async (key: DeviceKey): Promise<void> => {
  await (await database()).put("keys", key);
};

/** Everybody who has a key on this device. */
export const deviceKeys = async (): Promise<DeviceKey[]> => (await database()).getAll("keys");

/** The person's key; undefined where this device has none of theirs. */
export const deviceKey = async (person: string): Promise<DeviceKey | undefined> =>
  (await database()).get("keys", person);

/** Forgets the person's key. */
export const forgetDeviceKey = async (person: string): Promise<void> => (await database()).delete("keys", person);

const database = (): Promise<IDBPDatabase<Keys>> =>
  openDB<Keys>("silkroot-device-keys", 1, {
    upgrade: (made) => void made.createObjectStore("keys", { keyPath: "person" }),
  });
