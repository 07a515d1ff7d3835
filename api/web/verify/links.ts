/**
 * URIs of lots, places and parties: GS1 Digital Links, EPC URNs, and Silkroot's own for allotted numbers.
 *
 * GS1 Digital Link URI Syntax 1.5; EPC Tag Data Standard, sections 6 to 8. Throws `digital-link.*`, `epc.urn`, `gs1.*`,
 * `party.*` and `product.*`, each with an empty field: whoever reads a URI knows where it stands.
 */

import { LOT_CODE } from "./actions.ts";
import { lotId } from "./digests.ts";
import { checkDigit, checkElement, findElement, isKeySequence, parseGln } from "./elements.ts";
import { problem } from "./problem.ts";
import type { LotRef } from "./types.ts";

type Elements = [ai: string, value: string][];

const UINT64_MAX = 2n ** 64n - 1n;
const FIRST_ALLOTTED_PARTY = 10n ** 13n;
const FIRST_ALLOTTED_PRODUCT = 10n ** 14n;
const PARTY_URN = "urn:silkroot:party:";

const SCHEME = /^(?:https|http|HTTPS|HTTP):\/\//;
const URI_CHARACTERS = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]*$/;
const BAD_IN_DOMAIN = /[_~?#@!$&'()*+,;=%]/;
const ALL_DIGITS = /^[0-9]+$/;
const BAD_ESCAPE = /%(?![0-9A-Fa-f]{2})/;

/** The lot that an `epcClass` names; null where it names none. */
export function lotOfClass(uri: string): LotRef | null {
  const allotted = SCHEME.test(uri) && uri.includes("/lot/") ? allottedLot(uri) : null;
  if (allotted) return allotted;
  const found = new Map(elementsOf(uri));
  const [gtin, code] = [found.get("01"), found.get("10")];
  if (gtin === undefined || code === undefined) return null;
  if (!BigInt(gtin)) throw problem("gs1.gtin.zero", "", uri, "a GTIN is not all zeros");
  return lotRef(BigInt(gtin), code);
}

/** A lot by its names. */
export function lotRef(product: bigint, code: string): LotRef {
  if (!LOT_CODE.test(code)) throw problem("gs1.ai10", "", code, "a lot code has 1 to 20 characters of set 82");
  return { product, code, id: lotId(product, code) };
}

/** The party that a URI names. */
export function partyOfUri(uri: string): bigint {
  if (uri.startsWith(PARTY_URN)) return allotted(uri.slice(PARTY_URN.length), FIRST_ALLOTTED_PARTY, "party.allotted");
  const gln = new Map(elementsOf(uri)).get("417");
  if (gln === undefined) throw problem("party.uri", "", uri, "a party is named by AI 417, a pgln or an allotted number");
  return parseGln(gln);
}

/** A party by its decimal number: 13 digits of a GLN, or an allotted number. */
export const parseParty = (text: string): bigint =>
  text.length <= 13 ? parseGln(text) : allotted(text, FIRST_ALLOTTED_PARTY, "party.allotted");

/** GLN and extension ("" where there is none) of a place; null where the URI names no place. */
export function placeOfUri(uri: string): [gln: bigint, extension: string] | null {
  const found = new Map(elementsOf(uri));
  const gln = found.get("414");
  return gln === undefined ? null : [parseGln(gln), found.get("254") ?? ""];
}

/** The key and qualifiers that a URI names; nothing where it is neither Digital Link nor EPC URN. */
export function elementsOf(uri: string): Elements {
  if (uri.startsWith("urn:")) return epcElements(uri);
  return looksLikeDigitalLink(uri) ? digitalLinkElements(uri) : [];
}

// ------------------------------------------------------------------------------------------------- Digital Link

/** On id.gs1.org always; elsewhere where the path holds a key of the right length and characters. */
function looksLikeDigitalLink(uri: string): boolean {
  if (!SCHEME.test(uri)) return false;
  const [domain, rest] = divided(uri.replace(SCHEME, ""), "/");
  if (domain.toLowerCase() === "id.gs1.org") return true;
  const segments = rest.split(/[?#]/)[0]!.split("/");
  const start = findKey(segments);
  if (start < 0) return false;
  const { ai, pattern } = findElement(segments[start]!)!;
  // Keys of free text are shorter than a year; a page's address would match them by chance.
  return !["401", "8004", "8010", "8013"].includes(ai) && pattern.test(unquoted(segments[start + 1]!));
}

function digitalLinkElements(uri: string): Elements {
  const refuse = (rule: string, message: string) => problem(`digital-link.${rule}`, "", uri, message);
  if (!URI_CHARACTERS.test(uri)) throw refuse("characters", "a character has to be percent-encoded");
  const [domain, rest] = divided(uri.replace(SCHEME, ""), "/");
  if (!domain || !uri.replace(SCHEME, "").includes("/")) throw refuse("no-path", "there is no domain or no path");
  if (BAD_IN_DOMAIN.test(domain)) throw refuse("domain", "the domain name holds a character that it may not hold");
  const [path, query] = divided(divided(rest, "#")[0], "?");
  const segments = path.split("/");
  const start = findKey(segments);
  if (start < 0) throw refuse("no-key", "the path holds no GS1 key");

  const ais: Map<string, string> = new Map();
  const add = (ai: string, value: string) => {
    if (!value) throw refuse("empty", `AI ${ai} has no value`);
    if (ais.has(ai)) throw refuse("duplicate", `AI ${ai} stands twice`);
    ais.set(ai, value);
  };
  for (let at = start; at < segments.length; at += 2) add(segments[at]!, decoded(segments[at + 1]!));
  const keys = [...ais.keys()];
  const named = [...ais];
  if (!isKeySequence(keys)) throw refuse("order", "the path may not hold these AIs in that order");
  for (const parameter of query.split("&")) {
    const [ai, value] = divided(parameter, "=");
    if (!parameter.includes("=") || !ALL_DIGITS.test(ai)) continue;
    const element = findElement(ai);
    if (!element) throw refuse("unknown-ai", `there is no Application Identifier ${ai}`);
    if (ais.has(ai)) throw refuse("duplicate", `AI ${ai} stands twice`);
    const inPath = keys.some((_, place) => isKeySequence([...keys.slice(0, place + 1), ai, ...keys.slice(place + 1)]));
    if (inPath || element.flag === "q") throw refuse("attribute", `AI ${ai} may not stand in the query`);
    add(ai, decoded(value, true));
  }
  for (const [ai, value] of ais) checkKnown(ai, value);
  return named;
}

/** Index of the rightmost primary key, going back pair by pair from the end over qualifiers; -1 where there is none. */
function findKey(segments: string[]): number {
  for (let at = segments.length - 2; at >= 0; at -= 2) {
    const element = findElement(segments[at]!);
    if (!element) break;
    if (element.flag === "k") return at;
  }
  return -1;
}

function checkKnown(ai: string, value: string): void {
  const element = findElement(ai);
  if (!element) throw problem("gs1.unknown-ai", "", ai, `there is no Application Identifier ${ai}`);
  checkElement(element, value);
}

/** What an escape stands for, one character per byte: no value of a GS1 key goes beyond ASCII. */
const unquoted = (text: string): string =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));

function decoded(value: string, plusIsSpace = false): string {
  if (BAD_ESCAPE.test(value)) throw problem("digital-link.escape", "", value, "a percent sign begins no escape");
  return unquoted(plusIsSpace ? value.replaceAll("+", " ") : value);
}

/** What stands before the first separator, and what after it. */
function divided(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

// --------------------------------------------------------------------------------------------- allotted numbers

function allottedLot(uri: string): LotRef | null {
  const segments = uri.split(/[?#]/)[0]!.split("/");
  const [lot, product, code] = segments.slice(-3);
  if (segments.length < 6 || lot !== "lot" || !ALL_DIGITS.test(product!)) return null;
  const decodedCode = decoded(code!);
  return lotRef(allotted(product!, FIRST_ALLOTTED_PRODUCT, "product.allotted"), decodedCode);
}

function allotted(text: string, least: bigint, rule: string): bigint {
  const fits = ALL_DIGITS.test(text) && text.length <= 20 && text[0] !== "0";
  if (!fits || BigInt(text) < least || BigInt(text) > UINT64_MAX)
    throw problem(rule, "", text, `an allotted number is ${least} or more and fits 64 bits`);
  return BigInt(text);
}

// ------------------------------------------------------------------------------------------------------ EPC URN

type Scheme = { parts: number; read: (parts: string[], pattern: boolean) => Elements; serials?: number };

const SCHEMES: { [scheme: string]: Scheme } = {
  sgtin: { parts: 3, serials: 1, read: (parts, pattern) => withSerial("01", gtin(parts), "21", parts[2]!, pattern) },
  lgtin: { parts: 3, read: (parts) => withSerial("01", gtin(parts), "10", parts[2]!, false) },
  upui: { parts: 3, serials: 1, read: (parts, pattern) => withSerial("01", gtin(parts), "235", parts[2]!, pattern) },
  itip: {
    parts: 5,
    serials: 1,
    read: (parts, pattern) => {
      const pieces = numeric(4, parts[2]!, parts[3]!);
      return withSerial("8006", gtin(parts) + pieces, "21", parts[4]!, pattern);
    },
  },
  sscc: {
    parts: 2,
    read: ([prefix, serial]) => {
      if (!serial) throw badUrn(serial, "the serial reference begins with the extension digit");
      return [["00", keyOf(17, serial[0]!, prefix!, serial.slice(1))]];
    },
  },
  sgln: { parts: 3, read: (parts) => withSerial("414", key12(parts), "254", parts[2]!, parts[2] === "0") },
  pgln: { parts: 2, read: (parts) => [["417", key12(parts)]] },
  grai: { parts: 3, serials: 1, read: (parts, pattern) => [["8003", `0${key12(parts)}${pattern ? "" : parts[2]}`]] },
  giai: { parts: 2, read: (parts) => [["8004", parts.join("")]] },
  gsrn: { parts: 2, read: ([prefix, reference]) => [["8018", keyOf(17, prefix!, reference!)]] },
  gsrnp: { parts: 2, read: ([prefix, reference]) => [["8017", keyOf(17, prefix!, reference!)]] },
  gdti: { parts: 3, serials: 1, read: (parts, pattern) => [["253", key12(parts) + (pattern ? "" : parts[2]!)]] },
  sgcn: { parts: 3, serials: 1, read: (parts, pattern) => [["255", key12(parts) + (pattern ? "" : parts[2]!)]] },
  ginc: { parts: 2, read: (parts) => [["401", parts.join("")]] },
  gsin: { parts: 2, read: ([prefix, reference]) => [["402", keyOf(16, prefix!, reference!)]] },
  cpi: {
    parts: 3,
    serials: 1,
    read: ([prefix, part, serial], pattern) => withSerial("8010", prefix! + part!, "8011", serial!, pattern),
  },
};

/** The GS1 key behind a URN; nothing where it is no EPC URN of one. */
function epcElements(urn: string): Elements {
  const [, kind, name, rest] = /^urn:epc:(id|class|idpat):([a-z]+):([^\n]+)$/.exec(urn) ?? [];
  if (name === undefined || rest === undefined || !Object.hasOwn(SCHEMES, name)) return [];
  const scheme = SCHEMES[name]!;
  if ((kind === "class") !== (name === "lgtin")) throw badUrn(urn, `${name} does not go with urn:epc:${kind}`);
  const parts = rest.split(".");
  // The last part is a serial number of free text and may hold dots of its own.
  parts.push(parts.splice(scheme.parts - 1).join("."));
  if (rest.split(".").length < scheme.parts) throw badUrn(urn, `${name} has ${scheme.parts} parts`);
  if (BAD_ESCAPE.test(rest)) throw badUrn(urn, "a percent sign begins no escape");
  const pattern = kind === "idpat";
  if (pattern && (!scheme.serials || parts.at(-1) !== "*" || parts.slice(0, -1).join("").includes("*")))
    throw badUrn(urn, "a pattern has * for its serial number and for nothing else");
  if (!/^[0-9]{6,12}$/.test(parts[0]!)) throw badUrn(urn, "a GS1 company prefix has 6 to 12 digits");
  const elements = scheme.read(parts.map(unquoted), pattern);
  for (const [ai, value] of elements) checkKnown(ai, value);
  return elements;
}

const badUrn = (urn: string | undefined, message: string) => problem("epc.urn", "", urn, message);

/** The parts joined, if they are digits and as many as the key has without its check digit. */
function numeric(total: number, ...parts: string[]): string {
  const joined = parts.join("");
  if (!/^[0-9]*$/.test(joined) || joined.length !== total) throw badUrn(joined, `there are ${total} digits together`);
  return joined;
}

function keyOf(total: number, ...parts: string[]): string {
  const digits = numeric(total, ...parts);
  return digits + checkDigit(digits);
}

const key12 = ([prefix, reference]: string[]): string => keyOf(12, prefix!, reference!);

function gtin([prefix, reference]: string[]): string {
  if (!reference) throw badUrn(reference, "the item reference begins with the indicator digit");
  return keyOf(13, reference[0]!, prefix!, reference.slice(1));
}

function withSerial(ai: string, key: string, serialAi: string, serial: string, alone: boolean): Elements {
  return alone ? [[ai, key]] : [[ai, key], [serialAi, serial]];
}
