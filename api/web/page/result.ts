/** Shows what was found: the verdict, why, what to know besides, what is withheld, and the evidence behind a fold. */

import { signerOf } from "../verify/actions.ts";
import type { Finding } from "../verify/findings.ts";
import type { JudgedEvent } from "../verify/judge.ts";
import type { Verified } from "../verify/verify.ts";
import { element, hide, make, sign } from "./tree.ts";
import type { PageData, Words } from "./words.ts";

/** What could not be read, in words. */
export type Trouble = { trouble: { code: string; sentence: string; value: string } };

export function show(found: Verified | Trouble, words: Words, data: PageData): void {
  const verdict = "trouble" in found ? (found.trouble.code ? "unverified" : "unknown") : found.verdict;
  const { title, lead, advice } = data.verdicts[verdict]!;
  const head = element("verdict");
  head.className = `verdict ${verdict}`;
  const seal = make("div", "", "seal");
  seal.append(sign(verdict));
  const text = make("div", "");
  text.append(make("h2", title), make("p", lead));
  if (advice) text.append(make("p", advice, "advice"));
  if (!("trouble" in found)) {
    const { product, code } = found.bundle.lot;
    text.append(make("p", words.ui("of-lot", { lot: code, product: String(product).padStart(14, "0") }), "when"));
    if (found.facts) text.append(make("p", words.ui("at", { time: words.time(found.facts.headTime) }), "when"));
  }
  text.append(make("p", element("label").textContent, "when"));
  head.replaceChildren(seal, text);

  const told = "trouble" in found ? [] : found.reasons.filter((one) => one.verdict !== "verified");
  element("why").className = `card troubles ${verdict}`;
  fill("why", "trouble" in found ? [troubleOf(found)] : told.map((one) => reasonOf(one, words)));
  fill("know", "trouble" in found ? [] : [...found.qualifiers.map((one) => noteOf(words.qualifier(one))), noteOf(words.ui("statements"))]);
  fill("hidden", "trouble" in found ? [] : hiddenOf(found, words));
  fill("branches", "trouble" in found || found.branches.length < 2 ? [] : branchesOf(found, words, data));
  hide(element("evidence"), "trouble" in found);
  if (!("trouble" in found)) foldEvidence(() => evidenceOf(found, words, data));
}

/** The evidence is made when somebody opens the fold: for a long way it is more than the rest of the page. */
function foldEvidence(make: () => HTMLElement[]): void {
  const fold = element("evidence").querySelector("details")!;
  const proof = element("proof");
  fold.open = false;
  proof.replaceChildren();
  fold.ontoggle = () => {
    if (fold.open && !proof.firstChild) proof.append(...make());
  };
}

function fill(id: string, items: HTMLElement[]): void {
  hide(element(id), !items.length);
  element(`${id}-list`).replaceChildren(...items);
}

function reasonOf(finding: Finding, words: Words): HTMLElement {
  const item = make("article", "", "trouble");
  item.dataset.code = finding.code;
  item.append(make("h3", words.finding(finding)));
  for (const difference of finding.differences) item.append(make("p", words.change(difference), "about"));
  return item;
}

function troubleOf({ trouble }: Trouble): HTMLElement {
  const item = make("article", "", "trouble");
  item.dataset.code = trouble.code;
  item.append(make("h3", trouble.sentence));
  if (trouble.code && trouble.value) item.append(make("p", trouble.value, "hash"));
  return item;
}

function noteOf(text: string): HTMLElement {
  const item = make("li", "");
  item.append(sign("note"), make("p", text));
  return item;
}

/** How much is withheld, and how much is said to be erased. */
const hiddenOf = (found: Verified, words: Words): HTMLElement[] =>
  (["withheld", "erased"] as const)
    .filter((name) => found[name])
    .map((name) => {
      const note = noteOf(words.ui(name, { count: words.number(found[name]) }));
      note.dataset.hidden = name;
      return note;
    });

const branchesOf = ({ branches }: Verified, words: Words, data: PageData): HTMLElement[] =>
  branches.map(({ holder, onHand, toCome, verdict, reasons }) => {
    const item = make("li", "");
    const row = make("div", "", "row");
    const badge = make("span", "", `badge ${verdict}`);
    badge.append(sign(verdict), data.verdicts[verdict]!.title);
    row.append(make("p", words.party(holder), "big"), badge);
    const amounts = { held: words.weight(onHand), coming: words.weight(toCome) };
    item.append(row, make("p", words.ui(toCome ? "branch" : "branch-held", amounts), "quiet"));
    for (const one of reasons) if (one.verdict !== "verified") item.append(make("p", words.finding(one), "reason"));
    return item;
  });

function evidenceOf(found: Verified, words: Words, data: PageData): HTMLElement[] {
  const { facts, bundle, nodes } = found;
  const list = make("dl", "");
  for (const { url, believed, problem } of nodes)
    list.append(...fact(words.ui(believed ? "node" : "node-doubted"), believed ? url : `${url}: ${problem}`));
  if (facts)
    list.append(
      ...fact(words.ui("block"), `${facts.head}`),
      ...fact(words.ui("block-hash"), facts.headHash),
      ...fact(words.ui("block-time"), new Date(Number(facts.headTime) * 1000).toISOString()),
    );
  for (const [name, value] of Object.entries(bundle.chain)) list.append(...fact(name, String(value)));
  return [list, ...found.events.map((event) => eventOf(event, found, words, data))];
}

function eventOf({ reading, checks, relevant }: JudgedEvent, found: Verified, words: Words, data: PageData): HTMLElement {
  const { event, action, anchor, signer } = reading;
  const section = make("section", "");
  const step = action.type === "Statement" ? `${action.type}: ${action.step}` : action.type;
  section.append(make("h3", step), make("p", words.party(signerOf(action)), "quiet"));
  const results = make("ul", "", "checks small");
  for (const { name, outcome } of checks) {
    const item = make("li", "", data.marks[outcome]!);
    item.append(sign(data.marks[outcome]!), make("span", data.checks[name]!), make("b", data.outcomes[outcome]!));
    results.append(item);
  }
  const list = make("dl", "");
  const { place } = event;
  const shown = found.shown.find((one) => one.event === event.id);
  const stated = event.body.eventTime;
  if (typeof stated === "string") list.append(...fact(words.ui("stated"), stated));
  if (!relevant) list.append(...fact(words.ui("aside"), words.ui("aside-why")));
  list.append(...fact(words.ui("hash"), event.id), ...fact(words.ui("key"), signer ?? event.proof.keyId));
  if (anchor)
    list.append(
      ...fact(words.ui("block"), `${anchor.block}, ${new Date(Number(anchor.time) * 1000).toISOString()}`),
      ...fact(words.ui("transaction"), anchor.transaction),
    );
  if (place) list.append(...fact(words.ui("place"), `${place.index} / ${place.size}`));
  for (const { place: where, count } of shown?.withheld ?? [])
    list.append(...fact(words.ui("sealed"), `${where || "/"} (${count})`));
  for (const { place: where, count } of shown?.erased ?? [])
    list.append(...fact(words.ui("sealed-erased"), `${where || "/"} (${count})`));
  section.append(results, list);
  return section;
}

function fact(label: string, value: string): HTMLElement[] {
  return [make("dt", label), make("dd", value, "hash")];
}
