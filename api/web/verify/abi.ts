/**
 * As much of the Solidity ABI as our reads need: calls that take lists of words and give one list of tuples of words.
 *
 * Decoding is strict: what is not exactly the ABI form of such a list throws `abi.form`.
 */

import { keccak, toHex, utf8 } from "./hashes.ts";
import { problem } from "./problem.ts";
import type { Hex } from "./types.ts";

export type Word = bigint | Hex;

/** Widths of a tuple's members: bits of a number, or bytes that stand at the left of their word, as `b24`. */
export type Form = string;

/** The topic of an event, or with four bytes of it the selector of a function. */
export const topic = (signature: string): Hex => toHex(keccak(utf8(signature)));

/** A value as a word of 32 bytes. */
export const word = (value: Word): Hex =>
  typeof value === "bigint" ? `0x${value.toString(16).padStart(64, "0")}` : value;

/** The data of a call whose arguments are all lists of words. */
export function encodeCall(name: string, types: string, lists: Word[][]): Hex {
  let head = "";
  let tail = "";
  for (const list of lists) {
    head += digits(BigInt(lists.length * 32 + tail.length / 2));
    tail += [BigInt(list.length), ...list].map(digits).join("");
  }
  return topic(`${name}(${types})`).slice(0, 10) + head + tail;
}

/** The list of tuples that a call returned. */
export function decodeList(data: unknown, form: Form): Word[][] {
  const words = wordsOf(data);
  const width = form.split(" ").length;
  const [offset, length] = words;
  if (Number(offset) !== 32 || words.length !== 2 + Number(length) * width) throw misformed(data);
  return Array.from({ length: Number(length) }, (_, at) =>
    decodeTuple(words.slice(2 + at * width, 2 + (at + 1) * width), form),
  );
}

/** The members of one tuple: data of a log, or topics. */
export function decodeTuple(data: unknown, form: Form): Word[] {
  const words = Array.isArray(data) ? (data as Hex[]) : wordsOf(data);
  const widths = form.split(" ");
  if (words.length < widths.length) throw misformed(data);
  return widths.map((width, at) => {
    const found = words[at]!;
    if (width.startsWith("b")) {
      const end = 2 + 2 * Number(width.slice(1));
      if (/[^0]/.test(found.slice(end))) throw misformed(data);
      return found.slice(0, end);
    }
    const value = BigInt(found);
    if (value >> BigInt(width)) throw misformed(data);
    return value;
  });
}

const digits = (value: Word): string => word(value).slice(2);

function wordsOf(data: unknown): Hex[] {
  if (typeof data !== "string" || !/^0x([0-9a-f]{64})*$/.test(data)) throw misformed(data);
  return (data.slice(2).match(/.{64}/g) ?? []).map((part) => `0x${part}`);
}

const misformed = (data: unknown) => problem("abi.form", "", data, "the contract answered in another form");
