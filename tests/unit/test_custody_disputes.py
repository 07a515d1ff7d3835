"""Handoffs that do not go smoothly: partial receipts, refusals, variances, notices, voids."""

from __future__ import annotations

from dataclasses import replace

import pytest
from custody_samples import (
    ANNOUNCED,
    BULK,
    CONSIGNMENT,
    DIGEST,
    FARM,
    FIRST_RECEIPT,
    IN_TRANSIT,
    MANIFEST,
    MISSING,
    NOTICE,
    NOW,
    PACKED,
    PACKER,
    RECEIPT,
    SETTLEMENT,
    SHORT,
    SHORT_RECEIPT,
    UNDER_WAY,
    VARIANCE,
    VOID,
    VOID_ALONE,
    WRITE_OFF,
    WRITING_OFF,
    consigned,
    lines,
    run,
    stated,
)  # fmt: skip

from ledger.domain.custody import StateChange
from ledger.domain.custody_state import Consignment
from ledger.domain.identifiers import consignment_id
from ledger.domain.records import ConsignmentState
from ledger.domain.typed_data import manifest_hash


def after(change: StateChange) -> Consignment:
    """How the consignment stands then; every lot that was open counts the entry."""
    assert set(change.entries) <= {BULK, PACKED}
    return change.consignments[CONSIGNMENT]


def test_a_first_receipt_leaves_the_rest_under_way() -> None:
    for state in (IN_TRANSIT, ANNOUNCED):
        change = run(FIRST_RECEIPT, state)
        sent = state.consignments[CONSIGNMENT]
        assert change.balances == {(BULK, PACKER): 100, (PACKED, PACKER): 50}
        assert change.consignments == {CONSIGNMENT: replace(sent, open_lines=lines((BULK, 300)))}
        assert set(change.entries) == {BULK, PACKED}


def test_what_is_still_to_come_is_received_in_full_later() -> None:
    rest = lines((BULK, 300))
    change = run(replace(RECEIPT, manifest_hash=manifest_hash(rest)), consigned(replace(UNDER_WAY, open_lines=rest)))
    assert change.balances == {(BULK, PACKER): 300}
    assert after(change) == replace(UNDER_WAY, state=ConsignmentState.RECEIVED, open_lines=rest)
    assert change.entries == (BULK,)


def test_refused_grams_go_back_under_a_reference_of_the_receivers() -> None:
    change = run(SHORT_RECEIPT, IN_TRANSIT)
    back = lines((BULK, 20))
    assert change.consignments[consignment_id(PACKER, "BACK-1")] == Consignment(
        PACKER, FARM, ConsignmentState.IN_TRANSIT, back, back
    )


def test_what_is_missing_of_the_last_receipt_is_in_variance() -> None:
    change = run(SHORT_RECEIPT, IN_TRANSIT)
    assert change.balances == {(BULK, PACKER): 350, (PACKED, PACKER): 45}
    assert after(change) == SHORT
    assert set(change.entries) == {BULK, PACKED}


def test_a_notice_of_voiding_is_no_notice_of_writing_off() -> None:
    assert after(run(SHORT_RECEIPT, ANNOUNCED)) == SHORT
    assert SHORT.notice_at == 0


def test_a_receipt_within_the_notice_stands() -> None:
    for action in (RECEIPT, replace(SHORT_RECEIPT, lines=stated((BULK, 400, 0, 0), (PACKED, 50, 0, 0)), return_ref="")):
        change = run(action, ANNOUNCED)
        assert change.balances == {(BULK, PACKER): 400, (PACKED, PACKER): 50}
        assert after(change).state is ConsignmentState.RECEIVED
        assert after(change).open_lines == MANIFEST


def test_all_may_be_refused_and_nothing_missing() -> None:
    change = run(replace(SHORT_RECEIPT, lines=stated((BULK, 0, 400, 0), (PACKED, 0, 50, 0))), IN_TRANSIT)
    assert change.balances == {}
    assert after(change).state is ConsignmentState.RECEIVED
    assert change.consignments[consignment_id(PACKER, "BACK-1")].manifest == MANIFEST


def test_nothing_at_all_may_have_arrived() -> None:
    nothing = replace(SHORT_RECEIPT, lines=stated((BULK, 0, 0, 0), (PACKED, 0, 0, 0)), return_ref="")
    change = run(nothing, IN_TRANSIT)
    assert (change.balances, after(change).state, after(change).open_lines) == ({}, ConsignmentState.VARIANCE, MANIFEST)


def test_both_sides_settle() -> None:
    for state in (VARIANCE, WRITING_OFF):
        change = run(SETTLEMENT, state)
        assert change.balances == {(BULK, FARM): 7, (BULK, PACKER): 5}
        assert after(change) == replace(state.consignments[CONSIGNMENT], state=ConsignmentState.SETTLED)
        assert set(change.entries) == {BULK, PACKED}


def test_either_side_signs_first() -> None:
    turned = replace(SETTLEMENT, party=PACKER, counterparty=FARM)
    assert run(turned, VARIANCE) == run(SETTLEMENT, VARIANCE)


@pytest.mark.parametrize("party", [FARM, PACKER])
def test_one_side_writes_off_after_its_notice(party: int) -> None:
    change = run(replace(WRITE_OFF, party=party), WRITING_OFF)  # type: ignore[arg-type]
    assert (change.balances, after(change).state) == ({}, ConsignmentState.SETTLED)
    assert after(change).open_lines == MISSING


def test_notices() -> None:
    assert after(run(NOTICE, IN_TRANSIT)) == replace(UNDER_WAY, state=ConsignmentState.VOID_ANNOUNCED, notice_at=NOW)
    for party in (FARM, PACKER):
        change = run(replace(NOTICE, party=party), VARIANCE)
        assert after(change) == replace(SHORT, state=ConsignmentState.WRITE_OFF_ANNOUNCED, notice_at=NOW)
        assert (change.balances, change.entries, change.used_digest) == ({}, (), DIGEST)


@pytest.mark.parametrize(
    ("action", "state"),
    [(VOID, IN_TRANSIT), (VOID, ANNOUNCED), (VOID_ALONE, ANNOUNCED)],
    ids=["agreed", "late", "alone"],
)
def test_a_void_brings_all_that_is_open_back(action: object, state: object) -> None:
    change = run(action, state)  # type: ignore[arg-type]
    assert change.balances == {(BULK, FARM): 400, (PACKED, FARM): 50}
    assert after(change).state is ConsignmentState.VOIDED
    assert set(change.entries) == {BULK, PACKED}


def test_what_arrived_stays_where_it_is_when_the_rest_is_voided() -> None:
    rest = lines((BULK, 300))
    change = run(replace(VOID, manifest_hash=manifest_hash(rest)), consigned(replace(UNDER_WAY, open_lines=rest)))
    assert change.balances == {(BULK, FARM): 300}
    assert change.entries == (BULK,)
