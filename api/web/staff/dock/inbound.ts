/** The list of what is on its way: from the service where there is a network, else as this phone keeps it. */

import { parseObject } from "../../verify/json.ts";
import { keepInbound, keptInbound, queued } from "./store.ts";
import type { DockItem, Inbound, Item } from "./store.ts";

const SECONDS = 8;

/** `fresh`: it came from the service just now. `inbound` is undefined where this phone never had it. */
export type Loaded = { inbound: Inbound | undefined; fresh: boolean };

/** Asks the service, and takes what is kept where it does not answer in time. */
export async function load(party: string): Promise<Loaded> {
  try {
    const response = await fetch("/staff/api/inbound", {
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(SECONDS * 1000),
    });
    if (response.ok) {
      // Read strictly: parts of it go into what is signed.
      const told = parseObject(await response.text()) as unknown as Omit<Inbound, "loadedAt">;
      const inbound = JSON.parse(JSON.stringify({ ...told, loadedAt: new Date().toISOString() })) as Inbound;
      await keepInbound(inbound);
      return { inbound, fresh: true };
    }
  } catch {
    // No network, or none that is good enough: what is kept has to do.
  }
  return { inbound: await keptInbound(party), fresh: false };
}

/** What was signed on this phone for each consignment, and was not refused. */
export async function signedHere(): Promise<Map<string, DockItem>> {
  const isReceipt = (item: Item): item is DockItem => item.kind === "receipt";
  const found = (await queued()).filter(isReceipt).filter(({ state }) => ["waiting", "recorded"].includes(state));
  return new Map(found.map((item) => [item.sent.id, item]));
}
