"""
What a preparer does with documents of pre-signed readings, from their bytes to the bytes that go to the process that
writes; no HTTP, no store.

Processor time by `time.process_time`, the least of all documents: other work on the machine makes it more, never less.
Beside it the same documents by a preparer that knows no pattern (ADR 0209), document by document in the same run.
"""

from __future__ import annotations

import pickle
import time
from pathlib import Path

from signing_keys import signing_key

from api.collecting import collect_seldom
from benchmarks import orchard
from benchmarks.figures import Figure
from benchmarks.load_events import read_documents, write_documents
from ledger.domain.identifiers import PartyId
from ledger.domain.sealing import DEFAULT
from ledger.domain.typed_data import Domain
from ledger.services.known_events import KnownEvents
from ledger.services.prepared_bytes import Work, configuration, preparer
from ledger.services.prepared_statements import Ready
from ledger.services.preparing import Preparing

DEVICE = signing_key(4711)
DOMAIN = Domain.of_ledger(31337, bytes(range(20)))
DOCUMENTS = {1_000: 6, 100: 20}
"""How many, by events a document."""


class _Clock:
    def now(self) -> float:
        """Unix seconds."""
        return time.time()


class _KnowsNothing(KnownEvents):
    """Prepares all that comes the long way."""

    def find(self, data: bytes) -> None:
        """Nothing."""

    def learn_first(self, data: bytes, preparing: Preparing, party: PartyId) -> None:
        """Nothing."""


def measure(folder: Path, documents: dict[int, int] | None = None) -> list[Figure]:
    """A row for each size, alone and together."""
    collect_seldom()
    return [
        _measured(folder / f"{size}-{together}", size, count, together)
        for together in (False, True)
        for size, count in (documents or DOCUMENTS).items()
    ]


def _measured(path: Path, size: int, count: int, together: bool) -> Figure:
    write_documents(path, DOMAIN, DEVICE, count=count, size=size, together=together)
    configured = configuration(DOMAIN, bytes(32), DEFAULT)
    by_patterns, long_way = preparer(configured, _Clock()), preparer(configured, _Clock(), _KnowsNothing)
    least = [float("inf")] * 2
    for index, document in enumerate(read_documents(path)):
        spent = [_spent(work, document, size) for work in (by_patterns, long_way)]
        if index:  # the first makes the pattern
            least = [min(pair) for pair in zip(least, spent, strict=True)]
    signed = "one signature for all" if together else "a signature for each"
    return Figure(
        f"a preparer: documents of {size:,}, {signed}", f"{least[0]:.0f} µs", "", f"{least[1]:.0f} µs the long way",
        f"bytes in, bytes out; processor time an event, least of {count - 1} documents",
    )  # fmt: skip


def _spent(work: Work, document: bytes, size: int) -> float:
    """Microseconds an event."""
    started = time.process_time()
    answer = work(b"%d " % orchard.FARM + document, lambda _: pickle.dumps(None))
    spent = (time.process_time() - started) / size * 1e6
    chunks = pickle.loads(answer)  # noqa: S301
    if isinstance(chunks, Exception):
        raise chunks
    events = [event for chunk in chunks[1:] for event in pickle.loads(chunk)]  # noqa: S301
    if len(events) != size or not all(isinstance(event, Ready) for event in events):
        raise SystemExit("not all events were prepared")
    return spent
