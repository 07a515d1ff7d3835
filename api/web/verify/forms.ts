/** What the forms of events share: how each is read, and the checks of action and disposition. */

import { cbvWord } from "./names.ts";
import type { Own } from "./names.ts";
import { problem } from "./problem.ts";
import type { Action, Hex, JsonObject } from "./types.ts";

/** Reads one form: the event, our members of it, the acting party, and what every action contains. */
export type Reader<T extends Action> = (
  event: JsonObject,
  own: Own,
  party: bigint,
  signed: { contentHash: Hex; deadline: bigint },
) => T;

export function requireAction(event: JsonObject, ...allowed: string[]): void {
  if (typeof event.action !== "string" || !allowed.includes(event.action))
    throw problem("form.action", "/action", event.action, `the action is ${allowed.join(" or ")} here`);
}

export function requireDisposition(event: JsonObject, needed: string): void {
  if (cbvWord(event.disposition) !== needed)
    throw problem("form.disposition", "/disposition", event.disposition, `the disposition is ${needed} here`);
}
