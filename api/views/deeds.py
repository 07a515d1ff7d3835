"""
What was done in one event, in a few plain words, and what became of the fruit in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from api.localization import Words
from api.views import phrases
from api.views.names import Names
from ledger.domain.actions import (
    BirthAmendment,
    EntryKind,
    PartialReceipt,
    Settlement,
    TransformationAmendment,
    Void,
)
from ledger.domain.certificates import readable_certificate
from ledger.domain.digital_link import lot_of_class
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import LotId
from ledger.domain.story_values import EventStory


def deed_of(event: EventStory, names: Names, speak: Words) -> str:
    """What was done, in a word or two."""
    match event.kind:
        case EntryKind.TRANSFORMATION:
            return speak(phrases.TRANSFORMATIONS.get(event.step, phrases.TRANSFORMATIONS["commissioning"]))
        case EntryKind.STATEMENT if (certificate := readable_certificate(event.body)) is not None:
            return speak(phrases.PROMISED if certificate.promise is not None else phrases.CERTIFICATE)
        case EntryKind.STATEMENT:
            known = phrases.STATEMENTS.get(event.step)
            return speak(known) if known else speak(phrases.OTHER_STATEMENT, step=event.step)
    text = _text_of(event)
    if "%(party)s" not in text:
        return speak(text)
    party = str(names.party(event.counterparty)) if event.counterparty is not None else "?"
    return speak(text, party=party, signer=str(names.party(event.party)))


def detail_of(event: EventStory, lot: LotId, speak: Words) -> Iterator[str]:
    """What became of the lot's grams, part by part; what was measured or found; whether another event counts."""
    parts = _parts_of(event, lot)
    if parts:
        yield speak.joined(speak(text, amount=speak.kilograms(grams)) for text, grams in parts)
    if event.kind is EntryKind.STATEMENT:
        yield from (speak.celsius(degrees) for degrees in _temperatures(event))
        if event.body.get("disposition") == "non_conformant":
            yield speak(phrases.NOT_CONFORMANT)
    if event.corrected_by is not None:
        yield speak(phrases.CORRECTED_LATER)


def _text_of(event: EventStory) -> str:
    action = event.action
    match action:
        case PartialReceipt():
            return _receipt_text(event, action)
        case Settlement() if not action.counterparty:
            return phrases.WRITTEN_OFF
        case Void() if not action.receiver:
            return phrases.VOID_AFTER_NOTICE
        case BirthAmendment() if not action.grams:
            return phrases.ANNULLED
        case TransformationAmendment() if not any(output.grams for output in action.outputs):
            return phrases.ANNULLED
    if event.kind is EntryKind.NOTICE and _about(event) == "write-off":
        return phrases.WRITE_OFF_NOTICE
    return phrases.DEEDS[event.kind]


def _receipt_text(event: EventStory, action: PartialReceipt) -> str:
    accepted, refused, to_come = (
        sum(getattr(line, name) for line in action.lines) for name in ("accepted", "refused", "to_come")
    )
    if to_come:
        return phrases.MORE_TO_COME
    if refused and not accepted:
        return phrases.REFUSED_ALL
    if any(short for short in _missing(event).values()):
        return phrases.SHORT
    return phrases.REFUSED_SOME if refused else phrases.DEEDS[EntryKind.RECEIPT]


def _parts_of(event: EventStory, lot: LotId) -> list[tuple[str, int]]:
    """Phrases with the grams that go into them, of this lot where the event names it, else of all lots in it."""
    action = event.action
    if isinstance(action, PartialReceipt):
        words = phrases.RECEIPT_PARTS
    elif isinstance(action, Settlement):
        words = phrases.SETTLEMENT_PARTS
    else:
        return []
    lines = [line for line in action.lines if line.lot == lot] or list(action.lines)
    sums = {name: sum(getattr(line, name, 0) for line in lines) for name in words}
    if isinstance(action, PartialReceipt):
        sums["missing"] = sum(grams for each, grams in _missing(event).items() if each in {line.lot for line in lines})
    return [(words[name], grams) for name, grams in sums.items() if grams]


def _temperatures(event: EventStory) -> Iterator[Decimal]:
    """Degrees Celsius that the event states, as far as its body can be read."""
    elements = event.body.get("sensorElementList")
    for element in elements if isinstance(elements, list) else []:
        reports = element.get("sensorReport") if isinstance(element, dict) else None
        for report in reports if isinstance(reports, list) else []:
            if isinstance(report, dict) and report.get("uom") == "CEL" and type(report.get("value")) in (int, float):
                yield Decimal(str(report["value"]))


def _missing(event: EventStory) -> dict[LotId, int]:
    """Grams that a receipt states as missing, by lot, as far as its body can be read; the struct leaves them over."""
    action = event.action
    rows = next((value for name, value in event.body.items() if name.endswith(":receipt")), None)
    if not isinstance(action, PartialReceipt) or not isinstance(rows, list) or len(rows) != len(action.lines):
        return {}
    short = [row.get("short") if isinstance(row, dict) else None for row in rows]
    lots = _lots_of(rows)
    return {lot: grams for lot, grams in zip(lots, short, strict=True) if lot is not None and type(grams) is int}


def _lots_of(rows: list[object]) -> list[LotId | None]:
    found: list[LotId | None] = []
    for row in rows:
        uri = row.get("epcClass") if isinstance(row, dict) else None
        try:
            ref = lot_of_class(uri) if isinstance(uri, str) else None
        except InvalidInput:
            ref = None
        found.append(ref.id if ref is not None else None)
    return found


def _about(event: EventStory) -> object:
    return next((value for name, value in event.body.items() if name.endswith(":notice")), None)
