"""The rules of custody: what each action changes, and each refusal under the name of the contract's error."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import event_builders as build
import pytest

from ledger.domain.actions import (
    Action,
    Disposal,
    Harvest,
    Intake,
    Line,
    Output,
    Recall,
    Receipt,
    Release,
    Sale,
    Shipment,
    Statement,
    Transformation,
)
from ledger.domain.custody import Consignment, LedgerState, Lot, StateChange, apply, touches
from ledger.domain.errors import Refused
from ledger.domain.identifiers import NO_PLOT, ContentHash, Digest, Grams, LotRef, ProductId, consignment_id
from ledger.domain.records import ConsignmentState
from ledger.domain.typed_data import manifest_hash

NOW = 1_780_000_000
LATER = NOW + 86_400
CONTENT = ContentHash(b"c" * 32)
DIGEST = Digest(b"d" * 32)
FARM, PACKER, BUYER, REGULATOR = build.FARM, build.PACKING_HOUSE, build.BUYER, build.REGULATOR
BULK, PACKED, OTHER = build.HARVEST_LOT.id, build.PACKED_LOT.id, build.OTHER_PACKED_LOT.id
REFERENCE = "W-1"
CONSIGNMENT = consignment_id(FARM, REFERENCE)


def lines(*pairs: tuple[bytes, int]) -> tuple[Line, ...]:
    return tuple(Line(lot, Grams(grams)) for lot, grams in sorted(pairs))  # type: ignore[arg-type]


def made(code: str, grams: int, product: ProductId = build.MELON_CASE) -> Output:
    return Output(product, code, Grams(grams))


MANIFEST = lines((BULK, 400), (PACKED, 50))
STATE = LedgerState(
    lots={
        BULK: Lot(FARM, Grams(1_000), 1),
        PACKED: Lot(PACKER, Grams(100), 1, parents=(BULK,)),
    },
    balances={(BULK, FARM): Grams(900), (PACKED, FARM): Grams(100), (BULK, PACKER): Grams(100)},
    consignments={},
    roles={party: int(roles) for party, roles in build.ROLES.items()},
    product_users=build.PRODUCT_USERS,
)
HARVEST = Harvest(FARM, build.BULK_MELON, "H-2", NO_PLOT, Grams(500), CONTENT, LATER)
INTAKE = Intake(build.COOPERATIVE, build.BULK_MELON, "I-2", Grams(500), CONTENT, LATER)
PACKING = Transformation(
    PACKER, lines((BULK, 100)), (made("P-9", 60), made("P-8", 40)),
    CONTENT, LATER,
)  # fmt: skip
SHIPMENT = Shipment(FARM, PACKER, REFERENCE, MANIFEST, CONTENT, LATER)
RECEIPT = Receipt(PACKER, CONSIGNMENT, manifest_hash(MANIFEST), CONTENT, LATER)
SALE = Sale(FARM, lines((BULK, 900)), CONTENT, LATER)
DISPOSAL = Disposal(FARM, lines((BULK, 1)), CONTENT, LATER)
RECALL = Recall(FARM, BULK, CONTENT, LATER)
RELEASE = Release(FARM, BULK, CONTENT, LATER)
STATEMENT = Statement(FARM, "inspecting", (BULK,), CONTENT, LATER)
UNDER_WAY = Consignment(FARM, PACKER, ConsignmentState.IN_TRANSIT, MANIFEST)
IN_TRANSIT = replace(STATE, consignments={CONSIGNMENT: UNDER_WAY})
ARRIVED = replace(STATE, consignments={CONSIGNMENT: replace(UNDER_WAY, state=ConsignmentState.RECEIVED)})
RECALLED = replace(STATE, lots={**STATE.lots, BULK: replace(STATE.lots[BULK], recalled_by=FARM)})
PARENT_RECALLED = replace(STATE, recalled_ancestors={PACKED: BULK})
EVERY_ACTION: tuple[tuple[Action, LedgerState], ...] = (
    (HARVEST, STATE), (INTAKE, STATE), (PACKING, STATE), (SHIPMENT, STATE), (RECEIPT, IN_TRANSIT), (SALE, STATE),
    (DISPOSAL, STATE), (RECALL, STATE), (RELEASE, RECALLED), (STATEMENT, STATE),
)  # fmt: skip


def run(action: Action, state: LedgerState = STATE, now: int = NOW) -> StateChange:
    return apply(state, action, now=now, digest=DIGEST)


@pytest.mark.parametrize(("action", "parents"), [(HARVEST, ()), (INTAKE, ())])
def test_a_birth_gives_the_grams_to_its_issuer(action: Any, parents: tuple[bytes, ...]) -> None:
    change = run(action)
    (new,) = change.births
    party = action.producer if isinstance(action, Harvest) else action.buyer
    assert new.ref == LotRef(action.product, action.lot_code)
    assert new.lot == Lot(party, Grams(500), 1, parents=parents)
    assert change.balances == {(new.ref.id, party): 500}
    assert (change.entries, change.used_digest) == ((), None)


def test_a_transformation_uses_up_and_gives_birth() -> None:
    change = run(PACKING)
    first, second = change.births
    assert (first.ref.code, second.ref.code) == ("P-9", "P-8")
    assert {birth.lot for birth in change.births} == {Lot(PACKER, Grams(g), 1, parents=(BULK,)) for g in (60, 40)}
    assert change.balances == {(BULK, PACKER): -100, (first.id, PACKER): 60, (second.id, PACKER): 40}
    assert change.entries == (BULK,)


def test_less_may_come_out_than_went_in() -> None:
    assert run(replace(PACKING, outputs=PACKING.outputs[:1])).balances[BULK, PACKER] == -100


def test_a_shipment_leaves_the_shipper_and_is_under_way() -> None:
    change = run(SHIPMENT)
    assert change.balances == {(BULK, FARM): -400, (PACKED, FARM): -50}
    assert change.consignments == {CONSIGNMENT: UNDER_WAY}
    assert set(change.entries) == {BULK, PACKED}
    assert change.used_digest is None


def test_a_receipt_reaches_the_receiver() -> None:
    change = run(RECEIPT, IN_TRANSIT)
    assert change.balances == {(BULK, PACKER): 400, (PACKED, PACKER): 50}
    assert change.consignments == ARRIVED.consignments
    assert set(change.entries) == {BULK, PACKED}


@pytest.mark.parametrize("action", [SALE, DISPOSAL])
def test_what_leaves_is_gone(action: Any) -> None:
    change = run(action)
    assert change.balances == {(BULK, FARM): -action.lines[0].grams}
    assert (change.entries, change.used_digest) == ((BULK,), DIGEST)


def test_recall_and_release() -> None:
    assert run(RECALL).recalls == {BULK: FARM}
    assert run(RELEASE, RECALLED).recalls == {BULK: 0}
    assert run(RECALL).entries == run(RELEASE, RECALLED).entries == (BULK,)


def test_a_regulator_recalls_what_it_did_not_make_and_only_it_releases() -> None:
    change = run(replace(RECALL, issuer=REGULATOR))
    assert change.recalls == {BULK: REGULATOR}
    by_regulator = replace(STATE, lots={BULK: replace(STATE.lots[BULK], recalled_by=REGULATOR)})
    assert run(replace(RELEASE, issuer=REGULATOR), by_regulator).recalls == {BULK: 0}
    with pytest.raises(Refused, match="NotTheRecaller"):
        run(RELEASE, by_regulator)


def test_a_statement_only_uses_its_digest() -> None:
    assert run(STATEMENT) == StateChange(used_digest=DIGEST)


@pytest.mark.parametrize(
    ("action", "state"),
    [
        (RECEIPT, replace(RECALLED, consignments=IN_TRANSIT.consignments)),
        (DISPOSAL, RECALLED),
        (Shipment(PACKER, FARM, "BACK", lines((BULK, 1)), CONTENT, LATER), RECALLED),
        (Disposal(FARM, lines((PACKED, 1)), CONTENT, LATER), PARENT_RECALLED),
        (Shipment(FARM, PACKER, "BACK", lines((PACKED, 1)), CONTENT, LATER), PARENT_RECALLED),
        (Recall(PACKER, PACKED, CONTENT, LATER), PARENT_RECALLED),
    ],
    ids=["arrives", "is destroyed", "goes home", "child is destroyed", "child goes home", "child is recalled itself"],
)
def test_what_a_recalled_lot_may_still_do(action: Action, state: LedgerState) -> None:
    run(action, state)


REFUSALS: list[tuple[str, Action, LedgerState, str]] = [
    ("DeadlinePassed", replace(HARVEST, deadline=NOW - 1), STATE, "/deadline"),
    ("UnknownParty", replace(HARVEST, producer=build.STRANGER), STATE, "/producer"),
    ("UnknownParty", replace(STATEMENT, party=build.STRANGER), STATE, "/party"),
    ("RoleMissing", replace(HARVEST, producer=PACKER), STATE, "/producer"),
    ("RoleMissing", replace(INTAKE, buyer=build.HUB), STATE, "/buyer"),
    ("RoleMissing", replace(PACKING, packer=build.CARRIER), STATE, "/packer"),
    ("InvalidLotCode", replace(HARVEST, lot_code=""), STATE, "/lotCode"),
    ("InvalidLotCode", replace(HARVEST, lot_code="a b"), STATE, "/lotCode"),
    ("ZeroGrams", replace(HARVEST, grams=Grams(0)), STATE, "/grams"),
    ("ProductNotAllowed", replace(HARVEST, product=build.FOREIGN_PRODUCT), STATE, "/product"),
    ("LotExists", replace(HARVEST, lot_code=build.HARVEST_LOT.code), STATE, "/lotCode"),
    ("LotExists", replace(INTAKE, lot_code=build.HARVEST_LOT.code), STATE, "/lotCode"),
    ("NothingListed", replace(PACKING, inputs=()), STATE, "/inputs"),
    ("NothingListed", replace(PACKING, outputs=()), STATE, "/outputs"),
    ("NotEnoughHeld", replace(PACKING, inputs=lines((BULK, 101))), STATE, "/inputs/0/grams"),
    ("LotRecalled", PACKING, RECALLED, "/inputs/0/lot"),
    ("LotExists", replace(PACKING, outputs=PACKING.outputs[:1] * 2), STATE, "/outputs/1/lotCode"),
    ("LotExists", replace(PACKING, outputs=(made("P-0001", 1),)), STATE, "/outputs/0/lotCode"),
    ("ZeroGrams", replace(PACKING, outputs=(made("N", 0),)), STATE, "/outputs/0/grams"),
    ("ProductNotAllowed", replace(PACKING, outputs=(made("N", 1, build.GRAPE_CASE),)), STATE, "/outputs/0/product"),
    ("InvalidLotCode", replace(PACKING, outputs=(made("é", 1),)), STATE, "/outputs/0/lotCode"),
    ("MoreOutThanIn", replace(PACKING, inputs=lines((BULK, 99))), STATE, "/outputs"),
    ("SelfShipment", replace(SHIPMENT, receiver=FARM), STATE, "/receiver"),
    ("UnknownReceiver", replace(SHIPMENT, receiver=build.STRANGER), STATE, "/receiver"),
    ("ConsignmentUsed", SHIPMENT, IN_TRANSIT, "/consignmentRef"),
    ("ConsignmentUsed", SHIPMENT, ARRIVED, "/consignmentRef"),
    ("NothingListed", replace(SHIPMENT, manifest=()), STATE, "/manifest"),
    ("NotAscending", replace(SHIPMENT, manifest=MANIFEST[::-1]), STATE, "/manifest/1/lot"),
    ("NotAscending", replace(SHIPMENT, manifest=MANIFEST[:1] * 2), STATE, "/manifest/1/lot"),
    ("ZeroGrams", replace(SHIPMENT, manifest=lines((BULK, 0))), STATE, "/manifest/0/grams"),
    ("UnknownLot", replace(SHIPMENT, manifest=lines((OTHER, 1))), STATE, "/manifest/0/lot"),
    ("NotEnoughHeld", replace(SHIPMENT, manifest=lines((BULK, 901))), STATE, "/manifest/0/grams"),
    ("LotRecalled", replace(SHIPMENT, manifest=lines((BULK, 1))), RECALLED, "/manifest/0/lot"),
    ("LotRecalled", Shipment(FARM, BUYER, "X", lines((PACKED, 1)), CONTENT, LATER), PARENT_RECALLED, "/manifest/0/lot"),
    ("NotInTransit", RECEIPT, STATE, "/consignment"),
    ("NotInTransit", RECEIPT, ARRIVED, "/consignment"),
    ("NotTheReceiver", replace(RECEIPT, receiver=BUYER), IN_TRANSIT, "/receiver"),
    ("NotTheReceiver", replace(RECEIPT, receiver=FARM), IN_TRANSIT, "/receiver"),
    ("WrongManifest", replace(RECEIPT, manifest_hash=manifest_hash(MANIFEST[:1])), IN_TRANSIT, "/manifestHash"),
    ("AlreadyUsed", SALE, replace(STATE, used_digests=frozenset({DIGEST})), ""),
    ("AlreadyUsed", DISPOSAL, replace(STATE, used_digests=frozenset({DIGEST})), ""),
    ("AlreadyUsed", RECALL, replace(STATE, used_digests=frozenset({DIGEST})), ""),
    ("AlreadyUsed", RELEASE, replace(RECALLED, used_digests=frozenset({DIGEST})), ""),
    ("AlreadyUsed", STATEMENT, replace(STATE, used_digests=frozenset({DIGEST})), ""),
    ("NotEnoughHeld", replace(SALE, lines=lines((BULK, 901))), STATE, "/lines/0/grams"),
    ("NotEnoughHeld", replace(SALE, holder=BUYER), STATE, "/lines/0/grams"),
    ("LotRecalled", SALE, RECALLED, "/lines/0/lot"),
    ("LotRecalled", replace(SALE, lines=lines((PACKED, 1))), PARENT_RECALLED, "/lines/0/lot"),
    ("NothingListed", replace(SALE, lines=()), STATE, "/lines"),
    ("UnknownLot", replace(DISPOSAL, lines=lines((OTHER, 1))), STATE, "/lines/0/lot"),
    ("NotEnoughHeld", replace(DISPOSAL, lines=lines((BULK, 901))), RECALLED, "/lines/0/grams"),
    ("UnknownLot", replace(RECALL, lot=OTHER), STATE, "/lot"),
    ("LotRecalled", RECALL, RECALLED, "/lot"),
    ("MayNotRecall", replace(RECALL, issuer=PACKER), STATE, "/issuer"),
    ("UnknownLot", replace(RELEASE, lot=OTHER), STATE, "/lot"),
    ("NotRecalled", RELEASE, STATE, "/lot"),
    ("NotTheRecaller", replace(RELEASE, issuer=REGULATOR), RECALLED, "/issuer"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "action", "state", "field"), REFUSALS, ids=[refusal[0] for refusal in REFUSALS])
def test_refusals(rule: str, action: Action, state: LedgerState, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        run(action, state)
    assert (refusal.value.violations[0].rule, refusal.value.violations[0].field) == (rule, field)


def test_every_error_of_the_contract_is_mirrored() -> None:
    source = (Path(__file__).parents[2] / "contracts" / "interfaces" / "IProduceLedger.sol").read_text()
    errors = set(re.findall(r"^\s*error (\w+)\(", source, re.MULTILINE))
    of_reading = {"LengthMismatch"}
    of_the_registry = {"UnknownParty", "RoleMissing"}
    assert {refusal[0] for refusal in REFUSALS} - of_the_registry == errors - of_reading


@pytest.mark.parametrize(("action", "state"), EVERY_ACTION, ids=lambda value: type(value).__name__)
def test_a_deadline_holds_to_its_last_second(action: Action, state: LedgerState) -> None:
    apply(state, replace(action, deadline=NOW), now=NOW, digest=DIGEST)
    with pytest.raises(Refused, match="DeadlinePassed"):
        apply(state, replace(action, deadline=NOW), now=NOW + 1, digest=DIGEST)


@pytest.mark.parametrize(("action", "state"), EVERY_ACTION, ids=lambda value: type(value).__name__)
def test_what_is_touched_is_enough(action: Action, state: LedgerState) -> None:
    """A state that holds nothing but what `touches` names gives the same change."""
    touched = touches(action)
    narrow = LedgerState(
        lots={lot: state.lots[lot] for lot in touched.lots if lot in state.lots},
        balances={key: state.balances[key] for key in touched.balances if key in state.balances},
        consignments={key: state.consignments[key] for key in touched.consignments if key in state.consignments},
        roles={party: state.roles[party] for party in touched.parties if party in state.roles},
        product_users=frozenset(touched.product_users) & frozenset(state.product_users),
    )
    assert run(action, narrow) == run(action, state)
