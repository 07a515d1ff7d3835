/**
 * Hands in what a form signed: kept on this phone first, sent behind what waits already, and taken off again when the
 * service has answered. So it outlasts a page that is closed, and a browser; `sender.ts` sends it then.
 */

import { canonical } from "../../verify/json.ts";
import { EVENTS, formToken, recordText } from "../signing/record.ts";
import type { Outcome, Unanswered } from "../signing/record.ts";
import type { SignedEvent } from "../signing/sign.ts";
import { page } from "./page_data.ts";
import { changed, send } from "./sending.ts";
import { drop, enqueueOnce, queued } from "./store.ts";
import type { FormItem } from "./store.ts";

/** `said`: what it is, in plain words. The same event handed in again is kept once. */
export async function handIn({ event, hash }: Pick<SignedEvent, "event" | "hash">, said: string[], path = EVENTS): Promise<Outcome> {
  const { person, party, partyName } = page;
  const item: FormItem = {
    kind: "form", said, path, hash, party, partyName, person: person.id, personName: person.name,
    event: new TextDecoder().decode(canonical(event)), files: [], madeAt: new Date().toISOString(), state: "waiting",
  };
  let seq: number;
  try {
    seq = await enqueueOnce(item);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    // A browser that keeps nothing, or has no space left, can still send.
    return recordText(item.event, formToken(), path);
  }
  changed();
  // A round that was about to end may have missed it: the second one does not.
  for (const last of [false, true]) {
    await send();
    const items = await queued();
    const kept = items.find((one): one is FormItem => one.seq === seq);
    // Taken off the list in another page, as only what is answered is.
    if (!kept) return recorded(hash, true);
    if (kept.state !== "waiting") {
      await drop(kept);
      changed();
      return kept.state === "refused" && kept.refusal ? kept.refusal : recorded(hash, kept.repeated ?? false);
    }
    if (kept.waits ?? last) return unanswered(kept.waits ?? items.find(({ waits }) => waits)?.waits ?? "busy");
  }
  return unanswered("busy");
}

const recorded = (contentHash: string, repeated: boolean): Outcome => ({ state: "recorded", eventID: "", contentHash, repeated });
const unanswered = (why: Unanswered["why"]): Unanswered => ({ state: "unanswered", why, after: 0 });
