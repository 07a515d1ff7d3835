/**
 * The three checks of one event: content, signature, anchored. Each looks at another input, so that one altered input
 * fails one check.
 *
 * Key time is the block time of the entry, or of the first checkpoint that covers a statement; before there is one, the
 * head's. Throws nothing; what is wrong is a finding.
 */

import { cosignerOf, signerOf } from "./actions.ts";
import { differences } from "./dossier.ts";
import type { Reading } from "./dossier.ts";
import { isBefore, pair, rolesOf } from "./facts.ts";
import type { Entry, Facts, Position } from "./facts.ts";
import { checkOf, finding, notAsked } from "./findings.ts";
import type { Check, CheckName, Difference, Evidence, Parameters, Verdict } from "./findings.ts";
import { ownMember } from "./names.ts";
import { KINDS } from "./structs.ts";
import type { Action, Hex, JsonObject } from "./types.ts";

/** Bits of `PartyRegistry`'s roles, of which the signer of an action needs one. */
const [PRODUCER, PACKER, HUB, BUYER, CERTIFIER, REGULATOR, LENDER] = [1n, 2n, 8n, 16n, 32n, 64n, 128n];
const ROLES_NEEDED: { [type: string]: bigint } = {
  Harvest: PRODUCER,
  Intake: PRODUCER | PACKER | BUYER,
  Transformation: PACKER | BUYER | PRODUCER | HUB,
  PlotRegistration: CERTIFIER,
  YieldCertificate: CERTIFIER,
};

type Found = (code: string, parameters?: Parameters, verdict?: Verdict, more?: Differing) => Check;
type Differing = { differences: Difference[] };

/** Makes findings of one check about one event. */
const foundIn =
  (check: CheckName, event: Hex, evidence: Evidence, named: Parameters = {}): Found =>
  (code, parameters = {}, verdict = "unverified", more = { differences: [] }) =>
    checkOf(check, [
      finding(check, code, verdict, { parameters: { ...named, ...parameters }, event, evidence, ...more }),
    ]);

/** The body hashes to what was signed, and implies exactly the struct that was signed. */
export function contentCheck({ examined, event, action, signed }: Reading): Check {
  const { found, implied, same, problem } = examined;
  const stored = event.proof.action;
  const signedHash = action.contentHash;
  const evidence: Evidence = { signedHash, foundHash: found, digest: signed };
  const failed = foundIn("content", event.id, evidence, { signed: signedHash, found: found ?? "" });
  const differ = (list: Difference[]): Differing => ({ differences: list });
  if (signed !== null && signed !== examined.storedDigest)
    return failed("content.struct-altered", {}, "unverified", differ(differences(action, stored)));
  if (found === null) return failed("content.unreadable", { problem });
  if (found !== signedHash) {
    const list = implied ? asStated(differences(stored, implied), event.body) : [];
    return failed("content.changed", {}, "unverified", differ(list));
  }
  if (!implied) return failed("content.implies-nothing", { problem });
  if (!same) return failed("content.not-implied", {}, "unverified", differ(differences(stored, implied)));
  if (event.id !== found) return failed("content.misfiled", { filed: event.id });
  return checkOf("content", [], evidence);
}

/** The signature is by the key named; that key was the party's, valid and unrevoked, in a role allowed. */
export function signatureCheck(reading: Reading, facts: Facts | null): Check {
  const { event, action, signer, signed, anchor } = reading;
  const { keyId, scheme, co } = event.proof;
  const evidence = { ...entryEvidence(anchor), digest: signed, keyId: signer ?? keyId };
  const party = signerOf(action);
  const found = foundIn("signature", event.id, evidence, { key: keyId, party });
  if (reading.examined.storedDigest === null)
    return facts ? found("signature.no-digest") : checkOf("signature", [notAsked("signature", { event: event.id })]);
  if (signer === null) return found("signature.invalid");
  if (signer !== keyId) return found("signature.other-key", { signer });
  const cosigner = cosignerOf(action);
  if ((co?.party ?? null) !== cosigner)
    return !co && cosigner !== null ? found("signature.second-missing", { party: cosigner }) : found("signature.second-other");
  if (co && !reading.coSigned) return found("signature.second-invalid", { party: co.party, key: co.keyId });
  const key = facts?.keys.get(signer);
  const coKey = co && facts?.keys.get(co.keyId);
  if (!facts || !key || (co && !coKey)) return checkOf("signature", [notAsked("signature", { event: event.id })]);
  if (reading.refused) return checkOf("signature", [], evidence);

  const keyProblem = (record: typeof key, scheme: number, party: bigint, found: Found): Check | null => {
    const time = anchor ? anchor.time : facts.headTime;
    if (!record.scheme)
      return reading.waiting ? found("signature.key-waiting", {}, "pending") : found("signature.key-unknown");
    if (record.party !== party) return found("signature.other-party", { owner: record.party });
    if (record.scheme !== scheme) return found("signature.other-scheme");
    if (time < record.from) return found("signature.key-not-yet-valid", { time, valid_from: record.from });
    if (record.until && time >= record.until) return found("signature.key-expired", { time, valid_until: record.until });
    // A key revoked in the very block of the entry counts as unrevoked: the contract took the entry first or not at all.
    if (record.revoked && record.revoked < time)
      return found("signature.key-revoked", { time, revoked_at: record.revoked });
    return null;
  };
  const roleProblem = (party: bigint, needed: bigint, found: Found): Check | null => {
    const given = facts.roles.get(party);
    if (!given) return found("chain.not-asked", {}, "unknown");
    if (!given.length) return found("signature.party-unknown");
    const roles = rolesOf(facts, party, anchor);
    if (roles && (!needed || roles & needed)) return null;
    return found("signature.role-missing", { kind: snake(action.type), roles, needed });
  };
  // Of a statement that the log anchors: what the contract would have refused, had it been an entry.
  const standing = (): Check | null => {
    if (reading.entry || !anchor || !signed) return null;
    if (anchor.time > action.deadline)
      return found("signature.deadline-passed", { time: anchor.time, deadline: action.deadline });
    const isTakenBack = [signed, reading.examined.batchDigest].some((digest) => {
      const cancelled = digest && facts.cancelled.get(pair(party, digest));
      return cancelled && isBefore(cancelled, anchor);
    });
    return isTakenBack ? found("signature.cancelled") : null;
  };
  const second = (): Check | null => {
    if (!co || !coKey) return null;
    const ofSecond: Found = (code, parameters, verdict) =>
      found(code, { party: co.party, key: co.keyId, ...parameters }, verdict);
    const needed = action.type === "Pledge" ? LENDER : 0n;
    return keyProblem(coKey, co.scheme, co.party, ofSecond) ?? roleProblem(co.party, needed, ofSecond);
  };
  return (
    keyProblem(key, scheme, party, found) ??
    roleProblem(party, rolesNeeded(action, facts), found) ??
    standing() ??
    second() ??
    checkOf("signature", [], evidence)
  );
}

/** The chain recorded exactly this struct, deep enough to stay; a statement may be in the log alone. */
export function anchoredCheck(reading: Reading, facts: Facts | null): Check {
  const { event, entry, anchor, action, signed, signer } = reading;
  if (!facts) return checkOf("anchored", [notAsked("anchored", { event: event.id })]);
  const evidence = entryEvidence(anchor);
  const found = foundIn("anchored", event.id, evidence);
  if (reading.logProblem) return found(`anchored.${reading.logProblem}`);
  if (!anchor) {
    if (reading.refused) return found("anchored.refused", { rule: event.refusal }, "suspect");
    if (reading.waiting) return found("anchored.waiting", {}, "pending");
    return found("anchored.missing", { content: event.id });
  }
  if (entry) {
    const expected: [string, unknown, unknown][] = [
      ["digest", signed ?? reading.examined.storedDigest, entry.digest],
      ["content", action.contentHash, entry.content],
      ["key", signer ?? event.proof.keyId, entry.keyId],
      ["party", signerOf(action), entry.party],
      ["kind", snake(action.type), snake(KINDS[entry.kind] ?? String(entry.kind))],
    ];
    for (const [member, one, other] of expected)
      if (one !== other) return found(`anchored.other-${member}`, { signed: String(one), found: String(other) });
  }
  if (isFinal(anchor, facts)) return checkOf("anchored", [], evidence);
  const depth = facts.head - anchor.block + 1;
  return found("anchored.not-final", { depth, confirmations: facts.confirmations }, "pending");
}

/** Whether it lies deep enough under the head. */
export const isFinal = ({ block }: Position, { head, confirmations }: Facts): boolean =>
  block <= head - confirmations + 1;

function entryEvidence(anchor: Reading["anchor"]): Evidence {
  if (!anchor) return {};
  const { transaction, block, time } = anchor;
  const mined = { transaction, block, time };
  if (!("digest" in anchor)) return mined;
  const { content, digest, keyId }: Entry = anchor;
  return { signedHash: content, digest, keyId, ...mined };
}

/** 0: any role will do. */
function rolesNeeded(action: Action, facts: Facts): bigint {
  if (action.type === "Recall" && facts.lots.get(action.lot)?.issuer !== action.issuer) return REGULATOR;
  return ROLES_NEEDED[action.type] ?? 0n;
}

/** Without a process loss that the body does not state: it is what the weights leave over. */
function asStated(list: Difference[], body: JsonObject): Difference[] {
  try {
    if (ownMember(body, "processLoss")) return list;
  } catch {
    return list;
  }
  const kept = list.filter(({ member }) => member !== "processLoss");
  return kept.length ? kept : list;
}

const snake = (name: string): string => name.replace(/\B[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

