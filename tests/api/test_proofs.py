"""Proof bundles and the record to pin over HTTP: files that any page may read, and honest errors."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fake_services import DEPLOYMENT, FakeWorld
from story_samples import CASES, LOT

from ledger.adapters.pinned import find_pinned, load_pinned, parse_pinned
from ledger.domain.bundle import read_bundle
from ledger.domain.errors import NotFound, WrongChain

PATH = f"/lots/{CASES:014d}/{LOT.code}/proof"


async def test_a_lots_proof_is_a_file_that_any_page_may_read(client: httpx.AsyncClient) -> None:
    for answer in (await client.get(PATH), await client.head(PATH)):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["access-control-allow-origin"] == "*"
        name = f"silkroot-proof-{CASES:014d}-{LOT.code}.json"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert read_bundle((await client.get(PATH)).content).lot == LOT
    assert (await client.head(PATH)).content == b""


async def test_a_lot_code_that_no_file_may_have_is_written_otherwise(
    client: httpx.AsyncClient, world: FakeWorld
) -> None:
    world.add(CASES, 'A/"B"%*')
    answer = await client.get(f"/lots/{CASES:014d}/A%2F%22B%22%25*/proof")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].endswith('-A__B___.json"')


async def test_a_lot_that_nobody_registered_has_no_proof(client: httpx.AsyncClient) -> None:
    unknown = await client.get(f"/lots/{CASES:014d}/NOBODY/proof", headers={"accept": "application/json"})
    assert unknown.status_code == 404
    assert unknown.json()["type"] == "urn:silkroot:problem:unknown-lot"
    wrong = await client.get("/lots/123/NOBODY/proof", headers={"accept": "application/json"})
    assert wrong.status_code == 400
    assert wrong.json()["violations"]


async def test_the_record_to_pin_is_read_back_as_one(client: httpx.AsyncClient, tmp_path: Path) -> None:
    answer = await client.get("/deployment.json")
    assert answer.json() == DEPLOYMENT
    assert answer.headers["access-control-allow-origin"] == "*"
    (tmp_path / "deployment.json").write_bytes(answer.content)
    pinned = load_pinned(tmp_path / "deployment.json")
    assert (pinned.chain_id, pinned.log) == (31337, b"\x4c" * 20)
    assert find_pinned(None, tmp_path, 1) == find_pinned(tmp_path / "deployment.json", Path("nowhere"), 1) == pinned


def test_without_a_record_it_is_told_how_to_pin_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="--deployment FILE"):
        find_pinned(None, tmp_path, 1)
    with pytest.raises(NotFound, match="there is no"):
        find_pinned(tmp_path / "not-there.json", tmp_path, 1)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b'{"format": "silkroot-deployment-2"}', b" " * 1_000_001],
)
def test_what_is_no_record_is_not_pinned(data: bytes) -> None:
    with pytest.raises(WrongChain, match="no deployment record"):
        parse_pinned(data, "x.json")
