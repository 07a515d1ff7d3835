/**
 * The keys that sign on this device: those that `people/device.ts` makes when somebody joins, and keeps.
 *
 * `keyId` is keccak256(x ‖ y), as the registry has it. The private half is never readable by a script. Whoever clears the
 * browser's data loses the key: a person then gets a new one.
 */

import { keysHere } from "../people/device.ts";
import type { KeyRecord } from "../people/device.ts";

/** `person` and `party` are ids; `party` has at least 13 digits. `name`: what the person is called. */
export type DeviceKey = Pick<KeyRecord, "person" | "party" | "name" | "keyId" | "keyPair">;

/** Everybody who has a key on this device. */
export const deviceKeys = (): Promise<DeviceKey[]> => keysHere();

/**
 * The person's key, the one of that id where they have several; undefined where this device has none of theirs.
 * `keyId`: what the session knows the browser by (`keyId` of the page's data), null where it knows none.
 */
export async function deviceKey(person: string, keyId: string | null = null): Promise<DeviceKey | undefined> {
  const own = (await keysHere()).filter((key) => key.person === person);
  return own.find((key) => key.keyId === keyId) ?? own[0];
}

/** x ‖ y of a public key, 64 bytes. */
export async function pointOf(key: CryptoKey): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey("raw", key)).subarray(1);
}
