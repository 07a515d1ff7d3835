"""A state of the ledger in which every action is possible, and one of each action that is possible in it."""

from __future__ import annotations

from dataclasses import replace

import event_builders as build

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
    Pledge,
    PledgeRelease,
    PlotRegistration,
    Recall,
    Receipt,
    ReceiptLine,
    Release,
    Sale,
    SettledLine,
    Settlement,
    Shipment,
    Statement,
    Transformation,
    TransformationAmendment,
    Void,
    YieldCertificate,
)
from ledger.domain.custody import StateChange, apply
from ledger.domain.custody_rules.handoffs import NOTICE_SECONDS
from ledger.domain.custody_state import Consignment, LedgerState, Lot, Origin, Plot, Yield
from ledger.domain.custody_state import Pledge as Standing
from ledger.domain.identifiers import (
    NO_PLOT,
    ContentHash,
    Digest,
    Grams,
    PartyId,
    ProductId,
    consignment_id,
    lot_id,
    plot_id,
)
from ledger.domain.master_data import Role
from ledger.domain.records import ConsignmentState
from ledger.domain.typed_data import manifest_hash, origin_hash

NOW = 1_780_000_000
LATER = NOW + 86_400
CONTENT = ContentHash(b"c" * 32)
OLD_CONTENT = ContentHash(b"o" * 32)
DIGEST = Digest(b"d" * 32)
FARM, PACKER, BUYER, REGULATOR = build.FARM, build.PACKING_HOUSE, build.BUYER, build.REGULATOR
CERTIFIER, LENDER, OTHER_LENDER = build.CERTIFIER, build.LENDER, build.gln(98)
NOBODY = PartyId(0)
BULK, PACKED, OTHER = build.HARVEST_LOT.id, build.PACKED_LOT.id, build.OTHER_PACKED_LOT.id
FRESH = lot_id(build.BULK_MELON, "F-1")
"""A harvested lot that has not moved."""
REFERENCE = "W-1"
CONSIGNMENT = consignment_id(FARM, REFERENCE)
PLOT, FREE_PLOT = plot_id(FARM, "PLOT-7"), plot_id(FARM, "PLOT-8")
SEASON = 2026
NOTICE_OVER = NOW - NOTICE_SECONDS


def lines(*pairs: tuple[bytes, int]) -> tuple[Line, ...]:
    """Lines in ascending order."""
    return tuple(Line(lot, Grams(grams)) for lot, grams in sorted(pairs))  # type: ignore[arg-type]


def made(code: str, grams: int, product: ProductId = build.MELON_CASE) -> Output:
    """An output."""
    return Output(product, code, Grams(grams))


def stated(*rows: tuple[bytes, int, int, int]) -> tuple[ReceiptLine, ...]:
    """Lot, accepted, refused, to come."""
    return tuple(ReceiptLine(lot, *map(Grams, grams)) for lot, *grams in sorted(rows))  # type: ignore[arg-type, misc]


def settled(*rows: tuple[bytes, int, int, int, int]) -> tuple[SettledLine, ...]:
    """Lot, loss, weight loss, returned, received."""
    return tuple(SettledLine(lot, *map(Grams, grams)) for lot, *grams in sorted(rows))  # type: ignore[arg-type, misc]


MANIFEST = lines((BULK, 400), (PACKED, 50))
MISSING = lines((BULK, 30), (PACKED, 5))
PACKED_FROM = Origin(lines((BULK, 120)), (made(build.PACKED_LOT.code, 100),))
KEPT_FROM = Origin(lines((FRESH, 100)), (made("K-1", 60), made("K-2", 30)))
KEPT, ALSO_KEPT = lot_id(build.MELON_CASE, "K-1"), lot_id(build.MELON_CASE, "K-2")
KEPT_HASH = origin_hash(KEPT_FROM.inputs, KEPT_FROM.outputs)
STATE = LedgerState(
    lots={
        BULK: Lot(FARM, Grams(1_000), 1, moved=True, certified=Grams(500)),
        PACKED: Lot(
            PACKER, Grams(100), 1, parents=(BULK,), moved=True,
            origin_hash=origin_hash(PACKED_FROM.inputs, PACKED_FROM.outputs),
        ),
        FRESH: Lot(FARM, Grams(600), 1, certified=Grams(600), yield_of=(PLOT, SEASON)),
        KEPT: Lot(PACKER, Grams(60), 1, parents=(FRESH,), certified=Grams(60), origin_hash=KEPT_HASH),
        ALSO_KEPT: Lot(PACKER, Grams(30), 1, parents=(FRESH,), certified=Grams(30), origin_hash=KEPT_HASH),
    },
    balances={
        (BULK, FARM): Grams(900), (PACKED, FARM): Grams(100), (BULK, PACKER): Grams(100),
        (FRESH, FARM): Grams(600), (FRESH, PACKER): Grams(40),
        (KEPT, PACKER): Grams(60), (ALSO_KEPT, PACKER): Grams(30),
    },
    roles={party: int(roles) for party, roles in build.ROLES.items()}
    | {CERTIFIER: Role.CERTIFIER, LENDER: Role.LENDER, OTHER_LENDER: Role.LENDER},
    product_users=build.PRODUCT_USERS,
    plots={PLOT: Plot(FARM, CERTIFIER)},
    yields={(PLOT, SEASON): Yield(Grams(2_000), Grams(1_200))},
    origins={KEPT_HASH: KEPT_FROM},
)  # fmt: skip

HARVEST = Harvest(FARM, build.BULK_MELON, "H-2", NO_PLOT, SEASON, Grams(500), CONTENT, LATER)
CERTIFIED_HARVEST = replace(HARVEST, plot=PLOT)
INTAKE = Intake(build.COOPERATIVE, build.BULK_MELON, "I-2", Grams(500), CONTENT, LATER)
PACKING = Transformation(
    PACKER, lines((BULK, 100)), (made("P-9", 50), made("P-8", 30)), Grams(12), Grams(5), Grams(3), CONTENT, LATER,
)  # fmt: skip
SHIPMENT = Shipment(FARM, PACKER, REFERENCE, MANIFEST, CONTENT, LATER)
RECEIPT = Receipt(PACKER, CONSIGNMENT, manifest_hash(MANIFEST), CONTENT, LATER)
SHORT_RECEIPT = PartialReceipt(
    PACKER, CONSIGNMENT, manifest_hash(MANIFEST), stated((BULK, 350, 20, 0), (PACKED, 45, 0, 0)), "BACK-1", CONTENT,
    LATER,
)  # fmt: skip
FIRST_RECEIPT = replace(SHORT_RECEIPT, lines=stated((BULK, 100, 0, 300), (PACKED, 50, 0, 0)), return_ref="")
SETTLEMENT = Settlement(
    FARM, PACKER, CONSIGNMENT, manifest_hash(MISSING), settled((BULK, 10, 8, 7, 5), (PACKED, 5, 0, 0, 0)), CONTENT,
    LATER,
)  # fmt: skip
WRITE_OFF = replace(SETTLEMENT, counterparty=NOBODY, lines=settled((BULK, 30, 0, 0, 0), (PACKED, 5, 0, 0, 0)))
NOTICE = Notice(FARM, CONSIGNMENT, CONTENT, LATER)
VOID = Void(FARM, PACKER, CONSIGNMENT, manifest_hash(MANIFEST), CONTENT, LATER)
VOID_ALONE = replace(VOID, receiver=NOBODY)
SALE = Sale(FARM, lines((BULK, 900)), CONTENT, LATER)
DISPOSAL = Disposal(FARM, lines((BULK, 1)), CONTENT, LATER)
RECALL = Recall(FARM, BULK, CONTENT, LATER)
RELEASE = Release(FARM, BULK, CONTENT, LATER)
STATEMENT = Statement(FARM, "inspecting", (BULK,), CONTENT, LATER)
REGISTRATION = PlotRegistration(CERTIFIER, FARM, FREE_PLOT, CONTENT, LATER)
CERTIFICATE = YieldCertificate(CERTIFIER, PLOT, SEASON + 1, Grams(5_000), CONTENT, LATER)
LOWERED = replace(CERTIFICATE, season=SEASON, grams=Grams(1_200))
AMENDMENT = BirthAmendment(FARM, FRESH, Grams(600), Grams(500), OLD_CONTENT, CONTENT, LATER)
REPACKED = TransformationAmendment(
    PACKER, KEPT_HASH, lines((FRESH, 110)), (made("K-1", 50), made("K-2", 40)), Grams(20), Grams(0), Grams(0),
    OLD_CONTENT, CONTENT, LATER,
)  # fmt: skip
PLEDGE = Pledge(FARM, LENDER, BULK, Grams(300), LATER, CONTENT, LATER)
LETTING_GO = PledgeRelease(LENDER, FARM, BULK, CONTENT, LATER)

UNDER_WAY = Consignment(FARM, PACKER, ConsignmentState.IN_TRANSIT, MANIFEST, MANIFEST)


def consigned(sent: Consignment) -> LedgerState:
    """The state with that consignment."""
    return replace(STATE, consignments={CONSIGNMENT: sent})


def pledged(*pledges: Standing, lot: bytes = BULK, party: PartyId = FARM) -> LedgerState:
    """The state with these pledges on what the party holds of the lot."""
    return replace(STATE, pledges={(lot, party): pledges})  # type: ignore[dict-item]


def standing(grams: int, lender: PartyId = LENDER, until: int = LATER) -> Standing:
    """A pledge that stands."""
    return Standing(lender, Grams(grams), until)


IN_TRANSIT = consigned(UNDER_WAY)
ARRIVED = consigned(replace(UNDER_WAY, state=ConsignmentState.RECEIVED))
ANNOUNCED = consigned(replace(UNDER_WAY, state=ConsignmentState.VOID_ANNOUNCED, notice_at=NOTICE_OVER))
SHORT = replace(UNDER_WAY, state=ConsignmentState.VARIANCE, open_lines=MISSING)
VARIANCE = consigned(SHORT)
WRITING_OFF = consigned(replace(SHORT, state=ConsignmentState.WRITE_OFF_ANNOUNCED, notice_at=NOTICE_OVER))
RECALLED = replace(STATE, lots={**STATE.lots, BULK: replace(STATE.lots[BULK], recalled_by=FARM)})
INHERITED = replace(
    STATE, lots={**STATE.lots, PACKED: replace(STATE.lots[PACKED], recalled_by=FARM, inherited=True)}
)  # fmt: skip
PARENT_RECALLED = replace(STATE, recalled_ancestors={PACKED: BULK})
PLEDGED = pledged(standing(300))

EVERY_ACTION: tuple[tuple[Action, LedgerState], ...] = (
    (HARVEST, STATE), (CERTIFIED_HARVEST, STATE), (INTAKE, STATE), (PACKING, STATE), (SHIPMENT, STATE),
    (RECEIPT, IN_TRANSIT), (SHORT_RECEIPT, IN_TRANSIT), (FIRST_RECEIPT, ANNOUNCED), (SETTLEMENT, VARIANCE),
    (WRITE_OFF, WRITING_OFF), (NOTICE, IN_TRANSIT), (NOTICE, VARIANCE), (VOID, IN_TRANSIT), (VOID_ALONE, ANNOUNCED),
    (SALE, STATE), (DISPOSAL, STATE), (RECALL, STATE), (RELEASE, RECALLED), (STATEMENT, STATE), (REGISTRATION, STATE),
    (CERTIFICATE, STATE), (LOWERED, STATE), (AMENDMENT, STATE), (REPACKED, STATE), (PLEDGE, STATE), (PLEDGE, PLEDGED),
    (LETTING_GO, PLEDGED),
)  # fmt: skip
"""Each action with a state in which it is possible."""


def run(action: Action, state: LedgerState = STATE, now: int = NOW) -> StateChange:
    """What the action changes."""
    return apply(state, action, now=now, digest=DIGEST)


def lots_with(lot: bytes, **changes: object) -> LedgerState:
    """The state with that lot changed."""
    return replace(STATE, lots={**STATE.lots, lot: replace(STATE.lots[lot], **changes)})  # type: ignore[index, arg-type, dict-item]
