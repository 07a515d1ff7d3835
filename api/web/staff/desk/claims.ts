/**
 * Claims: what became of missing weight, signed by both sides on their own phones.
 *
 * The second side signs what it reads: the struct and its digest are made here from the event that waits, and what the
 * service says of them has to be the same. Throws `signing.*`, and what binding throws.
 */

import { actionOf } from "../../verify/binding.ts";
import { readAction, writeAction } from "../../verify/actions.ts";
import { digestOf } from "../../verify/digests.ts";
import { canonical, parseObject } from "../../verify/json.ts";
import { problem } from "../../verify/problem.ts";
import type { Hex, JsonObject } from "../../verify/types.ts";
import { massOf, page, say } from "../forms/page_data.ts";
import type { PageData } from "../forms/page_data.ts";
import type { Fields } from "../forms/reading.ts";
import { read } from "../forms/sending.ts";
import type { Drafted } from "../forms/sending.ts";
import { deviceKey } from "../signing/keys.ts";
import { domainOf, signDigest } from "../signing/sign.ts";

export type ClaimPage = PageData & {
  shipper: string;
  reference: string;
  other: string;
  proposal: number | null;
  lots: { [id: string]: string };
  /** Grams by lot. */
  missing: { [id: string]: number };
};
export type Proposal = { action: JsonObject; event: JsonObject; digest: Hex };

/** The fields of a draft of the settlement, from grams by lot. */
export function settleFields(lots: [string, { [part: string]: number }][]): Fields {
  const { shipper, reference } = page as ClaimPage;
  const fields: Fields = { shipper, reference };
  for (const part of ["loss", "weight_loss", "returned", "received"]) {
    const rows = lots.filter(([, parts]) => parts[part]).map(([lot, parts]) => ({ lot, grams: parts[part]! }));
    if (rows.length) fields[part] = rows;
  }
  return fields;
}

/** Whether the struct has the sums that were entered. */
export function settles(action: JsonObject, lots: [string, { [part: string]: number }][]): boolean {
  const sum = (name: string, part: string) =>
    (action.lines as unknown as JsonObject[]).reduce((all, line) => all + BigInt(String(line[name])), 0n) ===
    lots.reduce((all, [, parts]) => all + BigInt(parts[part] ?? 0), 0n);
  return (
    action.type === "Settlement" &&
    BigInt(String(action.counterparty)) === BigInt((page as ClaimPage).other) &&
    sum("loss", "loss") &&
    sum("weightLoss", "weight_loss") &&
    sum("returned", "returned") &&
    sum("received", "received")
  );
}

/** A settlement in words, a line for each lot. */
export function saidOfSettlement(action: JsonObject): string[] {
  const { lots } = page as ClaimPage;
  return (action.lines as unknown as { [name: string]: string }[]).map((line) => {
    const [loss, dry, back, here] = ["loss", "weightLoss", "returned", "received"].map((name) => BigInt(line[name]!));
    const weight = massOf(loss! + dry! + back! + here!);
    const parts = { loss: massOf(loss!), dry: massOf(dry!), back: massOf(back!), here: massOf(here!) };
    return say("signMissing", { lot: lots[line.lot!] ?? String(line.lot), weight, ...parts });
  });
}

/** Where a signed settlement is handed in, to wait for the other side. */
export const PROPOSALS = "/staff/api/proposals";

/** What waits for this side, read and checked. */
export const proposalOf = (number: number): Promise<Proposal> => checked(`${PROPOSALS}/${number}`, "counterparty");

/** A proposal of which this party is that side; its struct and digest are those of its event. */
export async function checked<T extends Proposal>(path: string, side: "party" | "counterparty"): Promise<T> {
  const response = await fetch(path, { headers: { accept: "application/json" } });
  const told = parseObject(await response.text());
  if (!response.ok) throw new Error("gone");
  const { event, action, digest } = told as unknown as T;
  const { deadline } = readAction(action);
  const implied = actionOf(event, deadline);
  const made = digestOf(domainOf(page.deployment), implied);
  if (text(writeAction(implied)) !== text(action) || made !== digest)
    throw problem("signing.differs", "/digest", digest, `what the event implies has the digest ${made}`);
  if (BigInt(String(action[side])) !== BigInt(page.party))
    throw problem("signing.party", "/action", String(action[side]), "this is for somebody else to answer");
  return told as unknown as T;
}

/** This side's signature over the digest that was checked. */
export async function agree(number: number, proposal: Proposal) {
  const key = await deviceKey(page.person.id);
  if (!key) throw new Error("no-key");
  const signature = await signDigest(proposal.digest, key);
  return post(`${PROPOSALS}/${number}/agree`, new TextEncoder().encode(JSON.stringify({ signature })));
}

export const decline = (number: number) => post(`${PROPOSALS}/${number}/decline`, new Uint8Array());

type Sent = { state: "done"; told: JsonObject } | Exclude<Drafted, { state: "draft" }>;

export async function post(path: string, body: Uint8Array): Promise<Sent> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", "x-silkroot-form": page.formToken },
      body: Uint8Array.from(body),
      redirect: "error",
    });
  } catch {
    return { state: "unanswered", why: "offline" };
  }
  return read(response, (told) => ({ state: "done" as const, told }));
}

const text = (json: JsonObject): string => new TextDecoder().decode(canonical(json));
