/** What a form's page brought along: who acts, its words, and names for what is signed. */

import type { Json } from "../../verify/types.ts";

export type PageData = {
  kind: string;
  tag: string;
  rightToLeft: boolean;
  person: { id: string; name: string };
  party: string;
  formToken: string;
  keyId: string | null;
  deployment: Json;
  codes?: { [product: string]: string };
  words: { [name: string]: string };
  names: {
    products: { [number: string]: string };
    parties: { [number: string]: string };
    places: { [uri: string]: string };
    lots: { [id: string]: { code: string; product: string } };
  };
};

export const page = JSON.parse(document.getElementById("staff")!.textContent!) as PageData;

/** The word of that name with its values; where lines run from right to left each value keeps its own direction. */
export function say(name: string, values: { [key: string]: string | number } = {}): string {
  const text = page.words[name] ?? name;
  return text.replace(/%\((\w+)\)s/g, (whole, key: string) => {
    const value = values[key];
    return value === undefined ? whole : page.rightToLeft ? `\u2068${value}\u2069` : String(value);
  });
}

/** Never rounded: kilograms from 1 kg up, else grams. */
export function massOf(grams: bigint | number): string {
  const [size, form] = [Number(grams), new Intl.NumberFormat(page.tag, { maximumFractionDigits: 3 })];
  return Math.abs(size) < 1000
    ? say("grams", { number: form.format(size) })
    : say("kilograms", { number: form.format(size / 1000) });
}

/** Kilograms without their unit. */
export const kilogramsShown = (grams: number): string =>
  new Intl.NumberFormat(page.tag, { maximumFractionDigits: 3 }).format(grams / 1000);

export const countOf = (count: number): string => new Intl.NumberFormat(page.tag).format(count);

/** Several things in one phrase. */
export const joined = (texts: string[]): string =>
  texts.length ? texts.reduce((first, second) => say("and", { first, second })) : "";
