/**
 * One lot's custody as its signed structs tell it: births, corrections, handoffs, amounts, gaps.
 *
 * Events are taken in the order in which they were recorded. An entry that the contract refused moves nothing. What does
 * not fit is a gap: a finding about that one event, which moves nothing either. Handoffs are told by consignments.ts.
 */

import { signerOf } from "./actions.ts";
import { outputsOf } from "./binding.ts";
import { announce, receive, receiveInPart, settle, ship, takeBack } from "./consignments.ts";
import type { Handoff } from "./consignments.ts";
import { lotId, originHash } from "./digests.ts";
import type { Reading } from "./dossier.ts";
import { finding } from "./findings.ts";
import type { Finding, Parameters } from "./findings.ts";
import type { Action, BirthAmendment, Hex, Line, Output, Transformation, TransformationAmendment } from "./types.ts";

/** Entries that move nothing, and that the contract does not count for a lot. */
const UNCOUNTED = ["Statement", "Notice", "PlotRegistration", "YieldCertificate", "Pledge", "PledgeRelease"];
const NO_ORIGIN = `0x${"0".repeat(64)}`;

/** How the lot came into being, as last corrected; `outputs` is empty for a lot that no transformation made. */
export type Birth = {
  holder: bigint;
  grams: bigint;
  type: Action["type"];
  /** The event of the birth and those that corrected it. */
  events: Hex[];
  inputs: Line[];
  outputs: Output[];
};
/** A transformation that the lot went into or came out of, as last corrected, with all events that say so. */
type Made = { packer: bigint; inputs: Line[]; outputs: Output[]; events: Hex[] };

export const gramsIn = (lines: Line[], lot: Hex): bigint =>
  lines.reduce((sum, line) => (line.lot === lot ? sum + line.grams : sum), 0n);
export const parentsOf = ({ births }: LotHistory): Hex[] =>
  [...new Set(births.flatMap(({ inputs }) => inputs.map(({ lot }) => lot)))].sort();
export const originOf = ({ inputs, outputs }: Birth): Hex => (outputs.length ? originHash(inputs, outputs) : NO_ORIGIN);
/** Those that the contract would count. */
export const custodyReadings = (readings: Reading[]): Reading[] =>
  readings.filter(({ refused, action }) => !refused && !UNCOUNTED.includes(action.type));

/** `openLines`: of each consignment what is under way, in variance, or at an end what its last entry was about. */
export class LotHistory {
  readonly births: Birth[] = [];
  readonly handoffs = new Map<Hex, Handoff>();
  readonly openLines = new Map<Hex, Line[]>();
  readonly onHand = new Map<bigint, bigint>();
  /** Grams that were sold, destroyed or used, by holder. */
  readonly gone = new Map<bigint, bigint>();
  readonly gaps: Finding[] = [];
  counted = 0;
  moved = false;
  readonly #made = new Map<Hex, Made>();

  constructor(
    readonly lot: Hex,
    readonly readings: Reading[],
  ) {
    for (const reading of readings) if (!reading.refused) this.#take(reading);
  }

  /** Every party that ever had grams of the lot or was to have some, in order of appearance. */
  get holders(): bigint[] {
    const sides = [...this.handoffs.values()].flatMap(({ shipper, receiver }) => [shipper, receiver]);
    return [...new Set([...this.births.map(({ holder }) => holder), ...sides, ...this.onHand.keys()])];
  }

  credit(holder: bigint, grams: bigint): void {
    this.onHand.set(holder, (this.onHand.get(holder) ?? 0n) + grams);
  }

  withdraw(reading: Reading, holder: bigint, grams: bigint): void {
    const held = this.onHand.get(holder) ?? 0n;
    this.onHand.set(holder, held - grams);
    if (held < grams) this.gap(reading, "more-than-held", { holder, held, needed: grams });
  }

  /** The event does not fit the others. */
  gap(reading: Reading, code: string, parameters: Parameters = {}): void {
    const { lot } = this;
    const about = { parameters: { lot, ...parameters }, event: reading.event.id, lot };
    this.gaps.push(finding("custody", `custody.${code}`, "suspect", about));
  }

  #take(reading: Reading): void {
    const { action } = reading;
    if (!UNCOUNTED.includes(action.type)) this.counted++;
    switch (action.type) {
      case "Harvest":
      case "Intake":
        if (lotId(action.product, action.lotCode) === this.lot) this.#bear(reading, action.grams);
        break;
      case "Transformation":
        this.#transform(reading, action);
        break;
      case "Shipment":
        ship(this, reading, action);
        break;
      case "Receipt":
        receive(this, reading, action);
        break;
      case "PartialReceipt":
        receiveInPart(this, reading, action);
        break;
      case "Settlement":
        settle(this, reading, action);
        break;
      case "Notice":
        announce(this, reading, action);
        break;
      case "Void":
        takeBack(this, reading, action);
        break;
      case "BirthAmendment":
        this.#amendBirth(reading, action);
        break;
      case "TransformationAmendment":
        this.#amendTransformation(reading, action);
        break;
      case "Sale":
      case "Disposal":
        this.#leave(reading, action.holder, gramsIn(action.lines, this.lot));
    }
  }

  /** Grams leave the lot for good. */
  #leave(reading: Reading, holder: bigint, grams: bigint): void {
    this.moved = true;
    this.gone.set(holder, (this.gone.get(holder) ?? 0n) + grams);
    this.withdraw(reading, holder, grams);
  }

  #bear(reading: Reading, grams: bigint, inputs: Line[] = [], outputs: Output[] = []): void {
    if (this.births.length) return this.gap(reading, "born-twice");
    const [holder, { type }] = [signerOf(reading.action), reading.action];
    this.births.push({ holder, grams, type, events: [reading.event.id], inputs, outputs });
    this.credit(holder, grams);
  }

  #transform(reading: Reading, action: Transformation): void {
    this.#checkBalance(reading, action);
    const { packer, inputs, outputs } = action;
    const origin = originHash(inputs, outputs);
    if (!this.#made.has(origin)) this.#made.set(origin, { packer, inputs, outputs, events: [reading.event.id] });
    const used = gramsIn(inputs, this.lot);
    if (used) this.#leave(reading, packer, used);
    outputsOf(action).forEach((lot, at) => {
      if (lot === this.lot) this.#bear(reading, outputs[at]!.grams, inputs, outputs);
    });
  }

  #checkBalance(reading: Reading, { inputs, outputs, culls, processLoss, remainder }: Transformation | TransformationAmendment): void {
    const [grams_in, grams_out] = [total(inputs), total(outputs)];
    const accounted = grams_out + culls + processLoss + remainder;
    if (grams_out > grams_in) this.gap(reading, "more-out-than-in", { grams_in, grams_out });
    else if (accounted !== grams_in) this.gap(reading, "unbalanced", { grams_in, accounted });
  }

  #amendBirth(reading: Reading, action: BirthAmendment): void {
    const [birth] = this.births;
    if (!birth || birth.outputs.length || action.lot !== this.lot) this.gap(reading, "amendment-without-original");
    else if (action.party !== birth.holder)
      this.gap(reading, "amended-by-another", { party: action.party, named: birth.holder });
    else if (this.moved) this.gap(reading, "amended-after-moving");
    else if (action.was !== birth.grams)
      this.gap(reading, "amended-other-amount", { was: action.was, shown: birth.grams });
    else {
      this.credit(birth.holder, action.grams - birth.grams);
      this.births[0] = { ...birth, grams: action.grams, events: [...birth.events, reading.event.id] };
    }
  }

  #amendTransformation(reading: Reading, action: TransformationAmendment): void {
    this.#checkBalance(reading, action);
    const made = this.#made.get(action.originHash);
    const { inputs, outputs } = action;
    if (!made) this.gap(reading, "amendment-without-original");
    else if (action.packer !== made.packer)
      this.gap(reading, "amended-by-another", { party: action.packer, named: made.packer });
    else if (named(made) !== named(action)) this.gap(reading, "amended-other-lots");
    else if (this.moved && outputsOf(action).includes(this.lot)) this.gap(reading, "amended-after-moving");
    else {
      this.#made.delete(action.originHash);
      this.#made.set(originHash(inputs, outputs), {
        ...made, inputs, outputs, events: [...made.events, reading.event.id],
      });
      const more = gramsIn(inputs, this.lot) - gramsIn(made.inputs, this.lot);
      if (more) {
        this.gone.set(made.packer, (this.gone.get(made.packer) ?? 0n) + more);
        this.withdraw(reading, made.packer, more);
      }
      this.births.forEach((birth, at) => {
        if (birth.events[0] !== made.events[0]) return;
        const { grams } = outputs[outputsOf(action).indexOf(this.lot)]!;
        this.credit(birth.holder, grams - birth.grams);
        this.births[at] = { ...birth, grams, inputs, outputs, events: [...birth.events, reading.event.id] };
      });
    }
  }
}

const total = (items: { grams: bigint }[]): bigint => items.reduce((sum, { grams }) => sum + grams, 0n);
const named = (made: { inputs: Line[]; outputs: Output[] }): string =>
  [...made.inputs.map(({ lot }) => lot), "", ...outputsOf(made)].join();
