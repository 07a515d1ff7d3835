/**
 * From a form to a record: asks for the draft, signs it with this device's key, hands it in.
 *
 * A request has its own UUID, kept as long as the form stays the same: so the same form sent twice is one record. What
 * was signed is kept on this phone until the service has answered, and sent again as it is.
 */

import { isObject, parseObject } from "../../verify/json.ts";
import { openSealed } from "../../verify/sealing.ts";
import type { JsonObject } from "../../verify/types.ts";
import { handIn } from "../dock/handing.ts";
import { deviceKey } from "../signing/keys.ts";
import type { Outcome } from "../signing/record.ts";
import { domainOf, signDraft } from "../signing/sign.ts";
import type { Draft, SignedEvent } from "../signing/sign.ts";
import { page } from "./page_data.ts";
import type { Fields, Told } from "./reading.ts";
import { isEntered } from "./sentence.ts";

export type Drafted =
  | { state: "draft"; draft: Draft; fields: Fields }
  | { state: "recorded"; event: JsonObject }
  | { state: "refused"; violations: Told[]; title: string }
  | { state: "unanswered"; why: "offline" | "busy" | "signed-out" };

let request = { of: "", id: "" };

/** The draft of the fields; the same fields have the same request until `forget`. */
export async function draftOf(kind: string, fields: Fields): Promise<Drafted> {
  const of = JSON.stringify([kind, fields]);
  if (request.of !== of) request = { of, id: crypto.randomUUID() };
  return ask({ kind, fields, request: request.id }, fields);
}

/** The next form is another request, even with the same fields. */
export function forget(): void {
  request = { of: "", id: "" };
}

/** Posts a form and reads the draft; `fields` go with it, so that it is held against them. */
export async function ask(body: unknown, fields: Fields): Promise<Drafted> {
  let response: Response;
  try {
    response = await fetch("/staff/api/drafts", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", "x-silkroot-form": page.formToken },
      body: JSON.stringify(body),
      redirect: "error",
    });
  } catch {
    return { state: "unanswered", why: "offline" };
  }
  return read(response, (told) => ({ state: "draft", draft: told as unknown as Draft, fields }));
}

/** An answer of the service, or why there is none. */
export async function read<T>(
  response: Response,
  good: (told: JsonObject) => T,
): Promise<T | Exclude<Drafted, { state: "draft" }>> {
  if (response.status === 429 || response.status >= 500) return { state: "unanswered", why: "busy" };
  const told = parseObject(await response.text());
  if (response.status === 401 || told.type === "urn:silkroot:problem:other-site")
    return { state: "unanswered", why: "signed-out" };
  if (!response.ok) {
    const violations = Array.isArray(told.violations) ? (told.violations as unknown as Told[]) : [];
    return { state: "refused", violations, title: String(told.detail ?? told.title ?? "") };
  }
  if (isObject(told.recorded)) return { state: "recorded", event: told.recorded };
  return good(told);
}

/** The draft's event, signed; held against what was entered, where that is given. */
export async function sign(draft: Draft, fields?: Fields): Promise<SignedEvent> {
  const key = await deviceKey(page.person.id, page.keyId);
  if (!key) throw new Error("no-key");
  const { tree } = openSealed(draft.event, draft.disclosures);
  const expected = fields ? (action: JsonObject) => isEntered(fields, action, tree) : { type: String(draft.action.type) };
  return signDraft(draft, expected, key, domainOf(page.deployment));
}

/** Whether this browser can sign for the person at all. */
export const canSign = async (): Promise<boolean> => (await deviceKey(page.person.id, page.keyId)) !== undefined;

/** Hands in what was signed, kept on this phone until it is answered; `said`: what it is, in plain words. */
export const send = (signed: SignedEvent, said: string[], path?: string): Promise<Outcome> => handIn(signed, said, path);

/** Whether the service refused because the request is recorded already. */
export const isKnown = (outcome: Outcome): boolean =>
  outcome.state === "refused" && outcome.violations.some((one) => one.rule === "event-id.conflict");
