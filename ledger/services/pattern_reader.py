"""
An event whose text matched a pattern, prepared from its values; no I/O.

What the keys and the words of the event imply was found out when the pattern was made, and when its party's first
event came; what its values imply is found out here, by the functions that the long way asks too
(`ledger.services.preparing`). Anything that is wrong, or not sure, makes it None: then the long way says what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import itemgetter

import msgspec
import orjson

from ledger.domain.actions import Statement
from ledger.domain.batch_signatures import MOST, batch_digest, is_among, is_batch_signed, path_of
from ledger.domain.canonical_json import canonical
from ledger.domain.cbv_hash import hash_of, text_of_time, text_of_value
from ledger.domain.content_hash import content_hash_of
from ledger.domain.digital_link import elements_of_uri, lot_of_class
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
    LOCATION,
    PARTY,
    PATH,
    READ_POINT,
    ROOT,
    SIGNATURE,
    STATED_LOT,
    STATED_PARTY,
    TIME,
    EventPattern,
)  # fmt: skip
from ledger.domain.identifiers import Digest, KeyId, LotId, LotRef, PartyId
from ledger.domain.keyed_hash import KeyedHash
from ledger.domain.merkle import TreeHash
from ledger.domain.records import BatchPlace, JsonTree, Scheme, SignatureProof
from ledger.domain.searched import Searched, event_time_of, searched_of
from ledger.domain.sensors.units import kind_of, thousandths
from ledger.domain.signatures import verify
from ledger.domain.typed_data import Domain, StatementDigests, lots_hash
from ledger.services.preparing import Prepared, identified

_MOST_PARTIES, _MOST_BATCHES, _REMEMBERED = 128, 32, 2_048
_LETTER = re.compile("[a-df]")
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


class PatternReader:
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
        self._time, self._places = slots[TIME], (slots.get(READ_POINT), slots.get(LOCATION))
        self._searched = lru_cache(maxsize=256)(partial(_searched, pattern.words))
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
                hashed[at] = text_of_time(values[at])  # `ValueError`: there is no such day
            for at in pattern.uris:
                hashed[at] = _uri(values[at])
            if (place := self._class) is not None:
                hashed[place], (lots, ids, lots_text, lots_digest) = _class(values[place])
            blind = values[self._blind]
            # To the hash a blind of digits alone, or with an e among them, is a number.
            if _LETTER.search(blind) is None:
                hashed[self._blind] = text_of_value(blind)
            hashed[self._party_at] = signer.hashed
        except (InvalidInput, ValueError, ArithmeticError):
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
            event_time=event_time_of({"eventTime": values[self._time]}),
            searched=self._searched(*(None if at is None else values[at] for at in self._places)),
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
        if (path := path_of(text)) is None:
            return None
        place = BatchPlace(batch.root, batch.count, int(number), path)
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


# ------------------------------------------------------------------------- what values imply; most come again and again


def _searched(words: JsonTree, read_point: str | None, location: str | None) -> Searched:
    """What an event with these words and places is searched by."""
    return searched_of({**words, "readPoint": {"id": read_point}, "bizLocation": {"id": location}})


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
