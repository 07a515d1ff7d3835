"""The file form of a signed acknowledgement: one form each, read strictly; by the vectors."""

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
    FORMER_FORMAT,
    RECEIPT_FORMAT,
    acknowledgement_from_json,
    acknowledgement_to_json,
    read_acknowledgement,
)

VECTOR: dict[str, Any] = json.loads((FOLDER / "acknowledgement.json").read_text(encoding="utf-8"))
BATCH: dict[str, Any] = json.loads((FOLDER / "acknowledgement_batch.json").read_text(encoding="utf-8"))
LEAF: dict[str, Any] = BATCH["leaves"][3]
FORMER: dict[str, Any] = {
    "format": FORMER_FORMAT,
    "chainId": int(VECTOR["chainId"]),
    "eventLog": VECTOR["contract"],
    "logIndex": int(VECTOR["logIndex"]),
    "contentHash": VECTOR["contentHash"],
    "leafHash": VECTOR["leafHash"],
    "time": int(VECTOR["time"]),
    "mergeDeadline": int(VECTOR["mergeDeadline"]),
    "signature": VECTOR["signature"],
}
PRESENT: dict[str, Any] = {
    "format": RECEIPT_FORMAT,
    "chainId": int(BATCH["chainId"]),
    "eventLog": BATCH["contract"],
    "logIndex": int(LEAF["logIndex"]),
    "contentHash": LEAF["contentHash"],
    "signatureHash": LEAF["signatureHash"],
    "leafHash": LEAF["leafHash"],
    "firstIndex": int(BATCH["firstIndex"]),
    "count": int(BATCH["count"]),
    "path": LEAF["path"],
    "time": int(BATCH["time"]),
    "mergeDeadline": int(BATCH["mergeDeadline"]),
    "signature": BATCH["signature"],
}
BOTH = pytest.mark.parametrize("tree", [FORMER, PRESENT], ids=["former", "present"])


@BOTH
def test_the_vector_is_read_written_and_recovers_its_signer(tree: dict[str, Any]) -> None:
    signed = acknowledgement_from_json(tree)
    assert acknowledgement_to_json(signed) == tree
    assert list(acknowledgement_to_json(signed)) == list(tree)
    assert read_acknowledgement(json.dumps(tree).encode()) == signed
    assert "0x" + signed.signer().hex() == VECTOR["signer"]


@pytest.mark.parametrize(("tree", "name"), [(tree, name) for tree in (FORMER, PRESENT) for name in tree])
def test_a_member_too_few_is_refused(tree: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidInput, match="has the members"):
        acknowledgement_from_json({key: value for key, value in tree.items() if key != name})


@pytest.mark.parametrize("name", [name for name in PRESENT if name not in FORMER])
def test_the_former_form_has_no_member_of_the_present_one(name: str) -> None:
    with pytest.raises(InvalidInput, match="has the members"):
        acknowledgement_from_json({**FORMER, name: PRESENT[name]})


@BOTH
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "silkroot-receipt-3"),
        ("format", 2),
        ("format", None),
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
def test_another_form_is_refused(tree: dict[str, Any], name: str, value: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        acknowledgement_from_json({**tree, name: value})
    assert [one.rule for one in caught.value.violations] == ["log.receipt"]


@pytest.mark.parametrize(
    ("name", "value", "at"),
    [
        ("firstIndex", "41", "/firstIndex"),
        ("count", 7.0, "/count"),
        ("count", 2**64, "/count"),
        ("signatureHash", LEAF["signatureHash"].upper(), "/signatureHash"),
        ("path", None, "/path"),
        ("path", {}, "/path"),
        ("path", "".join(LEAF["path"]), "/path"),
        ("path", ["0x" + "00" * 32] * 65, "/path"),
        ("path", [LEAF["path"][0], LEAF["path"][1][2:]], "/path/1"),
        ("path", [1], "/path/0"),
        ("path", ["0x" + "00" * 31], "/path/0"),
    ],
)
def test_another_form_of_a_place_is_refused(name: str, value: object, at: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        acknowledgement_from_json({**PRESENT, name: value})
    assert [(one.field, one.rule) for one in caught.value.violations] == [(at, "log.receipt")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("path", []),
        ("path", LEAF["path"][1:]),
        ("path", [*LEAF["path"], LEAF["leafHash"]]),
        ("count", 0),
        ("count", 3),
        ("count", 9),
        ("firstIndex", 45),
        ("logIndex", 40),
        ("logIndex", 48),
        ("contentHash", "0x" + "00" * 32),
        ("signatureHash", "0x" + "00" * 32),
        ("leafHash", "0x" + "00" * 32),
    ],
)
def test_a_place_that_the_leaf_cannot_have_is_refused(name: str, value: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        acknowledgement_from_json({**PRESENT, name: value})
    assert [one.rule for one in caught.value.violations] == ["log.acknowledgement"]


@BOTH
def test_a_deadline_before_the_time_is_refused(tree: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="deadline"):
        acknowledgement_from_json({**tree, "mergeDeadline": tree["time"] - 1})


@BOTH
def test_duplicate_names_are_refused(tree: dict[str, Any]) -> None:
    data = json.dumps(tree)[:-1] + ', "time": 1}'
    with pytest.raises(InvalidInput):
        read_acknowledgement(data.encode())


@given(st.sampled_from([FORMER, PRESENT]), st.integers(0, 64), st.integers(0, 7))
def test_a_flipped_bit_of_the_signature_is_another_signer_or_none(tree: dict[str, Any], at: int, bit: int) -> None:
    signature = bytearray.fromhex(tree["signature"][2:])
    signature[at] ^= 1 << bit
    signed = acknowledgement_from_json({**tree, "signature": "0x" + signature.hex()})
    with contextlib.suppress(InvalidInput):
        assert "0x" + signed.signer().hex() != VECTOR["signer"]
