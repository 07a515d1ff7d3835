/**
 * Makes signed records of what a person says at a dock, and keeps them: composed, sealed and signed on this phone.
 *
 * The person who acts is a sealed member of every record. What is entered from a paper says so in the open, and seals the
 * name of whoever signed the paper.
 */

import { canonical, newObject } from "../../verify/json.ts";
import { fromHex, sha256, toBase64url, toHex } from "../../verify/hashes.ts";
import type { Json, JsonObject } from "../../verify/types.ts";
import { deviceKey } from "../signing/keys.ts";
import type { DeviceKey } from "../signing/keys.ts";
import { newBlind, sealMembers } from "../signing/sealing.ts";
import { domainOf, signEvent } from "../signing/sign.ts";
import { momentOf, note, receiptInFull, receiptInPart, transactionUrn } from "./compose.ts";
import type { Arrival, Common, Expected } from "./compose.ts";
import { enqueue } from "./store.ts";
import type { DockItem, Inbound, KeptFile } from "./store.ts";

/**
 * What the form says of one consignment. `arrivals` null: everything came and is accepted. `over`: grams of each line
 * that came beyond the list. `time`: when a paper was signed, else null for now. Texts that were left empty are "".
 */
export type Answer = {
  arrivals: Arrival[] | null;
  over: number[];
  place: string;
  celsius: number | null;
  seal: string;
  damage: string;
  reason: string;
  photos: KeptFile[];
  paperSigner: string;
  time: Date | null;
};

export type Who = { person: { id: string; name: string }; party: string; partyName: string; keyId: string | null };

/** A phone may be without a network for this long before what it signed is too late. */
const DAYS = 21n;
const LONGEST_EDGE = 1600;
const MOST_BYTES = 8_000_000;

/** The key that this browser has for the person; null where it has none, or one for another party. */
export async function keyOf({ person, party, keyId }: Who): Promise<DeviceKey | null> {
  const key = await deviceKey(person.id, keyId);
  return key && BigInt(key.party) === BigInt(party) ? key : null;
}

/** Signs a receipt and keeps it for sending. */
export async function keepReceipt(inbound: Inbound, sent: Expected, answer: Answer, who: Who, key: DeviceKey): Promise<DockItem> {
  const extra: Common["extra"] = newObject();
  if (sent.leg.length) extra.leg = sent.leg;
  for (const name of ["seal", "damage", "reason"] as const) if (answer[name]) extra[name] = answer[name];
  if (answer.photos.length) extra.photos = answer.photos.map(({ hash }) => addressOf(hash));
  if (answer.paperSigner) Object.assign(extra, { onPaper: true, paperSigner: answer.paperSigner });
  const time = momentOf(answer.time ?? new Date());
  const common = { party: who.party, time, place: answer.place, extra, celsius: answer.celsius };
  const { arrivals } = answer;
  const goesBack = arrivals?.some(({ refused }) => refused);
  const event = arrivals
    ? receiptInPart(sent, arrivals, goesBack ? newReturn(who.party) : "", common, answer.over)
    : receiptInFull(sent, common);
  const grams = sent.lines.reduce((sum, line, index) => sum + (arrivals ? arrivals[index]!.accepted : line.grams), 0);
  return keep({ kind: "receipt", sent, grams, files: answer.photos }, event, inbound, who, key);
}

/** Signs a note about a consignment that somebody else received, and keeps it for sending. */
export async function keepNote(inbound: Inbound, sent: Expected, text: string, place: string, who: Who, key: DeviceKey): Promise<DockItem> {
  const common = { party: who.party, time: momentOf(new Date()), place, extra: { note: text }, celsius: null };
  return keep({ kind: "note", sent, grams: 0, files: [] }, note(sent, common), inbound, who, key);
}

async function keep(
  { files, ...about }: Pick<DockItem, "kind" | "sent" | "grams"> & { files: KeptFile[] },
  event: JsonObject,
  inbound: Inbound,
  who: Who,
  key: DeviceKey,
): Promise<DockItem> {
  event["silkroot:person"] = Object.assign(newObject(), { id: who.person.id, name: who.person.name } as JsonObject) as Json;
  event["silkroot:blind"] = newBlind();
  const sealed = sealMembers(event, inbound.sealed.map((name) => `silkroot:${name}`));
  const deadline = BigInt(Math.floor(Date.now() / 1000)) + DAYS * 86_400n;
  const signed = await signEvent(sealed.event, sealed.disclosures, deadline, key, domainOf(inbound.deployment));
  const item: DockItem = {
    ...about,
    person: who.person.id,
    personName: who.person.name,
    party: who.party,
    partyName: who.partyName,
    event: new TextDecoder().decode(canonical(signed.event)),
    hash: signed.hash,
    files: files.map(({ hash }) => hash),
    madeAt: new Date().toISOString(),
    state: "waiting",
  };
  return { ...item, seq: await enqueue(item, files) };
}

/** A reference that this party never used: the second of the day and some random digits. */
function newReturn(party: string): string {
  const stamp = new Date().toISOString().replace(/\D/g, "").slice(2, 14);
  const digits = crypto.getRandomValues(new Uint16Array(1))[0]!;
  return transactionUrn(party, `R${stamp}-${String(digits).padStart(5, "0")}`);
}

/** The `ni` URI of a file (RFC 6920), whose hash is 64 hex digits. */
const addressOf = (hash: string): string => `ni:///sha-256;${toBase64url(fromHex(`0x${hash}`))}`;

/**
 * A picture as it is kept: drawn again, so that nothing is in it but what one sees, no place and no device. Throws
 * where the file is none, or is too large.
 */
export async function photoOf(file: Blob): Promise<KeptFile> {
  if (file.size > MOST_BYTES) throw new Error("too large");
  const image = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_EDGE / Math.max(image.width, image.height));
  const canvas = new OffscreenCanvas(Math.round(image.width * scale), Math.round(image.height * scale));
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  const drawn = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.82 });
  const bytes = plainJpeg(new Uint8Array(await drawn.arrayBuffer()));
  return { hash: toHex(sha256(bytes)).slice(2), data: new Blob([bytes], { type: "image/jpeg" }) };
}

/**
 * The JPEG without segments that show nothing (comments, notes of applications), as the service keeps it unchanged: its
 * hash is in what is signed before the service sees it. See `ledger.domain.plain_jpeg`.
 */
export function plainJpeg(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept: number[] = [0xff, 0xd8];
  let at = 2;
  while (data[at] === 0xff && data[at + 1] !== 0xda) {
    const [marker, end] = [data[at + 1]!, at + 2 + data[at + 2]! * 256 + data[at + 3]!];
    if (marker < 0xe1 || (marker > 0xef && marker !== 0xfe)) kept.push(...data.subarray(at, end));
    at = end;
  }
  const [head, rest] = [Uint8Array.from(kept), data.subarray(at)];
  const made = new Uint8Array(head.length + rest.length);
  made.set(head);
  made.set(rest, head.length);
  return made;
}
