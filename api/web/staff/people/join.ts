/** Opening an invitation: who invites whom, a PIN where several people use the phone, a key, and in. */

import { forget, keep, keptPin, keysHere, makeKey } from "./device.ts";
import type { KeyRecord } from "./device.ts";
import { signGrant } from "./grant.ts";
import type { Offer } from "./grant.ts";
import { at, onSubmit, post, Refusal, say, text, wordsOf } from "./page.ts";

type Invitation = { name: string; role: "admin" | "staff"; party: string; partyName: string };
type Joined = { person: string; name: string; party: string; partyName: string; state: string };

/** Makes a key, has it granted and keeps it. `ways`: where it is offered and where it is handed in. */
export async function enrol(
  ways: { offer: string; join: string; token: string },
  invited: Invitation,
  pin: string,
): Promise<Joined> {
  const key = await makeKey();
  // Kept before the service hears of it: a phone that goes dark now must not lose a key that counts already.
  const { name, party, partyName } = invited;
  const pending: KeyRecord = { ...key, person: "", name, party, partyName, pin: null };
  await keep(pending);
  try {
    const offer = await post<Offer>(ways.offer, { token: ways.token, publicKey: key.publicKey });
    const signature = await signGrant(offer, key, invited.party, invited.role === "admin");
    const joined = await post<Joined>(ways.join, {
      token: ways.token,
      publicKey: key.publicKey,
      deadline: offer.grant.deadline,
      signature,
      label: phoneName(),
      pin,
    });
    await keep({ ...pending, person: joined.person, name: joined.name, pin: pin ? await keptPin(pin) : null });
    await forgetAttempts(pending);
    return joined;
  } catch (error) {
    if (error instanceof Refusal) await forget(key.keyId);
    throw error;
  }
}

/** Keys of attempts that came to nothing, as the one that came in shows. */
async function forgetAttempts({ keyId, party, name }: KeyRecord): Promise<void> {
  const attempts = (await keysHere()).filter((key) => !key.person && key.party === party && key.name === name);
  for (const attempt of attempts) if (attempt.keyId !== keyId) await forget(attempt.keyId);
}

/** What the phone is called until somebody names it: its system and browser. */
export function phoneName(agent: string = navigator.userAgent): string {
  const find = (names: [string, RegExp][]): string => names.find(([, form]) => form.test(agent))?.[0] ?? "";
  const system = find([["Android", /Android/], ["HarmonyOS", /HarmonyOS/], ["iPhone", /iPhone/], ["iPad", /iPad/],
    ["Windows", /Windows/], ["Mac", /Macintosh/], ["Linux", /Linux/]]);
  const browser = find([["Edge", /Edg/], ["Firefox", /Firefox/], ["Chrome", /Chrom/], ["Safari", /Safari/]]);
  return [system, browser].filter(Boolean).join(", ");
}

/** The two fields of a PIN: the PIN; throws where they differ. */
export function chosenPin(first: string, second: string): string {
  const [pin, again] = [first, second].map((id) => at<HTMLInputElement>(id).value) as [string, string];
  if (pin !== again) throw new Refusal(text("pins-differ"), 0, ["pin.differ"]);
  return pin;
}

export async function joinPage(): Promise<void> {
  const token = location.hash.slice(1);
  carryAlong(location.hash);
  let invited: Invitation;
  try {
    invited = await post<Invitation>("/staff/api/join/open", { token });
  } catch (error) {
    at("closed").hidden = false;
    say(wordsOf(error));
    return;
  }
  at("party").textContent = invited.partyName;
  at("name").textContent = invited.name;
  at(invited.role === "admin" ? "as-admin" : "as-staff").hidden = false;
  at("invitation").hidden = false;
  const shared = at<HTMLInputElement>("shared");
  const show = (): void => {
    at("pin-fields").hidden = !shared.checked;
    for (const id of ["pin", "pin-again"]) at<HTMLInputElement>(id).required = shared.checked;
  };
  document.querySelectorAll("[name=use]").forEach((one) => one.addEventListener("change", show));
  show();
  onSubmit("join", async () => {
    const pin = shared.checked ? chosenPin("pin", "pin-again") : "";
    const ways = { offer: "/staff/api/join/offer", join: "/staff/api/join", token };
    const joined = await enrol(ways, invited, pin);
    // The invitation is used: nobody needs it in the history.
    history.replaceState(null, "", location.pathname);
    carryAlong("");
    if (joined.state === "registered") return location.assign("/staff");
    at("invitation").hidden = true;
    at("waiting").hidden = false;
  });
}

/** The token is in no request, so the links to this page's other languages have to have it too. */
function carryAlong(hash: string): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a.switch")) link.hash = hash;
}
