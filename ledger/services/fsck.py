"""
fsck: reads every stored event again and derives from it all that was derived when it was captured.

For each event: the body is in its canonical form and hashes to the content hash, its eventID is the one recorded, it
implies the action that was signed, the signature is by that key over that action, the entry queued for the chain is
that action's, the index of lots and that of searches are the event's, and the disclosures kept beside it open it. Then
the outbox, the projection, the log (`fsck_log`) and the files as a whole, and the database's own pages. One flipped bit
shows in at least one finding, which says where. Disclosures that were erased are no fault; they are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ledger.domain.actions import cosigner_of, is_stated, signer_of
from ledger.domain.batch_signatures import batch_digest_of, is_signed
from ledger.domain.binding import ERROR_DECLARATION, action_of, lots_of
from ledger.domain.canonical_json import canonical
from ledger.domain.content_hash import content_hash
from ledger.domain.entry_codec import joined_signature
from ledger.domain.errors import InvalidInput, StoreError
from ledger.domain.identifiers import Digest
from ledger.domain.json_tree import parse_json_object
from ledger.domain.records import JsonTree, SignatureProof
from ledger.domain.signatures import verify
from ledger.domain.typed_data import Domain, digest
from ledger.ports import Progress, StoreAudit, StoredEvent
from ledger.services.fsck_disclosures import disclosure_problems
from ledger.services.fsck_log import LogCheck
from ledger.services.preparing import payload_of

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written. `where`: "event 7", "outbox", "projection", "database"."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class Fsck:
    """
    Checks what `audit` lays bare, and the log; `domain` is the EIP-712 domain of `ProduceLedger`. `files` tells what is
    wrong with photos and PDFs, each as `file HASH: what`.
    """

    def __init__(
        self,
        audit: StoreAudit,
        domain: Domain,
        log: LogCheck | None = None,
        files: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._audit = audit
        self._domain = domain
        self._log = log
        self._files = files

    def run(self, progress: Progress | None = None) -> list[Finding]:
        """All findings; empty where everything is as it was written."""
        findings: list[Finding] = []
        problems = [
            *self._audit.integrity_problems(),
            *self._audit.entry_problems(),
            *self._audit.projection_problems(),
            *self._audit.disclosure_problems(),
            *self._audit.index_problems(),
            *(self._log.problems() if self._log is not None else ()),
            *self._files(),
        ]
        for problem in problems:
            where, _, what = problem.partition(": ")
            findings.append(Finding(where, what))
        expected, checked = 1, 0
        while page := self._audit.stored_events(expected - 1, _PAGE):
            numbers = [stored.sequence for stored in page]
            if numbers[0] < expected or any(second <= first for first, second in pairwise(numbers)):
                # Asked for what is behind them, a damaged page would give them again, for ever.
                findings.append(Finding("database", f"events from {expected} on are not stored in their order"))
                break
            disclosures = self._audit.stored_disclosures(page[0].sequence, page[-1].sequence)
            for stored in page:
                findings += _missing(expected, stored.sequence)
                findings += [Finding(f"event {stored.sequence}", what) for what in self._problems(stored)]
                kept = disclosures.get(stored.sequence, ())
                findings += [Finding(f"event {stored.sequence}", what) for what in disclosure_problems(stored, kept)]
                expected = stored.sequence + 1
            checked += len(page)
            if progress is not None:
                progress(checked, checked, "checking events")
        return findings

    def erased(self) -> int:
        """How many disclosures were erased: nobody can show those members any more."""
        return self._audit.erased_disclosures()

    def _problems(self, stored: StoredEvent) -> Iterator[str]:
        if not stored.is_intact:
            yield "the row is not what was written"
        body = self._body(stored)
        if isinstance(body, str):
            yield body
            return
        yield from _index_problems(stored)
        proof = self._proof(stored)
        if isinstance(proof, str):
            yield proof
            return
        yield from _body_problems(stored, body)
        yield from self._signature_problems(stored, body, proof)

    def _body(self, stored: StoredEvent) -> JsonTree | str:
        try:
            tree = parse_json_object(stored.body)
        except InvalidInput as error:
            return f"the body is not JSON any more: {error}"
        return tree if canonical(tree) == stored.body else "the body is not in its canonical form"

    def _proof(self, stored: StoredEvent) -> SignatureProof | str:
        try:
            return self._audit.read_proof(stored.proof)
        except StoreError as error:
            return str(error)

    def _signature_problems(self, stored: StoredEvent, body: JsonTree, proof: SignatureProof) -> Iterator[str]:
        try:
            action = action_of(body, proof.action.deadline)
        except InvalidInput as error:
            yield f"the event implies no action any more: {error}"
            return
        if action != proof.action:
            yield "the event implies another action than the one that was signed"
        if signer_of(proof.action) != stored.party:
            yield f"it is recorded for party {stored.party:013d}, but {signer_of(proof.action):013d} signed"
        signed = digest(self._domain, proof.action)
        if not is_signed(signed, proof.key_id, proof, batch_digest_of(self._domain, proof)):
            yield f"the signature is not by key 0x{proof.key_id.hex()} over the action"
        yield from _second_problems(proof, signed)
        if stored.payload is None:
            if is_stated(proof.action):
                return  # the log alone anchors it
            yield "it has no entry in the outbox"
            return
        try:
            payload = payload_of(proof.action, body)
        except InvalidInput as error:
            yield f"its entry cannot be made again: {error}"
            return
        expected = (payload, joined_signature(proof), proof.key_id, signed)
        if (stored.payload, stored.signature, stored.key_id, stored.digest) != expected:
            yield "its entry in the outbox is not the signed action"


def _missing(first: int, end: int) -> list[Finding]:
    """The events from `first` on, before `end`; a damaged number may leave out more than can be told one by one."""
    if end - first > _PAGE:
        return [Finding(f"events {first} to {end - 1}", "they are missing")]
    return [Finding(f"event {number}", "it is missing") for number in range(first, end)]


def _index_problems(stored: StoredEvent) -> Iterator[str]:
    if stored.misindexed is None:
        yield "no search finds it: it is missing in the index"
    elif stored.misindexed:
        yield f"searches find it by what it does not say: {', '.join(stored.misindexed)}"


def _second_problems(proof: SignatureProof, signed: Digest) -> Iterator[str]:
    """What is wrong with the second signature of what two parties sign, or with one where one party signs."""
    cosigner = cosigner_of(proof.action)
    if proof.co is None:
        if cosigner is not None:
            yield f"party {cosigner:013d} has to sign it too, and did not"
        return
    if proof.co.party != cosigner:
        yield f"party {proof.co.party:013d} signed it too, but is not the other side"
    if not verify(signed, proof.co.key_id, proof.co.scheme, proof.co.signature):
        yield f"the second signature is not by key 0x{proof.co.key_id.hex()} over the action"


def _body_problems(stored: StoredEvent, body: JsonTree) -> Iterator[str]:
    found = content_hash(body)
    if found != stored.content_hash:
        yield f"the content hashes to 0x{found.hex()}, not to the signed 0x{stored.content_hash.hex()}"
    if body.get("eventID") != stored.event_id:
        yield f"the body has eventID {body.get('eventID')!r}, recorded was {stored.event_id!r}"
    if (ERROR_DECLARATION in body) != stored.is_declaration:
        yield "an error declaration and an event were taken for each other"
    try:
        lots = frozenset(ref.id for ref in lots_of(body))
    except InvalidInput as error:
        yield f"the lots that it names cannot be read: {error}"
        return
    if lots != stored.lots:
        yield "the index of lots is not that of the event"
