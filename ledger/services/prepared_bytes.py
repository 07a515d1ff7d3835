"""
Documents prepared in another process: what is asked of it and what comes back, as bytes.

Both ends are processes that were forked from one program, so pickles serve: nobody else writes them. Trees stay where
they were made, since the stored form of an event is bytes anyhow; values are taken apart into what they are made from.
Results are written some dozens of events at a time, so that their trees can be forgotten; and read only when they are
gone through: a document that waits to be written takes a third of the room so.

Master data is asked for while a document is prepared (`ask`): only the process that keeps the store reads it.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Protocol

from ledger.domain.action_parts import Line, Output, ReceiptLine, SettledLine
from ledger.domain.actions import ACTIONS
from ledger.domain.canonical_json import canonical
from ledger.domain.errors import InvalidEvent, InvalidGs1Key, InvalidInput, InvalidJson, Refused, Violation
from ledger.domain.identifiers import LotRef, PartyId, ProductId
from ledger.domain.json_tree import parse_compact, parse_json_object
from ledger.domain.records import BatchPlace, CoSignature, Scheme, SignatureProof
from ledger.domain.sealing import KeptDisclosure, Policy
from ledger.domain.sensors.limits import Limits, LimitsOf
from ledger.domain.typed_data import Domain
from ledger.ports import Clock
from ledger.services.documents import (
    NotAllowed,
    TooManyEvents,
    TooManyParts,
    TooMuch,
    events_of,
    first_unsigned,
    require_few_parts,
    without_events,
)  # fmt: skip
from ledger.services.known_events import Found, KnownEvents
from ledger.services.prepared_statements import PreparedStatement, Ready, statement_parts
from ledger.services.preparing import TOGETHER, Prepared, Preparing

Ask = Callable[[bytes], bytes]
"""A question to the process that keeps the store, and its answer."""
Work = Callable[[bytes, Ask], bytes]


class Worker(Protocol):
    """Does the work in another process: `ledger.adapters.forked_workers.WorkerPool`."""

    def work(self, request: bytes, answer: Ask) -> bytes:
        """What comes of it; questions that arise are answered by `answer`. `WorkerLost` where the process ended."""
        ...


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """All events of a document, in its order; `first_unsigned`: the index of the first that does not come signed."""

    events: Sequence[Ready | InvalidInput]
    first_unsigned: int | None


class Chunked(Sequence[Ready | InvalidInput]):
    """Events as the bytes that they came in, `TOGETHER` in each chunk but the last; read anew each time."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        self._chunks = chunks
        self._count = TOGETHER * (len(chunks) - 1) + len(pickle.loads(chunks[-1])) if chunks else 0  # noqa: S301

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Ready | InvalidInput]:
        for chunk in self._chunks:
            yield from pickle.loads(chunk)  # noqa: S301

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, int) and 0 <= index < self._count:
            return pickle.loads(self._chunks[index // TOGETHER])[index % TOGETHER]  # noqa: S301
        return list(self)[index]


class Documents(Protocol):
    """Prepares documents."""

    def prepare(self, data: bytes, party: PartyId) -> PreparedDocument:
        """
        The document that `party` sent. Raises `InvalidInput` for what is no EPCIS document, `NotAllowed`, `TooMuch`,
        and `WorkerLost` where it was not done and may be tried again.
        """
        ...


class DocumentsElsewhere:
    """Prepares documents in other processes; `limits_of` reads master data for them."""

    def __init__(self, workers: Worker, limits_of: LimitsOf) -> None:
        self._workers = workers
        self._limits_of = limits_of

    def prepare(self, data: bytes, party: PartyId) -> PreparedDocument:
        """See `Documents`."""
        chunks = pickle.loads(self._workers.work(b"%d " % party + data, self._answer))  # noqa: S301
        if isinstance(chunks, Exception):
            raise chunks
        unsigned, *chunks = chunks
        return PreparedDocument(Chunked(chunks), unsigned)

    def _answer(self, question: bytes) -> bytes:
        return _dumps(self._limits_of(ProductId(int(question))))


def configuration(domain: Domain, secret: bytes, policy: Policy) -> bytes:
    """What a process has to know to prepare events of this ledger."""
    return pickle.dumps((domain, secret, policy))


def preparer(configured: bytes, clock: Clock, knowing: type[KnownEvents] = KnownEvents) -> Work:
    """
    What such a process does with a document: its bytes behind the number of the party that sent it. `knowing`: what it
    keeps of documents for later ones.
    """
    domain, secret, policy = pickle.loads(configured)  # noqa: S301
    known = knowing(domain, secret, policy)

    def work(request: bytes, ask: Ask) -> bytes:
        def limits_of(product: ProductId) -> Limits | None:
            found: Limits | None = pickle.loads(ask(b"%d" % product))  # noqa: S301
            return found

        party, _, data = request.partition(b" ")
        try:
            return _prepared(data, PartyId(int(party)), Preparing(clock, domain, secret, policy, limits_of), known)
        except (InvalidInput, NotAllowed, TooMuch) as error:
            return _dumps(error)

    return work


def _prepared(data: bytes, party: PartyId, preparing: Preparing, known: KnownEvents) -> bytes:
    require_few_parts(data)
    if (found := known.find(data)) is not None:
        with suppress(RecursionError):
            return _prepared_as_known(data, found, party, preparing, known)
    if (prepared := _prepared_quickly(data, party, preparing)) is None:
        return _prepared_strictly(data, party, preparing)
    known.learn_first(data, preparing, party)
    return prepared


def _prepared_as_known(data: bytes, found: Found, party: PartyId, preparing: Preparing, known: KnownEvents) -> bytes:
    """A document whose events are mostly like others that there were, and all signed."""
    events = found.events
    prepared, is_strict = _in_chunks(
        None, len(events), lambda start: known.prepare(found, start, TOGETHER, preparing, party)
    )
    if not is_strict:
        parse_json_object(data)
    elif found.unlike is not None:
        known.learn(found.unlike, found.context, preparing, party)
    return prepared


def _prepared_strictly(data: bytes, party: PartyId, preparing: Preparing) -> bytes:
    return _prepared_events(events_of(parse_json_object(data)), party, preparing)[0]


def _prepared_quickly(data: bytes, party: PartyId, preparing: Preparing) -> bytes | None:
    """
    The same where it is. What of strict JSON `parse_compact` does not look at shows while the events are prepared;
    where it is not sure then, the text is read again. None where anything is wrong with the document as a whole: its
    error is that of the strict reading.
    """
    if (tree := parse_compact(data)) is None:
        return None
    try:
        events = events_of(tree)
        parse_json_object(canonical(without_events(tree)))
        del tree
        prepared, is_strict = _prepared_events(events, party, preparing)
        if not is_strict:
            parse_json_object(data)
    except (InvalidInput, NotAllowed, TooMuch, RecursionError):
        return None
    return prepared


def _prepared_events(events: list[Any], party: PartyId, preparing: Preparing) -> tuple[bytes, bool]:
    """All events in chunks; and whether `Preparing.prepare_strictly` is sure of each."""

    def prepare(start: int) -> tuple[list[Prepared | InvalidInput], bool]:
        prepared, is_sure = preparing.prepare_strictly(events[start : start + TOGETHER], party, start)
        events[start : start + TOGETHER] = [None] * len(prepared)
        return prepared, is_sure

    return _in_chunks(first_unsigned(events, party), len(events), prepare)


def _in_chunks(
    unsigned: int | None, count: int, prepare: Callable[[int], tuple[list[Prepared | InvalidInput], bool]]
) -> tuple[bytes, bool]:
    chunks: list[Any] = [unsigned]
    is_strict = True
    for start in range(0, count, TOGETHER):
        prepared, is_sure = prepare(start)
        chunks.append(_dumps(prepared))
        is_strict = is_strict and is_sure
    return pickle.dumps(chunks, pickle.HIGHEST_PROTOCOL), is_strict


# ---------------------------------------------------------------------------------------------- values and their parts

_SENT = Prepared.__struct_fields__[:-1]
"""All but the tree."""
_VALUES: tuple[type[Any], ...] = (
    *ACTIONS, Line, Output, ReceiptLine, SettledLine, SignatureProof, CoSignature, BatchPlace, KeptDisclosure,
    Limits, Violation,
)  # fmt: skip
_ERRORS = (InvalidInput, InvalidGs1Key, InvalidJson, InvalidEvent, Refused)


def _taken_apart(cls: type[Any], names: tuple[str, ...]) -> Callable[[Any], tuple[type[Any], Any]]:
    parts: Callable[[Any], Any] = attrgetter(*names)
    if len(names) == 1:
        return lambda value: (cls, (parts(value),))
    return lambda value: (cls, parts(value))


_whole = _taken_apart(Prepared, _SENT)


def _sent(prepared: Prepared) -> tuple[type[Any], Any]:
    parts = statement_parts(prepared)
    return _whole(prepared) if parts is None else (PreparedStatement, parts)


_TABLE: dict[type[Any], Callable[[Any], Any]] = {
    **{cls: _taken_apart(cls, tuple(field.name for field in fields(cls))) for cls in _VALUES},
    LotRef: _taken_apart(LotRef, LotRef.__struct_fields__),
    **{cls: lambda error: (type(error), (error.violations,)) for cls in _ERRORS},
    Prepared: _sent,
    Scheme: lambda scheme: (Scheme, (int(scheme),)),
    NotAllowed: lambda error: (NotAllowed, (error.violation,)),
    **{cls: lambda error: (type(error), (error.count,)) for cls in (TooManyEvents, TooManyParts)},
}


def _dumps(value: object) -> bytes:
    written = io.BytesIO()
    pickler = pickle.Pickler(written, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _TABLE
    pickler.dump(value.with_traceback(None) if isinstance(value, BaseException) else value)
    return written.getvalue()
