"""How lots come into being: harvest, intake, transformation; no I/O."""

from __future__ import annotations

from dataclasses import replace

from ledger.domain.actions import Harvest, Intake, Output, Transformation
from ledger.domain.custody_rules.common import (
    certified_in,
    certified_share,
    lots_of,
    refuse,
    require_balance,
    require_light_enough,
    take,
)
from ledger.domain.custody_state import LedgerState, Lot, NewLot, Origin, Season, StateChange, Yield
from ledger.domain.errors import Refused
from ledger.domain.identifiers import CHARACTER_SET_82, NO_PLOT, Grams, LotRef, PartyId, lot_id
from ledger.domain.typed_data import origin_hash


def harvest(state: LedgerState, action: Harvest) -> StateChange:
    """A lot from a plot; certified where it counts against the plot's yield."""
    output = Output(action.product, action.lot_code, action.grams)
    new = _new_lot(state, action.producer, output, "", Lot(action.producer, action.grams))
    counted = _count_against_yield(state, action)
    yields: dict[Season, Yield] = {}
    if counted is not None:
        season, anew = counted
        new = replace(new, lot=replace(new.lot, certified=action.grams, yield_of=season))
        yields[season] = anew
    return StateChange(births=(new,), balances={(new.id, action.producer): action.grams}, yields=yields)


def take_in(state: LedgerState, action: Intake) -> StateChange:
    """A lot pooled from growers outside the ledger; none of it is certified."""
    output = Output(action.product, action.lot_code, action.grams)
    new = _new_lot(state, action.buyer, output, "", Lot(action.buyer, action.grams))
    return StateChange(births=(new,), balances={(new.id, action.buyer): action.grams})


def transform(state: LedgerState, action: Transformation, now: int) -> StateChange:
    """Lots in, new lots out, balanced to the gram; the outputs share what is certified of the inputs."""
    taken = take(state, action.inputs, action.packer, "inputs", now)
    if not action.outputs:
        raise refuse("/outputs", "NothingListed", "0 outputs", "a transformation has at least one output")
    parents = lots_of(action.inputs)
    grams_in = sum(line.grams for line in action.inputs)
    certified = certified_in(state, action.inputs)
    births: list[NewLot] = []
    for index, output in enumerate(action.outputs):
        lot = Lot(
            action.packer, output.grams, parents=parents, certified=certified_share(certified, output.grams, grams_in)
        )
        new = _new_lot(state, action.packer, output, f"/outputs/{index}", lot)
        if any(new.id == other.id for other in births):
            raise _exists(f"/outputs/{index}", new)
        births.append(new)
    losses = action.culls + action.process_loss + action.remainder
    require_balance(grams_in, sum(output.grams for output in action.outputs), losses)
    origin = origin_hash(action.inputs, action.outputs)
    return StateChange(
        births=tuple(replace(new, lot=replace(new.lot, origin_hash=origin)) for new in births),
        balances=taken.balances | {(new.id, action.packer): new.lot.grams for new in births},
        lots=taken.lots,
        entries=parents,
        origins={origin: Origin(action.inputs, action.outputs)},
    )


def _count_against_yield(state: LedgerState, action: Harvest) -> tuple[Season, Yield] | None:
    plot = state.plots.get(action.plot) if action.plot != NO_PLOT else None
    if plot is None:
        return None
    if plot.producer != action.producer:
        raise refuse(
            "/plot", "NotThePlotsProducer", f"{action.plot.hex()}: {action.producer}, of {plot.producer}",
            "the plot is registered for another producer",
        )  # fmt: skip
    season = (action.plot, action.season)
    known = state.yields.get(season)
    if known is None:
        return None
    if known.harvested + action.grams > known.certified:
        raise yield_exceeded(known.certified, known.harvested, action.grams, "/grams")
    return season, replace(known, harvested=Grams(known.harvested + action.grams))


def yield_exceeded(certified: int, harvested: int, grams: int, path: str) -> Refused:
    """The refusal `YieldExceeded`."""
    return refuse(
        path, "YieldExceeded", f"certified {certified} g, harvested {harvested} g, {grams} g more",
        "more would be harvested than the plot was certified for in that season",
    )  # fmt: skip


def _new_lot(state: LedgerState, party: PartyId, output: Output, path: str, lot: Lot) -> NewLot:
    if not CHARACTER_SET_82.match(output.lot_code):
        raise refuse(f"{path}/lotCode", "InvalidLotCode", output.lot_code, "1 to 20 characters of GS1 character set 82")
    new = NewLot(lot_id(output.product, output.lot_code), LotRef(output.product, output.lot_code), lot)
    if output.grams <= 0:
        raise refuse(f"{path}/grams", "ZeroGrams", f"lot {new.id.hex()}", "a lot has at least one gram")
    require_light_enough(new.id, output.grams, f"{path}/grams")
    if (output.product, party) not in state.product_users:
        raise refuse(
            f"{path}/product", "ProductNotAllowed", f"product {output.product}, party {party}",
            "the product is not the party's, nor has its owner permitted the party",
        )  # fmt: skip
    if new.id in state.lots:
        raise _exists(path, new)
    return new


def _exists(path: str, new: NewLot) -> Refused:
    return refuse(f"{path}/lotCode", "LotExists", f"lot {new.id.hex()}", "a lot is born once")
