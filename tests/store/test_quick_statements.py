"""
Statements that came signed, held against the ledger's state at once: what comes of a document is what comes of it when
each of its events goes the long way, whatever stands in the registry and whatever else is in the document.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import event_builders as b
import pytest
from batch_events import readings, together
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_fixture import LEDGER_DOMAIN, SECRET, START, World, ledger_world
from msgspec import structs
from presigned_events import enrol, presign, proof_of
from signing_keys import SigningKey, signing_key

from ledger.domain.batch_signatures import batch_digest_of
from ledger.domain.binding import action_of
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash
from ledger.domain.presigned import presigned_of
from ledger.domain.records import CoSignature, JsonTree
from ledger.domain.sealing import KeptDisclosure
from ledger.domain.typed_data import digest
from ledger.services.capture import Capture, CaptureResult
from ledger.services.prepared_statements import PreparedStatement, statement_parts
from ledger.services.preparing import Prepared, Preparing
from ledger.services.quick_statements import QuickStatements
from ledger.services.signed_events import FARTHEST_SECONDS, LEAST_SECONDS

DEVICE, LATER, STRANGER, HUBS = (signing_key(number) for number in (81, 82, 83, 84))
NAMED = "urn:uuid:00000000-0000-4000-8000-000000000001"
BATCH, OTHER_BATCH = together(readings(5), DEVICE), together([event | {"note": "x"} for event in readings(4)], LATER)


def statement(number: int, key: SigningKey = DEVICE, *, ahead: int = 3 * 86_400, **more: object) -> JsonTree:
    event = b.inspection() | {"silkroot:remark": f"said {number}"} | more
    return presign(event, key, deadline=int(START) + ahead)


def declared(number: int) -> JsonTree:
    wrong = {"declarationTime": "2026-08-05T12:00:00.000+08:00", "reason": "incorrect_data"}
    return statement(number, eventID=NAMED, errorDeclaration=wrong)


POOL: tuple[JsonTree, ...] = (
    *BATCH, *OTHER_BATCH, *(statement(number) for number in range(4)), *(statement(9, LATER, note=x) for x in "ab"),
    statement(10, STRANGER), statement(11, HUBS), presign(b.inspection(party=b.HUB), HUBS),
    *(statement(20 + ahead % 7, ahead=ahead) for ahead in (LEAST_SECONDS - 1, LEAST_SECONDS, FARTHEST_SECONDS,
                                                           FARTHEST_SECONDS + 1, -1)),
    statement(30, eventID=NAMED), statement(31, eventID=NAMED), declared(32), declared(33),
    statement(34, eventID="ni:///sha-256;" + "0" * 64 + "?ver=CBV2.0"),
    presign(b.harvest(), DEVICE), b.inspection() | {"silkroot:remark": "signed here"}, statement(0, LATER),
)  # fmt: skip


def _cancel(event: JsonTree) -> Callable[[World], None]:
    given = presigned_of(event)
    assert given is not None
    signed = batch_digest_of(LEDGER_DOMAIN, given.proof)
    if signed is None:
        signed = digest(LEDGER_DOMAIN, action_of(given.event, given.proof.action.deadline))
    return lambda world: world.keys.cancel(b.FARM, signed)


STATES: dict[str, Callable[[World], object]] = {
    "suspended": lambda world: world.keys.suspend(b.FARM, suspended=True),
    "hub suspended": lambda world: world.keys.suspend(b.HUB, suspended=True),
    "revoked": lambda world: world.keys.revoke(b.FARM, DEVICE.id),
    "batch cancelled": _cancel(BATCH[0]),
    "statement cancelled": _cancel(statement(1)),
    "some recorded": lambda world: world.capture([POOL[1], statement(2), statement(30, eventID=NAMED)], rollback=False),
    "window over": lambda world: setattr(world.clock, "time", START + 3_600),
}


def captured(
    events: Sequence[JsonTree], states: Sequence[str], *, rollback: bool, quick: bool
) -> tuple[list[CaptureResult], list[object]]:
    """What comes of it in a new world, and what is in the store then."""
    with TemporaryDirectory() as folder:
        world = ledger_world(Path(folder))
        enrol(world, b.FARM, DEVICE)
        enrol(world, b.FARM, LATER, until=int(START) + 1_800)
        enrol(world, b.HUB, HUBS)
        for state in states:
            STATES[state](world)
        if quick:
            results = world.capture(events, rollback=rollback)
        else:
            with patch.object(QuickStatements, "admit", lambda *_: False):
                results = world.capture(events, rollback=rollback)
        assert world.fsck() == []
        stored: list[object] = [*world.store.events(limit=100), *world.store.log.leaves(0, 100)]
        world.store.close()
    return results, stored


@given(
    st.lists(st.sampled_from(POOL), min_size=1, max_size=9),
    st.lists(st.sampled_from(sorted(STATES)), max_size=2, unique=True), st.booleans(),
)  # fmt: skip
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_document_gives_what_its_events_give_one_by_one(
    events: list[JsonTree], states: list[str], rollback: bool
) -> None:
    found = captured(events, states, rollback=rollback, quick=True)
    assert found == captured(events, states, rollback=rollback, quick=False)


def admitted(world: World, *events: JsonTree) -> list[bool]:
    """Which of them need no long way, in a transaction that knows of them all; none is appended."""
    prepared = Preparing(world.clock, LEDGER_DOMAIN, SECRET).prepare_all(events, None)
    ready = [one for one in prepared if not isinstance(one, InvalidInput)]
    assert len(ready) == len(events)
    with world.store.rehearsing() as transaction:
        transaction.prefetch(
            [one.request_mac for one in ready], [one.action.content_hash for one in ready],
            [one.event_id for one in ready],
        )  # fmt: skip
        transaction.projection.prefetch([(one.action, one.digest) for one in ready])
        quick = QuickStatements(transaction, LEDGER_DOMAIN, int(world.clock.now()))
        found = map(statement_parts, ready)
        return [parts is not None and quick.admit(PreparedStatement(*parts)) for parts in found]


@pytest.fixture
def farm(world: World) -> World:
    """The farm has a device."""
    enrol(world, b.FARM, DEVICE)
    return world


def test_statements_as_loggers_send_them_need_no_long_way(farm: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert admitted(farm, *BATCH, *map(statement, range(4)), declared(5)) == [True] * 10
    monkeypatch.setattr(Capture, "_record", None)
    results = farm.capture([*BATCH, *map(statement, range(4))])
    assert [result.record.sequence for result in results if result.record is not None] == [*range(1, 10)]
    assert farm.fsck() == []


def test_others_go_the_long_way(farm: World) -> None:
    farm.record(statement(2), statement(30, eventID=NAMED))
    others = [
        presign(b.harvest(), DEVICE), b.inspection(), statement(2), statement(31, eventID=NAMED),
        statement(3, STRANGER), statement(4, ahead=FARTHEST_SECONDS + 1),
    ]  # fmt: skip
    assert admitted(farm, *others) == [False] * len(others)


def test_what_was_not_looked_up_goes_the_long_way(farm: World) -> None:
    (one,) = Preparing(farm.clock, LEDGER_DOMAIN, SECRET).prepare_all([statement(1)], None)
    assert isinstance(one, Prepared)
    with farm.store.rehearsing() as transaction:
        quick = QuickStatements(transaction, LEDGER_DOMAIN, int(farm.clock.now()))
        assert not transaction.is_new(one.event_id, one.request_mac, one.action.content_hash)
        told = PreparedStatement(*(statement_parts(one) or ()))
        assert not quick.admit(told)
        transaction.prefetch([one.request_mac], [one.action.content_hash], [one.event_id])
        assert transaction.is_new(one.event_id, one.request_mac, one.action.content_hash)
        assert not quick.admit(told), "its digest was not looked up"
        transaction.projection.prefetch([], [(one.party, one.digest)])
        assert quick.admit(told)


def test_what_comes_from_another_process_is_the_same_statement(farm: World) -> None:
    events = [*BATCH, statement(1), declared(2), statement(3, eventID=NAMED)]
    for one in Preparing(farm.clock, LEDGER_DOMAIN, SECRET).prepare_all(events, None):
        assert isinstance(one, Prepared)
        assert one.proof is not None
        parts = statement_parts(one)
        assert parts is not None
        assert PreparedStatement(*parts).whole() == one
        assert PreparedStatement(*parts).signed(3.5) == one.signed(one.proof, 3.5)


@pytest.mark.parametrize(
    "changed",
    [
        {"proof": None}, {"proof_form": b""}, {"open_mac": bytes(32)}, {"unsealed": ContentHash(bytes(32))},
        {"disclosures": (KeptDisclosure("", "", None, None),)},
        {"proof": replace(proof_of(b.inspection(), DEVICE), co=CoSignature(b.HUB, HUBS.id, HUBS.scheme, b""))},
    ],
)  # fmt: skip
def test_what_has_more_to_it_is_no_such_statement(farm: World, changed: dict[str, object]) -> None:
    (one,) = Preparing(farm.clock, LEDGER_DOMAIN, SECRET).prepare_all([statement(1)], None)
    assert isinstance(one, Prepared)
    assert statement_parts(one) is not None
    assert statement_parts(structs.replace(one, **changed)) is None


@pytest.mark.parametrize("state", ["suspended", "revoked", "batch cancelled"])
def test_where_the_first_may_not_none_may(farm: World, state: str) -> None:
    STATES[state](farm)
    assert admitted(farm, *BATCH) == [False] * len(BATCH)


def test_a_cancelled_statement_stops_no_other(farm: World) -> None:
    _cancel(statement(1))(farm)
    assert admitted(farm, *map(statement, range(3))) == [True, False, True]


def test_all_of_a_transaction_have_one_time(farm: World, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(int(START), int(START) + 1_000))
    monkeypatch.setattr(farm.clock, "now", lambda: float(next(times)))
    records = farm.record(*map(statement, range(4)), presign(b.harvest(), DEVICE))
    assert len({record.record_time for record in records}) == 1
