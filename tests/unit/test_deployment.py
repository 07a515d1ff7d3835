"""The deployment record: exact round trip, and every way in which it can be wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from ledger.adapters.creation import creation_order, libraries
from ledger.adapters.deployment import Deployment, artifact_hashes, load_deployment, save_deployment
from ledger.domain.errors import NotFound, WrongChain


def record() -> Deployment:
    linked = {name: bytes([number]) * 20 for number, name in enumerate(libraries(), start=5)}
    return Deployment(
        "local", 31337, *(bytes([one]) * 20 for one in (1, 2, 9, 3, 4)), 0, artifact_hashes(), linked
    )  # fmt: skip


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "deployment.json"
    save_deployment(path, record())
    assert load_deployment(path) == record()
    assert [one.name for one in path.parent.iterdir()] == ["deployment.json"]


def test_the_domains_name_their_contracts() -> None:
    assert record().log_domain.contract == b"\x09" * 20
    assert record().ledger_domain.contract == b"\x02" * 20
    assert record().registry_domain.contract == b"\x01" * 20
    assert record().ledger_domain.chain_id == 31337


def test_no_record_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nothing is deployed yet"):
        load_deployment(tmp_path / "deployment.json")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("format", "silkroot-deployment-0"),
        ("chainId", "31337"),
        ("chainId", True),
        ("firstBlock", -1),
        ("partyRegistry", "0x01"),
        ("produceLedger", "02" * 21),
        ("eventLog", ""),
        ("deployer", None),
        ("registrar", "0x" + "zz" * 20),
        ("artifacts", ["a"]),
        ("libraries", {"Disputes": "0x05"}),
        ("libraries", []),
    ],
)
def test_a_record_with_a_wrong_member_is_refused(tmp_path: Path, member: str, value: Any) -> None:
    path = tmp_path / "deployment.json"
    save_deployment(path, record())
    tree = orjson.loads(path.read_bytes())
    path.write_bytes(orjson.dumps({**tree, member: value}))
    with pytest.raises(WrongChain):
        load_deployment(path)


@pytest.mark.parametrize("member", ["format", "network", "chainId", "produceLedger", "artifacts", "libraries"])
def test_a_record_that_lacks_a_member_is_refused(tmp_path: Path, member: str) -> None:
    path = tmp_path / "deployment.json"
    save_deployment(path, record())
    tree = orjson.loads(path.read_bytes())
    del tree[member]
    path.write_bytes(orjson.dumps(tree))
    with pytest.raises(WrongChain, match="is not one"):
        load_deployment(path)


def test_a_torn_record_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "deployment.json"
    path.write_bytes(b'{"format": ')
    with pytest.raises(WrongChain, match="cannot be read"):
        load_deployment(path)


def test_contracts_of_another_build_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "deployment.json"
    save_deployment(path, replace(record(), artifacts={**artifact_hashes(), "ProduceLedger": "00" * 32}))
    with pytest.raises(WrongChain, match="built from other sources"):
        load_deployment(path)


def test_a_record_names_the_build_of_every_library(tmp_path: Path) -> None:
    assert set(record().artifacts) == set(creation_order())
    path = tmp_path / "deployment.json"
    for name in libraries():
        save_deployment(path, replace(record(), artifacts={**artifact_hashes(), name: "00" * 32}))
        with pytest.raises(WrongChain, match="built from other sources"):
            load_deployment(path)


def test_a_record_that_an_earlier_release_wrote_says_to_use_that_release(tmp_path: Path) -> None:
    path = tmp_path / "deployment.json"
    path.write_bytes(orjson.dumps({"format": "silkroot-deployment-1", "network": "local"}))
    with pytest.raises(WrongChain, match="run the Silkroot that deployed them"):
        load_deployment(path)
