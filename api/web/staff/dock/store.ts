/**
 * What staff pages keep on this phone, in IndexedDB: what is on its way to the party, what was signed, and photos.
 *
 * Signed records stay until the service took them or their signer drops them, whoever is signed in meanwhile; the list
 * of what is on its way goes when somebody signs out.
 */

import { openDB } from "idb";
import type { DBSchema, IDBPDatabase } from "idb";

import type { JsonObject } from "../../verify/types.ts";
import type { Refused } from "../signing/record.ts";
import type { Expected } from "./compose.ts";

/** What `GET /staff/api/inbound` told, and when. */
export type Inbound = {
  party: string;
  partyName: string;
  deployment: JsonObject;
  sealed: string[];
  places: { uri: string; name: string }[];
  consignments: Expected[];
  loadedAt: string;
};

/** Something that became of a consignment, as the service tells it. */
export type Deed = {
  what: string;
  partyName: string;
  person: string;
  time: string;
  onPaper: boolean;
  accepted: number;
  refused: number;
  toCome: number;
  short: number;
};

/**
 * A signed record. `event`: the text that is sent; `waits`: why it was not answered; `reason`: why it was refused, in
 * words; `repeated`: it had been recorded before.
 */
type Kept = {
  seq?: number;
  person: string;
  personName: string;
  party: string;
  partyName: string;
  event: string;
  hash: string;
  files: string[];
  madeAt: string;
  state: "waiting" | "recorded" | "conflict" | "refused";
  waits?: "offline" | "signed-out" | "busy";
  reason?: string;
  repeated?: boolean;
};

/** What was signed at a dock. `grams`: what was accepted; `deeds`: who was first. */
export type DockItem = Kept & { kind: "receipt" | "note"; sent: Expected; grams: number; deeds?: Deed[] };

/**
 * What was signed on a form. `said`: what it is, in the plain words that its signer read; `path`: where it is handed in;
 * `refusal`: for the form, while it is still open.
 */
export type FormItem = Kept & { kind: "form"; said: string[]; path: string; refusal?: Refused };

export type Item = DockItem | FormItem;

/** A photo that waits to be sent. */
export type KeptFile = { hash: string; data: Blob };

interface Dock extends DBSchema {
  inbound: { key: string; value: Inbound };
  queue: { key: number; value: Item };
  files: { key: string; value: KeptFile };
}

let opened: Promise<IDBPDatabase<Dock>> | undefined;

const database = (): Promise<IDBPDatabase<Dock>> =>
  (opened ??= openDB<Dock>("silkroot-dock", 1, {
    upgrade: (made) => {
      made.createObjectStore("inbound", { keyPath: "party" });
      made.createObjectStore("queue", { keyPath: "seq", autoIncrement: true });
      made.createObjectStore("files", { keyPath: "hash" });
    },
  }));

export const keepInbound = async (inbound: Inbound): Promise<void> => void (await (await database()).put("inbound", inbound));
export const keptInbound = async (party: string): Promise<Inbound | undefined> => (await database()).get("inbound", party);

/** Whoever signs in next finds no list of another party's. */
export const forgetInbound = async (): Promise<void> => (await database()).clear("inbound");

/** Keeps the record and its photos together, on disk before this ends. */
export async function enqueue(item: Item, files: KeptFile[]): Promise<number> {
  const transaction = (await database()).transaction(["queue", "files"], "readwrite", { durability: "strict" });
  for (const file of files) await transaction.objectStore("files").put(file);
  const seq = await transaction.objectStore("queue").add(item);
  await transaction.done;
  return seq;
}

/** The same for what a form signed, of which no second one is kept; what is kept of it. */
export async function enqueueOnce(item: FormItem): Promise<number> {
  const transaction = (await database()).transaction("queue", "readwrite", { durability: "strict" });
  const known = (await transaction.store.getAll()).find(({ hash }) => hash === item.hash);
  const seq = known?.seq ?? (await transaction.store.add(item));
  await transaction.done;
  return seq;
}

/** Everything that was signed here, in order. */
export const queued = async (): Promise<Item[]> => (await database()).getAll("queue");

export const update = async (item: Item): Promise<void> => void (await (await database()).put("queue", item));

/** Deletes a record, and its photos unless another record has them. */
export async function drop(item: Item): Promise<void> {
  const transaction = (await database()).transaction(["queue", "files"], "readwrite");
  await transaction.objectStore("queue").delete(item.seq!);
  const others = new Set((await transaction.objectStore("queue").getAll()).flatMap(({ files }) => files));
  for (const hash of item.files) if (!others.has(hash)) await transaction.objectStore("files").delete(hash);
  await transaction.done;
}

export const keptFile = async (hash: string): Promise<KeptFile | undefined> => (await database()).get("files", hash);
export const dropFile = async (hash: string): Promise<void> => (await database()).delete("files", hash);
