"""
The way of a lot as stops: where, who, and what was done there, each deed with its date, its weight and its signature.

A stop is a party at a place; deeds of the same party at the same place stand under one stop, and stops in the order of
their first deed. What came back to a party opens another stop there. That a lender let go of a pledge stands where the
fruit lies: it never was at the lender's. A time that a signer stated is a claim; where the ledger's own is of another
day it stands beside it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from api.localization import CHINA_TIME, N_, Words
from api.views import phrases
from api.views.deeds import deed_of, detail_of
from api.views.names import Name, Names, Spot, moment_of
from ledger.domain.actions import EntryKind, Transformation, TransformationAmendment
from ledger.domain.certificates import readable_certificate
from ledger.domain.identifiers import LotId, PartyId
from ledger.domain.story_values import CheckName, EventStory, LotStory, Outcome


@dataclass(frozen=True, slots=True)
class Deed:
    """
    One event: what was done. `when` is the day that the signer stated, `recorded` says on which other day the ledger
    took it, "" where it was the same. `details` say more in whole phrases. `mark` is good, wait, bad or unknown and has
    its words in `signature`.
    """

    what: str
    when: str
    recorded: str
    amount: str
    details: tuple[str, ...]
    lots: str
    mark: str
    signature: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Stop:
    """
    A place on the way with its deeds in order; `kind` is the place's kind in words. `signature` speaks for all deeds
    where all are well signed; else it is "" and each deed speaks for itself.
    """

    spot: Spot
    kind: str
    party: Name
    deeds: tuple[Deed, ...]
    trouble: bool
    signature: str


_Key = tuple[PartyId, tuple[int, str] | None, bool, int]
"""Party, place, whether the stop is a recall or its release, which stand apart, and how often fruit came back."""


def journey(story: LotStory, names: Names, speak: Words) -> tuple[Stop, ...]:
    """The stops of the lot and of what went into it; events of other branches of its ancestors are left out."""
    # Certificates stand in a list of their own.
    telling = (event for event in story.events if event.relevant and readable_certificate(event.body) is None)
    shown = sorted(telling, key=_time)
    homes: dict[PartyId, tuple[int, str]] = {}
    for event in shown:
        if event.place is not None:
            homes.setdefault(event.party, event.place)
    ranks = _ranks(shown)
    stops: dict[_Key, list[EventStory]] = {}
    returns: Counter[PartyId] = Counter()
    pledged: dict[PartyId, _Key] = {}
    for event in shown:
        apart = event.kind in (EntryKind.RECALL, EntryKind.RELEASE)
        place = event.place or (None if apart else homes.get(event.party))
        returns[event.party] += _came_back(event, ranks)
        key: _Key = (event.party, place, apart, returns[event.party])
        if event.kind is EntryKind.PLEDGE:
            pledged[event.party] = key
        elif event.kind is EntryKind.PLEDGE_RELEASE and event.counterparty is not None:
            key = pledged.get(event.counterparty, key)
        stops.setdefault(key, []).append(event)
    ordered = sorted(stops.values(), key=lambda events: _standing(events, ranks))
    return tuple(_stop(events, story, names, speak) for events in ordered)


def _time(event: EventStory) -> tuple[float, int]:
    moment = moment_of(event)
    return (moment.timestamp() if moment else float("inf"), event.sequence)


def _standing(events: list[EventStory], ranks: dict[PartyId, int]) -> tuple[bool, int, bool, tuple[float, int]]:
    """Recalls last; else by distance from the fields, births first, then by time."""
    first = events[0]
    apart = first.kind in (EntryKind.RECALL, EntryKind.RELEASE)
    born = first.kind in (EntryKind.HARVEST, EntryKind.INTAKE)
    came = first.counterparty if _came_back(first, ranks) else first.party
    return (apart, 0 if apart or came is None else ranks.get(came, 0), not born, _time(first))


def _came_back(event: EventStory, ranks: dict[PartyId, int]) -> bool:
    """Whether the event receives from a party that stands further from the fields."""
    received = event.kind in (EntryKind.RECEIPT, EntryKind.PARTIAL_RECEIPT) and event.counterparty is not None
    return received and ranks.get(event.counterparty or event.party, 0) > ranks.get(event.party, 0)


def _ranks(events: list[EventStory]) -> dict[PartyId, int]:
    """
    How many handoffs each party is away from the fields, by the longest way, so that several fields stand before the
    packing house that they lead to, whenever each was picked. A way back to an earlier holder counts for nothing.
    """
    before: dict[PartyId, set[PartyId]] = {}
    handoffs: list[tuple[PartyId, PartyId]] = []
    for event in events:
        if event.kind is EntryKind.SHIPMENT and event.counterparty is not None:
            sender, receiver = event.party, event.counterparty
            if receiver != sender and receiver not in before.get(sender, set()):
                handoffs.append((sender, receiver))
                before.setdefault(receiver, set()).update({sender}, before.get(sender, set()))
    ranks: dict[PartyId, int] = {}
    for _ in handoffs:
        for sender, receiver in handoffs:
            ranks[receiver] = min(max(ranks.get(receiver, 0), ranks.get(sender, 0) + 1), len(handoffs))
    return ranks


def _stop(events: list[EventStory], story: LotStory, names: Names, speak: Words) -> Stop:
    spot = names.spot(events[0])
    if events[0].kind in (EntryKind.RECALL, EntryKind.RELEASE):
        spot = Spot("recalled", names.party(events[0].party), Name(""))
    deeds = tuple(_deed(event, story, names, speak) for event in events)
    good = all(deed.mark == "good" for deed in deeds) and len({deed.signature for deed in deeds}) == 1
    return Stop(
        spot=spot,
        kind=speak(phrases.PLACES[spot.sign]),
        party=names.party(events[0].party),
        deeds=deeds,
        trouble=any(deed.mark == "bad" for deed in deeds) or spot.sign == "recalled",
        signature=deeds[0].signature if good else "",
    )


def _deed(event: EventStory, story: LotStory, names: Names, speak: Words) -> Deed:
    moment = moment_of(event)
    mark, signature = _signature(event)
    when = speak.date(moment) if moment else event.event_time
    return Deed(
        what=deed_of(event, names, speak),
        when=when,
        recorded=_recorded(event, when, speak),
        amount=_amount(event, story, speak),
        details=tuple(detail_of(event, story.id, speak)),
        lots="" if event.of_lot else speak.listing(sorted(names.lot(lot) for lot in event.lots)),
        mark=mark,
        signature=speak(signature, party=_signers(event, names)),
        anchor=anchor(event),
    )


def _recorded(event: EventStory, stated: str, speak: Words) -> str:
    if event.anchor is None:
        return ""
    day = speak.date(datetime.fromtimestamp(event.anchor.block_time, CHINA_TIME))
    return speak(N_("entered in the shared ledger on %(date)s"), date=day) if day != stated else ""


def _signers(event: EventStory, names: Names) -> str:
    """Whoever signed, both sides where both did."""
    co = (event.co.party,) if event.co is not None else ()
    return names.parties((event.party, *co)) if co else str(names.party(event.party))


def anchor(event: EventStory) -> str:
    """The id of the event's evidence on the page."""
    return f"e-{event.content_hash.hex()[:16]}"


def _amount(event: EventStory, story: LotStory, speak: Words) -> str:
    """The weight of this lot in the event; for an ancestor's event, of the ancestors in it."""
    if isinstance(event.action, Transformation | TransformationAmendment):
        taken = sum(line.grams for line in event.action.inputs)
        made = sum(output.grams for output in event.action.outputs)
        return speak(N_("%(taken)s in, %(made)s out"), taken=speak.kilograms(taken), made=speak.kilograms(made))
    lots: set[LotId] = {story.id} if story.id in event.lots else set(event.lots)
    grams = sum(event.lots[lot] for lot in lots)
    return speak.kilograms(grams) if grams else ""


def _signature(event: EventStory) -> tuple[str, str]:
    """The mark of the event's own checks, and its words."""
    outcomes = {check.name: check.outcome for check in event.checks}
    if outcomes.get(CheckName.CONTENT) is Outcome.FAILED:
        return "bad", N_("Changed after %(party)s signed")
    if outcomes.get(CheckName.SIGNATURE) is Outcome.FAILED:
        return "bad", N_("The signature of %(party)s does not hold")
    if Outcome.FAILED in outcomes.values():
        return "bad", N_("Signed by %(party)s, but the shared ledger refused it or does not have it")
    if event.ok:
        return "good", N_("Signed by %(party)s")
    if Outcome.NOT_MADE in outcomes.values() or not outcomes:
        return "unknown", N_("Recorded for %(party)s, not checked")
    return "wait", N_("Signed by %(party)s, not final yet")
