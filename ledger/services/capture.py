"""
Capture: check, seal, hash, bind, apply the ledger's rules, sign, append; then it is acknowledged.

Events stand in the order given, so that a later one may build on an earlier one. Up to 1,000 go into one write
transaction. With `rollback`, one refusal means that nothing of the call is recorded: a longer call is rehearsed as a
whole first, without writing. Without it, what can be recorded is.

A repeat gives the first record. Requests are the same when HMAC-SHA-256(secret, party ‖ RFC 8785 form of the event
without recordTime) is; sealed events when their content hash is. Nobody without the secret can tell from the stored
value what was requested.

Refusals are values, one `CaptureResult` an event. Raised are only what stops the whole call: `KeyLocked`, `StoreError`,
`LedgerBusy`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ledger.domain.actions import Action, Receipt
from ledger.domain.binding import ERROR_DECLARATION, acting_party, action_of, lines_of, lots_of
from ledger.domain.canonical_json import canonical
from ledger.domain.cbv_hash import event_hash
from ledger.domain.content_hash import BLIND_BYTES, add_blind
from ledger.domain.entry_codec import encode_payload
from ledger.domain.epcis import check_event
from ledger.domain.errors import InvalidInput, NotFound, Refused, StoreError, Violation
from ledger.domain.identifiers import Digest, KeyId, LotRef, PartyId
from ledger.domain.projection import Projection
from ledger.domain.records import JsonTree, RecordedEvent, SignatureProof
from ledger.domain.signatures import verify
from ledger.domain.typed_data import Domain, digest
from ledger.ports import Clock, EventStore, EventTransaction, NewEvent, Progress, Signer

BATCH = 1_000
"""Events in one write transaction."""
DEADLINE_SECONDS = 7 * 24 * 3600
"""How long the chain may take to record what was signed."""
CONFLICT = "event-id.conflict"
"""The rule broken by an eventID that another event has: HTTP says 409."""
_REPORT_EVERY = 50


@dataclass(frozen=True, slots=True)
class CaptureResult:
    """
    What became of the event at `index` of the call. `record`: it is acknowledged, now or (`repeated`) before. Without
    record and violations, it could be recorded but was not: a dry run, or another event of the call was refused.
    """

    index: int
    record: RecordedEvent | None = None
    violations: tuple[Violation, ...] = ()
    repeated: bool = False

    @property
    def refused(self) -> bool:
        """Whether this event breaks a rule."""
        return bool(self.violations)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An event that is well formed and bound, before the ledger's own rules."""

    index: int
    party: PartyId
    request_mac: bytes
    body: JsonTree
    action: Action
    digest: Digest
    payload: bytes
    lots: tuple[LotRef, ...]


class _Refusals(Exception):
    """Ends a write transaction in which something was refused: nothing of it stands."""


class Capture:
    """`domain` is the EIP-712 domain of `ProduceLedger`; `secret` (32 bytes) keys the identities of requests."""

    def __init__(self, store: EventStore, signer: Signer, clock: Clock, domain: Domain, secret: bytes) -> None:
        self._store = store
        self._signer = signer
        self._clock = clock
        self._domain = domain
        self._secret = secret

    def capture(
        self,
        events: Sequence[JsonTree],
        party: PartyId | None = None,
        *,
        rollback: bool = True,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> list[CaptureResult]:
        """
        Records the events, each self-contained (with its own `@context`), for `party`, or each for the party that it
        names (`silkroot:party`) where that is None. One result an event, in order.
        """
        report = _reporter(progress, len(events), "checking")
        results: dict[int, CaptureResult] = {}
        ready: list[_Prepared] = []
        for index, event in enumerate(events):
            try:
                ready.append(self._prepare(index, event, party))
            except InvalidInput as error:
                results[index] = CaptureResult(index, violations=error.violations)
            report(index + 1)
        if dry_run or (rollback and (results or len(ready) > BATCH)):
            rehearsed = self._rehearse(ready, progress)
            if dry_run or results or any(result.refused for result in rehearsed):
                return _in_order(results, rehearsed)
        return _in_order(results, self._record_all(ready, rollback, progress))

    def _prepare(self, index: int, event: JsonTree, party: PartyId | None) -> _Prepared:
        """All that needs no state: EPCIS, party, seal, hash, binding."""
        check_event(event)
        acting = acting_party(event) if party is None else party
        request = {key: value for key, value in event.items() if key != "recordTime"}
        identity = f"{acting:013d}\n".encode() + canonical(request)
        sealed = add_blind(request, acting, secrets.token_bytes(BLIND_BYTES))
        action = action_of(sealed, int(self._clock.now()) + DEADLINE_SECONDS)
        if "eventID" not in sealed:
            sealed["eventID"] = event_hash(sealed, None)
        return _Prepared(
            index=index,
            party=acting,
            request_mac=hmac.digest(self._secret, identity, hashlib.sha256),
            body=sealed,
            action=action,
            digest=digest(self._domain, action),
            payload=encode_payload(action, lines_of(sealed) if isinstance(action, Receipt) else None),
            lots=lots_of(sealed),
        )

    def _rehearse(self, ready: Sequence[_Prepared], progress: Progress | None) -> list[CaptureResult]:
        report = _reporter(progress, len(ready), "rehearsing")
        results = []
        with self._store.rehearsing() as transaction:
            for start in range(0, len(ready), BATCH):
                _prefetch(transaction, ready[start : start + BATCH])
                for prepared in ready[start : start + BATCH]:
                    results.append(self._record(transaction, prepared))
                    report(len(results))
        return _unrecorded(results)

    def _record_all(self, ready: Sequence[_Prepared], rollback: bool, progress: Progress | None) -> list[CaptureResult]:
        report = _reporter(progress, len(ready), "recording")
        results: list[CaptureResult] = []
        for start in range(0, len(ready), BATCH):
            batch: list[CaptureResult] = []
            try:
                with self._store.writing() as transaction:
                    _prefetch(transaction, ready[start : start + BATCH])
                    for prepared in ready[start : start + BATCH]:
                        batch.append(self._record(transaction, prepared))
                    if rollback and any(result.refused for result in batch):
                        raise _Refusals
            except _Refusals:
                # Before the first batch nothing was recorded. A later one was rehearsed, so that only a change by
                # somebody else gets here: what stands before it stays, and doing the same again goes on from there.
                results += _unrecorded(batch)
                return results + [CaptureResult(prepared.index) for prepared in ready[start + BATCH :]]
            results += batch
            report(min(start + BATCH, len(ready)))
        return results

    def _record(self, transaction: EventTransaction, prepared: _Prepared) -> CaptureResult:
        """Against the state of the transaction: idempotency, rules, signature, append."""
        action = prepared.action
        known = transaction.find_request(prepared.request_mac) or transaction.find_content(action.content_hash)
        if known is not None:
            return CaptureResult(prepared.index, known, repeated=True)
        event_id = str(prepared.body["eventID"])
        is_declaration = ERROR_DECLARATION in prepared.body
        if not is_declaration and (other := transaction.find_event_id(event_id)) is not None:
            message = f"event {other.sequence} has this eventID and another content"
            return CaptureResult(prepared.index, violations=(Violation("/eventID", CONFLICT, event_id, message),))
        now = self._clock.now()
        try:
            key = self._key(transaction.projection, prepared.party, int(now))
            transaction.projection.apply(action, prepared.digest, int(now))
        except InvalidInput as error:
            return CaptureResult(prepared.index, violations=_readable(error.violations, prepared.lots))
        proof = SignatureProof(action, key, self._signer.scheme_of(key), self._signer.sign(key, prepared.digest))
        if not verify(prepared.digest, key, proof.scheme, proof.signature):
            raise StoreError(f"the signer gave a signature that key {key.hex()} did not make; check its keystore")
        new = NewEvent(
            content_hash=action.content_hash,
            event_id=event_id,
            is_declaration=is_declaration,
            request_mac=prepared.request_mac,
            party=prepared.party,
            body=canonical(prepared.body),
            proof=proof,
            digest=prepared.digest,
            payload=prepared.payload,
            record_time=now,
            lots=prepared.lots,
        )
        return CaptureResult(prepared.index, transaction.append(new))

    def _key(self, projection: Projection, party: PartyId, now: int) -> KeyId:
        """The party's signing key, if the registry has it for the party, in its window and unrevoked."""
        if not projection.roles_of(party):
            raise Refused.one("/silkroot:party", "UnknownParty", f"{party:013d}", "no such party is admitted")
        try:
            key = self._signer.key_of(party)
        except NotFound:
            raise Refused.one(
                "/silkroot:party", "UnknownKey", f"{party:013d}", "no signing key of the party is kept here"
            ) from None
        registered = projection.key(key)
        if registered is None:
            raise Refused.one("/silkroot:party", "UnknownKey", key.hex(), "the party's key is not registered")
        if registered.party != party:
            raise Refused.one("/silkroot:party", "WrongParty", key.hex(), f"the key is {registered.party:013d}'s")
        if registered.revoked:
            message = "the party's key was revoked; give it another with `silkroot party key rotate`"
            raise Refused.one("/silkroot:party", "KeyIsRevoked", key.hex(), message)
        if now < registered.valid_from:
            raise Refused.one("/silkroot:party", "KeyNotYetValid", key.hex(), "the window of the key has not begun")
        if registered.valid_until and now >= registered.valid_until:
            message = "the window of the key is over; give the party another with `silkroot party key rotate`"
            raise Refused.one("/silkroot:party", "KeyExpired", key.hex(), message)
        return key


def _prefetch(transaction: EventTransaction, batch: Sequence[_Prepared]) -> None:
    transaction.prefetch(
        [prepared.request_mac for prepared in batch],
        [prepared.action.content_hash for prepared in batch],
        [str(prepared.body["eventID"]) for prepared in batch],
    )
    transaction.projection.prefetch([(prepared.action, prepared.digest) for prepared in batch])


def _in_order(refused: dict[int, CaptureResult], others: Sequence[CaptureResult]) -> list[CaptureResult]:
    return sorted((*refused.values(), *others), key=lambda result: result.index)


def _unrecorded(results: Sequence[CaptureResult]) -> list[CaptureResult]:
    """The results of a transaction that came to nothing: only what was recorded before it has a record."""
    forgotten = {result.record.sequence for result in results if result.record and not result.repeated}
    return [
        replace(result, record=None) if result.record and result.record.sequence in forgotten else result
        for result in results
    ]


def _readable(violations: Sequence[Violation], lots: Sequence[LotRef]) -> tuple[Violation, ...]:
    """The same, with the names of the event's lots in the place of their ids."""
    named = []
    for violation in violations:
        value = violation.value
        for ref in lots:
            value = value.replace(ref.id.hex(), str(ref))
        named.append(replace(violation, value=value))
    return tuple(named)


def _reporter(progress: Progress | None, total: int, what: str) -> Callable[[int], None]:
    def report(done: int) -> None:
        if progress is not None and (done % _REPORT_EVERY == 0 or done == total):
            progress(done, total, what)

    return report
