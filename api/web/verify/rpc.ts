/**
 * Ethereum JSON-RPC over fetch, in batches.
 *
 * JSON-RPC 2.0, section 6. Throws `chain.unavailable` where a node does not answer in JSON-RPC, and `chain.wrong` where
 * it refuses a call that any node with our contracts answers.
 */

import { problem } from "./problem.ts";

export type Call = [method: string, params: unknown[]];

const MOST_IN_A_BATCH = 100;
const MILLISECONDS = 20_000;

/** The results in the order of the calls. */
export async function batch(url: string, calls: Call[]): Promise<unknown[]> {
  const results: unknown[] = [];
  for (let start = 0; start < calls.length; start += MOST_IN_A_BATCH) {
    const part = calls.slice(start, start + MOST_IN_A_BATCH);
    const answers = await post(url, part.map(([method, params], id) => ({ jsonrpc: "2.0", id, method, params })));
    if (!Array.isArray(answers)) throw unavailable(url, "the node does not answer batches");
    const byId = new Map((answers as Answer[]).map((answer) => [answer?.id, answer]));
    part.forEach(([method], id) => {
      const answer = byId.get(id);
      if (answer?.error) throw problem("chain.wrong", url, answer.error.message, `the node refuses ${method}`);
      if (answer?.result === undefined) throw unavailable(url, `no answer to ${method}`);
      results.push(answer.result);
    });
  }
  return results;
}

type Answer = { id?: unknown; result?: unknown; error?: { message?: unknown } | null } | null;

async function post(url: string, body: unknown): Promise<unknown> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(MILLISECONDS),
    });
    return await response.json();
  } catch (error) {
    throw unavailable(url, String(error));
  }
}

const unavailable = (url: string, why: string) => problem("chain.unavailable", url, why, "the node does not answer");
