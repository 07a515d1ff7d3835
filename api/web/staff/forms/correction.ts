/** A corrected weight: what it says in plain words, and whether it is what was entered. */

import { amendedOf } from "../../verify/binding.ts";
import { lotId } from "../../verify/digests.ts";
import { isObject } from "../../verify/json.ts";
import type { Json, JsonObject } from "../../verify/types.ts";
import { massOf, page, say } from "./page_data.ts";
import type { Fields } from "./reading.ts";

/** The lots whose weights change, each with both weights, and the reason where it is open. */
export function saidOfCorrection(action: JsonObject, event: JsonObject): string[] {
  const told = action.type === "BirthAmendment" ? [saidOfLot(text(action.lot), grams(action.was), grams(action.grams))] : saidOfPacking(action, event);
  const reason = text(event["silkroot:reason"]);
  return reason ? [...told, say("signReason", { reason })] : told;
}

/** Whether every weight and the reason are those of the form. */
export function isCorrected(fields: Fields, action: JsonObject, event: JsonObject): boolean {
  if (text(event["silkroot:reason"]) !== String(fields.reason ?? "").normalize("NFC")) return false;
  const rows = (name: string): Fields[] => (Array.isArray(fields[name]) ? (fields[name] as Fields[]) : []);
  const typed = (value: unknown): bigint => (typeof value === "number" ? BigInt(value) : 0n);
  const lines = (name: string): string[] => rows(name).map((row) => `${idOf(String(row.lot))} ${typed(row.grams)}`);
  if (action.type === "BirthAmendment") {
    if (text(action.lot) !== idOf(String(fields.lot))) return false;
    if (!fields.deliveries) return grams(action.grams) === typed(fields.grams);
    const sheet = list(event["silkroot:intake"]).map((row) => `${text(row.ticket)} ${Number(row.grams)}`);
    const entered = rows("deliveries").filter((row) => row.grams !== 0).map((row) => `${String(row.ticket)} ${typed(row.grams)}`);
    return same(sheet, entered) && grams(action.grams) === rows("deliveries").reduce((sum, row) => sum + typed(row.grams), 0n);
  }
  const signed = list(action.inputs).map((line) => `${text(line.lot)} ${grams(line.grams)}`);
  const made = list(action.outputs).map((one) => `${idOfOutput(one)} ${grams(one.grams)}`);
  const rest = [["culls", "culls"], ["processLoss", "loss"], ["remainder", "rest"]] as const;
  return (
    same(signed, lines("inputs")) &&
    same(made, lines("outputs")) &&
    rest.every(([member, name]) => grams(action[member]) === typed(fields[name]))
  );
}

function saidOfPacking(action: JsonObject, event: JsonObject): string[] {
  const was = amendedOf(event);
  const before = new Map(was.inputs.map((line) => [line.lot as string, line.grams]));
  const inputs = list(action.inputs).flatMap((line) => {
    const [lot, weight] = [text(line.lot), grams(line.grams)];
    const old = before.get(lot) ?? 0n;
    return old === weight ? [] : [say("signCorrectIn", { lot: codeOf(lot), weight: massOf(weight), was: massOf(old) })];
  });
  const outputs = list(action.outputs).flatMap((one, index) => {
    const [old, weight] = [was.outputs[index]?.grams ?? 0n, grams(one.grams)];
    return old === weight ? [] : [saidOfLot(idOfOutput(one), old, weight)];
  });
  const [culls, loss, rest] = [action.culls, action.processLoss, action.remainder].map((one) => massOf(grams(one)));
  return [...inputs, ...outputs, say("signPackRest", { culls: culls!, loss: loss!, rest: rest! })];
}

const saidOfLot = (lot: string, was: bigint, weight: bigint): string =>
  say(weight ? "signCorrect" : "signAnnul", { lot: codeOf(lot), weight: massOf(weight), was: massOf(was) });

const codeOf = (lot: string): string => page.names.lots[lot]?.code ?? lot.slice(0, 10);
const idOfOutput = (one: JsonObject): string => lotId(BigInt(text(one.product) || "0"), text(one.lotCode));
const same = (one: string[], other: string[]): boolean => one.length === other.length && one.sort().join() === other.sort().join();
const grams = (json: Json | undefined): bigint => BigInt(text(json) || "0");
const text = (json: Json | undefined): string => (typeof json === "string" ? json : "");
const list = (json: Json | undefined): JsonObject[] => (Array.isArray(json) ? json.filter(isObject) : []);

/** The id of a lot as forms send it, `product/code`. */
function idOf(name: string): string {
  const cut = name.indexOf("/");
  return lotId(BigInt(name.slice(0, cut)), name.slice(cut + 1));
}
