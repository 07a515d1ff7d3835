"""
The corruption table: one input behind a verdict is corrupted at a time; that check fails, and no other.

The story is `verdict_fakes.season`, judged for the packed lot, so that most corruptions also prove that an ancestor's
events count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import event_builders as build
import pytest
from signing_keys import signing_key
from verdict_fakes import (
    AT_BUYER,
    DOMAIN,
    HARVEST,
    PACKING,
    RECEIPT,
    SHIPMENT,
    SOLD,
    TO_BUYER,
    World,
    alter_entry,
    codes,
    failing,
    key_of,
    season,
)

from ledger.domain.actions import EntryKind
from ledger.domain.identifiers import ContentHash, Digest, Grams, KeyId, LotId, PartyId, consignment_id
from ledger.domain.master_data import Role
from ledger.domain.records import ChainFacts, ConsignmentState, EntryState, LotState, RoleRecord, Scheme
from ledger.domain.story_values import CheckName, Outcome, QualifierCode, Verdict
from ledger.domain.typed_data import digest

PACKED, BULK = build.PACKED_LOT.id, build.HARVEST_LOT.id
Corruption = Callable[[World], object]


@pytest.fixture
def world() -> World:
    result = World()
    season(result)
    return result


def test_what_is_corrupted_below_is_verified(world: World) -> None:
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.VERIFIED
    assert failing(judgement) == set()
    assert [branch.verdict for branch in judgement.branches] == [Verdict.VERIFIED] * 3


# What is stored -------------------------------------------------------------------------------------------------------


def more_melons(world: World) -> None:
    lines = world.at(HARVEST).body["quantityList"]
    world.change_body(HARVEST, quantityList=[{**lines[0], "quantity": 2000}])


def body_without_party(world: World) -> None:
    body = {name: value for name, value in world.at(HARVEST).body.items() if name != "silkroot:party"}
    world.change(HARVEST, body=body)


def flipped_signature(world: World) -> None:
    proof = world.at(PACKING).proof
    world.change(PACKING, proof=replace(proof, signature=bytes([proof.signature[0] ^ 1]) + proof.signature[1:]))


def signature_of_another_key(world: World) -> None:
    proof = world.at(PACKING).proof
    signature = key_of(build.HUB).sign(digest(DOMAIN, proof.action))
    world.change(PACKING, proof=replace(proof, signature=signature))


def another_key_named(world: World) -> None:
    world.change(PACKING, proof=replace(world.at(PACKING).proof, key_id=key_of(build.HUB).id))


def another_scheme_named(world: World) -> None:
    world.change(PACKING, proof=replace(world.at(PACKING).proof, scheme=Scheme.P256))


def other_struct_member(**members: object) -> Corruption:
    return lambda world: world.change_action(HARVEST, **members)


def receipt_dropped(world: World) -> None:
    world.drop(AT_BUYER)


def signed_sale_added(world: World) -> None:
    """Signed and stored as if confirmed, but never sent."""
    sale = build.sale(party=build.BUYER, lines=[build.amount(build.PACKED_LOT, 1)])
    world.record(sale, mined=False)
    world.change(len(world.events), state=EntryState.CONFIRMED)


def sale_added_with_entry(world: World) -> None:
    """One that even has an entry of its own; only the contract's count knows better."""
    event = world.record(build.sale(party=build.BUYER, lines=[build.amount(build.PACKED_LOT, 1)]), mined=False)
    template = next(iter(world.entries.values()))
    world.entries[event.content_hash] = replace(
        template,
        content_hash=event.content_hash,
        party=build.BUYER,
        kind=event.proof.action.KIND,
        key_id=event.proof.key_id,
        digest=digest(DOMAIN, event.proof.action),
    )


def resigned(world: World, sequence: int, **members: object) -> None:
    """The struct is changed, signed and put on chain as changed, and the body says the same: all of it agrees."""
    event = world.change_action(sequence, **members)
    key = key_of(PartyId(int(event.body["silkroot:party"])))
    signed = digest(DOMAIN, event.proof.action)
    world.change(sequence, proof=replace(event.proof, signature=key.sign(signed)))
    alter_entry(world, sequence, digest=signed)


def receipt_of_another_manifest(world: World) -> None:
    """The buyer's side, with its proof and its entry, says 400 kg where 500 kg were sent."""
    other = World()
    season(other)
    other.drop(AT_BUYER)
    body = build.receiving(
        party=build.BUYER,
        shipper=build.PACKING_HOUSE,
        where=build.SHOP,
        reference=build.sscc(2),
        manifest=[build.amount(build.PACKED_LOT, 400_000)],
    )
    forged = other.record(body, mined=False)
    old = world.at(AT_BUYER)
    world.change(AT_BUYER, content_hash=forged.content_hash, body=forged.body, proof=forged.proof)
    world.entries[forged.content_hash] = replace(
        world.entries.pop(old.content_hash),
        content_hash=forged.content_hash,
        digest=digest(DOMAIN, forged.proof.action),
    )


# What the chain answers -----------------------------------------------------------------------------------------------


def entry_gone(world: World) -> None:
    del world.entries[world.at(PACKING).content_hash]


def entry_member(sequence: int, **members: object) -> Corruption:
    return lambda world: alter_entry(world, sequence, **members)


def key_record(owner: PartyId, **members: object) -> Corruption:
    def corrupt(world: World) -> None:
        world.keys[key_of(owner).id] = replace(world.keys[key_of(owner).id], **members)

    return corrupt


def revoked_before_packing(world: World) -> None:
    time = world.entries[world.at(PACKING).content_hash].block_time
    # The packing house signed a receipt in the block before: that one falls too, and it is the same check.
    key_record(build.PACKING_HOUSE, revoked_at=time - 1)(world)


def roles_of(party: PartyId, roles: int) -> Corruption:
    return lambda world: world.roles.update({party: roles})


def role_change(party: PartyId, roles: int, *, just_before: bool) -> Corruption:
    """The registrar changes the party's roles in the block of the packing, by the log before or after its entry."""

    def corrupt(world: World) -> None:
        packed = world.entries[world.at(PACKING).content_hash] = replace(
            world.entries[world.at(PACKING).content_hash], log_index=5
        )
        log_index = packed.log_index + (-1 if just_before else 1)
        world.role_changes[party] = [RoleRecord(roles, packed.block_number, log_index)]

    return corrupt


def role_late(party: PartyId) -> Corruption:
    """The party is admitted as a carrier and becomes what it acted as only when all is done."""

    def corrupt(world: World) -> None:
        world.role_changes[party] = [RoleRecord(world.roles[party], world.head, 0)]
        world.roles[party] = int(Role.CARRIER)

    return corrupt


def lot_state(lot: LotId, **members: object) -> Corruption:
    def alter(facts: ChainFacts) -> ChainFacts:
        state: LotState = replace(facts.lots[lot], **members)
        return replace(facts, lots={**facts.lots, lot: state})

    return lambda world: setattr(world, "alter", alter)


def balance(lot: LotId, holder: PartyId, grams: int) -> Corruption:
    def alter(facts: ChainFacts) -> ChainFacts:
        return replace(facts, balances={**facts.balances, (lot, holder): Grams(grams)})

    return lambda world: setattr(world, "alter", alter)


def consignment(serial: int = 2, **members: object) -> Corruption:
    name = consignment_id(build.PACKING_HOUSE, build.sscc(serial))

    def alter(facts: ChainFacts) -> ChainFacts:
        return replace(facts, consignments={**facts.consignments, name: replace(facts.consignments[name], **members)})

    return lambda world: setattr(world, "alter", alter)


def more_confirmations(world: World) -> None:
    world.confirmations = 2


TABLE: list[tuple[str, Corruption, CheckName, Verdict, str]] = [
    ("body: grams", more_melons, CheckName.CONTENT, Verdict.UNVERIFIED, "content.changed"),
    ("body: time", lambda w: w.change_body(HARVEST, eventTime="2026-08-06T12:00:00.000+08:00"),
     CheckName.CONTENT, Verdict.UNVERIFIED, "content.changed"),
    ("body: member added", lambda w: w.change_body(PACKING, remark="organic"),
     CheckName.CONTENT, Verdict.UNVERIFIED, "content.changed"),
    ("body: lot list is a number", lambda w: w.change_body(PACKING, inputQuantityList=7),
     CheckName.CONTENT, Verdict.UNVERIFIED, "content.changed"),
    ("body: party gone", body_without_party, CheckName.CONTENT, Verdict.UNVERIFIED, "content.changed"),
    ("body: empty", lambda w: w.change(PACKING, body={}), CheckName.CONTENT, Verdict.UNVERIFIED, "content.changed"),
    ("struct: grams", other_struct_member(grams=Grams(2_000_000)),
     CheckName.CONTENT, Verdict.UNVERIFIED, "content.struct-altered"),
    ("struct: party", other_struct_member(producer=build.HUB),
     CheckName.CONTENT, Verdict.UNVERIFIED, "content.struct-altered"),
    ("struct: content hash", other_struct_member(content_hash=ContentHash(bytes(32))),
     CheckName.CONTENT, Verdict.UNVERIFIED, "content.struct-altered"),
    ("struct: deadline", other_struct_member(deadline=1),
     CheckName.CONTENT, Verdict.UNVERIFIED, "content.struct-altered"),
    ("struct: inputs", lambda w: w.change_action(PACKING, inputs=()),
     CheckName.CONTENT, Verdict.UNVERIFIED, "content.struct-altered"),
    ("struct: not what the event implies, but signed and on chain",
     lambda w: resigned(w, HARVEST, plot=bytes(32)), CheckName.CONTENT, Verdict.UNVERIFIED, "content.not-implied"),
    ("filed under another hash", lambda w: w.change(HARVEST, content_hash=ContentHash(bytes(32))),
     CheckName.CONTENT, Verdict.UNVERIFIED, "content.misfiled"),
    ("signature: a bit", flipped_signature, CheckName.SIGNATURE, Verdict.UNVERIFIED, "signature.invalid"),
    ("signature: empty", lambda w: w.change(PACKING, proof=replace(w.at(PACKING).proof, signature=b"")),
     CheckName.SIGNATURE, Verdict.UNVERIFIED, "signature.invalid"),
    ("signature: another key's", signature_of_another_key,
     CheckName.SIGNATURE, Verdict.UNVERIFIED, "signature.invalid"),
    ("signature: another key named", another_key_named,
     CheckName.SIGNATURE, Verdict.UNVERIFIED, "signature.other-key"),
    ("signature: another scheme named", another_scheme_named,
     CheckName.SIGNATURE, Verdict.UNVERIFIED, "signature.invalid"),
    ("key: unknown", lambda w: w.keys.pop(key_of(build.FARM).id),
     CheckName.SIGNATURE, Verdict.UNVERIFIED, "signature.key-unknown"),
    ("key: another party's", key_record(build.FARM, party=build.HUB),
     CheckName.SIGNATURE, Verdict.UNVERIFIED, "signature.other-party"),
    ("key: another scheme", key_record(build.FARM, scheme=Scheme.P256),
     CheckName.SIGNATURE, Verdict.UNVERIFIED, "signature.other-scheme"),
    ("key: revoked before", revoked_before_packing, CheckName.SIGNATURE, Verdict.UNVERIFIED, "signature.key-revoked"),
    ("key: not valid yet", key_record(build.FARM, valid_from=2**39),
     CheckName.SIGNATURE, Verdict.UNVERIFIED, "signature.key-not-yet-valid"),
    ("key: expired", key_record(build.FARM, valid_until=1),
     CheckName.SIGNATURE, Verdict.UNVERIFIED, "signature.key-expired"),
    ("role: missing", roles_of(build.FARM, int(Role.CARRIER)),
     CheckName.SIGNATURE, Verdict.UNVERIFIED, "signature.role-missing"),
    ("role: taken away before", role_change(build.PACKING_HOUSE, int(Role.CARRIER), just_before=True),
     CheckName.SIGNATURE, Verdict.UNVERIFIED, "signature.role-missing"),
    ("role: suspended before", role_change(build.PACKING_HOUSE, 0, just_before=True),
     CheckName.SIGNATURE, Verdict.UNVERIFIED, "signature.role-missing"),
    ("role: given too late", role_late(build.PACKING_HOUSE),
     CheckName.SIGNATURE, Verdict.UNVERIFIED, "signature.role-missing"),
    ("role: party unknown", roles_of(build.BUYER, 0),
     CheckName.SIGNATURE, Verdict.UNVERIFIED, "signature.party-unknown"),
    ("entry: gone", entry_gone, CheckName.ANCHORED, Verdict.UNVERIFIED, "anchored.missing"),
    ("entry: other digest", entry_member(PACKING, digest=Digest(bytes(32))),
     CheckName.ANCHORED, Verdict.UNVERIFIED, "anchored.other-digest"),
    ("entry: other content", entry_member(PACKING, content_hash=ContentHash(bytes(32))),
     CheckName.ANCHORED, Verdict.UNVERIFIED, "anchored.other-content"),
    ("entry: other key", entry_member(PACKING, key_id=KeyId(signing_key(77).id)),
     CheckName.ANCHORED, Verdict.UNVERIFIED, "anchored.other-key"),
    ("entry: other party", entry_member(PACKING, party=build.HUB),
     CheckName.ANCHORED, Verdict.UNVERIFIED, "anchored.other-party"),
    ("entry: other kind", entry_member(SOLD, kind=EntryKind.DISPOSAL),
     CheckName.ANCHORED, Verdict.UNVERIFIED, "anchored.other-kind"),
    ("entry: not final", more_confirmations, CheckName.ANCHORED, Verdict.PENDING, "anchored.not-final"),
    ("store: signed event added, not on chain", signed_sale_added,
     CheckName.ANCHORED, Verdict.UNVERIFIED, "anchored.missing"),
    ("store: event added that the chain did not count", sale_added_with_entry,
     CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.count"),
    ("store: receipt dropped", receipt_dropped, CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.count"),
    ("store: shipment dropped", lambda w: w.drop(TO_BUYER), CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.count"),
    ("store: sale dropped", lambda w: w.drop(SOLD), CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.count"),
    ("store: birth dropped", lambda w: w.drop(PACKING), CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.count"),
    ("store: ancestor's harvest dropped", lambda w: w.drop(HARVEST),
     CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.count"),
    ("store: ancestor's shipment dropped", lambda w: w.drop(SHIPMENT),
     CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.count"),
    ("store: ancestor's receipt dropped", lambda w: w.drop(RECEIPT),
     CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.count"),
    ("receipt of another manifest", receipt_of_another_manifest,
     CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.balance"),
    ("lot: count", lot_state(PACKED, entries=9), CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.count"),
    ("lot: grams", lot_state(PACKED, grams=Grams(900_001)), CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.grams"),
    ("lot: ancestor's grams", lot_state(BULK, grams=Grams(1)), CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.grams"),
    ("lot: issuer", lot_state(PACKED, issuer=build.HUB), CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.issuer"),
    ("lot: another origin", lot_state(PACKED, origin_hash=bytes([1]) * 32),
     CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.origin"),
    ("lot: unknown to the chain", lot_state(PACKED, issuer=PartyId(0), grams=Grams(0), entries=0),
     CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.count"),
    ("balance", balance(PACKED, build.BUYER, 449_999), CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.balance"),
    ("balance of an ancestor", balance(BULK, build.PACKING_HOUSE, 5),
     CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.balance"),
    ("consignment: receiver", consignment(receiver=build.HUB),
     CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.consignment"),
    ("consignment: manifest", consignment(manifest_hash=bytes(24)),
     CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.consignment"),
    ("consignment: received, but no receipt is shown", consignment(serial=3, state=ConsignmentState.RECEIVED),
     CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.receipt-hidden"),
    ("consignment: not received", consignment(state=ConsignmentState.IN_TRANSIT),
     CheckName.CUSTODY, Verdict.UNVERIFIED, "custody.receipt-not-on-chain"),
    ("recalled", lot_state(PACKED, recalled_by=build.REGULATOR), CheckName.RECALL, Verdict.RECALLED, "recall.lot"),
    ("ancestor recalled", lot_state(BULK, recalled_by=build.FARM),
     CheckName.RECALL, Verdict.RECALLED, "recall.ancestor"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("corrupt", "check", "verdict", "code"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_one_corrupted_input_fails_one_check(
    world: World, corrupt: Corruption, check: CheckName, verdict: Verdict, code: str
) -> None:
    corrupt(world)
    judgement = world.judged(build.PACKED_LOT)
    assert failing(judgement) == {check.value}
    assert code in codes(judgement, check)
    assert judgement.verdict is verdict
    assert judgement.reasons[0].leads_to is verdict


def test_the_table_covers_every_check() -> None:
    assert {row[2] for row in TABLE} == set(CheckName)


def test_the_hosted_flag_changes_a_qualifier_and_no_check(world: World) -> None:
    for party in build.ROLES:
        key_record(party, hosted=False)(world)
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.VERIFIED
    assert [item.code for item in judgement.qualifiers] == [QualifierCode.TEMPERATURE_NOT_RECORDED]
    key_record(build.PACKING_HOUSE, hosted=True)(world)
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.VERIFIED
    hosted, unrecorded = judgement.qualifiers
    assert (hosted.code, hosted.parties) == (QualifierCode.HOSTED_KEY, (build.PACKING_HOUSE,))
    assert unrecorded.code is QualifierCode.TEMPERATURE_NOT_RECORDED


@pytest.mark.parametrize("roles", [0, int(Role.CARRIER)])
def test_a_role_taken_away_after_the_entry_was_there_then(world: World, roles: int) -> None:
    role_change(build.PACKING_HOUSE, roles, just_before=False)(world)
    signer = world.at(PACKING)
    judgement = world.judged(build.PACKED_LOT)
    told = {event.content_hash: event for event in judgement.events}[signer.content_hash]
    assert {check.outcome for check in told.checks} == {Outcome.PASSED}


def test_a_key_revoked_after_its_entry_was_valid_then(world: World) -> None:
    key_record(build.FARM, revoked_at=2**39)(world)
    assert world.judged(build.PACKED_LOT).verdict is Verdict.VERIFIED
