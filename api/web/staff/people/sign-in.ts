/** Signing in: tap your name, enter the PIN where there is one; or a passkey, or a recovery code. */

import { startAuthentication } from "@simplewebauthn/browser";
import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/browser";

import { utf8 } from "../../verify/hashes.ts";
import { forget, keep, keptPin, keysHere, sign, tryPin } from "./device.ts";
import type { KeyRecord } from "./device.ts";
import { at, busy, data, onSubmit, onTap, post, Refusal, say, text } from "./page.ts";

const PREFIX = "silkroot sign-in 1\n";
const GONE = ["sign-in.unknown-key", "sign-in.revoked", "sign-in.disabled"];

/** What a device signs to sign in: longer than any digest, so that it is never the signature of an event. */
export const signInMessage = (origin: string, keyId: string, challenge: string): Uint8Array =>
  utf8(`${PREFIX}${origin}\n${keyId.slice(2)}\n${challenge}\n`);

const goOn = (): void => location.assign(data.next ?? "/staff");
let chosen: KeyRecord | undefined;

export async function signInPage(): Promise<void> {
  // Those too whose joining was never answered: the service may well know them.
  const keys = await keysHere();
  at(keys.length ? "people-here" : "nobody-here").hidden = false;
  const face = at<HTMLTemplateElement>("face").content.firstElementChild!;
  for (const key of keys) {
    const button = face.cloneNode(true) as HTMLButtonElement;
    button.querySelector("b")!.textContent = key.name;
    button.querySelector(".quiet")!.textContent = key.partyName;
    button.addEventListener("click", () => void busy(button, () => choose(key)));
    at("faces").append(button);
  }
  onSubmit("pin-form", async () => {
    if (chosen) await enter(chosen, at<HTMLInputElement>("pin").value);
  });
  onTap("back", async () => showPin(undefined));
  onTap("forget", async () => {
    if (chosen) await forget(chosen.keyId);
    location.reload();
  });
  onTap("passkey", async () => {
    const asked = await post<{ challenge: string; options: PublicKeyCredentialRequestOptionsJSON }>(
      "/staff/api/sign-in/passkey/options",
    );
    const answer = await startAuthentication({ optionsJSON: asked.options }).catch(() => null);
    if (!answer) return say(text("no-passkey"), "warn");
    await post("/staff/api/sign-in/passkey", { challenge: asked.challenge, answer: JSON.stringify(answer) });
    goOn();
  });
  onSubmit("code-form", async () => {
    await post("/staff/api/sign-in/code", { code: at<HTMLInputElement>("code").value });
    goOn();
  });
  // The name of an authenticator's site cannot be an address of numbers.
  if (!("PublicKeyCredential" in window) || /^[0-9.]+$|^\[/.test(location.hostname)) at("passkey-way").hidden = true;
}

async function choose(key: KeyRecord): Promise<void> {
  chosen = key;
  if (key.pin) return showPin(key);
  await enter(key, "");
}

function showPin(key: KeyRecord | undefined): void {
  chosen = key;
  at("who").hidden = Boolean(key);
  at("pin-form").hidden = !key;
  at("gone").hidden = true;
  say("");
  if (!key) return;
  at("pin-name").textContent = key.name;
  const field = at<HTMLInputElement>("pin");
  field.value = "";
  field.focus();
}

async function enter(key: KeyRecord, pin: string): Promise<void> {
  try {
    const asked = await post<{ challenge: string }>("/staff/api/sign-in/challenge");
    const signature = await sign(key.keyPair, signInMessage(location.origin, key.keyId, asked.challenge));
    const body = { keyId: key.keyId, challenge: asked.challenge, signature, pin };
    const { person, name } = await post<{ person: string; name: string }>("/staff/api/sign-in", body);
    // The PIN may have been changed on another phone: what was right now serves without a network later.
    await keep({ ...key, person, name, pin: pin ? await keptPin(pin) : null });
    goOn();
  } catch (error) {
    if (error instanceof TypeError) return enterOffline(key, pin);
    if (!(error instanceof Refusal)) throw error;
    if (error.rules.includes("sign-in.pin-needed") && !pin) return showPin(key);
    at("gone").hidden = !error.rules.some((rule) => GONE.includes(rule));
    at<HTMLInputElement>("pin").value = "";
    throw error;
  }
}

/** Without a network the phone alone decides; what is recorded waits in it, signed by the same key. */
async function enterOffline(key: KeyRecord, pin: string): Promise<void> {
  const answer = await tryPin(key, pin);
  if (answer === "right") return goOn();
  throw new Refusal(text(answer === "locked" ? "locked" : "pin-wrong"), 0, [`pin.${answer}`]);
}
