/**
 * Signed structs and signature proofs in their JSON form, read strictly: every value has one form and no other.
 *
 * Numbers of a struct are decimal texts, bytes 0x and lower-case hex, truth values true and false. Throws
 * `action.type`, `action.members`, `action.array`, `action.number`, `action.bytes32`, `eip712.*`, `gs1.ai10`,
 * `proof.form` and `batch.*`.
 */

import { readBatch } from "./batches.ts";
import { isInteger, isObject, newObject } from "./json.ts";
import { isHash } from "./hashes.ts";
import { problem } from "./problem.ts";
import { KINDS, STRUCTS } from "./structs.ts";
import type { Struct } from "./structs.ts";
import type { Action, Hex, Json, JsonObject, Scheme, SignatureProof } from "./types.ts";

const DECIMAL = /^(0|[1-9][0-9]{0,19})$/;
const BYTES = /^0x([0-9a-f]{2})*$/;
const LIMITS: { [type: string]: bigint } = { uint8: 2n ** 8n, uint16: 2n ** 16n, uint32: 2n ** 32n, uint64: 2n ** 64n };

/** GS1 character set 82, as far as lot codes and serial numbers go. */
export const LOT_CODE = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}$/;

/** The action that the object holds. */
export function readAction(json: Json): Action {
  const name = isObject(json) && typeof json.type === "string" ? json.type : "";
  if (!isObject(json) || !name || !KINDS.includes(name))
    throw problem("action.type", "type", name, "not the name of an action");
  const { type, ...rest } = json;
  return { type, ...readStruct(rest, STRUCTS.get(name)!, name, "") } as Action;
}

/** The action as a JSON object. */
export const writeAction = (action: Action): JsonObject =>
  Object.assign(newObject(), { type: action.type }, writeStruct(action, STRUCTS.get(action.type)!));

/** The number of the contract's `EntryKind`. */
export const kindOf = (action: Action): number => KINDS.indexOf(action.type);

/** The party that has to sign: always the first member. */
export function signerOf(action: Action): bigint {
  const first = STRUCTS.get(action.type)!.members[0]!.name;
  return (action as unknown as { [member: string]: bigint })[first]!;
}

/** The party that has to sign the same digest as well; null where one signature is enough. */
export function cosignerOf(action: Action): bigint | null {
  switch (action.type) {
    case "Settlement":
      return action.counterparty || null;
    case "Void":
      return action.receiver || null;
    case "Pledge":
      return action.lender;
    default:
      return null;
  }
}

/** The proof that the object holds. */
export function readProof(json: Json): SignatureProof {
  if (!isObject(json) || !hasExactly(json, ["action", "keyId", "scheme", "signature"], "co", "batch"))
    throw problem("proof.form", "", json, "a proof has action, keyId, scheme, signature, and co or batch");
  if (!isObject(json.action)) throw problem("proof.form", "/action", json.action, "the signed struct is an object");
  const proof: SignatureProof = { action: readAction(json.action), ...readSigned(json, "") };
  const co = readSecond(json);
  if (co) proof.co = co;
  if ("batch" in json) proof.batch = readBatch(json.batch!, proof.action);
  return proof;
}

function readSecond({ co }: JsonObject): SignatureProof["co"] {
  if (co === undefined) return undefined;
  if (!isObject(co) || !hasExactly(co, ["party", "keyId", "scheme", "signature"]))
    throw problem("proof.form", "/co", co, "a second signature has party, keyId, scheme, signature");
  if (!isInteger(co.party) || co.party < 1)
    throw problem("proof.form", "/co/party", co.party, "a party is a positive number");
  return { party: BigInt(co.party), ...readSigned(co, "/co") };
}

/** The value, if it fits the type; a lot code has also to be one. */
export function checked<T>(value: T, type: string, name: string, path: string): T {
  const limit = LIMITS[type];
  const fits = limit
    ? typeof value === "bigint" && value >= 0n && value < limit
    : type === "bytes32"
      ? isHash(value)
      : typeof value === (type === "bool" ? "boolean" : "string");
  if (!fits) throw problem(`eip712.${type}`, path, value, `not a value of ${type}`);
  if (name === "lotCode" && !LOT_CODE.test(value as string))
    throw problem("gs1.ai10", name, value, "a lot code has 1 to 20 characters of GS1 character set 82");
  return value;
}

function readStruct(json: Json, struct: Struct, name: string, path: string): { [member: string]: unknown } {
  const names = struct.members.map((member) => member.name);
  if (!isObject(json) || !hasExactly(json, names))
    throw problem("action.members", path || "/", json, `a ${name} has exactly ${names.join(", ")}`);
  return Object.fromEntries(
    struct.members.map((member) => [
      member.name,
      readValue(json[member.name]!, member.type, member.name, `${path}/${member.name}`),
    ]),
  );
}

function readValue(json: Json, type: string, name: string, path: string): unknown {
  if (type.endsWith("[]")) {
    if (!Array.isArray(json)) throw problem("action.array", path, json, "not an array");
    return json.map((item, index) => readValue(item, type.slice(0, -2), name, `${path}/${index}`));
  }
  const struct = STRUCTS.get(type);
  if (struct) return readStruct(json, struct, type, path);
  if (type in LIMITS) {
    if (typeof json !== "string" || !DECIMAL.test(json))
      throw problem("action.number", path, json, "not a decimal number in a text");
    return checked(BigInt(json), type, name, path);
  }
  if (type === "bytes32" && !isHash(json))
    throw problem("action.bytes32", path, json, "not 0x and 64 lower-case hex digits");
  return checked(json, type, name, type === "string" ? name : path);
}

function writeStruct(value: object, struct: Struct): JsonObject {
  const values = value as { [member: string]: unknown };
  const members = struct.members.map(({ name, type }) => [name, writeValue(values[name], type)]);
  return Object.assign(newObject(), Object.fromEntries(members));
}

function writeValue(value: unknown, type: string): Json {
  if (Array.isArray(value)) return value.map((item) => writeValue(item, type.slice(0, -2)));
  if (typeof value === "bigint") return String(value);
  const struct = STRUCTS.get(type);
  return struct ? writeStruct(value as object, struct) : (value as string);
}

function readSigned(json: JsonObject, at: string): { keyId: Hex; scheme: Scheme; signature: Hex } {
  const { keyId, scheme, signature } = json;
  if (!isHash(keyId)) throw problem("proof.form", `${at}/keyId`, keyId, "a key id has 32 bytes");
  if (typeof scheme !== "number" || (scheme !== 1 && scheme !== 2))
    throw problem("proof.form", `${at}/scheme`, scheme, "a scheme is 1 or 2");
  if (typeof signature !== "string" || !BYTES.test(signature))
    throw problem("proof.form", `${at}/signature`, signature, "bytes are 0x and lower-case hex");
  return { keyId, scheme, signature };
}

/** Whether the object has the members named, and of others only those that may be left out. */
export function hasExactly(json: JsonObject, names: string[], ...optional: string[]): boolean {
  return names.every((name) => Object.hasOwn(json, name)) &&
    Object.keys(json).every((key) => names.includes(key) || optional.includes(key));
}
