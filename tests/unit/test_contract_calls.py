"""Bytes to and from the contracts: call data against the ABI, errors in words."""

from __future__ import annotations

import json

import pytest
from eth_abi.abi import decode, encode
from eth_hash.auto import keccak

from ledger.adapters import artifacts
from ledger.adapters.contract_calls import (
    CONSIGNMENT,
    ENTRY,
    ENTRY_RECORDED,
    ENTRY_SKIPPED,
    KEY,
    LOT_STATE,
    MALFORMED,
    PARTY_ADMITTED,
    PARTY_SUSPENSION_CHANGED,
    ROLES_CHANGED,
    ErrorNames,
    _abi_type,
    decode_words,
    encode_apply,
    encode_submit,
    selector,
)
from ledger.adapters.transactions import create_address
from ledger.domain.errors import ChainError
from ledger.domain.identifiers import KeyId
from ledger.ports_outbox import SignedEntry

LEDGER, REGISTRY = artifacts.load("ProduceLedger").abi, artifacts.load("PartyRegistry").abi
NAMES = ErrorNames([LEDGER, REGISTRY])
BY_SELECTOR = {
    selector(f"{item['name']}({','.join(_abi_type(one) for one in item['inputs'])})"): item
    for item in (*LEDGER, *REGISTRY)
    if item["type"] == "function"
}


def outputs(name: str) -> list[str]:
    (found,) = {tuple(map(_abi_type, item["outputs"])) for item in BY_SELECTOR.values() if item["name"] == name}
    return list(found)


def event_topic(name: str) -> bytes:
    (item,) = {
        json.dumps(item): item for item in (*LEDGER, *REGISTRY) if item["type"] == "event" and item["name"] == name
    }.values()
    return keccak(f"{name}({','.join(_abi_type(one) for one in item['inputs'])})".encode())


def test_the_types_written_here_are_those_of_the_abi() -> None:
    assert outputs("lotsOf") == [f"{LOT_STATE}[]"]
    assert outputs("consignmentsOf") == [f"{CONSIGNMENT}[]"]
    assert outputs("keysOf") == [f"{KEY}[]"]
    assert outputs("rolesOf") == ["uint16[]"]
    assert outputs("balancesOf") == ["uint64[]"]
    assert event_topic("EntryRecorded") == ENTRY_RECORDED
    assert event_topic("EntrySkipped") == ENTRY_SKIPPED
    assert event_topic("PartyAdmitted") == PARTY_ADMITTED
    assert event_topic("RolesChanged") == ROLES_CHANGED
    assert event_topic("PartySuspensionChanged") == PARTY_SUSPENSION_CHANGED


def test_submit_and_apply_are_encoded_as_the_abi_has_them() -> None:
    entry = SignedEntry(3, KeyId(b"\x01" * 32), b"payload", b"signature")
    words = (3, b"\x01" * 32, b"payload", b"signature")
    one, many = encode_apply(entry), encode_submit([entry, entry])
    assert BY_SELECTOR[one[:4]]["name"] == "applyEntry"
    assert BY_SELECTOR[many[:4]]["name"] == "submit"
    assert decode([ENTRY], one[4:]) == (words,)
    assert decode([f"{ENTRY}[]"], many[4:]) == ((words, words),)


def test_a_custom_error_is_said_in_words() -> None:
    data = selector("NotEnoughHeld(bytes32,uint64,uint64,uint64)")
    data += encode(["bytes32", "uint64", "uint64", "uint64"], [b"\xab" * 32, 9520000000011, 5, 6])
    assert NAMES.describe(data) == f"NotEnoughHeld(lot=0x{'ab' * 32}, holder=9520000000011, held=5, needed=6)"


def test_an_error_of_the_registry_is_known_to_the_ledger_too() -> None:
    data = selector("UnknownKey(bytes32)") + b"\x01" * 32
    assert NAMES.describe(data) == f"UnknownKey(keyId=0x{'01' * 32})"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", MALFORMED),
        (b"\x01\x02\x03\x04", "UnknownError(data=0x01020304)"),
        (selector("Error(string)") + encode(["string"], ["no"]), "Error(message=no)"),
        (selector("Panic(uint256)") + encode(["uint256"], [17]), "Panic(code=17)"),
        (selector("LotExists(bytes32)") + b"\x01", "LotExists(data=0x01)"),
    ],
)
def test_other_errors_are_said_as_well_as_can_be(data: bytes, words: str) -> None:
    assert NAMES.describe(data) == words


def test_words_that_are_not_what_was_asked_are_an_error() -> None:
    with pytest.raises(ChainError, match="lotsOf"):
        decode_words([f"{LOT_STATE}[]"], b"\x01", "lotsOf")


@pytest.mark.parametrize("nonce", [0, 1, 127, 128, 255, 256, 65536])
def test_contract_addresses_agree_with_rlp(nonce: int) -> None:
    import rlp

    deployer = bytes(range(20))
    assert create_address(deployer, nonce) == keccak(rlp.encode([deployer, nonce]))[12:]
