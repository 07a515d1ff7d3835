/**
 * The one signed struct that an event implies; what was signed has to equal it.
 *
 * The forms are those of docs/events.md. An event that moves nothing, and every error declaration, is a `Statement`;
 * one that looks like more and is not complete is refused, so that it does not pass for a statement. Throws a
 * `Problem` with the rule that is broken.
 */

import { lotId } from "./digests.ts";
import { requireAction, requireDisposition } from "./forms.ts";
import type { Reader } from "./forms.ts";
import { ARRIVED, notice, partialReceipt, receipt, SETTLED, settlement, shipment, voiding } from "./handoffs.ts";
import { contentHash } from "./hashes.ts";
import { isObject } from "./json.ts";
import {
  amended,
  amendment,
  birth,
  oneLot,
  pledge,
  pledgeRelease,
  plotRegistration,
  transformation,
  yieldCertificate,
} from "./makings.ts";
import { cbvWord, ownMembers } from "./names.ts";
import type { Own } from "./names.ts";
import { problem } from "./problem.ts";
import { actingParty, asLines, elementsOf, linesIn, lotsOf, portionsOf } from "./reading.ts";
import type { Action, Hex, JsonObject, Line, Output } from "./types.ts";

export { actingParty, lotsOf };

const MOVING_STEPS = ["commissioning", "shipping", "receiving", "void_shipping", "retail_selling", "destroying"];

/** Members of ours that make an event one of our forms: the business step that goes with each, and its reader. */
const MARKS: { [name: string]: [step: string, read: Reader<Action>] } = {
  receipt: ["receiving", partialReceipt],
  settlement: ["accepting", settlement],
  notice: ["void_shipping", notice],
  void: ["void_shipping", voiding],
  plot: ["commissioning", plotRegistration],
  yield: ["inspecting", yieldCertificate],
  pledge: ["reserving", pledge],
  pledgeRelease: ["reserving", pledgeRelease],
};

/** The action that the event implies, signed until `deadline` (Unix seconds). */
export function actionOf(event: JsonObject, deadline: bigint): Action {
  const party = actingParty(event);
  const signed = { contentHash: contentHash(event), deadline };
  const statement = (step: string): Action => {
    const lots = lotsOf(event).map((ref) => ref.id);
    return { type: "Statement", party, step, lots, ...signed };
  };
  if (Object.hasOwn(event, "errorDeclaration")) return statement("errorDeclaration");
  const own = ownMembers(event);
  const moving = movingStep(event);
  const mark = markOf(event, own);
  const recall = recallOf(event);
  if ((moving || mark) && recall)
    throw problem("form.two-actions", "/bizStep", event.bizStep, `a ${moving || mark} event does not ${recall} too`);
  if (own.has("intake") && moving !== "commissioning")
    throw problem("form.intake", "/bizStep", event.bizStep, "an intake is a commissioning of a lot");
  checkCompanions(own, mark, moving);
  if (mark) return (mark === "corrects" ? amendment : MARKS[mark]![1])(event, own, party, signed);
  switch (moving || (event.type === "ObjectEvent" ? recall : "")) {
    case "commissioning":
      return birth(event, own, party, signed);
    case "transformation":
      return transformation(event, own, party, signed);
    case "shipping":
      return shipment(event, own, party, signed);
    case "receiving":
      return receipt(event, own, party, signed);
    case "void_shipping":
      throw problem("form.own-member", "/bizStep", event.bizStep, "silkroot:void or silkroot:notice says what it is");
    case "retail_selling":
      return { type: "Sale", holder: party, lines: leavingLines(event, "retail_sold"), ...signed };
    case "destroying":
      return { type: "Disposal", holder: party, lines: leavingLines(event, "destroyed"), ...signed };
    case "recall":
      return { type: "Recall", issuer: party, lot: oneLot(event, "form.recall-one-lot"), ...signed };
    case "release":
      return { type: "Release", issuer: party, lot: oneLot(event, "form.recall-one-lot"), ...signed };
    default:
      return statement(cbvWord(event.bizStep) || cbvWord(event.type));
  }
}

/**
 * What the event is about in grams, ascending by lot id: its quantity list, or a transformation's inputs; for a
 * receipt, a settlement and a void what was open before.
 */
export function linesOf(event: JsonObject): Line[] {
  const own = ownMembers(event);
  if (own.has("receipt")) return asLines(linesIn(own.get("receipt")!, ARRIVED));
  if (own.has("settlement")) return asLines(linesIn(own.get("settlement")!, SETTLED));
  const member = event.type === "TransformationEvent" ? "inputQuantityList" : "quantityList";
  return asLines(portionsOf(event, member, own.has("corrects")));
}

/** Inputs and outputs that a transformation had until the event corrected it. */
export const amendedOf = (event: JsonObject): { inputs: Line[]; outputs: Output[] } =>
  amended(event, ownMembers(event));

/** The lots that the action made `lot` from, ascending; none if it neither made `lot` nor corrects what did. */
export function parentsIn(action: Action, lot: Hex): Hex[] {
  const makes = action.type === "Transformation" || action.type === "TransformationAmendment";
  if (!makes || !outputsOf(action).includes(lot)) return [];
  return [...new Set(action.inputs.map((line) => line.lot))].sort();
}

/** The ids of the lots that a transformation gives birth to. */
export const outputsOf = ({ outputs }: { outputs: Output[] }): Hex[] =>
  outputs.map(({ product, lotCode }) => lotId(product, lotCode));

function movingStep(event: JsonObject): string {
  const step = cbvWord(event.bizStep);
  const names = (member: string) => elementsOf(event, member).length > 0;
  if (event.type === "ObjectEvent") return MOVING_STEPS.includes(step) && names("quantityList") ? step : "";
  if (event.type !== "TransformationEvent") return "";
  return names("inputQuantityList") || names("outputQuantityList") ? "transformation" : "";
}

/** The member of ours that makes the event one of our forms; type and step have to fit it. */
function markOf(event: JsonObject, own: Own): string {
  const marks = ["corrects", ...Object.keys(MARKS)].filter((name) => own.has(name));
  const [mark] = marks;
  if (mark === undefined) return "";
  if (marks.length > 1 || (own.has("intake") && mark !== "corrects"))
    throw problem("form.two-actions", own.get(marks.at(-1)!)![0], marks, "an event is one thing");
  const { type } = event;
  const step = cbvWord(event.bizStep);
  const isObjectEvent = type === "ObjectEvent";
  if (!isObjectEvent && !(mark === "corrects" && type === "TransformationEvent"))
    throw problem("form.event-type", "/type", type, `silkroot:${mark} does not go with that type of event`);
  const needed = mark !== "corrects" ? MARKS[mark]![0] : isObjectEvent ? "commissioning" : step;
  if (step !== needed)
    throw problem("form.biz-step", "/bizStep", event.bizStep, `silkroot:${mark} goes with ${needed}`);
  return mark;
}

function checkCompanions(own: Own, mark: string, moving: string): void {
  const fits: [string, boolean][] = [
    ["was", mark === "corrects"],
    ["alone", mark === "settlement"],
    ["over", moving === "receiving" || mark === "receipt"],
  ];
  for (const [name, right] of fits)
    if (own.has(name) && !right)
      throw problem("form.own-member", ...own.get(name)!, `silkroot:${name} does not go with this event`);
}

/** "recall", "release" or "". */
function recallOf(event: JsonObject): string {
  const persistent = "persistentDisposition" in event ? event.persistentDisposition : {};
  if (!isObject(persistent))
    throw problem("epcis.object", "/persistentDisposition", persistent, "not an object");
  const holdsRecalled = (member: string): boolean => {
    const words = member in persistent ? persistent[member] : [];
    if (!Array.isArray(words)) throw problem("epcis.list", `/persistentDisposition/${member}`, words, "not a list");
    return words.some((word) => cbvWord(word) === "recalled");
  };
  const recalls = cbvWord(event.disposition) === "recalled" || holdsRecalled("set");
  const releases = holdsRecalled("unset");
  if (recalls && releases)
    throw problem("form.two-actions", "/persistentDisposition", persistent, "an event recalls or releases, not both");
  return recalls ? "recall" : releases ? "release" : "";
}

function leavingLines(event: JsonObject, disposition: string): Line[] {
  requireAction(event, "OBSERVE", "DELETE");
  requireDisposition(event, disposition);
  return linesOf(event);
}
