"""
Commands of partial receipts, settlements and voids, as people type them: what is recorded, what the other side has to
do, and the rule that each refusal names.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from command_desk import (
    AT,
    CASES,
    FARM,
    HOUSE,
    LOT,
    OTHER,
    RECEIVING,
    SHOP,
    Run,
    done,
    held,
    refused,
)
from signing_keys import p256_key

from ledger.domain.identifiers import Digest

# Receipts -------------------------------------------------------------------------------------------------------------


def test_lots_not_named_are_accepted_in_full(disputed: Run) -> None:
    assert (held(disputed, LOT, HOUSE), held(disputed, OTHER, HOUSE)) == (900_000, 500_000)


def test_a_consignment_may_come_in_several_loads(shipped: Run) -> None:
    done(shipped, "receive", "WB-1", *RECEIVING, "--to-come", f"{LOT}=400kg", "--to-come", f"{OTHER}=500kg")
    assert (held(shipped, LOT, HOUSE), held(shipped, OTHER, HOUSE)) == (600_000, 0)
    assert refused(shipped, "receive", "WB-1", *RECEIVING, "--short", f"{LOT}=401kg") == "LineUnbalanced"
    done(shipped, "receive", "WB-1", *RECEIVING, "--at", "2026-08-06T12:00:00+08:00")
    assert (held(shipped, LOT, HOUSE), held(shipped, OTHER, HOUSE)) == (1_000_000, 500_000)
    assert refused(shipped, "receive", "WB-1", *RECEIVING, "--at", "2026-08-07T12:00:00+08:00") == "NotInTransit"


def test_what_is_refused_comes_back_under_the_receivers_number(shipped: Run) -> None:
    done(shipped, "receive", "WB-1", *RECEIVING, "--refuse", f"{OTHER}=50kg", "--return-ref", "R-1")
    done(shipped, "receive", "R-1", "--from", HOUSE, "--as", FARM)
    assert (held(shipped, OTHER, HOUSE), held(shipped, OTHER, FARM)) == (450_000, 50_000)


def test_a_rejection_sends_everything_back(shipped: Run) -> None:
    done(shipped, "reject", "WB-1", *RECEIVING, "--return-ref", "R-1", "--reason", "frozen")
    assert held(shipped, LOT, HOUSE) == 0
    done(shipped, "receive", "R-1", "--from", HOUSE, "--as", FARM)
    assert (held(shipped, LOT, FARM), held(shipped, OTHER, FARM)) == (1_000_000, 500_000)


def test_what_came_beyond_the_manifest_is_noted_and_not_credited(shipped: Run, tmp_path: Path) -> None:
    done(shipped, "receive", "WB-1", *RECEIVING, "--over", f"{LOT}=20kg")
    assert held(shipped, LOT, HOUSE) == 1_000_000
    events = shipped("export", LOT, "--json").json["epcisBody"]["eventList"]
    assert events[-1]["silkroot:over"][0]["grams"] == 20_000


WRONG_RECEIPTS = {
    "more short than sent": (("--short", f"{LOT}=1001kg"), "LineUnbalanced"),
    "a lot that is not in it": (("--short", f"{CASES}/X=1kg"), "LotsDiffer"),
    "everything to come": (("--to-come", f"{LOT}=1t", "--to-come", f"{OTHER}=500kg"), "NothingReceived"),
    "short and to come": (("--to-come", f"{LOT}=1kg", "--short", f"{OTHER}=1kg"), "LineUnbalanced"),
    "refused without a number": (("--refuse", f"{LOT}=1kg"), "ReturnReference"),
    "a number without a refusal": (("--short", f"{LOT}=1kg", "--return-ref", "R-1"), "ReturnReference"),
}


@pytest.mark.parametrize("case", WRONG_RECEIPTS)
def test_a_receipt_that_does_not_add_up_names_its_rule(shipped: Run, case: str) -> None:
    options, rule = WRONG_RECEIPTS[case]
    assert refused(shipped, "receive", "WB-1", *RECEIVING, *options) == rule
    assert held(shipped, LOT, HOUSE) == 0


def test_a_receipt_by_another_is_refused(shipped: Run) -> None:
    options = ("--from", FARM, "--as", SHOP, "--short", f"{LOT}=1kg")
    assert refused(shipped, "receive", "WB-1", *options) == "NotTheReceiver"


def test_a_number_for_a_return_is_used_once(shipped: Run) -> None:
    done(shipped, "receive", "WB-1", *RECEIVING, "--refuse", f"{LOT}=1kg", "--return-ref", "R-1")
    done(shipped, "receive", "R-1", "--from", HOUSE, "--as", FARM)
    done(shipped, "ship", f"{LOT}=1kg", "--to", HOUSE, "--ref", "WB-2", "--as", FARM)
    options = (*RECEIVING, "--refuse", f"{LOT}=1kg", "--return-ref", "R-1")
    assert refused(shipped, "receive", "WB-2", *options) == "ConsignmentUsed"


# Settlements ----------------------------------------------------------------------------------------------------------

SETTLING = ("--loss", f"{LOT}=40kg", "--weight-loss", f"{LOT}=30kg", "--returned", f"{LOT}=20kg")


def test_a_settlement_waits_for_the_other_side(disputed: Run) -> None:
    proposed = done(disputed, "settle", "WB-1", *RECEIVING, *SETTLING, "--received", f"{LOT}=10kg")
    number = str(proposed["proposal"])
    assert (proposed["party"], proposed["counterparty"]) == (HOUSE, FARM)
    (row,) = done(disputed, "proposals", "--as", FARM)
    assert row["lines"] == [{"lot": LOT, "loss": 40_000, "weightLoss": 30_000, "returned": 20_000, "received": 10_000}]
    words = disputed("proposals", "--as", FARM).out
    for part in ("WB-1", LOT, "40 kg", HOUSE):
        assert part in words
    assert held(disputed, LOT, HOUSE) == 900_000
    recorded = done(disputed, "agree", number, "--as", FARM)
    assert recorded["content_hash"] == proposed["content_hash"]
    assert (held(disputed, LOT, HOUSE), held(disputed, LOT, FARM)) == (910_000, 20_000)
    assert done(disputed, "proposals", "--as", FARM) == []
    assert "Nothing waits" in disputed("proposals", "--as", FARM).out


def test_the_words_say_what_the_other_side_has_to_type(disputed: Run) -> None:
    said = disputed("settle", "WB-1", *RECEIVING, "--loss", f"{LOT}=100kg", *AT)
    assert said.code == 0
    assert f"silkroot agree 1 --as {FARM}" in said.out


def test_what_is_not_accounted_for_is_named_in_grams(disputed: Run) -> None:
    for options, left in (
        ((), "100000 g"),
        (SETTLING, "other 10000 g"),
        (("--loss", f"{LOT}=101kg"), "1000 g too many"),
    ):
        said = disputed("settle", "WB-1", *RECEIVING, *options, *AT)
        assert said.code == 1
        assert left in said.err
        assert "LineUnbalanced" in said.err
    assert done(disputed, "proposals", "--as", HOUSE) == []


def test_a_lot_of_which_nothing_is_missing_cannot_be_settled(disputed: Run) -> None:
    options = (*RECEIVING, "--loss", f"{LOT}=100kg", "--loss", f"{OTHER}=1kg")
    assert refused(disputed, "settle", "WB-1", *options) == "LotsDiffer"


def test_a_proposal_is_withdrawn_by_one_side_or_turned_down_by_the_other(disputed: Run) -> None:
    for party, cancelled in ((HOUSE, True), (FARM, False)):
        loss = ("--loss", f"{LOT}=100kg", "--at", f"2026-08-0{6 + cancelled}T12:00:00+08:00")
        said = disputed("settle", "WB-1", *RECEIVING, *loss, "--json")
        number = str(said.json["proposal"])
        assert refused(disputed, "agree", number, "--as", HOUSE) == "proposal.own"
        assert done(disputed, "withdraw", number, "--as", party)["cancelled"] is cancelled
        assert disputed("agree", number, "--as", FARM).code == 2
        assert disputed("withdraw", number, "--as", FARM).code == 2


def test_a_side_that_keeps_its_key_brings_the_signature(disputed: Run) -> None:
    key = p256_key(9)
    public = ("--public-key", key.point.hex())
    asked = disputed("party", "key", "add", FARM, *public, "--json").json
    signed = key.raw(Digest(bytes.fromhex(asked["digest"][2:]))).hex()
    added = ("--deadline", str(asked["deadline"]), "--signature", signed)
    assert disputed("party", "key", "add", FARM, *public, *added, "--json").json["added"]
    number = str(done(disputed, "settle", "WB-1", *RECEIVING, "--loss", f"{LOT}=100kg")["proposal"])
    digest = done(disputed, "agree", number, "--as", FARM, *public)["digest"]
    assert digest in disputed("agree", number, "--as", FARM, *public).out
    wrong = ("--signature", "00" * 64)
    assert disputed("agree", number, "--as", FARM, *public, *wrong).code == 1
    right = ("--signature", key.raw(Digest(bytes.fromhex(digest[2:]))).hex())
    assert done(disputed, "agree", number, "--as", FARM, *public, *right)["sequence"] > 0


def test_alone_takes_a_notice_and_time(disputed: Run) -> None:
    assert refused(disputed, "settle", "WB-1", "--alone", "--as", FARM) == "NoticeNotOver"
    done(disputed, "notice", "WB-1", "--from", FARM, "--as", HOUSE)
    assert refused(disputed, "settle", "WB-1", "--alone", "--as", FARM) == "NoticeNotOver"
    again = ("notice", "WB-1", "--as", FARM)
    assert refused(disputed, *again) == "NoticeNotPossible"


def test_there_is_nothing_to_settle_before_anything_is_missing(shipped: Run) -> None:
    lines = ("--loss", f"{LOT}=1t", "--loss", f"{OTHER}=500kg")
    assert refused(shipped, "settle", "WB-1", *RECEIVING, *lines) == "NoVariance"
    assert disputed_by_a_stranger(shipped) == "handoff.side"


def disputed_by_a_stranger(run: Run) -> str:
    """The rule against a settlement by somebody else."""
    return refused(
        run, "settle", "WB-1", "--from", FARM, "--as", SHOP, "--loss", f"{LOT}=1t", "--loss", f"{OTHER}=500kg"
    )


# Voids ----------------------------------------------------------------------------------------------------------------


def test_a_void_needs_the_receiver_or_a_notice(shipped: Run) -> None:
    assert refused(shipped, "void", "WB-1", "--after-notice", "--as", FARM) == "NoticeNotOver"
    done(shipped, "notice", "WB-1", "--as", FARM)
    assert refused(shipped, "void", "WB-1", "--after-notice", "--as", FARM) == "NoticeNotOver"
    proposed = done(shipped, "void", "WB-1", "--as", FARM)
    done(shipped, "agree", str(proposed["proposal"]), "--as", HOUSE)
    assert held(shipped, LOT, FARM) == 1_000_000


def test_only_the_shipper_gives_notice_of_a_void(shipped: Run) -> None:
    assert refused(shipped, "notice", "WB-1", "--from", FARM, "--as", HOUSE) == "handoff.shipper"


def test_a_consignment_that_nobody_sent_is_not_found(run: Run) -> None:
    for command in (("void", "WB-9"), ("notice", "WB-9"), ("settle", "WB-9", "--alone")):
        said = run(*command, "--as", FARM)
        assert said.code == 2
        assert "has shipped nothing" in said.err
