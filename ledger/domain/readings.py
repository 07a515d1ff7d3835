"""
Reads a stored event against itself: what its bytes hash to, what they imply, and what its signature covers; no I/O.

Three things are stored for an event: its body, the struct that was signed, and the signature. Any of them may have been
altered since, so none is trusted to name the culprit. The signature decides: the struct that it covers is the one that
was signed. Candidates are the stored struct, the struct that the body implies, and the digest that the chain recorded.
So an altered struct is not mistaken for a bad signature, nor an altered body for either (ADR 0020).
Nothing here raises for bad stored data: what cannot be read is None, with the problem beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ledger.domain.action_json import to_json
from ledger.domain.actions import Action, is_stated
from ledger.domain.anchoring import NOT_STATED, Anchoring, anchoring_of
from ledger.domain.batch_signatures import batch_digest_of, is_signed
from ledger.domain.binding import action_of
from ledger.domain.content_hash import content_hash
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash, Digest, KeyId
from ledger.domain.records import ChainCheckpoint, ChainEntry, ChainFacts, EntryState, LogPlace, RecordedEvent
from ledger.domain.signatures import verify
from ledger.domain.story_values import Difference
from ledger.domain.typed_data import Domain, digest

UNREADABLE = (InvalidInput, AttributeError, LookupError, TypeError, ValueError, ArithmeticError, RecursionError)
"""
What reading a stored body may raise: altered in the database it may be any JSON at all, and the readers were written
for events that passed validation.
"""


@dataclass(frozen=True, slots=True)
class Examined:
    """
    What a stored event says of itself, the chain not asked. `implied` is the struct that the body implies under the
    signed deadline; None, with `problem`, where it implies none. The digests are None where no domain is known;
    `batch_digest` is that of the batch under whose signature it came, and None for all else.
    """

    event: RecordedEvent
    found_hash: ContentHash | None
    implied: Action | None
    problem: str
    stored_digest: Digest | None
    implied_digest: Digest | None
    batch_digest: Digest | None = None

    @property
    def actions(self) -> tuple[Action, ...]:
        """The stored struct, and the implied one where it differs."""
        stored = self.event.proof.action
        return (stored,) if self.implied is None or self.implied == stored else (stored, self.implied)


@dataclass(frozen=True, slots=True)
class Reading:
    """
    An event with the chain's entry for it. `action` is the struct that the signature covers, as far as can be told,
    else the stored one. `signed_digest` and `signer` are None where the signature covers none of the candidates.
    `co_signed`: whether the second signature, where there is one, covers the same digest. `anchoring`: how its leaf
    stands in the log.
    """

    examined: Examined
    entry: ChainEntry | None
    action: Action
    signed_digest: Digest | None
    signer: KeyId | None
    co_signed: bool = False
    anchoring: Anchoring = NOT_STATED

    @property
    def event(self) -> RecordedEvent:
        """The stored event."""
        return self.examined.event

    @property
    def anchor(self) -> ChainEntry | ChainCheckpoint | None:
        """
        What anchors the event on chain and gives it its key time: its entry, or for a statement without one the first
        checkpoint that covers it.
        """
        if self.entry is not None or not is_stated(self.action):
            return self.entry
        return self.anchoring.covering

    @property
    def refused(self) -> bool:
        """Whether the contract refused it for good, so that it never took effect."""
        return self.entry is None and self.event.state is EntryState.REFUSED

    @property
    def waiting(self) -> bool:
        """Whether it is on its way to the chain."""
        return self.anchor is None and self.event.state in (EntryState.QUEUED, EntryState.SENT)


def examine(event: RecordedEvent, domain: Domain | None) -> Examined:
    """Hashes the body, derives the struct that it implies, and digests both structs. Never raises."""
    stored = event.proof.action
    found: ContentHash | None = None
    implied: Action | None = None
    problem = ""
    try:
        found = content_hash(event.body)
        implied = action_of(event.body, stored.deadline)
    except UNREADABLE as error:
        problem = str(error) or type(error).__name__
    stored_digest = digest_in(domain, stored)
    same = implied is None or implied == stored
    implied_digest = None if same else digest_in(domain, implied)
    return Examined(event, found, implied, problem, stored_digest, implied_digest, batch_digest_of(domain, event.proof))


def attach(examined: Examined, facts: ChainFacts | None, place: LogPlace | None = None) -> Reading:
    """
    Finds the chain's entry for the event, which candidate the signature covers, and whether its leaf is in the log at
    the place stated for it.
    """
    reading = _attach(examined, facts)
    anchoring = anchoring_of(reading.action.content_hash, examined.event.proof, place, facts)
    return replace(reading, anchoring=anchoring)


def _attach(examined: Examined, facts: ChainFacts | None) -> Reading:
    event = examined.event
    entry = _entry_of(examined, facts)
    keys = [event.proof.key_id]
    digests = [examined.stored_digest, examined.implied_digest]
    if entry is not None:
        keys.append(entry.key_id)
        digests.append(entry.digest)
    for candidate in dict.fromkeys(item for item in digests if item is not None):
        for key in dict.fromkeys(keys):
            if is_signed(candidate, key, event.proof, examined.batch_digest):
                by_body = candidate != examined.stored_digest and candidate == examined.implied_digest
                action = examined.implied if by_body and examined.implied is not None else event.proof.action
                return Reading(examined, entry, action, candidate, key, _co_signed(event, candidate))
    return Reading(examined, entry, event.proof.action, None, None)


def _co_signed(event: RecordedEvent, signed: Digest) -> bool:
    co = event.proof.co
    return co is not None and verify(signed, co.key_id, co.scheme, co.signature)


def differences(signed: Action | None, found: Action | None) -> tuple[Difference, ...]:
    """
    Members whose values differ, the content hash and the deadline aside (every change changes the hash, and an event
    has no deadline). Names are those of the EIP-712 struct; a value that one side lacks is "".
    """
    before, after = _flat(signed), _flat(found)
    names = list(dict.fromkeys([*before, *after]))
    return tuple(
        Difference(name, before.get(name, ""), after.get(name, ""))
        for name in names
        if name not in ("contentHash", "deadline") and before.get(name) != after.get(name)
    )


def _entry_of(examined: Examined, facts: ChainFacts | None) -> ChainEntry | None:
    if facts is None:
        return None
    event = examined.event
    for identity in (event.proof.action.content_hash, event.content_hash, examined.found_hash):
        if identity is not None and identity in facts.entries:
            return facts.entries[identity]
    return None


def digest_in(domain: Domain | None, action: Action | None) -> Digest | None:
    """The digest of the struct under that contract; None where either is not known, or the struct cannot be encoded."""
    if domain is None or action is None:
        return None
    try:
        return digest(domain, action)
    except UNREADABLE:
        return None


def _flat(action: Action | None) -> dict[str, str]:
    if action is None:
        return {}
    flat: dict[str, str] = {}

    def walk(name: str, value: object) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                walk(f"{name}.{key}" if name else key, item)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                walk(f"{name}[{index}]", item)
        else:
            flat[name] = str(value)

    try:
        walk("", to_json(action))
    except UNREADABLE:
        return {}
    return flat
