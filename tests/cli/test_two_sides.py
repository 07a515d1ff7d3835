"""
Commands of partial receipts, settlements, voids, corrections, plots, pledges and recalls, as people type them: what is
recorded, what the other side has to do, and the rule that each refusal names.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_desk import (
    AT,
    BULK,
    CASES,
    CERTIFIER,
    FARM,
    HOUSE,
    LENDER,
    LOT,
    OTHER,
    PACKED,
    PLOT,
    RULER,
    SHOP,
    Run,
    open_desk,
    runner,
)
from second_signatures import settle_on
from signing_keys import p256_key

from ledger.adapters.sql_store.store import SqlStore
from ledger.domain import event_forms as forms
from ledger.domain.event_forms import Amount, RosterLine, Spot, When
from ledger.domain.identifiers import Digest, Grams, LotRef, PartyId, ProductId

RECEIVING = ("--from", FARM, "--as", HOUSE)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with the cast and two harvests, to be copied: making the parties' keys takes longest."""
    folder = tmp_path_factory.mktemp("desk")
    open_desk(folder)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """What lies under the test's desk."""
    opened = SqlStore(f"sqlite:///{tmp_path / 'desk' / 'silkroot.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def run(opened: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A desk of the test's own, with a harvest of 1,000 kg and one of 500 kg."""
    folder = tmp_path / "desk"
    shutil.copytree(opened, folder)
    return runner(folder, monkeypatch, capsys)


@pytest.fixture
def shipped(run: Run) -> Run:
    """Both harvests are on their way to the packing house, under WB-1."""
    done(run, "ship", f"{LOT}=1t", f"{OTHER}=500kg", "--to", HOUSE, "--ref", "WB-1", "--as", FARM)
    return run


@pytest.fixture
def disputed(shipped: Run) -> Run:
    """100 kg of the first harvest did not arrive."""
    done(shipped, "receive", "WB-1", *RECEIVING, "--short", f"{LOT}=100kg")
    return shipped


def done(run: Run, *arguments: str) -> Any:
    """The JSON of a command that has to work."""
    timeless = arguments[0] in ("agree", "withdraw", "proposals", "correct") or {"--at", "--carry"} & set(arguments)
    at = () if timeless else AT
    said = run(*arguments, *at, "--json")
    assert said.code == 0, said
    return said.json


def refused(run: Run, *arguments: str) -> str:
    """The rule that a refused command names, first in words, then as JSON."""
    at = () if arguments[0] in ("agree", "withdraw", "correct") or "--at" in arguments else AT
    words = run(*arguments, *at)
    said = run(*arguments, *at, "--json")
    assert (words.code, said.code) == (1, 1), said
    (rule,) = said.rules
    assert f"rule {rule}" in words.err
    return rule


def held(run: Run, lot: str, party: str) -> int:
    """Grams that the party holds."""
    grams = run("pledge", "list", lot, "--holder", party, "--json").json["held"]
    assert isinstance(grams, int)
    return grams


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
    "refused without a number": (("--refuse", f"{LOT}=1kg"), "handoff.return-reference"),
    "a number without a refusal": (("--short", f"{LOT}=1kg", "--return-ref", "R-1"), "handoff.return-reference"),
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


# Corrections ----------------------------------------------------------------------------------------------------------


def test_a_harvest_is_corrected_and_annulled(run: Run) -> None:
    done(run, "correct", LOT, "900kg", "--reason", "misread", "--as", FARM)
    assert held(run, LOT, FARM) == 900_000
    done(run, "correct", LOT, "950kg", "--reason", "misread again", "--as", FARM)
    assert held(run, LOT, FARM) == 950_000
    done(run, "correct", OTHER, "--annul", "--reason", "written twice", "--as", FARM)
    assert held(run, OTHER, FARM) == 0


def test_what_has_moved_is_not_corrected(shipped: Run) -> None:
    assert refused(shipped, "correct", LOT, "900kg", "--reason", "x", "--as", FARM) == "LotMoved"


def test_only_the_issuer_corrects(run: Run) -> None:
    options = ("correct", LOT, "900kg", "--reason", "x", "--as", HOUSE)
    assert refused(run, *options) in ("NotTheIssuer", "silkroot.party")


def test_a_lot_that_nobody_made_is_not_corrected(run: Run) -> None:
    assert run("correct", f"{BULK}/NONE", "1kg", "--reason", "x", "--as", FARM).code == 2


def test_a_harvest_has_neither_inputs_nor_deliveries(run: Run) -> None:
    common = ("--reason", "x", "--as", FARM)
    assert refused(run, "correct", LOT, "--output", f"{LOT}=1kg", *common) == "correct.birth"
    assert refused(run, "correct", LOT, "--delivery", "T-1=1kg", *common) == "correct.deliveries"


def test_a_packing_is_corrected_with_its_inputs_and_annulled(shipped: Run) -> None:
    done(shipped, "receive", "WB-1", *RECEIVING)
    packing = ("pack", "--from", f"{LOT}=100kg", "--into", f"{PACKED}=90kg", "--as", HOUSE)
    done(shipped, *packing, "--culls", "6kg", "--remainder", "1kg")
    common = ("--reason", "scale", "--as", HOUSE)
    done(shipped, "correct", PACKED, "--input", f"{LOT}=110kg", "--output", f"{PACKED}=95kg", *common)
    assert (held(shipped, LOT, HOUSE), held(shipped, PACKED, HOUSE)) == (890_000, 95_000)
    assert refused(shipped, "correct", PACKED, "95kg", *common) == "correct.packing"
    assert refused(shipped, "correct", PACKED, "--output", f"{PACKED}=111kg", *common) == "MoreOutThanIn"
    assert refused(shipped, "correct", PACKED, "--output", f"{OTHER}=1kg", *common) == "line.differs"
    options = ("--process-loss", "1kg", *common)
    assert refused(shipped, "correct", PACKED, *options) == "Unbalanced"
    done(shipped, "correct", PACKED, "--annul", *common)
    assert (held(shipped, LOT, HOUSE), held(shipped, PACKED, HOUSE)) == (1_000_000, 0)


def test_a_packing_has_to_balance(shipped: Run) -> None:
    done(shipped, "receive", "WB-1", *RECEIVING)
    packing = ("pack", "--from", f"{LOT}=100kg", "--into", f"{PACKED}=90kg", "--as", HOUSE)
    assert refused(shipped, *packing, "--culls", "6kg", "--process-loss", "1kg") == "Unbalanced"
    done(shipped, *packing, "--culls", "6kg", "--process-loss", "4kg")


@pytest.fixture
def bought(run: Run, tmp_path: Path) -> str:
    """A lot that the packing house bought from two growers: 30 kg on ticket T-1, 20 kg on ticket T-2."""
    lot = LotRef(ProductId(int(CASES)), "B-1")
    sheet = [RosterLine(f"G-{n}", "Toksun", Grams(grams), f"T-{n}") for n, grams in ((1, 30_000), (2, 20_000))]
    house = PartyId(int(HOUSE))
    event = forms.intake(house, Amount(lot, Grams(50_000)), When(AT[1]), Spot(house), sheet)
    del event["@context"]
    document = {
        "@context": [forms.STANDARD_CONTEXT, {"silkroot": forms.SILKROOT_NAMESPACE}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": AT[1],
        "epcisBody": {"eventList": [event]},
    }
    file = tmp_path / "bought.jsonld"
    file.write_text(json.dumps(document))
    said = run("import", str(file), "--json")
    assert (said.code, said.json[0]["recorded"]) == (0, 1), said
    return f"{CASES}/B-1"


def test_a_delivery_is_corrected_by_its_ticket_and_all_are_annulled(run: Run, bought: str) -> None:
    common = ("--reason", "scale", "--as", HOUSE)
    done(run, "correct", bought, "--delivery", "T-2=25kg", *common)
    assert held(run, bought, HOUSE) == 55_000
    done(run, "correct", bought, "--delivery", "T-1=0g", *common)
    assert held(run, bought, HOUSE) == 25_000
    done(run, "correct", bought, "24kg", *common)  # one delivery is left, so the mass can only be its own
    assert held(run, bought, HOUSE) == 24_000
    done(run, "correct", bought, "--annul", *common)
    assert held(run, bought, HOUSE) == 0


def test_which_delivery_is_wrong_has_to_be_said(run: Run, bought: str) -> None:
    common = ("--reason", "scale", "--as", HOUSE)
    assert refused(run, "correct", bought, "45kg", *common) == "correct.roster"
    assert refused(run, "correct", bought, "--delivery", "T-9=1kg", *common) == "correct.ticket"
    assert refused(run, "correct", bought, "--input", f"{LOT}=1kg", *common) == "correct.birth"
    assert held(run, bought, HOUSE) == 50_000


def test_a_file_settles_nothing_in_somebody_elses_name(disputed: Run, tmp_path: Path) -> None:
    event = forms.settlement(
        PartyId(int(HOUSE)),
        PartyId(int(FARM)),
        PartyId(int(HOUSE)),
        forms.transaction_urn(PartyId(int(FARM)), "WB-1"),
        [forms.Settled(LotRef(ProductId(int(BULK)), "H-1"), loss=100_000)],
        When(AT[1]),
    )
    context = event.pop("@context")
    document = {"type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": AT[1]}
    file = tmp_path / "settled.jsonld"
    file.write_text(json.dumps({"@context": context, **document, "epcisBody": {"eventList": [event]}}))
    said = disputed("import", str(file), "--json")
    assert (said.code, [row["rule"] for row in said.json[0]["refused"]]) == (1, ["proposal.needed"])


# Plots ----------------------------------------------------------------------------------------------------------------


def test_a_harvest_counts_against_the_certified_yield(run: Run) -> None:
    done(run, "plot", "certify", PLOT, "--producer", FARM, "--as", CERTIFIER)
    assert run("plot", "show", PLOT).out.endswith("No yield is certified yet.\n")
    done(run, "plot", "yield", PLOT, "2t", "--season", "2026", "--as", CERTIFIER)
    done(run, "register", f"{BULK}/H-3", "1.5t", "--plot", PLOT, "--as", FARM)
    options = ("register", f"{BULK}/H-4", "501kg", "--plot", PLOT, "--as", FARM)
    assert refused(run, *options) == "YieldExceeded"
    done(run, *options, "--season", "2025")
    shown = run("plot", "show", PLOT, "--json").json
    assert (shown["producer"], shown["certifier"]) == (FARM, CERTIFIER)
    assert shown["yields"] == [{"season": 2026, "certified": 2_000_000, "harvested": 1_500_000, "left": 500_000}]
    assert "2,000 kg" in run("plot", "show", PLOT).out


WRONG_PLOTS = {
    "by one who is no certifier": (("certify", PLOT, "--producer", FARM, "--as", SHOP), "RoleMissing"),
    "twice": (("certify", PLOT, "--producer", FARM, "--as", CERTIFIER, "--at", "2026-08-06T12:00:00Z"), "PlotExists"),
    "of one who is no producer": (("certify", f"{FARM}/B", "--producer", SHOP, "--as", CERTIFIER), "NotAProducer"),
    "without its field": (("certify", FARM, "--producer", FARM, "--as", CERTIFIER), "plot.form"),
    "a yield of no plot": (("yield", f"{FARM}/B", "1t", "--season", "2026", "--as", CERTIFIER), "UnknownPlot"),
    "a yield raised": (("yield", PLOT, "6t", "--season", "2026", "--as", CERTIFIER), "YieldNotLower"),
    "a yield below the harvest": (("yield", PLOT, "0.9t", "--season", "2026", "--as", CERTIFIER), "YieldBelowHarvest"),
}


@pytest.mark.parametrize("case", WRONG_PLOTS)
def test_a_certificate_that_cannot_be_names_its_rule(run: Run, case: str) -> None:
    done(run, "plot", "certify", PLOT, "--producer", FARM, "--as", CERTIFIER)
    done(run, "plot", "yield", PLOT, "5t", "--season", "2026", "--as", CERTIFIER)
    done(run, "register", f"{BULK}/H-3", "1t", "--plot", PLOT, "--as", FARM)
    arguments, rule = WRONG_PLOTS[case]
    at = () if "--at" in arguments else AT
    said = run("plot", *arguments, *at, "--json")
    assert (said.code, said.rules) == (1, [rule])


def test_a_yield_may_be_lowered(run: Run) -> None:
    done(run, "plot", "certify", PLOT, "--producer", FARM, "--as", CERTIFIER)
    for mass in ("5t", "4t"):
        done(run, "plot", "yield", PLOT, mass, "--season", "2026", "--as", CERTIFIER)
    assert run("plot", "show", PLOT, "--json").json["yields"][0]["certified"] == 4_000_000


def test_a_plot_that_nobody_registered_is_not_found(run: Run) -> None:
    said = run("plot", "show", f"{FARM}/B")
    assert said.code == 2
    assert "no certifier" in said.err


# Pledges --------------------------------------------------------------------------------------------------------------

UNTIL = ("--until", "2027-08-01")


def test_a_pledge_holds_until_the_lender_lets_go(run: Run) -> None:
    proposed = done(run, "pledge", "make", LOT, "995kg", "--lender", LENDER, *UNTIL, "--as", FARM)
    assert run("pledge", "list", LOT, "--holder", FARM, "--json").json["free"] == 1_000_000
    done(run, "agree", str(proposed["proposal"]), "--as", LENDER)
    shown = run("pledge", "list", LOT, "--holder", FARM, "--json").json
    assert (shown["free"], shown["pledges"][0]["grams"], shown["pledges"][0]["lender"]) == (5_000, 995_000, LENDER)
    assert "2027-08-01" in run("pledge", "list", LOT, "--holder", FARM).out
    assert refused(run, "sell", LOT, "6kg", "--as", FARM) == "PledgedGrams"
    assert refused(run, "ship", f"{LOT}=1t", "--to", HOUSE, "--ref", "W", "--as", FARM) == "PledgedGrams"
    done(run, "sell", LOT, "5kg", "--as", FARM)
    assert refused(run, "pledge", "release", OTHER, "--holder", FARM, "--as", LENDER) == "NoPledge"
    done(run, "pledge", "release", LOT, "--holder", FARM, "--as", LENDER)
    done(run, "sell", LOT, "995kg", "--as", FARM)


WRONG_PLEDGES = {
    "more than is held": (("1001kg", "--lender", LENDER, *UNTIL), "NotEnoughHeld"),
    "to one who does not lend": (("1kg", "--lender", SHOP, *UNTIL), "RoleMissing"),
    "for too long": (("1kg", "--lender", LENDER, "--until", "2029-12-31"), "InvalidTerm"),
    "until yesterday": (("1kg", "--lender", LENDER, "--until", "2020-01-01"), "InvalidTerm"),
    "until no day": (("1kg", "--lender", LENDER, "--until", "soon"), "date"),
}


@pytest.mark.parametrize("case", WRONG_PLEDGES)
def test_a_pledge_that_cannot_be_names_its_rule(run: Run, case: str) -> None:
    options, rule = WRONG_PLEDGES[case]
    assert refused(run, "pledge", "make", LOT, *options, "--as", FARM) == rule


# Another signature ----------------------------------------------------------------------------------------------------


def test_what_the_chain_refused_for_its_key_is_named_and_signed_again(run: Run, store: SqlStore) -> None:
    first, second = store.events()
    settle_on(store.outbox, {first.content_hash: "KeyIsRevoked(keyId=0x00)", second.content_hash: "Cancelled(0x00)"})
    (late, cancelled) = run("party", "key", "list", FARM, "--json").json["refused"]
    assert (late["sequence"], late["rule"], cancelled["rule"]) == (first.sequence, "KeyIsRevoked", "Cancelled")
    told = run("party", "key", "list", FARM).err
    assert "KeyIsRevoked" in told
    assert f"silkroot party key resign {FARM}" in told
    assert run("chain", "--json").json["signAgain"] == {FARM: 2}
    assert f"2 refused entries of {FARM}" in run("chain").err
    assert run("pledge", "list", LOT, "--holder", FARM, "--json").json["held"] == 0
    again = run("party", "key", "resign", FARM, "--json")
    assert (again.code, [event["sequence"] for event in again.json["again"]]) == (0, [first.sequence])
    assert again.json["again"][0]["content_hash"] == "0x" + first.content_hash.hex()
    assert held(run, LOT, FARM) == 1_000_000
    assert "Nothing waits" in run("party", "key", "resign", FARM).out
    assert run("party", "key", "resign", FARM, "--event", str(first.sequence)).code == 2
    named = run("party", "key", "resign", FARM, "--event", str(second.sequence))
    assert (named.code, f"event {second.sequence} is signed again" in named.out) == (0, True)


def test_what_cannot_be_signed_again_says_why(run: Run, store: SqlStore) -> None:
    (first, _) = store.events()
    settle_on(store.outbox, {first.content_hash: "DeadlinePassed(1, 2)"})
    done(run, "register", LOT, "7kg", "--plot", PLOT, "--as", FARM, "--at", "2026-08-06T12:00:00+08:00")
    said = run("party", "key", "resign", FARM)
    assert said.code == 1
    assert "cannot be signed again" in said.err
    assert run("party", "key", "resign", FARM, "--json").json["left"][0]["why"]["rule"] == "LotExists"


# Recalls --------------------------------------------------------------------------------------------------------------


def test_a_recall_says_how_far_it_went(shipped: Run) -> None:
    done(shipped, "receive", "WB-1", *RECEIVING)
    done(shipped, "pack", "--from", f"{LOT}=100kg", "--into", f"{PACKED}=90kg", "--as", HOUSE)
    recalled = done(shipped, "recall", LOT, "--reason", "residue", "--as", RULER)
    assert recalled["carried"] == 1
    assert done(shipped, "recall", LOT, "--carry")["carried"] == 0
    assert "Nothing is left" in shipped("recall", LOT, "--carry").out
    assert refused(shipped, "sell", PACKED, "1kg", "--as", HOUSE) == "LotRecalled"
    assert refused(shipped, "release", PACKED, "--reason", "no", "--as", RULER) == "RecallInherited"
    said = shipped("release", LOT, "--reason", "wrong sample", "--as", RULER, *AT)
    assert "1 lot" in said.out
    done(shipped, "sell", PACKED, "1kg", "--as", HOUSE)
