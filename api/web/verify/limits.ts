/**
 * A lot's temperature limits, as whoever brought it into being signed them: thousandths of a degree Celsius, and
 * degree-minutes that are borne. Throws `limits.*`, `silkroot.member` and what the readers of lots throw.
 */

import { isInteger } from "./json.ts";
import { ownMember } from "./names.ts";
import { problem } from "./problem.ts";
import { lotAt, objectsIn } from "./reading.ts";
import type { Hex, Json, JsonObject } from "./types.ts";

/** What there can be, in thousandths of a degree. */
export const isDegrees = (value: number): boolean => value >= -273_150 && value <= 1_000_000;

export type Limits = { minimum: number; maximum: number; tolerance: number };

/** The limits by lot; one that is not given is infinite. `born`: the lots that may have any; null: that was asked before. */
export function limitsIn(pointer: string, value: Json, born: Hex[] | null): Map<Hex, Limits> {
  const found = new Map<Hex, Limits>();
  for (const [at, row] of objectsIn(pointer, value)) {
    const lot = lotAt(`${at}/epcClass`, row.epcClass)?.id;
    if (lot === undefined || found.has(lot) || (born && !born.includes(lot)))
      throw problem("limits.lot", `${at}/epcClass`, row.epcClass, "limits are stated once for a lot that is born here");
    const [minimum, maximum] = [degreesAt(at, row, "minimum", -Infinity), degreesAt(at, row, "maximum", Infinity)];
    if (minimum > maximum || (minimum === -Infinity && maximum === Infinity))
      throw problem("limits.range", at, row, "a minimum, a maximum or both, the minimum not above the maximum");
    const { tolerance = 0 } = row;
    if (!isInteger(tolerance) || tolerance < 0)
      throw problem("limits.tolerance", `${at}/tolerance`, tolerance, "a whole number of degree-minutes");
    found.set(lot, { minimum, maximum, tolerance });
  }
  if (!found.size) throw problem("silkroot.member", pointer, value, "a list with at least one line is needed");
  return found;
}

/** The limits of one lot that an event states; undefined where it states none that can be read. */
export function limitsOf(event: JsonObject, lot: Hex): Limits | undefined {
  try {
    const stated = ownMember(event, "limits");
    return stated && limitsIn(...stated, null).get(lot);
  } catch {
    return undefined; // the content check tells of it
  }
}

function degreesAt(at: string, row: JsonObject, name: string, none: number): number {
  const value = row[name];
  if (value === undefined) return none;
  if (!isInteger(value) || !isDegrees(value))
    throw problem("limits.degrees", `${at}/${name}`, value, "a limit is in whole thousandths of a degree Celsius");
  return value;
}
