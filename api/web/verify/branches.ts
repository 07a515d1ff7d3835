/**
 * Where a lot lies: one branch for each holder with grams of it, and the events that a verdict on them rests on.
 *
 * A branch's events are the lot's birth, the handoffs that lead to the holder, what the holder did with its grams,
 * recalls and releases, and what parties on the way, or outside every branch, stated about the lot.
 */

import { signerOf } from "./actions.ts";
import { eventsOf } from "./consignments.ts";
import type { Handoff } from "./consignments.ts";
import type { LotHistory } from "./history.ts";
import type { Hex } from "./types.ts";

/** The holders that have a branch, in the order in which they first had to do with the lot, and their grams. */
export function branchHolders(history: LotHistory): { holder: bigint; onHand: bigint; toCome: bigint }[] {
  return history.holders.flatMap((holder) => {
    const coming = [...history.handoffs.values()].filter(({ receiver }) => receiver === holder);
    const onHand = history.onHand.get(holder) ?? 0n;
    const sums = [onHand, history.gone.get(holder), ...coming.flatMap((one) => [one.toCome, one.missing, one.lost])];
    return sums.some(Boolean) ? [{ holder, onHand, toCome: coming.reduce((sum, one) => sum + one.toCome, 0n) }] : [];
  });
}

/**
 * The events that a verdict on the holder's grams rests on. `leaving` names the transformation through which the grams
 * left the lot, and its corrections: then what else the holder did with its grams is left out.
 */
export function eventsTowards(history: LotHistory, holder: bigint, leaving: Hex[] | null = null): Hex[] {
  const path = pathTo(history, holder);
  const sides = path.flatMap(({ shipper, receiver }) => [shipper, receiver]);
  const parties = new Set([...sides, holder]);
  const elsewhere = new Set(history.holders.filter((party) => !parties.has(party)));
  const named = new Set([...history.births.flatMap(({ events }) => events), ...path.flatMap(eventsOf), ...(leaving ?? [])]);
  const handedOn = new Set([...history.handoffs.values()].flatMap(eventsOf));
  return history.readings
    .filter(({ event, action, refused }) => {
      const party = signerOf(action);
      if (named.has(event.id)) return true;
      if (handedOn.has(event.id)) return false;
      switch (action.type) {
        case "Pledge":
        case "PledgeRelease":
          return action.holder === holder && !leaving;
        case "Recall":
        case "Release":
          return true;
        case "Statement":
          return !elsewhere.has(party);
      }
      if (refused) return !elsewhere.has(party);
      // Custody by somebody who never was to hold the lot: a gap, and nobody's branch is free of it.
      return (party === holder && !leaving) || (!parties.has(party) && !elsewhere.has(party));
    })
    .map(({ event }) => event.id);
}

/** Every handoff through which grams of the lot can have reached the holder; safe against rings. */
export function pathTo({ handoffs }: LotHistory, holder: bigint): Handoff[] {
  const reached = new Set([holder]);
  // A set that grows while it is walked through: every party is looked at once.
  for (const party of reached)
    for (const { receiver, shipper } of handoffs.values()) if (receiver === party) reached.add(shipper);
  return [...handoffs.values()].filter(({ receiver }) => reached.has(receiver));
}
