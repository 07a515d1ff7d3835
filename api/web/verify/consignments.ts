/**
 * The handoffs of one lot, from shipment to end, as their signed structs tell them.
 *
 * Mirrors what the contract does to a consignment, for the grams of one lot. The lines of the other lots are followed as
 * well, because their hash is what both sides sign. Once a lot has no open line in a consignment, later entries of it no
 * longer name the lot.
 */

import { consignmentId, linesHash } from "./digests.ts";
import type { Reading } from "./dossier.ts";
import { gramsIn } from "./history.ts";
import type { LotHistory } from "./history.ts";
import type { Hex, Line, Notice, PartialReceipt, Receipt, Settlement, Shipment, Void } from "./types.ts";

/** The numbers of `IProduceLedger.ConsignmentState`. */
export const [NONE, IN_TRANSIT, RECEIVED, VOID_ANNOUNCED, VARIANCE, WRITE_OFF_ANNOUNCED, SETTLED, VOIDED] = [
  0, 1, 2, 3, 4, 5, 6, 7,
] as const;
export const isUnderWay = (state: number): boolean => state === IN_TRANSIT || state === VOID_ANNOUNCED;
export const isInDispute = (state: number): boolean => state === VARIANCE || state === WRITE_OFF_ANNOUNCED;

/** Grams of the lot `toCome` are under way, `missing` are in variance. `end` is a settlement or a void. */
export type Handoff = {
  consignment: Hex;
  shipper: bigint;
  receiver: bigint;
  state: number;
  shipment: Hex;
  receipts: Hex[];
  notice: Hex | null;
  end: Hex | null;
  toCome: bigint;
  missing: bigint;
  lost: bigint;
};

/** All events of the handoff that are shown. */
export const eventsOf = ({ shipment, receipts, notice, end }: Handoff): Hex[] =>
  [shipment, ...receipts, notice, end].filter((event) => event !== null);

/** Grams leave the shipper and are under way. */
export function ship(history: LotHistory, reading: Reading, action: Shipment): void {
  const consignment = consignmentId(action.shipper, action.consignmentRef);
  if (isUsed(history, reading, consignment)) return;
  const grams = gramsIn(action.manifest, history.lot);
  history.moved = true;
  open(history, reading, consignment, action.shipper, action.receiver, action.manifest);
  history.withdraw(reading, action.shipper, grams);
}

/** All that is still under way arrives. */
export function receive(history: LotHistory, reading: Reading, action: Receipt): void {
  const handoff = arriving(history, reading, action);
  if (!handoff) return;
  history.credit(action.receiver, handoff.toCome);
  handoff.receipts.push(reading.event.id);
  Object.assign(handoff, { state: RECEIVED, toCome: 0n });
}

/** What arrives is accepted or refused; the rest is still to come, or missing where this is the last receipt. */
export function receiveInPart(history: LotHistory, reading: Reading, action: PartialReceipt): void {
  const handoff = arriving(history, reading, action);
  if (!handoff) return;
  const { lot } = history;
  const { consignment, lines } = action;
  const before = history.openLines.get(consignment)!;
  const toCome = part(lines.map((line) => ({ lot: line.lot, grams: line.toCome })));
  const stated = lines.map((line): [Hex, bigint] => [line.lot, line.accepted + line.refused + line.toCome]);
  const short = new Set(lines.map((line) => line.lot)).size === lines.length ? shortOf(before, stated) : null;
  if (!short || (toCome.length && short.length)) return history.gap(reading, "lines-unbalanced", { consignment });
  const refused = part(lines.map((line) => ({ lot: line.lot, grams: line.refused })));
  const back = consignmentId(action.receiver, action.returnRef);
  if (refused.length && isUsed(history, reading, back)) return;
  history.credit(action.receiver, lines.find((line) => line.lot === lot)?.accepted ?? 0n);
  handoff.receipts.push(reading.event.id);
  if (!toCome.length) handoff.state = short.length ? VARIANCE : RECEIVED;
  Object.assign(handoff, { toCome: gramsIn(toCome, lot), missing: gramsIn(short, lot) });
  // At an end the contract leaves the hash of what the last receipt was about.
  history.openLines.set(consignment, [toCome, short, before].find((one) => one.length) ?? before);
  if (gramsIn(refused, lot)) open(history, reading, back, handoff.receiver, handoff.shipper, refused);
}

/** What was missing is accounted for: lost, dried out, back at the shipper, or found at the receiver. */
export function settle(history: LotHistory, reading: Reading, action: Settlement): void {
  const { consignment, lines } = action;
  const handoff = sided(history, reading, consignment, action.party, action.counterparty);
  if (!handoff) return;
  if (!isInDispute(handoff.state)) return history.gap(reading, "settled-without-variance", { consignment });
  const before = history.openLines.get(consignment)!;
  const stated = lines.map((one): [Hex, bigint] => [one.lot, one.loss + one.weightLoss + one.returned + one.received]);
  if (action.manifestHash !== linesHash(before) || shortOf(before, stated)?.length !== 0)
    return history.gap(reading, "other-lines", { consignment });
  const mine = lines.find((line) => line.lot === history.lot);
  if (!mine) return;
  history.credit(handoff.shipper, mine.returned);
  history.credit(handoff.receiver, mine.received);
  const lost = mine.loss + mine.weightLoss;
  Object.assign(handoff, { state: SETTLED, end: reading.event.id, missing: 0n, lost });
}

/** The shipper will take back what is under way, or a side will write off what is missing; nothing moves yet. */
export function announce(history: LotHistory, reading: Reading, { consignment, party }: Notice): void {
  const handoff = sided(history, reading, consignment, party);
  if (!handoff) return;
  // The lot may have no part in the consignment any more, so what does not fit is no gap.
  if (handoff.state === IN_TRANSIT && party === handoff.shipper) handoff.state = VOID_ANNOUNCED;
  else if (handoff.state === VARIANCE) handoff.state = WRITE_OFF_ANNOUNCED;
  else return;
  handoff.notice = reading.event.id;
}

/** What is still under way goes back to the shipper. */
export function takeBack(history: LotHistory, reading: Reading, action: Void): void {
  const { consignment, shipper, receiver } = action;
  const handoff = sided(history, reading, consignment, shipper, receiver);
  if (!handoff) return;
  if (!isUnderWay(handoff.state)) history.gap(reading, "not-under-way", { consignment });
  else if (shipper !== handoff.shipper) history.gap(reading, "not-a-side", { consignment, party: shipper });
  else if (action.manifestHash !== linesHash(history.openLines.get(consignment)!))
    history.gap(reading, "other-lines", { consignment });
  else {
    history.credit(shipper, handoff.toCome);
    Object.assign(handoff, { state: VOIDED, end: reading.event.id, toCome: 0n });
  }
}

/** The handoff that the receipt is of, if it can be received by that party now. */
function arriving(history: LotHistory, reading: Reading, action: Receipt | PartialReceipt): Handoff | null {
  const { consignment, receiver, manifestHash } = action;
  const handoff = history.handoffs.get(consignment);
  const gap = (code: string, parameters: { [name: string]: Hex | bigint }): null => {
    history.gap(reading, code, parameters);
    return null;
  };
  if (!handoff) return gap("receipt-without-shipment", { consignment });
  if (handoff.receiver !== receiver) return gap("receipt-by-another", { receiver, named: handoff.receiver });
  if (handoff.state === VOIDED) return gap("not-under-way", { consignment });
  const sent = linesHash(history.openLines.get(consignment)!);
  if (sent !== manifestHash) return gap("receipt-other-manifest", { sent, received: manifestHash });
  if (!isUnderWay(handoff.state) && handoff.receipts.length) return gap("received-twice", { consignment });
  return handoff;
}

/** The handoff, if all the parties named (0: nobody) are sides of it. */
function sided(history: LotHistory, reading: Reading, consignment: Hex, ...parties: bigint[]): Handoff | null {
  const handoff = history.handoffs.get(consignment);
  const stranger = parties.find((party) => party && party !== handoff?.shipper && party !== handoff?.receiver);
  if (!handoff) history.gap(reading, "receipt-without-shipment", { consignment });
  else if (stranger) history.gap(reading, "not-a-side", { consignment, party: stranger });
  else return handoff;
  return null;
}

function open(history: LotHistory, reading: Reading, consignment: Hex, shipper: bigint, receiver: bigint, lines: Line[]): void {
  const { id } = reading.event;
  history.handoffs.set(consignment, {
    consignment, shipper, receiver, state: IN_TRANSIT, shipment: id, receipts: [], notice: null,
    end: null, toCome: gramsIn(lines, history.lot), missing: 0n, lost: 0n,
  });
  history.openLines.set(consignment, lines);
}

/** What of the open lines is not stated; null where more is, or where other lots are named. */
function shortOf(before: Line[], listed: [Hex, bigint][]): Line[] | null {
  const stated = [...new Map(listed)];
  const fits = before.length === stated.length &&
    before.every(({ lot, grams }, at) => stated[at]![0] === lot && stated[at]![1] <= grams);
  return fits ? part(before.map(({ lot, grams }, at) => ({ lot, grams: grams - stated[at]![1] }))) : null;
}

const part = (lines: Line[]): Line[] => lines.filter(({ grams }) => grams);

function isUsed(history: LotHistory, reading: Reading, consignment: Hex): boolean {
  if (!history.handoffs.has(consignment)) return false;
  history.gap(reading, "consignment-used");
  return true;
}
