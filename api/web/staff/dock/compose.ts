/**
 * Makes the events of a dock on this device, without a network: receipts in full, in part and rejections, and notes.
 *
 * Exactly the trees that `ledger.domain.forms` makes of the same values; shared vectors hold the two equal. What the
 * trees need and a phone cannot know (URIs of lots, parties and places, temperatures of the way) came with the list of
 * what is on its way. Throws nothing: whoever calls has checked the grams with `wrongLines`.
 */

import { newObject } from "../../verify/json.ts";
import type { Json, JsonObject } from "../../verify/types.ts";

/** A lot that is still under way; `lot` is its id on chain, `cases` null where none were stated. */
export type ExpectedLine = {
  lot: string;
  epcClass: string;
  product: string;
  code: string;
  gtin: string;
  grams: number;
  cases: number | null;
};

/** A consignment that is on its way, as `GET /staff/api/inbound` lists it. */
export type Expected = {
  id: string;
  shipper: string;
  shipperUri: string;
  shipperName: string;
  receiverUri: string;
  reference: string;
  number: string;
  sscc: string;
  transactionType: string;
  shippedAt: string;
  expectedAt: string;
  vehicle: string;
  seal: string;
  announced: boolean;
  lines: ExpectedLine[];
  leg: JsonObject[];
};

/** What became of the grams of a lot: together exactly those that were under way. */
export type Arrival = { accepted: number; refused: number; toCome: number; short: number };

/**
 * `time`: ISO 8601 with offset; `place` is a URI. `extra`: members of ours that ride along, by their local names;
 * `celsius`: what a thermometer showed, null where nobody measured.
 */
export type Common = {
  party: string;
  time: string;
  place: string;
  extra: { [name: string]: Json };
  celsius: number | null;
};

const CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
const NAMESPACE = "https://silkroot.example/epcis/";

/** Everything that is under way arrived and is accepted. */
export function receiptInFull(sent: Expected, common: Common): JsonObject {
  const event = bare(sent, common, "receiving", "in_progress");
  event.quantityList = sent.lines.map(({ epcClass, grams }) => quantity(epcClass, grams));
  return event;
}

/**
 * What became of every lot, in the order of the consignment's lines; everything refused is a rejection. `returnRef`: the
 * reference of what goes back, where something does. `over`: grams of each line that came beyond the list, which are
 * told and move nothing.
 */
export function receiptInPart(
  sent: Expected,
  arrivals: Arrival[],
  returnRef: string,
  common: Common,
  over: number[] = [],
): JsonObject {
  const beyond = sent.lines.flatMap(({ epcClass }, index) => {
    const grams = over[index] ?? 0;
    return grams ? [Object.assign(named(epcClass), { grams })] : [];
  });
  const differs = beyond.length > 0 || arrivals.some(({ short }) => short);
  const event = bare(sent, common, "receiving", differs ? "mismatch_quantity" : "in_progress");
  event.quantityList = sent.lines.map(({ epcClass }, index) => {
    const { accepted, refused } = arrivals[index]!;
    return accepted + refused ? quantity(epcClass, accepted + refused) : named(epcClass);
  });
  event["silkroot:receipt"] = sent.lines.map(({ epcClass }, index) => {
    const { accepted, refused, toCome, short } = arrivals[index]!;
    return Object.assign(named(epcClass), { accepted, refused, toCome, short });
  });
  if (beyond.length) event["silkroot:over"] = beyond;
  if (returnRef) (event.bizTransactionList as Json[]).push(transaction("rma", returnRef));
  return event;
}

/** What somebody saw of a consignment that was received already: it moves nothing. */
export function note(sent: Expected, common: Common): JsonObject {
  const event = bare(sent, common, "arriving", "in_progress");
  event.quantityList = sent.lines.map(({ epcClass }) => named(epcClass));
  return event;
}

/** The index of the first line whose grams are not all told, or -1. */
export function wrongLine(sent: Expected, arrivals: Arrival[]): number {
  return sent.lines.findIndex(({ grams }, index) => {
    const { accepted, refused, toCome, short } = arrivals[index]!;
    const parts = [accepted, refused, toCome, short];
    return parts.some((part) => !Number.isSafeInteger(part) || part < 0) || parts.reduce((sum, part) => sum + part) !== grams;
  });
}

/** A reference of the receiver's own, for what goes back: `urn:epcglobal:cbv:bt:{party}:{number}`. */
export const transactionUrn = (party: string, number: string): string => `urn:epcglobal:cbv:bt:${party}:${number}`;

/** The moment on this device's clock, with its zone's offset, in whole seconds: 2026-08-05T09:30:00+08:00. */
export function momentOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const two = (value: number): string => String(Math.floor(Math.abs(value))).padStart(2, "0");
  const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, 19);
  return `${local}${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** A measured temperature of what arrived, as EPCIS has it; it counts as a reading of every lot of the event. */
const measured = (celsius: number): Json => [
  { sensorReport: [{ type: "Temperature", value: celsius, uom: "CEL" }] as Json } as JsonObject,
];

function bare(sent: Expected, { party, time, place, extra, celsius }: Common, step: string, disposition: string): JsonObject {
  const event = Object.assign(newObject(), {
    "@context": [CONTEXT, Object.assign(newObject(), { silkroot: NAMESPACE })],
    type: "ObjectEvent",
    eventTime: time,
    eventTimeZoneOffset: time.endsWith("Z") ? "+00:00" : time.slice(-6),
    bizStep: step,
    disposition,
    "silkroot:party": party,
    readPoint: Object.assign(newObject(), { id: place }),
    action: "OBSERVE",
  }) as JsonObject;
  for (const [name, value] of Object.entries(extra)) event[`silkroot:${name}`] = value;
  if (celsius !== null) event.sensorElementList = measured(celsius);
  const [from, to] = [sent.shipperUri, sent.receiverUri];
  event.sourceList = [Object.assign(newObject(), { type: "possessing_party", source: from })];
  event.destinationList = [Object.assign(newObject(), { type: "possessing_party", destination: to })];
  event.bizTransactionList = [transaction(sent.transactionType, sent.reference)];
  return event;
}

const named = (epcClass: string): JsonObject => Object.assign(newObject(), { epcClass });

/** Kilograms: the division of whole numbers rounds as `float(Decimal)` does, to the nearest double. */
const quantity = (epcClass: string, grams: number): JsonObject =>
  Object.assign(named(epcClass), { quantity: grams / 1000, uom: "KGM" });

const transaction = (type: string, bizTransaction: string): JsonObject =>
  Object.assign(newObject(), { type, bizTransaction });
