/**
 * Every event read against itself: what its bytes hash to, what they imply, what its signature covers; and the question
 * to the chain.
 *
 * Body, struct and signature may each have been altered, so none is trusted to name the culprit. The signature decides:
 * of the struct shown, the one that the body implies and the digest on chain, that which it covers was signed. What
 * cannot be read is null, with the problem beside it; nothing here throws.
 */

import { cosignerOf, signerOf, writeAction } from "./actions.ts";
import { batchDigestOf, isSigned } from "./batches.ts";
import { actionOf, lotsOf, outputsOf, parentsIn } from "./binding.ts";
import { consignmentId, digestOf, lotId } from "./digests.ts";
import type { Difference, Finding } from "./findings.ts";
import { pair } from "./facts.ts";
import type { Checkpoint, Entry, Facts, Question } from "./facts.ts";
import { contentHash, leafHash, signatureHash, verifyInclusion } from "./hashes.ts";
import { isProblem } from "./problem.ts";
import { signedBy } from "./signatures.ts";
import type { Action, Domain, Hex, Json, JsonObject, SignatureProof } from "./types.ts";

/** Where a bundle says that an event's leaf lies, under the checkpoint of `size` and `root` in `block`. */
export type Place = { index: bigint; path: Hex[]; size: bigint; root: Hex; block: number; firstBlock: number };

/** An event as the bundle has it. `id` is the content hash that was signed: what the event is called. */
export type BundledEvent = {
  sequence: number;
  id: Hex;
  body: JsonObject;
  proof: SignatureProof;
  /** The proof's own JSON, of which its leaf is made. */
  proofJson: Json;
  state: string;
  refusal: string;
  place: Place | null;
  disclosures: Json[];
  /** Digests whose disclosures were destroyed, says who made the bundle. */
  erased: string[];
};

/** `implied`: what the body implies under the signed deadline; null, with `problem`, where it implies nothing. */
export type Examined = {
  event: BundledEvent;
  found: Hex | null;
  implied: Action | null;
  /** The implied struct is the one shown. */
  same: boolean;
  problem: string;
  storedDigest: Hex | null;
  impliedDigest: Hex | null;
  /** What was signed for the batch under whose signature it came; null for all else. */
  batchDigest: Hex | null;
  /** The key named signed the struct shown; null until `checkSignature`, which takes most of the time. */
  plain: boolean | null;
  /** The struct shown, and the implied one where it differs. */
  actions: Action[];
};

/** The result of weighing the place stated for a leaf; "" where nothing is wrong or nothing was stated. */
export type LogProblem = "" | "log-proof" | "log-checkpoint" | "log-time";

/** An event with the chain's entry for it. `signer` null: the signature covers none of the candidates. */
export type Reading = {
  examined: Examined;
  event: BundledEvent;
  entry: Entry | null;
  action: Action;
  signed: Hex | null;
  signer: Hex | null;
  coSigned: boolean;
  logProblem: LogProblem;
  /** What gives it its key time: its entry, or for a statement the first checkpoint that covers it. */
  anchor: Entry | Checkpoint | null;
  refused: boolean;
  waiting: boolean;
};

/** Events by lot, in their order; a lot's ancestors among them. `stated`: what was found before the chain was asked. */
export type Dossier = { lot: Hex; events: Map<Hex, Examined[]>; stated: Finding[] };

export const isStated = ({ type }: Action): boolean => type === "Statement";

function examine(event: BundledEvent, domain: Domain): Examined {
  const stored = event.proof.action;
  let [found, implied, trouble]: [Hex | null, Action | null, string] = [null, null, ""];
  try {
    found = contentHash(event.body);
    implied = actionOf(event.body, stored.deadline);
  } catch (error) {
    trouble = isProblem(error) ? error.code : String(error);
  }
  const storedDigest = digestIn(domain, stored);
  const same = implied !== null && text(implied) === text(stored);
  return {
    event,
    found,
    implied,
    same,
    problem: trouble,
    storedDigest,
    impliedDigest: implied && !same ? digestIn(domain, implied) : null,
    batchDigest: batchDigestOf(domain, event.proof),
    plain: null,
    actions: implied && !same ? [stored, implied] : [stored],
  };
}

/** Whether the key named signed the struct shown. */
export function checkSignature(examined: Examined): boolean {
  const { storedDigest, batchDigest, event } = examined;
  const { proof } = event;
  return (examined.plain ??= storedDigest !== null && isSigned(storedDigest, proof.keyId, proof, batchDigest));
}

/** Finds the chain's entry, which struct the signature covers, and whether the leaf is where it is said to be. */
export function attach(examined: Examined, facts: Facts | null): Reading {
  const { event, storedDigest, impliedDigest, implied, batchDigest } = examined;
  const { proof } = event;
  const entry = [proof.action.contentHash, examined.found].map((one) => one && facts?.entries.get(one)).find(Boolean) || null;
  let [action, signed, signer]: [Action, Hex | null, Hex | null] = [proof.action, null, null];
  if (checkSignature(examined)) [signed, signer] = [storedDigest, proof.keyId];
  else {
    const digests = new Set([storedDigest, impliedDigest, entry?.digest].filter((one) => typeof one === "string"));
    const keys = new Set([proof.keyId, entry?.keyId ?? proof.keyId]);
    const pairs = [...digests].flatMap((digest) => [...keys].map((key): [Hex, Hex] => [digest, key]));
    const [digest, key] = pairs.find(([digest, key]) => isSigned(digest, key, proof, batchDigest)) ?? [];
    if (digest !== undefined && key !== undefined) {
      [signed, signer] = [digest, key];
      if (digest !== storedDigest && digest === impliedDigest && implied) action = implied;
    }
  }
  const { co } = proof;
  const [logProblem, covering] = weighPlace(action.contentHash, event, facts);
  const anchor = entry ?? (isStated(action) ? covering : null);
  return {
    examined,
    event,
    entry,
    action,
    signed,
    signer,
    coSigned: Boolean(co && signed && signedBy(signed, co.keyId, co.scheme, co.signature)),
    logProblem,
    anchor,
    refused: !entry && event.state === "refused",
    waiting: !anchor && event.state === "queued",
  };
}

function weighPlace(content: Hex, { place, proofJson }: BundledEvent, facts: Facts | null): [LogProblem, Checkpoint | null] {
  if (!place || !facts) return ["", null];
  const { index, path, size, root, block, firstBlock } = place;
  if (!facts.checkpoints.some((one) => one.block === block && one.size === size && one.root === root))
    return ["log-checkpoint", null];
  const leaf = leafHash(content, signatureHash(proofJson));
  if (!verifyInclusion(leaf, index, path, size, root)) return ["log-proof", null];
  const first = facts.checkpoints.find((one) => one.block === firstBlock && one.previous <= index && index < one.size);
  return first ? ["", first] : ["log-time", null];
}

/**
 * The lot's and its ancestors' events, each read once. An event that names no lot of the lineage stands with the lot
 * itself, so that nothing stays unchecked.
 */
export function openDossier(lot: Hex, events: BundledEvent[], domain: Domain, stated: Finding[]): Dossier {
  const named = new Map<Hex, Examined[]>();
  const examined = events.map((event) => examine(event, domain));
  for (const one of examined)
    for (const name of namedBy(one.event)) named.set(name, [...(named.get(name) ?? []), one]);
  const byLot = new Map<Hex, Examined[]>();
  const parentsOf = (name: Hex): Hex[] => {
    byLot.set(name, named.get(name) ?? []);
    return byLot.get(name)!.flatMap((one) => parentsTold(name, one));
  };
  closure(lot, parentsOf);
  const placed = new Set([...byLot.values()].flat());
  const own = new Set(byLot.get(lot));
  byLot.set(lot, examined.filter((one) => own.has(one) || !placed.has(one)));
  return { lot, events: byLot, stated };
}

/** The lots that the event's body names, and those that its struct does: one of them may have been altered. */
function namedBy({ body, proof }: BundledEvent): Set<Hex> {
  const found = new Set(lotsIn(proof.action));
  try {
    for (const { id } of lotsOf(body)) found.add(id);
  } catch {
    // A body that cannot be read names none; the content check tells of it.
  }
  return found;
}

function lotsIn(action: Action): Hex[] {
  switch (action.type) {
    case "Harvest":
    case "Intake":
      return [lotId(action.product, action.lotCode)];
    case "Transformation":
    case "TransformationAmendment":
      return [...action.inputs.map(({ lot }) => lot), ...outputsOf(action)];
    case "Shipment":
      return action.manifest.map(({ lot }) => lot);
    case "PartialReceipt":
    case "Settlement":
    case "Sale":
    case "Disposal":
      return action.lines.map(({ lot }) => lot);
    case "Statement":
      return action.lots;
  }
  return "lot" in action ? [action.lot] : [];
}

/** The lots that the event says `lot` was made from: by the struct shown, or by what its body implies. */
const parentsTold = (lot: Hex, { actions }: Examined): Hex[] =>
  [...new Set(actions.flatMap((action) => parentsIn(action, lot)))].sort();

/** Every node that can be reached, without the start, with its distance, nearest first; a cycle ends where it closes. */
export function closure(start: Hex, nextOf: (node: Hex) => Hex[]): Map<Hex, number> {
  const distances = new Map<Hex, number>();
  let level = [start];
  for (let distance = 1; level.length; distance++) {
    const following: Hex[] = [];
    for (const node of level)
      for (const next of nextOf(node))
        if (next !== start && !distances.has(next)) {
          distances.set(next, distance);
          following.push(next);
        }
    level = following;
  }
  return distances;
}

/** All that `judge` needs to know, to be answered at one block. */
export function questionOf(dossier: Dossier, domain: Domain): Question {
  const contents = new Set<Hex>();
  const digests = new Set<Hex>();
  const consignments = new Set<Hex>();
  const keys = new Set<Hex>();
  const parties = new Set<bigint>();
  const blocks = new Set<number>();
  const balances = new Map<string, [Hex, bigint]>();
  const yields = new Map<string, [Hex, bigint]>();
  const cancellations = new Map<string, [bigint, Hex]>();
  for (const [lot, events] of dossier.events)
    for (const { event, actions, batchDigest } of events) {
      const { proof, place } = event;
      keys.add(proof.keyId);
      if (proof.co) keys.add(proof.co.keyId);
      if (place) [place.block, place.firstBlock].forEach((block) => blocks.add(block));
      for (const action of actions) {
        contents.add(action.contentHash);
        const signer = signerOf(action);
        const signed = digestIn(domain, action);
        if (signed) {
          digests.add(signed);
          if (isStated(action))
            for (const one of batchDigest ? [signed, batchDigest] : [signed])
              cancellations.set(pair(signer, one), [signer, one]);
        }
        for (const party of [signer, cosignerOf(action)]) if (party !== null) parties.add(party);
        if (action.type === "Harvest" && BigInt(action.plot))
          yields.set(pair(action.plot, action.season), [action.plot, action.season]);
        for (const holder of holdersIn(action)) balances.set(pair(lot, holder), [lot, holder]);
        for (const consignment of consignmentsIn(action)) consignments.add(consignment);
      }
    }
  return {
    contents: [...contents],
    digests,
    lots: [...dossier.events.keys()],
    balances: [...balances.values()],
    consignments: [...consignments],
    keys: [...keys],
    parties: [...parties],
    plots: [...new Set([...yields.values()].map(([plot]) => plot))],
    yields: [...yields.values()],
    checkpointBlocks: [...blocks],
    cancellations: [...cancellations.values()],
  };
}

/** Members whose values differ, by EIP-712 names; content hash and deadline aside. */
export function differences(signed: Action | null, found: Action | null): Difference[] {
  const [before, after] = [flat(signed), flat(found)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => name !== "contentHash" && name !== "deadline" && before.get(name) !== after.get(name))
    .map((member) => ({ member, signed: before.get(member) ?? "", found: after.get(member) ?? "" }));
}

function flat(action: Action | null): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (name: string, value: Json): void => {
    if (Array.isArray(value)) value.forEach((item, index) => walk(`${name}[${index}]`, item));
    else if (value && typeof value === "object")
      for (const [key, item] of Object.entries(value)) walk(name ? `${name}.${key}` : key, item);
    else found.set(name, String(value));
  };
  if (action) walk("", writeAction(action));
  return found;
}

function holdersIn(action: Action): bigint[] {
  switch (action.type) {
    case "Shipment":
      return [action.shipper, action.receiver];
    case "Settlement":
    case "Void":
      return [signerOf(action), cosignerOf(action)].filter((party) => party !== null);
    case "Harvest":
    case "Intake":
    case "Transformation":
    case "Receipt":
    case "PartialReceipt":
    case "Sale":
    case "Disposal":
    case "BirthAmendment":
    case "TransformationAmendment":
      return [signerOf(action)];
    default:
      return [];
  }
}

function consignmentsIn(action: Action): Hex[] {
  switch (action.type) {
    case "Shipment":
      return [consignmentId(action.shipper, action.consignmentRef)];
    case "PartialReceipt":
      return [action.consignment, ...(action.returnRef ? [consignmentId(action.receiver, action.returnRef)] : [])];
    case "Receipt":
    case "Settlement":
    case "Notice":
    case "Void":
      return [action.consignment];
    default:
      return [];
  }
}

const text = (action: Action): string => JSON.stringify(writeAction(action));

function digestIn(domain: Domain, action: Action): Hex | null {
  try {
    return digestOf(domain, action);
  } catch {
    return null;
  }
}
