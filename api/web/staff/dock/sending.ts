/** When what was signed is sent: at once, when the network is back, when the page is looked at again, and now and then. */

import { page } from "./page_data.ts";
import { isSentBy, sync } from "./queue.ts";
import { queued } from "./store.ts";

const EVERY_SECONDS = 20;
const listeners: (() => void)[] = [];
/** Scripts of this page and other pages send too: each tells the others. */
const others = new BroadcastChannel("silkroot-dock");
others.addEventListener("message", () => listeners.forEach((listener) => listener()));

const who = () => ({ person: page.person.id, party: page.party });

/** Calls back whenever something of the queue changed, here or in another page. */
export const whenChanged = (listener: () => void): void => void listeners.push(listener);

/** Something of the queue changed. */
export function changed(): void {
  listeners.forEach((listener) => listener());
  others.postMessage("changed");
}

/** One round; ends when everything is sent or something has to wait. */
export async function send(): Promise<void> {
  await sync({ ...who(), sentOne: changed });
  changed();
}

/** Sends by itself from now on. */
export function keepSending(): void {
  const try_ = async (): Promise<void> => {
    const waits = (await queued()).some(
      (item) => (item.state === "waiting" && isSentBy(item, who())) || (item.state === "conflict" && item.kind !== "form" && !item.deeds),
    );
    if (waits && navigator.onLine) await send();
  };
  window.addEventListener("online", () => void try_());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void try_());
  setInterval(() => void try_(), EVERY_SECONDS * 1000);
  void try_();
}
