"""
The local projection of `ProduceLedger`: what an action needs to know, and what it changes; values only.

A store loads just what `touches(action)` names into a `LedgerState`, `ledger.domain.custody.apply` turns it into a
`StateChange`, and the store writes just that. Amounts are net grams.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from ledger.domain.actions import (
    Action,
    Disposal,
    Harvest,
    Intake,
    Line,
    Recall,
    Receipt,
    Release,
    Sale,
    Shipment,
    Statement,
    Transformation,
    signer_of,
)
from ledger.domain.identifiers import (
    ConsignmentId,
    Digest,
    Grams,
    LotId,
    LotRef,
    PartyId,
    ProductId,
    consignment_id,
    lot_id,
)
from ledger.domain.records import ConsignmentState

NOBODY = PartyId(0)


@dataclass(frozen=True, slots=True)
class Lot:
    """
    A lot: who brought it into being, with how many grams. `entries` counts the recorded entries that changed it (the
    contract counts the same), `recalled_by` is the party whose recall stands or `NOBODY`, `parents` are the inputs of
    the transformation that made it, ascending.
    """

    issuer: PartyId
    grams: Grams
    entries: int = 1
    recalled_by: PartyId = NOBODY
    parents: tuple[LotId, ...] = ()


@dataclass(frozen=True, slots=True)
class Consignment:
    """What one party handed to another: `manifest` ascends by lot id."""

    shipper: PartyId
    receiver: PartyId
    state: ConsignmentState
    manifest: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class LedgerState:
    """
    What an action needs. What is absent does not exist: a lot nobody made, a balance of 0, a party nobody admitted.

    `roles` holds the bits of `master_data.Role`; `product_users` the (product, party) pairs of owners and permitted
    packers; `recalled_ancestors` for a lot one ancestor (not itself) whose recall stands; `used_digests` the EIP-712
    digests that may not come again.
    """

    lots: Mapping[LotId, Lot] = field(default_factory=dict)
    balances: Mapping[tuple[LotId, PartyId], Grams] = field(default_factory=dict)
    consignments: Mapping[ConsignmentId, Consignment] = field(default_factory=dict)
    roles: Mapping[PartyId, int] = field(default_factory=dict)
    product_users: Set[tuple[ProductId, PartyId]] = frozenset()
    recalled_ancestors: Mapping[LotId, LotId] = field(default_factory=dict)
    used_digests: Set[Digest] = frozenset()


@dataclass(frozen=True, slots=True)
class NewLot:
    """A lot that an action gives birth to, with the names behind its id."""

    id: LotId
    ref: LotRef
    lot: Lot


@dataclass(frozen=True, slots=True)
class StateChange:
    """
    What an accepted action changes.

    `births`: new lots, whose `entries` is already 1. `balances`: grams to add (or, negative, to take) per lot and
    holder. `consignments`: the whole new value. `recalls`: `recalled_by` anew; `NOBODY` after a release. `entries`:
    lots known before whose count of entries grows by one. `used_digest`: never again, where no other state stops a
    replay.
    """

    births: tuple[NewLot, ...] = ()
    balances: Mapping[tuple[LotId, PartyId], int] = field(default_factory=dict)
    consignments: Mapping[ConsignmentId, Consignment] = field(default_factory=dict)
    recalls: Mapping[LotId, PartyId] = field(default_factory=dict)
    entries: tuple[LotId, ...] = ()
    used_digest: Digest | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    """
    What to load for an action: lots, balances by (lot, holder), consignments with their manifests, parties' roles,
    (product, party) permissions. `moved`: the lots among `lots` whose recalled ancestors have to be known too.
    """

    lots: tuple[LotId, ...] = ()
    balances: tuple[tuple[LotId, PartyId], ...] = ()
    consignments: tuple[ConsignmentId, ...] = ()
    parties: tuple[PartyId, ...] = ()
    product_users: tuple[tuple[ProductId, PartyId], ...] = ()
    moved: tuple[LotId, ...] = ()


def touches(action: Action) -> Touched:
    """What `apply` reads for the action, beside the action's digest. A receipt's lots come with its consignment."""
    signer = signer_of(action)
    match action:
        case Harvest() | Intake():
            return Touched(
                lots=(lot_id(action.product, action.lot_code),),
                parties=(signer,),
                product_users=((action.product, signer),),
            )
        case Transformation():
            inputs = tuple(line.lot for line in action.inputs)
            return Touched(
                lots=(*inputs, *(lot_id(output.product, output.lot_code) for output in action.outputs)),
                balances=tuple((lot, signer) for lot in inputs),
                parties=(signer,),
                product_users=tuple({(output.product, signer): None for output in action.outputs}),
                moved=inputs,
            )
        case Shipment():
            lots = tuple(line.lot for line in action.manifest)
            return Touched(
                lots=lots,
                balances=tuple((lot, signer) for lot in lots),
                consignments=(consignment_id(action.shipper, action.consignment_ref),),
                parties=(signer, action.receiver),
                moved=lots,
            )
        case Receipt():
            return Touched(consignments=(action.consignment,), parties=(signer,))
        case Sale() | Disposal():
            lots = tuple(line.lot for line in action.lines)
            return Touched(
                lots=lots,
                balances=tuple((lot, signer) for lot in lots),
                parties=(signer,),
                moved=lots if isinstance(action, Sale) else (),
            )
        case Recall() | Release():
            return Touched(lots=(action.lot,), parties=(signer,))
        case Statement():
            return Touched(parties=(signer,))
