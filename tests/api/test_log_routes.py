"""
The published log over HTTP: an outsider rebuilds the whole tree out of it, with code that is not ours (pymerkle), and
reads the note by the specification's words alone.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import event_builders as b
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fake_services import PUBLIC_URL, FakeWorld
from log_bench import Log, new_log
from pymerkle import InmemoryTree

from api.app import create_app
from api.dependencies import PublishedLog
from ledger.domain.merkle import TreeHash, event_leaf, verify_consistency, verify_inclusion
from ledger.domain.proof_json import signature_hash

SIZE = 301


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """301 leaves are published and two more are in the tiles, under a checkpoint that no block has yet."""
    made = new_log(tmp_path_factory.mktemp("log"))
    made.anchor(100)
    made.anchor(200)
    made.state(2)
    made.step()
    assert (made.published, made.world.store.log.counts().integrated) == (SIZE, SIZE + 2)
    yield made
    made.world.store.close()


@pytest.fixture
async def outsider(log: Log) -> AsyncIterator[httpx.AsyncClient]:
    fakes = FakeWorld().services
    published = PublishedLog(log.world.store.archive, str(log.notes.key))
    app = create_app(replace(fakes, log=published))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield client


async def read_note(outsider: httpx.AsyncClient) -> tuple[int, bytes]:
    """Size and root of the checkpoint, whose signature is verified by the words of C2SP signed-note."""
    text, _, lines = (await outsider.get("/log/checkpoint")).text.rpartition("\n\n")
    origin, size, root = (text + "\n").splitlines()
    name, key_id, key = (await outsider.get("/log/key")).text.rstrip("\n").split("+", 2)
    raw = base64.b64decode(key)
    assert (raw[:1], name) == (b"\x01", origin)
    assert hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex() == key_id
    (line,) = lines.splitlines()
    dash, signer, signature = line.split(" ")
    assert (dash, signer) == ("\u2014", origin)
    signed = base64.b64decode(signature)
    assert signed[:4].hex() == key_id
    Ed25519PublicKey.from_public_bytes(raw[1:]).verify(signed[4:], (text + "\n").encode())
    return int(size), base64.b64decode(root)


async def test_an_outsider_rebuilds_the_tree_and_finds_every_proof(outsider: httpx.AsyncClient, log: Log) -> None:
    size, root = await read_note(outsider)
    assert size == SIZE
    bundles = [(await outsider.get(f"/log/tile/entries/{name}")).content for name in ("000", "001.p/45")]
    entries = [data[at + 2 : at + 66] for data in bundles for at in range(0, len(data), 66)]
    assert len(entries) == SIZE
    tree = InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    assert tree.get_root(SIZE) == root
    tiles = [(await outsider.get(f"/log/tile/0/{name}")).content for name in ("000", "001.p/45")]
    assert b"".join(tiles) == b"".join(hashlib.sha256(b"\0" + entry).digest() for entry in entries)
    top = (await outsider.get("/log/tile/1/000.p/1")).content
    assert top == tree.get_root(256)
    for event in log.world.store.events(0, SIZE)[::37]:
        asked = await outsider.get("/log/proof", params={"hash": "0x" + event.content_hash.hex()})
        body = asked.json()
        assert (body["size"], body["root"]) == (SIZE, "0x" + root.hex())
        leaf = event_leaf(event.content_hash, signature_hash(event.proof))
        assert body["leafHash"] == "0x" + leaf.hex()
        assert entries[body["logIndex"]] == event.content_hash + signature_hash(event.proof)
        path = [TreeHash(bytes.fromhex(one[2:])) for one in body["proof"]]
        assert verify_inclusion(leaf, body["logIndex"], path, SIZE, TreeHash(root))
        # pymerkle's path begins with the leaf itself.
        assert tree.prove_inclusion(body["logIndex"] + 1, SIZE).serialize()["path"][1:] == [one.hex() for one in path]


async def test_any_two_sizes_are_shown_to_be_consistent(outsider: httpx.AsyncClient) -> None:
    bundles = [(await outsider.get(f"/log/tile/entries/{name}")).content for name in ("000", "001.p/45")]
    tree = InmemoryTree(algorithm="sha256")
    for data in bundles:
        for at in range(0, len(data), 66):
            tree.append_entry(data[at + 2 : at + 66])
    for first, second in ((1, SIZE), (101, SIZE), (256, 300), (7, 7), (0, 12)):
        body = (await outsider.get("/log/consistency", params={"first": first, "second": second})).json()
        path = [TreeHash(bytes.fromhex(one[2:])) for one in body["proof"]]
        roots = [TreeHash(tree.get_root(size) if size else hashlib.sha256(b"").digest()) for size in (first, second)]
        assert verify_consistency(first, roots[0], second, roots[1], path)


@pytest.mark.parametrize("width", [1, 100, 255])
async def test_partial_tiles_of_any_published_width_are_the_beginning_of_the_full_one(
    outsider: httpx.AsyncClient, width: int
) -> None:
    for kind, step in (("0", 32), ("entries", 66)):
        full = (await outsider.get(f"/log/tile/{kind}/000")).content
        partial = await outsider.get(f"/log/tile/{kind}/000.p/{width}")
        assert partial.content == full[: width * step]


@pytest.mark.parametrize(
    "path", ["0/001.p/46", "0/001.p/47", "0/001", "0/002.p/1", "1/000.p/2", "2/000.p/1", "entries/001.p/46", "6/000"]
)
async def test_nothing_beyond_the_published_checkpoint_is_answered(outsider: httpx.AsyncClient, path: str) -> None:
    answer = await outsider.get(f"/log/tile/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    "path", ["0/1", "0/0000", "00/000", "0/000.p/0", "0/000.p/256", "8/000", "entries/x00/000", "0/000/", "a"]
)
async def test_a_path_that_no_log_has_is_a_bad_request(outsider: httpx.AsyncClient, path: str) -> None:
    answer = await outsider.get(f"/log/tile/{path}")
    assert answer.status_code == 400
    assert answer.json()["violations"][0]["rule"] == "log.tile"


async def test_what_never_changes_may_be_kept_and_everybody_may_read(outsider: httpx.AsyncClient) -> None:
    full, partial, note = [
        await outsider.get(path) for path in ("/log/tile/0/000", "/log/tile/0/001.p/45", "/log/checkpoint")
    ]
    assert "immutable" in full.headers["cache-control"]
    assert "immutable" not in partial.headers["cache-control"]
    assert note.headers["cache-control"] == "no-cache"
    assert note.headers["content-type"] == "text/plain; charset=utf-8"
    assert {one.headers["access-control-allow-origin"] for one in (full, partial, note)} == {"*"}
    head = await outsider.head("/log/tile/0/000")
    assert (head.status_code, head.content) == (200, b"")


async def test_an_event_that_is_not_published_yet_has_no_proof(outsider: httpx.AsyncClient, log: Log) -> None:
    (waiting,) = log.world.store.events(SIZE, 1)
    for content in (waiting.content_hash, bytes(32)):
        assert (await outsider.get("/log/proof", params={"hash": "0x" + content.hex()})).status_code == 404


@pytest.mark.parametrize("text", ["", "0x", "ab" * 32, "0x" + "AB" * 32, "0x" + "ab" * 33])
async def test_a_hash_of_another_form_is_a_bad_request(outsider: httpx.AsyncClient, text: str) -> None:
    assert (await outsider.get("/log/proof", params={"hash": text})).status_code == 400


@pytest.mark.parametrize(("first", "second"), [(2, 1), (1, SIZE + 1), (-1, 1), ("a", 1)])
async def test_sizes_that_are_not_published_are_a_bad_request(
    outsider: httpx.AsyncClient, first: object, second: object
) -> None:
    answer = await outsider.get("/log/consistency", params={"first": str(first), "second": str(second)})
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("path", ["checkpoint", "key", "tile/0/000", "consistency?first=0&second=1"])
async def test_a_service_without_a_log_says_that_there_is_none(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/log/{path}", headers={"accept": "application/json"})
    assert answer.status_code == 404


async def test_a_log_that_has_published_nothing_has_no_checkpoint(tmp_path: Path) -> None:
    empty = new_log(tmp_path)
    empty.world.record(b.inspection())
    archive = empty.world.store.archive
    assert (archive.published(), archive.published_size()) == (None, 0)
    assert archive.inclusion(empty.world.store.events(0, 1)[0].content_hash) is None
    empty.world.store.close()
