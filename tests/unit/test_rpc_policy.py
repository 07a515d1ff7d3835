"""What strangers may ask the ledger's node, and what not: every refusal has its case."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.services.rpc_policy import INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, RpcPolicy

OURS, OTHER = "0x" + "5f" * 20, "0x" + "99" * 20
HASH = "0x" + "ab" * 32
POLICY = RpcPolicy(frozenset({bytes.fromhex("5f" * 20), bytes.fromhex("a1" * 20)}))
AT = {"blockHash": HASH}


def request(method: str, *params: Any, **more: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params), **more}


ALLOWED = [
    request("eth_chainId"),
    {"jsonrpc": "2.0", "id": "a", "method": "eth_chainId"},
    request("eth_blockNumber"),
    request("eth_getBlockByNumber", "latest", False),
    request("eth_getBlockByNumber", "0x1f", False),
    request("eth_getBlockByHash", HASH, False),
    request("eth_getCode", OURS, "latest"),
    request("eth_getCode", OURS.upper().replace("X", "x"), "latest"),
    request("eth_call", {"to": OURS, "data": "0x1234"}, AT),
    request("eth_call", {"to": OURS, "input": "0x"}, "0x0"),
    request("eth_call", {"to": OURS}, {**AT, "requireCanonical": True}),
    request("eth_getLogs", {"address": OURS, "fromBlock": "0x0", "toBlock": "latest", "topics": [HASH, [HASH], None]}),
    request("eth_getLogs", {"address": [OURS, "0x" + "a1" * 20], "blockHash": HASH}),
]
REFUSED = {
    "a write": request("eth_sendRawTransaction", "0x00"),
    "an account": request("eth_accounts"),
    "a trace": request("debug_traceTransaction", HASH),
    "a node's own method": request("anvil_setBalance", OURS, "0x1"),
    "a filter that stays": request("eth_newFilter", {"address": OURS}),
    "another spelling": request("ETH_CHAINID"),
}
WRONG = {
    "parameters where none go": request("eth_chainId", 1),
    "a number that is none": request("eth_blockNumber", None),
    "transactions with the block": request("eth_getBlockByNumber", "latest", True),
    "the pending block": request("eth_getBlockByNumber", "pending", False),
    "a block in decimal": request("eth_getBlockByNumber", "12", False),
    "a block by number too long": request("eth_getBlockByNumber", "0x" + "1" * 17, False),
    "no flag": request("eth_getBlockByNumber", "latest"),
    "a block hash too short": request("eth_getBlockByHash", "0xab", False),
    "transactions by hash": request("eth_getBlockByHash", HASH, True),
    "no flag by hash": request("eth_getBlockByHash", HASH),
    "code of a stranger": request("eth_getCode", OTHER, "latest"),
    "code without block": request("eth_getCode", OURS),
    "code at a strange block": request("eth_getCode", OURS, {"blockNumber": "0x1"}),
    "a call of a stranger": request("eth_call", {"to": OTHER, "data": "0x"}, "latest"),
    "a call of nobody": request("eth_call", {"data": "0x"}, "latest"),
    "a call in a name": request("eth_call", {"to": OURS, "from": OTHER}, "latest"),
    "a call with gas": request("eth_call", {"to": OURS, "gas": "0xffffff"}, "latest"),
    "a call with overrides": request("eth_call", {"to": OURS}, "latest", {OURS: {"code": "0x"}}),
    "a call that is no object": request("eth_call", OURS, "latest"),
    "data that is no hex": request("eth_call", {"to": OURS, "data": "0xzz"}, "latest"),
    "data that is too long": request("eth_call", {"to": OURS, "data": "0x" + "00" * 70_000}, "latest"),
    "logs of everybody": request("eth_getLogs", {"fromBlock": "0x0"}),
    "logs of a stranger": request("eth_getLogs", {"address": OTHER}),
    "logs of ours and a stranger": request("eth_getLogs", {"address": [OURS, OTHER]}),
    "logs of no address": request("eth_getLogs", {"address": []}),
    "a filter with more": request("eth_getLogs", {"address": OURS, "limit": 1}),
    "two filters": request("eth_getLogs", {"address": OURS}, {"address": OURS}),
    "a hash beside a range": request("eth_getLogs", {"address": OURS, "blockHash": HASH, "toBlock": "0x1"}),
    "a range that is none": request("eth_getLogs", {"address": OURS, "fromBlock": 1}),
    "five topics": request("eth_getLogs", {"address": OURS, "topics": [None] * 5}),
    "a topic that is none": request("eth_getLogs", {"address": OURS, "topics": ["0x01"]}),
    "topics that are no list": request("eth_getLogs", {"address": OURS, "topics": HASH}),
    "too many topics": request("eth_getLogs", {"address": OURS, "topics": [[HASH] * 1001]}),
}
MALFORMED = {
    "no object": [],
    "text": "eth_chainId",
    "no version": {"id": 1, "method": "eth_chainId", "params": []},
    "another version": request("eth_chainId", jsonrpc="1.0"),
    "a notification": {"jsonrpc": "2.0", "method": "eth_chainId", "params": []},
    "an id that is none": request("eth_chainId", id=True),
    "a long id": request("eth_chainId", id="x" * 65),
    "a method that is none": {**request("eth_chainId"), "method": 7},
    "named parameters": {**request("eth_chainId"), "params": {}},
    "a member too many": request("eth_chainId", more=1),
}


@pytest.mark.parametrize("asked", ALLOWED)
def test_what_a_verifier_needs_passes(asked: dict[str, Any]) -> None:
    assert POLICY.refusal(asked) is None


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        *((one, METHOD_NOT_FOUND) for one in REFUSED.values()),
        *((one, INVALID_PARAMS) for one in WRONG.values()),
        *((one, INVALID_REQUEST) for one in MALFORMED.values()),
    ],
    ids=[*REFUSED, *WRONG, *MALFORMED],
)
def test_all_else_is_refused(asked: Any, code: int) -> None:
    refusal = POLICY.refusal(asked)
    assert refusal is not None
    assert refusal.code == code
    assert refusal.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([OURS, OTHER, HASH, "latest"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["eth_call", "eth_getLogs", "eth_getCode", "eth_getBlockByNumber"]), st.lists(JSON, max_size=3))
def test_whatever_the_parameters_are_there_is_an_answer(method: str, params: list[Any]) -> None:
    POLICY.refusal(request(method, *params))


@given(JSON)
def test_whatever_the_request_is_there_is_an_answer(asked: Any) -> None:
    assert POLICY.refusal(asked) is not None
