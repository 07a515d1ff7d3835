/**
 * Keeps a page up to date: the service tells by server-sent events that something was recorded, and the page asks for
 * itself again and shows its part `#live` as it is now.
 *
 * The page stays what the service renders, so that nothing is drawn in two ways. What the reader holds is kept: the
 * focus, what is unfolded, and a sheet that is open (then the page waits until it is closed).
 */

import { REFRESH, data, say } from "./data.ts";

const SOON = 300;
const WITHOUT_EVENTS = 30_000;

let waiting = 0;
let asked = 0;
let shown = 0;

/** Follows what is recorded; `redraw` is called after the page changed. */
export function follow(redraw: () => void): void {
  const refresh = (): void => {
    if (waiting) return;
    waiting = window.setTimeout(() => {
      waiting = 0;
      void update(redraw);
    }, SOON);
  };
  document.addEventListener(REFRESH, refresh);
  listen(refresh);
}

function listen(refresh: () => void): void {
  let source: EventSource;
  try {
    source = new EventSource(`/staff/api/hub/events?after=${data.sequence}`);
  } catch {
    window.setInterval(refresh, WITHOUT_EVENTS);
    return;
  }
  source.addEventListener("open", () => tell(say("live")));
  source.addEventListener("changed", (event) => {
    counts(event.data as string);
    refresh();
  });
  source.addEventListener("ended", () => {
    source.close();
    tell(say("ended"), true);
  });
  source.addEventListener("error", () => {
    tell(say("lost"), true);
    // The browser gives up where it is refused; it comes back by itself where the line broke.
    if (source.readyState === EventSource.CLOSED) {
      source.close();
      window.setTimeout(() => {
        refresh();
        listen(refresh);
      }, WITHOUT_EVENTS);
    }
  });
  window.addEventListener("pagehide", () => source.close(), { once: true });
}

/** The numbers at once; the rest of the page follows. */
function counts(text: string): void {
  const told = JSON.parse(text) as { [name: string]: number };
  for (const [name, count] of Object.entries(told)) {
    const box = document.querySelector(`[data-count="${name}"] b`);
    if (box) box.textContent = String(count);
  }
}

async function update(redraw: () => void): Promise<void> {
  if (document.querySelector("dialog[open]")) {
    window.setTimeout(() => void update(redraw), SOON * 4);
    return;
  }
  const number = ++asked;
  let fresh: Document;
  try {
    const response = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error" });
    if (!response.ok) return;
    fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    tell(say("lost"), true);
    return;
  }
  const [now, before] = [fresh.getElementById("live"), document.getElementById("live")];
  // An answer that was overtaken by a later one says nothing any more.
  if (!now || !before || number < shown) return;
  shown = number;
  if (now.innerHTML === closed(before)) return;
  swap(before, now);
  redraw();
  tell(say("new"));
}

/** The markup as the service wrote it, without what the reader unfolded. */
function closed(element: HTMLElement): string {
  const copy = element.cloneNode(true) as HTMLElement;
  for (const details of copy.querySelectorAll("details[open]")) details.removeAttribute("open");
  for (const button of copy.querySelectorAll("button[disabled]")) button.removeAttribute("disabled");
  return copy.innerHTML;
}

function swap(before: HTMLElement, now: HTMLElement): void {
  const unfolded = [...before.querySelectorAll("details[open]")].map((one) => one.closest("[id]")?.id ?? "");
  const focused = before.contains(document.activeElement) ? keyOf(document.activeElement!) : "";
  before.replaceChildren(...document.importNode(now, true).childNodes);
  for (const id of unfolded) document.getElementById(id)?.querySelector("details")?.setAttribute("open", "");
  if (focused) [...before.querySelectorAll<HTMLElement>("a, button, summary")].find((one) => keyOf(one) === focused)?.focus();
}

const keyOf = (element: Element): string =>
  `${element.closest("[id]")?.id ?? ""} ${element.getAttribute("href") ?? ""} ${element.textContent ?? ""}`;

function tell(text: string, isLost = false): void {
  const box = document.getElementById("live-state");
  if (!box) return;
  box.hidden = false;
  box.setAttribute("role", "status");
  box.classList.toggle("lost", isLost);
  if (box.textContent !== text) box.textContent = text;
}
