/**
 * The page /staff/scan: finds what a code means, by camera, by picture, or typed; and fills a list of consignments that
 * are received in full by one step. Once something is on the list, a code of one consignment alone goes there by itself.
 */

import { make, tell, the } from "./dom.ts";
import { countOf, massOf, page, say } from "./page_data.ts";
import { load, signedHere } from "./inbound.ts";
import { inFull, keepListed, listed, signFor } from "./several.ts";
import type { Expected } from "./compose.ts";
import type { Inbound } from "./store.ts";
import { isMistyped, meant, printed, readText } from "../scan/codes.ts";
import type { Code } from "../scan/codes.ts";
import { scanPicture, scanVideo, wayOf } from "../scan/reader.ts";
import { isProblem } from "../../verify/problem.ts";

let inbound: Inbound | undefined;
/** Ids of those that were signed for on this phone: none of them is signed twice. */
let signed = new Set<string>();
let stopped = true;

export async function showScan(): Promise<void> {
  const [camera, picture, typed] = [the("camera"), the<HTMLInputElement>("picture"), the<HTMLFormElement>("typed")];
  camera.addEventListener("click", () => void scan());
  picture.addEventListener("change", () => void readPicture(picture));
  typed.addEventListener("submit", (event) => {
    event.preventDefault();
    show(the<HTMLInputElement>("number").value);
  });
  const loaded = await load(page.party);
  inbound = loaded.inbound;
  the("offline").hidden = loaded.fresh && navigator.onLine;
  await showList();
  document.documentElement.dataset.reader = await wayOf();
  if (!inbound) tell(say("neverLoaded"), "wait");
}

async function scan(): Promise<void> {
  const [button, viewer] = [the("camera"), the("viewer")];
  if (!stopped) return void (stopped = true);
  stopped = false;
  tell("");
  const label = button.textContent;
  try {
    viewer.hidden = false;
    button.textContent = say("stop");
    const found = await scanVideo(the<HTMLVideoElement>("video"), page.scanner, () => stopped);
    if (found) show(found);
    else if (!stopped) tell(say("noCode"), "warn");
  } catch {
    tell(say("noCamera"), "warn");
  } finally {
    stopped = true;
    viewer.hidden = true;
    button.textContent = label;
  }
}

async function readPicture(input: HTMLInputElement): Promise<void> {
  const file = input.files?.[0];
  if (!file) return;
  let found: string | null = null;
  try {
    found = await scanPicture(file, page.scanner);
  } catch {
    return tell(say("noPicture"), "bad");
  } finally {
    input.value = "";
  }
  if (found) show(found);
  else tell(say("noCode"), "warn");
}

function show(text: string): void {
  tell("");
  const result = the("result");
  result.replaceChildren();
  if (!text.trim()) return;
  if (isMistyped(text)) return tell(say("mistyped"), "bad");
  let code: Code;
  try {
    code = readText(text);
  } catch (error) {
    if (!isProblem(error)) throw error;
    return tell(say("damaged", { reason: error.message }), "bad");
  }
  navigator.vibrate?.(40);
  const found = meant(code, inbound?.consignments ?? []);
  const lot = lotPage(code);
  if (!found.length) tell(say("unknown", { code: printed(text) }), "warn");
  // A lot's code may mean one consignment today and two tomorrow: it is asked for each time.
  const named = !code.elements.has("01") && !code.elements.has("02");
  if (found.length === 1 && named && listed().length) return void add(found[0]!);
  result.replaceChildren(
    ...(found.length ? [make("h2", {}, say("found"))] : []),
    make("ul", { class: "cards" }, ...found.map((sent) => make("li", {},
      make("a", { class: "card pick", href: `/staff/receive#${sent.id}` },
        make("b", {}, say("from", { name: sent.shipperName })),
        make("span", { class: "code" }, sent.number),
        make("span", {}, say("lotsAndMass", { mass: massOf(massIn(sent)), count: countOf(sent.lines.length) }))),
      signed.has(sent.id) ? make("p", { class: "badge wait" }, say("signedBefore"))
        : make("button", { class: "button second", type: "button", onclick: () => void add(sent) }, say("addToList"))))),
    ...(lot ? [make("p", {}, make("a", { href: lot }, say("seeLot")))] : []),
  );
  (result.querySelector("a") ?? the("number")).focus();
}

/** Puts the consignment on the list, once. */
async function add(sent: Expected): Promise<void> {
  if (signed.has(sent.id)) return tell(say("signedBefore"), "warn");
  const ids = listed();
  const before = ids.includes(sent.id);
  if (!before) keepListed([...ids, sent.id]);
  the("result").replaceChildren();
  the<HTMLInputElement>("number").value = "";
  await showList();
  tell(say(before ? "listedBefore" : "listed", { number: sent.number }), before ? "warn" : "good");
}

/** The list, without what is not on its way any more or was signed for; nothing where it is empty. */
async function showList(): Promise<void> {
  signed = new Set((await signedHere()).keys());
  const ids = listed();
  const some = ids.flatMap((id) => inbound?.consignments.find((one) => one.id === id && !signed.has(id)) ?? []);
  if (inbound && some.length !== ids.length) keepListed(some.map(({ id }) => id));
  const place = the("several");
  place.hidden = !some.length;
  if (!inbound || !some.length) return place.replaceChildren();
  const known = inbound;
  const button = make("button", { class: "button main", type: "button" },
    say("signMany", { mass: massOf(some.reduce((sum, sent) => sum + massIn(sent), 0)) }));
  button.addEventListener("click", () => void signFor(button, known, some, inFull(known), showList));
  const off = (id: string): void => {
    keepListed(listed().filter((one) => one !== id));
    tell("");
    void showList();
  };
  place.replaceChildren(
    make("h2", {}, say("several", { count: countOf(some.length) })),
    make("ul", { class: "rows" }, ...some.map((sent) => make("li", {},
      make("span", { class: "grow" }, make("b", { class: "code" }, sent.number),
        make("small", {}, `${massOf(massIn(sent))} · ${say("from", { name: sent.shipperName })}`)),
      make("button", { class: "button second small", type: "button", "aria-label": say("takeOffOne", { number: sent.number }),
        onclick: () => off(sent.id) }, say("takeOff"))))),
    make("p", { class: "hint" }, say("severalHint")),
    make("div", { class: "buttons" }, button));
}

const massIn = ({ lines }: Expected): number => lines.reduce((sum, { grams }) => sum + grams, 0);

/** The lot's page on this service, where the code names one. */
function lotPage({ elements }: Code): string {
  const [gtin, lot] = [elements.get("01"), elements.get("10")];
  return gtin && lot ? `/01/${gtin}/10/${encodeURIComponent(lot)}` : "";
}
