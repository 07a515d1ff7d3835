/**
 * Times and seasons of events, from their ISO 8601 form with a zone offset. Throws `silkroot.season`, `silkroot.time`
 * and `epcis.time`.
 */

import { isInteger } from "./json.ts";
import { problem } from "./problem.ts";
import type { Json, JsonObject } from "./types.ts";

const TIME =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]+))?(?:Z|([+-][0-9:]{5}))$/;

/** A time: seconds since 1970, microseconds beyond them, and the year on the clocks of its own offset. */
type Instant = { seconds: number; micros: number; year: number };

/** A season: the year 1900 to 2200. */
export function seasonAt(pointer: string, value: Json | undefined): bigint {
  if (!isInteger(value) || value < 1900 || value > 2200)
    throw problem("silkroot.season", pointer, value, "a season is a year from 1900 to 2200");
  return BigInt(value);
}

/** A time in whole seconds, from 1970 on, as Unix seconds. */
export function unixTimeAt(pointer: string, value: Json | undefined): bigint {
  const { seconds, micros } = instant(pointer, value, "silkroot.time");
  if (micros || seconds < 0) throw problem("silkroot.time", pointer, value, "a time in whole seconds, from 1970 on");
  return BigInt(seconds);
}

/** The year in which the event happened, by the clocks of the place: its time at its own zone offset. */
export function yearOf(event: JsonObject): number {
  const { seconds, year } = instant("/eventTime", event.eventTime, "epcis.time");
  const zone = event.eventTimeZoneOffset;
  if (zone === undefined || zone === null) return year;
  const offset = typeof zone === "string" ? offsetOf(zone) : undefined;
  // Neither that clock nor UTC leaves the years that a calendar date can have.
  const [utc, local] = [0, offset ?? NaN].map((ahead) => new Date((seconds + ahead) * 1000).getUTCFullYear());
  if (!(utc! >= 1 && utc! <= 9999 && local! >= 1 && local! <= 9999))
    throw problem("epcis.time", "/eventTimeZoneOffset", zone, "an offset is like +08:00");
  return local!;
}

/** A time in ISO 8601 with its zone offset. */
export function instant(pointer: string, value: Json | undefined, rule: string): Instant {
  const match = typeof value === "string" ? TIME.exec(value) : null;
  const [year, month, day, hour, minute, second] = (match ?? []).slice(1, 7).map(Number) as number[];
  const offset = match?.[8] === undefined ? 0 : offsetOf(match[8]);
  const date = new Date(0);
  date.setUTCFullYear(year!, month! - 1, day!);
  const exists = year! > 0 && date.getUTCMonth() === month! - 1 && date.getUTCDate() === day;
  if (!match || !exists || offset === undefined)
    throw problem(rule, pointer, value, "a time is like 2026-08-05T09:30:00+08:00");
  const seconds = date.getTime() / 1000 + hour! * 3600 + minute! * 60 + second! - offset;
  return { seconds, micros: Number((match[7] ?? "").slice(0, 6).padEnd(6, "0")), year: year! };
}

/** An offset in seconds, less than a day either way. */
function offsetOf(text: string): number | undefined {
  const match = /^([+-])([01][0-9]|2[0-3]):([0-5][0-9])$/.exec(text);
  return match ? (Number(match[2]) * 3600 + Number(match[3]) * 60) * (match[1] === "-" ? -1 : 1) : undefined;
}
