"""
Every event of the published EPCIS documents gives an action, or a refusal that names field, rule and value; and every
form of ours passes the published schema.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema_rs
import pytest
from event_builders import BLIND, BUILDERS, FARM, harvest_amendment, intake_amendment

from ledger.domain.actions import Statement
from ledger.domain.binding import action_of
from ledger.domain.content_hash import add_blind, content_hash
from ledger.domain.epcis import split_document
from ledger.domain.errors import InvalidEvent

ROOT = Path(__file__).parents[2]
CONFORMANCE = Path(os.environ.get("CONFORMANCE_DIR", ROOT.parent / "shared" / "conformance"))
SCHEMA = CONFORMANCE / "epcis" / "schema" / "EPCIS-JSON-Schema.json"
DOCUMENTS = sorted((CONFORMANCE / "epcis" / "valid").glob("*.jsonld"))

# These events move lots by their business step but not as the ledger can count it; the other documents move nothing.
REFUSED = {
    "ErrorDeclarationAndCorrectiveEvent": [("/outputQuantityList/0/epcClass", "line.lot")],
    "Example_9.6.2-ObjectEvent": [("/sourceList/0/source", "party.uri")],
    "Example_9.6.2-ObjectEventWithDigitalLink": [("/sourceList/0/source", "party.uri")],
    "Example_9.6.4-TransformationEvent": [("/inputQuantityList/1/uom", "mass.uom")],
    "Example_9.6.4-TransformationEventWithDigitalLink": [("/inputQuantityList/1/uom", "mass.uom")],
}


def test_the_documents_are_there() -> None:
    assert len(DOCUMENTS) == 47


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_every_event_gives_an_action_or_a_clear_refusal(document: Path) -> None:
    # The standard library's parser, because one of the documents repeats a key, which ours refuses.
    events = split_document(json.loads(document.read_bytes()))
    assert events
    refused: list[tuple[str, str]] = []
    for event in events:
        blinded = add_blind(event, FARM, BLIND)
        try:
            action = action_of(blinded, 1)
        except InvalidEvent as refusal:
            refused += [(violation.field, violation.rule) for violation in refusal.violations]
        else:
            assert isinstance(action, Statement)
            assert (action.party, action.content_hash) == (FARM, content_hash(blinded))
    assert refused == REFUSED.get(document.stem, [])


FORMS = {name: build() for name, build in BUILDERS.items()} | {
    "annulled harvest": harvest_amendment(grams=0),
    "annulled intake": intake_amendment(deliveries=()),
}


@pytest.fixture(scope="module")
def schema() -> jsonschema_rs.Draft7Validator:
    return jsonschema_rs.Draft7Validator(json.loads(SCHEMA.read_bytes()), validate_formats=True)


@pytest.mark.parametrize("name", FORMS)
def test_our_forms_pass_the_published_schema(name: str, schema: jsonschema_rs.Draft7Validator) -> None:
    event = {key: value for key, value in FORMS[name].items() if key != "@context"}
    document = {
        "@context": FORMS[name]["@context"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-08-06T00:00:00Z",
        "epcisBody": {"eventList": [event]},
    }
    assert [error.message for error in schema.iter_errors(document)] == []
