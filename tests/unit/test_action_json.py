"""The JSON form of signed structs: there and back without loss, and one form only."""

from __future__ import annotations

import json
from typing import Any

import pytest
from action_strategies import struct_values
from hypothesis import given, settings
from typed_data_vectors import sample_structs

from ledger.domain.action_json import from_json, registry_from_json, to_json
from ledger.domain.actions import ACTIONS, Action, Harvest, Shipment
from ledger.domain.errors import InvalidInput
from ledger.domain.registry_actions import REGISTRY_ACTIONS, Admission, RegistryAction
from ledger.domain.struct_types import Struct, name_of

SAMPLES: dict[type[Struct], Any] = {type(struct): struct for struct in sample_structs()}
HARVEST = to_json(SAMPLES[Harvest])
SHIPMENT = to_json(SAMPLES[Shipment])


@pytest.mark.parametrize("struct", ACTIONS, ids=name_of)
def test_actions_come_back_through_text(struct: type[Action]) -> None:
    @settings(max_examples=15, deadline=None)
    @given(struct_values(struct))
    def check(action: Action) -> None:
        assert from_json(json.loads(json.dumps(to_json(action)))) == action

    check()


@pytest.mark.parametrize("struct", REGISTRY_ACTIONS, ids=name_of)
def test_registry_actions_come_back_through_text(struct: type[RegistryAction]) -> None:
    @settings(max_examples=15, deadline=None)
    @given(struct_values(struct))
    def check(action: RegistryAction) -> None:
        assert registry_from_json(json.loads(json.dumps(to_json(action)))) == action

    check()


def test_the_form_is_the_one_that_is_documented() -> None:
    assert HARVEST == {
        "type": "Harvest",
        "producer": "9520000000011",
        "product": "9520000001001",
        "lotCode": "H-0001",
        "plot": "0xabc74073c758793f678a6c9f3876de6519aeb3ad7c354e82fbc3bfde6d94d571",
        "season": "2026",
        "grams": "1000000",
        "contentHash": "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "deadline": "1790000000",
    }


@pytest.mark.parametrize(
    ("tree", "rule"),
    [
        ({}, "action.type"),
        (HARVEST | {"type": "Theft"}, "action.type"),
        (HARVEST | {"type": 1}, "action.type"),
        (HARVEST | {"type": "Line"}, "action.type"),
        (to_json(SAMPLES[Admission]), "action.type"),
        (HARVEST | {"note": "x"}, "action.members"),
        ({key: value for key, value in HARVEST.items() if key != "plot"}, "action.members"),
        (HARVEST | {"grams": 1000000}, "action.number"),
        (HARVEST | {"grams": "01"}, "action.number"),
        (HARVEST | {"grams": "-1"}, "action.number"),
        (HARVEST | {"grams": "1.0"}, "action.number"),
        (HARVEST | {"grams": "١"}, "action.number"),
        (HARVEST | {"grams": str(2**64)}, "eip712.uint64"),
        (HARVEST | {"plot": "0x" + "AB" * 32}, "action.bytes32"),
        (HARVEST | {"plot": "ab" * 32}, "action.bytes32"),
        (HARVEST | {"plot": "0x" + "ab" * 31}, "action.bytes32"),
        (HARVEST | {"lotCode": "a b"}, "gs1.ai10"),
        (HARVEST | {"lotCode": 7}, "eip712.string"),
        (SHIPMENT | {"manifest": {}}, "action.array"),
        (SHIPMENT | {"manifest": [1]}, "action.members"),
        (SHIPMENT | {"manifest": [{"lot": "0x" + "00" * 32}]}, "action.members"),
    ],
)
def test_another_form_is_refused(tree: dict[str, Any], rule: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        from_json(tree)
    assert refusal.value.violations[0].rule == rule


@pytest.mark.parametrize(("change", "rule"), [({"scheme": "9"}, "action.scheme"), ({"hosted": "true"}, "eip712.bool")])
def test_another_form_of_a_registry_action_is_refused(change: dict[str, str], rule: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        registry_from_json(to_json(SAMPLES[Admission]) | change)
    assert refusal.value.violations[0].rule == rule


def test_ledger_and_registry_are_told_apart() -> None:
    with pytest.raises(InvalidInput):
        registry_from_json(HARVEST)
