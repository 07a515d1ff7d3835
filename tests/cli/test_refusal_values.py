"""What a refusal shows as the value: names, units, roles and times that people read, no ids and no bit masks."""

from __future__ import annotations

from command_desk import AT, BULK, CERTIFIER, FARM, HOUSE, LENDER, LOT, PACKED, PLOT, RECEIVING, SHOP, Run, done


def value(run: Run, *arguments: str) -> str:
    """The value that the one violation names."""
    at = () if {"correct", "--at"} & set(arguments) else AT
    said = run(*arguments, *at, "--json")
    (violation,) = said.json["error"]["violations"]
    return str(violation["value"])


def test_a_plot_is_shown_by_its_name(run: Run) -> None:
    certify = ("plot", "certify", PLOT, "--producer", FARM, "--as", CERTIFIER)
    done(run, *certify)
    assert value(run, *certify, "--at", "2026-08-06T12:00:00Z") == f"{PLOT}, of {FARM}"
    done(run, "plot", "yield", PLOT, "2t", "--season", "2026", "--as", CERTIFIER)
    raised = ("plot", "yield", PLOT, "3t", "--season", "2026", "--as", CERTIFIER)
    assert value(run, *raised) == f"{PLOT}, season 2026: certified 2000000 g, stated 3000000 g"
    over = ("register", f"{BULK}/H-3", "2001kg", "--plot", PLOT, "--as", FARM)
    assert value(run, *over) == "certified 2000000 g, harvested 0 g, 2001000 g more"


def test_roles_are_shown_by_their_names(run: Run) -> None:
    certify = ("plot", "certify", PLOT, "--producer", FARM, "--as", SHOP)
    assert value(run, *certify) == f"party {SHOP} has BUYER, needs CERTIFIER"


def test_a_consignment_is_shown_by_its_reference_and_a_notice_by_its_end(shipped: Run) -> None:
    alone = ("void", "WB-1", "--after-notice", "--as", FARM)
    named = f"urn:epcglobal:cbv:bt:{FARM}:WB-1"
    assert value(shipped, *alone) == f"{named}: no notice was given"
    done(shipped, "notice", "WB-1", "--as", FARM)
    told = value(shipped, *alone)
    assert told.startswith(f"{named}: not before 20")
    assert told.endswith(" UTC")


def test_a_term_is_shown_as_a_time(run: Run) -> None:
    pledge = ("pledge", "make", LOT, "1kg", "--lender", LENDER, "--until", "2020-12-31", "--as", FARM)
    assert value(run, *pledge).startswith(("2020-12-31 ", "2021-01-01 ", "2020-12-30 "))


def test_a_balance_that_does_not_close_is_shown_in_grams(shipped: Run) -> None:
    done(shipped, "receive", "WB-1", *RECEIVING)
    packing = ("pack", "--from", f"{LOT}=100kg", "--into", f"{PACKED}=90kg", "--as", HOUSE)
    assert value(shipped, *packing, "--process-loss", "1kg") == "in 100000 g, accounted for 91000 g"


def test_a_lot_that_one_does_not_hold_is_shown_in_grams(run: Run) -> None:
    ship = ("ship", f"{LOT}=9999kg", "--to", HOUSE, "--ref", "WB-9", "--as", FARM)
    assert value(run, *ship) == f"lot {LOT}: {FARM} holds 1000000 g, needs 9999000 g"


def test_who_did_not_make_a_lot_is_told_who_did(run: Run) -> None:
    correct = ("correct", LOT, "900kg", "--reason", "x", "--as", HOUSE)
    assert value(run, *correct) == f"lot {LOT}: {HOUSE}, of {FARM}"


def test_what_is_refused_without_a_number_says_which_option_is_missing(shipped: Run) -> None:
    said = shipped("receive", "WB-1", *RECEIVING, "--refuse", f"{LOT}=1kg", *AT)
    assert "--return-ref" in said.err
