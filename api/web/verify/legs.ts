/**
 * What a receipt commits to of the temperatures on the way: `silkroot:leg`, a line for each lot.
 *
 * A leg's readings are those of statements about the lot that name its consignment, up to and with the event `last`. What
 * is shown of them has to give the same line: count, extremes, degree-minutes of the worst series, digest of the events.
 */

import { signerOf } from "./actions.ts";
import { bornLimits, DEGREE_MINUTE, excessOf, held, namedBy, pointsOf } from "./climate.ts";
import type { Point, RankOf } from "./climate.ts";
import type { Reading } from "./dossier.ts";
import { finding } from "./findings.ts";
import type { Finding } from "./findings.ts";
import { fromHex, sha256, toHex, utf8 } from "./hashes.ts";
import type { LotHistory } from "./history.ts";
import { lotOfClass } from "./links.ts";
import { ownMember } from "./names.ts";
import type { Hex, JsonObject } from "./types.ts";

/** A gap for each receipt of the lot whose leg, as it is shown, is not the one that the receiver signed. */
export function legFindings(history: LotHistory, rankOf: RankOf): Finding[] {
  const { lot, readings } = history;
  return readings.flatMap(({ event, action, refused }) => {
    if (refused || (action.type !== "Receipt" && action.type !== "PartialReceipt")) return [];
    const line = lineIn(event.body, lot);
    if (!line) return [];
    const all = readings.filter(
      (one) =>
        !one.refused &&
        one.action.type === "Statement" &&
        namedBy(one, history).includes(action.consignment) &&
        pointsOf(one.event.body, 0).length,
    );
    const last = all.find((one) => one.event.id.slice(2) === line.last);
    const shown = last ? all.filter((one) => rankOf(one.event.id) <= rankOf(last.event.id)) : [];
    const wanted = last && stated(shown, history);
    if (wanted && Object.entries(wanted).every(([name, value]) => line[name] === value)) return [];
    const parameters = { lot, party: action.receiver, shown: shown.length };
    return [finding("custody", "custody.leg", "suspect", { parameters, event: event.id, lot })];
  });
}

/** What the line has to say, but for `last`. */
function stated(events: Reading[], history: LotHistory): { [name: string]: number | string } {
  const series = new Map<string, Point[]>();
  for (const { event, action } of events)
    for (const point of pointsOf(event.body, 0)) {
      const key = `${signerOf(action)} ${point.device}`;
      series.set(key, [...(series.get(key) ?? []), point]);
    }
  const points = [...series.values()];
  const all = points.flat();
  const limits = bornLimits(history);
  const sums = points.map((each) => (limits ? excessOf(held(each, limits)) : 0n));
  const hashes = events.map(({ event }) => event.id).sort();
  return {
    readings: all.length,
    minimum: all.reduce((least, { low }) => Math.min(least, low), Infinity),
    maximum: all.reduce((most, { high }) => Math.max(most, high), -Infinity),
    degreeMinutes: Number(sums.reduce((most, sum) => (sum > most ? sum : most), 0n) / DEGREE_MINUTE),
    digest: toHex(sha256(fromHex([toHex(utf8("silkroot-leg-1\n")), ...hashes.map((hash) => hash.slice(2))].join("")))).slice(2),
  };
}

/** The receipt's line about the lot. */
function lineIn(body: JsonObject, lot: Hex): JsonObject | undefined {
  try {
    for (const row of (ownMember(body, "leg")?.[1] ?? []) as JsonObject[]) {
      if (typeof row.epcClass !== "string") return undefined;
      if (lotOfClass(row.epcClass)?.id === lot) return row;
    }
  } catch {
    // Another program's member, or an altered body, which the content check tells of.
  }
  return undefined;
}
