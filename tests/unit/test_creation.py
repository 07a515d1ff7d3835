"""What is deployed in which order: libraries before the ledger that links them, the registry first of all."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode

from ledger.adapters.artifacts import load
from ledger.adapters.creation import LEDGER, LOG, REGISTRY, creation_code, creation_order, libraries

REGISTRAR, OPERATOR = b"\x07" * 20, b"\x08" * 20


def addresses() -> dict[str, bytes]:
    return {name: bytes([number]) * 20 for number, name in enumerate((REGISTRY, *libraries()), start=0xA0)}


def test_libraries_stand_between_the_registry_and_the_ledger() -> None:
    first, *between, ledger, log = creation_order()
    assert (first, ledger, log) == (REGISTRY, LEDGER, LOG)
    assert tuple(between) == load(LEDGER).libraries
    assert between


def test_the_ledgers_code_is_linked_and_names_the_registry() -> None:
    code = creation_code(LEDGER, REGISTRAR, OPERATOR, addresses())
    assert code.startswith(load(LEDGER).link(addresses()))
    assert code.endswith(encode(["address"], [addresses()[REGISTRY]]))
    for name in libraries():
        assert addresses()[name] in code
        assert creation_code(name, REGISTRAR, OPERATOR, {}) == load(name).bytecode


def test_the_registry_names_the_registrar_twice() -> None:
    arguments = creation_code(REGISTRY, REGISTRAR, OPERATOR, {})[len(load(REGISTRY).bytecode) :]
    assert arguments[12:32] == arguments[44:64] == REGISTRAR


def test_a_ledger_is_not_created_before_its_libraries() -> None:
    *_, missing = libraries()
    known = {name: address for name, address in addresses().items() if name != missing}
    with pytest.raises(KeyError, match=missing):
        creation_code(LEDGER, REGISTRAR, OPERATOR, known)


def test_the_log_names_its_operator_and_goes_on_from_no_other() -> None:
    arguments = creation_code(LOG, REGISTRAR, OPERATOR, {})[len(load(LOG).bytecode) :]
    assert arguments == encode(["address", "address"], [OPERATOR, bytes(20)])
