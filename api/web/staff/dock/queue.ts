/**
 * Sends what was signed on this phone, in the order in which it was signed, and says what became of it.
 *
 * One at a time and in one page only; what is not answered ends the round, so that nothing overtakes anything. A refusal
 * stays in the list with its reason: where somebody was first, with who it was. Asking again is harmless, since the
 * same event is recorded once.
 */

import { recordText, sessionNow } from "../signing/record.ts";
import type { Outcome, Refused, Session } from "../signing/record.ts";
import { drop, dropFile, keptFile, queued, update } from "./store.ts";
import type { Deed, DockItem, Item } from "./store.ts";

/** Rules that are broken where somebody received, settled or voided it before. */
const FIRST = ["NotInTransit", "WrongManifest"];
/** The request of a form that is recorded already, by another draft of it: it is there once. */
const KNOWN = "event-id.conflict";
const KEEP_DAYS = 7;

type Round = { person: string; party: string; sentOne: (item: Item) => void };

/**
 * Whether that person sends it: what was signed at a dock is any colleague's to send, since a receipt is missed by both
 * sides; what was signed on a form is its signer's alone.
 */
export const isSentBy = (item: Item, { person, party }: Pick<Round, "person" | "party">): boolean =>
  item.party === party && (item.kind !== "form" || item.person === person);

let running: Promise<void> | undefined;

/** One round over what waits for that party; another one that runs already is waited for. */
export function sync(round: Round): Promise<void> {
  running ??= navigator.locks.request("silkroot-dock", () => sendAll(round)).finally(() => (running = undefined));
  return running;
}

async function sendAll(round: Round): Promise<void> {
  const { sentOne } = round;
  let session: Session | null | undefined;
  // Looked up anew for each: what is signed meanwhile is sent in the same round.
  for (let last = 0; ; ) {
    const item = (await queued()).find(({ seq }) => seq! > last);
    if (!item) return;
    last = item.seq!;
    if (item.state === "recorded" && isOld(item)) await drop(item);
    if (item.state === "conflict" && item.kind !== "form" && !item.deeds) await askWhoWasFirst(item, sentOne);
    if (item.state !== "waiting" || !isSentBy(item, round)) continue;
    try {
      if (session === undefined) session = await sessionNow();
    } catch {
      return waits(item, "offline", sentOne);
    }
    // Somebody else may have signed in since this page was opened.
    if (!session || !isSentBy(item, session)) return waits(item, "signed-out", sentOne);
    const outcome = await send(item, session.token);
    if (outcome.state === "unanswered") return waits(item, outcome.why, sentOne);
    if (outcome.state === "recorded") await answered(item, { state: "recorded", repeated: outcome.repeated ?? false });
    else await refuse(item, outcome);
    sentOne(item);
  }
}

/** Photos go first: the record names them. */
async function send(item: Item, token: string): Promise<Outcome> {
  for (const hash of item.files) {
    const file = await keptFile(hash);
    if (!file) continue;
    let response: Response;
    try {
      response = await fetch("/staff/api/files", {
        method: "POST",
        headers: { "content-type": file.data.type, "x-silkroot-form": token, accept: "application/json" },
        body: file.data,
      });
    } catch {
      return { state: "unanswered", why: "offline", after: 0 };
    }
    if (response.status === 429 || response.status >= 500) return { state: "unanswered", why: "busy", after: 5 };
    if (response.ok) await dropFile(hash);
    else if (response.status === 401) return { state: "unanswered", why: "signed-out", after: 0 };
    else {
      // Without its photo the record would name something that nobody can see.
      const { title = "", detail = "" } = (await response.json().catch(() => ({}))) as Partial<Refused>;
      return { state: "refused", status: response.status, title, detail, violations: [] };
    }
  }
  return recordText(item.event, token, item.kind === "form" ? item.path : undefined);
}

async function refuse(item: Item, refusal: Refused): Promise<void> {
  const { title, detail, violations } = refusal;
  const reason = violations.map(({ message }) => message).join(" ") || detail || title;
  if (item.kind === "form") {
    const known = violations.some(({ rule }) => rule === KNOWN);
    return answered(item, known ? { state: "recorded", repeated: true } : { state: "refused", reason, refusal });
  }
  const first = item.kind === "receipt" && violations.some(({ rule }) => FIRST.includes(rule));
  const state = first ? "conflict" : "refused";
  await answered(item, { state, reason });
  if (first) await askWhoWasFirst({ ...item, state, reason }, () => undefined);
}

async function askWhoWasFirst(item: DockItem, told: (item: Item) => void): Promise<void> {
  try {
    const response = await fetch(`/staff/api/consignments/${item.sent.id}`, { headers: { accept: "application/json" } });
    if (!response.ok) return;
    await answered(item, { deeds: ((await response.json()) as { deeds: Deed[] }).deeds });
    told(item);
  } catch {
    // Without a network nobody knows yet; the next round asks again.
  }
}

async function waits(item: Item, why: NonNullable<Item["waits"]>, told: (item: Item) => void): Promise<void> {
  if (item.waits !== why) await update({ ...item, waits: why });
  told(item);
}

async function answered(item: Item, outcome: Partial<Item>): Promise<void> {
  const now = { ...item, ...outcome } as Item;
  delete now.waits;
  await update(now);
}

const isOld = ({ madeAt }: Item): boolean => Date.now() - Date.parse(madeAt) > KEEP_DAYS * 86_400_000;
