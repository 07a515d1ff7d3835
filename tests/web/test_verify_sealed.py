"""
Sealed events read by both: the verifier in TypeScript shows, withholds and refuses what Python does, whatever is
sealed, given, left out, altered, or put by a signer where nothing may be sealed.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

from event_builders import BUILDERS
from hypothesis import strategies as st
from shared_answers import agree, answer, drawn
from web_library import ask

from ledger.domain.canonical_json import canonical
from ledger.domain.epcis.members import STANDARD_MEMBERS
from ledger.domain.json_tree import parse_json_object
from ledger.domain.own_members import NAMESPACE, OWN_MEMBERS
from ledger.domain.sealing import DEFAULT, Entry, Policy, open_sealed, seal
from ledger.domain.sealing.disclosures import make_disclosure

NAMES = ("phone", "price", "latitude", "note", "driver")
DEEP = Policy((Entry((*NAMES, "/silkroot:box/*", "/silkroot:box/*/*")),))
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e9, 1e9) | st.text(max_size=6)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from((*NAMES, "kept", "名")), inner, max_size=3)
    ),
    max_leaves=8,
)
MEMBERS = st.dictionaries(st.sampled_from([f"silkroot:{name}" for name in (*NAMES, "box", "kept")]), VALUES, max_size=5)
HIDDEN = (
    *sorted(STANDARD_MEMBERS), *(f"silkroot:{name}" for name in sorted(OWN_MEMBERS)), "silkroot:phone", "gs1:latitude",
    "silkroot:lines", "silkroot:sealed", "silkroot:sealedElement", "silkroot:lotNumber", "cbvmda:UOM", "nobody:x", "x",
    "@id", "", "a:b:c", "urn:x:y", "URN:x:y", "https://example.org/grams", "https://ref.gs1.org/epcis/action",
    "epcis:action", "silkroot:airLeg", "https://silkroot.example/epcis/phone", "ex://y#EpcClass", "silkroot:", ":x",
)  # fmt: skip
REPORTS = [
    {"type": "Angle", "component": "latitude"}, {"type": "gs1:Length", "component": "cbv:Comp-northing"},
    {"type": "Temperature"}, {"type": "a/b:Angle", "component": "x"},
]  # fmt: skip
SENSORS = [{"sensorMetadata": {"time": "2026-08-05T12:00:00Z"}, "sensorReport": REPORTS}]


def opened(text: str, disclosures: list[Any]) -> dict[str, Any]:
    def read() -> dict[str, Any]:
        event = open_sealed(parse_json_object(text), disclosures)
        return {
            "tree": canonical(event.tree).decode(),
            "places": [item.place for item in event.disclosures],
            "withheld": [[item.place, item.count] for item in event.withheld],
            "hidden": sorted(map(list, event.hidden.items())),
        }

    return answer(read)


def compare(library: Path, cases: list[tuple[str, list[Any]]]) -> Counter[Any]:
    """Both answers to all cases are the same; how often which rule was broken."""
    expected = [opened(text, disclosures) for text, disclosures in cases]
    questions = [{"ask": "open", "text": text, "disclosures": disclosures} for text, disclosures in cases]
    agree([text for text, _ in cases], expected, ask(library, questions))
    return Counter(one.get("rule") for one in expected)


@st.composite
def sealed_events(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """A sealed event, and disclosures: all or some of them, in any order, some of them tampered with."""
    event = BUILDERS[draw(st.sampled_from(sorted(BUILDERS)))]() | draw(MEMBERS)
    salts = random.Random(draw(st.integers(0, 2**32)))
    sealed = seal(event, draw(st.sampled_from([DEEP, DEFAULT])), lambda: salts.randbytes(16))
    texts = [item.text for item in sealed.disclosures]
    given: list[Any] = draw(st.lists(st.sampled_from(texts), unique=True, max_size=8)) if texts else []
    if draw(st.integers(0, 1)):
        given = list(texts)
    if given and draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(0, len(given) - 1))
        text = given[at]
        given[at] = draw(st.sampled_from([text[:-1] + "A", text + "A", text + "=", text[3:], 7, None, "", given[0]]))
    return json.dumps(sealed.event), given


@st.composite
def forgeries(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """An event whose signer sealed, at some place, a member of some name or an element of some list."""
    event = json.loads(json.dumps(BUILDERS[draw(st.sampled_from(sorted(BUILDERS)))]()))
    event |= {"sensorElementList": json.loads(json.dumps(SENSORS)), "ilmd": {}, "bizLocation": {"id": "x"},
              "silkroot:lines": [{"epcClass": "x"}], "silkroot:box": {"a": [[1], {"b": 2}]}}  # fmt: skip
    holder = draw(st.sampled_from(_holders(event)))
    if isinstance(holder, dict):
        disclosure = make_disclosure(bytes(16), draw(st.sampled_from(HIDDEN)), draw(VALUES))
        holder[draw(st.sampled_from(["silkroot:sealed", f"{NAMESPACE}sealed"]))] = [disclosure.digest]
    else:
        disclosure = make_disclosure(bytes(16), None, draw(VALUES))
        holder.append({"silkroot:sealedElement": disclosure.digest})
    if draw(st.integers(0, 9)) == 0:
        name = None if disclosure.name is not None else "silkroot:phone"
        disclosure = make_disclosure(bytes(16), name, disclosure.value)
    return json.dumps(event), [disclosure.text]


def _holders(node: Any) -> list[Any]:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    found = [node] if isinstance(node, dict | list) else []
    return found + [holder for value in inner for holder in _holders(value)]


def test_sealed_events_and_disclosures_of_any_kind(library: Path) -> None:
    rules = compare(library, drawn(sealed_events()))
    assert rules[None] > 100
    assert {"disclosure.foreign", "disclosure.form"} <= rules.keys()


def test_what_a_signer_seals_where_it_may_not(library: Path) -> None:
    rules = compare(library, drawn(forgeries(), 700))
    assert {"sealing.disclosed", "sealing.closed", "sealing.name", "disclosure.name", None} <= rules.keys()


def test_how_deep_a_disclosure_may_lie(library: Path) -> None:
    cases = []
    for levels in (50, 58, 59, 60, 61, 62, 63, 64):
        disclosure = make_disclosure(bytes(16), "silkroot:phone", json.loads("[" * levels + "]" * levels))
        inner = {"silkroot:box": [[{"silkroot:sealed": [disclosure.digest]}]]}
        cases.append((json.dumps({"@context": [{"silkroot": NAMESPACE}], **inner}), [disclosure.text]))
    assert compare(library, cases).keys() >= {None, "json.depth", "disclosure.form"}
