/** What a reader has to know beside a verdict; docs/verdicts.md. */

import { signerOf } from "./actions.ts";
import type { Handoff } from "./consignments.ts";
import type { Reading } from "./dossier.ts";
import { rolesOf } from "./facts.ts";
import type { Facts } from "./facts.ts";
import { isObject } from "./json.ts";
import { ownMember } from "./names.ts";
import type { Hex, Json, JsonObject } from "./types.ts";

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
    ["supplied", readings.filter((one) => namesDocuments(one) && !issuedBySigner(one, facts)), signers],
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

const CERTIFIER = 32n;

/** Whether the event is a certificate whose issuer signed it: a promise, or one by a party that the chain calls a certifier. */
function issuedBySigner({ event, action, anchor }: Reading, facts: Facts | null): boolean {
  const certificate = certificateOf(event.body);
  const signer = signerOf(action);
  if (!isObject(certificate) || certificate.issuerParty !== String(signer).padStart(13, "0")) return false;
  return certificate.kind === "promise" || Boolean(facts && rolesOf(facts, signer, anchor) & CERTIFIER);
}

/** Our member; true where it stands twice, which the content check tells of. */
function certificateOf(body: JsonObject): Json | undefined {
  try {
    return ownMember(body, "certificate")?.[1];
  } catch {
    return true;
  }
}

function namesDocuments({ event }: Reading): boolean {
  if (certificateOf(event.body) !== undefined) return true;
  const value = event.body.certificationInfo;
  if (value && typeof value === "object") return value instanceof Number ? Number(value) !== 0 : Object.keys(value).length > 0;
  return Boolean(value);
}
