"""
Calls, logs and custom errors of the contracts, to and from bytes; no network.

Source: Solidity ABI specification, "Function Selector", "Events" and "Errors". Raises `ChainError` for bytes that are
not what the contracts answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eth_hash.auto import keccak

from ledger.adapters import abi_words
from ledger.domain.errors import ChainError
from ledger.ports_outbox import SignedEntry

ENTRY = "(uint8,bytes32,bytes,bytes)"
KEY = "(uint64,uint8,bool,bool,uint40,uint40,uint40)"
RECOVERY = "(bytes32,uint8,bool,uint40)"
LOT_STATE = "(uint64,uint64,uint64,uint32,uint64,bool,bool,bytes32)"
CONSIGNMENT = "(uint64,uint64,uint8,uint64,bytes24)"
PLOT = "(uint64,uint64)"
YIELD = "(uint64,uint64)"
PLEDGE = "(uint64,uint64,uint64)"

ENTRY_RECORDED = keccak(b"EntryRecorded(bytes32,uint64,uint8,bytes32,bytes32)")
"""Topics: this, content hash, party. Data: kind, key id, digest."""
ENTRY_SKIPPED = keccak(b"EntrySkipped(uint256,bytes32,bytes)")
"""Topics: this, hash of the payload. Data: index, reason."""
PARTY_ADMITTED = keccak(b"PartyAdmitted(uint64,uint16,bytes32,uint32)")
"""Topics: this, party, key id. Data: roles, index."""
ROLES_CHANGED = keccak(b"RolesChanged(uint64,uint16)")
"""Topics: this, party. Data: roles."""
PARTY_SUSPENSION_CHANGED = keccak(b"PartySuspensionChanged(uint64,bool)")
"""Topics: this, party. Data: whether it is suspended."""
DIGEST_CANCELLED = keccak(b"DigestCancelled(uint64,bytes32,bytes32)")
"""Topics: this, party, digest. Data: key id."""
CHECKPOINT = keccak(b"Checkpoint(uint64,bytes32,uint64)")
"""Topics: this, size. Data: root, previous size."""
MALFORMED = "MalformedEntry()"
"""What we call a refusal without a reason: the entry's bytes are not the ABI form of its struct."""

_STANDARD_ERRORS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Error", (("message", "string"),)),
    ("Panic", (("code", "uint256"),)),
)


def selector(signature: str) -> bytes:
    """The four bytes that name a function or an error."""
    return keccak(signature.encode())[:4]


def encode_call(name: str, types: Sequence[str], values: Sequence[Any]) -> bytes:
    """Call data."""
    if abi_words.handles(types):
        return selector(f"{name}({','.join(types)})") + abi_words.encode(types, values)
    # Imported here, as below: only who sends entries, or reads errors, waits for it.
    from eth_abi.abi import encode

    return selector(f"{name}({','.join(types)})") + encode(types, values)


def decode_words(types: Sequence[str], data: bytes, what: str) -> tuple[Any, ...]:
    """What a call returned, or a log's data; `what` names it in the error."""
    try:
        return abi_words.decode(types, data) if abi_words.handles(types) else _decoded(types, data)
    except (OverflowError, ValueError) as error:
        raise ChainError(f"{what}: not {types}: 0x{data.hex():.200} ({error})") from error


def _decoded(types: Sequence[str], data: bytes) -> tuple[Any, ...]:
    from eth_abi.abi import decode
    from eth_abi.exceptions import DecodingError

    try:
        return tuple(decode(types, data))
    except DecodingError as error:
        raise ValueError(str(error)) from error


def encode_submit(entries: Sequence[SignedEntry]) -> bytes:
    """`submit(Entry[])`."""
    return encode_call("submit", [f"{ENTRY}[]"], [[_entry(entry) for entry in entries]])


def encode_apply(entry: SignedEntry) -> bytes:
    """`applyEntry(Entry)`."""
    return encode_call("applyEntry", [ENTRY], [_entry(entry)])


def _entry(entry: SignedEntry) -> tuple[int, bytes, bytes, bytes]:
    return entry.kind, entry.key_id, entry.payload, entry.signature


class ErrorNames:
    """Says custom errors in words, such as "NotEnoughHeld(lot=0x…, holder=9529999000010, held=5, needed=6)"."""

    def __init__(self, abis: Iterable[Sequence[Mapping[str, Any]]]) -> None:
        self._errors: dict[bytes, tuple[str, tuple[tuple[str, str], ...]]] = {}
        for name, members in _STANDARD_ERRORS:
            self._add(name, members)
        for abi in abis:
            for item in abi:
                if item["type"] == "error":
                    self._add(item["name"], tuple((one["name"], _abi_type(one)) for one in item["inputs"]))

    def _add(self, name: str, members: tuple[tuple[str, str], ...]) -> None:
        signature = f"{name}({','.join(kind for _, kind in members)})"
        self._errors[selector(signature)] = (name, members)

    def describe(self, data: bytes) -> str:
        """The error that `data` encodes; unknown ones as hex, no data as `MALFORMED`."""
        if not data:
            return MALFORMED
        known = self._errors.get(data[:4])
        if known is None:
            return f"UnknownError(data=0x{data.hex()})"
        name, members = known
        try:
            values = _decoded([kind for _, kind in members], data[4:])
        except (OverflowError, ValueError):
            return f"{name}(data=0x{data[4:].hex()})"
        words = (f"{member}={_word(value)}" for (member, _), value in zip(members, values, strict=True))
        return f"{name}({', '.join(words)})"


def _abi_type(item: Mapping[str, Any]) -> str:
    kind = str(item["type"])
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(_abi_type(part) for part in item['components'])}){kind[5:]}"


def _word(value: Any) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return str(value)
