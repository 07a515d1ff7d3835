"""
A guessing test: with everything public in hand, a sealed telephone number is not found by trying all of them.

Public are the sealed event with its blind, its content hash, the signed struct, and what log and proofs say: hashes of
these. A guesser may use every spelling of a disclosure that fits, but has no salt. The same search finds the
number where it was sealed without one, and where the salt is a public value: so it would find a mistake of ours.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator

import event_builders as b
import pytest
from ledger_fixture import LEDGER_DOMAIN, SECRET, FixedClock

from ledger.domain.action_json import to_json
from ledger.domain.binding import action_of
from ledger.domain.canonical_json import canonical
from ledger.domain.content_hash import content_hash
from ledger.domain.merkle import hash_leaf
from ledger.domain.records import JsonTree
from ledger.domain.sealing import DEFAULT, seal
from ledger.domain.sealing.disclosures import to_base64url
from ledger.services.preparing import Preparing

PREFIX = "1391234"
CANDIDATES = [f"{PREFIX}{number:04d}" for number in range(10_000)]
PHONE = CANDIDATES[5678]
NAME = "silkroot:phone"


def sealed_with(new_salt: Callable[[], bytes]) -> JsonTree:
    """The event as it is published, its telephone number sealed with that salt."""
    return seal({**b.harvest(), NAME: PHONE}, DEFAULT, new_salt).event


def published() -> JsonTree:
    """As the running ledger seals it."""
    event = {key: value for key, value in b.harvest().items() if key != "silkroot:blind"}
    return Preparing(FixedClock(), LEDGER_DOMAIN, SECRET).prepare(0, {**event, NAME: PHONE}, None).body


def public_values(event: JsonTree) -> dict[str, bytes]:
    """What a guesser could take for a salt: all that is public and random, or made from it."""
    content = content_hash(event)
    struct = canonical(to_json(action_of(event, 1_790_000_000)))
    values = {
        "none": b"",
        "zeros": bytes(16),
        "blind": bytes.fromhex(event["silkroot:blind"]),
        "content hash": content,
        "half a content hash": content[:16],
        "struct": hashlib.sha256(struct).digest(),
        "leaf": hash_leaf(content + hashlib.sha256(struct).digest()),
        "eventID": str(event.get("eventID", "")).encode(),
        "event": hashlib.sha256(canonical(event)).digest(),
    }
    return values


def forms(event: JsonTree) -> list[str]:
    """What a disclosure of a number could be as JSON, with each public value as its salt, and without any."""
    salts = [to_base64url(salt) for salt in public_values(event).values()]
    members = [f'["{salt}","{NAME}","%s"]' for salt in salts]
    return [*members, *(f'["{salt}","%s"]' for salt in salts), f'["{NAME}","%s"]', '["%s"]', "%s"]


def found(event: JsonTree, candidates: list[str]) -> list[str]:
    """The candidates of which a guess is a digest that the event shows."""
    standing = {base64.urlsafe_b64decode(digest + "=") for digest in event["silkroot:sealed"]}
    tried = forms(event)
    assert len(tried) > 15
    return [number for number in candidates if not standing.isdisjoint(digests(tried, number))]


def digests(tried: list[str], number: str) -> Iterator[bytes]:
    """The digest of the disclosure in each form."""
    for form in tried:
        text = base64.urlsafe_b64encode((form % number).encode()).rstrip(b"=")
        yield hashlib.sha256(text).digest()


def test_the_number_is_not_found_by_trying_all() -> None:
    event = published()
    assert PHONE not in canonical(event).decode()
    assert found(event, CANDIDATES) == []


@pytest.mark.parametrize("salt", ["zeros", "blind"])
def test_the_same_search_finds_a_number_whose_salt_is_public(salt: str) -> None:
    known = public_values(b.harvest())[salt]
    assert found(sealed_with(lambda: known), CANDIDATES) == [PHONE]


def test_the_same_search_finds_a_number_that_was_hashed_without_a_salt() -> None:
    text = to_base64url(canonical([NAME, PHONE]))
    digest = to_base64url(hashlib.sha256(text.encode()).digest())
    assert found({**b.harvest(), "silkroot:sealed": [digest]}, CANDIDATES) == [PHONE]


def test_two_sealings_of_one_number_have_nothing_in_common() -> None:
    first, second = published(), published()
    assert set(first["silkroot:sealed"]).isdisjoint(second["silkroot:sealed"])
