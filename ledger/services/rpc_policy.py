"""
Which JSON-RPC calls strangers may put to the ledger's node: those that read our contracts, and no others; no I/O.

What a verifier of proofs needs (`eth_chainId`, blocks without their transactions, code, calls and logs of three
contracts) is let through as it is; whatever else, a method or a parameter, is refused in the form of JSON-RPC 2.0,
section 5.1. Nothing that writes, traces, subscribes or looks at other contracts passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
SERVER_ERROR, LIMIT_EXCEEDED = -32000, -32005
"""EIP-1474, "Error codes"."""

_QUANTITY = re.compile(r"0x(?:0|[1-9a-f][0-9a-f]{0,15})\Z")
_HASH = re.compile(r"0x[0-9a-fA-F]{64}\Z")
_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*\Z")
_TAGS = frozenset({"latest", "earliest", "safe", "finalized"})
_MOST_DATA = 2 + 2 * 64 * 1024
_MOST_TOPICS = 1_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call is not put to the node."""

    code: int
    message: str


class RpcPolicy:
    """`contracts`: the addresses that may be read, 20 bytes each."""

    def __init__(self, contracts: frozenset[bytes]) -> None:
        self._contracts = frozenset("0x" + address.hex() for address in contracts)
        self._rules: Mapping[str, Callable[[list[Any]], str]] = {
            "eth_chainId": _nothing,
            "eth_blockNumber": _nothing,
            "eth_getBlockByNumber": _block_by_number,
            "eth_getBlockByHash": _block_by_hash,
            "eth_getCode": self._code,
            "eth_call": self._call,
            "eth_getLogs": self._logs,
        }

    def refusal(self, request: object) -> Refusal | None:
        """Why the request may not pass; None where it may."""
        if not isinstance(request, dict) or request.get("jsonrpc") != "2.0" or not _is_id(request.get("id")):
            return Refusal(INVALID_REQUEST, "a request has jsonrpc 2.0, an id, a method and params")
        method, params = request.get("method"), request.get("params", [])
        if not isinstance(method, str) or not isinstance(params, list) or request.keys() - _REQUEST_MEMBERS:
            return Refusal(INVALID_REQUEST, "a request has jsonrpc 2.0, an id, a method and params in a list")
        rule = self._rules.get(method)
        if rule is None:
            return Refusal(METHOD_NOT_FOUND, f"{method:.60} is not offered here; there are {', '.join(self._rules)}")
        problem = rule(params)
        return Refusal(INVALID_PARAMS, f"{method}: {problem}") if problem else None

    def _code(self, params: list[Any]) -> str:
        if len(params) != 2 or not self._is_ours(params[0]):
            return "only the code of this ledger's contracts may be read"
        return _block_reference(params[1])

    def _call(self, params: list[Any]) -> str:
        if len(params) != 2 or not isinstance(params[0], dict):
            return "a call has what is called, and a block"
        call = params[0]
        if call.keys() - {"to", "data", "input"}:
            return "a call has to and data, nothing else"
        if not self._is_ours(call.get("to")):
            return "only this ledger's contracts may be called"
        if not all(_is_data(call[name]) for name in ("data", "input") if name in call):
            return "data is 0x and hex digits, 64 KiB at most"
        return _block_reference(params[1])

    def _logs(self, params: list[Any]) -> str:
        if len(params) != 1 or not isinstance(params[0], dict):
            return "logs are asked for with one filter"
        asked = params[0]
        if asked.keys() - {"address", "fromBlock", "toBlock", "blockHash", "topics"}:
            return "a filter has address, blocks and topics, nothing else"
        address = asked.get("address")
        addresses = address if isinstance(address, list) else [address]
        if not addresses or not all(map(self._is_ours, addresses)):
            return "only logs of this ledger's contracts may be read"
        if "blockHash" in asked:
            if "fromBlock" in asked or "toBlock" in asked or not _is_hash(asked["blockHash"]):
                return "a block hash stands alone"
        elif not all(_is_block(asked[name]) for name in ("fromBlock", "toBlock") if name in asked):
            return "a block is its number in hex, or a tag"
        return (
            "" if _are_topics(asked.get("topics", [])) else "topics are up to four, each a hash, a list of them or null"
        )

    def _is_ours(self, address: object) -> bool:
        return isinstance(address, str) and address.lower() in self._contracts


_REQUEST_MEMBERS = {"jsonrpc", "id", "method", "params"}


def _nothing(params: list[Any]) -> str:
    return "it takes no parameters" if params else ""


def _block_by_number(params: list[Any]) -> str:
    if len(params) != 2 or not _is_block(params[0]):
        return "a block is its number in hex, or a tag"
    return "" if params[1] is False else "blocks are given without their transactions"


def _block_by_hash(params: list[Any]) -> str:
    if len(params) != 2 or not _is_hash(params[0]):
        return "a block hash is 0x and 64 hex digits"
    return "" if params[1] is False else "blocks are given without their transactions"


def _block_reference(value: object) -> str:
    if isinstance(value, dict):
        named = value.keys() - {"requireCanonical"}
        right = named == {"blockHash"} and _is_hash(value["blockHash"])
        return "" if right and isinstance(value.get("requireCanonical", False), bool) else "a block hash stands alone"
    return "" if _is_block(value) else "a block is its number in hex, a tag, or an object with its hash"


def _is_id(value: object) -> bool:
    # A notification has no id and gets no answer; nobody can want that of a node that only reads.
    return type(value) is int or (isinstance(value, str) and len(value) <= 64)


def _is_block(value: object) -> bool:
    return isinstance(value, str) and (value in _TAGS or bool(_QUANTITY.match(value)))


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and bool(_HASH.match(value))


def _is_data(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _MOST_DATA and bool(_DATA.match(value))


def _are_topics(value: object) -> bool:
    if not isinstance(value, list) or len(value) > 4:
        return False
    for place in value:
        alternatives = place if isinstance(place, list) else [] if place is None else [place]
        if len(alternatives) > _MOST_TOPICS or not all(map(_is_hash, alternatives)):
            return False
    return True
