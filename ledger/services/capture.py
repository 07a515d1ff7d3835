"""
Capture: check, seal, hash, bind, apply the ledger's rules, sign, append; then it is acknowledged.

Events stand in the order given, so that a later one may build on an earlier one. Up to 1,000 go into one write
transaction. With `rollback`, one refusal means that nothing of the call is recorded: a longer call is rehearsed as a
whole first, without writing. Without it, what can be recorded is.

A repeat gives the first record. Requests are the same when HMAC-SHA-256(secret, party ‖ RFC 8785 form of the event
without recordTime) is; sealed events when their content hash is. Nobody without the secret can tell from the stored
value what was requested.

What comes signed (`silkroot:proof`) is stored with the proof that it brought; the service signs nothing of it.

Refusals are values, one `CaptureResult` an event. Raised are only what stops the whole call: `KeyLocked`, `StoreError`,
`LedgerBusy`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from ledger.domain.actions import Recall, Release, cosigner_of, is_stated
from ledger.domain.errors import InvalidInput, Refused, Violation
from ledger.domain.identifiers import ContentHash, PartyId
from ledger.domain.log.acknowledgement_json import SignedAcknowledgement
from ledger.domain.new_events import Appended
from ledger.domain.records import JsonTree, RecordedEvent
from ledger.domain.sealing import DEFAULT, Policy
from ledger.domain.typed_data import Domain
from ledger.ports import Clock, EventTransaction, Progress, Signer
from ledger.ports_proposals import ProposalStore, ProposalTransaction
from ledger.services.looking_up import Hope, InVain, look_up
from ledger.services.prepared_statements import PreparedStatement, Ready, statement_parts
from ledger.services.preparing import DEADLINE_SECONDS, TOGETHER, Prepared, Preparing
from ledger.services.propagation import Carried, Propagation, carry_from
from ledger.services.quick_statements import QuickStatements
from ledger.services.refusal_names import readable
from ledger.services.signed_events import require_standing_proof
from ledger.services.signing import prove, signing_key

__all__ = ["BATCH", "CONFLICT", "DEADLINE_SECONDS", "Capture", "CaptureResult", "NotTogether"]

BATCH = 1_000
"""Events in one write transaction."""
CONFLICT = "event-id.conflict"
"""The rule broken by an eventID that another event has: HTTP says 409."""
_REPORT_EVERY = 50


class CaptureResult(msgspec.Struct, frozen=True, gc=False):
    """
    What became of the event at `index` of the call. `stored`: it is acknowledged, now or (`repeated`) before. Without
    that and violations, it could be recorded but was not: a dry run, or another event of the call was refused.
    `carried`: lots to which a recall, or its end, was carried along; `waiting`: those to which it will be.
    `receipts`: what the log's operator signed for this record and others; the same for a repeat.
    """

    index: int
    stored: RecordedEvent | Appended | None = None
    violations: tuple[Violation, ...] = ()
    repeated: bool = False
    carried: int = 0
    waiting: int = 0
    receipts: Mapping[ContentHash, SignedAcknowledgement] = msgspec.field(default_factory=dict)

    @property
    def acknowledgement(self) -> SignedAcknowledgement | None:
        """What the log's operator signed for the record; made when it is asked for."""
        return None if (content := self.content_hash) is None else self.receipts.get(content)

    @property
    def refused(self) -> bool:
        """Whether this event breaks a rule."""
        return bool(self.violations)

    @property
    def record(self) -> RecordedEvent | None:
        """The acknowledged event; made when it is asked for."""
        return self.stored.recorded() if isinstance(self.stored, Appended) else self.stored

    @property
    def content_hash(self) -> ContentHash | None:
        """The identity of the acknowledged event."""
        stored = self.stored
        return None if stored is None else (stored.event if isinstance(stored, Appended) else stored).content_hash


Conclude = Callable[[ProposalTransaction, list[CaptureResult]], None]
"""
What goes to disk with the last events of a call, if they do. A transaction that came to nothing may be done again: then
it is called again or, where the events are refused now, not any more, and what it was told first does not count.
"""


class _Refusals(InVain):
    """Something was refused, so nothing stands. What was said of it may name an event that one only hoped for."""

    def __init__(self, results: list[CaptureResult]) -> None:
        self.results = results


class NotTogether(Exception):
    """One of the documents has to be recorded by itself; nothing of any was."""


class Capture:
    """
    `domain` is the EIP-712 domain of `ProduceLedger`; `secret` (32 bytes) keys the identities of requests; `policy`
    says what is sealed.
    """

    def __init__(
        self,
        store: ProposalStore,
        signer: Signer,
        clock: Clock,
        domain: Domain,
        secret: bytes,
        policy: Policy = DEFAULT,
    ) -> None:
        self._store = store
        self._signer = signer
        self._clock = clock
        self._preparing = Preparing(clock, domain, secret, policy, store.limits_of)
        self._hope = Hope()

    def capture(
        self,
        events: Sequence[JsonTree],
        party: PartyId | None = None,
        *,
        rollback: bool = True,
        dry_run: bool = False,
        progress: Progress | None = None,
        conclude: Conclude | None = None,
    ) -> list[CaptureResult]:
        """
        Records the events, each self-contained (with its own `@context`), for `party`, or each for the party that it
        names (`silkroot:party`) where that is None. One result an event, in order. `conclude` is called with all
        results in the transaction that records the last events, if there is one, and writes with it.
        """
        report = _reporter(progress, len(events), "checking")
        prepared: list[Ready | InvalidInput] = []
        for start in range(0, len(events), TOGETHER):
            prepared += self._preparing.prepare_all(events[start : start + TOGETHER], party, start)
            report(len(prepared))
        return self.record(prepared, rollback=rollback, dry_run=dry_run, progress=progress, conclude=conclude)

    def record(
        self,
        prepared: Sequence[Ready | InvalidInput],
        *,
        rollback: bool = True,
        dry_run: bool = False,
        progress: Progress | None = None,
        conclude: Conclude | None = None,
    ) -> list[CaptureResult]:
        """The same for events that were prepared, here or in another process; in place of one stands what it breaks."""
        results: dict[int, CaptureResult] = {}
        ready: list[Ready] = []
        for index, one in enumerate(prepared):
            if isinstance(one, InvalidInput):
                results[index] = CaptureResult(index, violations=one.violations)
            else:
                ready.append(_packed(one))
        if dry_run or (rollback and (results or len(ready) > BATCH)):
            rehearsed = self._rehearse(ready, progress)
            if dry_run or results or any(result.refused for result in rehearsed):
                return _in_order(results, rehearsed)
        return _in_order(results, self._record_all(ready, results, rollback, progress, conclude))

    def record_together(
        self, documents: Sequence[tuple[Sequence[Ready | InvalidInput], Conclude | None]]
    ) -> list[list[CaptureResult]]:
        """
        Records several short documents in one transaction; the results of each. `NotTogether`, and nothing is recorded,
        where an event of any of them is refused.
        """
        ready: list[tuple[list[Ready], Conclude | None]] = []
        for prepared, conclude in documents:
            good = [_packed(one) for one in prepared if not isinstance(one, InvalidInput)]
            if len(good) < len(prepared):
                raise NotTogether
            ready.append((good, conclude))
        together = [one for document, _ in ready for one in document]
        found = self._hope.first(together, partial(self._write_together, ready, together))
        if any(result.waiting for results in found for result in results):
            Propagation(self._store).spread_behind()
        return found

    def _write_together(
        self, ready: Sequence[tuple[Sequence[Ready], Conclude | None]], together: Sequence[Ready], hopeful: bool
    ) -> list[list[CaptureResult]]:
        found = []
        with self._store.writing() as transaction:
            look_up(transaction, together, hopeful=hopeful)
            for document, _ in ready:
                found.append(self._record_each(transaction, document))
                if any(result.refused for result in found[-1]):
                    raise NotTogether
            for place, (_, conclude) in enumerate(ready):
                found[place] = _acknowledged(transaction, found[place])
                if conclude is not None:
                    conclude(transaction, found[place])
        return found

    def _prepare(self, index: int, event: JsonTree, party: PartyId | None) -> Prepared:
        """All that needs no state."""
        return self._preparing.prepare(index, event, party)

    def _rehearse(self, ready: Sequence[Ready], progress: Progress | None) -> list[CaptureResult]:
        report = _reporter(progress, len(ready), "rehearsing")
        results = []
        with self._store.rehearsing() as transaction:
            for start in range(0, len(ready), BATCH):
                look_up(transaction, ready[start : start + BATCH], hopeful=False)
                for first in range(start, min(start + BATCH, len(ready)), _REPORT_EVERY):
                    results += self._record_each(transaction, ready[first : min(first + _REPORT_EVERY, start + BATCH)])
                    report(len(results))
        return _unrecorded(results)

    def _record_all(
        self,
        ready: Sequence[Ready],
        refused: dict[int, CaptureResult],
        rollback: bool,
        progress: Progress | None,
        conclude: Conclude | None,
    ) -> list[CaptureResult]:
        report = _reporter(progress, len(ready), "recording")
        results: list[CaptureResult] = []

        def conclude_all(transaction: ProposalTransaction, batch: list[CaptureResult]) -> None:
            if conclude is not None:
                conclude(transaction, _in_order(refused, [*results, *batch]))

        for start in range(0, len(ready), BATCH):
            part = ready[start : start + BATCH]
            ending = conclude_all if start + BATCH >= len(ready) else None
            try:
                batch = self._hope.first(part, partial(self._write, part, rollback, ending))
            except _Refusals as refusals:
                # Before the first batch nothing was recorded. A later one was rehearsed, so that only a change by
                # somebody else gets here: what stands before it stays, and doing the same again goes on from there.
                results += _unrecorded(refusals.results)
                return results + [CaptureResult(prepared.index) for prepared in ready[start + BATCH :]]
            results += batch
            if any(result.waiting for result in batch):
                Propagation(self._store).spread_behind()
            report(min(start + BATCH, len(ready)))
        return results

    def _write(
        self, part: Sequence[Ready], rollback: bool, conclude: Conclude | None, hopeful: bool
    ) -> list[CaptureResult]:
        with self._store.writing() as transaction:
            look_up(transaction, part, hopeful=hopeful)
            batch = self._record_each(transaction, part)
            if rollback and any(result.refused for result in batch):
                raise _Refusals(batch)
            batch = _acknowledged(transaction, batch)
            if conclude is not None:
                conclude(transaction, batch)
        return batch

    def _record_each(self, transaction: ProposalTransaction, batch: Sequence[Ready]) -> list[CaptureResult]:
        """In their order, and all at one time."""
        now = self._clock.now()
        quick = QuickStatements(transaction, self._preparing.domain, int(now))
        results = []
        for one in batch:
            if isinstance(one, PreparedStatement) and quick.admit(one):
                results.append(CaptureResult(one.index, transaction.append(one.signed(now))))
            else:
                results.append(self._record(transaction, one.whole(), now))
        return results

    def _record(self, transaction: ProposalTransaction, prepared: Prepared, now: float) -> CaptureResult:
        """Against the state of the transaction: idempotency, rules, signature, append."""
        action = prepared.action
        known = transaction.find_request(prepared.request_mac) or known_content(transaction, prepared)
        if known is not None:
            return CaptureResult(prepared.index, known, repeated=True)
        try:
            require_open_id(prepared)
            require_not_erased(transaction, prepared)
            require_free_id(transaction, prepared)
            if (given := prepared.proof) is not None:
                require_standing_proof(transaction.projection, given, prepared.party, int(now), self._preparing.domain)
                key = given.key_id
            else:
                key = signing_key(self._signer, transaction.projection, prepared.party, int(now))
            if (cosigner := cosigner_of(action)) is not None and (given is None or given.co is None):
                message = f"{cosigner:013d} has to sign this too: propose it, and let them agree"
                raise Refused.one("/silkroot:party", "proposal.needed", f"{cosigner:013d}", message)
            if is_stated(action):
                transaction.projection.admit(action, prepared.digest, int(now))
            else:
                transaction.projection.apply(action, prepared.digest, int(now))
        except InvalidInput as error:
            return CaptureResult(prepared.index, violations=readable(error.violations, prepared.body, prepared.lots))
        proof = given or prove(self._signer, key, action, prepared.digest)
        appended = transaction.append(prepared.signed(proof, now))
        carried = Carried()
        if isinstance(action, Recall | Release):
            carried = carry_from(self._store, transaction, [action.lot])
        return CaptureResult(prepared.index, appended, carried=carried.now, waiting=carried.later)


def require_free_id(transaction: EventTransaction, prepared: Prepared) -> None:
    """`Refused` where another event has the eventID."""
    if prepared.is_declaration:
        return
    if (other := transaction.find_event_id(prepared.event_id)) is not None:
        message = f"event {other.sequence} has this eventID and another content"
        raise Refused([Violation("/eventID", CONFLICT, prepared.event_id, message)])


def known_content(transaction: EventTransaction, prepared: Prepared) -> RecordedEvent | None:
    """The event of the same content: as it is sealed now, or as it came if it was recorded when less was sealed."""
    known = transaction.find_content(prepared.action.content_hash)
    if known is None and prepared.unsealed is not None:
        known = transaction.find_content(prepared.unsealed)
    return known


def require_open_id(prepared: Prepared) -> None:
    """
    `Refused` where the client's eventID is a hash (RFC 6920, as the CBV makes them) and something was sealed: it was
    made from the event before sealing, and whoever reads it could try telephone numbers until it fits.
    """
    if prepared.disclosures and prepared.own_id and prepared.event_id.lower().startswith("ni:"):
        message = (
            "this eventID is a hash of what is sealed, which could be guessed with it: leave it out, or give a UUID"
        )
        raise Refused.one("/eventID", "sealing.event-id", prepared.event_id, message)


def require_not_erased(transaction: EventTransaction, prepared: Prepared) -> None:
    """`Refused` where an event that says the same in the open was recorded, and what it sealed was erased since."""
    if prepared.open_mac is None:
        return
    if (other := transaction.find_request(prepared.open_mac)) is not None:
        message = f"event {other.sequence} says the same, and what it sealed was erased; another one needs an eventID"
        raise Refused.one("/eventID", "request.erased", other.event_id, message)


def _packed(one: Ready) -> Ready:
    """A statement as it comes from a preparer, and anything else as it is: before there is a transaction to hold up."""
    if isinstance(one, PreparedStatement):
        return one
    parts = statement_parts(one)
    return one if parts is None else PreparedStatement(*parts)


def _acknowledged(transaction: EventTransaction, batch: Sequence[CaptureResult]) -> list[CaptureResult]:
    contents = [result.content_hash for result in batch]
    signed = transaction.acknowledgements([content for content in contents if content is not None])
    return [
        result
        if content is None
        else CaptureResult(
            result.index, result.stored, result.violations, result.repeated, result.carried, result.waiting, signed
        )
        for result, content in zip(batch, contents, strict=True)
    ]  # fmt: skip


def _in_order(refused: dict[int, CaptureResult], others: Sequence[CaptureResult]) -> list[CaptureResult]:
    if not refused:
        return list(others)
    return sorted((*refused.values(), *others), key=lambda result: result.index)


def _unrecorded(results: Sequence[CaptureResult]) -> list[CaptureResult]:
    """The results of a transaction that came to nothing: only what was recorded before it has a record."""
    forgotten = {result.stored.sequence for result in results if result.stored and not result.repeated}
    return [
        msgspec.structs.replace(result, stored=None, receipts={})
        if result.stored and result.stored.sequence in forgotten
        else result
        for result in results
    ]


def _reporter(progress: Progress | None, total: int, what: str) -> Callable[[int], None]:
    def report(done: int) -> None:
        if progress is not None and (done % _REPORT_EVERY == 0 or done % TOGETHER == 0 or done == total):
            progress(done, total, what)

    return report
