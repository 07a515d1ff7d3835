/**
 * Strict JSON in, and its one canonical form out.
 *
 * RFC 8259 narrowed as RFC 7493 and RFC 8785 need it: no repeated member, no half of a surrogate pair, no number of
 * 2^53 or more, no more than 64 levels. `canonical` writes RFC 8785: members in UTF-16 order, numbers and texts as
 * ECMAScript prints them. Throws `json.syntax`, `json.surrogate`, `json.duplicate-key`, `json.number`, `json.depth`,
 * `json.object` and `json.canonical`; nothing is repaired.
 */

import { problem } from "./problem.ts";
import type { Json, JsonObject } from "./types.ts";

export const MAX_DEPTH = 64;

const LONE_SURROGATE = /\p{Cs}/u;
const TOKEN = /[ \t\n\r]*("[^"\\]*(?:\\.[^"\\]*)*"|[-+.0-9eE]+|[a-z]+|[[\]{}:,])/y;

/** The value behind a JSON text. */
export function parseStrict(text: string): Json {
  if (LONE_SURROGATE.test(text)) throw problem("json.surrogate", "", "", "the text holds half of a surrogate pair");
  try {
    JSON.parse(text);
  } catch (error) {
    throw problem("json.syntax", "", String(error), "the text is not JSON");
  }
  // From here on the text is known to be JSON; it is read again for what JSON.parse does not tell.
  let at = 0;
  const next = (): string => {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text)![1]!;
    at = TOKEN.lastIndex;
    return found;
  };
  const value = (token: string, depth: number): Json => {
    if (token === "{" || token === "[") {
      if (depth >= MAX_DEPTH) throw problem("json.depth", "", depth + 1, `nested more than ${MAX_DEPTH} levels deep`);
      return token === "{" ? members(depth + 1) : items(depth + 1);
    }
    if (token[0] === '"') return string(token);
    return token === "true" ? true : token === "false" ? false : token === "null" ? null : number(token);
  };
  const members = (depth: number): JsonObject => {
    const object = newObject();
    let token = next();
    while (token !== "}") {
      const key = string(token === "," ? next() : token);
      if (key in object) throw problem("json.duplicate-key", "", key, "an object names the same member twice");
      next();
      object[key] = value(next(), depth);
      token = next();
    }
    return object;
  };
  const items = (depth: number): Json[] => {
    const list: Json[] = [];
    let token = next();
    while (token !== "]") {
      list.push(value(token === "," ? next() : token, depth));
      token = next();
    }
    return list;
  };
  return value(next(), 0);
}

/** `parseStrict` where the text has to be an object. */
export function parseObject(text: string): JsonObject {
  const tree = parseStrict(text);
  if (!isObject(tree)) throw problem("json.object", "", tree, "the text has to be a JSON object");
  return tree;
}

/** The RFC 8785 form, in UTF-8. */
export function canonical(json: Json): Uint8Array {
  return new TextEncoder().encode(written(json));
}

/** An object without prototype, so that `in` and `[]` see only what was put there. */
export const newObject = (): JsonObject => Object.create(null) as JsonObject;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Number);

/** Whether the value is an integer as it was written: 1 is one, 1.0 is none. */
export const isInteger = (value: unknown): value is number => typeof value === "number" && Number.isInteger(value);

function string(token: string): string {
  const text = JSON.parse(token) as string;
  if (LONE_SURROGATE.test(text)) throw problem("json.syntax", "", token, "half of a surrogate pair is escaped");
  return text;
}

function number(token: string): number | Number {
  const value = Number(token);
  if (!Number.isFinite(value)) throw problem("json.syntax", "", token, "no number is that large");
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER)
    throw problem("json.number", "", token, "a number of 2^53 or more cannot be kept exactly");
  if (/^-?[0-9]+$/.test(token)) return value + 0; // no negative zero among the integers
  return Number.isInteger(value) ? (Object(value) as Number) : value;
}

function written(json: Json): string {
  if (typeof json === "string") {
    if (LONE_SURROGATE.test(json)) throw problem("json.canonical", "", "", "half of a surrogate pair has no UTF-8 form");
    return JSON.stringify(json);
  }
  if (json === null || typeof json === "boolean") return String(json);
  if (Array.isArray(json)) return `[${json.map(written).join()}]`;
  if (isObject(json)) {
    const members = Object.keys(json).sort();
    return `{${members.map((key) => `${written(key)}:${written(json[key]!)}`).join()}}`;
  }
  if (json === undefined || !Number.isFinite(Number(json)))
    throw problem("json.canonical", "", String(json), "this has no RFC 8785 form");
  return JSON.stringify(Number(json));
}
