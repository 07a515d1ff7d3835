/**
 * The values that the verifier reads and makes; types only.
 *
 * Members of signed structs carry their EIP-712 names, as in the JSON form of a proof. Whole numbers of 64 bits are
 * bigint, bytes are lower-case hex with 0x in front.
 */

/** 0x and lower-case hex digits. */
export type Hex = string;

/**
 * A JSON value as `parseStrict` gives it. A number is `number`; only one that was written with a point or an exponent
 * and is whole all the same (`1.0`, `1e3`) is a boxed `Number`, because 1.0 is not an integer where one is asked for.
 * Objects have no prototype, so that no member is found that the text does not hold.
 */
export type Json = null | boolean | number | Number | string | Json[] | JsonObject;
export type JsonObject = { [member: string]: Json };

/** What is wrong: a stable dotted rule, a sentence, and where it was found (`field`, a JSON pointer) and what stood there. */
export type Problem = Error & { code: string; values: { field: string; value: string } };

export type Line = { lot: Hex; grams: bigint };
export type Output = { product: bigint; lotCode: string; grams: bigint };
export type ReceiptLine = { lot: Hex; accepted: bigint; refused: bigint; toCome: bigint };
export type SettledLine = { lot: Hex; loss: bigint; weightLoss: bigint; returned: bigint; received: bigint };

type Signed = { contentHash: Hex; deadline: bigint };

export type Harvest = Signed & {
  type: "Harvest";
  producer: bigint;
  product: bigint;
  lotCode: string;
  plot: Hex;
  season: bigint;
  grams: bigint;
};
export type Intake = Signed & { type: "Intake"; buyer: bigint; product: bigint; lotCode: string; grams: bigint };
export type Transformation = Signed & {
  type: "Transformation";
  packer: bigint;
  inputs: Line[];
  outputs: Output[];
  culls: bigint;
  processLoss: bigint;
  remainder: bigint;
};
export type Shipment = Signed & {
  type: "Shipment";
  shipper: bigint;
  receiver: bigint;
  consignmentRef: string;
  manifest: Line[];
};
export type Receipt = Signed & { type: "Receipt"; receiver: bigint; consignment: Hex; manifestHash: Hex };
export type Sale = Signed & { type: "Sale"; holder: bigint; lines: Line[] };
export type Disposal = Signed & { type: "Disposal"; holder: bigint; lines: Line[] };
export type Recall = Signed & { type: "Recall"; issuer: bigint; lot: Hex };
export type Release = Signed & { type: "Release"; issuer: bigint; lot: Hex };
export type Statement = Signed & { type: "Statement"; party: bigint; step: string; lots: Hex[] };
export type PartialReceipt = Signed & {
  type: "PartialReceipt";
  receiver: bigint;
  consignment: Hex;
  manifestHash: Hex;
  lines: ReceiptLine[];
  returnRef: string;
};
export type Settlement = Signed & {
  type: "Settlement";
  party: bigint;
  counterparty: bigint;
  consignment: Hex;
  manifestHash: Hex;
  lines: SettledLine[];
};
export type Notice = Signed & { type: "Notice"; party: bigint; consignment: Hex };
export type Void = Signed & { type: "Void"; shipper: bigint; receiver: bigint; consignment: Hex; manifestHash: Hex };
export type PlotRegistration = Signed & { type: "PlotRegistration"; certifier: bigint; producer: bigint; plot: Hex };
export type YieldCertificate = Signed & {
  type: "YieldCertificate";
  certifier: bigint;
  plot: Hex;
  season: bigint;
  grams: bigint;
};
export type BirthAmendment = Signed & {
  type: "BirthAmendment";
  party: bigint;
  lot: Hex;
  was: bigint;
  grams: bigint;
  corrects: Hex;
};
export type TransformationAmendment = Signed & {
  type: "TransformationAmendment";
  packer: bigint;
  originHash: Hex;
  inputs: Line[];
  outputs: Output[];
  culls: bigint;
  processLoss: bigint;
  remainder: bigint;
  corrects: Hex;
};
export type Pledge = Signed & {
  type: "Pledge";
  holder: bigint;
  lender: bigint;
  lot: Hex;
  grams: bigint;
  until: bigint;
};
export type PledgeRelease = Signed & { type: "PledgeRelease"; lender: bigint; holder: bigint; lot: Hex };

/** One signed struct per thing that a party can do. */
export type Action =
  | Harvest
  | Intake
  | Transformation
  | Shipment
  | Receipt
  | Sale
  | Disposal
  | Recall
  | Release
  | Statement
  | PartialReceipt
  | Settlement
  | Notice
  | Void
  | PlotRegistration
  | YieldCertificate
  | BirthAmendment
  | TransformationAmendment
  | Pledge
  | PledgeRelease;

/** 1 is secp256k1, 2 is P-256 over SHA-256 of the digest. */
export type Scheme = 1 | 2;

/** What was signed, by which key; `co`: the second signature of what two parties sign. */
export type SignatureProof = {
  action: Action;
  keyId: Hex;
  scheme: Scheme;
  signature: Hex;
  co?: { party: bigint; keyId: Hex; scheme: Scheme; signature: Hex };
  /** Where the signature is over `Batch(root, count)`: the struct's place in it. */
  batch?: BatchPlace;
};

/** `path`: from the leaf up. */
export type BatchPlace = { root: Hex; count: number; index: number; path: Hex[] };

/** An EIP-712 domain: which contract (20 bytes), on which chain, a signature is for. */
export type Domain = { name: string; version: string; chainId: bigint; contract: Hex };

/** A lot by its names, and its identifier on chain. */
export type LotRef = { product: bigint; code: string; id: Hex };

/** The operator's promise: entry `logIndex` of the log is that leaf, and a checkpoint covers it by `mergeDeadline`. */
export type Acknowledgement = {
  logIndex: bigint;
  contentHash: Hex;
  leafHash: Hex;
  time: bigint;
  mergeDeadline: bigint;
};

/** The same for the leaves of `count` entries from `firstIndex` on, which have that tree head. */
export type AcknowledgementBatch = {
  firstIndex: bigint;
  count: bigint;
  root: Hex;
  time: bigint;
  mergeDeadline: bigint;
};

/** A disclosure that found its place in a sealed event; `name` is null for an element of a list. */
export type Disclosure = { text: string; digest: string; name: string | null; value: Json; place: string };

/** So many members of the object, or elements of the list, at the JSON pointer are not shown. */
export type Withheld = { place: string; count: number };

/** A sealed event with what is shown of it; `hidden`: each digest that is not shown, with the place it stands in. */
export type Opened = { tree: JsonObject; disclosures: Disclosure[]; hidden: Map<string, string> };
