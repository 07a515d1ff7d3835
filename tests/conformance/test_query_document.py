"""The published EPCIS 2.0 schema takes the answers to queries, with events sealed and corrected."""

from __future__ import annotations

import json
from pathlib import Path

import event_builders as b
import jsonschema_rs
from ledger_fixture import ledger_world

from api.routes.epcis_query import query_document
from ledger.ports_questions import EventQuestion


def test_answers_are_valid(tmp_path: Path, conformance_dir: Path) -> None:
    path = conformance_dir / "epcis" / "schema" / "EPCIS-JSON-Schema.json"
    schema = jsonschema_rs.Draft7Validator(json.loads(path.read_text(encoding="utf-8")), validate_formats=True)
    world = ledger_world(tmp_path)
    own_id = {"eventID": "urn:uuid:7cd1a0a6-3d1b-4b36-a9a5-9b5ad3a0a6f1"}
    wrong = b.harvest(extra={"silkroot:phone": "13912345678"}) | own_id
    declared = {"declarationTime": "2026-08-06T12:00:00.000+08:00", "reason": "incorrect_data"}
    world.record(wrong, b.shipping(), b.receiving(), b.packing(), wrong | {"errorDeclaration": declared}, b.recall())
    for question in (EventQuestion(), EventQuestion(declarations=True), EventQuestion(steps=("shipping",))):
        document = query_document(world.store.questions.events(question, None, 100))
        assert document["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        schema.validate(document)
    schema.validate(query_document([]))
    broken = query_document(world.store.questions.events(EventQuestion(), None, 1))
    del broken["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]["eventTime"]
    assert not schema.is_valid(broken)
    world.store.close()
