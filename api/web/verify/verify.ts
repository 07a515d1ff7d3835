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
import { openSealed } from "./sealing.ts";
import type { Hex, JsonObject, Withheld } from "./types.ts";

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

/** What of an event is shown, and how many members of it are not, by place. */
export type Shown = { event: Hex; tree: JsonObject; withheld: Withheld[] };

/** `nodes`: all that were named, believed or not. `facts` null: none could be believed. */
export type Verified = Judgement & {
  bundle: Bundle;
  shown: Shown[];
  withheld: number;
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
    withheld: shown.reduce((sum, { withheld }) => withheld.reduce((all, { count }) => all + count, sum), 0),
    nodes: asked.nodes,
    facts,
  };
}

/** Events whose place does not follow from the bundle's own checkpoint: all that can be said without a chain. */
const unproven = (events: BundledEvent[]): Finding[] =>
  events
    .filter(({ id, place, proofJson }) => {
      if (!place) return false;
      const { index, path, size, root } = place;
      return !verifyInclusion(leafHash(id, signatureHash(proofJson)), index, path, size, root);
    })
    .map(({ id }) => finding("anchored", "anchored.log-proof", "unverified", { event: id }));

/** What disclosures show; one that does not fit its event is a finding about that event. */
function openAll({ events }: Bundle): { shown: Shown[]; stated: Finding[] } {
  const stated: Finding[] = [];
  const shown = events.map(({ id, body, disclosures }): Shown => {
    for (const given of disclosures.length ? [disclosures, []] : [[]])
      try {
        const { tree, withheld } = openSealed(body, given);
        return { event: id, tree, withheld };
      } catch (error) {
        if (stated.at(-1)?.event === id) continue;
        const parameters = isProblem(error) ? { rule: error.code, value: error.values.value } : { rule: "", value: "" };
        stated.push(finding("content", "content.disclosure", "unverified", { parameters, event: id }));
      }
    return { event: id, tree: body, withheld: [] };
  });
  return { shown, stated };
}

