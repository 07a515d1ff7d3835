"""Commands of stock, balances and traces by pages, as people type them."""

from __future__ import annotations

from command_desk import FARM, HOUSE, LOT, OTHER, PACKED, Run, done


def refused(run: Run, *arguments: str) -> str:
    """The one rule that the command breaks."""
    said = run(*arguments, "--json")
    assert said.code == 1, said
    (rule,) = said.rules
    return rule


def test_stock_lists_what_lies_where(shipped: Run) -> None:
    sent = shipped("stock", FARM, "--json").json
    assert {(row["lot"], row["onHand"], row["going"]) for row in sent["lots"]} == {(LOT, 0, 10**6), (OTHER, 0, 500_000)}
    assert {row["coming"] for row in shipped("stock", HOUSE, "--json").json["lots"]} == {10**6, 500_000}
    told = shipped("stock", FARM)
    assert (told.code, LOT in told.out, "going" in told.out) == (0, True, True)


def test_stock_goes_on_where_it_ended(run: Run) -> None:
    first = run("stock", FARM, "--limit", "1", "--json").json
    second = run("stock", FARM, "--after", first["next"], "--json").json
    assert {first["lots"][0]["lot"], second["lots"][0]["lot"]} == {LOT, OTHER}
    assert second["next"] == ""
    assert f"silkroot stock {FARM} --after {first['next']}" in run("stock", FARM, "--limit", "1").err
    assert refused(run, "stock", FARM, "--after", "nonsense") == "paging.token"
    assert refused(run, "stock", "9520001000011") == "gs1.check-digit"


def test_a_balance_adds_up(disputed: Run) -> None:
    house = disputed("balance", HOUSE, "--json")
    assert (house.code, house.json["in"]["received"], house.json["difference"]) == (0, 1_400_000, 0)
    lot = disputed("balance", LOT, "--json")
    assert (lot.code, lot.json["closing"], lot.json["counted"]) == (0, 10**6, 10**6)
    assert lot.json["aside"] == {"onHand": 900_000, "inTransit": 0, "inDispute": 100_000}
    told = disputed("balance", LOT)
    assert "has to be there" in told.out
    assert "in dispute" in told.out


def test_a_period_is_a_partys(run: Run) -> None:
    before = run("balance", FARM, "--to", "2020-01-01T00:00:00Z", "--json").json
    assert (before["closing"], before["counted"], before["in"]["made"]) == (0, None, 0)
    assert run("balance", FARM, "--from", "2020-01-01T00:00:00Z", "--json").json["in"]["made"] == 1_500_000
    assert refused(run, "balance", LOT, "--from", "2020-01-01T00:00:00Z") == "balance.period"
    assert refused(run, "balance", FARM, "--from", "soon") == "parameter.time"


def test_a_trace_by_pages(run: Run) -> None:
    done(run, "ship", f"{LOT}=1t", "--to", HOUSE, "--ref", "WB-7", "--as", FARM)
    done(run, "receive", "WB-7", "--from", FARM, "--as", HOUSE)
    done(run, "pack", "--from", f"{LOT}=1t", "--into", f"{PACKED}=900kg", "--as", HOUSE)
    first = run("trace", LOT, "--forward", "--limit", "1", "--json").json
    assert (first["total"], [row["depth"] for row in first["lots"]]) == (2, [0])
    second = run("trace", LOT, "--forward", "--after", first["next"], "--json").json
    assert [(row["lot"], row["depth"]) for row in second["lots"]] == [(PACKED, 1)]
    assert (
        f"2 lots in all; more: silkroot trace {LOT} --forward --after"
        in run("trace", LOT, "--forward", "--limit", "1").err
    )
    assert refused(run, "trace", LOT, "--after", "nonsense") == "paging.token"


def test_a_small_recall_leaves_nothing_waiting(run: Run) -> None:
    recalled = run("recall", LOT, "--as", FARM, "--reason", "residues", "--json").json
    assert (recalled["carried"], recalled["waiting"]) == (0, 0)
    assert run("chain", "--json").json["recalls"] == {"waiting": 0}
