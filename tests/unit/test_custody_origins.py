"""Certified yields, amendments, pledges, and how a recall reaches what was made of a lot."""

from __future__ import annotations

from dataclasses import replace

import pytest
from custody_samples import (
    ALSO_KEPT,
    AMENDMENT,
    BULK,
    CERTIFICATE,
    CERTIFIED_HARVEST,
    CERTIFIER,
    DIGEST,
    FARM,
    FREE_PLOT,
    FRESH,
    KEPT,
    LENDER,
    LETTING_GO,
    LOWERED,
    NOW,
    OTHER,
    OTHER_LENDER,
    PACKED,
    PACKER,
    PACKING,
    PLEDGE,
    PLEDGED,
    PLOT,
    REGISTRATION,
    REGULATOR,
    RELEASE,
    REPACKED,
    SALE,
    SEASON,
    STATE,
    lines,
    lots_with,
    made,
    pledged,
    run,
    standing,
)  # fmt: skip

from ledger.domain.custody import LedgerState, StateChange, propagate
from ledger.domain.custody_state import Lot, Origin, Plot, Yield
from ledger.domain.errors import Refused
from ledger.domain.identifiers import Grams
from ledger.domain.typed_data import origin_hash


def test_a_harvest_counts_against_its_plots_yield() -> None:
    change = run(CERTIFIED_HARVEST)
    (new,) = change.births
    assert new.lot == Lot(FARM, Grams(500), 1, certified=Grams(500), yield_of=(PLOT, SEASON))
    assert change.yields == {(PLOT, SEASON): Yield(Grams(2_000), Grams(1_700))}
    assert run(replace(CERTIFIED_HARVEST, grams=Grams(800))).yields[PLOT, SEASON].harvested == 2_000


@pytest.mark.parametrize("change", [{"plot": FREE_PLOT}, {"season": SEASON + 1}], ids=["no such plot", "no yield"])
def test_a_harvest_without_a_yield_is_not_certified(change: dict[str, object]) -> None:
    made_of = run(replace(CERTIFIED_HARVEST, **change))  # type: ignore[arg-type]
    assert made_of.births[0].lot == Lot(FARM, Grams(500))
    assert made_of.yields == {}


def test_certified_grams_are_rounded_down_lot_by_lot() -> None:
    state = replace(
        STATE,
        lots={
            **STATE.lots,
            BULK: replace(STATE.lots[BULK], certified=Grams(333)),
            FRESH: replace(STATE.lots[FRESH], grams=Grams(3), certified=Grams(2)),
        },
    )
    packing = replace(
        PACKING, inputs=lines((BULK, 100), (FRESH, 1)), outputs=(made("P-9", 50), made("P-8", 51)), culls=Grams(0),
        process_loss=Grams(0), remainder=Grams(0),
    )  # fmt: skip
    # floor(100 * 333 / 1000) + floor(1 * 2 / 3) = 33 of 101 grams.
    assert [birth.lot.certified for birth in run(packing, state).births] == [33 * 50 // 101, 33 * 51 // 101]


def test_plots_and_yields() -> None:
    assert run(REGISTRATION).plots == {FREE_PLOT: Plot(FARM, CERTIFIER)}
    assert run(CERTIFICATE).yields == {(PLOT, SEASON + 1): Yield(Grams(5_000), Grams(0))}
    assert run(LOWERED).yields == {(PLOT, SEASON): Yield(Grams(1_200), Grams(1_200))}


def test_a_birth_is_amended() -> None:
    change = run(AMENDMENT)
    assert change.balances == {(FRESH, FARM): -100}
    assert change.lots == {FRESH: replace(STATE.lots[FRESH], grams=Grams(500), certified=Grams(500))}
    assert change.yields == {(PLOT, SEASON): Yield(Grams(2_000), Grams(1_100))}
    assert (change.entries, change.used_digest) == ((FRESH,), DIGEST)
    assert run(replace(AMENDMENT, grams=Grams(1_400))).yields[PLOT, SEASON].harvested == 2_000


def test_a_birth_is_annulled() -> None:
    change = run(replace(AMENDMENT, grams=Grams(0)))
    assert change.balances == {(FRESH, FARM): -600}
    assert change.lots[FRESH].grams == change.lots[FRESH].certified == 0


def test_what_was_not_certified_is_not_by_an_amendment() -> None:
    pooled = lots_with(FRESH, yield_of=None, certified=Grams(0))
    change = run(replace(AMENDMENT, grams=Grams(10**9)), pooled)
    assert (change.lots[FRESH].certified, change.yields) == (0, {})


def test_pledges_that_stay_covered_do_not_hinder_an_amendment() -> None:
    assert run(AMENDMENT, pledged(standing(500), lot=FRESH)).lots[FRESH].grams == 500
    assert run(AMENDMENT, pledged(standing(600, until=NOW), lot=FRESH)).lots[FRESH].grams == 500


def test_a_transformation_is_amended() -> None:
    change = run(REPACKED)
    origin = origin_hash(REPACKED.inputs, REPACKED.outputs)
    assert change.balances == {(FRESH, PACKER): -10, (KEPT, PACKER): -10, (ALSO_KEPT, PACKER): 10}
    assert change.lots == {
        KEPT: replace(STATE.lots[KEPT], grams=Grams(50), certified=Grams(50), origin_hash=origin),
        ALSO_KEPT: replace(STATE.lots[ALSO_KEPT], grams=Grams(40), certified=Grams(40), origin_hash=origin),
    }
    assert change.entries == (FRESH, KEPT, ALSO_KEPT)
    assert change.origins == {origin: Origin(REPACKED.inputs, REPACKED.outputs)}


def test_less_input_goes_back_to_the_packer() -> None:
    change = run(replace(REPACKED, inputs=lines((FRESH, 95)), culls=Grams(5)))
    assert change.balances[FRESH, PACKER] == 5
    same = run(replace(REPACKED, inputs=lines((FRESH, 100)), culls=Grams(10)))
    assert (FRESH, PACKER) not in same.balances


def test_a_transformation_is_annulled() -> None:
    nothing = replace(
        REPACKED, inputs=lines((FRESH, 0)), outputs=(made("K-1", 0), made("K-2", 0)), culls=Grams(0)
    )  # fmt: skip
    change = run(nothing)
    assert change.balances == {(FRESH, PACKER): 100, (KEPT, PACKER): -60, (ALSO_KEPT, PACKER): -30}
    assert {lot.certified for lot in change.lots.values()} == {0}


def test_an_amendment_of_an_amendment_names_the_new_origin() -> None:
    first = run(REPACKED)
    state = replace(STATE, lots={**STATE.lots, **first.lots}, origins={**STATE.origins, **first.origins})
    with pytest.raises(Refused, match="WrongOrigin"):
        run(REPACKED, state)
    (origin,) = first.origins
    again = replace(REPACKED, origin_hash=origin, inputs=lines((FRESH, 100)), culls=Grams(10))
    assert run(again, state).balances == {(FRESH, PACKER): 10, (KEPT, PACKER): 0, (ALSO_KEPT, PACKER): 0}


def test_a_pledge_and_its_release() -> None:
    assert run(PLEDGE).pledges == {(BULK, FARM): (standing(300),)}
    assert (run(PLEDGE).used_digest, run(PLEDGE).entries) == (DIGEST, ())
    assert run(PLEDGE, PLEDGED).pledges == {(BULK, FARM): (standing(300), standing(300))}
    assert run(replace(PLEDGE, grams=Grams(600)), PLEDGED)
    assert run(LETTING_GO, PLEDGED).pledges == {(BULK, FARM): ()}


def test_the_longest_term_is_two_years() -> None:
    assert run(replace(PLEDGE, until=NOW + 730 * 86_400))
    assert run(replace(PLEDGE, until=NOW + 1))


def test_a_lender_lets_go_of_its_own_only() -> None:
    state = pledged(standing(1), standing(2, OTHER_LENDER), standing(3))
    assert run(LETTING_GO, state).pledges == {(BULK, FARM): (standing(2, OTHER_LENDER),)}
    anyone = replace(state, roles={**STATE.roles, LENDER: 16})
    assert run(LETTING_GO, anyone).pledges == {(BULK, FARM): (standing(2, OTHER_LENDER),)}


def test_what_ended_binds_nothing_and_leaves_its_place() -> None:
    ended = [standing(900, until=NOW)] * 4
    assert run(SALE, pledged(*ended)).balances == {(BULK, FARM): -900}
    assert run(PLEDGE, pledged(*ended)).pledges == {(BULK, FARM): (standing(300),)}
    with pytest.raises(Refused, match="PledgedGrams"):
        run(SALE, pledged(standing(900, until=NOW + 1)))


def test_what_is_not_pledged_moves() -> None:
    assert run(replace(SALE, lines=lines((BULK, 600))), PLEDGED).balances == {(BULK, FARM): -600}
    assert run(replace(SALE, lines=lines((BULK, 100)), holder=PACKER), PLEDGED)


def family(parent: int = 0, child: int = 0, *, inherited: bool = False) -> LedgerState:
    """`BULK` and `PACKED`, which was made from it, recalled by those parties."""
    lots = {
        BULK: replace(STATE.lots[BULK], recalled_by=parent),
        PACKED: replace(STATE.lots[PACKED], recalled_by=child, inherited=inherited),
    }
    return LedgerState(lots=lots)  # type: ignore[arg-type]


def test_a_recall_is_carried_and_ends() -> None:
    carried = replace(STATE.lots[PACKED], recalled_by=FARM, inherited=True)
    assert propagate(family(FARM), PACKED) == StateChange(lots={PACKED: carried})
    assert propagate(family(0, FARM, inherited=True), PACKED) == StateChange(lots={PACKED: STATE.lots[PACKED]})


def test_a_carried_recall_is_that_of_the_parent_that_is_recalled_now() -> None:
    now_by = replace(STATE.lots[PACKED], recalled_by=REGULATOR, inherited=True)
    assert propagate(family(REGULATOR, FARM, inherited=True), PACKED) == StateChange(lots={PACKED: now_by})


def test_a_lot_that_was_made_from_others_is_released_to_what_they_make_it() -> None:
    recalled = replace(STATE.lots[PACKED], recalled_by=FARM)
    state = replace(STATE, lots={**STATE.lots, PACKED: recalled})
    released = run(replace(RELEASE, lot=PACKED), state).lots[PACKED]
    assert (released.recalled_by, released.inherited) == (FARM, True)


def test_who_may_bring_nothing_into_being_still_lessens_what_it_made() -> None:
    carrier = replace(STATE, roles={**STATE.roles, FARM: 4})
    assert run(AMENDMENT, carrier).lots[FRESH].grams == 500


def test_the_first_recalled_parent_counts() -> None:
    lots = {
        BULK: STATE.lots[BULK],
        FRESH: replace(STATE.lots[FRESH], recalled_by=REGULATOR),
        KEPT: replace(STATE.lots[KEPT], recalled_by=PACKER),
        PACKED: replace(STATE.lots[PACKED], parents=(BULK, FRESH, KEPT)),
    }
    assert propagate(LedgerState(lots=lots), PACKED).lots[PACKED].recalled_by == REGULATOR


@pytest.mark.parametrize(
    ("state", "lot", "rule"),
    [
        (family(), PACKED, "NothingToPropagate"),
        (family(FARM, PACKER), PACKED, "NothingToPropagate"),
        (family(0, PACKER), PACKED, "NothingToPropagate"),
        (family(FARM, FARM, inherited=True), PACKED, "NothingToPropagate"),
        (family(FARM), BULK, "WrongOrigin"),
        (family(), OTHER, "UnknownLot"),
    ],
)
def test_where_there_is_nothing_to_carry(state: LedgerState, lot: object, rule: str) -> None:
    with pytest.raises(Refused) as refusal:
        propagate(state, lot)  # type: ignore[arg-type]
    assert refusal.value.violations[0].rule == rule
