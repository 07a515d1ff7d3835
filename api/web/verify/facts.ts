/**
 * What has to be known of the chain, and what several nodes answer, all at one block.
 *
 * Calls name the block by its hash (EIP-1898); logs are read up to its number, and the block is read again behind them,
 * so that a re-org in between is seen and everything is asked anew. Nodes that are ahead are asked at the block of the
 * one that is furthest behind; what they answer has to be the same to the last member. Nothing is thrown: what cannot be
 * had is `chain.unavailable`, `chain.wrong` or `chain.nodes-disagree`.
 */

import { decodeList, decodeTuple, encodeCall, topic, word } from "./abi.ts";
import type { Form, Word } from "./abi.ts";
import { isProblem, problem } from "./problem.ts";
import { batch } from "./rpc.ts";
import type { Call } from "./rpc.ts";
import type { Hex } from "./types.ts";

/** The addresses that the reader trusts, and how deep an entry has to lie there. */
export type Deployment = {
  network: string;
  chainId: bigint;
  partyRegistry: Hex;
  produceLedger: Hex;
  eventLog: Hex;
  firstBlock: number;
  confirmations: number;
};

/** All that `judge` needs to know. `digests`: of several entries of one content the one with such a digest is meant. */
export type Question = {
  contents: Hex[];
  digests: Set<Hex>;
  lots: Hex[];
  balances: [lot: Hex, holder: bigint][];
  consignments: Hex[];
  keys: Hex[];
  parties: bigint[];
  plots: Hex[];
  yields: [plot: Hex, season: bigint][];
  checkpointBlocks: number[];
  cancellations: [party: bigint, digest: Hex][];
};

/** Where a log stands. */
export type Position = { block: number; index: number };
type Mined = Position & { time: bigint; transaction: Hex };
/** An `EntryRecorded` log; `time` is the key time of the event. */
export type Entry = Mined & { content: Hex; party: bigint; kind: number; keyId: Hex; digest: Hex };
/** A `Checkpoint` log, the first to cover the entries from `previous` up to `size` - 1. */
export type Checkpoint = Mined & { size: bigint; root: Hex; previous: bigint };
export type KeyRecord = { party: bigint; scheme: number; hosted: boolean; from: bigint; until: bigint; revoked: bigint };
export type LotState = {
  issuer: bigint;
  grams: bigint;
  certified: bigint;
  entries: number;
  recalledBy: bigint;
  inherited: boolean;
  origin: Hex;
};
/** `lines`: the first 24 bytes of the hash of the open lines. */
export type ConsignmentRecord = { shipper: bigint; receiver: bigint; state: number; lines: Hex };

/** The answers, all at block `head`; `yields` in grams. Pairs are keyed by `pair`. */
export type Facts = {
  head: number;
  headHash: Hex;
  headTime: bigint;
  confirmations: number;
  entries: Map<Hex, Entry>;
  lots: Map<Hex, LotState>;
  balances: Map<string, bigint>;
  consignments: Map<Hex, ConsignmentRecord>;
  keys: Map<Hex, KeyRecord>;
  roles: Map<bigint, (Position & { roles: bigint })[]>;
  plots: Map<Hex, { producer: bigint; certifier: bigint }>;
  yields: Map<string, { certified: bigint; harvested: bigint }>;
  checkpoints: Checkpoint[];
  cancelled: Map<string, Position>;
};

export const pair = (one: Word, other: Word): string => `${one} ${other}`;
export const isBefore = (one: Position, other: Position): boolean =>
  one.block < other.block || (one.block === other.block && one.index < other.index);

/** The party's roles when the log was written, or without one at the head. */
export function rolesOf(facts: Facts, party: bigint, at: Position | null): bigint {
  return (facts.roles.get(party) ?? []).filter((record) => !at || isBefore(record, at)).at(-1)?.roles ?? 0n;
}

const ENTRY = topic("EntryRecorded(bytes32,uint64,uint8,bytes32,bytes32)");
const ADMITTED = topic("PartyAdmitted(uint64,uint16,bytes32,uint32)");
const ROLES = topic("RolesChanged(uint64,uint16)");
const SUSPENSION = topic("PartySuspensionChanged(uint64,bool)");
const CANCELLED = topic("DigestCancelled(uint64,bytes32,bytes32)");
const CHECKPOINT = topic("Checkpoint(uint64,bytes32,uint64)");
const ITEMS_PER_CALL = 200;
const ATTEMPTS = 3;
const MOST_APART_SECONDS = 600;
const UNAVAILABLE = "chain.unavailable";

type Block = { number: string; hash: Hex; timestamp: string };
type Log = {
  address: string;
  topics: Hex[];
  data: string;
  blockNumber: string;
  blockHash: Hex;
  transactionHash: Hex;
  logIndex: string;
};

/** What became of one node; `problem` says why it is not believed. */
export type NodeReport = { url: string; believed: boolean; problem: string };
/** `facts` null: there is nothing to believe; then `code` says why, and `detail` more. */
export type Answer = { facts: Facts | null; nodes: NodeReport[]; code: string; detail: string };

/**
 * Asks every node at the lowest of their heads; those that answer have to say the same. Heads that lie far apart are a
 * disagreement as well, since the slow node would hide what the fast one knows.
 */
export async function ask(question: Question, urls: string[], deployment: Deployment): Promise<Answer> {
  const heads = await Promise.all(urls.map((url) => tried(() => checkedHead(url, deployment))));
  const numbers = heads.flatMap((head) => ("said" in head ? [Number(head.said.number)] : []));
  const told = await Promise.all(
    heads.map((head, at) =>
      "said" in head ? tried(() => factsAtNumber(question, urls[at]!, deployment, Math.min(...numbers))) : head,
    ),
  );
  const nodes = told.map((one, at): NodeReport => {
    const url = urls[at]!;
    return "said" in one ? { url, believed: true, problem: "" } : { url, believed: false, problem: one.problem };
  });
  const facts = told.flatMap((one) => ("said" in one ? [one.said] : []));
  const [first] = facts;
  if (!first) {
    const code = [...heads, ...told].some((one) => "code" in one && one.code === "chain.wrong") ? "chain.wrong" : UNAVAILABLE;
    return { facts: null, nodes, code, detail: nodes.map(({ problem }) => problem).join("; ") };
  }
  const times = heads.flatMap((head, at) => ("said" in head && nodes[at]!.believed ? [Number(head.said.timestamp)] : []));
  if (Math.max(...times) - Math.min(...times) <= MOST_APART_SECONDS && new Set(facts.map(inWords)).size === 1)
    return { facts: first, nodes, code: "", detail: "" };
  const doubted = nodes.map((node) => ({ ...node, believed: false }));
  return { facts: null, nodes: doubted, code: "chain.nodes-disagree", detail: urls.join(" / ") };
}

type Tried<T> = { said: T } | { code: string; problem: string };

/** What a node says that is no form of ours is that of another contract. */
async function tried<T>(read: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { said: await read() };
  } catch (error) {
    const known = isProblem(error) && error.code.startsWith("chain.");
    return { code: known ? error.code : "chain.wrong", problem: error instanceof Error ? error.message : String(error) };
  }
}

async function factsAtNumber(question: Question, node: string, deployment: Deployment, number: number): Promise<Facts> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [block] = (await batch(node, [["eth_getBlockByNumber", [hex(number), false]]])) as (Block | null)[];
    if (!block) throw problem(UNAVAILABLE, node, number, "the node does not have that block");
    const facts = await factsAt(question, node, deployment, block);
    if (facts) return facts;
  }
  throw problem(UNAVAILABLE, node, "", "the chain changes faster than it can be read");
}

async function checkedHead(node: string, { chainId, ...at }: Deployment): Promise<Block> {
  const contracts = [at.partyRegistry, at.produceLedger, at.eventLog];
  const [id, head, ...codes] = await batch(node, [
    ["eth_chainId", []],
    ["eth_getBlockByNumber", ["latest", false]],
    ...contracts.map((address): Call => ["eth_getCode", [address, "latest"]]),
  ]);
  if (BigInt(id as string) !== chainId) throw problem("chain.wrong", node, id, "the node is of another chain");
  codes.forEach((code, index) => {
    if (!code || code === "0x") throw problem("chain.wrong", node, contracts[index], "there is no contract of ours");
  });
  return head as Block;
}

/** null: the chain was reorganised meanwhile. */
async function factsAt(
  question: Question,
  node: string,
  { partyRegistry, produceLedger, eventLog, firstBlock, confirmations }: Deployment,
  head: Block,
): Promise<Facts | null> {
  const calls: Call[] = [];
  const logs = new Map<string, number[]>();
  const reads = new Map<string, [place: number, form: Form][]>();
  const at = { blockHash: head.hash };
  const whole = { fromBlock: hex(firstBlock), toBlock: head.number };
  const logsOf = (address: Hex, blocks: object, topics: (Hex | Hex[])[]) => {
    logs.set(address, [...(logs.get(address) ?? []), calls.length]);
    calls.push(["eth_getLogs", [{ ...blocks, address, topics }]]);
  };
  const read = (to: Hex, name: string, types: string, form: Form, ...lists: Word[][]) => {
    reads.set(name, []);
    for (let start = 0; start < lists[0]!.length; start += ITEMS_PER_CALL) {
      reads.get(name)!.push([calls.length, form]);
      const parts = lists.map((list) => list.slice(start, start + ITEMS_PER_CALL));
      calls.push(["eth_call", [{ to, data: encodeCall(name, types, parts) }, at]]);
    }
  };
  for (const contents of parts(question.contents)) logsOf(produceLedger, whole, [ENTRY, contents]);
  for (const parties of parts(question.parties))
    logsOf(partyRegistry, whole, [[ADMITTED, ROLES, SUSPENSION], parties.map(word)]);
  for (const pairs of parts(question.cancellations))
    logsOf(partyRegistry, whole, [CANCELLED, [...new Set(pairs.map(([party]) => word(party)))], pairs.map((one) => one[1])]);
  for (const [first, last] of runs(question.checkpointBlocks, Number(head.number)))
    logsOf(eventLog, { fromBlock: hex(first), toBlock: hex(last) }, [CHECKPOINT]);
  const first = ([one]: [Word, Word]) => one;
  const second = ([, other]: [Word, Word]) => other;
  const { balances, yields } = question;
  read(produceLedger, "lotsOf", "bytes32[]", "64 64 64 32 64 1 1 b32", question.lots);
  read(produceLedger, "balancesOf", "bytes32[],uint64[]", "64", balances.map(first), balances.map(second));
  read(produceLedger, "consignmentsOf", "bytes32[]", "64 64 8 64 b24", question.consignments);
  read(produceLedger, "plotsOf", "bytes32[]", "64 64", question.plots);
  read(produceLedger, "yieldsOf", "bytes32[],uint16[]", "64 64", yields.map(first), yields.map(second));
  read(partyRegistry, "keysOf", "bytes32[]", "64 8 1 1 40 40 40", question.keys);
  // Last in line: if the head is still what it was, the logs above are of its chain too.
  calls.push(["eth_getBlockByNumber", [head.number, false]]);
  const answers = await batch(node, calls);
  const again = answers.at(-1) as Block | null;
  if (again?.hash !== head.hash) return null;
  const found = (address: Hex): Log[] => (logs.get(address) ?? []).flatMap((place) => answers[place] as Log[]);
  const [ledgerLogs, logLogs] = [found(produceLedger), found(eventLog)];
  const times = await blockTimes(node, [...ledgerLogs, ...logLogs]);
  if (!times) return null;
  const mined = (log: Log): Mined => ({
    block: Number(log.blockNumber),
    index: Number(log.logIndex),
    time: times.get(log.blockHash)!,
    transaction: log.transactionHash,
  });
  const rows = (name: string) =>
    reads.get(name)!.flatMap(([place, form]) => decodeList(answers[place], form) as [never, never, never, never, never, never, never, never][]);
  return {
    head: Number(head.number),
    headHash: head.hash,
    headTime: BigInt(again.timestamp),
    confirmations,
    entries: entriesOf(ledgerLogs, mined, question.digests),
    lots: zip(question.lots, rows("lotsOf"), ([issuer, grams, certified, entries, recalledBy, inherited, , origin]) => (
      { issuer, grams, certified, entries: Number(entries), recalledBy, inherited: Boolean(inherited), origin })),
    balances: zip(balances.map((one) => pair(...one)), rows("balancesOf"), ([grams]) => grams),
    consignments: zip(question.consignments, rows("consignmentsOf"), ([shipper, receiver, state, , lines]) => (
      { shipper, receiver, state: Number(state), lines })),
    keys: zip(question.keys, rows("keysOf"), ([party, scheme, , hosted, from, until, revoked]) => (
      { party, scheme: Number(scheme), hosted: Boolean(hosted), from, until, revoked })),
    roles: changesOf(question.parties, found(partyRegistry)),
    plots: zip(question.plots, rows("plotsOf"), ([producer, certifier]) => ({ producer, certifier })),
    yields: zip(yields.map((one) => pair(...one)), rows("yieldsOf"), ([certified, harvested]) => ({ certified, harvested })),
    checkpoints: logLogs.map((log) => {
      const [size] = decodeTuple(log.topics.slice(1), "64") as [bigint];
      const [root, previous] = decodeTuple(log.data, "b32 64") as [Hex, bigint];
      return { ...mined(log), size, root, previous };
    }),
    cancelled: new Map(
      found(partyRegistry)
        .filter(({ topics }) => topics[0] === CANCELLED)
        .map((log) => [pair(BigInt(log.topics[1]!), log.topics[2]!), position(log)]),
    ),
  };
}

/** One entry a content: the first, in the chain's order, with a digest that was asked for; else the first. */
function entriesOf(logs: Log[], mined: (log: Log) => Mined, digests: Set<Hex>): Map<Hex, Entry> {
  const entries = new Map<Hex, Entry>();
  for (const log of inOrder(logs)) {
    const [, content, party] = decodeTuple(log.topics, "b32 b32 64") as [Hex, Hex, bigint];
    const [kind, keyId, digest] = decodeTuple(log.data, "8 b32 b32") as [bigint, Hex, Hex];
    const before = entries.get(content);
    if (!before || (!digests.has(before.digest) && digests.has(digest)))
      entries.set(content, { ...mined(log), content, party, kind: Number(kind), keyId, digest });
  }
  return entries;
}

/** Each party's roles in the chain's order: none from a suspension on, what it was given last from its end on. */
function changesOf(parties: bigint[], logs: Log[]): Facts["roles"] {
  const roles: Facts["roles"] = new Map(parties.map((party) => [party, []]));
  const given = new Map<bigint, bigint>();
  const suspended = new Set<bigint>();
  for (const log of inOrder(logs)) {
    if (log.topics[0] === CANCELLED) continue;
    const party = BigInt(log.topics[1]!);
    const [value] = decodeTuple(log.data, "16") as [bigint];
    if (log.topics[0] !== SUSPENSION) given.set(party, value);
    else if (value) suspended.add(party);
    else suspended.delete(party);
    roles.get(party)?.push({ roles: suspended.has(party) ? 0n : (given.get(party) ?? 0n), ...position(log) });
  }
  return roles;
}

/** Unix seconds by block hash; null where a block is gone. */
async function blockTimes(node: string, logs: Log[]): Promise<Map<Hex, bigint> | null> {
  const hashes = [...new Set(logs.map((log) => log.blockHash))];
  const blocks = (await batch(node, hashes.map((hash) => ["eth_getBlockByHash", [hash, false]]))) as (Block | null)[];
  return blocks.every(Boolean) ? new Map(blocks.map((block) => [block!.hash, BigInt(block!.timestamp)])) : null;
}

/** Neighbouring block numbers as first and last, ascending. */
function runs(blocks: number[], head: number): [first: number, last: number][] {
  const found: [number, number][] = [];
  for (const block of [...new Set(blocks)].filter((one) => one <= head).sort((one, other) => one - other)) {
    const last = found.at(-1);
    if (last && block === last[1] + 1) last[1] = block;
    else found.push([block, block]);
  }
  return found;
}

function zip<Key, Row, Value>(keys: Key[], rows: Row[], read: (row: Row) => Value): Map<Key, Value> {
  if (keys.length !== rows.length) throw problem("abi.form", "", rows.length, "the contract answered for other items");
  return new Map(keys.map((key, at) => [key, read(rows[at]!)]));
}

function parts<T>(items: T[]): T[][] {
  const found: T[][] = [];
  for (let start = 0; start < items.length; start += ITEMS_PER_CALL) found.push(items.slice(start, start + ITEMS_PER_CALL));
  return found;
}

const hex = (value: number): string => `0x${value.toString(16)}`;
const position = (log: Log): Position => ({ block: Number(log.blockNumber), index: Number(log.logIndex) });
const inOrder = (logs: Log[]): Log[] =>
  [...logs].sort((one, other) => (isBefore(position(one), position(other)) ? -1 : 1));

function inWords(facts: Facts): string {
  return JSON.stringify(facts, (_, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value instanceof Map ? [...value] : value,
  );
}
