/** The script of inspectors' pages: the drawing begins at its lot; recalls and certificates are signed; progress is told. */

import { data, say, text, wordsOf } from "../people/page.ts";
import { FieldRefusal, gramsOf, lotNamed, plotNamed, sign } from "./deed.ts";
import type { Deed } from "./deed.ts";

const EVERY_MS = 1500;
const told = data as typeof data & { progress?: string };

/** Signs what the form says, with its button out of use; then the page is read again, which shows what is recorded. */
async function signing(form: HTMLFormElement, button: HTMLButtonElement, deed: () => Deed | null): Promise<void> {
  for (const place of form.querySelectorAll<HTMLElement>("[data-error]")) place.textContent = "";
  for (const field of form.elements) field.removeAttribute("aria-invalid");
  const made = deed();
  if (!made || button.disabled) return;
  button.disabled = true;
  say(text("signing"), "wait");
  // One wish, one request: a second tap after a lost answer is the same wish.
  form.dataset.request ??= crypto.randomUUID();
  try {
    await sign(made, form.dataset.request);
    say(text("recorded"), "good");
    location.reload();
  } catch (error) {
    say(wordsOf(error));
    if (!(error instanceof FieldRefusal)) return;
    delete form.dataset.request;
    for (const [name, message] of Object.entries(error.fields)) refuse(form, name, message);
  } finally {
    button.disabled = false;
  }
}

function refuse(form: HTMLFormElement, name: string, message: string): void {
  const place = form.querySelector<HTMLElement>(`[data-error="${CSS.escape(name)}"]`);
  if (!place) return;
  place.textContent = message;
  const field = form.querySelector<HTMLElement>(`[aria-describedby~="${CSS.escape(place.id)}"]`);
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
}

function recallPage(): void {
  const form = document.getElementById("deed") as HTMLFormElement | null;
  const sure = document.getElementById("sure") as HTMLDialogElement | null;
  const button = document.getElementById("sign") as HTMLButtonElement | null;
  if (form && sure && button) {
    const reason = form.elements.namedItem("reason") as HTMLTextAreaElement;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!reason.value.trim()) refuse(form, "reason", form.dataset.missing ?? "");
      else sure.showModal();
    });
    document.getElementById("not-now")?.addEventListener("click", () => sure.close());
    button.addEventListener("click", () => {
      sure.close();
      void signing(form, button, () => recallOf(form, reason.value));
    });
  }
  void follow();
}

function recallOf(form: HTMLFormElement, reason: string): Deed {
  const { kind = "", lot = "" } = form.dataset;
  const expected = { type: kind === "release" ? "Release" : "Recall", lot: lotNamed(lot), issuer: number(data.party) };
  return { kind, fields: { lot, reason }, expected, said: [`${form.querySelector("h2")!.textContent}: ${lot}`, reason] };
}

function plotForms(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sign]"))
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = form.querySelector<HTMLButtonElement>("button[type=submit]")!;
      void signing(form, button, () => (form.dataset.kind === "certify-plot" ? plotOf(form) : yieldOf(form)));
    });
}

function plotOf({ dataset: { plot = "", producer = "" } }: HTMLFormElement): Deed {
  const expected = { type: "PlotRegistration", plot: plotNamed(plot), producer: number(producer) };
  return { kind: "certify-plot", fields: { plot, producer }, expected, said: [`${text("said-plot")} ${plot}`] };
}

function yieldOf(form: HTMLFormElement): Deed | null {
  const { plot = "", season = "" } = form.dataset;
  const grams = gramsOf((form.elements.namedItem("kilograms") as HTMLInputElement).value);
  if (grams === null) {
    refuse(form, "grams", text("amount"));
    return null;
  }
  const expected = { type: "YieldCertificate", plot: plotNamed(plot), season, grams: String(grams) };
  const said = [`${text("said-yield")} ${plot} · ${season} · ${grams / 1000} kg`];
  return { kind: "certify-yield", fields: { plot, season: Number(season), grams }, expected, said };
}

const number = (digits: string | undefined): string => BigInt(digits ?? "0").toString();

/** Tells how far the recall has come, until the shared ledger has followed. */
async function follow(): Promise<void> {
  const place = document.getElementById("progress");
  while (place && told.progress && !place.hidden && place.dataset.done === "no") {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    let now: Progress;
    try {
      const answer = await fetch(told.progress, { headers: { accept: "application/json" } });
      if (!answer.ok) return;
      now = (await answer.json()) as Progress;
    } catch {
      continue; // no network: what stands there stays true
    }
    if (!now.deed) return;
    place.querySelector("[data-marked]")!.textContent = now.marked;
    place.querySelector("[data-state]")!.textContent = [now.deed.stateWords, now.waitingWords].filter(Boolean).join(" ");
    if (now.done || now.deed.state === "refused") place.dataset.done = now.done ? "yes" : "refused";
  }
}

type Progress = {
  marked: string;
  waitingWords?: string;
  done: boolean;
  deed: { state: string; stateWords: string } | null;
};

/** The lot asked for is what one sees first, however wide the drawing is. */
function centre(): void {
  const focus = document.querySelector("[data-focus]")?.getBoundingClientRect();
  const around = document.querySelector<HTMLElement>(".drawing");
  if (!focus || !around) return;
  const frame = around.getBoundingClientRect();
  around.scrollLeft += focus.left - frame.left - (frame.width - focus.width) / 2;
}

if (data.page === "recall") recallPage();
if (data.page === "plots") plotForms();
centre();
document.documentElement.setAttribute("data-ready", data.page ?? "family");
