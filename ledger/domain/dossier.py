"""
What has to be known to judge a lot: its events and its ancestors', and the question to put to the chain; no I/O.

A service opens the dossier, asks the chain the question, and hands both to `ledger.domain.verdict.judge`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.domain.actions import (
    Action,
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
    cosigner_of,
    is_stated,
    signer_of,
)
from ledger.domain.identifiers import (
    NO_PLOT,
    ConsignmentId,
    ContentHash,
    Digest,
    KeyId,
    LotId,
    PartyId,
    PlotId,
    consignment_id,
)
from ledger.domain.readings import Examined, digest_in, examine
from ledger.domain.records import ChainQuestion, LogPlace, RecordedEvent
from ledger.domain.story_values import Finding
from ledger.domain.trace import closure, parents_in
from ledger.domain.typed_data import Domain


@dataclass(frozen=True, slots=True)
class Dossier:
    """
    A lot's and its ancestors' events by lot, read against themselves, with the places in the log that are stated for
    them. `domain` None: the contract is not known. `findings`: what is known to be wrong before the chain is asked,
    beside what `judge` sees itself; those that name no event count for the lot.
    """

    lot: LotId
    domain: Domain | None
    events: Mapping[LotId, tuple[Examined, ...]]
    places: Mapping[ContentHash, LogPlace] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


PlacesOf = Callable[[Collection[ContentHash]], Mapping[ContentHash, LogPlace]]
"""The places in the log that are stated for these events; those that no checkpoint covers yet have none."""


def open_dossier(
    lot: LotId,
    events_of: Callable[[LotId], Sequence[RecordedEvent]],
    domain: Domain | None,
    places_of: PlacesOf | None = None,
) -> Dossier:
    """
    Gathers the lot's events and those of all its ancestors, and reads each once.

    `events_of` gives the stored events that name a lot, in order of sequence; it is called once for each lot. An event
    that names several lots is given for each of them. `places_of` is asked once, for all events.
    """
    read: dict[tuple[int, ContentHash], Examined] = {}
    by_lot: dict[LotId, tuple[Examined, ...]] = {}

    def reading_of(event: RecordedEvent) -> Examined:
        identity = (event.sequence, event.content_hash)
        if identity not in read:
            read[identity] = examine(event, domain)
        return read[identity]

    def parents_of(name: LotId) -> list[LotId]:
        by_lot[name] = tuple(map(reading_of, events_of(name)))
        return [parent for event in by_lot[name] for parent in parents_told(name, event)]

    closure(lot, parents_of)
    contents = dict.fromkeys(item.event.content_hash for item in read.values())
    return Dossier(lot, domain, by_lot, {} if places_of is None else places_of(contents))


def parents_told(lot: LotId, event: Examined) -> tuple[LotId, ...]:
    """The lots that the event says `lot` was made from: by its stored struct, or by what its body implies."""
    return tuple(sorted({parent for action in event.actions for parent in parents_in(action, lot)}))


def question_of(dossier: Dossier) -> ChainQuestion:
    """All that `judge` needs to know; to be answered at one block."""
    contents: dict[ContentHash, None] = {}
    digests: set[Digest] = set()
    consignments: dict[ConsignmentId, None] = {}
    keys: dict[KeyId, None] = {}
    parties: dict[PartyId, None] = {}
    balances: dict[tuple[LotId, PartyId], None] = {}
    seasons: dict[tuple[PlotId, int], None] = {}
    cancellations: dict[tuple[PartyId, Digest], None] = {}
    for lot, events in dossier.events.items():
        for item in events:
            keys[item.event.proof.key_id] = None
            if item.event.proof.co is not None:
                keys[item.event.proof.co.key_id] = None
            contents[item.event.content_hash] = None
            for action in item.actions:
                contents[action.content_hash] = None
                signed = digest_in(dossier.domain, action)
                if signed is not None:
                    digests.add(signed)
                    if is_stated(action):
                        cancellations[signer_of(action), signed] = None
                        if item.batch_digest is not None:
                            cancellations[signer_of(action), item.batch_digest] = None
                parties[signer_of(action)] = None
                if (cosigner := cosigner_of(action)) is not None:
                    parties[cosigner] = None
                if isinstance(action, Harvest) and action.plot != NO_PLOT:
                    seasons[action.plot, action.season] = None
                balances |= {(lot, holder): None for holder in _holders(action)}
                consignments |= dict.fromkeys(_consignments(action))
    return ChainQuestion(
        contents=tuple(contents),
        digests=frozenset(digests),
        lots=tuple(dossier.events),
        balances=tuple(balances),
        consignments=tuple(consignments),
        keys=tuple(keys),
        parties=tuple(parties),
        plots=tuple(dict.fromkeys(plot for plot, _ in seasons)),
        yields=tuple(seasons),
        checkpoint_blocks=tuple(sorted({at for one in dossier.places.values() for at in (one.block, one.first_block)})),
        cancellations=tuple(cancellations),
    )


def _holders(action: Action) -> Iterable[PartyId]:
    match action:
        case Shipment():
            return action.shipper, action.receiver
        case Settlement() | Void():
            cosigner = cosigner_of(action)
            return (signer_of(action),) if cosigner is None else (signer_of(action), cosigner)
        case Harvest() | Intake() | Transformation() | Receipt() | PartialReceipt() | Sale() | Disposal():
            return (signer_of(action),)
        case BirthAmendment() | TransformationAmendment():
            return (signer_of(action),)
    return ()


def _consignments(action: Action) -> Iterable[ConsignmentId]:
    match action:
        case Shipment():
            return (consignment_id(action.shipper, action.consignment_ref),)
        case PartialReceipt():
            returned = (consignment_id(action.receiver, action.return_ref),) if action.return_ref else ()
            return action.consignment, *returned
        case Receipt() | Settlement() | Notice() | Void():
            return (action.consignment,)
    return ()
