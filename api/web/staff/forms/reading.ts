/**
 * Reads a form into the fields that a draft is asked with, and shows refusals where they were filled in.
 *
 * An element with `data-name` is a field, and `data-as` says how it is sent; within `[data-rows]` each `[data-row]` is a
 * row of that list. A row whose `data-key` field is empty is left out. What is no weight is sent as it was typed, so that
 * the service refuses it with its rule.
 */

import { gramsOf } from "./masses.ts";
import { page } from "./page_data.ts";

export type Fields = { [name: string]: Value };
export type Value = string | number | boolean | string[] | Fields[];
/** `places`: the element of each field by its JSON pointer. */
export type Reading = { fields: Fields; places: Map<string, HTMLElement> };
export type Told = { field: string; rule: string; value: string; message: string; text?: string };

type Field = HTMLInputElement | HTMLSelectElement;

/** All that was filled in. */
export function readForm(form: HTMLElement): Reading {
  const places = new Map<string, HTMLElement>();
  const fields = readFields(ownFields(form), "", places);
  for (const list of form.querySelectorAll<HTMLElement>("[data-rows]")) {
    const name = list.dataset.rows!;
    const rows: Fields[] = [];
    places.set(`/${name}`, list);
    for (const row of list.querySelectorAll<HTMLElement>("[data-row]")) {
      const own = [...row.querySelectorAll<Field>("[data-name]")];
      const key = list.dataset.key;
      if (key && !own.find((one) => one.dataset.name === key)?.value.trim()) continue;
      rows.push(readFields(own, `/${name}/${rows.length}`, places));
    }
    fields[name] = rows;
  }
  return { fields, places };
}

/** Shows refusals at their fields; returns those that belong to none. */
export function showRefusals(form: HTMLElement, reading: Reading, violations: Told[]): Told[] {
  clearRefusals(form);
  const homeless: Told[] = [];
  for (const told of violations) {
    const place = placeOf(reading.places, told.field);
    const error = place && errorOf(place);
    if (!place || !error) {
      homeless.push(told);
      continue;
    }
    error.textContent = sentence(told);
    place.setAttribute("aria-invalid", "true");
    place.closest("details")?.setAttribute("open", "");
  }
  return homeless;
}

/** Goes to the first field that was refused; whether there is one. */
export function goToRefusal(form: HTMLElement): boolean {
  const first = form.querySelector<HTMLElement>('[aria-invalid="true"]');
  first?.scrollIntoView({ block: "center" });
  first?.focus({ preventScroll: true });
  return first !== null;
}

/** What is changed is no longer what was refused. */
export function clearRefusal(field: HTMLElement): void {
  field.removeAttribute("aria-invalid");
  const error = errorOf(field);
  if (error) error.textContent = "";
}

/** The rule's sentence in the reader's language, with what was entered. */
export function sentence({ text, message, value, rule }: Told): string {
  const told = text ?? message;
  const shown = value ? ` (${page.rightToLeft ? `\u2068${value}\u2069` : value})` : "";
  return `${told}${shown} [${rule}]`;
}

export function clearRefusals(form: HTMLElement): void {
  for (const error of form.querySelectorAll(".error")) error.textContent = "";
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

const ownFields = (form: HTMLElement): Field[] =>
  [...form.querySelectorAll<Field>("[data-name]")].filter((field) => !field.closest("[data-rows]"));

function readFields(own: Field[], at: string, places: Map<string, HTMLElement>): Fields {
  const fields: Fields = {};
  for (const field of own) {
    const name = field.dataset.name!;
    places.set(`${at}/${name}`, field);
    const value = valueOf(field);
    if (value !== "") fields[name] = value;
  }
  return fields;
}

function valueOf(field: Field): Value {
  const text = field.value.trim();
  if (!text) return "";
  switch (field.dataset.as) {
    case "grams":
      return gramsOf(text) ?? text;
    case "count":
      return /^\d{1,9}$/.test(text) ? Number(text) : text;
    case "list":
      return text.split(" ");
    case "time": {
      // A field of a page says no zone: this device's own is meant.
      const moment = new Date(text);
      return Number.isNaN(moment.getTime()) ? text : withZone(moment);
    }
  }
  return text;
}

/** ISO 8601 with this device's offset, to the second. */
export function withZone(moment: Date): string {
  const offset = -moment.getTimezoneOffset();
  const local = new Date(moment.getTime() + offset * 60_000).toISOString().slice(0, 19);
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  return `${local}${offset < 0 ? "-" : "+"}${[hours, minutes].map((part) => String(part).padStart(2, "0")).join(":")}`;
}

/** The field of the pointer, or the nearest thing around it. */
function placeOf(places: Map<string, HTMLElement>, pointer: string): HTMLElement | undefined {
  for (let at = pointer; at; at = at.slice(0, at.lastIndexOf("/"))) {
    const found = places.get(at);
    if (found) return found;
  }
  return undefined;
}

function errorOf(place: HTMLElement): HTMLElement | null {
  const name = place.dataset.rows ?? place.dataset.name;
  const around = place.closest("[data-row]") ?? place.closest(".field, fieldset") ?? place.parentElement;
  return around?.querySelector(`[data-error="${name}"]`) ?? around?.querySelector("[data-error]") ?? null;
}
