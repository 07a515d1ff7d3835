/**
 * Checks a proof bundle against chain nodes of the reader's choice, and nothing else.
 *
 * The addresses to trust come from the caller's deployment record, never from the bundle. Throws only what `readBundle`
 * throws; a chain that does not answer, or nodes that disagree, make the verdict unknown.
 */

import { readBundle } from "./bundle.ts";
import type { Bundle } from "./bundle.ts";
import { ledgerDomain } from "./digests.ts";
import { openDossier, questionOf } from "./dossier.ts";
import { ask } from "./facts.ts";
import type { Deployment, Facts } from "./facts.ts";
import { finding } from "./findings.ts";
import type { Check, Finding } from "./findings.ts";
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

/** `nodes`: those that were believed. `facts` null: no node could be. */
export type Verified = Judgement & {
  bundle: Bundle;
  shown: Shown[];
  withheld: number;
  nodes: string[];
  facts: Facts | null;
};

export async function verify(text: string, { nodes, deployment, onStep }: Options): Promise<Verified> {
  const bundle = readBundle(text);
  await onStep?.({ name: "bundle", bundle });
  const { shown, stated } = openAll(bundle);
  const { chain } = bundle;
  const foreign = (["chainId", "partyRegistry", "produceLedger", "eventLog"] as const).some(
    (member) => chain[member] !== deployment[member],
  );
  const domain = ledgerDomain(deployment.chainId, deployment.produceLedger);
  const dossier = openDossier(bundle.lot.id, bundle.events, domain, stated);
  let [facts, trouble]: [Facts | null, Finding | null] = [null, null];
  try {
    if (foreign) trouble = finding("anchored", "chain.other-contract", "unknown");
    else if (nodes.length) facts = await ask(questionOf(dossier, domain), nodes, deployment);
  } catch (error) {
    if (!isProblem(error)) throw error;
    const { field: node, value } = error.values;
    trouble = finding("anchored", error.code, "unknown", { parameters: { node, value } });
  }
  await onStep?.({ name: "chain", facts });
  const judgement = await judge(dossier, facts, deployment.network === "local", async (check) => {
    await onStep?.({ name: "check", check });
  });
  return {
    ...judgement,
    ...(trouble && { verdict: "unknown" as const, reasons: [trouble, ...judgement.reasons] }),
    bundle,
    shown,
    withheld: shown.reduce((sum, { withheld }) => withheld.reduce((all, { count }) => all + count, sum), 0),
    nodes: facts ? nodes : [],
    facts,
  };
}

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

