"""The proof is taken out of an event before hashing, exactly so: vectors with their pre-images."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from presigned_vectors import CHAIN_ID, CONTRACT, VECTORS_FILE, build_vectors

from ledger.domain.content_hash import content_hash, pre_image
from ledger.domain.errors import InvalidEvent
from ledger.domain.presigned import MOST_DISCLOSURES, is_presigned, presigned_of
from ledger.domain.sealing import Policy
from ledger.domain.typed_data import Domain
from ledger.services.signed_events import check_presigned

VECTORS: dict[str, Any] = json.loads(VECTORS_FILE.read_text(encoding="utf-8"))


def test_the_file_is_what_the_script_makes() -> None:
    assert build_vectors() == VECTORS, "run tests/support/presigned_vectors.py"


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["name"])
def test_what_is_hashed_and_signed(vector: dict[str, Any]) -> None:
    sent = copy.deepcopy(vector["sent"])
    given = presigned_of(sent)
    assert given is not None
    assert sent == vector["sent"]
    assert pre_image(given.event).decode() == vector["preImage"]
    assert "0x" + content_hash(given.event).hex() == vector["contentHash"]
    checked = check_presigned(given, Domain.of_ledger(CHAIN_ID, CONTRACT), Policy(()), lambda: bytes(16))
    assert "0x" + checked.digest.hex() == vector["digest"]
    assert [one.text for one in checked.disclosures] == vector["sent"].get("silkroot:disclosures", [])


def test_an_event_without_a_proof_carries_none() -> None:
    event = {name: value for name, value in VECTORS["vectors"][0]["sent"].items() if name != "silkroot:proof"}
    assert presigned_of(event) is None
    assert not is_presigned(event)
    assert is_presigned(VECTORS["vectors"][0]["sent"])


def test_too_many_disclosures_are_refused() -> None:
    sent = {**VECTORS["vectors"][0]["sent"], "silkroot:disclosures": ["x"] * (MOST_DISCLOSURES + 1)}
    with pytest.raises(InvalidEvent, match=r"proof\.disclosures"):
        presigned_of(sent)
