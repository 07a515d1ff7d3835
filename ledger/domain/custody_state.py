"""
The local projection of `ProduceLedger`: what an action needs to know, and what it changes; values only.

A store loads just what `touches(action)` names into a `LedgerState`, `ledger.domain.custody.apply` turns it into a
`StateChange`, and the store writes just that. Amounts are net grams, times Unix seconds, seasons years.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from ledger.domain.actions import (
    Action,
    BirthAmendment,
    Disposal,
    Harvest,
    Intake,
    Line,
    Notice,
    Output,
    PartialReceipt,
    PledgeRelease,
    PlotRegistration,
    Recall,
    Receipt,
    Release,
    Sale,
    Settlement,
    Shipment,
    Statement,
    Transformation,
    TransformationAmendment,
    Void,
    YieldCertificate,
    cosigner_of,
    signer_of,
)
from ledger.domain.actions import Pledge as PledgeAction
from ledger.domain.identifiers import (
    NO_PLOT,
    ConsignmentId,
    Digest,
    Grams,
    LotId,
    LotRef,
    PartyId,
    PlotId,
    ProductId,
    consignment_id,
    lot_id,
)
from ledger.domain.records import ConsignmentState

NOBODY = PartyId(0)
NO_GRAMS = Grams(0)
NO_ORIGIN = bytes(32)
"""The origin hash of a lot that no transformation made."""

Place = tuple[LotId, PartyId]
"""What one party holds of a lot."""
Season = tuple[PlotId, int]
"""A plot in a year."""


@dataclass(frozen=True, slots=True)
class Lot:
    """
    A lot: who brought it into being, with how many grams, as last amended. `entries` counts the signed entries that
    changed it (the contract counts the same), `recalled_by` is the party whose recall stands or `NOBODY`, `inherited`
    whether that recall was carried here from a parent. `parents` are the inputs of the transformation that made it,
    ascending, and `origin_hash` what the lot stores of them, see `typed_data.origin_hash`. `certified` grams come from
    certified plots. `moved`: some of it was shipped, transformed, sold or disposed of. `yield_of`: the plot and season
    whose yield it counts against.
    """

    issuer: PartyId
    grams: Grams
    entries: int = 1
    recalled_by: PartyId = NOBODY
    parents: tuple[LotId, ...] = ()
    certified: Grams = NO_GRAMS
    inherited: bool = False
    moved: bool = False
    origin_hash: bytes = NO_ORIGIN
    yield_of: Season | None = None


@dataclass(frozen=True, slots=True)
class Consignment:
    """
    What one party handed to another. `manifest`: what was shipped; `open_lines`: what of it is still under way, or in
    variance, and at an end what the last entry was about. Both ascend by lot id. `notice_at`: when notice was given; 0
    where it was not.
    """

    shipper: PartyId
    receiver: PartyId
    state: ConsignmentState
    manifest: tuple[Line, ...]
    open_lines: tuple[Line, ...]
    notice_at: int = 0


@dataclass(frozen=True, slots=True)
class Plot:
    """A registered plot: whose it is, and who registered it."""

    producer: PartyId
    certifier: PartyId


@dataclass(frozen=True, slots=True)
class Yield:
    """What a plot was certified for in a season, and what was harvested against it."""

    certified: Grams
    harvested: Grams = NO_GRAMS


@dataclass(frozen=True, slots=True)
class Pledge:
    """Grams that a holder cannot move before `until`, unless the lender lets go of them."""

    lender: PartyId
    grams: Grams
    until: int


@dataclass(frozen=True, slots=True)
class Origin:
    """What went into a transformation and what came out, in the order of its struct, as last amended."""

    inputs: tuple[Line, ...]
    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class LedgerState:
    """
    What an action needs. What is absent does not exist: a lot nobody made, a balance of 0, a party nobody admitted.

    `roles` holds the bits of `master_data.Role`; `product_users` the (product, party) pairs of owners and permitted
    packers; `recalled_ancestors` for a lot one ancestor (not itself) whose recall stands; `used_digests` the EIP-712
    digests that may not come again; `pledges` those of a place, ended ones too; `origins` what is behind a hash.
    """

    lots: Mapping[LotId, Lot] = field(default_factory=dict)
    balances: Mapping[Place, Grams] = field(default_factory=dict)
    consignments: Mapping[ConsignmentId, Consignment] = field(default_factory=dict)
    roles: Mapping[PartyId, int] = field(default_factory=dict)
    product_users: Set[tuple[ProductId, PartyId]] = frozenset()
    recalled_ancestors: Mapping[LotId, LotId] = field(default_factory=dict)
    used_digests: Set[Digest] = frozenset()
    plots: Mapping[PlotId, Plot] = field(default_factory=dict)
    yields: Mapping[Season, Yield] = field(default_factory=dict)
    pledges: Mapping[Place, tuple[Pledge, ...]] = field(default_factory=dict)
    origins: Mapping[bytes, Origin] = field(default_factory=dict)


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
    holder. `lots`: the whole new value of lots known before, but for `entries`: the lots known before whose count of
    entries grows by one. `consignments`, `plots`, `yields`, `pledges` (of a place), `origins` (by their hash): the
    whole new value. `used_digest`: never again, where no other state stops a replay.
    """

    births: tuple[NewLot, ...] = ()
    balances: Mapping[Place, int] = field(default_factory=dict)
    consignments: Mapping[ConsignmentId, Consignment] = field(default_factory=dict)
    lots: Mapping[LotId, Lot] = field(default_factory=dict)
    entries: tuple[LotId, ...] = ()
    used_digest: Digest | None = None
    plots: Mapping[PlotId, Plot] = field(default_factory=dict)
    yields: Mapping[Season, Yield] = field(default_factory=dict)
    pledges: Mapping[Place, tuple[Pledge, ...]] = field(default_factory=dict)
    origins: Mapping[bytes, Origin] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Touched:
    """
    What to load for an action: lots, balances by (lot, holder), consignments with their lines, parties' roles,
    (product, party) permissions, plots, yields, pledges by (lot, holder), origins by their hash. `moved`: the lots
    among `lots` whose recalled ancestors have to be known too; `counted`: those whose yield has to be known. The lots
    of a consignment come with it.
    """

    lots: tuple[LotId, ...] = ()
    balances: tuple[Place, ...] = ()
    consignments: tuple[ConsignmentId, ...] = ()
    parties: tuple[PartyId, ...] = ()
    product_users: tuple[tuple[ProductId, PartyId], ...] = ()
    moved: tuple[LotId, ...] = ()
    counted: tuple[LotId, ...] = ()
    plots: tuple[PlotId, ...] = ()
    yields: tuple[Season, ...] = ()
    pledges: tuple[Place, ...] = ()
    origins: tuple[bytes, ...] = ()


def touches(action: Action) -> Touched:
    """What `apply` reads for the action, beside the action's digest."""
    signer = signer_of(action)
    cosigner = cosigner_of(action)
    parties = (signer,) if cosigner is None else (signer, cosigner)
    if isinstance(action, Statement):  # the most frequent by far
        return Touched(parties=parties)
    match action:
        case Harvest():
            named = action.plot != NO_PLOT
            return Touched(
                lots=(lot_id(action.product, action.lot_code),),
                parties=parties,
                product_users=((action.product, signer),),
                plots=(action.plot,) if named else (),
                yields=((action.plot, action.season),) if named else (),
            )
        case Intake():
            return Touched(
                lots=(lot_id(action.product, action.lot_code),),
                parties=parties,
                product_users=((action.product, signer),),
            )
        case Transformation():
            inputs = _lots(action.inputs)
            held = _places(inputs, signer)
            return Touched(
                lots=(*inputs, *_made(action.outputs)),
                balances=held,
                parties=parties,
                product_users=tuple({(output.product, signer): None for output in action.outputs}),
                moved=inputs,
                pledges=held,
            )
        case Shipment():
            lots = _lots(action.manifest)
            held = _places(lots, signer)
            return Touched(
                lots=lots,
                balances=held,
                consignments=(consignment_id(action.shipper, action.consignment_ref),),
                parties=(signer, action.receiver),
                moved=lots,
                pledges=held,
            )
        case Receipt() | Settlement() | Notice() | Void():
            return Touched(consignments=(action.consignment,), parties=parties)
        case PartialReceipt():
            returned = (consignment_id(signer, action.return_ref),) if action.return_ref else ()
            return Touched(consignments=(action.consignment, *returned), parties=parties)
        case Sale() | Disposal():
            lots = _lots(action.lines)
            held = _places(lots, signer)
            return Touched(
                lots=lots,
                balances=held,
                parties=parties,
                moved=lots if isinstance(action, Sale) else (),
                pledges=held,
            )
        case Recall() | Release():
            return Touched(lots=(action.lot,), parties=parties)
        case PlotRegistration():
            return Touched(parties=(signer, action.producer), plots=(action.plot,))
        case YieldCertificate():
            return Touched(parties=parties, plots=(action.plot,), yields=((action.plot, action.season),))
        case BirthAmendment():
            return Touched(lots=(action.lot,), parties=parties, counted=(action.lot,), pledges=((action.lot, signer),))
        case TransformationAmendment():
            inputs = _lots(action.inputs)
            outputs = _made(action.outputs)
            return Touched(
                lots=(*inputs, *outputs),
                balances=_places(inputs, signer),
                parties=parties,
                moved=inputs,
                pledges=_places((*inputs, *outputs), signer),
                origins=(action.origin_hash,),
            )
        case PledgeAction():
            place = ((action.lot, signer),)
            return Touched(lots=(action.lot,), balances=place, parties=parties, pledges=place)
        case PledgeRelease():
            return Touched(parties=parties, pledges=((action.lot, action.holder),))


def _lots(lines: tuple[Line, ...]) -> tuple[LotId, ...]:
    return tuple(line.lot for line in lines)


def _made(outputs: tuple[Output, ...]) -> tuple[LotId, ...]:
    return tuple(lot_id(output.product, output.lot_code) for output in outputs)


def _places(lots: tuple[LotId, ...], holder: PartyId) -> tuple[Place, ...]:
    return tuple((lot, holder) for lot in lots)
