/**
 * Sends what was signed on this phone, in the order in which it was signed, and says what became of it.
 *
 * One at a time and in one page only; what is not answered ends the round, so that nothing overtakes anything. A refusal
 * stays in the list with its reason: where somebody was first, with who it was. Asking again is harmless, since the
 * same event is recorded once.
 */

import { freshToken, recordText } from "../signing/record.ts";
import type { Outcome, Refused } from "../signing/record.ts";
import { drop, dropFile, keptFile, queued, update } from "./store.ts";
import type { Deed, Item } from "./store.ts";

/** Rules that are broken where somebody received, settled or voided it before. */
const FIRST = ["NotInTransit", "WrongManifest"];
const KEEP_DAYS = 7;

type Round = { party: string; sentOne: (item: Item) => void };

let running: Promise<void> | undefined;

/** One round over what waits for that party; another one that runs already is waited for. */
export function sync(round: Round): Promise<void> {
  running ??= navigator.locks.request("silkroot-dock", () => sendAll(round)).finally(() => (running = undefined));
  return running;
}

async function sendAll({ party, sentOne }: Round): Promise<void> {
  let token: string | undefined;
  for (const item of await queued()) {
    if (item.state === "recorded" && isOld(item)) await drop(item);
    if (item.state === "conflict" && !item.deeds) await askWhoWasFirst(item, sentOne);
    if (item.state !== "waiting" || item.party !== party) continue;
    try {
      token ??= await freshToken();
    } catch {
      return waits(item, "offline", sentOne);
    }
    const outcome = token ? await send(item, token) : ({ state: "unanswered", why: "signed-out", after: 0 } as const);
    if (outcome.state === "unanswered") return waits(item, outcome.why, sentOne);
    if (outcome.state === "recorded") await update({ ...without(item), state: "recorded" });
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
  return recordText(item.event, token);
}

async function refuse(item: Item, { title, detail, violations }: Refused): Promise<void> {
  const first = item.kind === "receipt" && violations.some(({ rule }) => FIRST.includes(rule));
  const told = violations.map(({ message }) => message).join(" ") || detail || title;
  await update({ ...without(item), state: first ? "conflict" : "refused", reason: told });
  if (first) await askWhoWasFirst((await queued()).find(({ seq }) => seq === item.seq)!, () => undefined);
}

async function askWhoWasFirst(item: Item, told: (item: Item) => void): Promise<void> {
  try {
    const response = await fetch(`/staff/api/consignments/${item.sent.id}`, { headers: { accept: "application/json" } });
    if (!response.ok) return;
    await update({ ...item, deeds: ((await response.json()) as { deeds: Deed[] }).deeds });
    told(item);
  } catch {
    // Without a network nobody knows yet; the next round asks again.
  }
}

async function waits(item: Item, why: NonNullable<Item["waits"]>, told: (item: Item) => void): Promise<void> {
  if (item.waits !== why) await update({ ...item, waits: why });
  told(item);
}

function without({ waits: _, ...item }: Item): Item {
  return item;
}

const isOld = ({ madeAt }: Item): boolean => Date.now() - Date.parse(madeAt) > KEEP_DAYS * 86_400_000;
