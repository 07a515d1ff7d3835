"""
Documents of what a device signed and of other events, and what comes of them in a ledger: one that hopes that what
came signed is new, or one that always asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import event_builders as b
from batch_events import readings, together
from ledger_fixture import LEDGER_DOMAIN, SECRET, START, World
from presigned_events import enrol, presign
from signing_keys import signing_key

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import LotRef, PartyId
from ledger.domain.json_tree import parse_json_object
from ledger.domain.records import JsonTree
from ledger.services.capture import CaptureResult, NotTogether
from ledger.services.documents import events_of
from ledger.services.looking_up import Hope
from ledger.services.prepared_bytes import PreparedDocument
from ledger.services.prepared_statements import PreparedStatement, Ready, statement_parts
from ledger.services.preparing import Preparing

DEVICE, STRANGER = signing_key(91), signing_key(92)
NAMED = "urn:uuid:00000000-0000-4000-8000-000000000001"
NEVER = 10**9
"""So many transactions look up first that none hopes."""
Document = Sequence[JsonTree]


def unsigned(number: int) -> JsonTree:
    return b.inspection() | {"silkroot:remark": f"said {number}"}


def signed(number: int, **more: object) -> JsonTree:
    return presign(unsigned(number) | more, DEVICE)


def named(number: int) -> JsonTree:
    """All of these have one eventID."""
    return signed(20 + number, eventID=NAMED)


def declared(number: int) -> JsonTree:
    """Error declarations, with that eventID."""
    wrong = {"declarationTime": "2026-08-05T12:00:00.000+08:00", "reason": "incorrect_data"}
    return signed(40 + number, eventID=NAMED, errorDeclaration=wrong)


ONE, TWO, THREE = (signed(number) for number in range(1, 4))
STRANGE = presign(unsigned(8), STRANGER)
LATE = presign(unsigned(9), DEVICE, deadline=int(START) - 1)
HARVEST = presign(b.harvest(), DEVICE)
UNSIGNED_HARVEST = b.harvest(lot=LotRef(b.BULK_MELON, "U-1"))
BATCH = together(readings(3), DEVICE)

CASES: dict[str, list[Document]] = {
    "new": [[ONE, TWO], [THREE], list(BATCH)],
    "a document twice": [[ONE, TWO], [ONE, TWO]],
    "an event twice in a document": [[ONE, TWO, ONE]],
    "an event in two documents": [[ONE, TWO], [THREE, ONE]],
    "an eventID with other content": [[named(1)], [named(2)]],
    "an eventID twice in a document": [[named(1), named(2)]],
    "an eventID after a repeat": [[ONE, named(1)], [TWO, named(1), named(2)]],
    "the second of an eventID comes again": [[named(1)], [named(2), named(1)]],
    "content under another eventID": [[ONE], [signed(1, eventID=NAMED)], [TWO, signed(2, eventID=NAMED)], [named(1)]],
    "error declarations": [[named(1)], [declared(3)], [declared(3), declared(4)], [declared(4)]],
    "signed first": [[ONE], [unsigned(1)]],
    "unsigned first": [[unsigned(1)], [ONE]],
    "signed and unsigned in a document": [[ONE, unsigned(1)], [unsigned(2), TWO], [unsigned(2), TWO, THREE]],
    "an eventID unsigned": [[named(1)], [TWO, unsigned(5) | {"eventID": NAMED}]],
    "other events beside it": [[UNSIGNED_HARVEST, ONE, HARVEST], [TWO, HARVEST, ONE, UNSIGNED_HARVEST]],
    "refused beside new": [[ONE, STRANGE], [TWO, LATE], [THREE]],
    "refused beside a repeat": [[ONE], [ONE, LATE, TWO], [ONE, STRANGE]],
    "not well formed": [[ONE], [ONE, TWO | {"action": "TAKE"}, THREE]],
    "part of a batch again": [list(BATCH[:2]), list(BATCH)],
    "many": [[ONE, TWO, THREE, *BATCH], [*BATCH, named(1), THREE, TWO, ONE]],
}  # fmt: skip


def ready(world: World, document: Document) -> list[Ready | InvalidInput]:
    """The document as it comes from another process."""
    found: list[Ready | InvalidInput] = []
    for one in Preparing(world.clock, LEDGER_DOMAIN, SECRET).prepare_all(document, None):
        parts = None if isinstance(one, InvalidInput) else statement_parts(one)
        found.append(one if parts is None else PreparedStatement(*parts))
    return found


@dataclass
class Outcome:
    """Of each call what came of it: results, or that it could not be done together. And what is stored in the end."""

    results: list[list[CaptureResult] | str] = field(default_factory=list)
    stored: list[object] = field(default_factory=list)

    def of(self, call: Callable[[], list[CaptureResult]]) -> None:
        self.results.append(call())


def enrolled(world: World, looking_up: int = 0) -> World:
    """The farm has the device; so many transactions look up first."""
    enrol(world, b.FARM, DEVICE)
    world.capturing._hope = Hope(looking_up)
    return world


def stored(world: World) -> list[object]:
    """Events, leaves, their receipts and the outbox, and that nothing is wrong with them."""
    assert world.fsck() == []
    events = world.store.events(0, 1_000)
    receipts = world.store.archive.acknowledgements([event.content_hash for event in events])
    return [*events, *world.store.log.leaves(0, 1_000), dict(receipts), *world.store.outbox.queued(1_000)]


def one_by_one(world: World, documents: Sequence[Document], *, rollback: bool) -> Outcome:
    """Each document by itself; before each it is tried without recording."""
    found = Outcome()
    for document in documents:
        found.results.append(world.capturing.record(ready(world, document), rollback=rollback, dry_run=True))
        found.results.append(world.capturing.record(ready(world, document), rollback=rollback))
    found.stored = stored(world)
    return found


def all_together(world: World, documents: Sequence[Document], *, rollback: bool) -> Outcome:
    """All documents in one transaction, and each by itself where that cannot be."""
    found = Outcome()
    prepared = [ready(world, document) for document in documents]
    try:
        found.results += world.capturing.record_together([(one, None) for one in prepared])
    except NotTogether:
        found.results.append("not together")
        found.results += [world.capturing.record(one, rollback=rollback) for one in prepared]
    found.stored = stored(world)
    return found


class Elsewhere:
    """Prepares as another process does, in this one."""

    def __init__(self, world: World) -> None:
        self._world = world

    def prepare(self, data: bytes, party: PartyId) -> PreparedDocument:
        return PreparedDocument(ready(self._world, events_of(parse_json_object(data))), None)
