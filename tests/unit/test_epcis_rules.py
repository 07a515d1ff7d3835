"""What an event or document is refused for, with pointer and rule; several mistakes are reported together."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ledger.domain.epcis import check_document, check_event, split_document
from ledger.domain.epcis.document import check_structure
from ledger.domain.errors import InvalidEvent

STANDARD = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
EXAMPLE = "https://ns.example.com/epcis/"
LOT = "https://id.gs1.org/01/09520123456788/10/A"
Tree = dict[str, Any]


def event(**members: Any) -> Tree:
    return {
        "@context": [STANDARD, {"ex": EXAMPLE}],
        "type": "ObjectEvent",
        "eventTime": "2026-07-30T08:15:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "ADD",
        "bizStep": "commissioning",
        "quantityList": [{"epcClass": LOT, "quantity": 12.5, "uom": "KGM"}],
    } | members


def document(*events: Tree, **members: Any) -> Tree:
    return {
        "@context": [STANDARD],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-07-30T09:00:00Z",
        "epcisBody": {"eventList": list(events)},
    } | members


def without(tree: Tree, *names: str) -> Tree:
    return {key: value for key, value in tree.items() if key not in names}


def broken(tree: Tree) -> set[tuple[str, str]]:
    with pytest.raises(InvalidEvent) as caught:
        check_event(tree)
    return {(violation.field, violation.rule) for violation in caught.value.violations}


def test_the_sample_is_valid() -> None:
    check_event(event())
    check_document(document(event()))
    check_document(event())


CASES = {
    "bad check digit": ({"quantityList": [{"epcClass": LOT.replace("788/", "789/"), "quantity": 1}]},
        ("/quantityList/0/epcClass", "gs1.check-digit")),
    "bad check digit of the place": ({"readPoint": {"id": "https://id.gs1.org/414/9520123456789"}},
        ("/readPoint/id", "gs1.check-digit")),
    "bad check digit of the party": (
        {"sourceList": [{"type": "possessing_party", "source": "https://id.gs1.org/417/9520123456789"}]},
        ("/sourceList/0/source", "gs1.check-digit")),
    "bad check digit of the document": (
        {"bizTransactionList": [{"type": "desadv", "bizTransaction": "https://id.gs1.org/00/123456789012345883"}]},
        ("/bizTransactionList/0/bizTransaction", "gs1.check-digit")),
    "broken URN": ({"epcList": ["urn:epc:id:sgtin:4012345.1.1"]}, ("/epcList/0", "epc.urn")),
    "quantity of zero": ({"quantityList": [{"epcClass": LOT, "quantity": 0}]},
        ("/quantityList/0/quantity", "epcis.quantity")),
    "negative quantity": ({"quantityList": [{"epcClass": LOT, "quantity": -1}]},
        ("/quantityList/0/quantity", "epcis.quantity")),
    "unit without quantity": ({"quantityList": [{"epcClass": LOT, "uom": "KGM"}]},
        ("/quantityList/0/uom", "epcis.quantity")),
    "quantity as text": ({"quantityList": [{"epcClass": LOT, "quantity": "12"}]},
        ("/quantityList/0/quantity", "epcis.type")),
    "time without zone": ({"eventTime": "2026-07-30T08:15:00"}, ("/eventTime", "epcis.value")),
    "the 31st of June": ({"eventTime": "2026-06-31T08:15:00Z"}, ("/eventTime", "epcis.date")),
    "a day before the calendar in UTC": ({"eventTime": "0001-01-01T00:00:00+14:00"}, ("/eventTime", "epcis.date")),
    "a day behind the calendar in UTC": ({"eventTime": "9999-12-31T23:59:59-12:00"}, ("/eventTime", "epcis.date")),
    "the 30th of February in a declaration": ({"errorDeclaration": {"declarationTime": "2026-02-30T08:15:00Z"}},
        ("/errorDeclaration/declarationTime", "epcis.date")),
    "bare word that CBV lacks": ({"bizStep": "shiping"}, ("/bizStep", "epcis.value")),
    "CBV URI that CBV lacks": ({"bizStep": "https://ref.gs1.org/cbv/BizStep-shiping"}, ("/bizStep", "cbv.term")),
    "CBV name that CBV lacks": ({"disposition": "cbv:Disp-lost"}, ("/disposition", "cbv.term")),
    "old CBV URN": ({"bizStep": "urn:epcglobal:cbv:bizstep:shipping"}, ("/bizStep", "epcis.value")),
    "unknown member": ({"colour": "green"}, ("/colour", "epcis.member")),
    "member of another event type": ({"parentID": "urn:epc:id:sscc:4012345.1111111112"}, ("/parentID", "epcis.member")),
    "undeclared prefix": ({"other:colour": "green"}, ("/other:colour", "json-ld.prefix")),
    "undeclared prefix inside": ({"ex:note": [{"other:colour": "green"}]},
        ("/ex:note/0/other:colour", "json-ld.prefix")),
    "alias of EPCIS's own name": ({"epcis:quantity": 5}, ("/epcis:quantity", "json-ld.alias")),
    "alias by whole IRI": ({"https://ref.gs1.org/epcis/action": "ADD"},
        ("/https:~1~1ref.gs1.org~1epcis~1action", "json-ld.alias")),
    "context inside": ({"ex:note": {"@context": {}}}, ("/ex:note/@context", "json-ld.nested-context")),
    "same name twice": ({"ex:note": 1, EXAMPLE + "note": 2},
        ("/https:~1~1ns.example.com~1epcis~1note", "json-ld.duplicate-name")),
    "same name twice inside": ({"ex:note": {"ex:a": 1, EXAMPLE + "a": 2}},
        ("/ex:note/https:~1~1ns.example.com~1epcis~1a", "json-ld.duplicate-name")),
    "ilmd member without namespace": ({"ilmd": {"lotNumber": "A"}}, ("/ilmd/lotNumber", "epcis.member")),
    "ilmd with another action": ({"action": "OBSERVE", "ilmd": {"ex:grade": "A"}}, ("/ilmd", "epcis.ilmd")),
    "foreign member in a closed object": ({"quantityList": [{"epcClass": LOT, "quantity": 1, "ex:cases": 2}]},
        ("/quantityList/0/ex:cases", "epcis.member")),
    "repeated EPC": ({"epcList": ["urn:a:b", "urn:a:b"]}, ("/epcList/1", "epcis.repeated")),
    "empty persistentDisposition": ({"persistentDisposition": {}}, ("/persistentDisposition", "epcis.required")),
    "null": ({"bizStep": None}, ("/bizStep", "epcis.type")),
    "a list for an object": ({"readPoint": []}, ("/readPoint", "epcis.type")),
    "no type": ({"type": None}, ("/type", "epcis.event-type")),
    "an event type of one's own": ({"type": "ex:Picnic"}, ("/type", "epcis.event-type")),
    "no certificate": ({"certificationInfo": ["https://a/b", 1]}, ("/certificationInfo/1", "epcis.value")),
    "source without type": ({"sourceList": [{"source": "urn:a:b"}]}, ("/sourceList/0/type", "epcis.required")),
    "empty sensor element": ({"sensorElementList": [{"sensorReport": []}]},
        ("/sensorElementList/0/sensorReport", "epcis.empty")),
    "reading as text": ({"sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": "4"}]}]},
        ("/sensorElementList/0/sensorReport/0/value", "epcis.type")),
    "reading's 31st of June": (
        {"sensorElementList": [{"sensorReport": [{"type": "Temperature", "time": "2026-06-31T00:00:00Z"}]}]},
        ("/sensorElementList/0/sensorReport/0/time", "epcis.date")),
    "reading that rounding takes behind the calendar": (
        {"sensorElementList": [{"sensorReport": [{"type": "Temperature", "time": "9999-12-31T23:59:59.9999Z"}]}]},
        ("/sensorElementList/0/sensorReport/0/time", "epcis.date")),
    "context without the standard one": ({"@context": [{"ex": EXAMPLE}]}, ("/@context", "json-ld.standard-context")),
    "context of null": ({"@context": [STANDARD, None]}, ("/@context/1", "epcis.type")),
    "context that redefines": ({"@context": [STANDARD, {"quantity": "https://a/b"}]},
        ("/@context/1/quantity", "json-ld.declaration")),
    "context that redefines a scheme": ({"@context": [STANDARD, {"https": "https://a/b"}]},
        ("/@context/1/https", "json-ld.declaration")),
    "context with a vocabulary": ({"@context": [STANDARD, {"@vocab": "https://a/b"}]},
        ("/@context/1/@vocab", "json-ld.declaration")),
    "prefix for nothing": ({"@context": [STANDARD, {"ex": "example"}]}, ("/@context/1/ex", "json-ld.declaration")),
    "context twice": ({"@context": [STANDARD, STANDARD]}, ("/@context/1", "json-ld.repeated-context")),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_refuses(name: str) -> None:
    members, expected = CASES[name]
    assert expected in broken(event(**members))


def test_an_event_by_itself_needs_a_context_and_one_in_a_document_does_not() -> None:
    bare = without(event(), "@context")
    assert ("/@context", "json-ld.standard-context") in broken(bare)
    check_event(bare, [STANDARD])
    check_document(document(bare))


def test_all_mistakes_are_reported_at_once() -> None:
    tree = event(bizStep="shiping", eventTimeZoneOffset="+25:00", colour="green", recordTime=5)
    tree["quantityList"] += [{"epcClass": LOT, "quantity": -1, "uom": "kilo"}, {"quantity": 1}]
    assert broken(tree) == {
        ("/bizStep", "epcis.value"),
        ("/eventTimeZoneOffset", "epcis.value"),
        ("/recordTime", "epcis.type"),
        ("/colour", "epcis.member"),
        ("/quantityList/1/quantity", "epcis.quantity"),
        ("/quantityList/1/uom", "epcis.value"),
        ("/quantityList/2/epcClass", "epcis.required"),
    }


def test_a_message_says_what_is_expected() -> None:
    with pytest.raises(InvalidEvent) as caught:
        check_event(event(bizStep="shiping"))
    (violation,) = caught.value.violations
    assert violation.value == "shiping"
    assert violation.message == "bizStep has to be a business step of CBV 2.0, or a URI of your own"


@pytest.mark.parametrize(
    ("tree", "accepted"),
    [
        (without(event(), "quantityList"), False),
        (without(event(epcList=[]), "quantityList"), True),
        (event(quantityList=[]), False),
        (event(quantityList=[], sensorElementList=[{"sensorReport": [{"type": "Temperature"}]}]), False),
        (
            event(
                quantityList=[],
                sensorElementList=[{"sensorReport": [{"type": "Temperature"}]}],
                readPoint={"id": "urn:a:b"},
            ),
            True,
        ),
        (without(event(type="AggregationEvent"), "quantityList"), False),
        (without(event(type="AggregationEvent", action="DELETE"), "quantityList"), True),
        (without(event(type="AggregationEvent", childEPCs=["urn:a:b"]), "quantityList"), True),
        (without(event(type="AssociationEvent", childEPCs=["urn:a:b"]), "quantityList"), False),
        (without(event(type="AssociationEvent", childEPCs=["urn:a:b"], parentID="urn:a:c"), "quantityList"), True),
        (event(type="TransactionEvent"), False),
        (event(type="TransactionEvent", bizTransactionList=[]), False),
        (event(type="TransactionEvent", bizTransactionList=[{"bizTransaction": "urn:a:b"}]), True),
        (event(type="TransformationEvent"), False),
        (without(event(type="TransformationEvent", inputEPCList=["urn:a:b"]), "quantityList", "action"), False),
        (
            without(
                event(type="TransformationEvent", inputEPCList=["urn:a:b"], outputEPCList=["urn:a:c"]),
                "quantityList",
                "action",
            ),
            True,
        ),
        (
            without(
                event(type="TransformationEvent", inputEPCList=["urn:a:b"], transformationID="urn:a:c"),
                "quantityList",
                "action",
            ),
            True,
        ),
    ],
)
def test_what_each_event_type_has_to_have(tree: Tree, accepted: bool) -> None:
    if accepted:
        check_event(tree)
    else:
        assert broken(tree)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (document(event(action="add")), ("/epcisBody/eventList/0/action", "epcis.value")),
        (document(event(), {"type": "Picnic"}), ("/epcisBody/eventList/1/type", "epcis.event-type")),
        (without(document(event()), "creationDate"), ("/creationDate", "epcis.required")),
        (without(document(event()), "@context"), ("/@context", "epcis.required")),
        (document(event(), creationDate="2026-06-31T00:00:00Z"), ("/creationDate", "epcis.date")),
        (document(event(), **{"@context": {}}), ("/@context", "json-ld.standard-context")),
        (document(event(), note="x"), ("/note", "epcis.member")),
        (document(event(), epcisBody={}), ("/epcisBody/eventList", "epcis.required")),
        (document(event(), type="Picnic"), ("/type", "epcis.document-type")),
        (document(event(), type="EPCISQueryDocument", sender="x"), ("/sender", "epcis.member")),
        (
            document(event(), epcisHeader={"epcisMasterData": {"vocabularyList": [{"type": "no uri"}]}}),
            ("/epcisHeader/epcisMasterData/vocabularyList/0/type", "epcis.value"),
        ),
        ([], ("", "epcis.type")),
    ],
)
def test_refuses_documents(tree: Any, expected: tuple[str, str]) -> None:
    with pytest.raises(InvalidEvent) as caught:
        check_document(tree)
    assert expected in {(violation.field, violation.rule) for violation in caught.value.violations}


def test_split_events_stand_by_themselves_and_the_document_is_left_as_it_was() -> None:
    inner = without(event(**{"ex:note": 1, "more:note": 2}), "@context") | {
        "@context": {"more": "https://more.example/"}
    }
    whole = document(inner, without(event(), "@context"), **{"@context": [STANDARD, {"ex": EXAMPLE}]})
    before = copy.deepcopy(whole)
    first, second = split_document(whole)
    assert whole == before
    assert first["@context"] == [STANDARD, {"ex": EXAMPLE}, {"more": "https://more.example/"}]
    assert second["@context"] == [STANDARD, {"ex": EXAMPLE}]
    check_event(first)
    check_event(second)


def test_structure_alone_lets_rules_pass_and_types_not() -> None:
    check_structure(document(event(quantityList=[{"epcClass": LOT.replace("788/", "789/"), "quantity": 1}])))
    for tree in (
        document(event(sourceList="x")),
        document({"type": "Picnic"}),
        {"type": []},
        [],
        event(sourceList="x"),
    ):
        with pytest.raises(InvalidEvent):
            check_structure(tree)
