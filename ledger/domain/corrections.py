"""
Corrections of a lot's birth or of a transformation that it is part of, as their signed structs tell them; no I/O.

Mirrors kinds BirthAmendment and TransformationAmendment of `IProduceLedger` for the grams of one lot. The corrected
event and its corrections all stay; what was recorded last and not refused counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ledger.domain.actions import BirthAmendment, Line, Output, Transformation, TransformationAmendment
from ledger.domain.identifiers import Grams, LotId, PartyId, lot_id
from ledger.domain.lot_history import Birth, LotHistory, Made, grams_in
from ledger.domain.readings import Reading
from ledger.domain.typed_data import origin_hash


def check_balance(history: LotHistory, reading: Reading, action: Transformation | TransformationAmendment) -> None:
    """A gap where more comes out than goes in, or where inputs, outputs and losses do not add up."""
    grams_in_all = sum(line.grams for line in action.inputs)
    grams_out = sum(output.grams for output in action.outputs)
    if grams_out > grams_in_all:
        history.gap(
            reading, "custody.more-out-than-in",
            f"More came out ({grams_out} g) than went in ({grams_in_all} g).",
            grams_in=grams_in_all, grams_out=grams_out,
        )  # fmt: skip
        return
    accounted = grams_out + action.culls + action.process_loss + action.remainder
    if accounted != grams_in_all:
        history.gap(
            reading, "custody.unbalanced",
            f"{grams_in_all} g went in, {accounted} g are accounted for.", grams_in=grams_in_all, accounted=accounted,
        )  # fmt: skip


def amend_birth(history: LotHistory, reading: Reading, action: BirthAmendment) -> None:
    """The issuer corrects the grams of a harvest or an intake."""
    birth = history.births[0] if history.births else None
    if birth is None or birth.outputs or action.lot != history.lot:
        _without_original(history, reading)
    elif action.party != birth.holder:
        _by_another(history, reading, action.party, birth.holder)
    elif history.moved:
        _after_moving(history, reading)
    elif action.was != birth.grams:
        history.gap(
            reading, "custody.amended-other-amount",
            f"The correction replaces {action.was} g, but the lot had {birth.grams} g.",
            was=action.was, shown=birth.grams,
        )  # fmt: skip
    else:
        event = reading.event.content_hash
        history.correct(birth.events, event)
        history.credit(birth.holder, action.grams - birth.grams)
        history.births[0] = replace(birth, grams=action.grams, amendments=(*birth.amendments, event))


def amend_transformation(history: LotHistory, reading: Reading, action: TransformationAmendment) -> None:
    """The packer corrects the grams of a transformation; its inputs get back or give the difference."""
    check_balance(history, reading, action)
    made = history.made.get(action.origin_hash)
    if made is None:
        _without_original(history, reading)
    elif action.packer != made.packer:
        _by_another(history, reading, action.packer, made.packer)
    elif _named(made.inputs, made.outputs) != _named(action.inputs, action.outputs):
        history.gap(reading, "custody.amended-other-lots", "The correction names other lots than what it corrects.")
    elif history.moved and history.lot in output_lots(action.outputs):
        _after_moving(history, reading)
    else:
        event = reading.event.content_hash
        history.correct(made.events, event)
        del history.made[action.origin_hash]
        history.made[origin_hash(action.inputs, action.outputs)] = Made(
            made.packer, action.inputs, action.outputs, (*made.events, event)
        )
        more = grams_in(action.inputs, history.lot) - grams_in(made.inputs, history.lot)
        if more:
            history.amounts.used[made.packer] = history.amounts.used.get(made.packer, 0) + more
            history.withdraw(reading, made.packer, more)
        history.births[:] = [_reborn(history, birth, made, action, reading) for birth in history.births]


def _reborn(history: LotHistory, birth: Birth, made: Made, action: TransformationAmendment, reading: Reading) -> Birth:
    if birth.event != made.events[0]:
        return birth
    grams = next(output.grams for output in action.outputs if lot_id(output.product, output.lot_code) == history.lot)
    history.credit(birth.holder, grams - birth.grams)
    return replace(
        birth, grams=Grams(grams), inputs=action.inputs, outputs=action.outputs,
        amendments=(*birth.amendments, reading.event.content_hash),
    )  # fmt: skip


def output_lots(outputs: Sequence[Output]) -> list[LotId]:
    """The lots that come out, in order."""
    return [lot_id(output.product, output.lot_code) for output in outputs]


def _named(inputs: Sequence[Line], outputs: Sequence[Output]) -> tuple[list[LotId], list[LotId]]:
    return [line.lot for line in inputs], output_lots(outputs)


def _without_original(history: LotHistory, reading: Reading) -> None:
    history.gap(reading, "custody.amendment-without-original", "What this correction corrects is not shown.")


def _by_another(history: LotHistory, reading: Reading, party: PartyId, named: PartyId) -> None:
    history.gap(
        reading, "custody.amended-by-another", f"Party {party} corrected what party {named} recorded.",
        party=party, named=named,
    )  # fmt: skip


def _after_moving(history: LotHistory, reading: Reading) -> None:
    history.gap(reading, "custody.amended-after-moving", "The lot was corrected after some of it had moved.")
