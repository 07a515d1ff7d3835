// The shared vectors, read with the library's own strict reader, and what tests need to compare with.

import { readFileSync } from "node:fs";

/** The library under test, bundled by whoever runs the tests. */
export const library = await import(process.env.SILKROOT_VERIFY_LIBRARY);

const FOLDER = new URL("../vectors/", import.meta.url);

/** A file of tests/vectors. */
export const vectors = (name, read = library.parseStrict) => read(readFileSync(new URL(`${name}.json`, FOLDER), "utf8"));

/** The canonical text of a value: two trees are equal where theirs are. */
export const text = (json) => new TextDecoder().decode(library.canonical(json));

/** The problem that `run` throws; anything else that is thrown goes on, and nothing thrown is null. */
export function problemOf(run) {
  try {
    run();
  } catch (error) {
    if (library.isProblem(error)) return { rule: error.code, field: error.values.field };
    throw error;
  }
  return null;
}

/** Bigints as decimal texts, as vectors write them. */
export function printed(value) {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.map(printed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, printed(inner)]));
}

/** A tree with another value at the JSON pointer, or (`gone`) without the member. */
export function changed(tree, pointer, value, gone) {
  const copy = library.parseStrict(text(tree)); // 1.0 in the tree becomes 1: no vector that is changed holds one
  const keys = pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = keys.pop();
  const inner = keys.reduce((node, key) => node[key], copy);
  if (!gone) inner[last] = value;
  else if (Array.isArray(inner)) inner.splice(Number(last), 1);
  else delete inner[last];
  return copy;
}
