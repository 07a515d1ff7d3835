"""
Two readers, one answer: whatever an event, a JSON text, a struct or a signature is, the verifier in TypeScript says of
it what Python says; rule and field of a refusal included.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from action_strategies import struct_values
from event_mutations import FORMS, ODD, tampered_events
from hypothesis import strategies as st
from shared_answers import ROUNDS, agree, answer, drawn
from web_library import ask

from ledger.domain.action_json import from_json, to_json
from ledger.domain.actions import ACTIONS, cosigner_of, signer_of
from ledger.domain.binding import action_of, lots_of
from ledger.domain.canonical_json import canonical
from ledger.domain.json_tree import parse_json, parse_json_object
from ledger.domain.typed_data import Domain, digest

DEADLINE = 1_790_000_000
CHAIN_ID, LEDGER = 31337, "0x5fbdb2315678afecb367f032d93f642f64180aa3"


def bound(text: str) -> dict[str, Any]:
    def read() -> dict[str, Any]:
        event = parse_json_object(text)
        action = action_of(event, DEADLINE)
        return {"action": to_json(action), "lots": ["0x" + ref.id.hex() for ref in lots_of(event)]}

    return answer(read)


def test_tampered_events(library: Path) -> None:
    texts = drawn(tampered_events())
    expected = [bound(text) for text in texts]
    agree(texts, expected, ask(library, [{"ask": "bind", "text": text, "deadline": DEADLINE} for text in texts]))
    rules = Counter(one.get("rule") for one in expected)
    assert rules[None] > ROUNDS // 20, "some still bind"
    assert len(rules) > 20, "and the others are refused for many reasons"


@pytest.mark.parametrize("path", ["epcClass", "party", "place", "time"])
def test_odd_values_where_names_stand(library: Path, path: str) -> None:
    """Every odd text as the name of a lot, a party, a place, a time."""
    texts = [json.dumps(_with(path, value)) for value in ODD if isinstance(value, str)]
    expected = [bound(text) for text in texts]
    agree(texts, expected, ask(library, [{"ask": "bind", "text": text, "deadline": DEADLINE} for text in texts]))


def _with(path: str, value: str) -> dict[str, Any]:
    event = json.loads(json.dumps(FORMS[0] if path != "party" else FORMS[3]))
    match path:
        case "epcClass":
            event["quantityList"][0]["epcClass"] = value
        case "party":
            event["destinationList"][0]["destination"] = value
        case "place":
            event["readPoint"]["id"] = value
        case "time":
            event["eventTime"] = value
    return event  # type: ignore[no-any-return]


numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**54), 2**54) | st.floats(-1e6, 1e6)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
broken = st.text('{}[]":,0123456789.eE+-truefalsn \\u', max_size=14)


def test_json_texts(library: Path) -> None:
    texts = [*map(json.dumps, drawn(json_values)), *drawn(broken)]
    expected = [answer(lambda text=text: {"canonical": canonical(parse_json(text)).decode()}) for text in texts]  # type: ignore[misc]
    agree(texts, expected, ask(library, [{"ask": "parse", "text": text} for text in texts]))
    assert {"json.number", "json.syntax", None} <= {one.get("rule") for one in expected}


def test_masses(library: Path) -> None:
    """The decimal that a number prints as is the mass, whatever its double is."""
    units = st.sampled_from(["KGM", "GRM", "TNE"])
    grams = st.integers(0, 10**12).map(lambda value: value / 1000) | st.integers(1, 10**15) | st.floats(1e-9, 1e9)
    texts = []
    for quantity, uom in drawn(st.tuples(grams, units)):
        event = json.loads(json.dumps(FORMS[0]))
        event["quantityList"][0] |= {"quantity": quantity, "uom": uom}
        texts.append(json.dumps(event))
    expected = [bound(text) for text in texts]
    agree(texts, expected, ask(library, [{"ask": "bind", "text": text, "deadline": DEADLINE} for text in texts]))
    assert {"mass.whole-grams", None} <= {one.get("rule") for one in expected}


def test_digests_of_random_actions(library: Path) -> None:
    actions = drawn(st.sampled_from(ACTIONS).flatmap(struct_values))
    domain = Domain.of_ledger(CHAIN_ID, bytes.fromhex(LEDGER[2:]))
    texts = [json.dumps(to_json(action)) for action in actions]
    questions = [{"ask": "digest", "text": text, "chainId": str(CHAIN_ID), "ledger": LEDGER} for text in texts]
    for action, text, told in zip(actions, texts, ask(library, questions), strict=True):
        assert told["digest"] == "0x" + digest(domain, action).hex(), text
        assert told["kind"] == int(type(action).KIND)
        assert told["signer"] == str(signer_of(action))
        second = cosigner_of(action)
        assert told["cosigner"] == (None if second is None else str(second))
        assert told["action"] == to_json(action)


def test_actions_in_other_forms(library: Path) -> None:
    def tampered(draw: Any) -> str:
        tree = to_json(draw(st.sampled_from(ACTIONS).flatmap(struct_values)))
        key = draw(st.sampled_from(sorted(tree)))
        tree[key] = draw(st.sampled_from([*ODD, tree["contentHash"].upper(), "0" * 20, "1" + "0" * 20, "65536"]))
        return json.dumps(tree)

    texts = drawn(st.composite(tampered)())
    expected = [answer(lambda text=text: {"action": to_json(from_json(json.loads(text)))}) for text in texts]  # type: ignore[misc]
    questions = [{"ask": "digest", "text": text, "chainId": "1", "ledger": LEDGER} for text in texts]
    for text, theirs, ours in zip(texts, expected, ask(library, questions), strict=True):
        assert {name: ours[name] for name in theirs if name in ours} == theirs, text
