"""The rules of custody: each refusal under the name of the contract's error, and what the everyday actions change."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from custody_refusals import REFUSALS
from custody_samples import (
    ARRIVED,
    BULK,
    CONSIGNMENT,
    CONTENT,
    DIGEST,
    DISPOSAL,
    EVERY_ACTION,
    FARM,
    HARVEST,
    IN_TRANSIT,
    INHERITED,
    INTAKE,
    LATER,
    NOW,
    PACKED,
    PACKER,
    PACKING,
    PARENT_RECALLED,
    RECALL,
    RECALLED,
    RECEIPT,
    REGULATOR,
    RELEASE,
    SALE,
    SHIPMENT,
    STATE,
    STATEMENT,
    UNDER_WAY,
    lines,
    lots_with,
    run,
)  # fmt: skip

from ledger.domain.actions import ACTIONS, Action, Disposal, Harvest, Recall, Shipment
from ledger.domain.custody import LedgerState, Lot, StateChange, apply, touches
from ledger.domain.errors import Refused
from ledger.domain.identifiers import Grams, LotRef
from ledger.domain.typed_data import origin_hash


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
    origin = origin_hash(PACKING.inputs, PACKING.outputs)
    # 100 g of a lot that is certified by half: 50 g among 100 g in.
    assert {birth.lot for birth in change.births} == {
        Lot(PACKER, Grams(grams), 1, parents=(BULK,), certified=Grams(grams // 2), origin_hash=origin)
        for grams in (50, 30)
    }
    assert change.balances == {(BULK, PACKER): -100, (first.id, PACKER): 50, (second.id, PACKER): 30}
    assert change.entries == (BULK,)
    assert (change.origins[origin].inputs, change.origins[origin].outputs) == (PACKING.inputs, PACKING.outputs)


def test_a_shipment_leaves_the_shipper_and_is_under_way() -> None:
    change = run(SHIPMENT)
    assert change.balances == {(BULK, FARM): -400, (PACKED, FARM): -50}
    assert all(lot.moved for lot in change.lots.values())
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


@pytest.mark.parametrize("action", [PACKING, SHIPMENT, SALE, DISPOSAL], ids=lambda action: type(action).__name__)
def test_what_leaves_a_holder_has_moved(action: Action) -> None:
    still = lots_with(BULK, moved=False)
    assert run(action, still).lots[BULK] == replace(still.lots[BULK], moved=True)


def test_recall_and_release() -> None:
    recalled = replace(STATE.lots[BULK], recalled_by=FARM)
    assert run(RECALL).lots == {BULK: recalled}
    assert run(RELEASE, RECALLED).lots == {BULK: STATE.lots[BULK]}
    assert run(RECALL).entries == run(RELEASE, RECALLED).entries == (BULK,)


def test_a_regulator_recalls_what_it_did_not_make_and_only_it_releases() -> None:
    by_regulator = lots_with(BULK, recalled_by=REGULATOR)
    assert run(replace(RECALL, issuer=REGULATOR)).lots[BULK].recalled_by == REGULATOR
    assert run(replace(RELEASE, issuer=REGULATOR), by_regulator).lots[BULK].recalled_by == 0
    with pytest.raises(Refused, match="NotTheRecaller"):
        run(RELEASE, by_regulator)


def test_a_recall_of_its_own_takes_the_place_of_one_that_was_carried_here() -> None:
    change = run(replace(RECALL, lot=PACKED, issuer=PACKER), INHERITED)
    assert change.lots == {PACKED: replace(STATE.lots[PACKED], recalled_by=PACKER, inherited=False)}


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


@pytest.mark.parametrize(("rule", "action", "state", "field"), REFUSALS, ids=[refusal[0] for refusal in REFUSALS])
def test_refusals(rule: str, action: Action, state: LedgerState, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        run(action, state)
    assert (refusal.value.violations[0].rule, refusal.value.violations[0].field) == (rule, field)


def test_every_error_of_the_contract_is_mirrored() -> None:
    source = (Path(__file__).parents[2] / "contracts" / "interfaces" / "IProduceLedger.sol").read_text()
    errors = set(re.findall(r"^\s*error (\w+)\(", source, re.MULTILINE))
    of_reading = {"LengthMismatch"}
    of_storage = {"TooManyParties"}
    of_what_nobody_signs = {"NothingToPropagate"}  # see test_custody_origins
    of_the_registry = {"UnknownParty", "RoleMissing"}
    assert {refusal[0] for refusal in REFUSALS} - of_the_registry == (
        errors - of_reading - of_storage - of_what_nobody_signs
    )


def test_every_action_is_possible() -> None:
    assert {type(action) for action, _ in EVERY_ACTION} == set(ACTIONS)
    for action, state in EVERY_ACTION:
        run(action, state)


@pytest.mark.parametrize(("action", "state"), EVERY_ACTION, ids=lambda value: type(value).__name__)
def test_a_deadline_holds_to_its_last_second(action: Action, state: LedgerState) -> None:
    apply(state, replace(action, deadline=NOW), now=NOW, digest=DIGEST)
    with pytest.raises(Refused, match="DeadlinePassed"):
        apply(state, replace(action, deadline=NOW), now=NOW + 1, digest=DIGEST)


@pytest.mark.parametrize(("action", "state"), EVERY_ACTION, ids=lambda value: type(value).__name__)
def test_what_is_touched_is_enough(action: Action, state: LedgerState) -> None:
    """A state that holds nothing but what `touches` names gives the same change."""
    touched = touches(action)
    sent = {key: state.consignments[key] for key in touched.consignments if key in state.consignments}
    lots = (*touched.lots, *(line.lot for one in sent.values() for line in one.manifest))
    seasons = {*touched.yields, *(state.lots[lot].yield_of for lot in touched.counted)}
    narrow = LedgerState(
        lots={lot: state.lots[lot] for lot in lots if lot in state.lots},
        balances={key: state.balances[key] for key in touched.balances if key in state.balances},
        consignments=sent,
        roles={party: state.roles[party] for party in touched.parties if party in state.roles},
        product_users=frozenset(touched.product_users) & frozenset(state.product_users),
        plots={plot: state.plots[plot] for plot in touched.plots if plot in state.plots},
        yields={season: state.yields[season] for season in seasons if season in state.yields},
        pledges={place: state.pledges[place] for place in touched.pledges if place in state.pledges},
        origins={key: state.origins[key] for key in touched.origins if key in state.origins},
    )
    assert run(action, narrow) == run(action, state)
