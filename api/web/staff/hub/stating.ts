/**
 * States one step of the air leg: has it drafted, holds the draft against what was entered, signs it with this device's
 * key, and has it recorded. Nothing is signed that says something else than the person entered.
 */

import { isObject, parseObject, parseStrict } from "../../verify/json.ts";
import { ownMember } from "../../verify/names.ts";
import { isProblem } from "../../verify/problem.ts";
import type { Json, JsonObject } from "../../verify/types.ts";
import { handIn } from "../dock/handing.ts";
import { deviceKey } from "../signing/keys.ts";
import { domainOf, signDraft } from "../signing/sign.ts";
import type { Draft } from "../signing/sign.ts";
import { data, say } from "./data.ts";

export type Fields = { step: string; [name: string]: unknown };
/** `violations`: sentences by the form's field; "" for what belongs to none. */
export type Stated = { done: boolean; text: string; violations: { [field: string]: string } };

const MEMBERS = ["step", "consignment", "waybill", "flight", "date", "from", "to", "uld", "pieces", "grams", "result"];
/** The same form sent again is the same request, so that it is recorded once at most. */
const requests = new Map<string, string>();

/** `said`: the step in plain words, for the list of what waits on this phone. */
export async function state(fields: Fields, said: string): Promise<Stated> {
  const key = await deviceKey(data.person.id);
  if (!key) return failed(say("no-key"));
  const form = JSON.stringify(fields);
  const request = requests.get(form) ?? crypto.randomUUID();
  requests.set(form, request);
  let response: Response;
  let text: string;
  try {
    response = await fetch("/staff/api/drafts", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", "x-silkroot-form": data.formToken },
      body: JSON.stringify({ kind: "air", fields, request }),
      redirect: "error",
    });
    text = await response.text();
  } catch {
    return failed(say("offline"));
  }
  if (response.status === 429 || response.status >= 500) return failed(say("busy"));
  if (response.status === 401) return failed(say("signed-out"));
  const answer = parseObject(text);
  if (!response.ok) return refused(answer);
  if ("recorded" in answer) return { done: true, text: "", violations: {} };
  const draft = answer as unknown as Draft;
  if (!says(draft.event, fields)) return failed(say("differs"));
  try {
    const expected = { type: "Statement", party: key.party, step: data.steps?.[fields.step] ?? "" };
    const deployment = parseStrict(JSON.stringify(data.deployment)) as Json;
    const signed = await signDraft(draft, ({ type, step }) => type === expected.type && step === expected.step, key, domainOf(deployment));
    const outcome = await handIn(signed, [said]);
    if (outcome.state === "recorded") return { done: true, text: "", violations: {} };
    if (outcome.state === "unanswered") return failed(say(`kept-${outcome.why}`));
    return failed(outcome.violations[0]?.message ?? outcome.detail ?? say("refused"));
  } catch (error) {
    if (isProblem(error)) return failed(say("differs"));
    throw error;
  }
}

/** Whether the drafted event states the step that was entered, and nothing but that. */
function says(event: JsonObject, fields: Fields): boolean {
  const [, member] = ownMember(event, "airLeg") ?? ["", null];
  if (!isObject(member)) return false;
  return MEMBERS.every((name) => {
    const entered = fields[name];
    const drafted = member[name];
    if (entered === undefined || entered === "") return drafted === undefined;
    return drafted !== undefined && plain(drafted) === plain(entered);
  });
}

const plain = (value: unknown): string => String(value).toUpperCase().replace(/[\s-]/g, "");

const failed = (text: string): Stated => ({ done: false, text, violations: {} });

/** A refusal by field; rows of a list are told at the list. */
function refused(problem: JsonObject): Stated {
  const violations: { [field: string]: string } = {};
  const told = Array.isArray(problem.violations) ? problem.violations : [];
  for (const one of told)
    if (isObject(one)) {
      const field = String(one.field ?? "").split("/")[1] ?? "";
      violations[field] ??= String(one.text ?? one.message ?? "");
    }
  const text = Object.values(violations)[0] ?? String(problem.detail ?? problem.title ?? say("refused"));
  return { done: false, text, violations };
}
