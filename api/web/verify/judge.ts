/**
 * The verdict on a lot, from its events and the chain's answers.
 *
 * An ancestor's events count as far as they lead into the lot: its birth, and the way to the transformation. Its custody
 * is checked as a whole, because a hidden event may lie anywhere. Unknown, whatever else was found, when the chain could
 * not be asked, because then nobody knows whether the lot is recalled.
 */

import { branchHolders, eventsTowards, pathTo } from "./branches.ts";
import { anchoredCheck, contentCheck, signatureCheck } from "./checks.ts";
import { addTo, climateOf, newWay, pointsOf } from "./climate.ts";
import type { Climate, Point, PointsIn, RankOf, Way } from "./climate.ts";
import { custodyFindings, recallFindings, varianceFindings } from "./custody.ts";
import { attach, closure } from "./dossier.ts";
import type { Dossier, Examined, Reading } from "./dossier.ts";
import type { Facts } from "./facts.ts";
import { checkOf, gathered, reasonsOf, verdictOf } from "./findings.ts";
import type { Check, CheckName, Finding, Verdict } from "./findings.ts";
import { LotHistory, parentsOf } from "./history.ts";
import { legFindings } from "./legs.ts";
import { qualifiersOf } from "./qualifiers.ts";
import type { Qualifier } from "./qualifiers.ts";
import type { Hex } from "./types.ts";

/** An event with its own three checks; `relevant`: it leads into the lot. */
export type JudgedEvent = { reading: Reading; checks: Check[]; relevant: boolean };
export type JudgedBranch = {
  holder: bigint;
  onHand: bigint;
  toCome: bigint;
  recorded: boolean;
  verdict: Verdict;
  reasons: Finding[];
};
export type Judgement = {
  verdict: Verdict;
  reasons: Finding[];
  checks: Check[];
  qualifiers: Qualifier[];
  branches: JudgedBranch[];
  events: JudgedEvent[];
  ancestors: Hex[];
};

/** `onCheck` is told of each of the five checks as it ends, and may take its time. `facts` null: the chain is silent. */
export async function judge(
  dossier: Dossier,
  facts: Facts | null,
  singleOperator: boolean,
  onCheck: (check: Check) => Promise<void>,
): Promise<Judgement> {
  const { histories, lineage, readings } = familyOf(dossier, facts);
  const own = histories.get(dossier.lot)!;
  const inherited = lineage.flatMap((lot) =>
    histories.get(lot)!.births.flatMap((birth) =>
      birth.inputs.flatMap((line) => eventsTowards(histories.get(line.lot)!, birth.holder, birth.events)),
    ),
  );
  const relevant = new Set([...inherited, ...own.readings.map(({ event }) => event.id)]);
  const ended: Check[] = [];
  const end = async (check: Check): Promise<void> => {
    ended.push(check);
    await onCheck(check);
  };
  const made = { content: new Map<Hex, Check>(), signature: new Map<Hex, Check>(), anchored: new Map<Hex, Check>() };
  const stated = (name: CheckName, event: Hex | null): Finding[] =>
    dossier.stated.filter((one) => one.check === name && one.event === event);
  const over = (name: keyof typeof made, events: Set<Hex>): Check =>
    gathered(name, [
      ...[...made[name]].flatMap(([event, check]) => (events.has(event) ? [check] : [])),
      { name, outcome: "failed", findings: stated(name, null) },
    ]);
  for (const [name, check] of [["content", contentCheck], ["signature", signatureCheck], ["anchored", anchoredCheck]] as const) {
    for (const reading of readings) {
      const { id } = reading.event;
      const own = check(reading, facts);
      const more = stated(name, id);
      const before = own.outcome === "passed" ? [] : own.findings;
      made[name].set(id, more.length ? checkOf(name, [...before, ...more]) : own);
    }
    await end(over(name, relevant));
  }
  const rankOf = ranking(readings);
  const custody = lineage.flatMap((lot) => {
    const history = histories.get(lot)!;
    return [...custodyFindings(history, facts), ...legFindings(history, rankOf)];
  });
  const variances = varianceFindings(own);
  const branches = withClimate(histories, lineage, rankOf);
  const custodyOver = (events: Set<Hex>, holder: bigint | null): Check =>
    checkOf("custody", unique([
      ...custody.filter(({ event }) => event === null || events.has(event)),
      ...variances.filter(({ parameters }) => holder === null || parameters.receiver === holder),
      ...branches.flatMap((one) => (holder === null || one.holder === holder ? one.excursions : [])),
    ]));
  await end(custodyOver(relevant, null));
  const recall = checkOf("recall", recallFindings(lineage, facts, (lot) => parentsOf(histories.get(lot)!)));
  await end(recall);
  return {
    verdict: verdictOf(ended),
    reasons: reasonsOf(ended),
    checks: ended,
    qualifiers: qualifiersOf(
      readings.filter(({ event }) => relevant.has(event.id)),
      [...histories.values()].flatMap(({ handoffs }) => [...handoffs.values()]),
      facts,
      singleOperator,
      branches.filter(({ recorded }) => !recorded).map(({ holder }) => holder),
    ),
    branches: branches.map(({ excursions: _, ...branch }) => {
      const events = new Set([...inherited, ...eventsTowards(own, branch.holder)]);
      const checks = [
        ...(["content", "signature", "anchored"] as const).map((name) => over(name, events)),
        custodyOver(events, branch.holder),
        recall,
      ];
      return { ...branch, verdict: verdictOf(checks), reasons: reasonsOf(checks) };
    }),
    events: readings.map((reading) => {
      const { id } = reading.event;
      return { reading, checks: Object.values(made).map((checks) => checks.get(id)!), relevant: relevant.has(id) };
    }),
    ancestors: lineage.slice(1),
  };
}

function familyOf(dossier: Dossier, facts: Facts | null): { histories: Map<Hex, LotHistory>; lineage: Hex[]; readings: Reading[] } {
  const attached = new Map<Examined, Reading>();
  const readingOf = (examined: Examined): Reading => {
    const reading = attached.get(examined) ?? attach(examined, facts);
    attached.set(examined, reading);
    return reading;
  };
  const histories = new Map<Hex, LotHistory>();
  const historyOf = (lot: Hex): LotHistory => {
    const history = histories.get(lot) ?? new LotHistory(lot, (dossier.events.get(lot) ?? []).map(readingOf));
    histories.set(lot, history);
    return history;
  };
  historyOf(dossier.lot);
  const lineage = [dossier.lot, ...closure(dossier.lot, (lot) => parentsOf(historyOf(lot))).keys()];
  const readings = new Set([...histories.values()].flatMap((history) => history.readings));
  return {
    histories,
    lineage,
    readings: [...readings].sort((one, other) => one.event.sequence - other.event.sequence),
  };
}

/** Orders events by their place in the log; those without one stand behind, by the order of recording. */
function ranking(readings: Reading[]): RankOf {
  const ranks = new Map(
    readings.map(({ event: { id, place, sequence } }) => [id, place ? Number(place.index) : 2 ** 50 + sequence]),
  );
  return (event) => ranks.get(event)!;
}

/** The branches of the lot with what was recorded of temperature on the way to each. */
function withClimate(
  histories: Map<Hex, LotHistory>,
  lineage: Hex[],
  rankOf: RankOf,
): (ReturnType<typeof branchHolders>[number] & Climate)[] {
  const inherited = new Map<Hex, Way>();
  for (const lot of lineage)
    for (const { holder, inputs, events } of histories.get(lot)!.births)
      for (const parent of [...new Set(inputs.map((line) => line.lot))].sort()) {
        const history = histories.get(parent)!;
        const way = inherited.get(parent) ?? newWay(history);
        inherited.set(parent, way);
        addTo(way, eventsTowards(history, holder, events), pathTo(history, holder), holder, rankOf(events[0]!), rankOf);
      }
  const own = histories.get(lineage[0]!)!;
  const read = new Map<Hex, Point[]>();
  const pointsIn: PointsIn = ({ id, body }) => {
    if (!read.has(id)) read.set(id, pointsOf(body, rankOf(id)));
    return read.get(id)!;
  };
  return branchHolders(own).map((branch) => {
    const way = newWay(own);
    const { holder } = branch;
    addTo(way, eventsTowards(own, holder), pathTo(own, holder), holder, Infinity, rankOf);
    return { ...branch, ...climateOf([way, ...inherited.values()], rankOf, pointsIn) };
  });
}

/** One transformation with a gap is found once for each lot in it; it is told once. */
function unique(findings: Finding[]): Finding[] {
  const seen = new Map<string, Finding>();
  for (const one of findings) {
    const about = one.event === null || one.code === "custody.more-than-held" ? one.lot : "";
    const key = [one.code, one.parameters.holder, one.event, about].join();
    if (!seen.has(key)) seen.set(key, one);
  }
  return [...seen.values()];
}
