"""The file form of a signed acknowledgement: one form, read strictly; the vector is that of acknowledgement.json."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_vectors import FOLDER

from ledger.domain.errors import InvalidInput
from ledger.domain.log.acknowledgement_json import (
    RECEIPT_FORMAT,
    acknowledgement_from_json,
    acknowledgement_to_json,
    read_acknowledgement,
)

VECTOR: dict[str, Any] = json.loads((FOLDER / "acknowledgement.json").read_text(encoding="utf-8"))
TREE: dict[str, Any] = {
    "format": RECEIPT_FORMAT,
    "chainId": int(VECTOR["chainId"]),
    "eventLog": VECTOR["contract"],
    "logIndex": int(VECTOR["logIndex"]),
    "contentHash": VECTOR["contentHash"],
    "leafHash": VECTOR["leafHash"],
    "time": int(VECTOR["time"]),
    "mergeDeadline": int(VECTOR["mergeDeadline"]),
    "signature": VECTOR["signature"],
}


def test_the_vector_is_read_written_and_recovers_its_signer() -> None:
    signed = acknowledgement_from_json(TREE)
    assert acknowledgement_to_json(signed) == TREE
    assert list(acknowledgement_to_json(signed)) == list(TREE)
    assert read_acknowledgement(json.dumps(TREE).encode()) == signed
    assert "0x" + signed.signer().hex() == VECTOR["signer"]


@pytest.mark.parametrize("name", list(TREE))
def test_a_member_too_few_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="has the members"):
        acknowledgement_from_json({key: value for key, value in TREE.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "silkroot-receipt-2"),
        ("more", 1),
        ("chainId", "31337"),
        ("chainId", True),
        ("logIndex", -1),
        ("logIndex", 2**64),
        ("time", 1.5),
        ("eventLog", VECTOR["contract"] + "00"),
        ("eventLog", VECTOR["contract"].upper()),
        ("contentHash", VECTOR["contentHash"][2:]),
        ("leafHash", None),
        ("signature", "0x" + "00" * 64),
        ("signature", VECTOR["signature"] + "\n"),
    ],
)
def test_another_form_is_refused(name: str, value: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        acknowledgement_from_json({**TREE, name: value})
    assert [one.rule for one in caught.value.violations] == ["log.receipt"]


def test_a_deadline_before_the_time_is_refused() -> None:
    with pytest.raises(InvalidInput, match="deadline"):
        acknowledgement_from_json({**TREE, "mergeDeadline": TREE["time"] - 1})


def test_duplicate_names_are_refused() -> None:
    data = json.dumps(TREE)[:-1] + ', "time": 1}'
    with pytest.raises(InvalidInput):
        read_acknowledgement(data.encode())


@given(st.integers(0, 64), st.integers(0, 7))
def test_a_flipped_bit_of_the_signature_is_another_signer_or_none(at: int, bit: int) -> None:
    signature = bytearray.fromhex(VECTOR["signature"][2:])
    signature[at] ^= 1 << bit
    signed = acknowledgement_from_json({**TREE, "signature": "0x" + signature.hex()})
    with contextlib.suppress(InvalidInput):
        assert "0x" + signed.signer().hex() != VECTOR["signer"]
