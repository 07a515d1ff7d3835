"""
What a receipt commits to of the temperatures on the way: `silkroot:leg`, a line for each lot; no I/O.

A leg's readings are those of statements about the lot that name its consignment, up to and with the event `last`. The
line states how many there are, the lowest and the highest in thousandths of a degree Celsius, the degree-minutes
outside the lot's limits in the worst series, rounded down, and the SHA-256 of the content hashes of those events in
ascending order behind `silkroot-leg-1` and a line feed. So nobody can leave out a reading that the receiver had in
hand: what is shown has to give the same line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.domain.actions import (
    Harvest,
    Intake,
    PartialReceipt,
    Receipt,
    Statement,
    Transformation,
    signer_of,
)
from ledger.domain.digital_link import lot_of_class, lot_uri
from ledger.domain.findings import hexed
from ledger.domain.identifiers import ConsignmentId, ContentHash, LotId, LotRef, PartyId, consignment_id
from ledger.domain.lot_history import LotHistory
from ledger.domain.own_members import own_member
from ledger.domain.readings import UNREADABLE
from ledger.domain.records import EntryState, JsonTree, RecordedEvent
from ledger.domain.sensors.belonging import RankOf, born_limits, named_consignments, references_in
from ledger.domain.sensors.limits import Limits, limits_of
from ledger.domain.sensors.reports import readable_reports
from ledger.domain.sensors.series import DEGREE_MINUTE, Point, merged, summary_of
from ledger.domain.sensors.units import Kind
from ledger.domain.story_values import CheckName, Finding, Verdict

_TAG = b"silkroot-leg-1\n"


@dataclass(frozen=True, slots=True)
class LegEvent:
    """An event with temperatures of the leg, and who signed it."""

    content_hash: ContentHash
    party: PartyId
    body: JsonTree


def leg_line(lot: LotRef, shipper: PartyId, reference: str, events: Sequence[RecordedEvent]) -> JsonTree | None:
    """
    The line of `silkroot:leg` for a lot of the shipper's consignment; None where nobody recorded a temperature of it.
    `events`: those that name the lot, in the order of recording.
    """
    consignment = consignment_id(shipper, reference)
    births = (one.body for one in events if isinstance(one.proof.action, Harvest | Intake | Transformation))
    limits = next((found for found in (limits_of(body, lot.id) for body in births) if found is not None), None)
    leg = [
        LegEvent(one.content_hash, signer_of(one.proof.action), one.body)
        for one in events
        if isinstance(one.proof.action, Statement)
        and one.state is not EntryState.REFUSED
        and any(consignment_id(shipper, text) == consignment for text in references_in(one.body))
    ]
    stated = stated_leg(leg, limits)
    return None if stated is None else {"epcClass": lot_uri(lot), **stated}


def leg_findings(history: LotHistory, rank_of: RankOf) -> list[Finding]:
    """A gap for each receipt of the lot whose leg, as it is shown, is not the one that the receiver signed."""
    found = []
    for reading in history.readings:
        action = reading.action
        if reading.refused or not isinstance(action, Receipt | PartialReceipt):
            continue
        line = _line_in(reading.event.body, history.lot)
        if line is None:
            continue
        shown = _shown(history, action.consignment, line.get("last"), rank_of)
        stated = stated_leg(shown, born_limits(history))
        if stated is None or any(not _same(line.get(name), value) for name, value in stated.items()):
            sentence = "The temperatures that are shown of this leg are not those that the receiver signed for."
            parameters: dict[str, str | int] = {
                "lot": hexed(history.lot),
                "party": action.receiver,
                "shown": len(shown),
            }
            found.append(
                Finding(
                    CheckName.CUSTODY, "custody.leg", Verdict.SUSPECT, sentence, parameters,
                    reading.event.content_hash, history.lot,
                )
            )  # fmt: skip
    return found


def _shown(history: LotHistory, consignment: ConsignmentId, last: object, rank_of: RankOf) -> list[LegEvent]:
    """The leg's events up to the one that the line names; none where that is not shown."""
    events = [
        LegEvent(reading.event.content_hash, signer_of(reading.action), reading.event.body)
        for reading in history.readings
        if not reading.refused
        and isinstance(reading.action, Statement)
        and consignment in named_consignments(reading.event.body, history)
        and _points(reading.event.body)
    ]
    end = next((rank_of(one.content_hash) for one in events if one.content_hash.hex() == last), None)
    return [] if end is None else sorted(
        (one for one in events if rank_of(one.content_hash) <= end), key=lambda one: rank_of(one.content_hash)
    )  # fmt: skip


def stated_leg(events: Iterable[LegEvent], limits: Limits | None) -> dict[str, Any] | None:
    """What the line has to say of these events, in the order of recording, but for the lot; None without a reading."""
    series: dict[tuple[PartyId, str], list[Point]] = {}
    hashes: list[ContentHash] = []
    for event in events:
        points = _points(event.body)
        if points:
            hashes.append(event.content_hash)
        for device, point in points:
            series.setdefault((event.party, device), []).append(point)
    if not hashes:
        return None
    summaries = [summary_of(merged(points), limits) for points in series.values()]
    return {
        "readings": sum(len(points) for points in series.values()),
        "minimum": min(one.lowest for one in summaries),
        "maximum": max(one.highest for one in summaries),
        "degreeMinutes": max(one.excess for one in summaries) // DEGREE_MINUTE,
        "last": hashes[-1].hex(),
        "digest": hashlib.sha256(_TAG + b"".join(sorted(hashes))).hexdigest(),
    }


def _points(body: JsonTree) -> list[tuple[str, Point]]:
    if not isinstance(body, dict) or "errorDeclaration" in body:
        return []
    reports = (one for one in readable_reports(body) if one.kind is Kind.TEMPERATURE)
    return [(one.device, Point(one.time, one.low, one.high)) for one in reports]


def _line_in(body: JsonTree, lot: LotId) -> JsonTree | None:
    """The receipt's line about the lot."""
    try:
        member = own_member(body, "leg")
        for row in member[1] if member is not None else ():
            ref = lot_of_class(row["epcClass"])
            if ref is not None and ref.id == lot:
                return row  # type: ignore[no-any-return]
    except UNREADABLE:  # Another program's member, or an altered body, which the content check tells of.
        pass
    return None


def _same(stated: object, shown: object) -> bool:
    """1 is not 1.0 and not true, as in the other verifier."""
    return type(stated) is type(shown) and stated == shown
