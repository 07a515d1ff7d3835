"""The committed contract artifacts: complete, of these sources, and with the types that Python signs."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import get_args

import pytest
from eth_utils.crypto import keccak

from ledger.adapters import artifacts
from ledger.adapters.artifacts import ContractName, load
from ledger.domain.actions import ACTIONS, Line, Output
from ledger.domain.errors import MissingTool

ROOT = Path(__file__).resolve().parents[2]
NAMES: tuple[ContractName, ...] = ("PartyRegistry", "ProduceLedger", "EventLog")


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_fits_the_limit_of_deployed_code(name: ContractName) -> None:
    artifact = load(name)
    assert 1_000 < len(artifact.deployed_bytecode) <= 24_576  # EIP-170
    assert artifact.deployed_bytecode[:500] in artifact.bytecode


@pytest.mark.parametrize("name", NAMES)
def test_artifacts_are_of_the_sources_in_the_tree(name: ContractName) -> None:
    own = {path: digest for path, digest in load(name).source_hashes.items() if path.startswith("contracts/")}
    assert f"contracts/{name}.sol" in own
    found = {path: hashlib.sha256((ROOT / path).read_bytes()).hexdigest() for path in own}
    assert found == own, "run scripts/build_contracts"


def test_the_abi_has_the_errors_and_entry_points_that_the_relay_decodes() -> None:
    ledger = load("ProduceLedger")
    functions = {item["name"] for item in ledger.abi if item["type"] == "function"}
    assert {"submit", "applyEntry", "allowanceOf", "lotsOf", "balancesOf", "consignmentsOf", "registry"} <= functions
    assert {"NotEnoughHeld", "AlreadyUsed", "InsufficientGas"} <= {error["name"] for error in ledger.errors}
    assert all(item["type"] == "error" for item in ledger.errors)


def test_code_at_an_address_is_recognised_whatever_its_immutables() -> None:
    ledger = load("ProduceLedger")
    code = bytearray(ledger.deployed_bytecode)
    start = ledger.immutables[0]
    code[start : start + 32] = b"\x11" * 32
    assert ledger.is_code_at(bytes(code))
    code[start + 32] ^= 1
    assert not ledger.is_code_at(bytes(code))
    assert not ledger.is_code_at(b"")
    assert not ledger.is_code_at(load("PartyRegistry").deployed_bytecode)


def test_each_contract_has_a_digest_of_its_own() -> None:
    assert len({load(name).digest for name in NAMES}) == len(NAMES)


def test_every_committed_artifact_has_a_name_that_can_be_loaded() -> None:
    committed = {path.stem for path in (ROOT / "ledger/package_data/artifacts").glob("*.json")}
    assert committed == set(NAMES) == set(get_args(ContractName))


def test_the_log_has_what_a_checkpoint_is_sent_and_read_with() -> None:
    log = load("EventLog")
    functions = {item["name"] for item in log.abi if item["type"] == "function"}
    assert {"extend", "checkpoint", "includes", "includesAt", "predecessor", "owner"} <= functions
    assert {"SizeNotGrowing", "WrongProofLength", "NotAnExtension", "WrongRoot"} <= {e["name"] for e in log.errors}
    assert [event["name"] for event in log.abi if event["type"] == "event" and "Ownership" not in event["name"]] == [
        "Checkpoint"
    ]


def test_a_missing_or_damaged_artifact_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "artifacts").mkdir()
    monkeypatch.setattr(artifacts, "files", lambda _: tmp_path)
    for content in (None, "{", '{"abi": []}', '{"abi": [], "bytecode": "0x"}'):
        if content is not None:
            (tmp_path / "artifacts/ProduceLedger.json").write_text(content)
        with pytest.raises(MissingTool, match="scripts/build_contracts"):
            load.__wrapped__("ProduceLedger")


STRUCT = re.compile(r"struct (\w+) \{([^}]*)\}")


def contract_types() -> dict[str, str]:
    """Each struct of IProduceLedger.sol as an EIP-712 type, without those nested in it."""
    source = (ROOT / "contracts/interfaces/IProduceLedger.sol").read_text()
    return {
        name: f"{name}({','.join(' '.join(member.split()) for member in body.split(';') if member.strip())})"
        for name, body in STRUCT.findall(source)
    }


@pytest.mark.parametrize("struct", [*ACTIONS, Line, Output], ids=lambda struct: struct.__name__)
def test_the_contracts_struct_is_what_python_signs_and_its_typehash_is_in_the_code(struct: type) -> None:
    declared = contract_types()
    assert declared[struct.__name__] == struct.TYPE  # type: ignore[attr-defined]
    nested = [declared[name] for name in ("Line", "Output") if f"{name}[]" in declared[struct.__name__]]
    typehash = keccak((declared[struct.__name__] + "".join(nested)).encode())
    assert typehash in load("ProduceLedger").deployed_bytecode
