/** The one way in which the library says no: an `Error` that also carries the rule, the place and the value. */

import type { Problem } from "./types.ts";

const SHOWN = 120;

/** The problem, to be thrown; a long value is cut. */
export function problem(code: string, field: string, value: unknown, message: string): Problem {
  return Object.assign(new Error(`${field}: ${message} [${code}]`), { code, values: { field, value: shown(value) } });
}

/** Whether something that was caught is a problem of the data, not a mistake of the program. */
export const isProblem = (caught: unknown): caught is Problem =>
  caught instanceof Error && "code" in caught && "values" in caught;

function shown(value: unknown): string {
  const text =
    typeof value === "string"
      ? value
      : String(JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner)));
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text;
}
