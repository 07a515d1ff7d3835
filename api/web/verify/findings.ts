/**
 * What a check found, how checks end, and the verdict that they make.
 *
 * A check passes when nothing in it fails or waits. Its findings stand worst first. Codes and parameters are those of
 * docs/verdicts.md; words for them are the page's business.
 */

import type { Hex } from "./types.ts";

/** Worst first. "unknown" leads: a chain that was not asked may hold a recall, so nothing else may be said. */
export const PRECEDENCE = ["unknown", "recalled", "unverified", "suspect", "pending", "verified"] as const;
export const CHECKS = ["content", "signature", "anchored", "custody", "recall"] as const;

export type Verdict = (typeof PRECEDENCE)[number];
export type CheckName = (typeof CHECKS)[number];
export type Outcome = "passed" | "failed" | "pending" | "not-made";
export type Parameters = { [name: string]: string | number | bigint };

/** A member of the signed struct whose value is not what the event now says; a value that one side lacks is "". */
export type Difference = { member: string; signed: string; found: string };

/** What a finding rests on, as far as it applies; block time in Unix seconds. */
export type Evidence = {
  signedHash?: Hex | null;
  foundHash?: Hex | null;
  digest?: Hex | null;
  keyId?: Hex | null;
  transaction?: Hex;
  block?: number;
  time?: bigint;
};

/** One thing that a check found; `verdict` is what it makes on its own. `event` null: about the lot as a whole. */
export type Finding = {
  check: CheckName;
  code: string;
  verdict: Verdict;
  parameters: Parameters;
  event: Hex | null;
  lot: Hex | null;
  differences: Difference[];
  evidence: Evidence;
};
export type Check = { name: CheckName; outcome: Outcome; findings: Finding[] };

export const NOT_ASKED = "chain.not-asked";

export function finding(check: CheckName, code: string, verdict: Verdict, more: Partial<Finding> = {}): Finding {
  return { check, code, verdict, parameters: {}, event: null, lot: null, differences: [], evidence: {}, ...more };
}

/** The finding of a check that needs the chain while it cannot be asked. */
export const notAsked = (check: CheckName, more: Partial<Finding> = {}): Finding =>
  finding(check, NOT_ASKED, "unknown", more);

/** The check that these findings make; passed if there are none, with the evidence in the one finding it then has. */
export function checkOf(name: CheckName, findings: Finding[], evidence: Evidence = {}): Check {
  const unasked = findings.filter(({ code }) => code === NOT_ASKED);
  // That the chain was not asked is said once, however many events it leaves unchecked.
  const once = unasked.length < 2 ? findings : [...findings.filter(({ code }) => code !== NOT_ASKED), notAsked(name)];
  const telling = [...once].sort((one, other) => weight(one) - weight(other));
  const worst = telling[0];
  if (!worst)
    return { name, outcome: "passed", findings: [finding(name, `${name}.passed`, "verified", { evidence })] };
  const outcome = worst.verdict === "pending" ? "pending" : worst.verdict === "unknown" ? "not-made" : "failed";
  return { name, outcome, findings: telling };
}

/** One check of a lot from the same check of its events. */
export const gathered = (name: CheckName, checks: Check[]): Check =>
  checkOf(name, checks.flatMap((check) => (check.outcome === "passed" ? [] : check.findings)));

/** The verdict that checks make: that of their worst finding. */
export const verdictOf = (checks: Check[]): Verdict =>
  PRECEDENCE.find((verdict) => checks.some(({ findings }) => findings.some((one) => one.verdict === verdict))) ??
  "unknown";

/** The findings of all checks that did not pass, worst first; of the passed ones where all passed. */
export function reasonsOf(checks: Check[]): Finding[] {
  const failed = checks.filter(({ outcome }) => outcome !== "passed");
  return (failed.length ? failed : checks)
    .flatMap(({ findings }) => findings)
    .sort((one, other) => PRECEDENCE.indexOf(one.verdict) - PRECEDENCE.indexOf(other.verdict));
}

/** Within a check, what is known to be wrong says more than what could not be looked at. */
const weight = ({ verdict }: Finding): number => PRECEDENCE.indexOf(verdict) || PRECEDENCE.length;
