/**
 * JSON-LD names of an event: what a prefix stands for, which CBV word a value means, which members are Silkroot's own.
 *
 * As much of JSON-LD 1.1 (sections 4.1 to 4.4) as EPCIS 2.0 uses; contexts at other addresses are never fetched, so
 * they declare nothing. Throws `silkroot.twice` where one member stands under two prefixes.
 */

import { isObject } from "./json.ts";
import { problem } from "./problem.ts";
import type { Json, JsonObject } from "./types.ts";

export const NAMESPACE = "https://silkroot.example/epcis/";
export const EPCIS_NAMESPACE = "https://ref.gs1.org/epcis/";

/** Silkroot's own members of an event by local name: JSON pointer and value. */
export type Own = Map<string, [pointer: string, value: Json]>;
export type Prefixes = Map<string, string>;

const STANDARD_CONTEXT =
  /^https?:\/\/(?:ref\.gs1\.org\/standards\/epcis\/(?:[0-9]+\.[0-9]+\.[0-9]+\/)?|gs1\.github\.io\/EPCIS\/)epcis-context\.jsonld$/;
const CBV = "https://ref.gs1.org/cbv/";
const STANDARD_PREFIXES: [string, string][] = [
  ["epcis", EPCIS_NAMESPACE],
  ["cbv", CBV],
  ["cbvmda", "urn:epcglobal:cbv:mda:"],
  ["gs1", "https://gs1.org/voc/"],
  ["rdfs", "http://www.w3.org/2000/01/rdf-schema#"],
  ["owl", "http://www.w3.org/2002/07/owl#"],
  ["xsd", "http://www.w3.org/2001/XMLSchema#"],
  ["dcterms", "http://purl.org/dc/terms/"],
];

/** The words of CBV 2.0 by their class, as the classes are called in its IRIs. */
const WORDS: [string, Set<string>][] = Object.entries({
  BizStep:
    "accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting " +
    "decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting " +
    "installing killing loading other packing picking receiving removing repackaging repairing replacing reserving " +
    "retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting " +
    "unloading unpacking void_shipping",
  Disp:
    "active available completeness_inferred completeness_verified conformant container_closed container_open damaged " +
    "destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance " +
    "mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed " +
    "recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown",
  BTT: "bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt",
  SDT: "owning_party possessing_party location",
  ER: "did_not_occur incorrect_data",
  Comp:
    "altitude axial_distance azimuth easting elevation_angle height latitude longitude northing polar_angle " +
    "spherical_radius x y z",
}).map(([name, words]) => [name, new Set(words.split(" "))]);

/**
 * The prefixes that a `@context` declares; a later declaration replaces an earlier one. A definition that uses a prefix
 * of its own entry stays as it is written: members have no order in what is hashed, so none may count here.
 */
export function prefixesOf(context: Json | undefined): Prefixes {
  const prefixes: Prefixes = new Map();
  for (const item of Array.isArray(context) ? context : [context]) {
    if (typeof item === "string" && STANDARD_CONTEXT.test(item)) {
      for (const [prefix, namespace] of STANDARD_PREFIXES) prefixes.set(prefix, namespace);
    } else if (isObject(item)) {
      const declared: Prefixes = new Map();
      for (const [term, definition] of Object.entries(item)) {
        const named = isObject(definition) && definition["@prefix"] === true ? definition["@id"] : definition;
        if (typeof named === "string" && !term.includes(":") && term[0] !== "@") declared.set(term, named);
      }
      for (const [term, named] of declared)
        prefixes.set(term, declared.has(named.split(":")[0]!) ? named : expand(named, prefixes));
    }
  }
  return prefixes;
}

/** The name with its prefix replaced; a name without a declared prefix as it is. */
export function expand(name: string, prefixes: Prefixes): string {
  const colon = name.indexOf(":");
  if (colon < 0 || name.startsWith("//", colon + 1)) return name;
  const namespace = prefixes.get(name.slice(0, colon));
  return namespace === undefined ? name : namespace + name.slice(colon + 1);
}

/** Whether a name is a whole IRI by itself; else what stands before the colon is a prefix. */
export function isAbsolute(name: string): boolean {
  const colon = name.indexOf(":");
  return colon >= 0 && (name.startsWith("//", colon + 1) || name.slice(0, 4).toLowerCase() === "urn:");
}

/** The bare word of a CBV term however it is written; anything else as it stands; "" for what is no text. */
export function cbvWord(value: unknown): string {
  if (typeof value !== "string") return "";
  const urn = /^urn:epcglobal:cbv:([a-z]+):([a-z_]+)$/.exec(value);
  if (urn) {
    const words = WORDS.find(([name]) => name.toLowerCase() === urn[1]);
    return words?.[1].has(urn[2]!) ? urn[2]! : value;
  }
  for (const start of [CBV, "http://ref.gs1.org/cbv/", "cbv:"]) {
    if (!value.startsWith(start)) continue;
    const rest = value.slice(start.length);
    for (const [name, words] of WORDS) {
      const word = rest.slice(name.length + 1);
      if (rest.startsWith(`${name}-`) && words.has(word)) return word;
    }
  }
  return value;
}

/** All our members at the event's top level. */
export function ownMembers(event: JsonObject): Own {
  const prefixes = prefixesOf(event["@context"]);
  const own: Own = new Map();
  for (const [key, value] of Object.entries(event)) {
    const name = expand(key, prefixes);
    if (!name.startsWith(NAMESPACE)) continue;
    const local = name.slice(NAMESPACE.length);
    if (own.has(local)) throw twice(key);
    own.set(local, [`/${token(key)}`, value]);
  }
  return own;
}

/** Our member of that name; undefined where the event has none. */
export function ownMember(event: JsonObject, local: string): [string, Json] | undefined {
  const prefixes = prefixesOf(event["@context"]);
  const [key, other] = Object.keys(event).filter((key) => expand(key, prefixes) === NAMESPACE + local);
  if (other !== undefined) throw twice(other);
  return key === undefined ? undefined : [`/${token(key)}`, event[key]!];
}

/** A key as a reference token of a JSON pointer (RFC 6901, section 3). */
export const token = (key: string): string => key.replaceAll("~", "~0").replaceAll("/", "~1");

const twice = (key: string) => problem("silkroot.twice", `/${token(key)}`, key, "the same member under two prefixes");
