"""
What the record says about a lot that is printed on its label: birth, grams, cases, where its fruit grew.

From recorded events and master data, without asking the chain: a label is printed at the packing line. `NotFound` for a
lot that no recorded event brought into being.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from ledger.domain.digital_link import lot_of_class, place_of_uri
from ledger.domain.errors import InvalidInput, NotFound, Violation
from ledger.domain.event_reading import acting_party, cbv_word, elements_of, portions_of
from ledger.domain.identifiers import Grams, LotRef, PartyId
from ledger.domain.own_members import own_member
from ledger.domain.records import JsonTree, RecordedEvent
from ledger.ports import EventStore
from ledger.services.follow import trace_back


class Born(StrEnum):
    """How a lot came into being."""

    HARVEST = "harvest"
    INTAKE = "intake"
    PACKING = "packing"


@dataclass(frozen=True, slots=True)
class GrownAt:
    """Where fruit of the lot was picked or bought in: the place (GLN, extension), and who says so."""

    place: tuple[int, str] | None
    party: PartyId


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """`moment` is the time of the birth, with the offset of the event; `cases` what was counted then, if it was."""

    lot: LotRef
    born: Born
    party: PartyId
    moment: datetime
    grams: Grams
    cases: int | None
    grown_at: tuple[GrownAt, ...]


def facts_of(store: EventStore, lot: LotRef) -> LabelFacts:
    """The facts of one lot; `NotFound` where it was never born."""
    found = _birth(store, lot)
    if found is None:
        raise NotFound(f"no recorded event brings the lot {lot} into being; import or register it before its label")
    event, born, grams = found
    grown: list[GrownAt] = []
    for step in trace_back(store, lot):
        birth = found if step.lot == lot else _birth(store, step.lot) if step.lot else None
        if birth is not None and birth[1] is not Born.PACKING:
            point = birth[0].body.get("readPoint")
            uri = point.get("id") if isinstance(point, dict) else None
            grown.append(GrownAt(place_of_uri(uri) if isinstance(uri, str) else None, acting_party(birth[0].body)))
    moment = datetime.fromisoformat(str(event.body["eventTime"]))
    return LabelFacts(
        lot,
        born,
        acting_party(event.body),
        _local(moment, event.body),
        grams,
        _cases(event.body, lot),
        tuple(dict.fromkeys(grown)),
    )


def is_born(store: EventStore, lot: LotRef) -> bool:
    """Whether a recorded event brings the lot into being."""
    return _birth(store, lot) is not None


def _birth(store: EventStore, lot: LotRef) -> tuple[RecordedEvent, Born, Grams] | None:
    for event in store.events_of_lot(lot.id):
        for born, member in _births_in(event.body):
            for portion in portions_of(event.body, member):
                if portion.lot == lot.id:
                    return event, born, portion.grams
    return None


def _births_in(body: JsonTree) -> Iterable[tuple[Born, str]]:
    if "errorDeclaration" in body:
        return
    if body.get("type") == "TransformationEvent":
        yield Born.PACKING, "outputQuantityList"
    elif (body.get("type"), body.get("action"), cbv_word(body.get("bizStep"))) == (
        "ObjectEvent",
        "ADD",
        "commissioning",
    ):
        yield (Born.INTAKE if own_member(body, "intake") else Born.HARVEST), "quantityList"


def _local(moment: datetime, body: JsonTree) -> datetime:
    """The moment on the clock of the place, as `eventTimeZoneOffset` says."""
    offset = body.get("eventTimeZoneOffset")
    if not isinstance(offset, str):
        return moment
    return moment.astimezone(datetime.fromisoformat(f"2000-01-01T00:00:00{offset}").tzinfo)


def _cases(body: JsonTree, lot: LotRef) -> int | None:
    found = own_member(body, "cases")
    rows: Any = found[1] if found else []
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and isinstance(row.get("count"), int):
            uri = row.get("epcClass")
            if isinstance(uri, str) and lot_of_class(uri) == lot:
                return int(row["count"])
    return None


@dataclass(frozen=True, slots=True)
class _Taken:
    record: None = None
    violations: tuple[Violation, ...] = ()
    repeated: bool = True


@dataclass(slots=True)
class Gathering:
    """Stands in for capture and registration where only the events of a file are wanted; keeps them in order."""

    events: list[JsonTree] = field(default_factory=list)

    def capture(self, events: Sequence[JsonTree], *_: object, **__: object) -> list[_Taken]:
        """Takes every event as it is."""
        self.events.extend(events)
        return [_Taken() for _event in events]

    def register(self, master: object) -> Mapping[str, int]:
        """Registers nothing."""
        return {}


def lots_packed_in(gathered: Gathering, name: str) -> list[LotRef]:
    """The lots that the file's events pack, in order; where it packs none, those that it harvests or buys in."""
    births: dict[Born, dict[LotRef, None]] = {born: {} for born in Born}
    for event in gathered.events:
        for born, member in _births_in(event):
            for _pointer, element in elements_of(event, member):
                uri = element.get("epcClass")
                lot = lot_of_class(uri) if isinstance(uri, str) else None
                if lot is not None:
                    births[born][lot] = None
    found = births[Born.PACKING] or {**births[Born.HARVEST], **births[Born.INTAKE]}
    if not found:
        raise InvalidInput.one(name, "label.no-lots", name, "no event of this file packs, harvests or buys in a lot")
    return list(found)
