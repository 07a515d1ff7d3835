/**
 * What a code on a pallet, a case or a paper says: GS1 element strings, Digital Links, and references of consignments.
 *
 * GS1 General Specifications, sections 7.8.3 and 7.8.6: a GS1-128 or GS1 DataMatrix symbol holds elements one behind the
 * other, each an Application Identifier with its value; a value of variable length ends at FNC1, which readers give as
 * the character GS (0x1d) or, printed for people, with the AIs in brackets. Throws `code.*` and `gs1.*` for what looks
 * like a code and is damaged; what looks like none is text.
 */

import { checkDigit, checkElement, findElement } from "../../verify/elements.ts";
import { problem } from "../../verify/problem.ts";
import { elementsOf } from "../../verify/links.ts";

/** The elements by AI; `text` is what was read or typed. */
export type Code = { text: string; elements: Map<string, string> };

/** AIs (by their first two digits) whose elements have a length of their own and need no separator after them. */
const LENGTHS: { [start: string]: number } = {
  "00": 20, "01": 16, "02": 16, "03": 16, "04": 18, "11": 8, "12": 8, "13": 8, "14": 8, "15": 8, "16": 8, "17": 8,
  "18": 8, "19": 8, "20": 4, "31": 10, "32": 10, "33": 10, "34": 10, "35": 10, "36": 10, "41": 16,
};
const SYMBOLOGY = /^\](?:C1|d2|Q3|J1|e0)/;
const SEPARATOR = /[\x1d^]/;

/** What the text says; elements are none where it is a reference, or nothing of ours. */
export function readText(given: string): Code {
  const text = given.trim();
  const bare = text.replace(SYMBOLOGY, "");
  if (/^https?:\/\//i.test(text) || text.startsWith("urn:epc:")) return { text, elements: new Map(elementsOf(text)) };
  if (bare.startsWith("(")) return { text, elements: bracketed(bare) };
  if (SYMBOLOGY.test(text) || SEPARATOR.test(bare)) return { text, elements: plain(bare) };
  const digits = bare.replace(/[ -]/g, "");
  if (/^[0-9]{18}$/.test(digits)) return { text, elements: checked([["00", digits]]) };
  // A reader that hides FNC1 gives nothing but digits and letters: an SSCC with its AI, or a GTIN with a lot.
  if (/^00[0-9]{18}$/.test(digits) || /^01[0-9]{14}10./.test(bare)) return { text, elements: plain(bare.replaceAll(" ", "")) };
  return { text, elements: new Map() };
}

/** `(01)09520000001001(10)H-0001`: brackets are no characters of an AI, and values with brackets keep theirs. */
function bracketed(text: string): Map<string, string> {
  const found: [string, string][] = [];
  const pattern = /\((\d{2,4})\)(.*?)(?=\(\d{2,4}\)|$)/gs;
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index !== end) throw damaged(text);
    end = match.index + match[0].length;
    found.push([match[1]!, match[2]!.trim()]);
  }
  if (end !== text.length) throw damaged(text);
  return checked(found);
}

/** Elements one behind the other. */
function plain(text: string): Map<string, string> {
  const found: [string, string][] = [];
  let left = text.replace(/^[\x1d^]/, "");
  while (left) {
    const ai = [2, 3, 4].map((length) => left.slice(0, length)).find((start) => /^\d+$/.test(start) && findElement(start));
    if (!ai) throw damaged(text);
    const length = LENGTHS[ai.slice(0, 2)];
    const end = length ?? (left.search(SEPARATOR) < 0 ? left.length : left.search(SEPARATOR));
    if (left.length < end) throw damaged(text);
    found.push([ai, left.slice(ai.length, end)]);
    left = left.slice(end).replace(/^[\x1d^]/, "");
  }
  return checked(found);
}

function checked(found: [string, string][]): Map<string, string> {
  const elements = new Map<string, string>();
  for (const [ai, value] of found) {
    const element = findElement(ai);
    if (!element) throw problem("gs1.unknown-ai", "", ai, `there is no Application Identifier ${ai}`);
    checkElement(element, value);
    if (elements.has(ai) && elements.get(ai) !== value)
      throw problem("code.twice", "", ai, "the code holds the same element twice, with other values");
    elements.set(ai, value);
  }
  return elements;
}

const damaged = (text: string) => problem("code.damaged", "", text, "the elements of this code cannot be told apart");

/** What a code can be looked for by, among what is on its way. */
export type Known = {
  reference: string;
  number: string;
  sscc: string;
  lines: { gtin: string; code: string }[];
};

/**
 * Those that the code means: by SSCC, by reference (as a URI, or its number as it stands on paper), or all that hold the
 * lot or, where the code names no lot, the product.
 */
export function meant<T extends Known>(code: Code, known: T[]): T[] {
  const { text, elements } = code;
  const [sscc, gtin, lot] = [elements.get("00"), elements.get("01") ?? elements.get("02"), elements.get("10")];
  if (sscc) return known.filter((one) => one.sscc === sscc);
  if (gtin)
    return known.filter(({ lines }) => lines.some((line) => line.gtin === gtin && (lot === undefined || line.code === lot)));
  const wanted = text.toLowerCase();
  const exact = known.filter((one) => [one.reference, one.number].some((name) => name.toLowerCase() === wanted));
  return exact.length ? exact : known.filter(({ lines }) => lines.some((line) => line.code.toLowerCase() === wanted));
}

/** The text for people: without the symbology's mark, separators as spaces, cut where it is long. */
export const printed = (text: string): string =>
  text.trim().replace(SYMBOLOGY, "").replaceAll("\x1d", " ").trim().slice(0, 80);

/** Whether the digits are an SSCC but for their check digit: what a person mistyped. */
export const isMistyped = (text: string): boolean => {
  const digits = text.replace(/[ -]/g, "").replace(/^00(?=\d{18}$)/, "");
  return /^[0-9]{18}$/.test(digits) && checkDigit(digits.slice(0, -1)) !== digits.at(-1);
};
