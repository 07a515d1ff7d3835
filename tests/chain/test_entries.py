"""Entries on a real chain: each kind goes in, is settled from its log, and is read back at one block."""

from __future__ import annotations

import pytest
from chain_fixtures import BUYER, DEADLINE, PACKER, PRODUCER, PRODUCT, ChainWorld, TestKey, new_content

from ledger.domain.actions import EntryKind, Harvest, Line, Receipt, Shipment, Statement
from ledger.domain.identifiers import Grams, LotRef, PartyId, consignment_id, plot_id
from ledger.domain.master_data import Role
from ledger.domain.records import ChainQuestion, ConsignmentState, EntryState, Scheme
from ledger.domain.registry_actions import RoleChange, Suspension
from ledger.domain.typed_data import manifest_hash
from ledger.ports_outbox import NewRow

pytestmark = pytest.mark.chain
PLOT = plot_id(PRODUCER, "7")


def harvest(code: str, grams: int = 1000, deadline: int = DEADLINE) -> Harvest:
    return Harvest(PRODUCER, PRODUCT, code, PLOT, 2026, Grams(grams), new_content(), deadline)


async def test_harvest_shipment_and_receipt_are_recorded_and_read_back(chain_world: ChainWorld) -> None:
    lot = LotRef(PRODUCT, "HAMI-1")
    born = harvest("HAMI-1")
    lines = (Line(lot.id, Grams(600)),)
    shipped = Shipment(PRODUCER, BUYER, "SSCC-1", lines, new_content(), DEADLINE)
    consignment = consignment_id(PRODUCER, "SSCC-1")
    received = Receipt(BUYER, consignment, manifest_hash(lines), new_content(), DEADLINE)
    # All three at once: the account's nonces keep them in order.
    ids = chain_world.queue(chain_world.row(born), chain_world.row(shipped), chain_world.row(received, manifest=lines))
    await chain_world.settle()
    assert chain_world.states(ids) == [EntryState.CONFIRMED] * 3

    question = ChainQuestion(
        contents=(born.content_hash, shipped.content_hash, received.content_hash, new_content()),
        lots=(lot.id, LotRef(PRODUCT, "NONE").id),
        balances=((lot.id, PRODUCER), (lot.id, BUYER)),
        consignments=(consignment,),
        keys=(chain_world.key_of(PRODUCER).id, TestKey().id),
        parties=(PRODUCER, PACKER, PartyId(1)),
    )
    facts = await chain_world.access.reader.facts(question)
    assert set(facts.entries) == {born.content_hash, shipped.content_hash, received.content_hash}
    entry = facts.entries[born.content_hash]
    row = chain_world.only(ids[0])
    assert (entry.party, entry.kind, entry.key_id) == (PRODUCER, EntryKind.HARVEST, chain_world.key_of(PRODUCER).id)
    assert (entry.digest, entry.transaction) == (row.digest, row.transaction)
    assert entry.block_number <= facts.head
    assert entry.block_time <= facts.head_time
    assert facts.lots[lot.id].issuer == PRODUCER
    assert facts.lots[lot.id].entries == 3
    assert facts.lots[question.lots[1]].issuer == 0
    assert facts.balances == {(lot.id, PRODUCER): 400, (lot.id, BUYER): 600}
    assert facts.consignments[consignment].state is ConsignmentState.RECEIVED
    assert facts.consignments[consignment].manifest_hash == manifest_hash(lines)[:24]
    key = facts.keys[chain_world.key_of(PRODUCER).id]
    assert (key.party, key.scheme, key.admin, key.hosted) == (PRODUCER, Scheme.SECP256K1, True, True)
    assert facts.keys[question.keys[1]].scheme is Scheme.NONE
    assert facts.roles_of(PRODUCER) & Role.PRODUCER
    assert facts.roles[PartyId(1)] == ()


async def test_roles_are_known_as_they_were_when_each_entry_was_taken(chain_world: ChainWorld) -> None:
    def change(roles: Role) -> NewRow:
        return chain_world.registry_row(RoleChange(PRODUCER, int(roles), DEADLINE), chain_world.registrar)

    def suspend(suspended: bool) -> NewRow:
        return chain_world.registry_row(Suspension(PRODUCER, suspended, DEADLINE), chain_world.registrar)

    before, after = harvest("BEFORE"), Statement(PRODUCER, "inspecting", (), new_content(), DEADLINE)
    # Queued at once, so that the change and both entries may well lie in one block.
    ids = chain_world.queue(chain_world.row(before), change(Role.CARRIER), chain_world.row(after), suspend(True))
    await chain_world.settle()
    assert chain_world.states(ids) == [EntryState.CONFIRMED] * 4
    question = ChainQuestion(contents=(before.content_hash, after.content_hash), parties=(PRODUCER, BUYER))
    facts = await chain_world.access.reader.facts(question)
    assert facts.roles_of(PRODUCER, facts.entries[before.content_hash]) == Role.PRODUCER
    assert facts.roles_of(PRODUCER, facts.entries[after.content_hash]) == Role.CARRIER
    assert facts.roles_of(PRODUCER) == 0
    assert facts.roles_of(BUYER) == Role.BUYER
    assert [record.roles for record in facts.roles[PRODUCER]] == [Role.PRODUCER, Role.CARRIER, 0]

    # Roles given to a suspended party count from its reinstatement on; what it did before stays as it was.
    ids = chain_world.queue(change(Role.HUB), suspend(False))
    await chain_world.settle()
    assert chain_world.states(ids) == [EntryState.CONFIRMED] * 2
    facts = await chain_world.access.reader.facts(question)
    assert [record.roles for record in facts.roles[PRODUCER]] == [Role.PRODUCER, Role.CARRIER, 0, 0, Role.HUB]
    assert facts.roles_of(PRODUCER, facts.entries[before.content_hash]) == Role.PRODUCER
    assert facts.roles_of(PRODUCER, facts.entries[after.content_hash]) == Role.CARRIER


async def test_a_stranger_who_copies_a_content_hash_does_not_hide_the_entry_that_was_meant(
    chain_world: ChainWorld,
) -> None:
    born = harvest("COPIED")
    copied = Statement(PACKER, "inspecting", (), born.content_hash, DEADLINE)
    ids = chain_world.queue(chain_world.row(copied), chain_world.row(born))
    await chain_world.settle()
    assert chain_world.states(ids) == [EntryState.CONFIRMED] * 2
    meant = chain_world.only(ids[1]).digest
    reader = chain_world.access.reader
    facts = await reader.facts(ChainQuestion(contents=(born.content_hash,), digests=frozenset([meant])))
    assert facts.entries[born.content_hash].digest == meant
    unasked = await reader.facts(ChainQuestion(contents=(born.content_hash,)))
    assert unasked.entries[born.content_hash].party == PACKER


async def test_an_entry_that_the_contract_refuses_is_refused_with_its_rule_and_its_neighbours_stand(
    chain_world: ChainWorld,
) -> None:
    lot = LotRef(PRODUCT, "A")
    too_much = Shipment(PRODUCER, BUYER, "R1", (Line(lot.id, Grams(2000)),), new_content(), DEADLINE)
    ids = chain_world.queue(
        chain_world.row(harvest("A")), chain_world.row(too_much), chain_world.row(harvest("A")),
        chain_world.row(harvest("B")),
    )  # fmt: skip
    await chain_world.settle()
    assert chain_world.states(ids) == [
        EntryState.CONFIRMED, EntryState.REFUSED, EntryState.REFUSED, EntryState.CONFIRMED,
    ]  # fmt: skip
    assert chain_world.only(ids[1]).refusal == (
        f"NotEnoughHeld(lot=0x{lot.id.hex()}, holder={PRODUCER}, held=1000, needed=2000)"
    )
    assert chain_world.only(ids[2]).refusal == f"LotExists(lot=0x{lot.id.hex()})"


async def test_expired_deadline_wrong_key_and_malformed_payload_are_refused_by_name(chain_world: ChainWorld) -> None:
    malformed = chain_world.row(harvest("M"))
    entry = type(malformed.entry)(malformed.entry.kind, malformed.entry.key_id, b"\x01", malformed.entry.signature)
    ids = chain_world.queue(
        chain_world.row(harvest("D", deadline=1)),
        chain_world.row(harvest("W"), signer=TestKey()),
        type(malformed)(malformed.target, entry, malformed.digest, malformed.content_hash),
    )
    await chain_world.settle()
    refusals = [chain_world.only(one).refusal for one in ids]
    assert refusals[0].startswith("DeadlinePassed(deadline=1, ")
    assert refusals[1].startswith(("UnknownKey(", "WrongParty("))
    assert refusals[2] == "MalformedEntry()"


async def test_the_same_statement_relayed_by_somebody_else_first_is_confirmed_not_refused(
    chain_world: ChainWorld,
) -> None:
    said = Statement(PACKER, "inspecting", (), new_content(), DEADLINE)
    first, again = chain_world.queue(chain_world.row(said), chain_world.row(said))
    await chain_world.settle()
    assert chain_world.states([first, again]) == [EntryState.CONFIRMED] * 2


async def test_an_admission_queued_twice_is_confirmed_twice(chain_world: ChainWorld) -> None:
    from ledger.domain.master_data import Role

    row = chain_world.admission(PACKER, Role.PACKER)
    other = chain_world.admission(PartyId(9520000000042), Role.BUYER)
    ids = chain_world.queue(row, other, other)
    await chain_world.settle()
    assert chain_world.states(ids) == [EntryState.CONFIRMED] * 3


async def test_a_thousand_entries_go_in_as_few_transactions_under_the_gas_cap(chain_world: ChainWorld) -> None:
    ids = chain_world.queue(*(chain_world.row(harvest(f"BULK-{number}")) for number in range(1000)))
    await chain_world.settle(within_seconds=120)
    assert chain_world.states(ids) == [EntryState.CONFIRMED] * 1000
    assert len({row.transaction for row in chain_world.store.rows(ids)}) < 40
