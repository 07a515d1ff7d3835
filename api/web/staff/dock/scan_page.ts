/** The page /staff/scan: finds what a code means, by camera, by picture, or typed. */

import { make, tell, the } from "./dom.ts";
import { countOf, massOf, page, say } from "./page_data.ts";
import { load } from "./inbound.ts";
import type { Inbound } from "./store.ts";
import { isMistyped, meant, printed, readText } from "../scan/codes.ts";
import type { Code } from "../scan/codes.ts";
import { scanPicture, scanVideo, wayOf } from "../scan/reader.ts";
import { isProblem } from "../../verify/problem.ts";

let inbound: Inbound | undefined;
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
  result.replaceChildren(
    ...(found.length ? [make("h2", {}, say("found"))] : []),
    make("ul", { class: "cards" }, ...found.map((sent) => make("li", {},
      make("a", { class: "card pick", href: `/staff/receive#${sent.id}` },
        make("b", {}, say("from", { name: sent.shipperName })),
        make("span", { class: "code" }, sent.number),
        make("span", {}, say("lotsAndMass", { mass: massOf(sent.lines.reduce((sum, { grams }) => sum + grams, 0)), count: countOf(sent.lines.length) })))))),
    ...(lot ? [make("p", {}, make("a", { href: lot }, say("seeLot")))] : []),
  );
  (result.querySelector("a") ?? the("number")).focus();
}

/** The lot's page on this service, where the code names one. */
function lotPage({ elements }: Code): string {
  const [gtin, lot] = [elements.get("01"), elements.get("10")];
  return gtin && lot ? `/01/${gtin}/10/${encodeURIComponent(lot)}` : "";
}
