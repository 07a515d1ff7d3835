"""
A small web site on 127.0.0.1 that can do anything a bad operator can, and what stands beside it: a node, a webhook.

    with LogSite(files=log.files(300), chain=MemoryChain()) as site:
        site.url, site.rpc_url, site.hook_url

Files are served as they are in `files` at the time. `statuses` answers a path with a status instead (in the order of
the list, the last one for good); `posted` are the JSON bodies that the webhook got.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from eth_abi.abi import encode
from published_logs import BLOCK_SECONDS, MemoryChain

from ledger.adapters.contract_calls import CHECKPOINT

CHAIN_ID = 31337
CONTRACT = bytes(range(1, 21))


@dataclass
class LogSite:
    """Serves until it is left."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    chain: MemoryChain = field(default_factory=MemoryChain)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    posted: list[Any] = field(default_factory=list)
    widest_range: int = 10_000
    chain_id: int = CHAIN_ID
    leave_out: int | None = None
    """The size whose checkpoint the node does not show."""

    def __enter__(self) -> Self:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = self.path.lstrip("/")
                content = site.files.get(path)
                self._answer(site._status(path) or (404 if content is None else 200), content or b"")

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if self.path == "/rpc":
                    answer = [site.rpc(one) for one in body] if isinstance(body, list) else site.rpc(body)
                    self._answer(site._status("rpc") or 200, json.dumps(answer).encode())
                else:
                    status = site._status("hook") or 204
                    if status < 300:
                        site.posted.append(body)
                    self._answer(status, b"")

            def _answer(self, status: int, content: bytes) -> None:
                self.send_response(status)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def rpc_url(self) -> str:
        return f"{self.url}/rpc"

    @property
    def hook_url(self) -> str:
        return f"{self.url}/hook"

    def publish(self, files: Mapping[str, bytes]) -> None:
        """These files, and the deployment record."""
        record = {"chainId": CHAIN_ID, "eventLog": "0x" + CONTRACT.hex(), "firstBlock": self.chain.first_block}
        self.files = {"deployment.json": json.dumps(record).encode(), **files}

    def _status(self, path: str) -> int | None:
        left = self.statuses.get(path)
        if not left:
            return None
        return left.pop(0) if len(left) > 1 else left[0]

    # ------------------------------------------------------------------------------------------------- the node

    def rpc(self, request: Any) -> Any:
        """A node's answer."""
        try:
            return {"jsonrpc": "2.0", "id": request["id"], "result": self._result(request["method"], request["params"])}
        except ValueError as error:
            return {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32000, "message": str(error)}}

    def _result(self, method: str, params: Any) -> Any:
        if method == "eth_chainId":
            return hex(self.chain_id)
        if method == "eth_getCode":
            return "0x60" if params[0] == "0x" + CONTRACT.hex() else "0x"
        if method == "eth_getBlockByNumber":
            number = self.chain.head if params[0] == "latest" else int(params[0], 16)
            unique = "0x" + sha256(str(number).encode()).hexdigest()
            return {"number": hex(number), "hash": unique, "timestamp": hex(number * BLOCK_SECONDS)}
        if method == "eth_call":
            last = self.chain.anchors[-1]
            time = last.block_number * BLOCK_SECONDS
            return "0x" + encode(["uint64", "bytes32", "uint64"], [last.size, last.root, time]).hex()
        if method == "eth_getLogs":
            return self._logs(params[0])
        raise ValueError(f"no method {method}")

    def _logs(self, asked: Any) -> list[Any]:
        first, last = int(asked["fromBlock"], 16), int(asked["toBlock"], 16)
        if last - first >= self.widest_range:
            raise ValueError(f"at most {self.widest_range} blocks")
        return [
            {
                "topics": ["0x" + CHECKPOINT.hex(), f"0x{one.size:064x}"],
                "data": "0x" + encode(["bytes32", "uint64"], [one.root, one.previous_size]).hex(),
                "blockNumber": hex(one.block_number),
                "blockHash": "0x" + one.block_hash.hex(),
                "transactionHash": "0x" + one.transaction.hex(),
                "logIndex": hex(one.log_index),
            }
            for one in self.chain.anchors
            if first <= one.block_number <= last and one.size != self.leave_out
        ]
