/**
 * The two checks of a lot and its ancestors, custody and recall: what is wrong with them.
 *
 * What does not fit among the events is a gap, and makes the lot suspect; an account that is not the chain's is a failed
 * check. A lot's events tell a consignment only as long as the lot has an open line in it; until then state and lines
 * have to be exactly the chain's. Notices are not counted on chain, so that a hidden one changes nothing.
 */

import {
  IN_TRANSIT,
  isInDispute,
  isUnderWay,
  NONE,
  RECEIVED,
  VARIANCE,
  VOID_ANNOUNCED,
  VOIDED,
  WRITE_OFF_ANNOUNCED,
} from "./consignments.ts";
import type { Handoff } from "./consignments.ts";
import { linesHash } from "./digests.ts";
import type { Reading } from "./dossier.ts";
import { pair } from "./facts.ts";
import type { ConsignmentRecord, Facts, LotState } from "./facts.ts";
import { finding, notAsked } from "./findings.ts";
import type { Finding, Parameters, Verdict } from "./findings.ts";
import { custodyReadings, LotHistory, originOf } from "./history.ts";
import type { Birth } from "./history.ts";
import type { Hex, Line } from "./types.ts";

/** The contract keeps 24 bytes of the hash of the open lines. */
const KEPT_DIGITS = 2 + 48;

/** What is wrong with the custody of one lot, open variances aside. */
export function custodyFindings(history: LotHistory, facts: Facts | null): Finding[] {
  const { lot, gaps, births } = history;
  const state = facts?.lots.get(lot);
  if (!facts || !state) return [...gaps, notAsked("custody", { lot })];
  const found = [...gaps];
  const add = (code: string, parameters: Parameters = {}, verdict: Verdict = "unverified") =>
    void found.push(finding("custody", `custody.${code}`, verdict, { parameters: { lot, ...parameters }, lot }));
  const counted = new LotHistory(lot, countedBy(state, history.readings));
  if (!births.length) add("no-birth", {}, "suspect");
  if (counted.counted !== state.entries) add("count", { chain: state.entries, shown: counted.counted });
  if (!state.issuer) {
    if (!counted.counted && births.length) add("waiting", {}, "pending");
    return found;
  }
  for (const birth of counted.births) {
    if (birth.holder !== state.issuer) add("issuer", { chain: state.issuer, shown: birth.holder });
    if (birth.grams !== state.grams) add("grams", { chain: state.grams, shown: birth.grams });
    if (originOf(birth) !== state.origin) add("origin", { chain: state.origin, shown: originOf(birth) });
    else if (birth.grams === state.grams && !isCertifiedRightly(counted, birth, state, facts))
      add("certified", { chain: state.certified });
  }
  for (const holder of counted.holders) {
    const [shown, chain] = [counted.onHand.get(holder) ?? 0n, facts.balances.get(pair(lot, holder))];
    if (chain === undefined) found.push(notAsked("custody", { lot }));
    else if (chain !== shown) add("balance", { holder, chain, shown });
  }
  for (const handoff of counted.handoffs.values()) {
    const { consignment } = handoff;
    const record = facts.consignments.get(consignment);
    const problem = record && consignmentProblem(handoff, counted.openLines.get(consignment)!, lot, record);
    if (!record) found.push(notAsked("custody", { lot }));
    else if (problem) add(problem, { consignment });
  }
  return found;
}

/** A gap for each consignment with grams of the lot missing that nobody has settled yet. */
export const varianceFindings = ({ lot, handoffs }: LotHistory): Finding[] =>
  [...handoffs.values()]
    .filter(({ missing }) => missing)
    .map(({ shipper, receiver, missing, consignment, receipts }) => {
      const parameters = { lot, shipper, receiver, missing, consignment };
      return finding("custody", "custody.variance", "suspect", { parameters, event: receipts.at(-1) ?? null, lot });
    });

/** Which of the lots (the lot itself first, then its ancestors) are recalled on chain. */
export function recallFindings(lots: Hex[], facts: Facts | null, parentsOf: (lot: Hex) => Hex[]): Finding[] {
  return lots.flatMap((lot, index) => {
    const state = facts?.lots.get(lot);
    if (!state) return [notAsked("recall", { lot })];
    if (!state.recalledBy) return [];
    const parent = state.inherited ? parentsOf(lot).find((name) => facts?.lots.get(name)?.recalledBy) : undefined;
    const code = index ? "ancestor" : parent ? "carried" : state.inherited ? "not-lifted" : "lot";
    const parameters: Parameters = { lot, party: state.recalledBy, ...(parent && { parent }) };
    return [finding("recall", `recall.${code}`, "recalled", { parameters, lot })];
  });
}

/** The events that the chain's account can be held against; one that it forgot is among them only if its count says so. */
function countedBy({ entries }: LotState, readings: Reading[]): Reading[] {
  const custody = custodyReadings(readings);
  const onChain = custody.filter(({ entry }) => entry);
  const claimed = custody.filter(({ entry, event }) => entry || event.state === "confirmed");
  return onChain.length !== entries && claimed.length === entries ? claimed : onChain;
}

/** The code of what differs between a handoff and the contract's record; "" where nothing does. */
function consignmentProblem(handoff: Handoff, lines: Line[], lot: Hex, record: ConsignmentRecord): string {
  if (record.shipper !== handoff.shipper || record.receiver !== handoff.receiver) return "consignment";
  const [told, chain] = [unannounced(handoff.state), unannounced(record.state)];
  if (lines.every((line) => line.lot !== lot)) {
    // The lot has no part in the consignment any more: it may have gone on, but not back.
    const wentBack = isInDispute(told) && (isUnderWay(chain) || chain === RECEIVED);
    return wentBack || chain === NONE ? otherState(told, chain) : "";
  }
  if (told !== chain) return otherState(told, chain);
  return record.lines === linesHash(lines).slice(0, KEPT_DIGITS) ? "" : "consignment";
}

function otherState(told: number, chain: number): string {
  if (isUnderWay(told) && chain === NONE) return "consignment";
  if (isUnderWay(told) && chain !== VOIDED) return "receipt-hidden";
  if (isUnderWay(chain) && told !== VOIDED) return "receipt-not-on-chain";
  return "consignment-end";
}

/** The state, whether or not notice was given. */
const unannounced = (state: number): number =>
  state === VOID_ANNOUNCED ? IN_TRANSIT : state === WRITE_OFF_ANNOUNCED ? VARIANCE : state;

/**
 * Whether the chain's certified grams can be: a harvest is certified in whole or not at all, an intake never, and a
 * transformation shares floor(q x certified / grams) of each input out to its outputs by their grams.
 */
function isCertifiedRightly(history: LotHistory, birth: Birth, state: LotState, facts: Facts): boolean {
  if (birth.type === "Transformation") {
    const expected = passedOn(birth, facts);
    return expected === null || expected === state.certified;
  }
  if (!state.certified) return true;
  if (birth.type === "Intake" || state.certified !== state.grams) return false;
  const harvest = history.readings.find(({ event }) => event.id === birth.events[0])?.action;
  if (harvest?.type !== "Harvest") return true;
  const plot = facts.plots.get(harvest.plot);
  const season = facts.yields.get(pair(harvest.plot, harvest.season));
  return !plot || !season || (plot.producer === harvest.producer && season.harvested >= state.grams);
}

function passedOn({ inputs, grams }: Birth, facts: Facts): bigint | null {
  let [taken, all] = [0n, 0n];
  for (const line of inputs) {
    const parent = facts.lots.get(line.lot);
    if (!parent?.grams) return null;
    taken += (line.grams * parent.certified) / parent.grams;
    all += line.grams;
  }
  return all ? (taken * grams) / all : 0n;
}
