"""What the browser signs is accepted by the ledger, and it signs nothing but what an event implies."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import event_builders as b
import pytest
from signing_keys import P256_ORDER, P256Key, p256_key
from web_library import ask_signer, bundle_library

from ledger.domain.action_json import to_json as action_to_json
from ledger.domain.binding import action_of
from ledger.domain.canonical_json import canonical
from ledger.domain.content_hash import content_hash
from ledger.domain.presigned import presigned_of
from ledger.domain.records import JsonTree
from ledger.domain.sealing import Entry, Policy, seal
from ledger.domain.signatures import verify
from ledger.domain.typed_data import Domain, digest
from ledger.services.signed_events import check_presigned

CONTRACT = bytes.fromhex("11" * 20)
DOMAIN = Domain.of_ledger(31337, CONTRACT)
DEPLOYMENT = {"chainId": 31337, "produceLedger": "0x" + CONTRACT.hex()}
DEADLINE = int(time.time()) + 86_400
KEY = p256_key(72)
PERSON = {"id": "p-7", "name": "Aygul"}
SEALING = Policy((Entry(("person",)),))


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle_library(tmp_path_factory.mktemp("signing"), "signing")


def device(key: P256Key = KEY, party: int = b.FARM, **changed: Any) -> dict[str, Any]:
    """The record of a key on a device; its halves as JWK."""
    x, y, d = (
        base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (key.point[:32], key.point[32:], key.secret)
    )
    public = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
    record = {"person": PERSON["id"], "party": f"{party:013d}", "name": "Aygul", "keyId": "0x" + key.id.hex()}
    return {**record, "private": {**public, "d": d}, "public": public, **changed}


def text(tree: object) -> str:
    return canonical(tree).decode()


def sealed_harvest(person: object = PERSON) -> tuple[JsonTree, list[str]]:
    sealed = seal({**b.harvest(), "silkroot:person": person}, SEALING, iter_salts().__next__)
    return sealed.event, [one.text for one in sealed.disclosures]


def iter_salts() -> Any:
    return (bytes([number]) * 16 for number in range(1, 200))


def signing(event: JsonTree, disclosures: Sequence[str] = (), **changed: Any) -> dict[str, Any]:
    return {
        "ask": "sign", "key": device(), "text": text(event), "deadline": DEADLINE, "disclosures": list(disclosures),
        "deployment": DEPLOYMENT, **changed,
    }  # fmt: skip


def drafting(
    event: JsonTree, disclosures: Sequence[str], changed: JsonTree | None = None, **more: Any
) -> dict[str, Any]:
    action = action_of(event, DEADLINE)
    draft = {
        "event": event, "disclosures": list(disclosures), "action": action_to_json(action),
        "digest": "0x" + digest(DOMAIN, action).hex(), **(changed or {}),
    }  # fmt: skip
    asked = {"ask": "draft", "key": device(), "draft": text(draft), "deployment": DEPLOYMENT}
    return {**asked, "expectation": {"type": "Harvest", "grams": "1000000"}, **more}


def test_what_the_browser_signs_is_accepted(signer: Path) -> None:
    event, disclosures = sealed_harvest()
    plain = b.harvest() | {"eventID": "urn:uuid:0b1e2f3a-0000-4000-8000-000000000001"}
    answers = ask_signer(signer, [signing(event, disclosures), signing(plain), drafting(event, disclosures)])
    for answer, unsigned in zip(answers, (event, plain, event), strict=True):
        given = presigned_of(json.loads(answer["sent"]))
        assert given is not None
        assert given.event == unsigned
        checked = check_presigned(given, DOMAIN, SEALING, iter_salts().__next__)
        assert checked.party == b.FARM
        assert answer["digest"] == "0x" + checked.digest.hex()
        assert answer["hash"] == "0x" + content_hash(unsigned).hex()
        assert json.loads(answer["action"]) == action_to_json(given.proof.action)
        assert verify(checked.digest, KEY.id, KEY.scheme, given.proof.signature)
        assert len(given.proof.signature) == 128


def test_members_are_sealed_as_the_ledger_does(signer: Path) -> None:
    event = {**b.harvest(), "silkroot:person": PERSON, "silkroot:paper": {"entered": "阿依古丽"}}
    policy = Policy((Entry(("person", "paper")),))
    expected = seal(event, policy, iter_salts().__next__)
    salts = [(bytes([number]) * 16).hex() for number in (1, 2)]
    names = ["silkroot:person", "silkroot:paper", "silkroot:absent"]
    (answer,) = ask_signer(signer, [{"ask": "seal", "text": text(event), "names": names, "salts": salts}])
    # The canonical form has other members first, so the salts go the other way round.
    reversed_order = seal(json.loads(text(event)), policy, iter_salts().__next__)
    assert json.loads(answer["event"]) == reversed_order.event
    assert answer["disclosures"] == [one.text for one in reversed_order.disclosures]
    assert len(expected.disclosures) == 2


def test_s_is_brought_into_the_lower_half(signer: Path) -> None:
    r, s = bytes([7]) * 32, P256_ORDER - 5
    questions = [{"ask": "lows", "raw": (r + value.to_bytes(32, "big")).hex()} for value in (s, 5)]
    low = (r + (5).to_bytes(32, "big")).hex()
    assert ask_signer(signer, questions) == [{"low": low}, {"low": low}]


def refusals() -> list[tuple[str, dict[str, Any]]]:
    event, disclosures = sealed_harvest()
    other, others = sealed_harvest({"id": "p-8", "name": "Tursun"})
    action = action_to_json(action_of(event, DEADLINE))
    no_blind = {name: value for name, value in b.harvest().items() if name != "silkroot:blind"}
    return [
        ("signing.party", signing(event, disclosures, key=device(party=b.PACKING_HOUSE))),
        ("signing.blind", signing(no_blind)),
        ("signing.deadline", signing(event, disclosures, deadline=int(time.time()) + 30)),
        ("signing.person", signing(other, others)),
        ("disclosure.foreign", signing(event, others)),
        ("signing.key", signing(event, disclosures, key=device(keyId="0x" + "ab" * 32))),
        ("signing.key", signing(event, disclosures, key=device(private=device(p256_key(73))["private"]))),
        ("signing.deployment", signing(event, disclosures, deployment={"chainId": 31337})),
        ("signing.differs", drafting(event, disclosures, {"action": {**action, "grams": "2000000"}})),
        ("signing.differs", drafting(event, disclosures, {"action": {**action, "contentHash": "0x" + "00" * 32}})),
        ("signing.differs", drafting({**event, "silkroot:season": 2025}, disclosures, {"action": action})),
        ("signing.digest", drafting(event, disclosures, {"digest": "0x" + "00" * 32})),
        ("signing.expected", drafting(event, disclosures, expectation={"type": "Harvest", "grams": "1"})),
        ("signing.expected", drafting(event, disclosures, expectation={"type": "Intake"})),
        ("signing.expected", drafting(event, disclosures, expectation={"type": "Harvest", "weight": "1000000"})),
    ]


def test_it_refuses_to_sign_anything_else(signer: Path) -> None:
    cases = refusals()
    answers = ask_signer(signer, [question for _, question in cases])
    assert [answer.get("rule") for answer in answers] == [rule for rule, _ in cases]
