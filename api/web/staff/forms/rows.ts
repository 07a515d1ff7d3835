/** Rows that are added with one tap and taken off again, with the next ticket or lot code in the row filled in. */

import { page } from "./page_data.ts";

/** Listens to the buttons of each list; `changed` is called whenever rows came or went. */
export function watchRows(form: HTMLFormElement, changed: () => void): void {
  for (const list of form.querySelectorAll<HTMLElement>("[data-rows]")) {
    const template = list.querySelector("template");
    const add = list.querySelector<HTMLElement>("[data-add]");
    if (!template || !add) continue;
    add.addEventListener("click", () => {
      const before = rowsOf(list).at(-1);
      const row = (template.content.cloneNode(true) as DocumentFragment).querySelector<HTMLElement>("[data-row]")!;
      add.before(row);
      continueFrom(before, row);
      changed();
      row.querySelector<HTMLElement>("input:not([data-next]), select")?.focus();
    });
    list.addEventListener("click", (event) => {
      const button = (event.target as HTMLElement).closest("[data-remove]");
      const row = button?.closest("[data-row]");
      if (!row) return;
      if (rowsOf(list).length > 1) row.remove();
      else for (const field of row.querySelectorAll<HTMLInputElement>("input:not([data-next])")) field.value = "";
      changed();
    });
  }
  form.addEventListener("input", (event) => {
    const field = event.target as HTMLInputElement;
    if (field.dataset.grower !== undefined) fillVillage(field);
  });
  form.addEventListener("change", (event) => {
    const field = event.target as HTMLSelectElement;
    const code = page.codes?.[field.value];
    const box = field.dataset.product !== undefined ? field.closest("[data-row]") : field.id === "product" ? form : null;
    const target = box?.querySelector<HTMLInputElement>(field.id === "product" ? "#lot" : "[data-code]");
    // What somebody wrote stays; what was offered for another product does not.
    if (target && code && Object.values(page.codes!).includes(target.value)) target.value = code;
  });
}

/** The text with its last number one higher; "" where it has none. */
export function nextOf(text: string): string {
  const found = /^(.*?)(\d+)([^\d]*)$/s.exec(text);
  return found ? `${found[1]}${String(Number(found[2]) + 1).padStart(found[2]!.length, "0")}${found[3]}` : "";
}

const rowsOf = (list: HTMLElement): HTMLElement[] => [...list.querySelectorAll<HTMLElement>("[data-row]")];

function continueFrom(before: HTMLElement | undefined, row: HTMLElement): void {
  const [last, next] = [before, row].map((one) => one?.querySelector<HTMLInputElement>("[data-next]"));
  if (last && next) next.value = nextOf(last.value.trim());
  for (const name of ["village", "product"]) {
    const [old, fresh] = [before, row].map((one) => one?.querySelector<HTMLInputElement>(`[data-name=${name}]`));
    if (old && fresh) fresh.value = old.value;
  }
}

/** A grower of whom was bought before brings the village along. */
function fillVillage(field: HTMLInputElement): void {
  const known = [...document.querySelectorAll<HTMLOptionElement>("#growers option")].find((one) => one.value === field.value);
  const village = field.closest("[data-row]")?.querySelector<HTMLInputElement>("[data-name=village]");
  if (known?.dataset.village && village) village.value = known.dataset.village;
}
