/** What a reader has to know beside a verdict; docs/verdicts.md. */

import { signerOf } from "./actions.ts";
import type { Handoff } from "./consignments.ts";
import type { Reading } from "./dossier.ts";
import type { Facts } from "./facts.ts";
import { ownMember } from "./names.ts";
import type { Hex } from "./types.ts";

export type Qualifier = { code: string; parties: bigint[]; events: Hex[] };

/** The qualifiers that apply, in their order. Without facts, hosted keys are not known. `unrecorded`: holders of branches without a temperature. */
export function qualifiersOf(
  readings: Reading[],
  handoffs: Handoff[],
  facts: Facts | null,
  singleOperator: boolean,
  unrecorded: bigint[],
): Qualifier[] {
  const isHosted = (key: Hex | undefined): boolean => Boolean(key && facts?.keys.get(key)?.hosted);
  const signs = ({ signer, event }: Reading): boolean => isHosted(signer ?? event.proof.keyId);
  const seconds = ({ event }: Reading): boolean => isHosted(event.proof.co?.keyId);
  const byId = new Map(readings.map((reading) => [reading.event.id, reading]));
  const hosted = readings.filter(signs);
  const hostedIds = new Set(hosted.map(({ event }) => event.id));
  const both = handoffs.flatMap(({ shipment, receipts }) =>
    receipts.flatMap((receipt) => (hostedIds.has(shipment) && hostedIds.has(receipt) ? [shipment, receipt] : [])),
  );
  const bothSigned = [...both.map((id) => byId.get(id)!), ...hosted.filter(seconds)];
  const hostedParties = (reading: Reading): bigint[] => [
    ...(signs(reading) ? [signerOf(reading.action)] : []),
    ...(seconds(reading) ? [reading.event.proof.co!.party] : []),
  ];
  const signers = ({ action }: Reading): bigint[] => [signerOf(action)];
  const found: [string, Reading[], (reading: Reading) => bigint[]][] = [
    ["hosted-key", readings, hostedParties],
    ["both-sides-hosted", bothSigned, hostedParties],
    ["declared", readings.filter((one) => one.action.type === "Intake" || namesACarrier(one)), signers],
    ["supplied", readings.filter(namesDocuments), signers],
  ];
  const qualifiers = found.flatMap(([code, chosen, partiesOf]) => {
    const telling = chosen.filter((reading) => partiesOf(reading).length);
    const events = [...new Set(telling.map(({ event }) => event.id))];
    return events.length ? [{ code, parties: [...new Set(telling.flatMap(partiesOf))], events }] : [];
  });
  const chain = singleOperator ? [{ code: "single-operator-chain", parties: [], events: [] }] : [];
  const stated = qualifiers.filter(({ code }) => code === "declared" || code === "supplied");
  const cold = unrecorded.length ? [{ code: "temperature-not-recorded", parties: unrecorded, events: [] }] : [];
  return [...qualifiers.filter((one) => !stated.includes(one)), ...chain, ...stated, ...cold];
}

function namesACarrier({ event }: Reading): boolean {
  try {
    return Boolean(ownMember(event.body, "airLeg") ?? ownMember(event.body, "carrier"));
  } catch {
    return false; // the content check says so
  }
}

function namesDocuments({ event }: Reading): boolean {
  const value = event.body.certificationInfo;
  if (value && typeof value === "object") return value instanceof Number ? Number(value) !== 0 : Object.keys(value).length > 0;
  return Boolean(value);
}
