/**
 * The pages of the air leg: a button for every step, sheets for those that ask for more, the form for a new waybill with
 * its check digit looked at as one types.
 */

import { tell, the } from "../dock/dom.ts";
import { REFRESH, say } from "./data.ts";
import { state } from "./stating.ts";
import type { Fields, Stated } from "./stating.ts";
import { countOf, gramsOf, typed } from "./waybill.ts";

let busy = false;

function takeSteps(): void {
  the("live")?.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-step]");
    if (!button || busy) return;
    const leg = JSON.parse(button.closest<HTMLElement>("[data-fields]")!.dataset.fields!) as { [name: string]: string };
    const { step = "", asks = "", failed = "", uld = "", flight = "", day = "", text = "" } = button.dataset;
    const fields: Fields = { ...leg, step };
    if (step === "screening") fields.result = failed ? "failed" : "passed";
    // Which of several portions is meant.
    if (uld && step !== "rebooked") fields.uld = uld;
    if (flight && step !== "rebooked" && step !== "screening") Object.assign(fields, { flight }, day ? { date: day } : {});
    if (asks) ask(asks, fields, text, [flight, day].filter(Boolean).join(" · "));
    else void send(fields, text);
  });
}

function ask(name: string, fields: Fields, text: string, old: string): void {
  const sheet = the<HTMLDialogElement>(`sheet-${name}`);
  const form = sheet.querySelector("form")!;
  form.reset();
  clear(form);
  const part = form.querySelector<HTMLElement>("#off-part");
  if (part) part.hidden = true;
  const before = form.querySelector("#rebook-old");
  if (before) before.textContent = old;
  if (name === "build" && typeof fields.uld === "string") form.querySelector<HTMLInputElement>("[name=uld]")!.value = fields.uld;
  form.onchange = () => {
    if (part) part.hidden = new FormData(form).get("how") !== "part";
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    const entered = read(form, fields);
    if (!entered) return;
    if (name === "rebook" && !entered.flight) return void show(form, { flight: say("missing") });
    if (name === "off" && new FormData(form).get("how") === "part" && !entered.pieces && !entered.grams)
      return void show(form, { pieces: say("missing") });
    void send(entered, text, form).then((done) => done && sheet.close());
  };
  form.querySelector<HTMLButtonElement>("[value=cancel]")!.onclick = () => sheet.close();
  sheet.showModal();
}

/** What was filled in, beside what is known; null where a number is none. */
function read(form: HTMLFormElement, known: Fields): Fields | null {
  clear(form);
  const filled = new FormData(form);
  const fields: Fields = { ...known };
  const wrong: { [field: string]: string } = {};
  if (filled.get("how") === "whole") return fields;
  for (const name of ["waybill", "flight", "date", "from", "to", "uld"]) {
    const text = String(filled.get(name) ?? "").trim();
    if (text) fields[name] = name === "waybill" || name === "date" ? text : text.toUpperCase();
  }
  for (const [name, field, number] of [["pieces", "pieces", countOf], ["kilograms", "grams", gramsOf]] as const) {
    const text = String(filled.get(name) ?? "").trim();
    if (!text) continue;
    fields[field] = number(text);
    if (Number.isNaN(fields[field])) wrong[field] = say("missing");
  }
  show(form, wrong);
  return Object.keys(wrong).length ? null : fields;
}

async function send(fields: Fields, text: string, form?: HTMLFormElement): Promise<boolean> {
  busy = true;
  document.body.toggleAttribute("data-busy", true);
  tell(say("signing"), "wait");
  let stated: Stated;
  try {
    stated = await state(fields, said(fields, text));
  } finally {
    busy = false;
    document.body.toggleAttribute("data-busy", false);
  }
  if (stated.done) {
    tell(say("recorded", { step: text }), "good");
    document.dispatchEvent(new Event(REFRESH));
    return true;
  }
  tell(stated.text, "bad");
  if (form) show(form, Object.keys(stated.violations).length ? stated.violations : { "": stated.text });
  return false;
}

/** What is stated, of which consignment, as a list of other entries tells it. */
const said = ({ waybill, flight }: Fields, text: string): string =>
  [say("stated"), text, ...[waybill, flight].filter((one) => one && one !== text)].filter(Boolean).join(" · ");

function newWaybill(form: HTMLFormElement): void {
  const [input, check] = [the<HTMLInputElement>("waybill"), the("waybill-check")];
  input.addEventListener("input", () => {
    const now = typed(input.value);
    // Only at its end, or the cursor would jump.
    if (input.selectionStart === input.value.length) input.value = now.text;
    check.className = `hint check ${now.state === "open" ? "" : now.state}`;
    check.textContent = !now.digits ? "" : now.state === "open" ? say("digits-left", { count: now.digits }) : say(`check-${now.state}`);
    input.toggleAttribute("aria-invalid", false);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    const step = String(new FormData(form).get("step"));
    const lots = new FormData(form).getAll("lot").map((lot) => ({ lot: String(lot) }));
    const fields = read(form, { step, lots, ...(step === "screening" ? { result: "passed" } : {}) });
    if (!fields) return;
    if (typed(input.value).state !== "good") return void show(form, { waybill: say(typed(input.value).state === "bad" ? "check-bad" : "missing") });
    if (!lots.length) return void show(form, { lots: say("no-lots") });
    void send(fields, input.value, form).then((done) => {
      if (done) location.assign("/staff/air");
    });
  });
}

/** Sentences at their fields; the first of them is shown and gets the focus. */
function show(form: HTMLFormElement, violations: { [field: string]: string }): void {
  for (const [field, text] of Object.entries(violations)) {
    const box = form.querySelector<HTMLElement>(`.error[data-for="${CSS.escape(field)}"]`) ?? form.querySelector<HTMLElement>('.error[data-for=""]');
    if (box) box.textContent = text;
    form.querySelector(`[name="${CSS.escape(field === "grams" ? "kilograms" : field)}"]`)?.setAttribute("aria-invalid", "true");
  }
  const first = form.querySelector<HTMLElement>("[aria-invalid=true]");
  first?.focus();
}

function clear(form: HTMLFormElement): void {
  for (const box of form.querySelectorAll(".error")) box.textContent = "";
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

takeSteps();
const form = document.getElementById("air-new");
if (form instanceof HTMLFormElement) newWaybill(form);
