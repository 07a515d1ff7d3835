/**
 * The page /verify: takes a lot, a link, a file or a code, checks it in this browser, and says so step by step.
 *
 * All texts stand in the page already, in its language; this fills in what was found. Nothing is set as HTML.
 */

import { CHECKS } from "../verify/findings.ts";

import { lotOfClass } from "../verify/links.ts";
import { isProblem, problem } from "../verify/problem.ts";
import { warmUp } from "../verify/signatures.ts";
import { verify } from "../verify/verify.ts";
import type { Deployment, Step } from "../verify/verify.ts";
import { show } from "./result.ts";
import { scanPicture, scanVideo } from "./scan.ts";
import { element, hide, make, sign } from "./tree.ts";
import { Words } from "./words.ts";
import type { PageData } from "./words.ts";

const data = JSON.parse(element("data").textContent) as PageData;
const main = document.querySelector("main")!;
const link = element<HTMLInputElement>("link");
const nodes = element<HTMLTextAreaElement>("nodes");
const record = element<HTMLTextAreaElement>("record");
const own = new URL(data.rpc, location.href).href;

/** Counts runs, so that one that was overtaken by another shows nothing any more. */
let latest = 0;

function chosenNodes(): string[] {
  const named = nodes.value.split(/\s+/).filter(Boolean);
  return named.length ? named : [own];
}

function showLabel(): void {
  const chosen = chosenNodes();
  const isOwn = chosen.length === 1 && chosen[0] === own;
  const words = new Words(data);
  const label = element("label");
  label.textContent = isOwn ? words.ui("own-node") : words.ui("other-nodes", { nodes: chosen.map(hostOf).join(", ") });
  label.dataset.node = isOwn ? "own" : "other";
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);

/** The record that the reader pasted, else the page's own. */
function deployment(): Deployment {
  const given = (record.value.trim() ? JSON.parse(record.value) : data.deployment) as { [member: string]: unknown };
  const { network, chainId, partyRegistry, produceLedger, eventLog, firstBlock } = given;
  const addresses = [partyRegistry, produceLedger, eventLog].map((one) => String(one).toLowerCase());
  if (!Number.isSafeInteger(chainId) || !Number.isSafeInteger(firstBlock) || addresses.some((one) => !/^0x[0-9a-f]{40}$/.test(one)))
    throw new Error("no deployment record");
  return {
    network: String(network),
    chainId: BigInt(chainId as number),
    partyRegistry: addresses[0]!,
    produceLedger: addresses[1]!,
    eventLog: addresses[2]!,
    firstBlock: firstBlock as number,
    confirmations: data.confirmations[String(network)] ?? data.confirmations.default!,
  };
}

/** Checks the proof that `read` gives, and shows each step as it passes. */
async function run(read: () => Promise<Uint8Array>): Promise<void> {
  const number = ++latest;
  const words = new Words(data);
  const steps = element("steps");
  delete main.dataset.verdict;
  main.setAttribute("aria-busy", "true");
  hide(element("result"), true);
  hide(element("work"), false);
  steps.replaceChildren();
  element("work").scrollIntoView({ block: "start" });

  let waiting = begin(words.ui("read"));
  const next = (text: string): void => {
    waiting = begin(text);
  };
  const end = (mark: string, text: string, outcome: string): void => {
    waiting.className = mark;
    waiting.replaceChildren(sign(mark), make("span", text), make("b", outcome));
  };
  const onStep = async (step: Step): Promise<void> => {
    if (number !== latest) throw new Overtaken();
    if (step.name === "bundle") {
      const { events, lot } = step.bundle;
      end("good", words.ui("file-read", { count: events.length, lot: lot.code }), data.outcomes.passed!);
      next(words.ui("asking"));
    } else if (step.name === "chain") {
      const { facts } = step;
      if (facts) end("good", words.ui("answered", { nodes: chosenNodes().map(hostOf).join(", ") }), data.outcomes.passed!);
      else end("unknown", words.ui("silent"), data.outcomes["not-made"]!);
      next(data.checks.content!);
    } else {
      const { check } = step;
      end(data.marks[check.outcome]!, data.checks[check.name]!, data.outcomes[check.outcome]!);
      waiting.dataset.check = check.name;
      waiting.dataset.outcome = check.outcome;
      const following = CHECKS[CHECKS.indexOf(check.name) + 1];
      if (following) next(data.checks[following]!);
    }
    // So that the step is seen before the next one is worked on.
    await new Promise((done) => setTimeout(done));
  };

  try {
    const bytes = await read();
    const found = await verify(textOf(bytes), { nodes: chosenNodes(), deployment: deployment(), onStep });
    if (number !== latest) return;
    words.learn(found.bundle);
    finish(found.verdict, () => show(found, words, data));
  } catch (error) {
    if (number !== latest || error instanceof Overtaken) return;
    end("bad", words.ui(isProblem(error) ? "no-proof" : "not-had"), data.outcomes.failed!);
    // A file that is no bundle, or no whole one, is not believed in any part of it.
    finish(isProblem(error) ? "unverified" : "unknown", () => showTrouble(error, words));
  }
}

class Overtaken extends Error {}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw problem("json.syntax", "", "", "the file is not UTF-8");
  }
}

function begin(text: string): HTMLElement {
  const item = make("li", "");
  item.className = "wait";
  item.append(sign("wait"), make("span", text), make("b", "…"));
  element("steps").append(item);
  return item;
}

function finish(verdict: string, fill: () => void): void {
  fill();
  main.dataset.verdict = verdict;
  main.removeAttribute("aria-busy");
  hide(element("result"), false);
  element("verdict").scrollIntoView({ block: "center" });
}

function showTrouble(error: unknown, words: Words): void {
  const [code, field, value] = isProblem(error)
    ? [error.code, error.values.field || "/", error.values.value]
    : ["", "", error instanceof Error ? error.message : String(error)];
  const sentence = code ? words.ui("rule", { field, rule: code }) : words.ui("failed", { why: value });
  show({ trouble: { code, sentence, value } }, words, data);
}

/** The bundle of a lot from this service. */
const ofLot = (product: string, code: string) => (): Promise<Uint8Array> =>
  fetched(new URL(`lots/${encodeURIComponent(product)}/${encodeURIComponent(code)}/proof`, location.href));

async function fetched(url: URL): Promise<Uint8Array> {
  const response = await fetch(url, { headers: { accept: "application/json" }, referrerPolicy: "no-referrer" });
  if (!response.ok) throw new Error(`${response.status} ${url.pathname}`);
  return new Uint8Array(await response.arrayBuffer());
}

const ofFile = (file: Blob) => async (): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());

/** A lot as PRODUCT/CODE, a label's link, or the address of a proof. */
function follow(text: string): void {
  const given = text.trim();
  const [product, code] = given.includes("://") ? [] : [given.slice(0, given.indexOf("/")), given.slice(given.indexOf("/") + 1)];
  if (product && code) return void run(ofLot(product, code));
  void run(async () => {
    const url = new URL(given);
    if (url.pathname.endsWith("/proof")) return fetched(url);
    const lot = lotOfClass(given);
    if (!lot) throw new Error(new Words(data).ui("no-lot"));
    return ofLot(String(lot.product).padStart(14, "0"), lot.code)();
  });
}

function followCode(text: string): void {
  link.value = text;
  follow(text);
}

async function scanning(scan: () => Promise<string | null>): Promise<void> {
  const hint = element("hint");
  const words = new Words(data);
  hint.textContent = words.ui("looking");
  try {
    const found = await scan();
    hint.textContent = found === null ? words.ui("no-code") : "";
    if (found) followCode(found);
  } catch (error) {
    hint.textContent = words.ui("no-camera", { why: error instanceof Error ? error.message : String(error) });
  }
}

element("go").addEventListener("submit", (event) => {
  event.preventDefault();
  follow(link.value);
});
const onFile = (id: string, take: (file: File) => void): void =>
  element<HTMLInputElement>(id).addEventListener("change", ({ target }) => {
    const input = target as HTMLInputElement;
    const file = input.files?.[0];
    if (file) take(file);
    input.value = "";
  });
onFile("file", (file) => void run(ofFile(file)));
onFile("photo", (file) => void scanning(() => scanPicture(file, data.scanner)));
element("camera").addEventListener("click", () => {
  void scanning(() => scanVideo(element<HTMLVideoElement>("video"), element("viewer"), element("stop"), data.scanner));
});
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  const file = event.dataTransfer?.files[0];
  if (file?.type.startsWith("image/")) void scanning(() => scanPicture(file, data.scanner));
  else if (file) void run(ofFile(file));
});
nodes.addEventListener("input", showLabel);

showLabel();
hide(element("camera"), !("mediaDevices" in navigator));
hide(element("input"), false);
const lot = new URLSearchParams(location.search).get("lot");
if (lot) followCode(lot);
// While a proof is fetched or chosen: the first signature of each kind takes a phone far longer than those after it.
setTimeout(warmUp);

