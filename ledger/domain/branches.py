"""
Where a lot lies: one branch for each holder with grams of it, and the events on the way there; no I/O.

A lot code survives shipping, so one lot lies in several places, each with its own verdict (DESIGN.md section 2, "Per
branch"). A branch's events are the lot's birth, the handoffs that lead to the holder, what the holder did with its
grams, recalls and releases, and what parties on the way, or outside every branch (an inspector), stated about the lot.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ledger.domain.actions import Pledge, PledgeRelease, Recall, Release, Statement, signer_of
from ledger.domain.custody_values import Handoff
from ledger.domain.digital_link import place_of_uri
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash, Grams, PartyId
from ledger.domain.lot_history import LotHistory
from ledger.domain.readings import Reading
from ledger.domain.records import JsonTree
from ledger.domain.story_values import Branch


def branches_of(history: LotHistory) -> tuple[Branch, ...]:
    """
    The branches, in the order in which their holders first had to do with the lot; verdicts are not filled in yet.

    A holder that passed on all it had is on others' paths and has no branch of its own.
    """
    result = []
    for holder in history.holders:
        amounts = history.amounts
        coming = [handoff for handoff in history.handoffs.values() if handoff.receiver == holder]
        in_transit = sum(handoff.to_come for handoff in coming if handoff.returns is None)
        returning = sum(handoff.to_come for handoff in coming if handoff.returns is not None)
        missing = sum(handoff.missing for handoff in coming)
        lost = sum(handoff.loss for handoff in coming)
        weight_loss = sum(handoff.weight_loss for handoff in coming)
        on_hand = amounts.on_hand.get(holder, 0)
        sold, destroyed, used = (kind.get(holder, 0) for kind in (amounts.sold, amounts.destroyed, amounts.used))
        if not any((on_hand, in_transit, returning, missing, lost, weight_loss, sold, destroyed, used)):
            continue
        path = path_to(history, holder)
        events = events_towards(history, holder)
        own = [item for item in history.readings if signer_of(item.action) == holder and not item.refused]
        result.append(
            Branch(
                holder=holder,
                parties=_parties(history, holder, path),
                path=path,
                on_hand=Grams(on_hand),
                in_transit=Grams(in_transit),
                sold=Grams(sold),
                destroyed=Grams(destroyed),
                used=Grams(used),
                place=last_place(own),
                last_time=text_of(own[-1].event.body, "eventTime") if own else "",
                events=events,
                returning=Grams(returning),
                missing=Grams(missing),
                lost=Grams(lost),
                weight_loss=Grams(weight_loss),
            )
        )
    return tuple(result)


def path_to(history: LotHistory, holder: PartyId) -> tuple[Handoff, ...]:
    """Every handoff through which grams of the lot can have reached the holder, in order; safe against rings."""
    reached, waiting = {holder}, [holder]
    path: set[bytes] = set()
    while waiting:
        receiver = waiting.pop()
        for handoff in history.handoffs.values():
            if handoff.receiver == receiver:
                path.add(handoff.consignment)
                if handoff.shipper not in reached:
                    reached.add(handoff.shipper)
                    waiting.append(handoff.shipper)
    return tuple(handoff for handoff in history.handoffs.values() if handoff.consignment in path)


def events_towards(
    history: LotHistory, holder: PartyId, *, leaving: Collection[ContentHash] = ()
) -> tuple[ContentHash, ...]:
    """
    The events that a verdict on the holder's grams rests on, in order.

    `leaving` names the transformation through which the grams left the lot, and its corrections: then what else the
    holder did with its grams is left out, because it concerns others.
    """
    path = path_to(history, holder)
    parties = set(_parties(history, holder, path))
    elsewhere = set(history.holders) - parties
    named = {event for birth in history.births for event in birth.events}
    named |= {event for handoff in path for event in handoff.events}
    handed_on = {event for handoff in history.handoffs.values() for event in handoff.events}
    events = []
    for reading in history.readings:
        event, party = reading.event.content_hash, signer_of(reading.action)
        if event in named or event in leaving:
            events.append(event)
        elif event in handed_on:
            continue
        elif isinstance(reading.action, Pledge | PledgeRelease):
            if reading.action.holder == holder and not leaving:
                events.append(event)
        elif isinstance(reading.action, Recall | Release):
            events.append(event)
        elif isinstance(reading.action, Statement) or reading.refused:
            if party not in elsewhere:
                events.append(event)
        elif party == holder and not leaving:
            events.append(event)
        elif party not in parties | elsewhere:
            # Custody by somebody who never was to hold the lot: a gap, and nobody's branch is free of it.
            events.append(event)
    return tuple(dict.fromkeys(events))


def last_place(readings: Sequence[Reading]) -> tuple[int, str] | None:
    """(GLN, extension) of the last event that names a place."""
    for reading in reversed(readings):
        place = place_of(reading.event.body)
        if place is not None:
            return place
    return None


def place_of(body: JsonTree) -> tuple[int, str] | None:
    """(GLN, extension) of the event's readPoint, else of its bizLocation; None where it names none that GS1 knows."""
    for member in ("readPoint", "bizLocation"):
        place = body.get(member) if isinstance(body, dict) else None
        uri = place.get("id") if isinstance(place, dict) else None
        if isinstance(uri, str):
            try:
                found = place_of_uri(uri)
            except InvalidInput:
                continue
            if found is not None:
                return found
    return None


def text_of(body: JsonTree, member: str) -> str:
    """The member's text; "" where there is none."""
    value = body.get(member) if isinstance(body, dict) else None
    return value if isinstance(value, str) else ""


def _parties(history: LotHistory, holder: PartyId, path: Sequence[Handoff]) -> tuple[PartyId, ...]:
    on_path = {party for handoff in path for party in (handoff.shipper, handoff.receiver)}
    born = [birth.holder for birth in history.births if birth.holder in on_path or birth.holder == holder]
    others = [party for handoff in path for party in (handoff.shipper, handoff.receiver)]
    return tuple(dict.fromkeys([*born, *others, holder]))
