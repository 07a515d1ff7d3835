/** How far a weight that is typed is from the one that is recorded, shown beside it while one types. */

import { gramsOf } from "./masses.ts";
import { massOf, say } from "./page_data.ts";

/** Listens to fields with `data-was`, grams; each has an output with `data-difference` beside it. */
export function watchDifferences(form: HTMLFormElement): void {
  const fields = [...form.querySelectorAll<HTMLInputElement>("[data-was]")];
  if (!fields.length) return;
  const show = (): void => fields.forEach(showDifference);
  form.addEventListener("input", show);
  show();
}

function showDifference(field: HTMLInputElement): void {
  const output = field.closest(".field, [data-row]")!.querySelector<HTMLElement>("[data-difference]")!;
  const grams = gramsOf(field.value);
  const more = grams === undefined ? 0 : grams - Number(field.dataset.was);
  output.dataset.state = more > 0 ? "heavier" : more < 0 ? "lighter" : "";
  output.textContent = more ? say(more > 0 ? "heavier" : "lighter", { weight: massOf(Math.abs(more)) }) : "";
}
