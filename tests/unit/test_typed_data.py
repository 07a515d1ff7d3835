"""EIP-712 digests: those of eth-account, of the committed vectors and of the contracts' structs; nothing is coerced."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from action_strategies import any_struct, struct_values
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st
from typed_data_vectors import VECTORS_FILE, build_vectors, sample_structs

from ledger.domain.action_json import typed_message
from ledger.domain.actions import (
    ACTIONS,
    Action,
    EntryKind,
    Harvest,
    Line,
    Pledge,
    Settlement,
    Shipment,
    Statement,
    Transformation,
    TransformationAmendment,
    Void,
    cosigner_of,
    signer_of,
)
from ledger.domain.errors import InvalidInput
from ledger.domain.registry_actions import REGISTRY_ACTIONS, RegistryKind
from ledger.domain.struct_types import STRUCTS, Struct, encode_type, members_of, name_of
from ledger.domain.typed_data import (
    Domain,
    digest,
    domain_separator,
    manifest_hash,
    origin_hash,
    outputs_hash,
    struct_hash,
    type_hash,
)

LEDGER = Domain.of_ledger(31337, bytes.fromhex("5fbdb2315678afecb367f032d93f642f64180aa3"))
REGISTRY = Domain.of_registry(31337, bytes.fromhex("e7f1725e7734ce288f8367e1bb143e90bb3f0512"))
INTERFACES = Path(__file__).parents[2] / "contracts" / "interfaces"
HARVEST = next(struct for struct in sample_structs() if isinstance(struct, Harvest))
SHIPMENT = next(struct for struct in sample_structs() if isinstance(struct, Shipment))
STATEMENT = next(struct for struct in sample_structs() if isinstance(struct, Statement))


def oracle_digest(domain: Domain, struct: Struct) -> bytes:
    message = encode_typed_data(full_message=typed_message(domain, struct))
    return keccak(b"\x19" + message.version + message.header + message.body)


@pytest.mark.parametrize("struct", STRUCTS, ids=name_of)
def test_digest_equals_eth_accounts(struct: type[Struct]) -> None:
    @settings(max_examples=25, deadline=None)
    @given(struct_values(struct))
    def check(value: Struct) -> None:
        assert digest(LEDGER, value) == oracle_digest(LEDGER, value)

    check()


@settings(max_examples=50, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    st.integers(0, 2**256 - 1),
    st.binary(min_size=20, max_size=20),
)
def test_any_domain_equals_eth_accounts(name: str, chain_id: int, contract: bytes) -> None:
    domain = Domain(name, "1", chain_id, contract)
    assert digest(domain, HARVEST) == oracle_digest(domain, HARVEST)


@settings(max_examples=200, deadline=None)
@given(any_struct(), any_struct())
def test_different_structs_have_different_hashes(first: Struct, second: Struct) -> None:
    assert (struct_hash(first) == struct_hash(second)) == (first == second and type(first) is type(second))


def test_domains_separate() -> None:
    other_chain = replace(LEDGER, chain_id=1)
    other_contract = replace(LEDGER, contract=REGISTRY.contract)
    separators = {domain_separator(domain) for domain in (LEDGER, REGISTRY, other_chain, other_contract)}
    assert len(separators) == 4


def test_manifest_hash_is_the_array_in_a_shipment() -> None:
    lines = SHIPMENT.manifest
    assert manifest_hash(lines) == keccak(b"".join(struct_hash(line) for line in lines))
    assert manifest_hash(lines[::-1]) != manifest_hash(lines)
    assert manifest_hash(()) == keccak(b"")


def test_origin_hash_binds_inputs_and_outputs() -> None:
    packing = next(struct for struct in sample_structs() if isinstance(struct, Transformation))
    made = keccak(b"".join(struct_hash(output) for output in packing.outputs))
    assert outputs_hash(packing.outputs) == made
    assert origin_hash(packing.inputs, packing.outputs) == keccak(manifest_hash(packing.inputs) + made)
    amendment = next(struct for struct in sample_structs() if isinstance(struct, TransformationAmendment))
    assert amendment.origin_hash == origin_hash(amendment.inputs, amendment.outputs)


@pytest.mark.parametrize("struct", STRUCTS, ids=name_of)
def test_type_string_mirrors_the_contract(struct: type[Struct]) -> None:
    source = "".join((INTERFACES / name).read_text() for name in ("IProduceLedger.sol", "IPartyRegistry.sol"))
    body = re.search(rf"struct {name_of(struct)} {{(.*?)}}", source, re.DOTALL)
    assert body is not None
    without_comments = re.sub(r"//[^\n]*|/\*.*?\*/", "", body[1], flags=re.DOTALL)
    solidity = [" ".join(part.split()) for part in without_comments.split(";") if part.strip()]
    assert f"{name_of(struct)}({','.join(solidity)})".replace("Scheme scheme", "uint8 scheme") == struct.TYPE
    assert len(members_of(struct)) == len(fields(struct))


@pytest.mark.parametrize(("interface", "kinds"), [("IProduceLedger", EntryKind), ("IPartyRegistry", RegistryKind)])
def test_kinds_have_the_contracts_numbers(interface: str, kinds: Any) -> None:
    body = re.search(r"enum Kind {(.*?)}", (INTERFACES / f"{interface}.sol").read_text(), re.DOTALL)
    assert body is not None
    names = [name.strip() for name in body[1].split(",")]
    assert [kind.value for kind in kinds] == list(range(len(names)))
    assert [kind.name.replace("_", "").lower() for kind in kinds] == [name.lower() for name in names]
    structs = ACTIONS if kinds is EntryKind else REGISTRY_ACTIONS
    signed = [name for name in names if name != "Propagation"]  # that one nobody signs
    assert [name_of(struct) for struct in structs] == signed
    assert [struct.KIND for struct in structs] == [kind for kind in kinds if kind is not EntryKind.PROPAGATION]


def test_encode_type_appends_what_it_refers_to_in_order() -> None:
    names = re.findall(
        r"(\w+)\(", encode_type(next(struct for struct in STRUCTS if name_of(struct) == "Transformation"))
    )
    assert names == ["Transformation", "Line", "Output"]
    assert type_hash(Line) == keccak(b"Line(bytes32 lot,uint64 grams)")


@pytest.mark.parametrize(
    "action", [struct for struct in sample_structs() if type(struct) in ACTIONS], ids=lambda a: name_of(type(a))
)
def test_the_signer_is_the_first_member(action: Any) -> None:
    assert signer_of(action) == getattr(action, members_of(type(action))[0].attribute)


def test_who_signs_as_well() -> None:
    second = {name_of(type(struct)): cosigner_of(struct) for struct in sample_structs() if isinstance(struct, Action)}
    samples: dict[Any, Any] = {type(struct): struct for struct in sample_structs()}
    expected = {"Settlement": samples[Settlement].counterparty, "Void": samples[Void].receiver}
    expected["Pledge"] = samples[Pledge].lender
    assert {name: party for name, party in second.items() if party is not None} == expected
    for alone in (replace(samples[Settlement], counterparty=0), replace(samples[Void], receiver=0)):
        assert cosigner_of(alone) is None


@pytest.mark.parametrize(
    ("struct", "rule", "field"),
    [
        (replace(HARVEST, grams=-1), "eip712.uint64", "grams"),
        (replace(HARVEST, grams=2**64), "eip712.uint64", "grams"),
        (replace(HARVEST, grams=1.0), "eip712.uint64", "grams"),
        (replace(HARVEST, grams=True), "eip712.uint64", "grams"),
        (replace(HARVEST, grams="1"), "eip712.uint64", "grams"),
        (replace(HARVEST, season=2**16), "eip712.uint16", "season"),
        (replace(HARVEST, content_hash=b""), "eip712.bytes32", "contentHash"),
        (replace(HARVEST, content_hash=bytes(31)), "eip712.bytes32", "contentHash"),
        (replace(HARVEST, content_hash=0), "eip712.bytes32", "contentHash"),
        (replace(HARVEST, plot="0x" + "00" * 32), "eip712.bytes32", "plot"),
        (replace(HARVEST, lot_code=""), "gs1.ai10", "lotCode"),
        (replace(HARVEST, lot_code="A" * 21), "gs1.ai10", "lotCode"),
        (replace(HARVEST, lot_code="A B"), "gs1.ai10", "lotCode"),
        (replace(HARVEST, lot_code=b"A"), "eip712.string", "lotCode"),
        (replace(STATEMENT, step="\ud800"), "eip712.string", "step"),
        (replace(STATEMENT, lots=[bytes(32)]), "eip712.array", "lots"),
        (replace(STATEMENT, lots=(bytes(33),)), "eip712.bytes32", "lots"),
        (replace(SHIPMENT, manifest=((bytes(32), 1),)), "eip712.struct", "manifest"),
    ],
)
def test_what_does_not_fit_is_refused(struct: Any, rule: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        digest(LEDGER, struct)
    assert (refusal.value.violations[0].rule, refusal.value.violations[0].field) == (rule, field)


@pytest.mark.parametrize(
    ("chain_id", "contract"), [(-1, bytes(20)), (2**256, bytes(20)), (1, bytes(19)), (1, bytes(32))]
)
def test_a_domain_is_checked(chain_id: int, contract: bytes) -> None:
    with pytest.raises(InvalidInput):
        Domain.of_ledger(chain_id, contract)


def test_the_committed_vectors_are_those_of_the_oracle() -> None:
    assert json.loads(VECTORS_FILE.read_text()) == build_vectors()


@pytest.mark.parametrize("vector", json.loads(VECTORS_FILE.read_text())["vectors"], ids=lambda vector: vector["name"])
def test_vector(vector: dict[str, Any]) -> None:
    struct = next(struct for struct in sample_structs() if name_of(type(struct)) == vector["name"])
    domain = REGISTRY if type(struct) in REGISTRY_ACTIONS else LEDGER
    assert encode_type(type(struct)) == vector["encodeType"]
    assert "0x" + type_hash(type(struct)).hex() == vector["typeHash"]
    assert "0x" + struct_hash(struct).hex() == vector["structHash"]
    assert "0x" + domain_separator(domain).hex() == vector["domainSeparator"]
    assert "0x" + digest(domain, struct).hex() == vector["digest"]
