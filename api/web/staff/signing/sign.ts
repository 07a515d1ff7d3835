/**
 * Signs events with this device's key, and only what the event itself implies.
 *
 * What is signed is never taken from the service: content hash and struct are made here from the event that is going to
 * be sent, by the code that verifies proofs. A draft whose struct is another one, that belongs to another party, that
 * names another person, or that says something else than what was entered on the form, is refused. The signature is P-256
 * over SHA-256 of the EIP-712 digest, s in the lower half, 128 bytes r ‖ s ‖ x ‖ y. Throws `signing.*`, and what binding
 * throws.
 */

import { p256 } from "@noble/curves/nist.js";

import { readAction, signerOf, writeAction } from "../../verify/actions.ts";
import { actionOf } from "../../verify/binding.ts";
import { digestOf, ledgerDomain } from "../../verify/digests.ts";
import { contentHash, fromHex, keccak, toHex } from "../../verify/hashes.ts";
import { canonical, isObject, newObject } from "../../verify/json.ts";
import { ownMember } from "../../verify/names.ts";
import { problem } from "../../verify/problem.ts";
import { openSealed } from "../../verify/sealing.ts";
import { p256Signer } from "../../verify/signatures.ts";
import type { Domain, Hex, Json, JsonObject } from "../../verify/types.ts";
import { pointOf } from "./keys.ts";
import type { DeviceKey } from "./keys.ts";

/** What `POST /staff/api/drafts` answers; read with `parseObject`, so that its numbers are what was written. */
export type Draft = { event: JsonObject; disclosures: string[]; action: JsonObject; digest: Hex };

/**
 * What the person entered, as members of the struct in its JSON form: `{type: "Harvest", grams: "412000"}`. Members that
 * the form does not know are left out; a function says by itself whether it is right.
 */
export type Expectation = { type: string; [member: string]: Json } | ((action: JsonObject) => boolean);

/** `hash` is the content hash, `event` is what is sent: with proof and disclosures in it. */
export type SignedEvent = { event: JsonObject; hash: Hex; action: JsonObject };

const SCHEME = 2;
const SECONDS_LEFT = 60n;

/** The draft's event, signed. */
export async function signDraft(
  draft: Draft,
  expectation: Expectation,
  key: DeviceKey,
  domain: Domain,
): Promise<SignedEvent> {
  const { deadline } = readAction(draft.action);
  const action = writeAction(actionOf(draft.event, deadline));
  if (text(action) !== text(draft.action))
    throw problem("signing.differs", "/action", draft.action.type, "the draft's struct is not the one of its event");
  requireExpected(action, expectation);
  const signed = await signEvent(draft.event, draft.disclosures, deadline, key, domain);
  const { digest } = signed;
  if (digest !== draft.digest)
    throw problem("signing.digest", "/digest", draft.digest, `the digest of what the event implies is ${digest}`);
  return signed;
}

/** The event (sealed, with its party and its blind), signed until `deadline`, Unix seconds. */
export async function signEvent(
  event: JsonObject,
  disclosures: string[],
  deadline: bigint,
  key: DeviceKey,
  domain: Domain,
): Promise<SignedEvent & { digest: Hex }> {
  const implied = actionOf(event, deadline);
  if (signerOf(implied) !== BigInt(key.party))
    throw problem("signing.party", "/silkroot:party", signerOf(implied), "this device signs for another party");
  if (!ownMember(event, "blind")) throw problem("signing.blind", "/silkroot:blind", "", "the event has no blind");
  if (deadline < BigInt(Math.floor(Date.now() / 1000)) + SECONDS_LEFT)
    throw problem("signing.deadline", "/deadline", deadline, "what is signed would be too late: check this device's clock");
  requirePerson(event, disclosures, key);
  const digest = digestOf(domain, implied);
  const signature = await signDigest(digest, key);
  const action = writeAction(implied);
  const proof = Object.assign(newObject(), { action, keyId: key.keyId, scheme: SCHEME, signature });
  const sent = Object.assign(newObject(), event, { "silkroot:proof": proof });
  if (disclosures.length) sent["silkroot:disclosures"] = disclosures;
  return { event: sent, hash: contentHash(event), action, digest };
}

/** 128 bytes r ‖ s ‖ x ‖ y over SHA-256 of the digest. */
export async function signDigest(digest: Hex, key: DeviceKey): Promise<Hex> {
  const point = await pointOf(key.keyPair.publicKey);
  if (toHex(keccak(point)) !== key.keyId)
    throw problem("signing.key", "keyId", key.keyId, "this device's key is not the one that it is called");
  const data = Uint8Array.from(fromHex(digest));
  const raw = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key.keyPair.privateKey, data);
  const signature = toHex(lowS(new Uint8Array(raw))) + toHex(point).slice(2);
  if (p256Signer(digest, signature) !== key.keyId)
    throw problem("signing.key", "keyId", key.keyId, "the two halves of this device's key do not go together");
  return signature;
}

/** The contracts that this service's events are signed for, from what `/deployment.json` holds. */
export function domainOf(deployment: Json): Domain {
  const { chainId, produceLedger } = isObject(deployment) ? deployment : newObject();
  if (typeof chainId !== "number" || typeof produceLedger !== "string")
    throw problem("signing.deployment", "/produceLedger", produceLedger ?? "", "no contract of a ledger is named");
  return ledgerDomain(BigInt(chainId), produceLedger.toLowerCase());
}

/** WebCrypto gives s in either half of the order; the ledger takes the lower one. */
export function lowS(raw: Uint8Array): Uint8Array {
  const order = p256.Point.Fn.ORDER;
  const s = BigInt(toHex(raw.subarray(32)));
  const low = s > order / 2n ? order - s : s;
  return Uint8Array.from([...raw.subarray(0, 32), ...fromHex(`0x${low.toString(16).padStart(64, "0")}`)]);
}

function requireExpected(action: JsonObject, expectation: Expectation): void {
  if (typeof expectation === "function") {
    if (!expectation(action)) throw problem("signing.expected", "/action", action.type, "it is not what was entered");
    return;
  }
  for (const [member, value] of Object.entries(expectation))
    if (!(member in action) || text(action[member]!) !== text(value))
      throw problem("signing.expected", `/action/${member}`, action[member] ?? "", `what was entered is ${text(value)}`);
}

/** Every disclosure belongs to the event, and the person that it names is the one whose key signs. */
function requirePerson(event: JsonObject, disclosures: string[], key: DeviceKey): void {
  const person = openSealed(event, disclosures).tree["silkroot:person"];
  if (person === undefined) return;
  const id = isObject(person) ? person.id : person;
  if (id !== key.person)
    throw problem("signing.person", "/silkroot:person", id, "the event names another person than the one who signs");
}

const text = (json: Json): string => new TextDecoder().decode(canonical(json));
