/**
 * A bundle's text to its values, strictly: no member too many, none too few (docs/proofs.md).
 *
 * Throws `bundle.members`, `bundle.form`, `bundle.size`, `bundle.twice` and `bundle.checkpoint`, each with a JSON pointer
 * and the value, and what json.ts and actions.ts throw. What the events say is not looked at: that is for the verdict.
 */

import { LOT_CODE, readProof } from "./actions.ts";
import { lotId } from "./digests.ts";
import type { BundledEvent, Place } from "./dossier.ts";
import { toHex } from "./hashes.ts";
import { isInteger, isObject, parseObject } from "./json.ts";
import { token } from "./names.ts";
import { isProblem, problem } from "./problem.ts";
import { isDigest } from "./sealing.ts";
import type { Hex, Json, JsonObject, LotRef, SignatureProof } from "./types.ts";

export type BundleChain = { chainId: bigint; partyRegistry: Hex; produceLedger: Hex; eventLog: Hex };
export type Bundle = { lot: LotRef; made: string; chain: BundleChain; events: BundledEvent[] };

type Checkpoint = { size: number; root: Hex; block: number };

const FORMAT = "silkroot-proof-1";
const MAX_LENGTH = 64 * 1024 * 1024;
const MAX_EVENTS = 50_000;
const MAX_PATH = 64;
const MAX_DISCLOSURES = 1_000;
const MAX_ERASED = 1_000;
const MAX_SIGNATURE_DIGITS = 2 + 2 * 1_024;
const TIME = /^[0-9]{4}-(0[1-9]|1[0-2])-[0-3][0-9]T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z$/;

/** The bundle in a text. */
export function readBundle(text: string): Bundle {
  if (text.length > MAX_LENGTH) throw problem("bundle.size", "", text.length, "a bundle has at most 64 MiB");
  const tree = parseObject(text);
  if (tree.format !== FORMAT) throw misformed("/format", tree.format, `a bundle begins with the format ${FORMAT}`);
  checkMembers(tree, "", "format lot made chain hashes events", "checkpoint");
  const hashes = readHashes(tree.hashes);
  const checkpoint = "checkpoint" in tree ? readCheckpoint(tree.checkpoint) : null;
  return {
    lot: readLot(tree.lot),
    made: readTime(tree.made, "/made"),
    chain: readChain(tree.chain),
    events: readEvents(tree.events, hashes, checkpoint),
  };
}

function readLot(value: Json | undefined): LotRef {
  const { product, code } = object(value, "/lot", "product code");
  if (typeof product !== "string" || !/^([0-9]{14}|[1-9][0-9]{14,19})$/.test(product))
    throw misformed("/lot/product", product, "a product is its number in 14 digits or more, as text");
  if (typeof code !== "string" || !LOT_CODE.test(code)) throw misformed("/lot/code", code, "not a lot code");
  const number = BigInt(product);
  if (!number || number >> 64n) throw misformed("/lot/product", product, "not a product's number");
  return { product: number, code, id: lotId(number, code) };
}

function readChain(value: Json | undefined): BundleChain {
  const { chainId, ...contracts } = object(value, "/chain", "chainId partyRegistry produceLedger eventLog");
  for (const [name, address] of Object.entries(contracts))
    if (typeof address !== "string" || !/^0x[0-9a-f]{40}$/.test(address))
      throw misformed(`/chain/${name}`, address, "an address is 0x and 40 lower-case hex digits");
  return { chainId: BigInt(number(chainId, "/chain/chainId")), ...(contracts as Omit<BundleChain, "chainId">) };
}

function readCheckpoint(value: Json | undefined): Checkpoint {
  const { size, root, block } = object(value, "/checkpoint", "size root block");
  return {
    size: number(size, "/checkpoint/size"),
    root: hash(root, "/checkpoint/root"),
    block: number(block, "/checkpoint/block"),
  };
}

function readHashes(value: Json | undefined): Hex[] {
  const seen = new Set<Hex>();
  list(value, "/hashes", MAX_EVENTS * MAX_PATH).forEach((item, index) => {
    const node = hash(item, `/hashes/${index}`);
    if (seen.has(node)) throw problem("bundle.twice", `/hashes/${index}`, item, "it stands in the list already");
    seen.add(node);
  });
  return [...seen];
}

function readEvents(value: Json | undefined, hashes: Hex[], checkpoint: Checkpoint | null): BundledEvent[] {
  const seen = new Set<Hex>();
  return list(value, "/events", MAX_EVENTS).map((item, index) => {
    const at = `/events/${index}`;
    const { event, proof, recordTime, state, refusal, log, disclosures, erased } = object(
      item,
      at,
      "event proof recordTime state",
      "refusal log disclosures erased",
    );
    if (typeof state !== "string" || !["queued", "confirmed", "refused"].includes(state))
      throw misformed(`${at}/state`, state, "a state is queued, confirmed or refused");
    if ((state === "refused") !== (refusal !== undefined))
      throw problem("bundle.members", `${at}/refusal`, refusal ?? "", "it goes with the state refused");
    if (refusal !== undefined && typeof refusal !== "string") throw misformed(`${at}/refusal`, refusal, "not a text");
    const place = log === undefined ? null : readPlace(log, `${at}/log`, hashes, checkpoint);
    if (!isObject(event)) throw misformed(`${at}/event`, event, "an event is an object");
    if ("recordTime" in event)
      throw problem("bundle.members", `${at}/event/recordTime`, event.recordTime, "nobody signed it");
    const read = readSignature(proof!, `${at}/proof`);
    const id = read.action.contentHash;
    readTime(recordTime, `${at}/recordTime`);
    if (seen.has(id)) throw problem("bundle.twice", at, id, "the event stands in the list already");
    seen.add(id);
    return {
      sequence: index + 1,
      id,
      body: event,
      proof: read,
      proofJson: proof!,
      state,
      refusal: refusal ?? "",
      place,
      disclosures: disclosures === undefined ? [] : readDisclosures(disclosures, `${at}/disclosures`),
      erased: erased === undefined ? [] : readErased(erased, `${at}/erased`),
    };
  });
}

function readSignature(value: Json, at: string): SignatureProof {
  if (!isObject(value)) throw misformed(at, value, "a proof is an object");
  let proof: SignatureProof;
  try {
    proof = readProof(value);
  } catch (error) {
    if (!isProblem(error)) throw error;
    const { code, message, values } = error;
    const start = /^(proof|batch)\./.test(code) ? at : `${at}/action`;
    const place = values.field.replace(/^\//, "");
    throw problem(code, place ? `${start}/${place}` : start, values.value, message);
  }
  for (const [signed, where] of [[proof, at], [proof.co, `${at}/co`]] as const)
    if (signed && signed.signature.length > MAX_SIGNATURE_DIGITS)
      throw problem("bundle.size", `${where}/signature`, signed.signature.length, "a signature has at most 1,024 bytes");
  return proof;
}

function readPlace(value: Json, at: string, hashes: Hex[], checkpoint: Checkpoint | null): Place {
  const members = object(value, at, "index path block");
  const index = number(members.index, `${at}/index`);
  if (!checkpoint) throw problem("bundle.checkpoint", at, index, "a place in the log needs a checkpoint that covers it");
  const { size, root, block } = checkpoint;
  if (index >= size) throw problem("bundle.checkpoint", `${at}/index`, index, `the checkpoint covers ${size} entries`);
  const path = list(members.path, `${at}/path`, MAX_PATH).map((item, step) => {
    const node = hashes[number(item, `${at}/path/${step}`)];
    if (node === undefined) throw misformed(`${at}/path/${step}`, item, `there are ${hashes.length} hashes`);
    return node;
  });
  const firstBlock = number(members.block, `${at}/block`);
  return { index: BigInt(index), path, size: BigInt(size), root, block, firstBlock };
}

function readDisclosures(value: Json, at: string): Json[] {
  const texts = list(value, at, MAX_DISCLOSURES);
  if (!texts.length) throw problem("bundle.members", at, "", "where nothing is disclosed the member is left out");
  texts.forEach((text, index) => {
    if (typeof text !== "string") throw misformed(`${at}/${index}`, text, "a disclosure is a text");
  });
  return texts;
}

function readErased(value: Json, at: string): string[] {
  const digests = list(value, at, MAX_ERASED);
  if (!digests.length) throw problem("bundle.members", at, "", "where nothing is marked as erased the member is left out");
  return digests.map((digest, index) => {
    const place = `${at}/${index}`;
    if (!isDigest(digest)) throw misformed(place, digest, "a digest is 43 characters of base64url");
    const before = digests[index - 1];
    if (digest === before) throw problem("bundle.twice", place, digest, "the digest stands in the list already");
    if (before !== undefined && digest < before!) throw misformed(place, digest, "digests stand in ascending order");
    return digest;
  });
}

function object(value: Json | undefined, at: string, needed: string, optional = ""): JsonObject {
  if (!isObject(value)) throw misformed(at, value, "an object is needed");
  checkMembers(value, at, needed, optional);
  return value;
}

function checkMembers(tree: JsonObject, at: string, needed: string, optional: string): void {
  const names = needed.split(" ");
  const missing = names.find((name) => !(name in tree));
  if (missing) throw problem("bundle.members", `${at}/${missing}`, "", "the member is missing");
  const strange = Object.keys(tree).find((name) => !names.includes(name) && !optional.split(" ").includes(name));
  if (strange !== undefined) throw problem("bundle.members", `${at}/${token(strange)}`, strange, "there is no such member");
}

function list(value: Json | undefined, at: string, most: number): Json[] {
  if (!Array.isArray(value)) throw misformed(at, value, "a list is needed");
  if (value.length > most) throw problem("bundle.size", at, value.length, `at most ${most} are taken`);
  return value;
}

function number(value: Json | undefined, at: string): number {
  if (!isInteger(value) || value < 0) throw misformed(at, value, "a whole number from 0 up is needed");
  return value;
}

function hash(value: Json | undefined, at: string): Hex {
  // 32 bytes leave two unused bits in the last of 43 characters; they have to be zero.
  if (typeof value !== "string" || !/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(value))
    throw misformed(at, value, "32 bytes in base64 are needed");
  return toHex(Uint8Array.from(atob(value), (char) => char.charCodeAt(0)));
}

function readTime(value: Json | undefined, at: string): string {
  if (typeof value !== "string" || !TIME.test(value) || Number.isNaN(Date.parse(value)))
    throw misformed(at, value, "a time is written as 2026-11-29T12:00:00Z");
  return value;
}

const misformed = (at: string, value: unknown, message: string) => problem("bundle.form", at, value ?? "", message);
