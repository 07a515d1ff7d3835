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

from ledger.domain.actions import ACTIONS, Harvest, Line, Receipt, Shipment, Transformation, TransformationAmendment
from ledger.domain.custody_state import Origin
from ledger.domain.entry_codec import (
    SHOWS_OPEN_LINES,
    abi_type,
    encode_payload,
    encode_propagation,
    join_signatures,
)
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import KeyId
from ledger.domain.registry_actions import REGISTRY_ACTIONS, Admission, KeyGrant, Recovery
from ledger.domain.struct_types import Struct, name_of
from ledger.domain.typed_data import outputs_hash

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "typed_data.json").read_text())["vectors"]
SAMPLES: dict[type[Struct], Any] = {type(struct): struct for struct in sample_structs()}
MANIFEST = SAMPLES[Shipment].manifest
AMENDMENT = SAMPLES[TransformationAmendment]
ORIGIN = Origin(AMENDMENT.inputs, AMENDMENT.outputs)
WITH_MORE = (*SHOWS_OPEN_LINES, TransformationAmendment, Admission, KeyGrant, Recovery)
PLAIN = [struct for struct in (*ACTIONS, *REGISTRY_ACTIONS) if struct not in WITH_MORE]


@pytest.mark.parametrize("struct", PLAIN, ids=name_of)
def test_payload_is_the_struct_as_one_tuple(struct: type[Struct]) -> None:
    expected = next(vector for vector in VECTORS if vector["name"] == name_of(struct))["abiEncoded"]
    assert encode_payload(SAMPLES[struct]).hex() == expected[2:]


@pytest.mark.parametrize("struct", SHOWS_OPEN_LINES, ids=name_of)
def test_what_signs_a_hash_of_lines_shows_them(struct: Any) -> None:
    payload = encode_payload(SAMPLES[struct], MANIFEST)
    values, lines = decode([abi_type(struct), "(bytes32,uint64)[]"], payload)
    assert SAMPLES[struct].manifest_hash in values
    assert [Line(*line) for line in lines] == list(MANIFEST)


def test_an_amendment_shows_what_it_replaces() -> None:
    payload = encode_payload(AMENDMENT, origin=ORIGIN)
    types = [abi_type(TransformationAmendment), "(bytes32,uint64)[]", "(uint64,string,uint64)[]"]
    values, inputs, outputs = decode(types, payload)
    assert values[1] == AMENDMENT.origin_hash
    assert inputs == tuple((line.lot, line.grams) for line in ORIGIN.inputs)
    assert outputs == tuple((made.product, made.lot_code, made.grams) for made in ORIGIN.outputs)


def test_a_carried_recall_shows_the_inputs() -> None:
    lot, made = MANIFEST[0].lot, outputs_hash(ORIGIN.outputs)
    payload = encode_propagation(lot, ORIGIN.inputs, made)
    shown = decode(["bytes32", "(bytes32,uint64)[]", "bytes32"], payload)
    assert shown == (lot, tuple((line.lot, line.grams) for line in ORIGIN.inputs), made)
    with pytest.raises(InvalidInput):
        encode_propagation(lot, ORIGIN.inputs, b"")


def test_two_signatures_go_as_one() -> None:
    key = KeyId(b"k" * 32)
    assert decode(["bytes", "bytes32", "bytes"], join_signatures(b"a" * 65, key, b"b" * 128)) == (
        b"a" * 65, key, b"b" * 128,
    )  # fmt: skip
    with pytest.raises(InvalidInput):
        join_signatures(b"a" * 65, KeyId(b"k"), b"b" * 128)


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
        (SAMPLES[Harvest], {"manifest": MANIFEST}, "entry.manifest"),
        *((SAMPLES[struct], {}, "entry.manifest") for struct in SHOWS_OPEN_LINES),
        *((SAMPLES[struct], {"manifest": MANIFEST[:1]}, "entry.manifest-hash") for struct in SHOWS_OPEN_LINES),
        (AMENDMENT, {}, "entry.origin"),
        (SAMPLES[Transformation], {"origin": ORIGIN}, "entry.origin"),
        (AMENDMENT, {"origin": replace(ORIGIN, inputs=ORIGIN.inputs[:1])}, "entry.origin-hash"),
        (AMENDMENT, {"origin": replace(ORIGIN, outputs=ORIGIN.outputs[::-1])}, "entry.origin-hash"),
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
