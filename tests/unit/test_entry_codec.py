"""The payload of entries: the ABI encoding of the committed vectors, and witnesses only where they belong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from action_strategies import struct_values
from eth_abi.abi import decode
from hypothesis import given, settings
from typed_data_vectors import sample_structs

from ledger.domain.actions import ACTIONS, Harvest, Line, Receipt, Shipment, Transformation
from ledger.domain.entry_codec import abi_type, encode_payload
from ledger.domain.errors import InvalidInput
from ledger.domain.registry_actions import REGISTRY_ACTIONS, Admission, KeyGrant, Recovery
from ledger.domain.struct_types import Struct, name_of

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "typed_data.json").read_text())["vectors"]
SAMPLES: dict[type[Struct], Any] = {type(struct): struct for struct in sample_structs()}
MANIFEST = SAMPLES[Shipment].manifest
PLAIN = [struct for struct in (*ACTIONS, *REGISTRY_ACTIONS) if struct not in (Receipt, Admission, KeyGrant, Recovery)]


@pytest.mark.parametrize("struct", PLAIN, ids=name_of)
def test_payload_is_the_struct_as_one_tuple(struct: type[Struct]) -> None:
    expected = next(vector for vector in VECTORS if vector["name"] == name_of(struct))["abiEncoded"]
    assert encode_payload(SAMPLES[struct]).hex() == expected[2:]


def test_a_receipt_carries_its_manifest() -> None:
    payload = encode_payload(SAMPLES[Receipt], MANIFEST)
    receipt, lines = decode(["(uint64,bytes32,bytes32,bytes32,uint64)", "(bytes32,uint64)[]"], payload)
    assert receipt[2] == SAMPLES[Receipt].manifest_hash
    assert [Line(*line) for line in lines] == list(MANIFEST)


@pytest.mark.parametrize("struct", [Admission, KeyGrant, Recovery], ids=name_of)
def test_the_new_keys_signature_goes_along(struct: type[Admission] | type[KeyGrant] | type[Recovery]) -> None:
    payload = encode_payload(SAMPLES[struct], new_key_signature=b"s" * 65)
    values, signature = decode([abi_type(struct), "bytes"], payload)
    assert values[0] == SAMPLES[struct].party
    assert signature == b"s" * 65


@settings(max_examples=30, deadline=None)
@given(struct_values(Transformation))
def test_what_is_encoded_can_be_decoded(action: Transformation) -> None:
    (values,) = decode([abi_type(Transformation)], encode_payload(action))
    assert values[1] == tuple((line.lot, line.grams) for line in action.inputs)
    assert values[2] == tuple((output.product, output.lot_code, output.grams) for output in action.outputs)


@pytest.mark.parametrize(
    ("action", "arguments", "rule"),
    [
        (SAMPLES[Receipt], {}, "entry.manifest"),
        (SAMPLES[Harvest], {"manifest": MANIFEST}, "entry.manifest"),
        (SAMPLES[Receipt], {"manifest": MANIFEST[:1]}, "entry.manifest-hash"),
        (SAMPLES[Receipt], {"manifest": MANIFEST[::-1]}, "entry.manifest-hash"),
        (SAMPLES[Admission], {}, "entry.witness"),
        (SAMPLES[KeyGrant], {}, "entry.witness"),
        (SAMPLES[Recovery], {}, "entry.witness"),
        (SAMPLES[Harvest], {"new_key_signature": b"s"}, "entry.witness"),
        (replace(SAMPLES[Harvest], grams=2**64), {}, "eip712.uint64"),
        (replace(SAMPLES[Harvest], plot=b""), {}, "eip712.bytes32"),
        (replace(SAMPLES[Harvest], lot_code="ß"), {}, "gs1.ai10"),
        (replace(SAMPLES[Shipment], manifest=(1,)), {}, "eip712.struct"),
        (replace(SAMPLES[Admission], hosted=1), {"new_key_signature": b"s"}, "eip712.bool"),
        (replace(SAMPLES[Admission], roles=2**16), {"new_key_signature": b"s"}, "eip712.uint16"),
    ],
)
def test_what_does_not_fit_is_refused(action: Any, arguments: dict[str, Any], rule: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        encode_payload(action, **arguments)
    assert refusal.value.violations[0].rule == rule
