/** The page /staff/queue: what was signed on this phone, how it stands, and what to do where somebody was first. */

import { make, tell, the } from "./dom.ts";
import { massOf, page, say, timeOf } from "./page_data.ts";
import { keepNote, keyOf } from "./records.ts";
import { send, whenChanged } from "./sending.ts";
import { drop, keptInbound, queued } from "./store.ts";
import { isSentBy } from "./queue.ts";
import type { Deed, DockItem, FormItem, Item } from "./store.ts";
import { isProblem } from "../../verify/problem.ts";

/** Which conflict a note is being written for: the list is not drawn anew under the writer's hands. */
let writing: number | undefined;

export async function showQueue(): Promise<void> {
  whenChanged(() => void render());
  await render();
}

async function render(): Promise<void> {
  if (writing !== undefined) return;
  const items = (await queued()).reverse();
  const [waits, done] = [items.some((one) => one.state === "waiting" && isSentBy(one, mine())), items.some(({ state }) => state === "recorded")];
  the("offline").hidden = navigator.onLine;
  the("list").replaceChildren(
    items.length ? make("ul", { class: "cards" }, ...items.map(card)) : make("p", { class: "empty" }, say("empty")),
    ...(done ? [make("div", { class: "buttons" }, make("button", { class: "button second small", type: "button", onclick: () => void clear() }, say("clear")))] : []),
  );
  const button = make("button", { class: "button main", type: "button", onclick: (event) => void sendNow(event) }, say("sendNow"));
  the("action").replaceChildren(...(waits ? [button] : []));
}

function card(item: Item): HTMLElement {
  return item.kind === "form" ? formCard(item) : dockCard(item);
}

/** What somebody else signed on a form is theirs to read: that it waits is all that is shown of it. */
function formCard(item: FormItem): HTMLElement {
  const [word, kind] = standing(item);
  const own = isSentBy(item, mine());
  return make("li", { class: "card item", "data-state": item.state, "data-kind": item.kind },
    make("p", {}, make("span", { class: `badge ${kind}` }, word)),
    make("h2", {}, own ? item.said[0] : say("kind-form")),
    ...(own ? item.said.slice(1).map((text) => make("p", {}, text)) : []),
    make("p", { class: "quiet" }, say("signedBy", { name: item.personName, time: timeOf(item.madeAt) })),
    ...(own && item.state === "refused" ? refusal(item) : []));
}

const mine = () => ({ person: page.person.id, party: page.party });

function dockCard(item: DockItem): HTMLElement {
  const [word, kind] = standing(item);
  return make("li", { class: "card item", "data-state": item.state, "data-kind": item.kind },
    make("p", {}, make("span", { class: `badge ${kind}` }, word)),
    make("h2", {}, `${say(`kind-${item.kind}`)}${item.grams ? ` · ${massOf(item.grams)}` : ""}`),
    make("p", {}, say("from", { name: item.sent.shipperName }), " · ", make("span", { class: "code" }, item.sent.number)),
    make("p", { class: "quiet" }, say("signedBy", { name: item.personName, time: timeOf(item.madeAt) })),
    ...(item.state === "conflict" ? conflict(item) : item.state === "refused" ? refusal(item) : []));
}

function standing(item: Item): [word: string, kind: string] {
  if (item.state === "recorded") return [say("recorded"), "good"];
  if (item.state === "conflict") return [say("conflict"), "warn"];
  if (item.state === "refused") return [say("notRecorded"), "bad"];
  if (item.party !== page.party) return [say("otherParty", { name: item.partyName }), "wait"];
  if (!isSentBy(item, mine())) return [say("otherPerson", { name: item.personName }), "wait"];
  const word = item.waits === "busy" ? "busy" : item.waits === "signed-out" ? "signedOut" : "waiting";
  return [say(word), "wait"];
}

function conflict(item: DockItem): HTMLElement[] {
  const told = (item.deeds ?? []).map((deed) => make("p", { class: "first" }, ...sentences(deed)));
  const area = make("textarea", { id: `note-${item.seq}`, maxlength: "500", rows: "3" });
  const error = make("p", { class: "error", role: "alert" });
  const form = make("div", { class: "field", hidden: true },
    make("label", { for: area.id }, say("noteHint")), area, error,
    make("div", { class: "buttons" }, make("button", { class: "button small", type: "button", onclick: () => void writeNote(item, area, error) }, say("sendNote"))));
  const open = (): void => {
    [form.hidden, writing] = [false, item.seq];
    area.focus();
  };
  return [
    ...(told.length ? told : [make("p", {}, say("askFailed"))]),
    make("p", {}, say("whatNow")),
    make("div", { class: "buttons" },
      make("button", { class: "button danger small", type: "button", onclick: () => void dropMine(item) }, say("drop")),
      make("button", { class: "button second small", type: "button", onclick: open }, say("writeNote"))),
    form,
  ];
}

function sentences(deed: Deed): string[] {
  const name = deed.person ? `${deed.person} (${deed.partyName})` : deed.partyName || say("somebody");
  const told = [say(`did-${deed.what}`, { name, time: timeOf(deed.time), mass: massOf(deed.accepted) })];
  for (const [grams, word] of [[deed.short, "short"], [deed.refused, "sentBack"], [deed.toCome, "toCome"]] as const)
    if (grams && deed.what !== "rejected") told.push(` ${say(word, { mass: massOf(grams) })}`);
  return told;
}

const refusal = (item: Item): HTMLElement[] => [
  make("p", { class: "error" }, item.reason ?? ""),
  make("div", { class: "buttons" }, make("button", { class: "button danger small", type: "button", onclick: () => void dropMine(item) }, say("drop"))),
];

async function dropMine(item: Item): Promise<void> {
  if (!confirm(say("dropSure"))) return;
  writing = undefined;
  await drop(item);
  await render();
}

/** The note takes the place of what was refused. */
async function writeNote(item: DockItem, area: HTMLTextAreaElement, error: HTMLElement): Promise<void> {
  const text = area.value.trim();
  error.textContent = text ? "" : say("noteEmpty");
  if (!text) return;
  const [inbound, key] = [await keptInbound(page.party), await keyOf(page)];
  if (!key) return tell(say("noKey"), "bad");
  if (!inbound) return tell(say("neverLoaded"), "bad");
  const place = localStorage.getItem(`silkroot-place-${page.party}`) ?? inbound.places[0]!.uri;
  try {
    await keepNote(inbound, item.sent, text, place, page, key);
  } catch (caught) {
    if (!isProblem(caught)) throw caught;
    return tell(say("notSigned", { reason: caught.message }), "bad");
  }
  writing = undefined;
  await drop(item);
  await render();
  await send();
}

async function clear(): Promise<void> {
  for (const item of await queued()) if (item.state === "recorded") await drop(item);
  await render();
}

async function sendNow(event: Event): Promise<void> {
  const button = event.currentTarget as HTMLButtonElement;
  [button.disabled, button.textContent] = [true, say("sending")];
  await send();
  await render();
}
