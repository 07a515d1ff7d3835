"""
What is deployed, in which order, and from which code: the registry, the libraries that the ledger links, the ledger,
the log of all events.

    addresses: dict[str, bytes] = {}
    for name in creation_order():
        addresses[name] = deploy(creation_code(name, registrar, operator, addresses))
"""

from __future__ import annotations

from collections.abc import Mapping

from eth_abi.abi import encode

from ledger.adapters import artifacts
from ledger.domain.registry_actions import RECOVERY_DELAY_SECONDS

REGISTRY, LEDGER, LOG = "PartyRegistry", "ProduceLedger", "EventLog"
_NO_PREDECESSOR = bytes(20)
_ADMIN_DELAY_SECONDS = 7 * 86400


def libraries() -> tuple[str, ...]:
    """The names of the libraries, as the ledger's artifact has them, sorted."""
    return artifacts.load(LEDGER).libraries


def creation_order() -> tuple[str, ...]:
    """The names of all that is deployed, each behind what it needs."""
    return (REGISTRY, *libraries(), LEDGER, LOG)


def creation_code(name: str, registrar: bytes, operator: bytes, addresses: Mapping[str, bytes]) -> bytes:
    """
    What the transaction that creates this contract carries: linked creation bytecode, then arguments. `registrar`: the
    20-byte address of the registrar's key, `operator`: of the log's first operator; `addresses`: of all that comes
    before it in the order.
    """
    artifact = artifacts.load(name)
    match name:
        case "PartyRegistry":
            types = ["address", "address", "uint48", "uint48"]
            arguments = encode(types, [registrar, registrar, _ADMIN_DELAY_SECONDS, RECOVERY_DELAY_SECONDS])
        case "ProduceLedger":
            arguments = encode(["address"], [addresses[REGISTRY]])
        case "EventLog":
            arguments = encode(["address", "address"], [operator, _NO_PREDECESSOR])
        case _:
            arguments = b""
    return artifact.link(addresses) + arguments
