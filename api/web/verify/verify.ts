/**
 * Checks a proof bundle against chain nodes of the reader's choice, and nothing else.
 *
 * The addresses to trust come from the caller's deployment record, never from the bundle. Throws only what `readBundle`
 * throws; a chain that does not answer, or nodes that disagree, make the verdict unknown.
 */

import { readBundle } from "./bundle.ts";
import type { Bundle } from "./bundle.ts";
import { ledgerDomain } from "./digests.ts";
import { checkSignature, openDossier, questionOf } from "./dossier.ts";
import type { BundledEvent } from "./dossier.ts";
import { ask } from "./facts.ts";
import type { Deployment, Facts, NodeReport } from "./facts.ts";
import { finding } from "./findings.ts";
import type { Check, Finding } from "./findings.ts";
import { leafHash, signatureHash, verifyInclusion } from "./hashes.ts";
import { judge } from "./judge.ts";
import type { Judgement } from "./judge.ts";
import { isProblem } from "./problem.ts";
import { byPlace, openSealed } from "./sealing.ts";
import type { Hex, JsonObject, Opened, Withheld } from "./types.ts";

export type { Deployment } from "./facts.ts";

/** A step as it passes: the bundle was read, the chain answered, or a check ended. */
export type Step =
  | { name: "bundle"; bundle: Bundle }
  | { name: "chain"; facts: Facts | null }
  | { name: "check"; check: Check };

export type Options = {
  /** Addresses of JSON-RPC nodes; all of them have to agree. None: the chain is not asked. */
  nodes: string[];
  deployment: Deployment;
  onStep?: (step: Step) => void | Promise<void>;
};

/** What of an event is shown, and how many members are not, by place: those said to be erased, and all others. */
export type Shown = { event: Hex; tree: JsonObject; withheld: Withheld[]; erased: Withheld[] };

/** `nodes`: all that were named, believed or not. `facts` null: none could be believed. */
export type Verified = Judgement & {
  bundle: Bundle;
  shown: Shown[];
  withheld: number;
  erased: number;
  nodes: NodeReport[];
  facts: Facts | null;
};

export async function verify(text: string, { nodes, deployment, onStep }: Options): Promise<Verified> {
  const bundle = readBundle(text);
  await onStep?.({ name: "bundle", bundle });
  const { shown, stated } = openAll(bundle);
  const { chain, lot, events } = bundle;
  const members = (["chainId", "partyRegistry", "produceLedger", "eventLog"] as const)
    .filter((member) => chain[member] !== deployment[member])
    .join(", ");
  // Of another chain, signatures are still checked for the contracts that the bundle names: mathematics, no trust.
  const { chainId, produceLedger } = members ? chain : deployment;
  const domain = ledgerDomain(chainId, produceLedger);
  const dossier = openDossier(lot.id, events, domain, stated);
  const ofNoChain = { facts: null, nodes: [], code: "", detail: "" };
  const asking = members || !nodes.length ? ofNoChain : ask(questionOf(dossier, domain), nodes, deployment);
  // While the nodes think, so do we.
  for (const examined of new Set([...dossier.events.values()].flat())) {
    checkSignature(examined);
    await new Promise((done) => setTimeout(done));
  }
  const asked = await asking;
  const { facts } = asked;
  await onStep?.({ name: "chain", facts });
  if (!facts) stated.push(...unproven(events));
  const judgement = await judge(dossier, facts, deployment.network === "local", async (check) => {
    await onStep?.({ name: "check", check });
  });
  const trouble = members
    ? finding("anchored", "bundle.other-chain", "unknown", { parameters: { members } })
    : asked.code && finding("anchored", asked.code, "unknown", { parameters: { detail: asked.detail } });
  return {
    ...judgement,
    ...(trouble && { reasons: [trouble, ...judgement.reasons] }),
    bundle,
    shown,
    withheld: total(shown.flatMap(({ withheld }) => withheld)),
    erased: total(shown.flatMap(({ erased }) => erased)),
    nodes: asked.nodes,
    facts,
  };
}

const total = (places: Withheld[]): number => places.reduce((sum, { count }) => sum + count, 0);

/** Events whose place does not follow from the bundle's own checkpoint: all that can be said without a chain. */
const unproven = (events: BundledEvent[]): Finding[] =>
  events
    .filter(({ id, place, proofJson }) => {
      if (!place) return false;
      const { index, path, size, root } = place;
      return !verifyInclusion(leafHash(id, signatureHash(proofJson)), index, path, size, root);
    })
    .map(({ id }) => finding("anchored", "anchored.log-proof", "unverified", { event: id }));

/** What disclosures show; one that does not fit its event, or a mark that cannot be true, is a finding about it. */
function openAll({ events }: Bundle): { shown: Shown[]; stated: Finding[] } {
  const stated: Finding[] = [];
  const shown = events.map((event): Shown => {
    const { id, body, disclosures } = event;
    let fits = true;
    const tell = (code: string, parameters: Finding["parameters"]): void => {
      if (fits) stated.push(finding("content", code, "unverified", { parameters, event: id }));
      fits = false;
    };
    for (const given of disclosures.length ? [disclosures, []] : [[]])
      try {
        const opened = openSealed(body, given);
        const mark = fits && falseMark(event, opened);
        if (mark) tell("content.erased", mark);
        const marked = new Set(fits ? event.erased : []);
        const hidden = [...opened.hidden];
        const placed = (erased: boolean) =>
          byPlace(hidden.filter(([digest]) => marked.has(digest) === erased).map(([, place]) => place));
        return { event: id, tree: opened.tree, withheld: placed(false), erased: placed(true) };
      } catch (error) {
        const parameters = isProblem(error) ? { rule: error.code, value: error.values.value } : { rule: "", value: "" };
        tell("content.disclosure", parameters);
      }
    return { event: id, tree: body, withheld: [], erased: [] };
  });
  return { shown, stated };
}

/** The first mark of what was erased that cannot be true: the event holds no such digest, or the bundle shows it. */
function falseMark({ erased }: BundledEvent, { disclosures, hidden }: Opened): Finding["parameters"] | undefined {
  const shown = new Set(disclosures.map(({ digest }) => digest));
  const value = erased.find((digest) => shown.has(digest) || !hidden.has(digest));
  return value === undefined ? undefined : { problem: shown.has(value) ? "shown" : "foreign", value };
}
