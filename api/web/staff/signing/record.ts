/**
 * Hands a signed event to the service: recorded, refused with its rules, or not answered.
 *
 * The same event sent again gives the first record, so that nothing is lost by asking twice. A refusal is final for this
 * event; no network, a sign-in that has ended, and a service that is busy or broken are not: the event may be sent again.
 */

import { canonical } from "../../verify/json.ts";
import type { JsonObject } from "../../verify/types.ts";

export type Violation = { field: string; rule: string; value: string; message: string };
export type Recorded = { state: "recorded"; eventID: string; contentHash: string; repeated: boolean };
export type Refused = { state: "refused"; status: number; title: string; detail: string; violations: Violation[] };
/** `why`: "offline", "signed-out" (nobody is, or with another token), or "busy" (429 and 5xx). */
export type Unanswered = { state: "unanswered"; why: "offline" | "signed-out" | "busy"; after: number };
export type Outcome = Recorded | Refused | Unanswered;

/** What the service asks for in everything that changes something; the page carries it. */
export function formToken(): string {
  const told = JSON.parse(document.getElementById("staff")?.textContent ?? "{}") as { formToken?: string };
  return told.formToken ?? "";
}

/** The session as it is now, for a page that was kept from an earlier one; null where nobody is signed in. */
export type Session = { token: string; person: string; party: string };
export async function sessionNow(): Promise<Session | null> {
  const response = await fetch("/staff/api/me", { headers: { accept: "application/json" }, redirect: "error" });
  if (!response.ok) return null;
  const { formToken = "", person, party = "" } = await json(response);
  return { token: formToken, person: person?.id ?? "", party };
}

/** Sends one event that `signEvent` or `signDraft` gave. */
export const record = (event: JsonObject, token = formToken()): Promise<Outcome> =>
  recordText(new TextDecoder().decode(canonical(event)), token);

/** Where events are recorded. */
export const EVENTS = "/staff/api/events";

/** The same for the text of an event, as a queue keeps it. */
export async function recordText(event: string, token: string, path = EVENTS): Promise<Outcome> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", "x-silkroot-form": token },
      body: event,
      redirect: "error",
    });
  } catch {
    return { state: "unanswered", why: "offline", after: 0 };
  }
  const { status } = response;
  if (status === 429 || status >= 500)
    return { state: "unanswered", why: "busy", after: Number(response.headers.get("retry-after") ?? 5) || 5 };
  const body = await json(response);
  if (SIGNED_OUT.includes(body.type ?? "")) return { state: "unanswered", why: "signed-out", after: 0 };
  if (!response.ok) return refused(status, body);
  const { eventID = "", contentHash = "", repeated = false } = body;
  return { state: "recorded", eventID, contentHash, repeated };
}

type Body = Partial<
  Omit<Recorded, "state"> & Omit<Refused, "state"> & { type: string; formToken: string; person: { id: string }; party: string }
>;

const SIGNED_OUT = ["sign-in-needed", "other-site"].map((name) => `urn:silkroot:problem:${name}`);

const json = async (response: Response): Promise<Body> => {
  try {
    return (await response.json()) as Body;
  } catch {
    return {};
  }
};

const refused = (status: number, { title = "", detail = "", violations = [] }: Body): Refused => ({
  state: "refused",
  status,
  title,
  detail,
  violations,
});
