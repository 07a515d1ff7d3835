"""Acknowledgements on a real chain: what was kept and what was broken is proven, and nothing else is said to be."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from chain_fixtures import SystemClock, TestKey
from proof_world import ProofWorld
from receipts import moments, receipt_text

from ledger.adapters.evm_log_history import EvmLogHistory
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.log_client import LogClient
from ledger.adapters.networks import local_network
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash
from ledger.domain.log.acknowledgement_json import SignedAcknowledgement, read_acknowledgement
from ledger.domain.log.tile_names import tiles_of
from ledger.domain.log.tiles import grow
from ledger.domain.merkle import PerfectSubtrees, SignatureHash
from ledger.ports import LogShower
from ledger.services.verify_receipt import BundleShower, ReceiptVerification, verify_receipt

pytestmark = pytest.mark.chain

Written = Callable[..., bytes]


@pytest.fixture(params=[False, True], ids=["batch", "former"])
def written(request: pytest.FixtureRequest) -> Written:
    """Writes receipts: of a batch, or as they were before there were any."""
    return partial(receipt_text, former=request.param)


async def judged(world: ProofWorld, text: bytes, showers: Sequence[LogShower] = ()) -> ReceiptVerification:
    rpc = JsonRpc(world.rpc_url)
    node = EvmLogHistory(rpc, world.deployment.pinned, local_network().network, SystemClock())
    try:
        return await verify_receipt(read_acknowledgement(text), [node], world.chain, showers)
    finally:
        await rpc.close()


class Service(BaseHTTPRequestHandler):
    """Shows a log: the proof by hash for the latest size, and tiles of every size."""

    log: Any = None
    proofs = True

    def do_GET(self) -> None:
        path = self.path.lstrip("/")
        tiles = self._tiles()
        if self.proofs and path.startswith("log/proof?hash=0x"):
            content = ContentHash(bytes.fromhex(path.removeprefix("log/proof?hash=0x")))
            place = self.log.place(content)
            answer = None if place is None else json.dumps({
                "index": place.proof.index, "size": place.proof.size,
                "hashes": [base64.b64encode(one).decode() for one in place.proof.hashes],
                "leafHash": "0x" + self.log.leaves[place.proof.index].hex(),
            }).encode()  # fmt: skip
        else:
            answer = tiles.get(path.removeprefix("log/"))
        self.send_response(404 if answer is None else 200)
        self.end_headers()
        self.wfile.write(answer or b"")

    def _tiles(self) -> dict[str, bytes]:
        size = self.log.checkpoints[0][0]
        found = {}
        for count in (size, len(self.log.leaves)):
            leaves = self.log.leaves[:count]
            found |= {tile.path: data for tile, data in grow(0, leaves, PerfectSubtrees.of([]))}
            assert set(found) >= {tile.path for tile in tiles_of(count)}
        return found

    def log_message(self, *arguments: object) -> None:
        """Nothing is logged."""


@contextmanager
def serving(world: ProofWorld, *, proofs: bool = True) -> Iterator[str]:
    handler = type("Handler", (Service,), {"log": world.log, "proofs": proofs})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_promise_that_was_kept_is_proven_by_service_tiles_and_bundle(
    proof_world: ProofWorld, written: Written
) -> None:
    first, _, _ = await moments(proof_world)
    text = written(proof_world, 3, time=first - 1, deadline=first)
    assert (await judged(proof_world, text)).code == "receipt.no-proof"
    for proofs in (True, False):
        with serving(proof_world, proofs=proofs) as url:
            client = LogClient(url)
            kept = await judged(proof_world, text, [client])
            await client.close()
        assert (kept.standing, kept.code) == ("kept", "receipt.included")
        assert kept.covering is not None
        assert kept.covering.size == proof_world.log.checkpoints[0][0]
        assert kept.shown is not None
        assert (kept.shown.proof.size == len(proof_world.log.leaves)) is proofs, "a later size proves as much"
    shown = await judged(proof_world, text, [BundleShower(proof_world.bundle("packed"))])
    assert shown.standing == "kept"
    assert shown.signer == shown.operator == proof_world.operator.address


async def test_a_checkpoint_that_came_late_breaks_the_promise(proof_world: ProofWorld, written: Written) -> None:
    first, second, _ = await moments(proof_world)
    assert first < second, "by how the ledger is made"
    late = await judged(proof_world, written(proof_world, 3, time=first - 1, deadline=first - 1))
    assert (late.standing, late.code) == ("broken", "receipt.late")
    index = len(proof_world.log.leaves) - 1
    last = await judged(proof_world, written(proof_world, index, time=first - 1, deadline=second - 1))
    assert (last.standing, last.code) == ("broken", "receipt.late")


async def test_an_entry_that_no_checkpoint_covers_breaks_it_once_the_time_is_over(
    proof_world: ProofWorld, written: Written
) -> None:
    first, _, head = await moments(proof_world)
    index = len(proof_world.log.leaves)
    over = await judged(proof_world, written(proof_world, index, time=first, deadline=first))
    assert (over.standing, over.code) == ("broken", "receipt.not-covered")
    due = await judged(proof_world, written(proof_world, index, time=head, deadline=head + 10**6))
    assert (due.standing, due.code) == ("not-yet-due", "receipt.before-deadline")


async def test_another_leaf_at_the_index_breaks_it(proof_world: ProofWorld, written: Written) -> None:
    first, _, _ = await moments(proof_world)
    text = written(proof_world, 3, signature_hash=SignatureHash(b"\x07" * 32), time=first - 1, deadline=first)
    for proofs in (True, False):
        with serving(proof_world, proofs=proofs) as url:
            client = LogClient(url)
            broken = await judged(proof_world, text, [client])
            await client.close()
        assert (broken.standing, broken.code) == ("broken", "receipt.other-leaf")


async def test_what_proves_nothing_is_not_told_as_broken(proof_world: ProofWorld, written: Written) -> None:
    first, _, _ = await moments(proof_world)
    fine = {"time": first - 1, "deadline": first}
    stranger = await judged(proof_world, written(proof_world, 3, signer=TestKey(), **fine))
    assert (stranger.standing, stranger.code) == ("unknown", "receipt.not-the-operator")
    early = await judged(proof_world, written(proof_world, 3, time=1, deadline=2))
    assert (early.standing, early.code) == ("unknown", "receipt.not-the-operator"), "there was no operator yet"
    other = await judged(proof_world, written(proof_world, 3, chainId=1, **fine))
    assert (other.standing, other.code) == ("unknown", "receipt.other-log")
    unsigned = await judged(proof_world, written(proof_world, 3, signature="0x" + "00" * 65, **fine))
    assert (unsigned.standing, unsigned.code) == ("unknown", "receipt.signature")
    for name, value in {"mergeDeadline": first + 1, "time": first - 2}.items():
        altered = await judged(
            proof_world, json.dumps(json.loads(written(proof_world, 3, **fine)) | {name: value}).encode()
        )
        assert altered.code == "receipt.not-the-operator", name
    nobody = await verify_receipt(read_acknowledgement(written(proof_world, 3, **fine)), [], proof_world.chain)
    assert (nobody.standing, nobody.code) == ("unknown", "chain.not-asked")
    bundle = proof_world.bundle("packed")
    events = [
        replace(one, inclusion=replace(one.inclusion, hashes=one.inclusion.hashes[::-1])) if one.inclusion else one
        for one in bundle.events
    ]
    bent = BundleShower(replace(bundle, events=tuple(events)))
    assert (await judged(proof_world, written(proof_world, 3, **fine), [bent])).standing == "not-shown"


@pytest.mark.parametrize(
    ("place", "rule", "changed"),
    [
        ("/format", "log.receipt", {"format": "silkroot-receipt-0"}),
        ("", "log.receipt", {"more": 1}),
        ("/logIndex", "log.receipt", {"logIndex": "3"}),
        ("/leafHash", "log.receipt", {"leafHash": "0x00"}),
        ("/signature", "log.receipt", {"signature": "0x" + "00" * 64}),
        ("acknowledgement", "log.acknowledgement", {"time": 9, "mergeDeadline": 8}),
    ],
)
def test_what_is_no_acknowledgement_is_refused(
    proof_world: ProofWorld, written: Written, place: str, rule: str, changed: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_acknowledgement(written(proof_world, 3, **changed))
    assert [(one.field, one.rule) for one in refused.value.violations] == [(place, rule)]


def test_an_acknowledgement_reads_as_it_was_signed(proof_world: ProofWorld, written: Written) -> None:
    read = read_acknowledgement(written(proof_world, 3, time=5, deadline=6))
    assert isinstance(read, SignedAcknowledgement)
    assert (read.acknowledgement.log_index, read.acknowledgement.merge_deadline) == (3, 6)


@pytest.mark.parametrize(
    "changed",
    [
        {"contentHash": "0x" + "07" * 32},
        {"signatureHash": "0x" + "07" * 32},
        {"leafHash": "0x" + "07" * 32},
        {"logIndex": 5},
        {"firstIndex": 4},
        {"count": 9},
        {"path": []},
        {"path": ["0x" + "07" * 32] * 4},
    ],
)
def test_a_leaf_that_does_not_fit_its_batch_is_refused(proof_world: ProofWorld, changed: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_acknowledgement(receipt_text(proof_world, 3, **changed))
    assert [one.rule for one in refused.value.violations] == ["log.acknowledgement"]


@pytest.mark.parametrize(
    "changed", [{"logIndex": 2}, {"firstIndex": 0, "logIndex": 2}, {"path": ["0x" + "07" * 32] * 3}]
)
async def test_another_place_in_a_batch_is_nobodys_promise(proof_world: ProofWorld, changed: dict[str, object]) -> None:
    first, _, _ = await moments(proof_world)
    text = receipt_text(proof_world, 3, time=first - 1, deadline=first, **changed)
    shown = await judged(proof_world, text, [BundleShower(proof_world.bundle("packed"))])
    assert (shown.standing, shown.code) == ("unknown", "receipt.not-the-operator")
