"""Which documents go into one transaction: those that wait, in their order, twice as many under shared signatures."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import pytest

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash, Digest, KeyId, PartyId
from ledger.domain.merkle import TreeHash
from ledger.services.capture import CaptureResult, Conclude
from ledger.services.prepared_statements import PreparedStatement, is_in_batch
from ledger.services.recording_together import Events, RecordingTogether

FARM = PartyId(9520001000010)
MOST = 4
SIZES = {"A": 2, "B": 2, "b": 1, "L": 8}
"""Events of a document: `A` and `L` have a signature each, those of `B` and `b` share one."""


def statement(index: int, root: TreeHash | None) -> PreparedStatement:
    signing = (FARM, FARM, KeyId(1), root, 0 if root is None else 2)
    return PreparedStatement(
        index, FARM, b"", "urn:x:1", False, ContentHash(bytes(32)), Digest(bytes(32)), 0, (), False, signing, 0, None,
        (b"", b"", b""),
    )  # fmt: skip


def document(kind: str) -> list[PreparedStatement]:
    root = TreeHash(bytes(32)) if kind in "Bb" else None
    return [statement(index, root) for index in range(SIZES[kind])]


class Recorder:
    """Takes down how many documents each transaction has; the first waits until all others stand in the line."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.transactions: list[int] = []

    def record(
        self, prepared: Events, *, rollback: bool = True, conclude: Conclude | None = None
    ) -> list[CaptureResult]:
        self.begun.set()
        assert self.go.wait(30)
        self.transactions.append(1)
        return [CaptureResult(index) for index in range(len(prepared))]

    def record_together(self, documents: Sequence[tuple[Events, Conclude | None]]) -> list[list[CaptureResult]]:
        self.transactions.append(len(documents))
        return [[CaptureResult(index) for index in range(len(events))] for events, _ in documents]


@pytest.mark.parametrize(
    ("kinds", "transactions"),
    [
        ("AAAA", [2, 2]),
        ("BBBB", [4]),
        ("BBBBBB", [4, 2]),
        ("BBAB", [2, 2]),
        ("ABBB", [2, 2]),
        ("BBBA", [3, 1]),
        ("bbbA", [3, 1]),
        ("bbAb", [3, 1]),
        ("bAbBB", [3, 2]),
        ("LBBL", [1, 2, 1]),
    ],
)
def test_what_waits_goes_together(kinds: str, transactions: list[int]) -> None:
    recorder = Recorder()
    line, results = RecordingTogether(recorder, MOST), dict[int, int]()

    def record(place: int, kind: str) -> None:
        results[place] = len(line.record(document(kind)))

    threads = [threading.Thread(target=record, args=one) for one in enumerate("A" + kinds)]
    threads[0].start()
    assert recorder.begun.wait(30)
    for waiting, thread in enumerate(threads[1:], 1):
        thread.start()
        while line.waiting < waiting:
            time.sleep(0.001)
    recorder.go.set()
    for thread in threads:
        thread.join(30)
    assert recorder.transactions == [1, *transactions]
    assert [results[place] for place in range(len(threads))] == [SIZES[kind] for kind in "A" + kinds]


def test_a_document_whose_first_event_is_refused_is_none_of_a_batch() -> None:
    assert is_in_batch(document("B")[0])
    assert not is_in_batch(document("A")[0])
    assert not is_in_batch(InvalidInput.one("event", "rule", "value", "message"))
