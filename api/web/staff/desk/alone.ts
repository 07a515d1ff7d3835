/**
 * What one side of a claim does without the other: takes its own proposal back, announces to write off what is missing,
 * and, when the notice has run out, does so.
 */

import { consignmentId, digestOfHash, registryDomain, structHash } from "../../verify/digests.ts";
import { problem } from "../../verify/problem.ts";
import type { Hex, JsonObject } from "../../verify/types.ts";
import { make, tell, the } from "../dock/dom.ts";
import { busy } from "../forms/busy.ts";
import { page, say } from "../forms/page_data.ts";
import { sentence } from "../forms/reading.ts";
import type { Told } from "../forms/reading.ts";
import { canSign, draftOf, forget } from "../forms/sending.ts";
import { deviceKey } from "../signing/keys.ts";
import { signDigest } from "../signing/sign.ts";
import { checked, post, PROPOSALS, saidOfSettlement } from "./claims.ts";
import type { ClaimPage, Proposal } from "./claims.ts";
import { finish, signWith } from "./finishing.ts";
import { handInOn, openSheet } from "./sheet.ts";
import type { Handed } from "./sheet.ts";

const WHY = { offline: "offline", busy: "busy", "signed-out": "signedOut" } as const;
const CANCELLATION = "Cancellation(uint64 party,bytes32 digest,uint64 deadline)";

type Withdrawal = Proposal & {
  cancellation: { party: string; digest: Hex; deadline: number };
  chainId: number;
  registry: Hex;
};

/** A proposal that this side signed: read again, and taken back by a signature that makes the first one void. */
export async function startWithdrawal(number: number): Promise<void> {
  const own = await checked<Withdrawal>(`${PROPOSALS}/${number}/withdrawal`, "party");
  const said = saidOfSettlement(own.action);
  const digest = withdrawalDigest(own);
  the("proposed").replaceChildren(...said.map((line) => make("li", {}, line)));
  const button = the<HTMLButtonElement>("withdraw");
  button.disabled = false;
  const open = async (): Promise<void> => {
    if (!(await canSign())) return tell(say("noKey"), "bad");
    openSheet({ said: [say("signWithdrawal"), ...said], digest, hand: () => withdraw(number, own, digest) });
  };
  button.addEventListener("click", () => void busy(button, open));
}

/** What is void afterwards is what was read on the page, and nothing else. */
function withdrawalDigest({ cancellation, chainId, registry, digest }: Withdrawal): Hex {
  if (cancellation.digest !== digest || BigInt(cancellation.party) !== BigInt(page.party))
    throw problem("signing.differs", "/cancellation", cancellation.digest, "something else would be taken back than what was read");
  const { party, deadline } = cancellation;
  const struct = { party: BigInt(party), digest, deadline: BigInt(deadline) };
  return digestOfHash(registryDomain(BigInt(chainId), registry), structHash(CANCELLATION, struct));
}

async function withdraw(number: number, { cancellation }: Withdrawal, digest: Hex): Promise<Handed> {
  const key = await deviceKey(page.person.id, page.keyId);
  if (!key) throw new Error("no-key");
  const body = { deadline: Number(cancellation.deadline), signature: await signDigest(digest, key) };
  const sent = await post(`${PROPOSALS}/${number}/withdraw`, new TextEncoder().encode(JSON.stringify(body)));
  if (sent.state === "unanswered") return { waits: sent.why, kept: false };
  if (sent.state === "refused") return { after: () => refused(sent.violations, sent.title) };
  return { after: () => finish(say("withdrawn"), []) };
}

/** The buttons by which one side acts without the other. */
export function startAlone(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-deed]"))
    button.addEventListener("click", () => void busy(button, () => ask(button.dataset.deed!)));
}

async function ask(kind: string): Promise<void> {
  tell("");
  if (!(await canSign())) return tell(say("noKey"), "bad");
  const { shipper, reference } = page as ClaimPage;
  const fields = { shipper, reference, ...(kind === "settle" ? { alone: true } : {}) };
  tell(say("checking"), "wait");
  const drafted = await draftOf(kind, fields);
  tell("");
  if (drafted.state === "unanswered") return tell(say(WHY[drafted.why]), "warn");
  if (drafted.state === "refused") return refused(drafted.violations, drafted.title);
  const text = say(kind === "settle" ? "writtenOff" : "announced");
  if (drafted.state === "recorded") return finish(text, []);
  const { draft } = drafted;
  const signed = await signWith(draft, (action) => (kind === "settle" ? isAllLoss(action) : isNotice(action)));
  const number = reference.replace(/^.*[:/]/, "");
  const said = kind === "settle" ? [say("signAlone"), ...saidOfSettlement(signed.action)] : [say("signNotice", { reference: number })];
  const done = (): void => {
    forget();
    finish(text, said);
  };
  openSheet({
    said, digest: draft.digest, hand: () => handInOn(signed, said, { done, refuse: refused }), kept: () => finish(say("keptHere"), said),
  });
}

/** Of this consignment, by this party, and nothing but loss: all that is missing, which the page says. */
function isAllLoss(action: JsonObject): boolean {
  const { missing } = page as ClaimPage;
  const lines = action.lines as unknown as { [name: string]: string }[];
  return (
    action.type === "Settlement" &&
    BigInt(String(action.counterparty)) === 0n &&
    isOfThis(action) &&
    lines.length === Object.keys(missing).length &&
    lines.every((line) => String(missing[line.lot!]) === line.loss && [line.weightLoss, line.returned, line.received].every((one) => one === "0"))
  );
}

const isNotice = (action: JsonObject): boolean => action.type === "Notice" && isOfThis(action);

function isOfThis(action: JsonObject): boolean {
  const { shipper, reference } = page as ClaimPage;
  return action.consignment === consignmentId(BigInt(shipper), reference);
}

function refused(violations: Told[], title: string): void {
  tell([say("refused"), ...violations.map(sentence), ...(violations.length ? [] : [title])].join(" "), "bad");
}
