/**
 * One signed deed from a form: drafted by the service, compared with what was entered, signed here, recorded.
 *
 * What was entered is made into members of the struct here, from the page's own words (lot, plot, kilograms), so that a
 * service that drafts something else gets no signature. A deed that was signed and got no answer is kept on this phone and
 * sent again as it is; a second tap then records nothing twice.
 */

import { lotId, plotId } from "../../verify/digests.ts";
import { isObject, parseObject, parseStrict } from "../../verify/json.ts";
import type { Json, JsonObject } from "../../verify/types.ts";
import { Refusal, data, text } from "../people/page.ts";
import { handIn } from "../dock/handing.ts";
import { deviceKey } from "../signing/keys.ts";
import { domainOf, signDraft } from "../signing/sign.ts";
import type { Draft, Expectation, SignedEvent } from "../signing/sign.ts";

/** `fields` as the draft's kind has them; `expected` are members of the struct that they mean; `said`: in plain words. */
export type Deed = { kind: string; fields: Record<string, Json>; expected: Expectation; said: string[] };

/** What broke, by field of the form. */
export class FieldRefusal extends Refusal {
  constructor(
    message: string,
    status: number,
    readonly fields: Record<string, string>,
  ) {
    super(message, status, []);
  }
}

const waiting = new Map<string, SignedEvent>();

/** Drafts, signs and records; `request` names this one wish, whoever repeats it. Throws `Refusal`. */
export async function sign({ kind, fields, expected, said }: Deed, request: string): Promise<void> {
  let signed = waiting.get(request);
  if (!signed) {
    const key = data.person && (await deviceKey(data.person.id, data.keyId));
    if (!key) throw new Refusal(text("no-key"), 0, []);
    const draft = await drafted({ kind, fields, request });
    if (!draft) return; // recorded before
    const domain = domainOf(await told("/deployment.json"));
    try {
      signed = await signDraft(draft, expected, key, domain);
    } catch (error) {
      console.error(error);
      throw new Refusal(text("differs"), 0, []);
    }
    waiting.set(request, signed);
  }
  const outcome = await handIn(signed, said);
  if (outcome.state === "unanswered") throw new Refusal(text(`kept-${outcome.why}`), 0, []);
  waiting.delete(request);
  if (outcome.state === "refused") throw refusalOf(outcome.status, outcome as unknown as JsonObject);
}

/** The ids of lots and plots that the page's own words mean. */
export function lotNamed(named: string): string {
  const [product = "", ...code] = named.split("/");
  return lotId(BigInt(product), code.join("/"));
}

export function plotNamed(named: string): string {
  const [gln = "", ...extension] = named.split("/");
  return plotId(BigInt(gln), extension.join("/"));
}

/** Grams of kilograms as people write them, with a point or a comma; null for anything else. */
export function gramsOf(written: string): number | null {
  const found = /^(\d{1,8})(?:[.,](\d{1,3}))?$/.exec(written.trim().replace(/[\s\u00a0]/g, ""));
  return found ? Number(found[1]) * 1000 + Number((found[2] ?? "").padEnd(3, "0")) : null;
}

async function drafted(body: object): Promise<Draft | null> {
  const answer = await fetch("/staff/api/drafts", {
    method: "POST",
    headers: {
      "content-type": "application/json", accept: "application/json", "x-silkroot-form": data.formToken ?? "",
    },
    body: JSON.stringify(body),
  });
  const tree = parseObject(await answer.text());
  if (!answer.ok) throw refusalOf(answer.status, tree);
  return "recorded" in tree ? null : (tree as unknown as Draft);
}

async function told(path: string): Promise<Json> {
  const answer = await fetch(path, { headers: { accept: "application/json" } });
  return parseStrict(await answer.text());
}

function refusalOf(status: number, problem: JsonObject): FieldRefusal {
  const fields: Record<string, string> = {};
  const found = Array.isArray(problem.violations) ? problem.violations : [];
  for (const one of found) {
    if (!isObject(one)) continue;
    fields[String(one.field ?? "").split("/")[1] ?? ""] = String(one.text ?? one.message ?? "");
  }
  const first = Object.values(fields)[0];
  const title = typeof problem.title === "string" && problem.title ? problem.title : text("broken");
  return new FieldRefusal(first ? `${title}: ${first}` : title, status, fields);
}
