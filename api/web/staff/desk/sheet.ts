/** The sheet on which one reads what will be signed, and signs it; one at a time on a page. */

import { make, the } from "../dock/dom.ts";
import { busy } from "../forms/busy.ts";
import { say } from "../forms/page_data.ts";
import { isKnown, send } from "../forms/sending.ts";
import type { Told } from "../forms/reading.ts";
import type { SignedEvent } from "../signing/sign.ts";

const WHY = { offline: "offline", busy: "busy", "signed-out": "signedOut" } as const;
const KEPT = { offline: "keptOffline", busy: "keptBusy", "signed-out": "keptSignedOut" } as const;
export type Why = keyof typeof WHY;

/** What became of it: `waits` says why there is no answer yet, and `kept` whether this phone sends it by itself. */
export type Handed = { waits: Why; kept: boolean } | { after: () => void };
type Sheet = { said: string[]; digest: string; hand: () => Promise<Handed>; kept?: () => void };

let shown: Sheet | undefined;
let isKept = false;

/** Shows it; `hand` is what its button does, `kept` is called where the sheet is closed while the phone keeps it. */
export function openSheet(sheet: Sheet): void {
  [shown, isKept] = [sheet, false];
  the("said").replaceChildren(...sheet.said.map((text) => make("li", {}, text)));
  the("digest").textContent = sheet.digest;
  the("confirm-error").textContent = "";
  the<HTMLDialogElement>("confirm").showModal();
}

/** Hands in what was signed, and says what is done with the answer. */
export async function handInOn(
  signed: SignedEvent,
  said: string[],
  answered: { done: () => void; refuse: (violations: Told[], title: string) => void },
  path?: string,
): Promise<Handed> {
  const outcome = await send(signed, said, path);
  if (outcome.state === "unanswered") return { waits: outcome.why, kept: true };
  const { done, refuse } = answered;
  if (outcome.state === "refused" && !isKnown(outcome)) return { after: () => refuse(outcome.violations, outcome.title) };
  return { after: done };
}

const dialog = document.getElementById("confirm") as HTMLDialogElement | null;
if (dialog) {
  const signing = the<HTMLButtonElement>("sign");
  the("back").addEventListener("click", () => dialog.close());
  signing.addEventListener("click", () => void busy(signing, press));
  // What is signed and kept is sent as it is: another form is another entry.
  dialog.addEventListener("close", () => void (isKept && shown?.kept?.()));
}

async function press(): Promise<void> {
  if (!shown) return dialog!.close();
  the("confirm-error").textContent = "";
  const handed = await shown.hand();
  isKept = "waits" in handed && handed.kept;
  if ("waits" in handed) return void (the("confirm-error").textContent = say((handed.kept ? KEPT : WHY)[handed.waits]));
  dialog!.close();
  handed.after();
}
