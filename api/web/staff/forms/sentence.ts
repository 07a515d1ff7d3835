/**
 * What is about to be signed, in plain words: from the struct that this device made out of the event, never from what the
 * service says about it.
 */

import { isObject } from "../../verify/json.ts";
import type { Json, JsonObject } from "../../verify/types.ts";
import { isCorrected, saidOfCorrection } from "./correction.ts";
import { countOf, joined, massOf, page, say } from "./page_data.ts";
import type { Fields } from "./reading.ts";

/** The sentences for a struct in its JSON form, and the event that it came from. */
export function saidOf(action: JsonObject, event: JsonObject): string[] {
  const product = () => page.names.products[text(action.product)] ?? text(action.product);
  const [lot, weight] = [text(action.lotCode), massOf(BigInt(text(action.grams) || "0"))];
  const values = () => ({ weight, product: product(), lot, place: placeOf(event) });
  switch (action.type) {
    case "Harvest":
      return [say("signHarvest", values())];
    case "Intake":
      return [say("signIntake", { ...values(), count: countOf(list(event["silkroot:intake"]).length) })];
    case "Transformation": {
      const [inputs, outputs] = [list(action.inputs), list(action.outputs)];
      const rest = { culls: mass(action.culls), loss: mass(action.processLoss), rest: mass(action.remainder) };
      return [
        say("signPackIn", { weight: massOf(sum(inputs)), lots: joined(inputs.map(lineOf)) }),
        say("signPackOut", { weight: massOf(sum(outputs)), lots: joined(outputs.map(outputOf)) }),
        say("signPackRest", rest),
      ];
    }
    case "Shipment": {
      const lines = list(action.manifest);
      const receiver = page.names.parties[text(action.receiver)] ?? text(action.receiver);
      const reference = text(action.consignmentRef).replace(/^.*[:/]/, "");
      return [say("signShip", { weight: massOf(sum(lines)), receiver, reference, lots: joined(lines.map(lineOf)) })];
    }
    case "BirthAmendment":
    case "TransformationAmendment":
      return saidOfCorrection(action, event);
    case "Receipt":
      return [say("signReceive", { weight: massOf(Math.round(kilograms(event) * 1000)), reference: referenceOf(event) })];
    case "Statement": {
      const lots = list(event.quantityList).map((one) => text(one.epcClass).replace(/^.*[/]/, ""));
      return [say("signStatement", { step: text(event.bizStep).replace(/^.*[:-]/, ""), lots: lots.join(" ") })];
    }
  }
  return [say("signOther", { kind: text(action.type) })];
}

/** Whether the struct says what was entered on the form; `event`: the one that it is of, with nothing sealed. */
export function isEntered(fields: Fields, action: JsonObject, event: JsonObject): boolean {
  const grams = (value: unknown) => (typeof value === "number" ? BigInt(value) : 0n);
  const rows = (name: string) => (Array.isArray(fields[name]) ? (fields[name] as Fields[]) : []);
  const entered = (name: string) => rows(name).reduce((all, row) => all + grams(row.grams), 0n);
  const same = (member: string, name: string) => text(action[member]) === String(fields[name] ?? "");
  const number = (member: string) => BigInt(text(action[member]) || "0");
  switch (action.type) {
    case "Harvest":
      return number("grams") === grams(fields.grams) && same("lotCode", "lot") && sameNumber(action.product, fields.product);
    case "Intake":
      return number("grams") === entered("roster") && same("lotCode", "lot") && sameNumber(action.product, fields.product);
    case "Transformation": {
      const outputs = list(action.outputs);
      const codes = rows("outputs").map((row, index) => text(outputs[index]?.lotCode) === row.lot);
      const rest = [["culls", "culls"], ["processLoss", "loss"], ["remainder", "rest"]] as const;
      return (
        sum(list(action.inputs)) === entered("inputs") &&
        sum(outputs) === entered("outputs") &&
        outputs.length === codes.length &&
        codes.every(Boolean) &&
        rest.every(([member, name]) => number(member) === grams(fields[name]))
      );
    }
    case "Shipment":
      return sum(list(action.manifest)) === entered("manifest") && sameNumber(action.receiver, fields.to);
    case "BirthAmendment":
    case "TransformationAmendment":
      return isCorrected(fields, action, event);
  }
  return false;
}

/** The lot that was made, as a page's address has it; undefined where none was, or several were. */
export function lotMade(fields: Fields): string | undefined {
  const row = Array.isArray(fields.outputs) ? (fields.outputs[0] as Fields | undefined) : fields;
  const [product, lot] = [row?.product, row?.lot];
  return typeof product === "string" && typeof lot === "string" ? `${product}/${lot}` : undefined;
}

const lineOf = (line: JsonObject): string => {
  const known = page.names.lots[text(line.lot)];
  const [lot, product] = known ? [known.code, known.product] : [text(line.lot).slice(0, 10), "?"];
  return say("lotWeight", { weight: mass(line.grams), lot, product });
};

const outputOf = (output: JsonObject): string => {
  const product = page.names.products[text(output.product)] ?? text(output.product);
  return say("lotWeight", { weight: mass(output.grams), lot: text(output.lotCode), product });
};

const kilograms = (event: JsonObject): number =>
  list(event.quantityList).reduce((all, one) => all + Number(one.quantity ?? 0), 0);

const referenceOf = (event: JsonObject): string => {
  const [first] = list(event.bizTransactionList);
  return first ? text(first.bizTransaction).replace(/^.*[:/]/, "") : "";
};

const placeOf = (event: JsonObject): string => {
  const id = isObject(event.readPoint) ? text(event.readPoint.id) : "";
  return page.names.places[id] ?? id;
};

const sameNumber = (signed: Json | undefined, entered: unknown): boolean =>
  typeof entered === "string" && /^\d+$/.test(entered) && BigInt(text(signed) || "0") === BigInt(entered);

const sum = (lines: JsonObject[]): bigint => lines.reduce((all, line) => all + BigInt(text(line.grams) || "0"), 0n);
const mass = (grams: Json | undefined): string => massOf(BigInt(text(grams) || "0"));
const text = (json: Json | undefined): string => (typeof json === "string" ? json : "");
const list = (json: Json | undefined): JsonObject[] => (Array.isArray(json) ? json.filter(isObject) : []);
