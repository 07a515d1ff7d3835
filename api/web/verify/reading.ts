/**
 * Reads from an EPCIS event what actions are made of: parties, lots, masses, references.
 *
 * For any tree each function gives a value or throws the rule that is broken: `epcis.*`, `silkroot.*`, `line.*`,
 * `mass.*`, `handoff.*`, and those of URIs.
 */

import { isInteger, isObject } from "./json.ts";
import { lotOfClass, parseParty, partyOfUri } from "./links.ts";
import { cbvWord, ownMember, ownMembers } from "./names.ts";
import { isProblem, problem } from "./problem.ts";
import type { Hex, Json, JsonObject, Line, LotRef } from "./types.ts";

/** A lot of a quantity list that moves, its grams, and where it stands. */
export type Portion = { ref: LotRef; grams: bigint; pointer: string };

/** One line of a list of ours: a lot, and the grams under each name in the order asked for. */
export type OwnLine = { ref: LotRef; grams: bigint[]; total: bigint; pointer: string };

type Found<T> = [pointer: string, value: T][];

const UINT64_MAX = 2n ** 64n - 1n;
const UNITS: { [uom: string]: bigint } = { GRM: 1n, KGM: 1_000n, TNE: 1_000_000n };

/** Ascending by lot id: ids are hex of one length, so that texts compare as numbers do. */
export const byLot = <T>(items: T[], idOf: (item: T) => Hex): T[] =>
  [...items].sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1));

/** Portions or lines of ours as `Line[]`, ascending by lot id. */
export const asLines = (items: { ref: LotRef; grams: bigint | bigint[] }[]): Line[] =>
  byLot(items, (item) => item.ref.id).map(({ ref, grams }) => ({
    lot: ref.id,
    grams: typeof grams === "bigint" ? grams : grams.reduce((sum, part) => sum + part, 0n),
  }));

/** The party that acts and signs. */
export function actingParty(event: JsonObject): bigint {
  const found = ownMember(event, "party");
  if (!found) throw problem("silkroot.party", "/silkroot:party", "", "the event does not name the party that acts");
  return partyAt(...found);
}

/** A party by its number, at least 13 decimal digits as text. */
export function partyAt(pointer: string, value: Json | undefined): bigint {
  if (typeof value !== "string" || !/^([0-9]{13}|[1-9][0-9]{13,19})$/.test(value))
    throw problem("silkroot.party", pointer, value, "a party is a number of 13 or more digits, as text");
  return at(pointer, () => parseParty(value));
}

/** Every lot that a quantity list, or a list of ours, names, once, ascending by lot id. */
export function lotsOf(event: JsonObject): LotRef[] {
  const elements = ["quantityList", "inputQuantityList", "outputQuantityList", "childQuantityList"].flatMap((member) =>
    elementsOf(event, member),
  );
  for (const [name, [pointer, value]] of ownMembers(event)) {
    if (["receipt", "over", "settlement"].includes(name)) elements.push(...objectsIn(pointer, value));
    else if (name === "was" && isObject(value))
      for (const side of ["inputs", "outputs"]) elements.push(...objectsIn(`${pointer}/${side}`, value[side]));
  }
  const found = new Map<Hex, LotRef>();
  for (const [pointer, element] of elements) {
    const ref = lotAt(`${pointer}/epcClass`, element.epcClass);
    if (ref) found.set(ref.id, ref);
  }
  return byLot([...found.values()], (ref) => ref.id);
}

/** The elements of a quantity list in order; each needs a lot and a mass, and no lot stands twice. */
export function portionsOf(event: JsonObject, member: string, zero = false): Portion[] {
  const seen = new Set<Hex>();
  return elementsOf(event, member).map(([pointer, element]) => {
    const ref = movedLot(pointer, element.epcClass, seen);
    return { ref, grams: massOf(element, pointer, zero), pointer };
  });
}

/** A list of `{epcClass, name: grams, …}`: at least one line, no lot twice, and, but for `zero`, a gram in each. */
export function linesIn([pointer, value]: [string, Json | undefined], names: string[], zero = false): OwnLine[] {
  const seen = new Set<Hex>();
  const lines = objectsIn(pointer, value).map(([where, row]) => {
    const ref = movedLot(where, row.epcClass, seen);
    const grams = names.map((name) => gramsAt(`${where}/${name}`, row[name]));
    const total = grams.reduce((sum, part) => sum + part, 0n);
    if (!total && !zero) throw problem("line.nothing", where, row, "a line is about at least one gram");
    return { ref, grams, total, pointer: where };
  });
  if (!lines.length) throw problem("silkroot.member", pointer, value, "a list with at least one line is needed");
  return lines;
}

/** The mass of a quantity element in whole grams; a JSON number is taken for the decimal that it prints as. */
export function massOf(element: JsonObject, pointer: string, zero = false): bigint {
  const { quantity, uom } = element;
  if (typeof uom !== "string" || !Object.hasOwn(UNITS, uom))
    throw problem("mass.uom", `${pointer}/uom`, uom, "a mass in KGM, GRM or TNE is needed");
  const refuse = (rule: string, message: string) => problem(`mass.${rule}`, `${pointer}/quantity`, quantity, message);
  if (typeof quantity !== "number" && !(quantity instanceof Number)) throw refuse("number", "a quantity is a number");
  if (Number(quantity) < 0 || (!Number(quantity) && !zero)) throw refuse("positive", "a mass is more than nothing");
  const [numerator, divisor] = fraction(quantity);
  const grams = numerator * UNITS[uom]!;
  if (grams % divisor) throw refuse("whole-grams", "not a whole number of grams");
  if (grams / divisor > UINT64_MAX) throw refuse("range", "more grams than 64 bits hold");
  return grams / divisor;
}

/** The decimal that a JSON number prints as, as a fraction. */
export function fraction(value: number | Number): [numerator: bigint, denominator: bigint] {
  const [digits, exponent = "0"] = String(value).split("e") as [string, string?];
  const [whole, places = ""] = digits.split(".") as [string, string?];
  const scale = places.length - Number(exponent);
  return [BigInt(whole + places) * 10n ** BigInt(Math.max(-scale, 0)), 10n ** BigInt(Math.max(scale, 0))];
}

/** Pointer and value of the one possessing_party in `sourceList` (key `source`) or `destinationList`. */
export function possessingParty(event: JsonObject, member: string, key: string): [string, bigint] {
  const found: Found<Json | undefined> = elementsOf(event, member)
    .filter(([, element]) => cbvWord(element.type) === "possessing_party")
    .map(([pointer, element]) => [`${pointer}/${key}`, element[key]]);
  const [pointer, uri] = only(found, `/${member}`, "handoff.party", "exactly one possessing_party is needed");
  return [pointer, at(pointer, () => partyOfUri(uri))];
}

/** The value of the one business transaction of type `desadv`, or, if there is none, of type `bol`. */
export function consignmentReference(event: JsonObject): string {
  const advice = transactions(event, "desadv");
  const found = advice.length ? advice : transactions(event, "bol");
  return only(found, "/bizTransactionList", "handoff.reference", "exactly one desadv (or else bol) is needed")[1];
}

/** The value of the one business transaction of type `rma`; "" where none is needed, and then there is none. */
export function returnReference(event: JsonObject, needed: boolean): string {
  const rule = "handoff.return-reference";
  const message = "one rma is needed where something is refused, and none elsewhere";
  const found = transactions(event, "rma");
  if (needed) return only(found, "/bizTransactionList", rule, message)[1];
  if (found.length) throw problem(rule, found[0]![0], found[0]![1], message);
  return "";
}

/** The objects of a list member, each with its JSON pointer; none where the event has no such member. */
export function elementsOf(event: JsonObject, member: string): Found<JsonObject> {
  const value = event[member];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw problem("epcis.list", `/${member}`, value, "not a list");
  return value.map((element, index) => {
    if (!isObject(element)) throw problem("epcis.object", `/${member}/${index}`, element, "not an object");
    return [`/${member}/${index}`, element];
  });
}

/** The objects of a list of ours, each with its JSON pointer. */
export function objectsIn(pointer: string, value: Json | undefined): Found<JsonObject> {
  if (!Array.isArray(value) || !value.every(isObject))
    throw problem("silkroot.member", pointer, value, "a list of objects is needed");
  return value.map((element, index) => [`${pointer}/${index}`, element as JsonObject]);
}

/** A member that is an object. */
export function objectAt(pointer: string, value: Json | undefined): JsonObject {
  if (!isObject(value)) throw problem("silkroot.member", pointer, value, "not an object");
  return value;
}

/** One of those words. */
export function wordAt([pointer, value]: [string, Json], ...words: string[]): string {
  if (typeof value !== "string" || !words.includes(value))
    throw problem("silkroot.member", pointer, value, `one of ${words.join(", ")} is needed`);
  return value;
}

/** A content hash as 64 lower-case hex digits. */
export function hashAt([pointer, value]: [string, Json]): Hex {
  if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value))
    throw problem("silkroot.member", pointer, value, "a content hash is 64 lower-case hex digits");
  return `0x${value}`;
}

/** 0 to 2^53 - 1 grams, written as an integer. */
export function gramsAt(pointer: string, value: Json | undefined): bigint {
  if (!isInteger(value) || value < 0)
    throw problem("silkroot.grams", pointer, value, "grams are a whole number from 0 to 2^53 - 1");
  return BigInt(value);
}

/** The lot that an `epcClass` names; null where it names none. */
export function lotAt(pointer: string, value: Json | undefined): LotRef | null {
  if (typeof value !== "string") throw problem("epcis.uri", pointer, value, "an epcClass is needed here");
  return at(pointer, () => lotOfClass(value));
}

/** What `read` gives; what is wrong is reported at the pointer. */
export function at<T>(pointer: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isProblem(error)) throw error;
    throw problem(error.code, pointer, error.values.value, error.message);
  }
}

function movedLot(pointer: string, uri: Json | undefined, seen: Set<Hex>): LotRef {
  const where = `${pointer}/epcClass`;
  const ref = lotAt(where, uri);
  if (!ref) throw problem("line.lot", where, uri, "what moves is named by product and lot");
  if (seen.has(ref.id)) throw problem("line.twice", where, uri, "the lot stands there already");
  seen.add(ref.id);
  return ref;
}

function transactions(event: JsonObject, kind: string): Found<Json | undefined> {
  return elementsOf(event, "bizTransactionList")
    .filter(([, element]) => cbvWord(element.type) === kind)
    .map(([pointer, element]) => [`${pointer}/bizTransaction`, element.bizTransaction]);
}

function only(found: Found<Json | undefined>, pointer: string, rule: string, message: string): [string, string] {
  if (found.length !== 1) throw problem(rule, pointer, `${found.length} found`, message);
  const [where, value] = found[0]!;
  if (typeof value !== "string" || !value) throw problem(rule, where, value, "not a text");
  return [where, value];
}
