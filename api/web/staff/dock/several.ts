/**
 * Several consignments received in full by one step: a receipt for each, signed here and sent in order.
 *
 * The list that scanning fills is kept for this tab and party, so that it outlasts a page that is left and opened again.
 */

import { tell } from "./dom.ts";
import { signedHere } from "./inbound.ts";
import { page, say } from "./page_data.ts";
import { keepReceipt, keyOf } from "./records.ts";
import type { Answer } from "./records.ts";
import { send } from "./sending.ts";
import type { Expected } from "./compose.ts";
import type { Inbound } from "./store.ts";
import { isProblem } from "../../verify/problem.ts";

/** Everything came and is good, at the place where this phone received last. */
export function inFull(inbound: Inbound): Answer {
  const place = localStorage.getItem(`silkroot-place-${inbound.party}`) ?? "";
  const known = inbound.places.some(({ uri }) => uri === place) ? place : (inbound.places[0]?.uri ?? "");
  return {
    arrivals: null, over: [], place: known, celsius: null, seal: "", damage: "", reason: "", photos: [], paperSigner: "",
    time: null,
  };
}

/**
 * Signs a receipt for each, keeps them, and sends what can be sent. `kept` is called when all are on this phone, and before they are sent. What
 * goes wrong is told; the button is of no use meanwhile, so that a second tap signs nothing twice.
 */
export async function signFor(
  button: HTMLButtonElement,
  inbound: Inbound,
  some: Expected[],
  answer: Answer,
  kept: () => Promise<void>,
): Promise<void> {
  button.disabled = true;
  try {
    const key = await keyOf(page);
    if (!key) return tell(say("noKey"), "bad");
    for (const sent of some) if (!(await signedHere()).has(sent.id)) await keepReceipt(inbound, sent, answer, page, key);
    await kept();
    tell(say("signedWaiting"), "wait");
    await send();
    const signed = await signedHere();
    if (some.every(({ id }) => signed.get(id)?.state === "recorded")) tell(say("signedSent"), "good");
    else if (some.some(({ id }) => !signed.has(id))) location.assign("/staff/queue");
  } catch (error) {
    if (isProblem(error)) tell(say("notSigned", { reason: error.message }), "bad");
    else if (error instanceof DOMException) tell(say("noSpace"), "bad");
    else throw error;
  } finally {
    button.disabled = false;
  }
}

/** Ids of the consignments on the list, in the order in which they were added. */
export const listed = (): string[] => JSON.parse(sessionStorage.getItem(nameOfList()) ?? "[]") as string[];

export const keepListed = (ids: string[]): void => sessionStorage.setItem(nameOfList(), JSON.stringify(ids));

const nameOfList = (): string => `silkroot-several-${page.party}`;
