/** A person's own page, and those of admins: people, phones, invitations, keys for systems. */

import { startRegistration } from "@simplewebauthn/browser";
import type { PublicKeyCredentialCreationOptionsJSON } from "@simplewebauthn/browser";

import { keep, keptPin, keyOf } from "./device.ts";
import type { KeyRecord } from "./device.ts";
import { approveGrant, signEnding } from "./grant.ts";
import type { Ending, Offer } from "./grant.ts";
import { chosenPin, enrol, phoneName } from "./join.ts";
import { at, data, onSubmit, onTap, post, Refusal, say, text } from "./page.ts";

const sure = (button: HTMLElement): boolean => confirm(button.dataset.sure ?? "");
const reload = (): void => location.reload();

export async function mePage(): Promise<void> {
  onTap("sign-out", async () => {
    await post("/staff/api/sign-out");
    location.assign("/staff/sign-in");
  });
  onTap("sign-out-everywhere", async (button) => {
    if (!sure(button)) return;
    await post("/staff/api/sign-out/everywhere");
    location.assign("/staff/sign-in");
  });
  onSubmit("pin-form", async () => {
    const current = document.getElementById("pin-current") as HTMLInputElement | null;
    await changePin(chosenPin("pin", "pin-again"), current?.value ?? "");
  });
  onTap("drop-pin", async (button) => {
    if (sure(button)) await changePin("", at<HTMLInputElement>("pin-current").value);
  });
  onTap("codes", async (button) => {
    if (button.dataset.sure && !sure(button)) return;
    const { codes } = await post<{ codes: string[] }>("/staff/api/me/codes");
    const list = at("code-list");
    list.replaceChildren(...codes.map((code) => Object.assign(document.createElement("li"), { textContent: code })));
    at("new-codes").hidden = false;
    button.hidden = true;
  });
  onTap("add-passkey", async () => {
    const asked = await post<{ challenge: string; options: PublicKeyCredentialCreationOptionsJSON }>(
      "/staff/api/me/passkeys/options",
    );
    const answer = await startRegistration({ optionsJSON: asked.options }).catch(() => null);
    if (!answer) return say(text("no-passkey"), "warn");
    const body = { challenge: asked.challenge, answer: JSON.stringify(answer), label: phoneName() };
    await post("/staff/api/me/passkeys", body);
    reload();
  });
  onTap("remove-passkey", async (button) => {
    if (!sure(button)) return;
    await post("/staff/api/me/passkeys/remove", { id: button.value });
    reload();
  });
  onTap("add-device", async () => {
    const { person, party, partyName } = data;
    const role = person!.role as "admin" | "staff";
    const ways = { offer: "/staff/api/me/devices/offer", join: "/staff/api/me/devices", token: "" };
    await enrol(ways, { name: person!.name, role, party: party!, partyName: partyName! }, "");
    reload();
  });
  revoking();
  if (!("PublicKeyCredential" in window) || /^[0-9.]+$|^\[/.test(location.hostname)) {
    at("passkey-way").hidden = true;
    at("no-passkeys-here").hidden = false;
  }
}

async function changePin(pin: string, current: string): Promise<void> {
  await post("/staff/api/me/pin", { pin, current });
  const key = data.keyId ? await keyOf(data.keyId) : undefined;
  if (key) await keep({ ...key, pin: pin ? await keptPin(pin) : null });
  reload();
}

export async function peoplePage(): Promise<void> {
  onSubmit("invite", async (form) => {
    const fields = new FormData(form);
    const made = await post<{ name: string; link: string; qr: string }>("/staff/api/people/invite", {
      name: fields.get("name"),
      role: fields.get("role"),
      hours: Number(fields.get("hours")),
    });
    at("invited-name").textContent = made.name;
    at("invited-link").textContent = made.link;
    at<HTMLImageElement>("invited-qr").src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(made.qr)}`;
    at("invited").hidden = false;
    form.hidden = true;
    at("invited").scrollIntoView();
  });
  onTap("copy-link", async () => {
    await navigator.clipboard.writeText(at("invited-link").textContent ?? "");
    say(text("copied"), "good");
  });
  onTap("another", async () => reload());
  for (const [name, path] of [
    ["withdraw", "/staff/api/people/withdraw"],
    ["disable", "/staff/api/people/disable"],
    ["clear-pin", "/staff/api/people/clear-pin"],
  ] as const)
    onTap(name, async (button) => {
      if (!sure(button)) return;
      const { left } = await post<{ left?: string[] }>(path, { id: button.value });
      for (const keyId of left ?? []) await endByOwnKey(keyId);
      reload();
    });
  onTap("approve-device", async (button) => {
    const offer = await post<Offer>("/staff/api/devices/grant", { keyId: button.value });
    const signature = await approveGrant(offer, (await ownKey()).keyPair, data.party!, button.value);
    await post("/staff/api/devices/approve", { keyId: button.value, signature });
    reload();
  });
  revoking();
}

export async function keysPage(): Promise<void> {
  onSubmit("make-key", async (form) => {
    const fields = new FormData(form);
    const actions = fields.get("capture") ? ["capture"] : ["read-jobs"];
    const body = { name: fields.get("name"), actions, days: Number(fields.get("days")) };
    const made = await post<{ key: string }>("/staff/api/keys", body);
    at("made-key").textContent = made.key;
    at("made").hidden = false;
    form.hidden = true;
    at("made").scrollIntoView();
  });
  onTap("copy-key", async () => {
    await navigator.clipboard.writeText(at("made-key").textContent ?? "");
    say(text("copied"), "good");
  });
  onTap("another", async () => reload());
  onTap("revoke-key", async (button) => {
    if (!sure(button)) return;
    await post("/staff/api/keys/revoke", { id: button.value });
    reload();
  });
}

/** The party's main key is not kept by the service: the key of this admin's phone signs the end. */
async function endByOwnKey(keyId: string): Promise<void> {
  const offer = await post<Ending>("/staff/api/devices/revocation", { keyId });
  const signature = await signEnding(offer, (await ownKey()).keyPair, data.party!, keyId);
  const { deadline } = offer.revocation;
  await post("/staff/api/devices/revoke-signed", { keyId, deadline, signature });
}

async function ownKey(): Promise<KeyRecord> {
  const key = data.keyId ? await keyOf(data.keyId) : undefined;
  if (!key) throw new Refusal(text("no-key"), 0, ["device.no-admin"]);
  return key;
}

function revoking(): void {
  onTap("revoke-device", async (button) => {
    if (!sure(button)) return;
    try {
      await post("/staff/api/devices/revoke", { keyId: button.value });
    } catch (error) {
      if (!(error instanceof Refusal) || !error.rules.includes("device.admin-elsewhere")) throw error;
      await endByOwnKey(button.value);
    }
    reload();
  });
}
