"""
The published EPCIS 2.0 schema as oracle: all its example documents are accepted, and nothing that it refuses is.

The schema's formats (URI, date-time) are asserted. Mutations are systematic: every kind of member is deleted, renamed,
repeated, and given a value of every type and many bad words.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.domain.epcis import check_document, check_event, split_document
from ledger.domain.errors import InvalidEvent, InvalidJson
from ledger.domain.json_tree import parse_json, parse_json_object

Steps = tuple[str | int, ...]

VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, "", "x", "x y", "ex:y", "urn:epcglobal:cbv:bizstep:shipping", "https://ns.gs1.org/cbv/x",
    "https://gs1.org/voc/x", "http://www.gs1.org/voc/x", "2020-02-30T00:00:00Z", "2020-01-01T00:00:00", "2020-01-01",
    "2020-01-01T24:00:00Z", "http://a b", "http://[::1", "http://a:b/", "%", "a:%zz", "http://a/#a#b", "é:a", "http://é/",
    "urn://:::", "ADD", "add", "ObjectEvent", "+25:00", "+14:30", "Z", "KG", "kgm", "K", [], {}, [1], ["x"], [None],
    [None, None], {"a": 1}, [{}], [[]], ["ex:y", "ex:y"],
)  # fmt: skip
NAMES = ("x", "x:y", "@id", "ex y:z", "http://x/y", "é:a", "bizStep", "x:")


@pytest.fixture(scope="module")
def schema(conformance_dir: Path) -> jsonschema_rs.Draft7Validator:
    path = conformance_dir / "epcis" / "schema" / "EPCIS-JSON-Schema.json"
    return jsonschema_rs.Draft7Validator(json.loads(path.read_text(encoding="utf-8")), validate_formats=True)


@pytest.fixture(scope="module")
def documents(conformance_dir: Path) -> dict[str, dict[str, Any]]:
    paths = sorted((conformance_dir / "epcis" / "valid").glob("*.jsonld"))
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def steps_of(node: Any, before: Steps = ()) -> Iterator[Steps]:
    """The way to every place below a node."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield (*before, key)
        yield from steps_of(value, (*before, key))


def at(node: Any, steps: Steps) -> Any:
    for step in steps:
        node = node[step]
    return node


def is_accepted(document: Any) -> bool:
    try:
        check_document(document)
    except InvalidEvent:
        return False
    return True


def mutations(document: dict[str, Any], steps: Steps) -> Iterator[dict[str, Any]]:
    """The document, changed at one place in every way that we know."""
    parent, key, old = steps[:-1], steps[-1], at(document, steps)

    def changed(value: Any) -> dict[str, Any]:
        other = copy.deepcopy(document)
        at(other, parent)[key] = value
        return other

    other = copy.deepcopy(document)
    del at(other, parent)[key]
    yield other
    for value in VALUES:
        yield changed(value)
    if isinstance(old, str):
        for text in (f"{old}\n", f" {old}", f"{old} ", old.upper(), old.lower(), old[:-1], f"{old}x", f"x{old}"):
            yield changed(text)
    if isinstance(old, list) and old:
        yield changed([*old, old[0]])
        yield changed([*old, None])
    if isinstance(key, str):
        for name in (*NAMES, f"zz:{key}", f"{key}x"):
            other = copy.deepcopy(document)
            at(other, parent)[name] = at(other, parent).pop(key)
            yield other
    if isinstance(old, dict):
        for name in (*NAMES, "ilmd", "epcList", "@context", "persistentDisposition", "sender"):
            yield changed(old | {name: "https://example.com/x"})


def test_every_document_is_accepted(
    documents: dict[str, dict[str, Any]], schema: jsonschema_rs.Draft7Validator
) -> None:
    assert len(documents) >= 47
    events = 0
    for name, document in documents.items():
        assert schema.is_valid(document), name
        check_document(document)
        for event in split_document(document):
            check_event(event)
            assert schema.is_valid(event), name
            events += 1
    assert events >= 56


def test_nothing_that_the_schema_refuses_is_accepted(
    documents: dict[str, dict[str, Any]], schema: jsonschema_rs.Draft7Validator
) -> None:
    seen: set[tuple[object, ...]] = set()
    refused = 0
    for name, document in documents.items():
        for steps in steps_of(document):
            in_event = "eventList" in steps[:-1]
            event_type = at(document, steps[: steps.index("eventList") + 2]).get("type") if in_event else ""
            # One mutation of each kind of place is enough; list positions do not make a kind of their own.
            place = (document["type"], event_type, type(at(document, steps)), *(s for s in steps if isinstance(s, str)))
            if place in seen:
                continue
            seen.add(place)
            for mutation in mutations(document, steps):
                if not schema.is_valid(mutation):
                    refused += 1
                    assert not is_accepted(mutation), (name, steps, at(mutation, steps[:-1]))
    assert refused > 5_000


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_several_mutations_at_once(
    data: st.DataObject, documents: dict[str, dict[str, Any]], schema: jsonschema_rs.Draft7Validator
) -> None:
    document = copy.deepcopy(data.draw(st.sampled_from(sorted(documents)).map(documents.__getitem__)))
    for _ in range(data.draw(st.integers(1, 3))):
        steps = data.draw(st.sampled_from(list(steps_of(document))))
        value = data.draw(st.sampled_from(VALUES) | st.text(max_size=5) | st.integers(-2, 2))
        at(document, steps[:-1])[steps[-1]] = copy.deepcopy(value)
    if not schema.is_valid(document):
        assert not is_accepted(document)


def test_the_one_example_that_repeats_a_key_is_no_strict_json(conformance_dir: Path) -> None:
    for path in (conformance_dir / "epcis" / "valid").glob("*.jsonld"):
        if path.name == "AssociationEvent-h.jsonld":
            with pytest.raises(InvalidJson) as caught:
                parse_json(path.read_bytes())
            assert [violation.rule for violation in caught.value.violations] == ["json.duplicate-key"]
        else:
            check_document(parse_json_object(path.read_bytes()))
