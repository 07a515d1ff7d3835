"""
Commands of corrections, plots, pledges, second proofs and recalls, as people type them: what is recorded, and the rule
that each refusal names.
"""

from __future__ import annotations

import json
from pathlib import Path

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
    RECEIVING,
    RULER,
    SHOP,
    Run,
    done,
    held,
    refused,
)
from second_signatures import settle_on

from ledger.adapters.sql_store.store import SqlStore
from ledger.domain import event_forms as forms
from ledger.domain.event_forms import Amount, RosterLine, Spot, When
from ledger.domain.identifiers import Grams, LotRef, PartyId, ProductId

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
    assert refused(run, *options) == "NotTheIssuer"


def test_a_lot_that_nobody_made_is_not_corrected(run: Run) -> None:
    assert run("correct", f"{BULK}/NONE", "1kg", "--reason", "x", "--as", FARM).code == 2


def test_a_harvest_has_neither_inputs_nor_deliveries(run: Run) -> None:
    common = ("--reason", "x", "--as", FARM)
    assert refused(run, "correct", LOT, "--output", f"{LOT}=1kg", *common) == "correct.birth"
    assert refused(run, "correct", LOT, "--delivery", "T-1=1kg", *common) == "correct.deliveries"
    for part in ("--culls", "--process-loss", "--remainder"):
        assert refused(run, "correct", LOT, part, "1kg", *common) == "correct.birth"
    assert held(run, LOT, FARM) == 1_000_000


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
