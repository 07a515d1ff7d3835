/**
 * EIP-712 digests of signed structs, and the identifiers that the contract makes from names.
 *
 * A digest is keccak256(0x19 0x01 ‖ domainSeparator ‖ hashStruct); identifiers are Keccak-256 over the Solidity ABI
 * encoding. A value that does not fit its type throws `eip712.*` or `gs1.ai10`.
 */

import { checked } from "./actions.ts";
import { fromHex, keccak, toHex, utf8 } from "./hashes.ts";
import { problem } from "./problem.ts";
import { STRUCTS, structOf } from "./structs.ts";
import type { Struct } from "./structs.ts";
import type { Acknowledgement, AcknowledgementBatch, Action, Domain, Hex, Line, Output } from "./types.ts";

const DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
const ACKNOWLEDGEMENT = structOf(
  "Acknowledgement(uint64 logIndex,bytes32 contentHash,bytes32 leafHash,uint64 time,uint64 mergeDeadline)",
);

const ACKNOWLEDGEMENT_BATCH = structOf(
  "AcknowledgementBatch(uint64 firstIndex,uint64 count,bytes32 root,uint64 time,uint64 mergeDeadline)",
);

const domainOf =
  (name: string) =>
  (chainId: bigint, contract: Hex): Domain => ({ name, version: "1", chainId, contract });

/** The domain of the `ProduceLedger` at that address, under which actions are signed. */
export const ledgerDomain = domainOf("Silkroot ProduceLedger");
/** The domain of the `PartyRegistry` at that address. */
export const registryDomain = domainOf("Silkroot PartyRegistry");
/** The domain of the `EventLog` at that address, under which its operator acknowledges. */
export const logDomain = domainOf("Silkroot EventLog");

/** hashStruct of the domain. */
export const domainSeparator = remembered((domain: Domain): Hex => {
  if (!/^0x[0-9a-f]{40}$/.test(domain.contract))
    throw problem("eip712.address", "verifyingContract", domain.contract, "an address has 20 bytes");
  return hashed(
    textHash(DOMAIN),
    textHash(domain.name),
    textHash(domain.version),
    word(domain.chainId),
    `0x${domain.contract.slice(2).padStart(64, "0")}`,
  );
});

/** keccak256(0x19 0x01 ‖ domainSeparator ‖ hashStruct): what a key signs. */
export const digestOfHash = (domain: Domain, hash: Hex): Hex => hashed("0x1901", domainSeparator(domain), hash);

/** The digest of an action. */
export const digestOf = (domain: Domain, action: Action): Hex => digestOfHash(domain, structHash(action.type, action));

/** The digest of a log operator's acknowledgement of one leaf by itself, as all once were. */
export const acknowledgementDigest = (domain: Domain, acknowledgement: Acknowledgement): Hex =>
  digestOfHash(domain, hashStruct(ACKNOWLEDGEMENT, acknowledgement));

/** The digest of a log operator's acknowledgement of leaves together. */
export const acknowledgementBatchDigest = (domain: Domain, batch: AcknowledgementBatch): Hex =>
  digestOfHash(domain, hashStruct(ACKNOWLEDGEMENT_BATCH, batch));

/** hashStruct of one of our structs by its name, or of any other by its type string. */
export function structHash(name: string, value: object): Hex {
  return hashStruct(STRUCTS.get(name) ?? structOf(name), value);
}

/** EIP-712 encodeType: the struct's own type string, then those it refers to in order of their names. */
export function encodeType(struct: Struct): string {
  const referred = struct.members.map(({ type }) => STRUCTS.get(type.replace("[]", ""))?.type);
  return struct.type + [...new Set(referred)].filter(Boolean).sort().join("");
}

/** The EIP-712 hash of `Line[]`, in the order given. */
export const linesHash = (lines: Line[]): Hex => arrayHash("Line", lines);

/** The EIP-712 hash of `Output[]`, in the order given. */
export const outputsHash = (outputs: Output[]): Hex => arrayHash("Output", outputs);

/** What every output of a transformation stores of it. */
export const originHash = (inputs: Line[], outputs: Output[]): Hex => hashed(linesHash(inputs), outputsHash(outputs));

/** keccak256(abi.encode(uint64 product, bytes32 lotCode)). */
export const lotId = (product: bigint, code: string): Hex =>
  hashed(word(product), toHex(utf8(code)).padEnd(66, "0"));

/** keccak256(abi.encode(uint64 shipper, bytes32 keccak256(reference))). */
export const consignmentId = (shipper: bigint, reference: string): Hex => hashed(word(shipper), textHash(reference));

/** keccak256(abi.encode(uint64 gln, bytes32 keccak256(extension))). */
export const plotId = (gln: bigint, extension: string): Hex => consignmentId(gln, extension);

const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;
const textHash = (text: string): Hex => toHex(keccak(utf8(text)));
const hashed = (...parts: Hex[]): Hex => toHex(keccak(fromHex(`0x${parts.map((part) => part.slice(2)).join("")}`)));
const arrayHash = (type: string, items: unknown[]): Hex => hashed(...items.map((item) => encoded(item, type, "")));

const typeHash = remembered((struct: Struct): Hex => textHash(encodeType(struct)));

/** The function, which answers for the same object only once. */
function remembered<T extends object>(make: (of: T) => Hex): (of: T) => Hex {
  const made = new WeakMap<T, Hex>();
  return (of) => {
    const answer = made.get(of) ?? make(of);
    made.set(of, answer);
    return answer;
  };
}

function hashStruct(struct: Struct, value: object): Hex {
  const values = value as { [member: string]: unknown };
  const parts = struct.members.map(({ name, type }) => encoded(values[name], type, name));
  return hashed(typeHash(struct), ...parts);
}

function encoded(value: unknown, type: string, name: string): Hex {
  if (type.endsWith("[]")) {
    if (!Array.isArray(value)) throw problem("eip712.array", name, value, "not an array");
    return arrayHash(type.slice(0, -2), value);
  }
  const struct = STRUCTS.get(type);
  if (struct) return hashStruct(struct, value as object);
  checked(value, type, name, name);
  if (typeof value === "bigint") return word(value);
  if (typeof value === "boolean") return word(value ? 1n : 0n);
  return type === "string" ? textHash(value as string) : (value as Hex);
}
