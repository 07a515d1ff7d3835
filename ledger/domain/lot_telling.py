"""
Walks through a lot's events in order and tells its custody; no I/O.

What each kind of event does to a `LotHistory` stands in `handoff_history` and `corrections`; births, sales, disposals
and transformations here. Recalls and releases are counted and move nothing; notices are told and not counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from ledger.domain.actions import (
    BirthAmendment,
    Disposal,
    Harvest,
    Intake,
    Notice,
    PartialReceipt,
    Receipt,
    Sale,
    Settlement,
    Shipment,
    Transformation,
    TransformationAmendment,
    Void,
    signer_of,
)
from ledger.domain.corrections import amend_birth, amend_transformation, check_balance, output_lots
from ledger.domain.handoff_history import announce, receive, receive_in_part, settle, ship, void
from ledger.domain.identifiers import Grams, LotId, lot_id
from ledger.domain.lot_history import UNCOUNTED, Birth, LotHistory, Made, grams_in
from ledger.domain.readings import UNREADABLE, Reading
from ledger.domain.typed_data import origin_hash


def tell(lot: LotId, readings: Iterable[Reading]) -> LotHistory:
    """The lot's history by its events, which are given in the order of recording."""
    history = LotHistory(lot, tuple(readings))
    for reading in history.readings:
        if not reading.refused:
            # A struct with values that nobody can have signed moves nothing; the signature check tells of it.
            with suppress(*UNREADABLE):
                _take_in(history, reading)
    return history


def _take_in(history: LotHistory, reading: Reading) -> None:
    action = reading.action
    if action.KIND not in UNCOUNTED:
        history.counted += 1
    match action:
        case Harvest() | Intake():
            if lot_id(action.product, action.lot_code) == history.lot:
                _bear(history, reading, action.grams)
        case Transformation():
            _transform(history, reading, action)
        case Shipment():
            ship(history, reading, action)
        case Receipt():
            receive(history, reading, action)
        case PartialReceipt():
            receive_in_part(history, reading, action)
        case Settlement():
            settle(history, reading, action)
        case Notice():
            announce(history, reading, action)
        case Void():
            void(history, reading, action)
        case BirthAmendment():
            amend_birth(history, reading, action)
        case TransformationAmendment():
            amend_transformation(history, reading, action)
        case Sale() | Disposal():
            grams = grams_in(action.lines, history.lot)
            gone = history.amounts.sold if isinstance(action, Sale) else history.amounts.destroyed
            gone[action.holder] = gone.get(action.holder, 0) + grams
            history.moved = True
            history.withdraw(reading, action.holder, grams)


def _bear(history: LotHistory, reading: Reading, grams: int, made: Made | None = None) -> None:
    if history.births:
        history.gap(reading, "custody.born-twice", "The lot was born before.")
        return
    holder = signer_of(reading.action)
    birth = Birth(holder, Grams(grams), reading.action.KIND, reading.event.content_hash)
    if made is not None:
        birth = Birth(holder, birth.grams, birth.kind, birth.event, made.inputs, made.outputs)
    history.births.append(birth)
    history.credit(holder, grams)


def _transform(history: LotHistory, reading: Reading, action: Transformation) -> None:
    check_balance(history, reading, action)
    made = Made(action.packer, action.inputs, action.outputs, (reading.event.content_hash,))
    history.made.setdefault(origin_hash(action.inputs, action.outputs), made)
    used = grams_in(action.inputs, history.lot)
    if used:
        history.moved = True
        history.amounts.used[action.packer] = history.amounts.used.get(action.packer, 0) + used
        history.withdraw(reading, action.packer, used)
    for output, lot in zip(action.outputs, output_lots(action.outputs), strict=True):
        if lot == history.lot:
            _bear(history, reading, output.grams, made)
