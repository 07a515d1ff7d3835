"""Proposals in the tables: what a transaction sees of them, and that no number is given out twice."""

from __future__ import annotations

import event_builders as b
import pytest
from ledger_fixture import World
from msgspec import structs
from second_signatures import proposals

from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.errors import Conflict, StoreError
from ledger.ports_proposals import Proposal


def offer(world: World, grams: int = 100) -> Proposal:
    made = proposals(world).propose(b.pledge(pledged=b.amount(grams=grams)), b.FARM)
    assert isinstance(made, Proposal)
    return made


@pytest.fixture
def stocked(world: World) -> World:
    world.record(b.harvest())
    return world


def test_a_proposal_is_read_back_as_it_was_made(stocked: World) -> None:
    made = offer(stocked)
    again = SqlStore(stocked.url)
    with again.rehearsing() as transaction:
        assert transaction.proposal(made.id) == made
        assert transaction.find_proposal(made.event.request_mac) == made
        assert transaction.find_proposal(bytes(32)) is None
        assert transaction.proposals_of(b.FARM) == transaction.proposals_of(b.LENDER) == [made]
        assert transaction.proposals_of(b.HUB) == []
    again.close()
    assert made.event.lots == (b.HARVEST_LOT,)


def test_it_is_no_event_and_on_no_way_to_the_chain(stocked: World) -> None:
    queued = stocked.store.outbox.counts().queued
    made = offer(stocked)
    assert stocked.store.outbox.counts().queued == queued
    assert stocked.store.event(made.content_hash) is None
    assert stocked.fsck() == []


def test_a_number_is_not_given_out_twice(stocked: World) -> None:
    first = offer(stocked)
    with stocked.store.writing() as transaction:
        transaction.close_proposal(first.id)
        assert transaction.proposal(first.id) is None
        assert transaction.find_proposal(first.event.request_mac) is None
        second = transaction.propose(first.event, b.LENDER)
        transaction.close_proposal(second.id)
        third = transaction.propose(first.event, b.LENDER)
        assert transaction.proposals_of(b.FARM) == [third]
    assert [first.id, second.id, third.id] == [1, 2, 3]
    with stocked.store.writing() as transaction:
        assert transaction.proposals_of(b.LENDER) == [third]
        transaction.close_proposal(third.id)
    assert offer(stocked).id == 4


@pytest.mark.parametrize("same", ["content", "request"])
def test_the_same_content_or_request_waits_once(stocked: World, same: str) -> None:
    made = offer(stocked)
    if same == "content":
        again = structs.replace(made.event, request_mac=bytes(32))
    else:
        again = structs.replace(made.event, content_hash=type(made.content_hash)(bytes(32)))
    with stocked.store.rehearsing() as transaction, pytest.raises(Conflict, match="proposal 1 has the same identity"):
        transaction.propose(again, b.LENDER)


def test_a_rehearsal_keeps_nothing(stocked: World) -> None:
    made = offer(stocked)
    with stocked.store.rehearsing() as transaction:
        transaction.close_proposal(made.id)
        assert transaction.proposal(made.id) is None
    with stocked.store.rehearsing() as transaction:
        assert transaction.proposal(made.id) == made


def test_what_raises_keeps_the_proposal(stocked: World) -> None:
    made = offer(stocked)

    def close_and_fail() -> None:
        with stocked.store.writing() as transaction:
            transaction.close_proposal(made.id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        close_and_fail()
    with stocked.store.rehearsing() as transaction:
        assert transaction.proposal(made.id) == made


def test_the_event_and_the_end_of_its_proposal_stand_or_fall_together(stocked: World) -> None:
    made = offer(stocked)
    event = proposals(stocked).agree(made.id, b.LENDER)
    assert event.proof.co is not None
    assert stocked.store.event(made.content_hash) == event
    with stocked.store.rehearsing() as transaction:
        assert transaction.proposals_of(b.FARM) == []
    with stocked.store.writing() as transaction, pytest.raises(Conflict):
        transaction.append(made.event)


def test_a_proposal_that_cannot_have_been_written_is_an_error(stocked: World) -> None:
    offer(stocked)
    stocked.sql("UPDATE proposals SET lots = ?", b"[[1]]")
    with stocked.store.rehearsing() as transaction, pytest.raises(StoreError, match="the lots of proposal 1"):
        transaction.proposals_of(b.FARM)
