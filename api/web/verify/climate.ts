/**
 * How cold a branch stayed: the temperatures of its events against the limits that its lots were born with.
 *
 * The step rule: a reading holds until the next one of its series, for an hour at the most; the last holds as long as the
 * one before it, a lone one for an hour. A series is what one party signed of one device. An inspection closes what was
 * recorded before it: a statement of the step `inspecting` with the disposition `conformant`, about that lot or the one
 * that is judged, by who had the goods then or passed them on later. Degrees are thousandths, times milliseconds.
 */

import { signerOf } from "./actions.ts";
import type { Handoff } from "./consignments.ts";
import { consignmentId } from "./digests.ts";
import type { BundledEvent, Reading } from "./dossier.ts";
import { finding } from "./findings.ts";
import type { Finding } from "./findings.ts";
import type { LotHistory } from "./history.ts";
import { isObject } from "./json.ts";
import { isDegrees, limitsOf } from "./limits.ts";
import type { Limits } from "./limits.ts";
import { cbvWord, ownMember } from "./names.ts";
import { fraction } from "./reading.ts";
import { instant } from "./times.ts";
import type { Hex, Json, JsonObject } from "./types.ts";

const LONGEST_HOLD = 3_600_000;
const MINUTE = 60_000;
export const DEGREE_MINUTE = 60_000_000n;

/** thousandths = (value x factor + offset) / divisor */
const UNITS: { [uom: string]: [factor: bigint, offset: bigint, divisor: bigint] } = {
  CEL: [1000n, 0n, 1n],
  KEL: [1000n, -273_150n, 1n],
  FAH: [5000n, -160_000n, 9n],
};
const TYPES = ["", "gs1:", "https://gs1.org/voc/", "https://www.gs1.org/voc/", "http://gs1.org/voc/"].map(
  (prefix) => `${prefix}Temperature`,
);

/** A reading of a device: lowest and highest at a moment. `rank` orders its event among those recorded. */
export type Point = { device: string; time: number; low: number; high: number; rank: number };
/** A reading with the time that it holds, and by how much it lies outside. */
export type Held = Point & { hold: number; above: number; below: number };

/** A lot on its way to a holder: events that count, consignments that led there, until when each party had the goods. */
export type Way = { history: LotHistory; events: Set<Hex>; consignments: Set<Hex>; left: Map<bigint, number> };
export type Climate = { recorded: boolean; excursions: Finding[] };
export type RankOf = (event: Hex) => number;
/** The temperatures of an event, which is read once, however many branches it is on. */
export type PointsIn = (event: BundledEvent) => Point[];

export const newWay = (history: LotHistory): Way => ({ history, events: new Set(), consignments: new Set(), left: new Map() });

/** One more way to a holder, which had the goods until then. */
export function addTo(way: Way, events: Hex[], path: Handoff[], holder: bigint, until: number, rankOf: RankOf): void {
  const { left } = way;
  for (const event of events) way.events.add(event);
  for (const { consignment } of path) way.consignments.add(consignment);
  for (const [party, rank] of [[holder, until], ...path.map((one) => [one.shipper, rankOf(one.shipment)])] as [bigint, number][])
    left.set(party, Math.max(rank, left.get(party) ?? -1));
}

/** What the branch whose own way stands first has recorded, and a finding for each event with an open excursion. */
export function climateOf(ways: Way[], rankOf: RankOf, pointsIn: PointsIn): Climate {
  const inspected = ways.map((way) => inspectedAt(way, ways, rankOf));
  const worst = new Map<string, { weight: bigint; found: Finding }>();
  let recorded = false;
  ways.forEach((way, at) => {
    const { history } = way;
    const readings = readingsOf(way);
    const limits = bornLimits(history);
    const series = new Map<string, { party: bigint; points: Point[] }>();
    for (const { event, action } of readings)
      for (const point of pointsIn(event)) {
        const key = `${signerOf(action)} ${point.device}`;
        if (!series.has(key)) series.set(key, { party: signerOf(action), points: [] });
        series.get(key)!.points.push(point);
      }
    if (!at) recorded = series.size > 0;
    if (!limits) return;
    for (const { party, points } of series.values()) {
      const outside = held(points, limits).filter(
        (one) => one.rank > Math.max(inspected[at]!, inspected[0]!) && (one.above || one.below),
      );
      const weight = excessOf(outside);
      if (weight <= BigInt(limits.tolerance) * DEGREE_MINUTE) continue;
      const last = outside.reduce((latest, { rank }) => Math.max(latest, rank), -1);
      const { id } = readings.find(({ event }) => rankOf(event.id) === last)!.event;
      const by = ({ above, below }: Held): number => Math.max(above, below);
      const farthest = outside.reduce((far, one) => (by(one) > by(far) ? one : far));
      const parameters = {
        lot: history.lot,
        party,
        minutes: Math.floor(outside.reduce((sum, { hold }) => sum + hold, 0) / MINUTE),
        degree_minutes: weight / DEGREE_MINUTE,
        peak: farthest.above >= farthest.below ? farthest.high : farthest.low,
      };
      const key = `${history.lot} ${id}`;
      const other = worst.get(key);
      if (other && other.weight >= weight) continue;
      const found = finding("custody", "custody.temperature", "suspect", { parameters, event: id, lot: history.lot });
      worst.set(key, { weight, found });
    }
  });
  return { recorded, excursions: [...worst.values()].map(({ found }) => found) };
}

/** The lot's limits, as it was born with them. */
export function bornLimits({ births, readings, lot }: LotHistory): Limits | undefined {
  const born = births.map(({ events }) => events[0]);
  const birth = readings.find(({ event }) => born.includes(event.id));
  return birth && limitsOf(birth.event.body, lot);
}

/** The consignments of the lot that an event names, as business transactions or as an SSCC in `epcList`. */
export function namedBy({ event }: Reading, { handoffs }: LotHistory): Hex[] {
  const texts = referencesOf(event.body);
  return [...handoffs.values()].flatMap(({ shipper, consignment }) =>
    texts.some((text) => consignmentId(shipper, text) === consignment) ? [consignment] : [],
  );
}

/** The temperatures of an event that can be read. */
export function pointsOf(event: JsonObject, rank: number): Point[] {
  if ("errorDeclaration" in event) return [];
  return objectsOf(event.sensorElementList).flatMap((element) => {
    const metadata = isObject(element.sensorMetadata) ? element.sensorMetadata : {};
    return objectsOf(element.sensorReport).flatMap((report): Point[] => {
      const given = ["value", "minValue", "maxValue"].filter((name) => name in report);
      const names = given.length || !("meanValue" in report) ? given : ["meanValue"];
      const degrees = names.map((name) => thousandths(report[name], report.uom));
      if (typeof report.type !== "string" || !TYPES.includes(report.type) || !names.length || degrees.includes(null)) return [];
      const times = [report.time, metadata.time, metadata.startTime, metadata.endTime, event.eventTime];
      const device = [report.deviceID, metadata.deviceID].find((one) => typeof one === "string") ?? "";
      const [low, high] = [Math.min(...(degrees as number[])), Math.max(...(degrees as number[]))];
      try {
        const { seconds, micros } = instant("", times.find((one) => one !== undefined && one !== null), "epcis.time");
        return [{ device, time: seconds * 1000 + Math.floor(micros / 1000), low, high, rank }];
      } catch {
        return [];
      }
    });
  });
}

/** The points of one series in order of time, each with its hold; those of one moment are one. */
export function held(points: Point[], { minimum, maximum }: Limits): Held[] {
  const byTime = new Map<number, Point>();
  for (const point of points) {
    const { low, high, rank } = byTime.get(point.time) ?? point;
    byTime.set(point.time, {
      ...point,
      low: Math.min(low, point.low),
      high: Math.max(high, point.high),
      rank: Math.max(rank, point.rank),
    });
  }
  const sorted = [...byTime.values()].sort((one, other) => one.time - other.time);
  let hold = LONGEST_HOLD;
  return sorted.map((point, at) => {
    const next = sorted[at + 1];
    if (next) hold = Math.min(next.time - point.time, LONGEST_HOLD);
    return { ...point, hold, above: Math.max(0, point.high - maximum), below: Math.max(0, minimum - point.low) };
  });
}

export const excessOf = (every: Held[]): bigint =>
  every.reduce((sum, { above, below, hold }) => sum + BigInt(above + below) * BigInt(hold), 0n);

/** The value in thousandths of a degree Celsius, halves up; null where it is no temperature. */
export function thousandths(value: Json | undefined, uom: Json | undefined): number | null {
  if (typeof uom !== "string" || !Object.hasOwn(UNITS, uom)) return null;
  if (typeof value !== "number" && !(value instanceof Number)) return null;
  const [factor, offset, divisor] = UNITS[uom]!;
  const [numerator, denominator] = fraction(value);
  const [over, under] = [2n * (numerator * factor + offset * denominator) + denominator * divisor, 2n * denominator * divisor];
  const found = Number(over / under - (over % under < 0n ? 1n : 0n));
  return isDegrees(found) ? found : null;
}

/** The readings of events that count here; a statement about other consignments of the lot does not. */
function readingsOf({ history, events, consignments }: Way): Reading[] {
  return history.readings.filter((reading) => {
    if (reading.refused || !events.has(reading.event.id)) return false;
    if (reading.action.type !== "Statement") return true;
    const named = namedBy(reading, history);
    return !named.length || named.some((one) => consignments.has(one));
  });
}

/** When somebody who held the goods found them in order last, by an inspection that names the lot; -1: never. */
const inspectedAt = (way: Way, ways: Way[], rankOf: RankOf): number =>
  readingsOf(way).reduce((last, { event, action }) => {
    const rank = rankOf(event.id);
    const isInspection = action.type === "Statement" && action.step === "inspecting" && !isScreening(event.body);
    const heldLater = isInspection && ways.some(({ left }) => (left.get(action.party) ?? -1) > rank);
    return heldLater && cbvWord(event.body.disposition) === "conformant" ? Math.max(last, rank) : last;
  }, -1);

/** Whether somebody looked for what must not fly, and not at the fruit. */
function isScreening(body: JsonObject): boolean {
  try {
    return ownMember(body, "airLeg") !== undefined;
  } catch {
    return true; // the content check says so
  }
}

/** What may name a consignment: things such as an SSCC, and business transactions. */
const referencesOf = ({ epcList, bizTransactionList }: JsonObject): string[] =>
  [...(Array.isArray(epcList) ? epcList : []), ...objectsOf(bizTransactionList).map((one) => one.bizTransaction)].filter(
    (text) => typeof text === "string",
  );

const objectsOf = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);
