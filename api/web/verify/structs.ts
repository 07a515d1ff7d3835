/** The EIP-712 type strings of all signed structs, and what they say: members in order, each with its type. */

const SIGNED = "bytes32 contentHash,uint64 deadline)";

/** In the order of the contract's `EntryKind`; nobody signs a propagation, which has number 18. */
const ACTIONS = [
  `Harvest(uint64 producer,uint64 product,string lotCode,bytes32 plot,uint16 season,uint64 grams,${SIGNED}`,
  `Intake(uint64 buyer,uint64 product,string lotCode,uint64 grams,${SIGNED}`,
  `Transformation(uint64 packer,Line[] inputs,Output[] outputs,uint64 culls,uint64 processLoss,uint64 remainder,${SIGNED}`,
  `Shipment(uint64 shipper,uint64 receiver,string consignmentRef,Line[] manifest,${SIGNED}`,
  `Receipt(uint64 receiver,bytes32 consignment,bytes32 manifestHash,${SIGNED}`,
  `Sale(uint64 holder,Line[] lines,${SIGNED}`,
  `Disposal(uint64 holder,Line[] lines,${SIGNED}`,
  `Recall(uint64 issuer,bytes32 lot,${SIGNED}`,
  `Release(uint64 issuer,bytes32 lot,${SIGNED}`,
  `Statement(uint64 party,string step,bytes32[] lots,${SIGNED}`,
  `PartialReceipt(uint64 receiver,bytes32 consignment,bytes32 manifestHash,ReceiptLine[] lines,string returnRef,${SIGNED}`,
  `Settlement(uint64 party,uint64 counterparty,bytes32 consignment,bytes32 manifestHash,SettledLine[] lines,${SIGNED}`,
  `Notice(uint64 party,bytes32 consignment,${SIGNED}`,
  `Void(uint64 shipper,uint64 receiver,bytes32 consignment,bytes32 manifestHash,${SIGNED}`,
  `PlotRegistration(uint64 certifier,uint64 producer,bytes32 plot,${SIGNED}`,
  `YieldCertificate(uint64 certifier,bytes32 plot,uint16 season,uint64 grams,${SIGNED}`,
  `BirthAmendment(uint64 party,bytes32 lot,uint64 was,uint64 grams,bytes32 corrects,${SIGNED}`,
  `TransformationAmendment(uint64 packer,bytes32 originHash,Line[] inputs,Output[] outputs,uint64 culls,` +
    `uint64 processLoss,uint64 remainder,bytes32 corrects,${SIGNED}`,
  "",
  `Pledge(uint64 holder,uint64 lender,bytes32 lot,uint64 grams,uint64 until,${SIGNED}`,
  `PledgeRelease(uint64 lender,uint64 holder,bytes32 lot,${SIGNED}`,
];
const LISTED = [
  "Line(bytes32 lot,uint64 grams)",
  "Output(uint64 product,string lotCode,uint64 grams)",
  "ReceiptLine(bytes32 lot,uint64 accepted,uint64 refused,uint64 toCome)",
  "SettledLine(bytes32 lot,uint64 loss,uint64 weightLoss,uint64 returned,uint64 received)",
];

export type Struct = { type: string; members: { type: string; name: string }[] };

const nameOf = (type: string): string => type.slice(0, type.indexOf("("));

/** The names of the actions by their number. */
export const KINDS: readonly string[] = ACTIONS.map(nameOf);

/** A struct by its type string. */
export function structOf(type: string): Struct {
  const members = type.slice(type.indexOf("(") + 1, -1).split(",");
  return {
    type,
    members: members.map((member) => {
      const [kind, name] = member.split(" ");
      return { type: kind!, name: name! };
    }),
  };
}

/** Every struct by its name. */
export const STRUCTS: ReadonlyMap<string, Struct> = new Map(
  [...ACTIONS, ...LISTED].filter(Boolean).map((type) => [nameOf(type), structOf(type)]),
);
