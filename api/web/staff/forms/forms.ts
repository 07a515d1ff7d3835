/** Forms of a packing house: fill in, see in plain words what will be signed, sign on this device, recorded. */

import { make, tell, the } from "../dock/dom.ts";
import type { SignedEvent } from "../signing/sign.ts";
import { watchSums } from "./balance.ts";
import { busy } from "./busy.ts";
import { watchDifferences } from "./differences.ts";
import { page, say } from "./page_data.ts";
import { takePhotos } from "./photos.ts";
import { clearRefusal, clearRefusals, goToRefusal, readForm, sentence, showRefusals } from "./reading.ts";
import type { Reading, Told } from "./reading.ts";
import { watchRows } from "./rows.ts";
import { canSign, draftOf, forget, isKnown, send, sign } from "./sending.ts";
import { lotMade, saidOf } from "./sentence.ts";
import { startWorkbook } from "./workbook.ts";

/** What is ready to be signed, or signed and not answered yet. */
type Ready = { signed: SignedEvent; reading: Reading };

const KEPT = { offline: "keptOffline", busy: "keptBusy", "signed-out": "keptSignedOut" } as const;
const WHY = { offline: "offline", busy: "busy", "signed-out": "signedOut" } as const;

function startForm(form: HTMLFormElement): void {
  let ready: Ready | undefined;
  let isKept = false;
  const dialog = the<HTMLDialogElement>("confirm");
  const [check, signing] = [the<HTMLButtonElement>("check"), the<HTMLButtonElement>("sign")];
  watchRows(form, watchSums(form));
  watchDifferences(form);
  takePhotos(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void busy(check, ask);
  });
  the("back").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => void (isKept && kept()));
  signing.addEventListener("click", () => void busy(signing, hand));
  // What was shown is what is signed: a form that is changed is asked anew.
  form.addEventListener("input", (event) => {
    ready = undefined;
    clearRefusal(event.target as HTMLElement);
  });

  async function ask(): Promise<void> {
    clearRefusals(form);
    tell("");
    if (!(await canSign())) return tell(say("noKey"), "bad");
    const reading = readForm(form);
    tell(say("checking"), "wait");
    const drafted = await draftOf(form.dataset.kind!, reading.fields);
    tell("");
    if (drafted.state === "unanswered") return tell(say(WHY[drafted.why]), "warn");
    if (drafted.state === "refused") return refuse(reading, drafted.violations, drafted.title);
    if (drafted.state === "recorded") return done(reading, [], true);
    ready = { signed: await sign(drafted.draft, reading.fields), reading };
    the("said").replaceChildren(...saidOf(ready.signed.action, ready.signed.event).map((text) => make("li", {}, text)));
    the("digest").textContent = drafted.draft.digest;
    the("confirm-error").textContent = "";
    dialog.showModal();
  }

  async function hand(): Promise<void> {
    if (!ready) return dialog.close();
    const { signed, reading } = ready;
    const said = saidOf(signed.action, signed.event);
    the("confirm-error").textContent = "";
    const outcome = await send(signed, said);
    isKept = outcome.state === "unanswered";
    if (outcome.state === "unanswered") {
      the("confirm-error").textContent = say(KEPT[outcome.why]);
      return;
    }
    dialog.close();
    if (outcome.state === "refused" && !isKnown(outcome)) return refuse(reading, outcome.violations, outcome.title);
    done(reading, said, outcome.state === "refused" || outcome.repeated);
  }

  function refuse(reading: Reading, violations: Told[], title: string): void {
    const homeless = showRefusals(form, reading, violations);
    tell([say("refused"), ...homeless.map(sentence), ...(violations.length ? [] : [title])].join(" "), "bad");
    goToRefusal(form);
  }

  /** What is signed and kept is sent as it is: another form is another entry. */
  function kept(): void {
    const { signed } = ready!;
    finish(say("keptHere"), saidOf(signed.action, signed.event));
    the("done-text").className = "notice wait";
    for (const link of the("done").querySelectorAll<HTMLElement>("[data-recorded]")) link.hidden = true;
  }

  function done(reading: Reading, said: string[], before: boolean): void {
    const lot = lotMade(reading.fields);
    if (lot) {
      the<HTMLAnchorElement>("done-label").href += `?lot=${encodeURIComponent(lot)}`;
      the<HTMLAnchorElement>("done-lot").href = pageOf(lot);
    }
    finish(say(before ? "recordedBefore" : "recorded"), said);
  }

  function finish(text: string, said: string[]): void {
    forget();
    form.hidden = true;
    check.closest<HTMLElement>(".action")!.hidden = true;
    the("done-text").textContent = text;
    the("done-said").replaceChildren(...said.map((line) => make("li", {}, line)));
    the("done").hidden = false;
    the("done-text").scrollIntoView({ block: "center" });
  }
}

/** The lot's page for everybody. */
function pageOf(lot: string): string {
  const [product, code] = lot.split("/", 2) as [string, string];
  return BigInt(product) < 10n ** 14n ? `/01/${product}/10/${encodeURIComponent(code)}` : `/lot/${product}/${encodeURIComponent(code)}`;
}

const form = document.getElementById("form");
if (page.kind === "workbook") startWorkbook();
else if (form instanceof HTMLFormElement) startForm(form);
