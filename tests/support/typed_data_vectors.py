"""
The EIP-712 vectors of tests/vectors/typed_data.json: one of each struct, with every pre-image beside its hash.

They are made with eth-abi and eth-account, not with the code that they test. For readers in Solidity and TypeScript
too: bytes are 0x hex, numbers of a message are decimal strings. Run as a script, this module writes the file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak

from ledger.domain.actions import (
    BirthAmendment,
    Disposal,
    Harvest,
    Intake,
    Line,
    Notice,
    Output,
    PartialReceipt,
    Pledge,
    PledgeRelease,
    PlotRegistration,
    Recall,
    Receipt,
    ReceiptLine,
    Release,
    Sale,
    SettledLine,
    Settlement,
    Shipment,
    Statement,
    Transformation,
    TransformationAmendment,
    Void,
    YieldCertificate,
)
from ledger.domain.identifiers import (
    ConsignmentId,
    ContentHash,
    Digest,
    Grams,
    LotId,
    PartyId,
    PlotId,
    ProductId,
    consignment_id,
    key_id_of_address,
    lot_id,
    plot_id,
)
from ledger.domain.records import Scheme
from ledger.domain.registry_actions import (
    REGISTRY_ACTIONS,
    Admission,
    Cancellation,
    KeyGrant,
    KeyRevocation,
    ProductAssignment,
    ProductPermit,
    Recovery,
    RecoveryCancellation,
    RecoveryCompletion,
    RoleAcceptance,
    RoleChange,
    Suspension,
)
from ledger.domain.struct_types import Struct

LISTED = (Line, Output, ReceiptLine, SettledLine)
"""Structs that others list."""
VECTORS_FILE = Path(__file__).parents[1] / "vectors" / "typed_data.json"
CHAIN_ID = 31337
LEDGER_ADDRESS = "0x5fbdb2315678afecb367f032d93f642f64180aa3"
REGISTRY_ADDRESS = "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512"
SECRET = (1).to_bytes(32, "big")

_FARM, _PACKER, _MELON, _CASE = (
    PartyId(9520000000011),
    PartyId(9520000000028),
    ProductId(9520000001001),
    ProductId(9520000001018),
)
_CERTIFIER, _LENDER = PartyId(9520000000042), PartyId(9520000000059)
_DEADLINE = 1_790_000_000
_KEY = key_id_of_address(bytes.fromhex("7e5f4552091a69125d5dfcb7b8c2659029395bdf"))


def sample_structs() -> tuple[Struct, ...]:
    """One value of each struct."""
    lots = sorted((lot_id(_MELON, "H-0001"), lot_id(_CASE, "P/0001")))
    lines = (Line(LotId(lots[0]), Grams(1_000_000)), Line(LotId(lots[1]), Grams(1)))
    outputs = (Output(_CASE, "P-2", Grams(900_000)), Output(_CASE, "P-1", Grams(2**64 - 1)))
    arrived = ReceiptLine(lines[0].lot, Grams(600_000), Grams(300_000), Grams(100_000))
    settled = SettledLine(lines[1].lot, Grams(1), Grams(2), Grams(3), Grams(2**64 - 1))
    content = ContentHash(bytes(range(32)))
    other = ContentHash(bytes(range(32, 64)))
    consignment = consignment_id(_FARM, "https://id.gs1.org/00/095200000000000011")
    plot = plot_id(_FARM, "PLOT-7")
    manifest = keccak(b"".join(keccak(_encode_data(line)) for line in lines))
    origin = keccak(manifest + keccak(b"".join(keccak(_encode_data(output)) for output in outputs)))
    return (
        lines[0],
        outputs[0],
        arrived,
        settled,
        Harvest(_FARM, _MELON, "H-0001", PlotId(plot), 2026, Grams(1_000_000), content, _DEADLINE),
        Intake(_PACKER, _MELON, "!\"%&'()*+,-./:;<=>?_", Grams(600_000), content, _DEADLINE),
        Transformation(_PACKER, lines, outputs, Grams(60_000), Grams(30_000), Grams(10_001), content, _DEADLINE),
        Shipment(_FARM, _PACKER, "https://id.gs1.org/00/095200000000000011", lines, content, _DEADLINE),
        Receipt(_PACKER, ConsignmentId(consignment), manifest, content, _DEADLINE),
        Sale(_FARM, lines[:1], content, _DEADLINE),
        Disposal(_FARM, lines, content, _DEADLINE),
        Recall(_FARM, lines[0].lot, content, _DEADLINE),
        Release(_FARM, lines[0].lot, content, _DEADLINE),
        Statement(_FARM, "哈密瓜 inspecting", (lines[0].lot, lines[1].lot), content, _DEADLINE),
        PartialReceipt(_PACKER, ConsignmentId(consignment), manifest, (arrived,), "退货 1", content, _DEADLINE),
        Settlement(_FARM, _PACKER, ConsignmentId(consignment), manifest, (settled,), content, _DEADLINE),
        Notice(_FARM, ConsignmentId(consignment), content, _DEADLINE),
        Void(_FARM, _PACKER, ConsignmentId(consignment), manifest, content, _DEADLINE),
        PlotRegistration(_CERTIFIER, _FARM, PlotId(plot), content, _DEADLINE),
        YieldCertificate(_CERTIFIER, PlotId(plot), 2026, Grams(40_000_000), content, _DEADLINE),
        BirthAmendment(_FARM, lines[0].lot, Grams(1_000_000), Grams(0), other, content, _DEADLINE),
        TransformationAmendment(
            _PACKER, origin, lines, outputs, Grams(1), Grams(2), Grams(3), other, content, _DEADLINE
        ),
        Pledge(_FARM, _LENDER, lines[0].lot, Grams(500_000), 1_800_000_000, content, _DEADLINE),
        PledgeRelease(_LENDER, _FARM, lines[0].lot, content, _DEADLINE),
        Admission(_FARM, 3, _KEY, Scheme.SECP256K1, True, _DEADLINE),
        KeyGrant(_FARM, _KEY, Scheme.P256, False, True, 1_780_000_000, 0, _DEADLINE),
        KeyRevocation(_FARM, _KEY, _DEADLINE),
        ProductAssignment(_MELON, _FARM, _DEADLINE),
        ProductPermit(_MELON, _FARM, _PACKER, True, _DEADLINE),
        RoleChange(_FARM, 255, _DEADLINE),
        Suspension(_FARM, True, _DEADLINE),
        Recovery(_FARM, _KEY, Scheme.P256, False, 1_780_604_800, _DEADLINE),
        RecoveryCancellation(_FARM, _KEY, _DEADLINE),
        RecoveryCompletion(_FARM, _KEY, _DEADLINE),
        Cancellation(_FARM, Digest(bytes(range(32, 64))), _DEADLINE),
        RoleAcceptance(keccak(b"REGISTRAR_ROLE"), _DEADLINE),
    )


def build_vectors() -> dict[str, Any]:
    """The content of the file."""
    return {
        "about": "EIP-712 vectors; generated by tests/support/typed_data_vectors.py",
        "chainId": CHAIN_ID,
        "ledger": LEDGER_ADDRESS,
        "registry": REGISTRY_ADDRESS,
        "signingKey": "0x" + SECRET.hex(),
        "vectors": [_vector(struct) for struct in sample_structs()],
    }


def _vector(struct: Struct) -> dict[str, Any]:
    name = _parsed(struct.TYPE)[0]
    registry = isinstance(struct, REGISTRY_ACTIONS)
    types = {used: [{"name": n, "type": t} for t, n in _parsed(string)[1]] for used, string in _used(struct).items()}
    types["EIP712Domain"] = [
        {"name": "name", "type": "string"}, {"name": "version", "type": "string"},
        {"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"},
    ]  # fmt: skip
    domain = {
        "name": "Silkroot PartyRegistry" if registry else "Silkroot ProduceLedger",
        "version": "1",
        "chainId": CHAIN_ID,
        "verifyingContract": REGISTRY_ADDRESS if registry else LEDGER_ADDRESS,
    }
    message = _message(struct)
    signable = encode_typed_data(
        full_message={"types": types, "primaryType": name, "domain": domain, "message": message}
    )
    signed = Account.sign_message(signable, SECRET)
    return {
        "name": name,
        "domain": domain,
        "message": _printed(message),
        "encodeType": _encode_type(struct),
        "typeHash": _hex(keccak(_encode_type(struct).encode())),
        "encodeData": _hex(_encode_data(struct)),
        "structHash": _hex(keccak(_encode_data(struct))),
        "domainSeparator": _hex(signable.header),
        "digestPreImage": _hex(b"\x19" + signable.version + signable.header + signable.body),
        "digest": _hex(keccak(b"\x19" + signable.version + signable.header + signable.body)),
        "signature": _hex(signed.signature),
        "abiEncoded": _hex(encode([_abi_type(struct)], [_abi_value(struct)])),
    }


def _parsed(type_string: str) -> tuple[str, list[tuple[str, str]]]:
    name, _, rest = type_string.partition("(")
    return name, [(part.split(" ")[0], part.split(" ")[1]) for part in rest.rstrip(")").split(",")]


def _used(struct: Struct) -> dict[str, str]:
    strings = {_parsed(struct.TYPE)[0]: struct.TYPE for struct in LISTED}
    own, members = _parsed(struct.TYPE)
    named = {own: struct.TYPE}
    return named | {t[:-2]: strings[t[:-2]] for t, _ in members if t.endswith("[]") and t[:-2] in strings}


def _encode_type(struct: Struct) -> str:
    own = _parsed(struct.TYPE)[0]
    return struct.TYPE + "".join(string for name, string in sorted(_used(struct).items()) if name != own)


def _attribute(struct: Struct, name: str) -> Any:
    return getattr(struct, "".join("_" + char.lower() if char.isupper() else char for char in name))


def _encode_data(struct: Struct) -> bytes:
    encoded = keccak(_encode_type(struct).encode())
    for type_name, name in _parsed(struct.TYPE)[1]:
        value = _attribute(struct, name)
        if type_name == "string":
            encoded += keccak(value.encode())
        elif type_name == "bytes32[]":
            encoded += keccak(b"".join(value))
        elif type_name.endswith("[]"):
            encoded += keccak(b"".join(keccak(_encode_data(item)) for item in value))
        else:
            encoded += encode([type_name], [value])
    return encoded


def _message(struct: Struct) -> dict[str, Any]:
    return {
        name: [_message(item) if isinstance(item, LISTED) else item for item in _attribute(struct, name)]
        if type_name.endswith("[]")
        else _attribute(struct, name)
        for type_name, name in _parsed(struct.TYPE)[1]
    }


def _abi_type(struct: Struct) -> str:
    inner = {f"{_parsed(listed.TYPE)[0]}[]": _abi_type_of(listed) + "[]" for listed in LISTED}
    return "(" + ",".join(inner.get(type_name, type_name) for type_name, _ in _parsed(struct.TYPE)[1]) + ")"


def _abi_type_of(listed: type[Struct]) -> str:
    return "(" + ",".join(type_name for type_name, _ in _parsed(listed.TYPE)[1]) + ")"


def _abi_value(struct: Struct) -> tuple[Any, ...]:
    values = []
    for type_name, name in _parsed(struct.TYPE)[1]:
        value = _attribute(struct, name)
        listed = type_name.endswith("[]") and type_name != "bytes32[]"
        values.append([_abi_value(item) for item in value] if listed else value)
    return tuple(values)


def _printed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _printed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_printed(item) for item in value]
    if isinstance(value, bytes):
        return _hex(value)
    return str(int(value)) if isinstance(value, int) and not isinstance(value, bool) else value


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


if __name__ == "__main__":
    VECTORS_FILE.write_text(json.dumps(build_vectors(), indent=2, ensure_ascii=False) + "\n")
