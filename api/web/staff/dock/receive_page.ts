/** The page /staff/receive: what is on its way, the form for one consignment, and signing for several at once. */

import { make, tell, the } from "./dom.ts";
import { countOf, massOf, page, say, timeOf } from "./page_data.ts";
import { formFor } from "./form.ts";
import type { Form } from "./form.ts";
import { load, signedHere } from "./inbound.ts";
import type { Loaded } from "./inbound.ts";
import { inFull, signFor } from "./several.ts";
import type { Answer } from "./records.ts";
import type { Expected } from "./compose.ts";
import type { DockItem, Inbound } from "./store.ts";

let loaded: Loaded = { inbound: undefined, fresh: false };
let signed = new Map<string, DockItem>();
let several = false;
const chosen = new Set<string>();

export async function showReceive(): Promise<void> {
  loaded = await load(page.party);
  signed = await signedHere();
  await render();
  window.addEventListener("hashchange", () => void render());
}

/** Shows the list again, with what was sent meanwhile. */
export async function refresh(): Promise<void> {
  if (location.hash.length > 1) return; // a form is open: it is not taken from under the reader's hands
  loaded = await load(page.party);
  signed = await signedHere();
  await render();
}

async function render(): Promise<void> {
  const { inbound } = loaded;
  const wanted = inbound?.consignments.find(({ id }) => id === location.hash.slice(1));
  const [list, action] = [the("list"), the("action")];
  action.replaceChildren();
  the("offline").hidden = loaded.fresh && navigator.onLine;
  if (!inbound) list.replaceChildren(make("p", { class: "notice wait" }, say("neverLoaded")));
  else if (wanted) await showForm(inbound, wanted);
  else showList(inbound);
}

function showList(inbound: Inbound): void {
  const open = inbound.consignments.filter(({ id }) => !signed.has(id) || signed.get(id)!.state === "waiting");
  const button = make("button", { class: "button second small", type: "button", onclick: () => toggleSeveral() }, say(several ? "chooseOne" : "choose"));
  the("list").replaceChildren(
    open.length ? make("ul", { class: "cards" }, ...open.map(card)) : make("p", { class: "empty" }, say("nothing")),
    ...(open.length > 1 ? [make("div", { class: "buttons" }, button)] : []),
    make("p", { class: "quiet" }, say("loadedAt", { time: timeOf(inbound.loadedAt) })),
  );
  if (several) showMany(inbound);
}

function card(sent: Expected): HTMLElement {
  const total = sent.lines.reduce((sum, { grams }) => sum + grams, 0);
  const mine = signed.get(sent.id);
  const about = [
    make("b", {}, say("from", { name: sent.shipperName })),
    make("span", { class: "code" }, sent.number),
    make("span", {}, say("lotsAndMass", { mass: massOf(total), count: countOf(sent.lines.length) })),
    sent.expectedAt ? make("span", { class: "quiet" }, say("expectedAt", { time: timeOf(sent.expectedAt) }))
      : sent.shippedAt ? make("span", { class: "quiet" }, say("shippedAt", { time: timeOf(sent.shippedAt) })) : null,
    mine && make("span", { class: "badge wait" }, say("signedHere", { name: mine.personName })),
  ];
  if (!several || mine) return make("li", {}, make("a", { class: "card pick", href: mine ? "/staff/queue" : `#${sent.id}` }, ...about));
  const box = make("input", { type: "checkbox", value: sent.id, checked: chosen.has(sent.id), onchange: () => toggle(sent.id) });
  return make("li", {}, make("label", { class: "card pick several" }, box, make("span", { class: "grow" }, ...about)));
}

function toggle(id: string): void {
  if (!chosen.delete(id)) chosen.add(id);
  showMany(loaded.inbound!);
}

function toggleSeveral(): void {
  several = !several;
  chosen.clear();
  void render();
}

/** One tap signs a receipt in full for each of the chosen. */
function showMany(inbound: Inbound): void {
  const some = inbound.consignments.filter(({ id }) => chosen.has(id));
  const grams = some.flatMap(({ lines }) => lines).reduce((sum, line) => sum + line.grams, 0);
  the("action").replaceChildren(
    make("button", { class: "button main", type: "button", disabled: !some.length,
      onclick: (event) => void sign(event, inbound, some, () => inFull(inbound)) }, say("signMany", { mass: massOf(grams) })));
}

async function showForm(inbound: Inbound, sent: Expected): Promise<void> {
  const button = make("button", { class: "button main", type: "button" });
  const name = (): void => {
    const grams = form.accepted();
    button.textContent = grams === 0 ? say("signNone") : say("sign", { mass: grams === null ? "…" : massOf(grams) });
  };
  const form: Form = formFor(sent, inbound, name);
  name();
  button.addEventListener("click", (event) => void sign(event, inbound, [sent], form.answer));
  const back = make("a", { class: "back", href: "#" }, say("back"));
  the("list").replaceChildren(make("p", {}, back), form.element);
  the("action").replaceChildren(button);
  tell("");
  window.scrollTo(0, 0);
}

async function sign(event: Event, inbound: Inbound, some: Expected[], answered: () => Answer | null): Promise<void> {
  const button = event.currentTarget as HTMLButtonElement;
  const answer = answered();
  if (!answer) return;
  await signFor(button, inbound, some, answer, async () => {
    several = false;
    chosen.clear();
    signed = await signedHere();
    history.replaceState(null, "", location.pathname);
    await render();
  });
  if (location.hash.length > 1) return; // somebody went on with the next one
  signed = await signedHere();
  await render();
}
