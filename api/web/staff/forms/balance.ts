/** The grams that a form adds up to, shown while one types: in = out + culls + loss + rest. */

import { the } from "../dock/dom.ts";
import { gramsOf, kilogramsOf } from "./masses.ts";
import { kilogramsShown, massOf, page, say } from "./page_data.ts";

/** `left`: grams that are not accounted for; negative where more comes out than went in. */
export type Balance = { inputs: number; outputs: number; culls: number; loss: number; rest: number; left: number };

/** The sums of a packing form; a weight that cannot be read counts nothing. */
export function balanceOf(form: HTMLElement): Balance {
  const single = (id: string) => gramsOf(the<HTMLInputElement>(id).value) ?? 0;
  const [inputs, outputs] = [sumOf(form, "inputs"), sumOf(form, "outputs")];
  const [culls, loss, rest] = [single("culls"), single("loss"), single("rest")];
  return { inputs, outputs, culls, loss, rest, left: inputs - outputs - culls - loss - rest };
}

/** Keeps what the form adds up to in sight. */
export function watchSums(form: HTMLFormElement): () => void {
  const show = document.getElementById("balance") ? () => showBalance(form) : () => showTotal(form);
  form.addEventListener("input", show);
  for (const button of form.querySelectorAll<HTMLElement>("[data-all]"))
    button.addEventListener("click", () => {
      const row = button.closest<HTMLElement>("[data-row]")!;
      const field = row.querySelector<HTMLInputElement>("[data-name=grams]")!;
      field.value = kilogramsOf(Number(row.dataset.held));
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  document.getElementById("fill")?.addEventListener("click", () => {
    const { left, loss } = balanceOf(form);
    const field = the<HTMLInputElement>("loss");
    if (left + loss >= 0) field.value = kilogramsOf(left + loss);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  show();
  return show;
}

const sumOf = (form: HTMLElement, list: string): number =>
  [...form.querySelectorAll<HTMLInputElement>(`[data-rows=${list}] [data-name=grams]`)].reduce(
    (all, field) => all + (gramsOf(field.value) ?? 0),
    0,
  );

function showBalance(form: HTMLElement): void {
  const sums = balanceOf(form);
  const texts = { in: sums.inputs, out: sums.outputs, culls: sums.culls, loss: sums.loss, rest: sums.rest };
  for (const [name, grams] of Object.entries(texts)) the(`sum-${name}`).textContent = kilogramsShown(grams);
  const { left } = sums;
  const state = !sums.inputs ? "empty" : left > 0 ? "short" : left < 0 ? "over" : "even";
  the("balance").dataset.state = state;
  const weight = massOf(Math.abs(left));
  the("verdict").textContent =
    state === "empty" ? say("nothingIn") : state === "even" ? say("balanced") : say(left > 0 ? "left" : "tooMuch", { weight });
}

function showTotal(form: HTMLElement): void {
  const total = document.getElementById("total");
  if (!total) return;
  const grams = sumOf(form, { intake: "roster", correct: "deliveries" }[page.kind] ?? "manifest");
  total.textContent = grams ? say("total", { weight: massOf(grams) }) : "";
}
