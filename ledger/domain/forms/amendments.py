"""
The events that correct a harvest, an intake or a transformation; no I/O.

A correction is the corrected event in the form of the original, with two members more: `silkroot:corrects` names the
event that it replaces, `silkroot:was` gives the grams until now, so that corrections cannot be applied out of order.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ledger.domain.content_hash import content_hash
from ledger.domain.digital_link import lot_uri
from ledger.domain.errors import InvalidEvent
from ledger.domain.event_reading import portions_of
from ledger.domain.forms.base import Amount, Extra, quantity
from ledger.domain.forms.moves import RosterLine, roster_rows
from ledger.domain.identifiers import ContentHash, Grams, LotRef
from ledger.domain.own_members import PREFIX, keys_of, own_members
from ledger.domain.records import JsonTree

_LISTS = ("quantityList", "inputQuantityList", "outputQuantityList")


def birth_amendment(corrected: JsonTree, corrects: ContentHash, was: Grams) -> JsonTree:
    """A copy of a harvest or an intake with its right grams, marked as the correction of one whose lot had `was`."""
    return corrected | {_key(corrected, "corrects"): corrects.hex(), _key(corrected, "was"): was}


def transformation_amendment(
    corrected: JsonTree, corrects: ContentHash, inputs: Sequence[Amount], outputs: Sequence[Amount]
) -> JsonTree:
    """
    A copy of a transformation with its right grams, marked as the correction of one that had `inputs` and `outputs`:
    the same lots in the order of the corrected lists.
    """
    was = {
        name: [{"epcClass": lot_uri(amount.lot), "grams": amount.grams} for amount in amounts]
        for name, amounts in (("inputs", inputs), ("outputs", outputs))
    }
    return corrected | {_key(corrected, "corrects"): corrects.hex(), _key(corrected, "was"): was}


def amendment(
    original: JsonTree,
    grams: Mapping[LotRef, Grams],
    *,
    roster: Sequence[RosterLine] | None = None,
    culls: int | None = None,
    process_loss: int | None = None,
    remainder: int | None = None,
    extra: Extra | None = None,
) -> JsonTree:
    """
    The correction of an event as it was recorded (a harvest, an intake, a transformation, or a correction of one): the
    same event with other grams for the lots given, 0 to annul. All else stays, but for the blind and its ids, and the
    count of cases of a lot whose grams change.

    An intake needs its right `roster`. Of a transformation, culls and remainder stay unless given, and a process loss
    that is not given is the rest again. Raises `InvalidEvent` for a lot that the event does not name, or an event whose
    quantities cannot be read.
    """
    corrected = copy.deepcopy(original)
    for name in ("eventID", "recordTime", *keys_of(original, "blind"), *keys_of(original, "processLoss")):
        corrected.pop(name, None)
    before: dict[str, list[Amount]] = {}
    changed: set[LotRef] = set()
    for member in _LISTS:
        portions = portions_of(original, member, zero=True)
        before[member] = [Amount(portion.ref, portion.grams) for portion in portions]
        for index, amount in enumerate(before[member]):
            if grams.get(amount.lot, amount.grams) != amount.grams:
                corrected[member][index] = quantity(Amount(amount.lot, grams[amount.lot]))
                changed.add(amount.lot)
    named = {amount.lot for amounts in before.values() for amount in amounts}
    if unknown := sorted(set(grams) - named):
        raise InvalidEvent.one(
            "/quantityList", "line.differs", unknown[0], "the event that is corrected has no such lot"
        )
    _drop_cases(corrected, changed)
    if roster is not None:
        corrected[_key(corrected, "intake")] = roster_rows(roster)
    for local, value in (("culls", culls), ("processLoss", process_loss), ("remainder", remainder)):
        if value is not None:
            corrected[_key(corrected, local)] = value
    corrected.update(extra or {})
    corrects = content_hash(original)
    if corrected.get("type") == "TransformationEvent":
        return transformation_amendment(corrected, corrects, before["inputQuantityList"], before["outputQuantityList"])
    if len(before["quantityList"]) != 1:
        raise InvalidEvent.one(
            "/quantityList", "birth.one-lot", f"{len(before['quantityList'])} lots", "one lot is born at a time"
        )
    return birth_amendment(corrected, corrects, before["quantityList"][0].grams)


def _drop_cases(event: JsonTree, lots: Collection[LotRef]) -> None:
    """Counts of cases go with the grams that they were counted for."""
    changed = {lot_uri(lot) for lot in lots}
    found = own_members(event).get("cases")
    if found is not None and isinstance(found[1], list):
        kept: list[Any] = [row for row in found[1] if not isinstance(row, dict) or row.get("epcClass") not in changed]
        key = _key(event, "cases")
        event[key] = kept
        if not kept:
            del event[key]


def _key(event: JsonTree, local_name: str) -> str:
    """The key of our member of that name, under the prefix that the event uses."""
    found = keys_of(event, local_name)
    if found:
        return found[0]
    party = keys_of(event, "party")
    return party[0].removesuffix("party") + local_name if party else f"{PREFIX}:{local_name}"
