"""Leaves and acknowledgements at append: one order, no gap, one promise; older databases; what fsck sees of the log."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import event_builders as b
import pytest
from ledger_fixture import LEDGER_DOMAIN, LOG_DOMAIN, OPERATOR_KEY, SECRET, World, ledger_world
from log_bench import Log, new_log
from second_signatures import resign, settle

from ledger.adapters.log_operator import LogOperator, operator_address
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.errors import StoreError
from ledger.domain.identifiers import LotRef
from ledger.domain.merkle import event_leaf
from ledger.domain.proof_json import signature_hash
from ledger.services.capture import Capture


@pytest.fixture
def log(tmp_path: Path, url: str) -> Iterator[Log]:
    made = new_log(tmp_path, url)
    yield made
    made.world.store.close()


def indexes(world: World) -> list[int]:
    """All indexes that a reader sees now."""
    return [row[0] for row in world.sql("SELECT log_index FROM log_leaves ORDER BY log_index")]


# ------------------------------------------------------------------------------------------------ acknowledgements


def test_a_result_carries_the_operators_signature_over_its_leaf(world: World) -> None:
    first, second = world.capture([b.harvest(), b.inspection()])
    for index, result in enumerate((first, second)):
        assert result.record is not None
        signed = result.acknowledgement
        assert signed is not None
        stated = signed.acknowledgement
        assert signed.signer() == operator_address(OPERATOR_KEY)
        assert signed.domain == LOG_DOMAIN
        leaf = event_leaf(result.record.content_hash, signature_hash(result.record.proof))
        assert (stated.log_index, stated.content_hash, stated.leaf_hash) == (index, result.record.content_hash, leaf)
        assert (stated.time, stated.merge_deadline) == (int(world.clock.time), int(world.clock.time) + 3600)


def test_a_repeat_returns_the_very_same_one_and_appends_nothing(world: World) -> None:
    (first,) = world.capture([b.harvest()])
    world.clock.time += 1000
    again, other = world.capture([b.harvest(), b.inspection()])
    assert again.repeated
    assert again.acknowledgement == first.acknowledgement
    assert other.acknowledgement is not None
    assert other.acknowledgement.acknowledgement.log_index == 1
    assert indexes(world) == [0, 1]


def test_what_is_refused_or_only_tried_is_acknowledged_by_nobody(world: World) -> None:
    (tried,) = world.capture([b.harvest()], dry_run=True)
    accepted, refused = world.capture([b.harvest(), b.harvest(grams=5)])
    assert refused.refused
    assert {tried.acknowledgement, accepted.acknowledgement, refused.acknowledgement} == {None}
    assert indexes(world) == []


def test_nothing_is_taken_before_the_operator_is_known(world: World) -> None:
    store = SqlStore(world.url)
    with pytest.raises(StoreError, match="operator is not known"):
        Capture(store, world.signer, world.clock, LEDGER_DOMAIN, SECRET).capture([b.harvest()])
    store.close()
    assert world.store.events(0, 10) == []


# ------------------------------------------------------------------------------------------------ order


def test_indexes_have_no_gap_and_no_reader_sees_a_later_one_first(world: World) -> None:
    stop, gaps = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            found = indexes(world)
            if found != list(range(len(found))):
                gaps.append(found)

    def write(thread: int) -> None:
        for number in range(8):
            world.record(b.harvest(lot=LotRef(b.BULK_MELON, f"T{thread}-{number}")))

    reader = threading.Thread(target=read)
    reader.start()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    stop.set()
    reader.join()
    assert gaps == []
    assert indexes(world) == list(range(32))
    assert world.fsck() == []


def test_while_the_first_of_two_appenders_pauses_nothing_later_is_visible(world: World) -> None:
    paused, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with world.store.writing() as transaction:
            _append(world, transaction, "A")
            paused.set()
            go_on.wait(10)

    def second() -> None:
        paused.wait(10)
        world.record(b.harvest(lot=LotRef(b.BULK_MELON, "B")))
        done.set()

    threads = [threading.Thread(target=one) for one in (first, second)]
    for thread in threads:
        thread.start()
    paused.wait(10)
    assert not done.wait(0.3)
    assert indexes(world) == []
    go_on.set()
    for thread in threads:
        thread.join()
    leaves = world.store.log.leaves(0, 10)
    assert [(leaf.index, leaf.sequence) for leaf in leaves] == [(0, 1), (1, 2)]
    assert b"/10/A" in leaves[0].body


def _append(world: World, transaction: object, code: str) -> None:
    """Appends what a capture of that harvest would, inside a transaction that stays open."""
    from ledger.services.preparing import Preparing
    from ledger.services.signing import prove, signing_key

    event = b.harvest(lot=LotRef(b.BULK_MELON, code))
    prepared = Preparing(world.clock, LEDGER_DOMAIN, SECRET).prepare(0, event, None)
    now = world.clock.now()
    key = signing_key(world.signer, transaction.projection, prepared.party, int(now))  # type: ignore[attr-defined]
    transaction.projection.apply(prepared.action, prepared.digest, int(now))  # type: ignore[attr-defined]
    proof = prove(world.signer, key, prepared.action, prepared.digest)
    transaction.append(prepared.signed(proof, now))  # type: ignore[attr-defined]


CHILD = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
import event_builders as b
from log_bench import Log
from ledger_fixture import ledger_world
from fake_log_chain import FakeLogChain
from ledger.domain.identifiers import LotRef
world = ledger_world(Path(sys.argv[1]))
log = Log(world, FakeLogChain(), Path(sys.argv[1]))
log.settle_registrations()
print("ready", flush=True)
for batch in range(10_000):
    events = [b.harvest(lot=LotRef(b.BULK_MELON, f"C{batch}-{n}")) for n in range(7)]
    for result in world.capture(events):
        print(result.acknowledgement.signature.hex(), flush=True)
    log.step(log.another(page=5))
    log.chain.mine()
"""


@pytest.mark.parametrize("acknowledged", [1, 30, 90])
def test_killed_between_append_and_integration_keeps_every_promise(tmp_path: Path, acknowledged: int) -> None:
    support = Path(__file__).parent.parent / "support"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path), str(support), str(support.parent.parent)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    seen = [child.stdout.readline().strip() for _ in range(acknowledged)]
    child.send_signal(signal.SIGKILL)
    seen += [line for line in child.stdout.read().split() if len(line) == 130]
    child.wait()

    world = ledger_world(tmp_path)
    stored = world.store.archive.acknowledgements([event.content_hash for event in world.store.events(0, 100_000)])
    assert set(seen) <= {one.signature.hex() for one in stored.values()}
    assert world.fsck() == []
    log = Log(world, __import__("fake_log_chain").FakeLogChain(), tmp_path)
    for _ in range(3):
        log.step()
        log.chain.mine()
    counts = world.store.log.counts()
    assert counts.published == counts.leaves == len(stored)
    assert log.fsck() == []
    world.store.close()


# ------------------------------------------------------------------------------------------------ older databases


def test_events_from_before_the_log_get_their_leaves_in_order_of_sequence(world: World) -> None:
    (event, *_) = world.record(b.harvest(), b.inspection(), b.shipping())
    settle(world, {event.content_hash: "DeadlinePassed(deadline=1)"})
    world.clock.time += 60
    assert resign(world).resign(b.FARM)
    world.store.close()
    world.sql("DELETE FROM log_leaves")
    world.sql("DELETE FROM log_acknowledgements")
    again = ledger_world(world.folder, url=world.url)
    leaves = again.store.log.leaves(0, 10)
    assert [(leaf.index, leaf.sequence) for leaf in leaves] == [(0, 1), (1, 2), (2, 3)]
    assert again.fsck() == []
    assert again.store.acknowledge_by(LogOperator(OPERATOR_KEY, LOG_DOMAIN, world.clock)) == 0
    (result,) = again.capture([b.inspection(when=b.When("2026-08-06T12:00:00.000+08:00"))])
    assert result.acknowledgement is not None
    assert result.acknowledgement.acknowledgement.log_index == 3
    again.store.close()


# ------------------------------------------------------------------------------------------------ fsck


def test_fsck_finds_nothing_where_nothing_is_wrong(log: Log) -> None:
    log.anchor(300)
    log.state(3)
    assert log.fsck() == []


FLIPS = [
    ("log_leaves", "leaf_hash", "log_index = 1"),
    ("log_leaves", "row_digest", "log_index = 1"),
    ("log_acknowledgements", "signature", "first_index = 1"),
    ("log_acknowledgements", "signature", "first_index = 2"),
    ("log_acknowledgements", "row_digest", "first_index = 2"),
    ("log_tiles", "content", "level = 0 AND tile_index = 0"),
    ("log_tiles", "content", "level = 0 AND tile_index = 1"),
    ("log_tiles", "content", "level = 1"),
    ("log_tiles", "content", "level = -1 AND tile_index = 1"),
    ("log_checkpoints", "root", "size = 2"),
    ("log_checkpoints", "note", "size = 2"),
    ("log_checkpoints", "block_hash", "size = 2"),
    ("log_checkpoints", "transaction", "size = 2"),
    ("log_checkpoints", "row_digest", "size = 2"),
]


def _last(table: str) -> str:
    """The condition of a table's last row."""
    key = {
        "log_leaves": "log_index", "log_acknowledgements": "first_index", "log_tiles": "level * 1000 + tile_index",
        "log_checkpoints": "size",
    }[table]  # fmt: skip
    return f"{key} = (SELECT max({key}) FROM {table})"


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[Log]:
    made = new_log(tmp_path_factory.mktemp("log"), new_database())
    made.anchor()
    made.anchor(300)
    yield made
    made.world.store.close()


@pytest.mark.parametrize("bit", [0, 77])
@pytest.mark.parametrize(("table", "column", "where"), FLIPS)
def test_fsck_finds_one_flipped_bit(damaged: Log, table: str, column: str, where: str, bit: int) -> None:
    ((value,),) = damaged.world.sql(f'SELECT "{column}" FROM {table} WHERE {where}')
    flipped = bytearray(value)
    flipped[bit // 8] ^= 1 << bit % 8
    change = f'UPDATE {table} SET "{column}" = ? WHERE {where}'
    damaged.sql(change, bytes(flipped))
    try:
        findings = list(damaged.check().problems())
    finally:
        damaged.sql(change, value)
    assert findings
    assert list(damaged.check().problems()) == []


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("log_leaves", "after_entry = after_entry + 1"),
        ("log_leaves", "sequence = sequence + 1"),
        ("log_leaves", "log_index = log_index + 1"),
        ("log_leaves", "replaced = NOT replaced"),
        ("log_acknowledgements", "first_index = first_index + 1"),
        ("log_acknowledgements", "count = count - 1"),
        ("log_acknowledgements", "count = 1"),
        ("log_acknowledgements", "is_batch = NOT is_batch"),
        ("log_acknowledgements", "time = time + 1"),
        ("log_acknowledgements", "merge_deadline = merge_deadline + 1"),
        ("log_tiles", "width = width - 1"),
        ("log_checkpoints", "block_number = block_number + 1"),
        ("log_checkpoints", "block_time = block_time + 1"),
        ("log_checkpoints", "previous_size = previous_size + 1"),
        ("log_checkpoints", "state = 'on-chain'"),
    ],
)
def test_fsck_finds_a_changed_number(damaged: Log, table: str, change: str) -> None:
    kept = damaged.world.sql(f"SELECT * FROM {table} WHERE {_last(table)}")
    damaged.sql(f"UPDATE {table} SET {change} WHERE {_last(table)}")
    findings = list(damaged.check().problems())
    damaged.sql(f"DELETE FROM {table} WHERE {_last(table)}")
    marks = ", ".join("?" for _ in kept[0])
    damaged.sql(f"INSERT INTO {table} VALUES ({marks})", *kept[0])
    assert findings
    assert list(damaged.check().problems()) == []


@pytest.mark.parametrize("table", ["log_leaves", "log_acknowledgements", "log_tiles", "log_checkpoints"])
def test_fsck_finds_a_missing_row(log: Log, table: str) -> None:
    log.anchor(2)
    log.sql(f"DELETE FROM {table} WHERE {_last(table)}")
    assert log.fsck()


def test_fsck_finds_an_acknowledgement_of_somebody_else(world: World) -> None:
    world.store.acknowledge_by(LogOperator(bytes(31) + b"\x09", LOG_DOMAIN, world.clock))
    world.record(b.harvest())
    assert ["not signed by" in str(one) for one in world.fsck()] == [True]
