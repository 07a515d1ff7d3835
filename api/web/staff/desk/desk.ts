/** The pages of certificates and of the buyer's desk: fill in, read what will be signed, sign on this device, send. */

import { isProblem } from "../../verify/problem.ts";
import { make, tell, the } from "../dock/dom.ts";
import { page, say } from "../forms/page_data.ts";
import { busy } from "../forms/busy.ts";
import { clearRefusals, sentence, showRefusals } from "../forms/reading.ts";
import type { Reading, Told } from "../forms/reading.ts";
import { canSign, draftOf, forget, isKnown, send } from "../forms/sending.ts";
import { deviceKey } from "../signing/keys.ts";
import { domainOf, signDraft } from "../signing/sign.ts";
import type { Draft, SignedEvent } from "../signing/sign.ts";
import { agree, decline, PROPOSALS, proposalOf, saidOfSettlement, settleFields, settles } from "./claims.ts";
import type { ClaimPage } from "./claims.ts";
import { takeDocument } from "./document.ts";
import { partsOf, readPaper, saidOf, saysWhatWasEntered } from "./papers.ts";

const KEPT = { offline: "keptOffline", busy: "keptBusy", "signed-out": "keptSignedOut" } as const;
const WHY = { offline: "offline", busy: "busy", "signed-out": "signedOut" } as const;
type Ready = { signed: SignedEvent; reading: Reading; said: string[] };

/** A form that is drafted, signed, and recorded or proposed. */
function startForm(form: HTMLFormElement): void {
  const kind = form.dataset.kind!;
  let ready: Ready | undefined;
  let isKept = false;
  const dialog = the<HTMLDialogElement>("confirm");
  const [check, signing] = [the<HTMLButtonElement>("check"), the<HTMLButtonElement>("sign")];
  takeDocument(form);
  issueOneself(form);
  for (const button of form.querySelectorAll<HTMLButtonElement>("[data-fill]"))
    button.addEventListener("click", () => {
      button.closest("[data-row]")!.querySelector<HTMLInputElement>('[data-name="grams"]')!.value = button.dataset.fill!;
    });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void busy(check, ask);
  });
  the("back").addEventListener("click", () => dialog.close());
  // What is signed and kept is sent as it is: another form is another entry.
  dialog.addEventListener("close", () => void (isKept && done(say("keptHere"), ready!.said, null)));
  signing.addEventListener("click", () => void busy(signing, hand));
  form.addEventListener("input", () => (ready = undefined));

  async function ask(): Promise<void> {
    clearRefusals(form);
    tell("");
    if (!(await canSign())) return tell(say("noKey"), "bad");
    const lots = kind === "settle" ? settledLots(form) : [];
    if (!lots) return;
    const reading = kind === "settle" ? { fields: settleFields(lots), places: new Map() } : readPaper(form);
    tell(say("checking"), "wait");
    const drafted = await draftOf(kind, reading.fields);
    tell("");
    if (drafted.state === "unanswered") return tell(say(WHY[drafted.why]), "warn");
    if (drafted.state === "refused") return refuse(reading, drafted.violations, drafted.title);
    if (drafted.state === "recorded") return done(say("recordedBefore"), [], null);
    const { draft } = drafted;
    const signed = await sign(draft, (action) =>
      kind === "settle" ? settles(action, lots) : saysWhatWasEntered(kind, reading.fields, draft.event, action),
    );
    const said = kind === "settle" ? saidOfSettlement(signed.action) : saidOf(kind, reading.fields, signed.action);
    ready = { signed, reading, said };
    the("said").replaceChildren(...said.map((text) => make("li", {}, text)));
    the("digest").textContent = draft.digest;
    the("confirm-error").textContent = "";
    dialog.showModal();
  }

  async function hand(): Promise<void> {
    if (!ready) return dialog.close();
    const { signed, reading, said } = ready;
    the("confirm-error").textContent = "";
    const outcome = await send(signed, said, kind === "settle" ? PROPOSALS : undefined);
    isKept = outcome.state === "unanswered";
    if (outcome.state === "unanswered") return void (the("confirm-error").textContent = say(KEPT[outcome.why]));
    dialog.close();
    if (outcome.state === "refused" && !isKnown(outcome)) return refuse(reading, outcome.violations, outcome.title);
    if (kind === "settle") done(say("waitsForOther"), said, null);
    else done(say("recorded"), said, signed.hash);
  }

  function refuse(reading: Reading, violations: Told[], title: string): void {
    const homeless = showRefusals(form, reading, violations);
    tell([say("refused"), ...homeless.map(sentence), ...(violations.length ? [] : [title])].join(" "), "bad");
  }

  function done(text: string, said: string[], hash: string | null): void {
    forget();
    finish(text, said);
    form.hidden = true;
    const first = the("done-links").querySelector<HTMLAnchorElement>("a");
    if (kind === "promise" && hash && first) first.href = `/certificates/${hash}/promise.pdf`;
  }
}

function finish(text: string, said: string[]): void {
  document.querySelector<HTMLElement>(".action")!.hidden = true;
  the("done-text").textContent = text;
  the("done-said").replaceChildren(...said.map((line) => make("li", {}, line)));
  the("done").hidden = false;
  the("done-text").scrollIntoView({ block: "center" });
}

/** Grams by lot of a settlement; undefined where a field holds no weight, or the sum is not what is missing. */
function settledLots(form: HTMLFormElement): [string, { [part: string]: number }][] | undefined {
  const lots: [string, { [part: string]: number }][] = [];
  let good = true;
  for (const box of form.querySelectorAll<HTMLElement>("[data-settled]")) {
    const parts = partsOf(box);
    const left = parts ? Number(box.dataset.missing) - Object.values(parts).reduce((sum, one) => sum + one, 0) : 0;
    const wrong = !parts ? say("badWeight") : left ? say(left > 0 ? "left" : "tooMuch", { weight: weightOf(left) }) : "";
    box.querySelector(".error")!.textContent = wrong;
    if (wrong || !parts) good = false;
    else lots.push([box.dataset.settled!, parts]);
  }
  return good ? lots : undefined;
}

const weightOf = (grams: number): string => say("kilograms", { number: String(Math.abs(grams) / 1000) });

/** A certifier says that the paper is its own. */
function issueOneself(form: HTMLFormElement): void {
  const own = form.querySelector<HTMLInputElement>("#own");
  const field = form.querySelector<HTMLInputElement>('[data-name="issuer_party"]');
  own?.addEventListener("change", () => {
    field!.value = own.checked ? own.value : "";
    const issuer = form.querySelector<HTMLInputElement>('[data-name="issuer"]')!;
    if (own.checked && !issuer.value) issuer.value = own.dataset.ownName!;
  });
}

async function sign(draft: Draft, expected: (action: SignedEvent["action"]) => boolean): Promise<SignedEvent> {
  const key = await deviceKey(page.person.id);
  if (!key) throw new Error("no-key");
  return signDraft(draft, expected, key, domainOf(page.deployment));
}

/** A claim that the other side signed: read, then agreed to or turned down. */
async function startAnswer(number: number): Promise<void> {
  const [yes, no] = [the<HTMLButtonElement>("agree"), the<HTMLButtonElement>("decline")];
  const proposal = await proposalOf(number);
  the("proposed").replaceChildren(...saidOfSettlement(proposal.action).map((line) => make("li", {}, line)));
  the("proposed-digest").textContent = proposal.digest;
  yes.disabled = false;
  const after = async (work: () => ReturnType<typeof decline>, text: string): Promise<void> => {
    if (!(await canSign())) return tell(say("noKey"), "bad");
    const outcome = await work();
    if (outcome.state === "unanswered") return tell(say(WHY[outcome.why]), "warn");
    if (outcome.state === "refused") return tell([outcome.title, ...outcome.violations.map(sentence)].join(" "), "bad");
    the("answer").hidden = true;
    finish(text, []);
  };
  yes.addEventListener("click", () => void busy(yes, () => after(() => agree(number, proposal), say("agreed"))));
  no.addEventListener("click", () => void busy(no, () => after(() => decline(number), say("declined"))));
}

const form = document.getElementById("form");
const waiting = (page as ClaimPage).proposal;
if (form instanceof HTMLFormElement) startForm(form);
else if (waiting && document.getElementById("agree"))
  await startAnswer(waiting).catch((error: unknown) => {
    tell(say(isProblem(error) ? "notSame" : "failed"), "bad");
    console.error(error);
  });
document.documentElement.dataset.ready = "yes";
