/**
 * The keys of this browser: one for each person who uses the phone, made here, usable here, readable by nobody.
 *
 * A key is P-256 and non-extractable: WebCrypto signs with it and gives its private part to no script, this one included.
 * They lie in the IndexedDB database `silkroot-staff`, which has the one store `keys`; whoever keeps other things (a queue,
 * photos) opens a database of their own, so that no two scripts disagree about a version.
 *
 * The PIN's hash beside a key serves while there is no network: it keeps colleagues from acting under another's name. It
 * does not protect from somebody who takes the phone apart: ten thousand PINs are soon tried.
 */

import { openDB } from "idb";
import type { IDBPDatabase } from "idb";

import { keccak, toHex } from "../../verify/hashes.ts";
import type { Hex } from "../../verify/types.ts";

export const DATABASE = "silkroot-staff";
export const STORE = "keys";
export const MOST_WRONG_PINS = 10;
const ITERATIONS = 200_000;

export type KeptPin = { salt: Uint8Array<ArrayBuffer>; hash: Uint8Array<ArrayBuffer>; failures: number };

/** A person's key on this phone. `keyId`: keccak256(x ‖ y); `publicKey`: x ‖ y, 64 bytes. */
export type KeyRecord = {
  keyId: Hex;
  person: string;
  name: string;
  party: string;
  partyName: string;
  publicKey: Hex;
  keyPair: CryptoKeyPair;
  pin: KeptPin | null;
};

export type NewKey = Pick<KeyRecord, "keyId" | "publicKey" | "keyPair">;

let opened: Promise<IDBPDatabase> | undefined;

function database(): Promise<IDBPDatabase> {
  opened ??= openDB(DATABASE, 1, { upgrade: (db) => void db.createObjectStore(STORE, { keyPath: "keyId" }) });
  return opened;
}

/** Everybody who has a key on this phone, by name. */
export async function keysHere(): Promise<KeyRecord[]> {
  const found: KeyRecord[] = await (await database()).getAll(STORE);
  return found.sort((one, other) => one.name.localeCompare(other.name));
}

/** The key of that id; undefined where it is not on this phone. */
export const keyOf = async (keyId: string): Promise<KeyRecord | undefined> => (await database()).get(STORE, keyId);

/** Keeps the key, over what was kept under its id. */
export async function keep(record: KeyRecord): Promise<void> {
  await (await database()).put(STORE, record);
}

/** The key is gone from this phone for good. */
export async function forget(keyId: string): Promise<void> {
  await (await database()).delete(STORE, keyId);
}

/** A new key that no script can read. */
export async function makeKey(): Promise<NewKey> {
  const keyPair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", keyPair.publicKey)).subarray(1);
  return { keyPair, publicKey: toHex(point), keyId: toHex(keccak(point)) };
}

/** r ‖ s over SHA-256 of the bytes, as WebCrypto gives it; s in either half. */
export async function sign(keyPair: CryptoKeyPair, data: Uint8Array): Promise<Hex> {
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  const signed = await crypto.subtle.sign(algorithm, keyPair.privateKey, new Uint8Array(data));
  return toHex(new Uint8Array(signed));
}

/** A PIN as this phone keeps it. */
export async function keptPin(pin: string): Promise<KeptPin> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return { salt, hash: await stretched(pin, salt), failures: 0 };
}

/** Whether the PIN is right, asked of this phone alone. The attempt counts before it is compared; ten close it. */
export async function tryPin(record: KeyRecord, pin: string): Promise<"right" | "wrong" | "locked"> {
  const kept = await countedAttempt(record.keyId);
  if (!kept) return "right";
  if (kept.failures > MOST_WRONG_PINS) return "locked";
  const given = await stretched(pin, kept.salt);
  if (!given.every((byte, index) => byte === kept.hash[index]))
    return kept.failures === MOST_WRONG_PINS ? "locked" : "wrong";
  await keep({ ...record, pin: { ...kept, failures: 0 } });
  return "right";
}

/** The PIN as it is kept, with this attempt counted; null where there is none. One transaction, whatever else is open. */
async function countedAttempt(keyId: string): Promise<KeptPin | null> {
  const transaction = (await database()).transaction(STORE, "readwrite");
  const record: KeyRecord | undefined = await transaction.store.get(keyId);
  const pin = record?.pin ? { ...record.pin, failures: record.pin.failures + 1 } : null;
  if (record && pin) await transaction.store.put({ ...record, pin });
  await transaction.done;
  return pin;
}

async function stretched(pin: string, salt: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const base = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ITERATIONS };
  return new Uint8Array(await crypto.subtle.deriveBits(how, base, 256));
}
