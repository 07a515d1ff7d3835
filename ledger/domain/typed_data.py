"""
EIP-712 digests of our structs: what a party's key signs; no I/O.

Written for these structs alone, because the general encoders coerce values that do not fit and take ten times as long.
A property test proves the digests equal to eth-account's.
Source: EIP-712, "Definition of hashStruct" and "Definition of domainSeparator".
Raises `InvalidInput` for a value that does not fit its type; nothing is coerced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any

from eth_hash.auto import keccak

from ledger.domain.actions import Line, Output, Statement
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import Digest, LotId, PartyId
from ledger.domain.struct_types import (
    STRUCTS,
    Member,
    Struct,
    check_array,
    check_bool,
    check_bytes32,
    check_string,
    check_uint,
    encode_type,
    members_of,
    struct_named,
)  # fmt: skip

LEDGER_NAME = "Silkroot ProduceLedger"
REGISTRY_NAME = "Silkroot PartyRegistry"
VERSION = "1"
DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_DOMAIN_TYPE_HASH = keccak(DOMAIN_TYPE.encode())
_TRUE, _FALSE = (1).to_bytes(32, "big"), bytes(32)

_Encoder = Callable[[Any], bytes]


@dataclass(frozen=True, slots=True)
class Domain:
    """An EIP-712 domain: which contract, on which chain, a signature is for. `contract` is a 20-byte address."""

    name: str
    version: str
    chain_id: int
    contract: bytes

    def __post_init__(self) -> None:
        if len(self.contract) != 20:
            raise InvalidInput.one("verifyingContract", "eip712.address", self.contract, "not 20 bytes")
        if not 0 <= self.chain_id < 2**256:
            raise InvalidInput.one("chainId", "eip712.uint256", self.chain_id, "not a 256-bit number")

    @classmethod
    def of_ledger(cls, chain_id: int, contract: bytes) -> Domain:
        """The domain of the `ProduceLedger` at that address."""
        return cls(LEDGER_NAME, VERSION, chain_id, contract)

    @classmethod
    def of_registry(cls, chain_id: int, contract: bytes) -> Domain:
        """The domain of the `PartyRegistry` at that address."""
        return cls(REGISTRY_NAME, VERSION, chain_id, contract)


@lru_cache(maxsize=64)
def domain_separator(domain: Domain) -> bytes:
    """hashStruct of the domain, 32 bytes."""
    return keccak(
        _DOMAIN_TYPE_HASH
        + keccak(domain.name.encode())
        + keccak(domain.version.encode())
        + domain.chain_id.to_bytes(32, "big")
        + domain.contract.rjust(32, b"\0")
    )


def struct_hash(struct: Struct) -> bytes:
    """hashStruct of any of our structs, 32 bytes."""
    return _HASHERS[type(struct)](struct)


def digest(domain: Domain, struct: Struct) -> Digest:
    """keccak256(0x19 0x01 ‖ domainSeparator ‖ hashStruct): the 32 bytes that a key signs."""
    return Digest(keccak(b"\x19\x01" + domain_separator(domain) + struct_hash(struct)))


class StatementDigests:
    """
    `digest` of statements of one party and step, of which most of what is hashed stays the same. A property test holds
    the two equal.
    """

    def __init__(self, domain: Domain, party: PartyId, step: str) -> None:
        head = check_uint(party, "uint64", "party").to_bytes(32, "big") + keccak(check_string(step, "step").encode())
        self._head = type_hash(Statement) + head
        self._domain = b"\x19\x01" + domain_separator(domain)

    def digest(self, lots: bytes, content: bytes, deadline: bytes) -> Digest:
        """The hash of the lots (`lots_hash`), the content's and the deadline as a word: 32 bytes each."""
        return Digest(keccak(self._domain + keccak(self._head + lots + content + deadline)))


def lots_hash(lots: Iterable[LotId]) -> bytes:
    """The EIP-712 hash of `bytes32[]` in the order given, 32 bytes."""
    return _short_hash(b"".join(lots))


def type_hash(struct: type[Struct]) -> bytes:
    """keccak256(encodeType(struct)), as the contract's constant has it; 32 bytes."""
    return keccak(encode_type(struct).encode())


def lines_hash(lines: Iterable[Line]) -> bytes:
    """The EIP-712 hash of `Line[]` in the order given, 32 bytes."""
    return keccak(b"".join(map(_HASHERS[Line], lines)))


manifest_hash = lines_hash
"""The same, of a manifest or of what is left of it; those ascend by lot id."""


def outputs_hash(outputs: Iterable[Output]) -> bytes:
    """The EIP-712 hash of `Output[]` in the order given, 32 bytes."""
    return keccak(b"".join(map(_HASHERS[Output], outputs)))


def origin_hash(inputs: Iterable[Line], outputs: Iterable[Output]) -> bytes:
    """
    What every output of a transformation stores of it, 32 bytes:
    keccak256(abi.encode(bytes32 hash of the inputs, bytes32 hash of the outputs)).
    """
    return keccak(lines_hash(inputs) + outputs_hash(outputs))


def _short_hash(data: bytes) -> bytes:
    """keccak256 of a text or of an array's items: a step, a lot, two lots come again and again."""
    return _remembered_hash(data) if len(data) <= _REMEMBERED_LENGTH else keccak(data)


_REMEMBERED_LENGTH = 64
_remembered_hash = lru_cache(maxsize=1024)(keccak)


def _uint(member: Member) -> _Encoder:
    type_name, field = member.type, member.name
    return lambda value: check_uint(value, type_name, field).to_bytes(32, "big")


def _item_hasher(member: Member) -> _Encoder:
    """Encodes one item of an array, or a value that is no array."""
    field = member.name
    type_name = member.item or member.type
    match type_name:
        case "uint8" | "uint16" | "uint64":
            return _uint(member)
        case "bool":
            return lambda value: _TRUE if check_bool(value, field) else _FALSE
        case "bytes32":
            return lambda value: check_bytes32(value, field)
        case "string":
            return lambda value: _short_hash(check_string(value, field).encode())
    struct = struct_named(type_name)
    if struct is None:
        raise TypeError(f"no encoder for {type_name}")
    hasher = _HASHERS[struct]

    def encode(value: Any) -> bytes:
        if type(value) is not struct:
            raise InvalidInput.one(field, "eip712.struct", value, f"not a {type_name}")
        return hasher(value)

    return encode


def _member_encoder(member: Member) -> _Encoder:
    encode = _item_hasher(member)
    if not member.item:
        return encode
    field = member.name
    return lambda value: _short_hash(b"".join([encode(item) for item in check_array(value, field)]))


def _hasher(struct: type[Struct]) -> _Encoder:
    """hashStruct for one struct."""
    members = members_of(struct)
    head = type_hash(struct)
    encoders = [_member_encoder(member) for member in members]
    values = attrgetter(*(member.attribute for member in members))

    def hash_struct(value: Any) -> bytes:
        parts = zip(encoders, values(value), strict=True)
        return keccak(head + b"".join([encode(part) for encode, part in parts]))

    return hash_struct


_HASHERS: dict[type[Struct], _Encoder] = {}
for _struct in STRUCTS:  # the lines and Output come first: others are composed of them
    _HASHERS[_struct] = _hasher(_struct)
