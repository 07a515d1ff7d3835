/**
 * Handoffs: shipment, full and partial receipt, settlement, notice, void.
 *
 * In a partial receipt and a settlement the grams stand in a member of ours and the quantity list says the same; where
 * they disagree the event is refused. Throws `form.*`, `handoff.*`, `line.*` and what the readers throw.
 */

import { consignmentId, linesHash } from "./digests.ts";
import { problem } from "./problem.ts";
import {
  asLines,
  byLot,
  consignmentReference,
  elementsOf,
  linesIn,
  lotAt,
  massOf,
  portionsOf,
  possessingParty,
  returnReference,
  wordAt,
} from "./reading.ts";
import type { OwnLine } from "./reading.ts";
import { requireAction, requireDisposition } from "./forms.ts";
import type { Reader } from "./forms.ts";
import type { Own } from "./names.ts";
import type { Hex, JsonObject, Notice, PartialReceipt, Receipt, Settlement, Shipment, Void } from "./types.ts";

export const ARRIVED = ["accepted", "refused", "toCome", "short"];
export const SETTLED = ["loss", "weightLoss", "returned", "received"];

export const shipment: Reader<Shipment> = (event, _, party, signed) => {
  requireAction(event, "OBSERVE");
  requireDisposition(event, "in_transit");
  const { receiver } = sides(event, party);
  const consignmentRef = consignmentReference(event);
  const manifest = asLines(portionsOf(event, "quantityList"));
  return { type: "Shipment", shipper: party, receiver, consignmentRef, manifest, ...signed };
};

export const receipt: Reader<Receipt> = (event, own, party, signed) => {
  const consignment = received(event, own, party);
  const manifestHash = linesHash(asLines(portionsOf(event, "quantityList")));
  return { type: "Receipt", receiver: party, consignment, manifestHash, ...signed };
};

export const partialReceipt: Reader<PartialReceipt> = (event, own, party, signed) => {
  const consignment = received(event, own, party);
  const rows = linesIn(own.get("receipt")!, ARRIVED);
  checkQuantities(event, own.get("receipt")![0], rows, ({ grams }) => grams[0]! + grams[1]!);
  const returnRef = returnReference(event, rows.some(({ grams }) => grams[1]));
  const lines = ascending(rows).map(({ ref, grams }) => {
    const [accepted, refused, toCome] = grams as [bigint, bigint, bigint];
    return { lot: ref.id, accepted, refused, toCome };
  });
  const manifestHash = linesHash(asLines(rows));
  return { type: "PartialReceipt", receiver: party, consignment, manifestHash, lines, returnRef, ...signed };
};

export const settlement: Reader<Settlement> = (event, own, party, signed) => {
  requireAction(event, "OBSERVE");
  const { consignment, shipper, receiver } = sides(event);
  const other = otherSide(party, shipper, receiver);
  const rows = linesIn(own.get("settlement")!, SETTLED);
  checkQuantities(event, own.get("settlement")![0], rows, ({ total }) => total);
  const [pointer, alone] = own.get("alone") ?? [];
  if (pointer !== undefined && alone !== true)
    throw problem("silkroot.member", pointer, alone, "true, or no such member");
  const lines = ascending(rows).map(({ ref, grams }) => {
    const [loss, weightLoss, returned, received] = grams as [bigint, bigint, bigint, bigint];
    return { lot: ref.id, loss, weightLoss, returned, received };
  });
  const [counterparty, manifestHash] = [alone ? 0n : other, linesHash(asLines(rows))];
  return { type: "Settlement", party, counterparty, consignment, manifestHash, lines, ...signed };
};

export const notice: Reader<Notice> = (event, own, party, signed) => {
  requireAction(event, "OBSERVE");
  requireLots(event);
  const isVoid = wordAt(own.get("notice")!, "void", "write-off") === "void";
  const { consignment, shipper, receiver } = sides(event, isVoid ? party : undefined);
  otherSide(party, shipper, receiver);
  return { type: "Notice", party, consignment, ...signed };
};

export const voiding: Reader<Void> = (event, own, party, signed) => {
  requireAction(event, "OBSERVE");
  requireLots(event);
  const agreed = wordAt(own.get("void")!, "agreed", "after-notice") === "agreed";
  const { consignment, receiver } = sides(event, party);
  const manifestHash = linesHash(asLines(portionsOf(event, "quantityList")));
  return { type: "Void", shipper: party, receiver: agreed ? receiver : 0n, consignment, manifestHash, ...signed };
};

const ascending = (rows: OwnLine[]): OwnLine[] => byLot(rows, ({ ref }) => ref.id);

/** The consignment that the acting party receives; what arrived over its manifest is only told, but told in full. */
function received(event: JsonObject, own: Own, party: bigint): Hex {
  const over = own.get("over");
  if (over) linesIn(over, ["grams"]);
  requireAction(event, "OBSERVE");
  const [, shipper] = possessingParty(event, "sourceList", "source");
  const [pointer, receiver] = possessingParty(event, "destinationList", "destination");
  requireSame(pointer, "handoff.receiver", receiver, party);
  return consignmentId(shipper, consignmentReference(event));
}

/** The consignment and its two sides; `shipperActs`: the party that has to be the shipper. */
function sides(event: JsonObject, shipperActs?: bigint): { consignment: Hex; shipper: bigint; receiver: bigint } {
  const [pointer, shipper] = possessingParty(event, "sourceList", "source");
  if (shipperActs !== undefined) requireSame(pointer, "handoff.shipper", shipper, shipperActs);
  const [, receiver] = possessingParty(event, "destinationList", "destination");
  return { consignment: consignmentId(shipper, consignmentReference(event)), shipper, receiver };
}

function otherSide(party: bigint, shipper: bigint, receiver: bigint): bigint {
  if (party !== shipper && party !== receiver)
    throw problem("handoff.side", "/sourceList", party, "shipper or receiver acts");
  return party === shipper ? receiver : shipper;
}

function requireSame(pointer: string, rule: string, named: bigint, party: bigint): void {
  if (named !== party) throw problem(rule, pointer, named, `another party acts: ${party}`);
}

function requireLots(event: JsonObject): void {
  if (!elementsOf(event, "quantityList").length)
    throw problem("form.lots", "/quantityList", "0 lots", "the event names the lots that it is about");
}

/** The quantity list names the lots of our member: with those grams, or by name alone where they are none. */
function checkQuantities(event: JsonObject, pointer: string, rows: OwnLine[], gramsOf: (row: OwnLine) => bigint): void {
  const left = new Map(rows.map((row) => [row.ref.id, gramsOf(row)]));
  const found = new Set<Hex>();
  for (const [where, element] of elementsOf(event, "quantityList")) {
    const ref = lotAt(`${where}/epcClass`, element.epcClass);
    const needed = ref ? left.get(ref.id) : undefined;
    if (!ref || needed === undefined)
      throw problem("line.differs", `${where}/epcClass`, element.epcClass, `${pointer} has no such lot`);
    if (found.has(ref.id)) throw problem("line.twice", `${where}/epcClass`, element.epcClass, "the lot stands twice");
    found.add(ref.id);
    if ((needed || Object.hasOwn(element, "quantity")) && massOf(element, where) !== needed)
      throw problem("line.sum", `${where}/quantity`, element.quantity, `${pointer} makes it ${needed} g`);
  }
  if (found.size !== rows.length)
    throw problem("line.differs", "/quantityList", `${found.size} lots`, `${pointer} names ${rows.length} lots`);
}
