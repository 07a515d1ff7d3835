"""
A service's published log, as an outsider asks for it: an inclusion proof by hash, or the tiles to make one from.

`GET {url}/log/proof?hash=0x…` gives `{"index", "size", "hashes", "leafHash"}`; tiles are C2SP tlog-tiles, below the
address or below its `/log`. What comes back proves nothing before it was held against a root on chain, so nothing is
believed here, and whatever is wrong counts as not shown. Raises nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import httpx

from ledger.adapters.http_codings import ASKED, HOOKS
from ledger.adapters.http_trust import trust_for
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash
from ledger.domain.json_tree import parse_json_object
from ledger.domain.log.acknowledgements import Acknowledgement, Inclusion
from ledger.domain.log.proofs import InclusionProof, nodes_of_inclusion, prove_inclusion
from ledger.domain.log.tile_names import Tile
from ledger.domain.log.tiles import TileHashes, tiles_with
from ledger.domain.merkle import HASH_BYTES, TreeHash
from ledger.domain.records import ChainCheckpoint

_LARGEST = 100_000
_MOST_NODES = 64


class LogClient:
    """Asks one service; used by one event loop. `timeout` in seconds, for each request."""

    def __init__(self, url: str, timeout: float = 5.0) -> None:
        self._url = url.rstrip("/")
        self._client = httpx.AsyncClient(
            timeout=timeout, trust_env=False, verify=trust_for(url), headers=ASKED, event_hooks=HOOKS
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def shown(self, acknowledgement: Acknowledgement, covering: ChainCheckpoint) -> list[Inclusion]:
        """Implements `ports.LogShower`: the proof by hash, and what the tiles of the covering checkpoint hold."""
        found = await self.proof_of(acknowledgement.content_hash, acknowledgement.leaf_hash)
        if found is not None and found.leaf_hash == acknowledgement.leaf_hash:
            return [found]
        there = await self.leaf_at(acknowledgement.log_index, covering.size)
        return [one for one in (found, there) if one is not None]

    async def proof_of(self, *hashes: ContentHash | TreeHash) -> Inclusion | None:
        """The proof that the service shows for the first of these hashes that it knows."""
        for name in hashes:
            data = await self._get(f"log/proof?hash=0x{name.hex()}")
            try:
                return None if data is None else _inclusion(parse_json_object(data))
            except (InvalidInput, KeyError, TypeError, ValueError):
                continue
        return None

    async def leaf_at(self, index: int, size: int) -> Inclusion | None:
        """Which leaf the tiles have at that index, and the proof for that size."""
        for below in ("log/", ""):
            nodes = [(0, index), *nodes_of_inclusion(index, size)]
            contents: dict[Tile, bytes] = {}
            for tile in tiles_with(nodes, size):
                data = await self._tile(below, tile)
                if data is None:
                    break
                contents[tile] = data
            else:
                try:
                    stored = TileHashes(size, contents.__getitem__)
                    return Inclusion(stored.node(0, index), prove_inclusion(index, size, stored))
                except (InvalidInput, KeyError):
                    continue
        return None

    async def _tile(self, below: str, tile: Tile) -> bytes | None:
        """Of a partial tile that the log has outgrown, as much of the full one."""
        data = await self._get(below + tile.path)
        if data is None and not tile.is_full:
            data = await self._get(below + Tile(tile.level, tile.index).path)
        return None if data is None else data[: tile.width * HASH_BYTES]

    async def _get(self, path: str) -> bytes | None:
        try:
            response = await self._client.get(f"{self._url}/{path}", headers={"accept": "*/*"})
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        return response.content if response.status_code == 200 and len(response.content) <= _LARGEST else None


def _inclusion(tree: Mapping[str, Any]) -> Inclusion:
    index, size, hashes, leaf = tree["index"], tree["size"], tree["hashes"], tree["leafHash"]
    if type(index) is not int or type(size) is not int or len(hashes) > _MOST_NODES:
        raise ValueError("not a proof")
    nodes = tuple(TreeHash(base64.b64decode(one, validate=True)) for one in hashes)
    return Inclusion(TreeHash(bytes.fromhex(leaf.removeprefix("0x"))), InclusionProof(index, size, nodes))
