/** The pages of certificates and of the buyer's desk: fill in, read what will be signed, sign on this device, send. */

import { isProblem } from "../../verify/problem.ts";
import { make, tell, the } from "../dock/dom.ts";
import { page, say } from "../forms/page_data.ts";
import { busy } from "../forms/busy.ts";
import { clearRefusals, sentence, showRefusals } from "../forms/reading.ts";
import type { Reading, Told } from "../forms/reading.ts";
import { canSign, draftOf, forget } from "../forms/sending.ts";
import { agree, decline, PROPOSALS, proposalOf, saidOfSettlement, settleFields, settles } from "./claims.ts";
import type { ClaimPage } from "./claims.ts";
import { startAlone, startWithdrawal } from "./alone.ts";
import { takeDocument } from "./document.ts";
import { finish, signWith } from "./finishing.ts";
import { partsOf, readPaper, saidOf, saysWhatWasEntered } from "./papers.ts";
import { handInOn, openSheet } from "./sheet.ts";

const WHY = { offline: "offline", busy: "busy", "signed-out": "signedOut" } as const;

/** A form that is drafted, signed, and recorded or proposed. */
function startForm(form: HTMLFormElement): void {
  const kind = form.dataset.kind!;
  const check = the<HTMLButtonElement>("check");
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
    const signed = await signWith(draft, (action) =>
      kind === "settle" ? settles(action, lots) : saysWhatWasEntered(kind, reading.fields, draft.event, action),
    );
    const said = kind === "settle" ? saidOfSettlement(signed.action) : saidOf(kind, reading.fields, signed.action);
    const answered = {
      done: () => (kind === "settle" ? done(say("waitsForOther"), said, null) : done(say("recorded"), said, signed.hash)),
      refuse: (violations: Told[], title: string) => refuse(reading, violations, title),
    };
    const path = kind === "settle" ? PROPOSALS : undefined;
    openSheet({
      said, digest: draft.digest, hand: () => handInOn(signed, said, answered, path), kept: () => done(say("keptHere"), said, null),
    });
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
    finish(text, []);
  };
  yes.addEventListener("click", () => void busy(yes, () => after(() => agree(number, proposal), say("agreed"))));
  no.addEventListener("click", () => void busy(no, () => after(() => decline(number), say("declined"))));
}

const form = document.getElementById("form");
const waiting = (page as ClaimPage).proposal;
if (form instanceof HTMLFormElement) startForm(form);
else if (waiting)
  await (document.getElementById("agree") ? startAnswer(waiting) : startWithdrawal(waiting)).catch((error: unknown) => {
    tell(say(isProblem(error) ? "notSame" : "failed"), "bad");
    console.error(error);
  });
startAlone();
document.documentElement.dataset.ready = "yes";
