/** Reads the forms of certificates, promises and returns, and says in plain words what will be signed. */

import { isObject } from "../../verify/json.ts";
import { ownMember } from "../../verify/names.ts";
import type { Json, JsonObject } from "../../verify/types.ts";
import { the } from "../dock/dom.ts";
import { gramsOf } from "../forms/masses.ts";
import { massOf, say } from "../forms/page_data.ts";
import { readForm } from "../forms/reading.ts";
import type { Fields, Reading } from "../forms/reading.ts";

/** The form's fields; lots and grounds that are ticked among them. */
export function readPaper(form: HTMLFormElement): Reading {
  const reading = readForm(form);
  const { fields, places } = reading;
  const lots = form.querySelector<HTMLElement>("[data-lots]");
  if (lots) {
    fields.lots = ticked(lots).map((lot) => ({ lot }));
    places.set("/lots", lots);
  }
  const basis = form.querySelector<HTMLElement>("[data-basis]");
  if (basis) {
    fields.basis = ticked(basis);
    places.set("/basis", basis);
  }
  return reading;
}

const ticked = (box: HTMLElement): string[] =>
  [...box.querySelectorAll<HTMLInputElement>("input:checked")].map(({ value }) => value);

/**
 * Whether the event that the service made says what was entered: nothing is signed that the person did not write. `kind`
 * is that of the form.
 */
export function saysWhatWasEntered(kind: string, fields: Fields, event: JsonObject, action: JsonObject): boolean {
  if (kind === "return") {
    const manifest = (action.manifest as unknown as JsonObject[]) ?? [];
    const sum = (rows: { grams: Json }[]) => rows.reduce((all, { grams }) => all + BigInt(String(grams)), 0n);
    const rows = fields.manifest as unknown as { grams: Json }[];
    return (
      action.type === "Shipment" &&
      BigInt(String(action.receiver)) === BigInt(String(fields.to)) &&
      sum(manifest as unknown as { grams: Json }[]) === sum(rows)
    );
  }
  if (action.type !== "Statement" || action.step !== "other") return false;
  const told = ownMember(event, "certificate")?.[1];
  if (!isObject(told)) return false;
  const same = (name: string, entered: Json | undefined) => (told[name] ?? "") === (entered ?? "");
  const texts: [string, string][] =
    kind === "promise"
      ? [["product", "product"], ["origin", "origin"], ["contact", "contact"]]
      : [["kind", "kind"], ["file", "file"], ["validUntil", "valid_until"]];
  const common: [string, string][] = [["issuer", "issuer"], ["number", "number"], ["issued", "issued"]];
  const wanted = (fields.lots as Fields[]).length;
  const named = Array.isArray(event.quantityList) ? event.quantityList.length : -1;
  return wanted === named && [...texts, ...common].every(([name, field]) => same(name, fields[field] as Json));
}

/** What is signed, a line each. */
export function saidOf(kind: string, fields: Fields, action: JsonObject): string[] {
  if (kind === "return") {
    const manifest = (action.manifest as unknown as JsonObject[]) ?? [];
    const grams = manifest.reduce((sum, line) => sum + BigInt(String(line.grams)), 0n);
    const receiver = the<HTMLSelectElement>("to").selectedOptions[0]?.textContent ?? "";
    const lots = (fields.manifest as Fields[]).map(({ lot }) => codeOf(String(lot))).join(", ");
    return [say("signShip", { weight: massOf(grams), receiver, reference: String(fields.reference), lots }), String(fields.reason)];
  }
  const lots = (fields.lots as Fields[]).map(({ lot }) => say("signBatch", { lot: codeOf(String(lot)) }));
  if (kind === "promise") {
    const grams = (fields.lots as Fields[]).reduce((sum, row) => sum + Number(row.grams), 0);
    const { product, origin } = fields as { [name: string]: string };
    return [say("signPromise", { product: product!, weight: massOf(grams), place: origin! }), ...lots];
  }
  const word = the<HTMLSelectElement>("kind").selectedOptions[0]?.textContent ?? "";
  return [say("signCertificate", { kind: word, number: String(fields.number), issuer: String(fields.issuer) }), ...lots];
}

const codeOf = (lot: string): string => lot.slice(lot.indexOf("/") + 1);

/** One row of a settlement form in grams; null where a weight is none. */
export function partsOf(box: HTMLElement): { [name: string]: number } | null {
  const parts: { [name: string]: number } = {};
  for (const input of box.querySelectorAll<HTMLInputElement>("[data-part]")) {
    const grams = input.value.trim() ? gramsOf(input.value.trim()) : 0;
    if (grams === null || grams === undefined) return null;
    parts[input.dataset.part!] = grams;
  }
  return parts;
}
