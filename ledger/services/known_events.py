"""
Events of loggers, prepared from their text alone where one like them was prepared before.

A document of 1,000 readings is mostly one event 1,000 times, with other times, values, lots and proofs. Where an event
matches a pattern (`ledger.domain.event_pattern`), what its keys and its words imply was found out with the first of its
kind, by the steps of `ledger.services.preparing`; what its values imply is found out here. All that this road is not
sure of, above all whatever is wrong with an event, goes the long way, which says what is wrong. So this gives what the
long way gives or nothing; a pattern is kept only if it gives for its own event what the long way gave, and property
tests hold the two equal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

import msgspec
import orjson

from ledger.domain.actions import Statement
from ledger.domain.batch_signatures import MOST, batch_digest, is_among, is_batch_signed, path_length, path_of
from ledger.domain.canonical_json import canonical
from ledger.domain.cbv_hash import hash_of, text_of_time, text_of_value
from ledger.domain.content_hash import content_hash_of
from ledger.domain.digital_link import elements_of_uri, lot_of_class
from ledger.domain.epcis import split_document
from ledger.domain.epcis.names import Frozen, frozen_context
from ledger.domain.epcis.quick_rules import keeps_all_rules, names_day
from ledger.domain.epcis.view import Uri
from ledger.domain.errors import InvalidInput
from ledger.domain.event_pattern import (
    BLIND,
    CLASS,
    CONTENT,
    COUNT,
    DEADLINE,
    INDEX,
    KEY,
    PARTY,
    PATH,
    PROOF_KEY,
    ROOT,
    SIGNATURE,
    STATED_LOT,
    STATED_PARTY,
    EventPattern,
    may_have_pattern,
    pattern_of,
)  # fmt: skip
from ledger.domain.identifiers import Digest, KeyId, LotId, LotRef, PartyId
from ledger.domain.json_tree import parse_compact_at, parse_json_object
from ledger.domain.keyed_hash import KeyedHash
from ledger.domain.merkle import TreeHash
from ledger.domain.records import BatchPlace, JsonTree, Scheme, SignatureProof
from ledger.domain.sealing import Policy
from ledger.domain.sealing.quick import leaves_open
from ledger.domain.sensors.units import kind_of, thousandths
from ledger.domain.signatures import verify
from ledger.domain.typed_data import Domain, StatementDigests, lots_hash
from ledger.services.documents import MOST_EVENTS, events_of, is_signed
from ledger.services.preparing import Prepared, Preparing, identified

_MOST_PARTIES, _MOST_BATCHES, _MOST_CONTEXTS, _MOST_PATTERNS, _MOST_OTHERS = 1_024, 256, 16, 8, 8
_LONGEST_AROUND = 16_384
"""Characters around the events of a document."""
LEARNED_FROM = 8
"""Of documents of fewer events no pattern is made: that takes as long as some dozen events."""
_LIST, _PROOF = '"eventList":[', f'"{PROOF_KEY}":{{'.encode()
_LETTER = re.compile("[a-df]")
_REMEMBERED = 2_048
Lots = tuple[tuple[LotRef, ...], tuple[LotId, ...], str, bytes]
"""Lots, their ids, the hex digits that a proof has of them, and the hash of their list."""
_NO_LOTS: Lots = ((), (), "", lots_hash(()))


@dataclass(frozen=True, slots=True)
class _Signer:
    """
    A party whose event matched: its number, what stands of it in the CBV hash, what stands before its requests when
    they are hashed, its statements' digests.
    """

    party: PartyId
    hashed: str
    head: bytes
    digests: StatementDigests


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch whose signature is good."""

    root: TreeHash
    count: int
    key: KeyId
    signature: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """
    The signed events of a document. `context`: the document's; `events`: the reader of the pattern that one matches and
    the match, or the event itself. `unlike`: the first that matches none, as it stands in the document.
    """

    context: object
    events: list[tuple[Reader, re.Match[str]] | JsonTree]
    unlike: JsonTree | None


class KnownEvents:
    """
    The patterns of a process that prepares documents; bounded, so that nobody can fill its memory. `domain`, `secret`
    and `policy` as for `Preparing`.
    """

    def __init__(self, domain: Domain, secret: bytes, policy: Policy) -> None:
        self._domain = domain
        self._identities = KeyedHash(secret)
        self._policy = policy
        self._readers: dict[Frozen, list[Reader]] = {}

    def find(self, data: bytes) -> Found | None:
        """
        The events of a document, as far as they match patterns. None where most match none, or one does not come
        signed, or anything is wrong around them: then nothing is known.
        """
        if (around := _around(data)) is None:
            return None
        text, start, end, context = around
        readers = self._readers.get(frozen_context(context) or ())
        return None if readers is None else _found(text, start, end, readers, context)

    def prepare(
        self, found: Found, first: int, count: int, preparing: Preparing, party: PartyId
    ) -> tuple[list[Prepared | InvalidInput], bool]:
        """So many of the events from the first on, as `Preparing.prepare_strictly` does."""
        prepared: list[Prepared | InvalidInput] = []
        are_sure = True
        for index, known in enumerate(found.events[first : first + count], first):
            one: Prepared | InvalidInput | None = None
            if isinstance(known, tuple):
                reader, match = known
                values = match.groups()
                if (one := reader.prepared(index, values)) is not None:
                    prepared.append(one)
                    continue
            event = _whole(orjson.loads(match[0]), found.context) if isinstance(known, tuple) else known
            (one,), is_sure = preparing.prepare_strictly([event], party, index)
            if isinstance(known, tuple) and is_sure and isinstance(one, Prepared) and self._is_open(event):
                reader.admit(one.party, values)
            are_sure = are_sure and is_sure
            prepared.append(one)
        return prepared, are_sure

    def learn_first(self, data: bytes, preparing: Preparing, party: PartyId) -> None:
        """Keeps the pattern of the first event of a document that came the long way."""
        if data.count(_PROOF) < LEARNED_FROM or (around := _around(data)) is None:
            return
        text, start, _, context = around
        if (read := parse_compact_at(text, start)) is not None:
            self.learn(read[0], context, preparing, party)

    def learn(self, raw: JsonTree, context: object, preparing: Preparing, party: PartyId) -> None:
        """Keeps the pattern of an event, as it stands in a document with that context, if it has one."""
        frozen = frozen_context(context)
        if frozen is None or not may_have_pattern(raw):
            return
        event = _whole(raw, context)
        (one,), is_sure = preparing.prepare_strictly([event], party)
        if not is_sure or not isinstance(one, Prepared) or one.disclosures or not self._is_open(event):
            return
        if not isinstance(one.action, Statement) or (pattern := pattern_of(raw, event["@context"])) is None:
            return
        reader = Reader(pattern, self._domain, self._identities)
        if (match := reader.match(orjson.dumps(raw).decode())) is None:
            return
        reader.admit(one.party, match.groups())
        if reader.prepared(0, match.groups()) != one:
            return
        if len(self._readers) >= _MOST_CONTEXTS and frozen not in self._readers:
            self._readers.clear()
        self._readers[frozen] = [reader, *self._readers.get(frozen, [])][:_MOST_PATTERNS]

    def _is_open(self, event: JsonTree) -> bool:
        bare = {key: value for key, value in event.items() if key != PROOF_KEY}
        return keeps_all_rules(bare) and leaves_open(bare, self._policy.selection(bare))


class Reader:
    """Prepares what matches one pattern."""

    def __init__(self, pattern: EventPattern, domain: Domain, identities: KeyedHash) -> None:
        self.match = pattern.expression.match
        self._pattern = pattern
        self._domain = domain
        self._identity = identities.digest
        self._scheme = Scheme(pattern.scheme)
        self._signers: dict[tuple[str, str], _Signer] = {}
        self._batches: dict[tuple[str, ...], _Batch] = {}
        slots = pattern.slots
        self._party: Callable[[Sequence[str]], tuple[str, str]] = itemgetter(slots[PARTY], slots[STATED_PARTY])
        self._party_at, self._blind = slots[PARTY], slots[BLIND]
        self._content, self._deadline = slots[CONTENT], slots[DEADLINE]
        self._class, self._stated_lot = slots.get(CLASS), slots.get(STATED_LOT)
        self._signed: Callable[[Sequence[str]], tuple[str, ...]]
        self._place: Callable[[Sequence[str]], tuple[str, str]] | None = None
        if PATH in slots:
            self._signed = itemgetter(slots[KEY], slots[SIGNATURE], slots[ROOT], slots[COUNT])
            self._place = itemgetter(slots[INDEX], slots[PATH])
        else:
            self._signed = itemgetter(slots[KEY], slots[SIGNATURE])

    def admit(self, party: PartyId, values: Sequence[str]) -> None:
        """Of what matched with these values, the long way found it to be of that party, and nothing wrong with it."""
        if len(self._signers) >= _MOST_PARTIES:
            self._signers.clear()
        digests = StatementDigests(self._domain, party, self._pattern.step)
        stated = self._party(values)
        self._signers[stated] = _Signer(party, text_of_value(stated[0]), identified(party), digests)

    def prepared(self, index: int, values: Sequence[str]) -> Prepared | None:
        """The event whose text matched with these values; None where that takes the long way."""
        if (signer := self._signers.get(self._party(values))) is None:
            return None
        pattern = self._pattern
        written, hashed = list(values), list(values)
        lots, ids, lots_text, lots_digest = _NO_LOTS
        try:
            for at, kind, unit in pattern.measured:
                written[at] = hashed[at] = _measured(values[at], kind, unit)
            for at in pattern.times:
                hashed[at] = _time(values[at])
            for at in pattern.uris:
                hashed[at] = _uri(values[at])
            if (place := self._class) is not None:
                hashed[place], (lots, ids, lots_text, lots_digest) = _class(values[place])
            blind = values[self._blind]
            # To the hash a blind of digits alone, or with an e among them, is a number.
            if _LETTER.search(blind) is None:
                hashed[self._blind] = text_of_value(blind)
            hashed[self._party_at] = signer.hashed
        except (InvalidInput, ValueError, OverflowError):
            return None
        before, behind = pattern.before(written), pattern.behind(written)
        request = (before + behind).encode()
        content = content_hash_of(request)
        if content.hex() != values[self._content]:
            return None
        if lots_text != ("" if self._stated_lot is None else values[self._stated_lot]):
            return None
        deadline, word = _deadline(values[self._deadline])
        digest = signer.digests.digest(lots_digest, content, word)
        action = Statement(signer.party, pattern.step, ids, content, deadline)
        if (proof := self._proof(action, digest, values)) is None:
            return None
        event_id = hash_of(pattern.hashed(hashed))
        return Prepared(
            index=index,
            party=signer.party,
            request_mac=self._identity(signer.head + request),
            stored=f'{before}"eventID":"{event_id}",{behind}'.encode(),
            event_id=event_id,
            is_declaration=False,
            action=action,
            digest=digest,
            payload=b"",
            lots=lots,
            proof=proof,
            proof_form=pattern.proof_form(written).encode(),
        )

    def _proof(self, action: Statement, digest: Digest, values: Sequence[str]) -> SignatureProof | None:
        """The proof, if its key signed the digest, or the batch in which it is."""
        signed = self._signed(values)
        if self._place is None:
            key, signature = _key(signed[0]), bytes.fromhex(signed[1])
            is_good = verify(digest, key, self._scheme, signature)
            return SignatureProof(action, key, self._scheme, signature) if is_good else None
        batch = self._batches.get(signed) or self._batch(action, signed)
        if batch is None:
            return None
        number, text = self._place(values)
        index, path = int(number), path_of(text)
        if path is None or index >= batch.count or len(path) != path_length(index, batch.count):
            return None
        place = BatchPlace(batch.root, batch.count, index, path)
        if not is_among(digest, place):
            return None
        return SignatureProof(action, batch.key, self._scheme, batch.signature, None, place)

    def _batch(self, action: Statement, signed: tuple[str, ...]) -> _Batch | None:
        """The batch with that key, signature, root and count, if the key signed it."""
        key, signature, root, count = (
            _key(signed[0]),
            bytes.fromhex(signed[1]),
            bytes.fromhex(signed[2]),
            int(signed[3]),
        )
        if not 1 <= count <= MOST:
            return None
        batch = _Batch(TreeHash(root), count, key, signature)
        proof = SignatureProof(action, key, self._scheme, signature)
        if not is_batch_signed(batch_digest(self._domain, batch.root, count), key, proof):
            return None
        if len(self._batches) >= _MOST_BATCHES:
            self._batches.clear()
        self._batches[signed] = batch
        return batch


def _found(text: str, start: int, end: int, readers: Sequence[Reader], context: object) -> Found | None:
    """The events that stand in the text from `start` to `end`."""
    found: list[tuple[Reader, re.Match[str]] | JsonTree] = []
    unlike: JsonTree | None = None
    others, at = 0, start
    while len(found) < MOST_EVENTS:
        for reader in readers:
            if (match := reader.match(text, at)) is not None:
                found.append((reader, match))
                at = match.end()
                if reader is not readers[0]:  # the next event is mostly like this one
                    readers = [reader, *(one for one in readers if one is not reader)]
                break
        else:
            if (read := parse_compact_at(text, at)) is None:
                return None
            raw, at = read
            event = _whole(raw, context)
            others += 1
            if others > _MOST_OTHERS + len(found) // 2 or not is_signed(event):
                return None
            unlike = raw if unlike is None else unlike
            found.append(event)
        if at == end:
            return Found(context, found, unlike)
        if text[at] != ",":
            return None
        at += 1
    return None


def _around(data: bytes) -> tuple[str, int, int, object] | None:
    """
    The text of a document, where its events begin and end, and its context; None where there is no list of events, or
    anything is wrong around it.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    start, end = text.find(_LIST) + len(_LIST), text.rfind("]")
    if start < len(_LIST) or len(text) - end + start > _LONGEST_AROUND:
        return None
    head, tail = text[:start], text[end:]
    try:
        tree = parse_json_object(head + tail)
        with_one = parse_json_object(f"{head}{{}}{tail}")
        # Something stands in the list if and only if it stands there.
        if tree.get("type") != "EPCISDocument" or (_list_of(tree), _list_of(with_one)) != ([], [{}]):
            return None
        (event,) = events_of(with_one)
    except InvalidInput:
        return None
    return text, start, end, event["@context"]


def _whole(raw: JsonTree, context: object) -> JsonTree:
    """The event with its context, as it stands in a document that has that context."""
    (event,) = split_document({"type": "EPCISDocument", "@context": context, "epcisBody": {"eventList": [raw]}})
    return event


def _list_of(tree: JsonTree) -> object:
    body = tree.get("epcisBody")
    return body.get("eventList") if isinstance(body, dict) else None


# ------------------------------------------------------------------------- what values imply; most come again and again


@lru_cache(maxsize=_REMEMBERED)
def _measured(text: str, kind: str, unit: object) -> str:
    """The RFC 8785 form of a number, which is what stands of it in the CBV hash too; `ValueError` where it is not."""
    value = orjson.loads(text)
    form = canonical(value).decode()
    if text_of_value(value) != form:
        raise ValueError
    if (read := kind_of(kind)) is not None:
        thousandths(read, value, unit, "")
    return form


def _time(text: str) -> str:
    """What stands of a time in the CBV hash."""
    if not names_day(text):
        raise ValueError
    return text_of_time(text)


@lru_cache(maxsize=_REMEMBERED)
def _uri(text: str) -> str:
    """What stands of a URI in the CBV hash."""
    msgspec.convert(text, Uri)
    if not text.startswith(("https://", "http://", "urn:")):
        raise ValueError
    elements_of_uri(text)
    return text_of_value(text)


@lru_cache(maxsize=_REMEMBERED)
def _class(text: str) -> tuple[str, Lots]:
    """The same of a class of things, and the lots that it names: one or none."""
    lot = lot_of_class(text)
    if lot is None:
        return _uri(text), _NO_LOTS
    return _uri(text), ((lot,), (lot.id,), lot.id.hex(), lots_hash((lot.id,)))


@lru_cache(maxsize=256)
def _deadline(text: str) -> tuple[int, bytes]:
    """A time in Unix seconds, and the same in 32 bytes."""
    return int(text), int(text).to_bytes(32, "big")


@lru_cache(maxsize=256)
def _key(text: str) -> KeyId:
    """A key by its hex digits."""
    return KeyId(bytes.fromhex(text))
