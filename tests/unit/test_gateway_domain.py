"""What a gateway decides by itself: forms of topics, events of a payload, and whose key signed for a device."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from presigned_events import b, carrying, presign, proof_of
from presigned_vectors import CHAIN_ID, CONTRACT
from signing_keys import p256_key, signing_key

from ledger.domain.errors import InvalidInput
from ledger.domain.gateway.devices import Admission, Device, DeviceTable
from ledger.domain.gateway.payloads import PayloadLimits, events_of_payload
from ledger.domain.gateway.topics import Place, TopicTemplate
from ledger.domain.identifiers import KeyId
from ledger.domain.typed_data import Domain

TEMPLATE = TopicTemplate.parse("silkroot/{party}/{device}/events")
DOMAIN = Domain.of_ledger(CHAIN_ID, CONTRACT)
KEY, PHONE, OTHER = signing_key(71), p256_key(72), signing_key(73)
FARM = f"{b.FARM:013d}"
HERE = Place(FARM, "logger-7")
TABLE = DeviceTable({"logger-7": Device(b.FARM, frozenset({KEY.id, PHONE.id}))})
ADMISSION = Admission(TABLE, DOMAIN)


def rule_of(error: pytest.ExceptionInfo[InvalidInput]) -> tuple[str, str, str]:
    (violation,) = error.value.violations
    return violation.field, violation.rule, violation.value


# --- topics


@given(st.lists(st.text(st.characters(blacklist_characters="/+#{}$\0", codec="utf-8"), max_size=5), min_size=1))
def test_a_topic_of_the_form_says_its_levels(levels: list[str]) -> None:
    text = "/".join(["head", *levels, "{device}", "{party}"])
    template = TopicTemplate.parse(text)
    assert template.filter == "/".join(["head", *levels, "+", "+"])
    topic = "/".join(["head", *levels, "d 1", "p+"])
    assert template.place(topic) == Place("p+", "d 1")
    with pytest.raises(InvalidInput, match=r"gateway\.topic"):
        template.place(topic + "/more")


@pytest.mark.parametrize(
    "topic",
    ["", "silkroot", "silkroot/1/2/other", "Silkroot/1/2/events", "silkroot//2/events", "silkroot/1//events",
     "silkroot/1/2/events/", "/silkroot/1/2/events"],
)  # fmt: skip
def test_a_topic_of_another_form_says_nothing(topic: str) -> None:
    with pytest.raises(InvalidInput) as error:
        TEMPLATE.place(topic)
    assert rule_of(error) == ("topic", "gateway.topic", topic)


@pytest.mark.parametrize(
    "text",
    ["", "a/#", "+/b", "a/b+", "a/{party}/{party}", "a/{device}/x/{device}", "a/x{party}", "a/{lot}", "$SYS/{party}",
     "a\0b", "x" * 1_001],
)  # fmt: skip
def test_what_is_no_form_of_topics(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"gateway\.template"):
        TopicTemplate.parse(text)


# --- payloads


def test_a_payload_is_an_event_or_several() -> None:
    one, two = presign(b.inspection(), KEY), b.harvest()
    assert events_of_payload(json.dumps(one).encode(), PayloadLimits()) == [one]
    assert events_of_payload(json.dumps([one, two]).encode(), PayloadLimits()) == [one, two]


EVENT = b'{"type": "ObjectEvent"}'


@pytest.mark.parametrize(
    ("payload", "field", "rule"),
    [
        (b"", "", "json.syntax"),
        (b"\xff", "", "json.syntax"),
        (EVENT[:-1], "", "json.syntax"),
        (b'{"type": "ObjectEvent", "type": "ObjectEvent"}', "", "json.duplicate-key"),
        (b"[" * 65 + b"]" * 65, "", "json.depth"),
        (b"7", "/type", "gateway.form"),
        (b'{"type": "EPCISDocument"}', "/type", "gateway.form"),
        (b'{"type": ["ObjectEvent"]}', "/type", "gateway.form"),
        (b"[" + EVENT + b", 7]", "/1/type", "gateway.form"),
        (b"[" + EVENT + b", [" + EVENT + b"]]", "/1/type", "gateway.form"),
        (b"[]", "", "gateway.count"),
        (b"[" + b",".join([EVENT] * 4) + b"]", "", "gateway.count"),
        (b" " * 1_001, "", "gateway.size"),
    ],
)
def test_a_payload_that_is_refused(payload: bytes, field: str, rule: str) -> None:
    with pytest.raises(InvalidInput) as error:
        events_of_payload(payload, PayloadLimits(bytes=1_000, events=3))
    assert rule_of(error)[:2] == (field, rule)


# --- devices


@pytest.mark.parametrize("key", [KEY, PHONE])
def test_an_event_with_a_key_of_its_device_passes(key: Any) -> None:
    ADMISSION.check(HERE, presign(b.inspection(), key))


@pytest.mark.parametrize("key", [OTHER, p256_key(74)])
def test_a_key_of_another_device_is_refused(key: Any) -> None:
    with pytest.raises(InvalidInput) as error:
        ADMISSION.check(HERE, presign(b.inspection(), key))
    assert rule_of(error) == ("/silkroot:proof/signature", "gateway.other-key", "0x" + key.id.hex())


def test_the_key_is_recovered_and_not_believed() -> None:
    proof = proof_of(b.inspection(), OTHER)
    liar = carrying(b.inspection(), proof)
    liar["silkroot:proof"] = {**liar["silkroot:proof"], "keyId": "0x" + KEY.id.hex()}
    with pytest.raises(InvalidInput) as error:
        ADMISSION.check(HERE, liar)
    assert rule_of(error)[1:] == ("gateway.other-key", "0x" + OTHER.id.hex())


def test_the_same_signature_for_another_ledger_is_of_another_key() -> None:
    elsewhere = Admission(TABLE, Domain.of_ledger(CHAIN_ID + 1, CONTRACT))
    with pytest.raises(InvalidInput, match=r"gateway\.other-key"):
        elsewhere.check(HERE, presign(b.inspection(), KEY))


@pytest.mark.parametrize("signature", ["0x" + "00" * 65, "0x" + "11" * 64])
def test_bytes_that_are_no_signature_are_refused(signature: str) -> None:
    event = presign(b.inspection(), KEY)
    event["silkroot:proof"] = {**event["silkroot:proof"], "signature": signature}
    with pytest.raises(InvalidInput) as error:
        ADMISSION.check(HERE, event)
    assert rule_of(error)[:2] == ("/silkroot:proof/signature", "proof.signature")


def test_a_malformed_proof_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"proof\.form"):
        ADMISSION.check(HERE, {**b.inspection(), "silkroot:proof": []})


def test_an_event_of_another_party_than_the_topic_or_the_table_says() -> None:
    event = presign(b.inspection(party=b.HUB), KEY)
    for admission, place in ((Admission(), HERE), (ADMISSION, Place("", "logger-7"))):
        with pytest.raises(InvalidInput) as error:
            admission.check(place, event)
        assert rule_of(error) == ("/silkroot:party", "gateway.party", f"{b.HUB:013d}")


def test_a_topic_whose_party_is_none() -> None:
    with pytest.raises(InvalidInput, match="topic"):
        Admission().check(Place("the-farm", "x"), presign(b.inspection(), KEY))


def test_devices_that_the_table_does_not_name() -> None:
    place, event = Place(FARM, "logger-8"), presign(b.inspection(), OTHER)
    ADMISSION.check(place, event)
    strict = Admission(DeviceTable(TABLE.devices, refuse_unlisted=True), DOMAIN)
    with pytest.raises(InvalidInput) as error:
        strict.check(place, event)
    assert rule_of(error) == ("topic", "gateway.device", "logger-8")


def test_unsigned_events_pass_only_where_they_may() -> None:
    event, unlisted = b.inspection(), Place(FARM, "logger-8")
    for admission, place in ((ADMISSION, unlisted), (Admission(TABLE, DOMAIN, unsigned=True), HERE)):
        with pytest.raises(InvalidInput) as error:
            admission.check(place, event)
        assert rule_of(error) == ("/silkroot:proof", "gateway.unsigned", "")
    Admission(TABLE, DOMAIN, unsigned=True).check(unlisted, event)
    nameless = {name: value for name, value in event.items() if name != "silkroot:party"}
    with pytest.raises(InvalidInput, match=r"silkroot\.party"):
        Admission(unsigned=True).check(unlisted, nameless)
    Admission(unsigned=True).check(Place("", "logger-8"), nameless)


def test_keys_cannot_be_checked_without_a_domain() -> None:
    with pytest.raises(ValueError, match="domain"):
        Admission(TABLE).check(HERE, presign(b.inspection(), KEY))


def test_a_table_names_keys_in_three_ways() -> None:
    keys = ["0x" + KEY.address.hex(), "0x" + PHONE.point.hex().upper(), "0x" + OTHER.id.hex()]
    table = DeviceTable.from_tree({"unlisted": "refuse", "devices": {"a": {"party": FARM, "keys": keys}}})
    assert table == DeviceTable({"a": Device(b.FARM, frozenset({KEY.id, PHONE.id, KeyId(OTHER.id)}))}, True)
    assert DeviceTable.from_tree({}) == DeviceTable()


@pytest.mark.parametrize(
    ("tree", "field"),
    [
        ({"device": {}}, "/device"),
        ({"unlisted": "accept"}, "/unlisted"),
        ({"devices": []}, "/devices"),
        ({"devices": {"a": 7}}, "/devices/a"),
        ({"devices": {"a": {"party": FARM}}}, "/devices/a"),
        ({"devices": {"a": {"party": FARM, "keys": ["0x" + "11" * 20], "key": ""}}}, "/devices/a"),
        ({"devices": {"a": {"party": FARM, "keys": []}}}, "/devices/a/keys"),
        ({"devices": {"a": {"party": FARM, "keys": "0x" + "11" * 20}}}, "/devices/a/keys"),
        ({"devices": {"a": {"party": FARM, "keys": ["0x" + "11" * 21]}}}, "/devices/a/keys"),
        ({"devices": {"a": {"party": FARM, "keys": ["11" * 20]}}}, "/devices/a/keys"),
        ({"devices": {"a": {"party": FARM, "keys": [7]}}}, "/devices/a/keys"),
        ({"devices": {"a": {"party": 7, "keys": ["0x" + "11" * 20]}}}, "/devices/a/party"),
        ({"devices": {"a": {"party": "9520001000011", "keys": ["0x" + "11" * 20]}}}, "/devices/a/party"),
    ],
)
def test_what_is_no_table(tree: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        DeviceTable.from_tree(tree)
    assert rule_of(error)[0] == field
