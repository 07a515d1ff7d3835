"""The committed contract artifacts: complete, of these sources, and with the types that Python signs."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import get_args

import pytest
from eth_utils.crypto import keccak

from ledger.adapters import artifacts
from ledger.adapters.artifacts import Artifact, ContractName, Link, load
from ledger.domain.action_parts import ReceiptLine, SettledLine
from ledger.domain.actions import ACTIONS, Line, Output
from ledger.domain.errors import MissingTool

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS: tuple[ContractName, ...] = ("PartyRegistry", "ProduceLedger", "EventLog")
LIBRARIES = load("ProduceLedger").libraries
NAMES = (*CONTRACTS, *LIBRARIES)


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_fits_the_limit_of_deployed_code(name: str) -> None:
    artifact = load(name)
    assert 1_000 < len(artifact.deployed_bytecode) <= 24_576  # EIP-170
    assert len(artifact.bytecode) <= 49_152  # EIP-3860
    assert artifact.deployed_bytecode[100:400] in artifact.bytecode


@pytest.mark.parametrize("name", NAMES)
def test_artifacts_are_of_the_sources_in_the_tree(name: str) -> None:
    own = {path: digest for path, digest in load(name).source_hashes.items() if path.startswith("contracts/")}
    assert f"contracts/{'libraries/' if name in LIBRARIES else ''}{name}.sol" in own
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
    assert committed == set(NAMES)
    assert set(CONTRACTS) == set(get_args(ContractName))


def test_nothing_but_the_ledger_links_anything() -> None:
    assert {name for name in NAMES if load(name).libraries} == {"ProduceLedger"}
    assert {link.library for link in load("ProduceLedger").deployed_links} == set(LIBRARIES)


def made_up() -> Artifact:
    """Links two libraries: `Left` twice when created, `Right` once; carries an immutable and its own address."""
    created, deployed = bytearray(b"\xaa" * 100), bytearray(b"\xbb" * 120)
    for start in (10, 40, 70):
        created[start : start + 20] = bytes(20)
    for start, size in ((1, 20), (30, 20), (60, 20), (85, 32)):
        deployed[start : start + size] = bytes(size)
    return Artifact(
        name="MadeUp", abi=(), bytecode=bytes(created), deployed_bytecode=bytes(deployed), immutables=(85,),
        links=(Link("Left", 10), Link("Right", 40), Link("Left", 70)),
        deployed_links=(Link("Left", 30), Link("Right", 60)), self_address=1,
        compiler_version="", compiler_settings={}, source_hashes={},
    )  # fmt: skip


ADDRESSES = {"Left": b"\x11" * 20, "Right": b"\x22" * 20}


def standing(artifact: Artifact) -> bytes:
    """The code as it stands somewhere: linked, with its own address and an immutable."""
    code = bytearray(artifact.deployed_bytecode)
    code[1:21] = b"\x33" * 20
    code[30:50], code[60:80] = ADDRESSES["Left"], ADDRESSES["Right"]
    code[85:117] = b"\x44" * 32
    return bytes(code)


def test_linking_puts_addresses_where_the_artifact_says_and_nothing_else() -> None:
    artifact = made_up()
    linked = artifact.link({**ADDRESSES, "Another": b"\x55" * 20})
    assert linked[10:30] == linked[70:90] == ADDRESSES["Left"]
    assert linked[40:60] == ADDRESSES["Right"]
    assert linked[:10] + linked[30:40] + linked[60:70] + linked[90:] == b"\xaa" * 40
    assert artifact.libraries == ("Left", "Right")


def test_a_library_without_address_or_with_a_wrong_one_is_not_linked() -> None:
    with pytest.raises(KeyError):
        made_up().link({"Left": b"\x11" * 20})
    with pytest.raises(ValueError, match="not an address of Right"):
        made_up().link({**ADDRESSES, "Right": b"\x22" * 19})


def test_linked_code_is_recognised_and_one_changed_byte_of_the_rest_is_not() -> None:
    artifact = made_up()
    code = standing(artifact)
    assert artifact.is_code_at(code)
    for place in (0, 25, 55, 82, 118):
        changed = bytearray(code)
        changed[place] ^= 1
        assert not artifact.is_code_at(bytes(changed))
    assert not artifact.is_code_at(code + b"\x00")
    assert not artifact.is_code_at(b"")


def test_code_that_calls_other_libraries_is_told() -> None:
    artifact = made_up()
    code = standing(artifact)
    assert artifact.is_linked_to(code, ADDRESSES)
    assert not artifact.is_linked_to(code, {"Left": ADDRESSES["Left"]})
    assert not artifact.is_linked_to(code, {"Left": ADDRESSES["Right"], "Right": ADDRESSES["Left"]})
    assert not artifact.is_linked_to(artifact.deployed_bytecode, ADDRESSES)


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


LINES = (Line, Output, ReceiptLine, SettledLine)
"""In the order in which their types follow the one that lists them: the alphabet's (EIP-712)."""


@pytest.mark.parametrize("struct", [*ACTIONS, *LINES], ids=lambda struct: struct.__name__)
def test_the_contracts_struct_is_what_python_signs_and_its_typehash_is_in_the_code(struct: type) -> None:
    declared = contract_types()
    assert declared[struct.__name__] == struct.TYPE  # type: ignore[attr-defined]
    members = re.split(r"[(, ]", declared[struct.__name__])
    nested = [declared[line.__name__] for line in LINES if f"{line.__name__}[]" in members]
    typehash = keccak((declared[struct.__name__] + "".join(nested)).encode())
    assert any(typehash in load(name).deployed_bytecode for name in ("ProduceLedger", *LIBRARIES))
