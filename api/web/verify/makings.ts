/**
 * Lots that come into being (harvest, intake, transformation), the corrections of all three, plots and pledges.
 *
 * Throws `form.*`, `birth.*`, `intake.*`, `plot.*`, `line.*` and what the readers throw.
 */

import { lotId, originHash, plotId } from "./digests.ts";
import { requireAction, requireDisposition } from "./forms.ts";
import type { Reader } from "./forms.ts";
import { isInteger, isObject } from "./json.ts";
import { limitsIn } from "./limits.ts";
import { placeOfUri } from "./links.ts";
import { cbvWord } from "./names.ts";
import type { Own } from "./names.ts";
import { problem } from "./problem.ts";
import {
  asLines,
  at,
  elementsOf,
  gramsAt,
  hashAt,
  linesIn,
  lotsOf,
  objectAt,
  partyAt,
  portionsOf,
} from "./reading.ts";
import type { OwnLine, Portion } from "./reading.ts";
import { seasonAt, unixTimeAt, yearOf } from "./times.ts";
import type {
  BirthAmendment,
  Harvest,
  Hex,
  Intake,
  Json,
  JsonObject,
  Line,
  Output,
  Pledge,
  PledgeRelease,
  PlotRegistration,
  Transformation,
  TransformationAmendment,
  YieldCertificate,
} from "./types.ts";

const UINT64_MAX = 2n ** 64n - 1n;
const NO_PLOT = `0x${"0".repeat(64)}`;

/** The birth of one lot; as a correction states it, it may be of nothing. */
const born =
  (zero: boolean): Reader<Harvest | Intake> =>
  (event, own, party, signed) => {
    requireAction(event, "ADD");
    const [portion, ...others] = portionsOf(event, "quantityList", zero);
    if (!portion || others.length)
      throw problem("birth.one-lot", "/quantityList", `${others.length} more`, "one lot is born at a time");
    checkLimits(own, [portion]);
    const { grams, ref } = portion;
    const lot = { product: ref.product, lotCode: ref.code, grams };
    const roster = own.get("intake");
    if (roster) {
      checkRoster(...roster, portion, zero);
      return { type: "Intake", buyer: party, ...lot, ...signed };
    }
    const plot = plotOf(event);
    const stated = own.get("season");
    const season = stated ? seasonAt(...stated) : seasonAt("/eventTime", yearOf(event));
    return { type: "Harvest", producer: party, plot, season, ...lot, ...signed };
  };

export const birth = born(false);

/** The correction of what the event's type says. */
export const amendment: Reader<BirthAmendment | TransformationAmendment> = (event, own, party, signed) => {
  if (event.type === "TransformationEvent") {
    const made = transformed(true)(event, own, party, signed);
    const was = amended(event, own);
    const [origin, corrects] = [originHash(was.inputs, was.outputs), hashAt(own.get("corrects")!)];
    return { ...made, type: "TransformationAmendment", originHash: origin, corrects };
  }
  const { product, lotCode, grams } = born(true)(event, own, party, signed);
  const was = gramsAt(...wasOf(own));
  const [lot, corrects] = [lotId(product, lotCode), hashAt(own.get("corrects")!)];
  return { type: "BirthAmendment", party, lot, was, grams, corrects, ...signed };
};

const transformed =
  (zero: boolean): Reader<Transformation> =>
  (event, own, party, signed) => {
    if (!["commissioning", "packing", "repackaging"].includes(cbvWord(event.bizStep)))
      throw problem("form.biz-step", "/bizStep", event.bizStep, "lots are made by commissioning, packing, repackaging");
    const [inputs, made] = ["inputQuantityList", "outputQuantityList"].map((member) =>
      portionsOf(event, member, zero),
    ) as [Portion[], Portion[]];
    if (!inputs.length || !made.length)
      throw problem("form.both-lists", `/${inputs.length ? "out" : "in"}putQuantityList`, "", "lots go in and come out");
    checkLimits(own, made);
    const stated = (name: string): bigint | undefined => (own.has(name) ? gramsAt(...own.get(name)!) : undefined);
    const [culls, remainder] = [stated("culls") ?? 0n, stated("remainder") ?? 0n];
    let processLoss = stated("processLoss");
    if (processLoss === undefined) {
      // What is not explained was lost in the process. Where more came out than went in the contract says no.
      const rest = sum(inputs) - sum(made) - culls - remainder;
      if (rest > UINT64_MAX) throw problem("mass.range", "/inputQuantityList", rest, "more grams than 64 bits hold");
      processLoss = rest > 0n ? rest : 0n;
    }
    const outputs = made.map(asOutput);
    const lots = { inputs: asLines(inputs), outputs };
    return { type: "Transformation", packer: party, ...lots, culls, processLoss, remainder, ...signed };
  };

export const transformation = transformed(false);

/** Inputs, ascending by lot id, and outputs, in order, that a transformation had until the event corrected it. */
export function amended(event: JsonObject, own: Own): { inputs: Line[]; outputs: Output[] } {
  const [pointer, value] = wasOf(own);
  const was = objectAt(pointer, value);
  const [inputs, outputs] = ["inputs", "outputs"].map((side) =>
    asListed(event, `${side.slice(0, -1)}QuantityList`, linesIn([`${pointer}/${side}`, was[side]], ["grams"], true)),
  ) as [OwnLine[], OwnLine[]];
  return { inputs: asLines(inputs), outputs: outputs.map(({ ref, total }) => asOutput({ ref, grams: total })) };
}

export const plotRegistration: Reader<PlotRegistration> = (event, own, party, signed) => {
  requireAction(event, "ADD");
  const plot = onePlot(event);
  const [pointer, value] = own.get("plot")!;
  const producer = partyAt(`${pointer}/producer`, objectAt(pointer, value).producer);
  return { type: "PlotRegistration", certifier: party, producer, plot, ...signed };
};

export const yieldCertificate: Reader<YieldCertificate> = (event, own, party, signed) => {
  requireAction(event, "OBSERVE");
  const plot = onePlot(event);
  const [pointer, value] = own.get("yield")!;
  const stated = objectAt(pointer, value);
  const season = seasonAt(`${pointer}/season`, stated.season);
  const grams = gramsAt(`${pointer}/grams`, stated.grams);
  return { type: "YieldCertificate", certifier: party, plot, season, grams, ...signed };
};

export const pledge: Reader<Pledge> = (event, own, party, signed) => {
  requireAction(event, "OBSERVE");
  requireDisposition(event, "reserved");
  oneLot(event, "form.one-lot");
  const [{ ref, grams }] = portionsOf(event, "quantityList") as [Portion];
  const [pointer, value] = own.get("pledge")!;
  const terms = objectAt(pointer, value);
  const lender = partyAt(`${pointer}/lender`, terms.lender);
  const until = unixTimeAt(`${pointer}/until`, terms.until);
  return { type: "Pledge", holder: party, lender, lot: ref.id, grams, until, ...signed };
};

export const pledgeRelease: Reader<PledgeRelease> = (event, own, party, signed) => {
  requireAction(event, "OBSERVE");
  requireDisposition(event, "sellable_not_accessible");
  const lot = oneLot(event, "form.one-lot");
  const [[where, element]] = elementsOf(event, "quantityList") as [[string, JsonObject]];
  if (Object.hasOwn(element, "quantity"))
    throw problem("form.one-lot", `${where}/quantity`, element.quantity, "a release lets go of all of the lot");
  const [pointer, value] = own.get("pledgeRelease")!;
  const holder = partyAt(`${pointer}/holder`, objectAt(pointer, value).holder);
  return { type: "PledgeRelease", lender: party, holder, lot, ...signed };
};

/** The one lot that the event names. */
export function oneLot(event: JsonObject, rule: string): Hex {
  const lots = lotsOf(event);
  if (lots.length !== 1 || elementsOf(event, "quantityList").length !== 1)
    throw problem(rule, "/quantityList", `${lots.length} lots`, "exactly one lot is named");
  return lots[0]!.id;
}

const wasOf = (own: Own): [string, Json | undefined] => own.get("was") ?? ["/silkroot:was", undefined];

const sum = (portions: Portion[]): bigint => portions.reduce((total, { grams }) => total + grams, 0n);

const asOutput = ({ ref, grams }: Pick<Portion, "ref" | "grams">): Output => ({
  product: ref.product,
  lotCode: ref.code,
  grams,
});

/** The old lines, which name the lots of the quantity list in its order. */
function asListed(event: JsonObject, member: string, was: OwnLine[]): OwnLine[] {
  const now = portionsOf(event, member, true);
  const differs = was.find(({ ref }, index) => now[index] && now[index].ref.id !== ref.id);
  if (differs) throw problem("line.differs", `${differs.pointer}/epcClass`, differs.ref.code, "the same lots as before");
  if (was.length !== now.length)
    throw problem("line.differs", `/${member}`, `${now.length} lots`, "a correction names as many lots as before");
  return was;
}

/** The plot that the read point names by GLN and extension; zeros where it names none. */
function plotOf({ readPoint }: JsonObject): Hex {
  if (readPoint === undefined || readPoint === null) return NO_PLOT;
  return plotAt("/readPoint/id", isObject(readPoint) ? readPoint.id : undefined, readPoint);
}

function plotAt(pointer: string, uri: Json | undefined, shown: Json): Hex {
  if (typeof uri !== "string") throw problem("epcis.uri", pointer, shown, "a place is a URI");
  const [gln, extension] = at(pointer, () => placeOfUri(uri)) ?? [];
  return gln !== undefined && extension ? plotId(gln, extension) : NO_PLOT;
}

/** The one plot of an event that is about no lots. */
function onePlot(event: JsonObject): Hex {
  const named = event.epcList;
  if (!Array.isArray(named) || named.length !== 1)
    throw problem("plot.place", "/epcList", named, "exactly one plot is named in epcList");
  if (elementsOf(event, "quantityList").length)
    throw problem("form.lots", "/quantityList", event.quantityList, "an event about a plot names no lots");
  const plot = plotAt("/epcList/0", named[0], named[0]!);
  if (plot === NO_PLOT) throw problem("plot.place", "/epcList/0", named[0], "a plot is a GLN with an extension");
  return plot;
}

/** Temperature limits are those of lots that come into being. */
function checkLimits(own: Own, made: Portion[]): void {
  const stated = own.get("limits");
  if (stated) limitsIn(...stated, made.map(({ ref }) => ref.id));
}

/** An intake's sheet: who delivered, from which village, how many grams, on which ticket. */
function checkRoster(pointer: string, roster: Json, { grams }: Portion, zero: boolean): void {
  if (!Array.isArray(roster) || !(roster.length || zero))
    throw problem("intake.roster", pointer, roster, "an intake lists at least one delivery");
  let total = 0n;
  roster.forEach((row, index) => {
    const where = `${pointer}/${index}`;
    if (!isObject(row) || !["roster", "village", "grams", "ticket"].every((name) => Object.hasOwn(row, name)))
      throw problem("intake.row", where, row, "a delivery has roster, village, grams and ticket");
    for (const member of ["roster", "village", "ticket"])
      if (typeof row[member] !== "string") throw problem("intake.text", `${where}/${member}`, row[member], "not a text");
    if (!row.roster) throw problem("intake.text", `${where}/roster`, "", "a grower has a roster code");
    if (!isInteger(row.grams) || row.grams < (zero ? 0 : 1))
      throw problem("intake.grams", `${where}/grams`, row.grams, "not a positive whole number");
    total += BigInt(row.grams);
  });
  if (total !== grams) throw problem("intake.sum", pointer, `${total} g`, `the deliveries do not add up to ${grams} g`);
}
