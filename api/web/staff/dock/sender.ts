/**
 * On every page for staff: sends what waits on this phone, says how much that is, and looks after the pages' worker, so
 * that nobody has to remember where it was that something waits.
 */

import { countOf, page } from "./page_data.ts";
import { keepSending, whenChanged } from "./sending.ts";
import { queued } from "./store.ts";

async function show(): Promise<void> {
  const sign = document.getElementById("waiting");
  if (!sign) return;
  const open = (await queued()).filter(({ state }) => state !== "recorded");
  sign.hidden = !open.length || location.pathname.endsWith("/queue");
  sign.querySelector("b")!.textContent = countOf(open.length);
  sign.classList.toggle("bad", open.some(({ state }) => state !== "waiting"));
}

/** The pages of the dock say it themselves, and go on. */
function showNetwork(): void {
  const sign = document.getElementById("no-network");
  if (sign) sign.hidden = navigator.onLine || !!document.getElementById("offline");
}

for (const event of ["online", "offline"]) window.addEventListener(event, showNetwork);
showNetwork();
whenChanged(() => void show());
await show();
keepSending();
if ("serviceWorker" in navigator && page.worker)
  void navigator.serviceWorker.register(page.worker, { scope: "/staff", updateViaCache: "none" });
