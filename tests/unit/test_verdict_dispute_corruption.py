"""
The corruption table of disputes, corrections, pledges and certified origin: one corrupted input, one failed check.

`disputed` is the story: a certified harvest that is corrected, a handoff with refusal and shortfall that both sides
settle, a packing that is corrected, a pledge, a consignment that is taken back and one whose taking back is announced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import event_builders as build
import pytest
from signing_keys import signing_key
from verdict_fakes import DOMAIN, World, alter_entry, codes, failing, key_of

from ledger.domain.actions import PartialReceipt
from ledger.domain.event_forms import Arrival
from ledger.domain.identifiers import Grams, KeyId, LotId, LotRef, PartyId, consignment_id, plot_id
from ledger.domain.master_data import Role
from ledger.domain.records import ChainFacts, ConsignmentState, CoSignature, EntryState, PlotRecord, Scheme, YieldRecord
from ledger.domain.story_values import CheckName, Verdict
from ledger.domain.typed_data import digest

LOT, PACKED = build.HARVEST_LOT, build.PACKED_LOT
(
    PLOT, YIELD, HARVEST, HARVEST_AMENDED, SHIPMENT, PARTIAL, SETTLED, PACKING, PACKING_AMENDED, PLEDGED, TO_BUYER,
    VOIDED, TO_HUB, NOTICE,
) = range(1, 15)  # fmt: skip
PLOT_ID = plot_id(build.FARM, build.PLOT.extension)
INCOMING = consignment_id(build.FARM, build.REFERENCE)
TO_HUB_ID = consignment_id(build.PACKING_HOUSE, build.sscc(3))
Corruption = Callable[[World], object]


def disputed(world: World) -> None:
    """Events 1 to 14, as named above."""
    world.record(build.plot_registration())
    world.record(build.yield_certificate())
    first = world.record(build.harvest(grams=1_010_000)).body
    world.record(build.harvest_amendment(original=first, grams=1_000_000))
    world.record(build.shipping())
    world.record(build.partial_receipt())
    world.record(build.settlement())
    order = build.packing(inputs=[build.amount(LOT, 710_000)], outputs=[build.amount(PACKED, 600_000)])
    world.record(order)
    world.record(build.packing_amendment(original=order, grams={LOT: 700_000, PACKED: 590_000}))
    world.record(build.pledge(pledged=build.amount(LOT, 20_000)))
    house: dict[str, Any] = {"party": build.PACKING_HOUSE, "where": build.PACKING_LINE}
    lines = [build.amount(PACKED, 100_000)]
    world.record(build.shipping(receiver=build.BUYER, reference=build.sscc(2), manifest=lines, **house))
    world.record(build.void(party=build.PACKING_HOUSE, receiver=build.BUYER, reference=build.sscc(2), manifest=lines))
    world.record(build.shipping(receiver=build.HUB, reference=build.sscc(3), manifest=lines, **house))
    world.record(
        build.notice(
            party=build.PACKING_HOUSE, shipper=build.PACKING_HOUSE, receiver=build.HUB, reference=build.sscc(3),
            lots=[PACKED],
        )
    )  # fmt: skip


@pytest.fixture
def world() -> World:
    result = World()
    disputed(result)
    return result


@pytest.mark.parametrize("lot", [LOT, PACKED])
def test_what_is_corrupted_below_is_verified(world: World, lot: LotRef) -> None:
    judgement = world.judged(lot)
    assert judgement.verdict is Verdict.VERIFIED, judgement.reasons
    assert {branch.verdict for branch in judgement.branches} == {Verdict.VERIFIED}


def co_signed(sequence: int, **members: object) -> Corruption:
    """Members of the second signature are changed."""

    def corrupt(world: World) -> None:
        proof = world.at(sequence).proof
        assert proof.co is not None
        changed: CoSignature = replace(proof.co, **members)  # type: ignore[arg-type]
        world.change(sequence, proof=replace(proof, co=changed))

    return corrupt


def signatures_swapped(sequence: int) -> Corruption:
    def corrupt(world: World) -> None:
        proof = world.at(sequence).proof
        assert proof.co is not None
        swapped = replace(proof.co, signature=proof.signature)
        world.change(sequence, proof=replace(proof, signature=proof.co.signature, co=swapped))

    return corrupt


def second_signature_first(sequence: int) -> Corruption:
    """The second party's signature stands in both places."""

    def corrupt(world: World) -> None:
        proof = world.at(sequence).proof
        assert proof.co is not None
        world.change(sequence, proof=replace(proof, signature=proof.co.signature))

    return corrupt


def second_signature_of(sequence: int, party: PartyId) -> Corruption:
    """Somebody else signs second, properly, and says who it is."""

    def corrupt(world: World) -> None:
        proof = world.at(sequence).proof
        key = key_of(party)
        co = CoSignature(party, key.id, Scheme.SECP256K1, key.sign(digest(DOMAIN, proof.action)))
        world.change(sequence, proof=replace(proof, co=co))

    return corrupt


def foreign_key_signs(sequence: int, party: PartyId) -> Corruption:
    """A key of somebody else signs second, in the name of the party that has to."""

    def corrupt(world: World) -> None:
        second_signature_of(sequence, party)(world)
        proof = world.at(sequence).proof
        original = {SETTLED: build.FARM, PLEDGED: build.LENDER, VOIDED: build.BUYER}[sequence]
        assert proof.co is not None
        world.change(sequence, proof=replace(proof, co=replace(proof.co, party=original)))

    return corrupt


def no_second(sequence: int) -> Corruption:
    return lambda world: world.change(sequence, proof=replace(world.at(sequence).proof, co=None))


def key_record(owner: PartyId, **members: object) -> Corruption:
    def corrupt(world: World) -> None:
        key = key_of(owner).id
        world.keys[key] = replace(world.keys[key], **members)

    return corrupt


def claimed_void(world: World) -> None:
    """The packing house shows, signed by both, that the hub's consignment was taken back; nobody sent that."""
    body = build.void(
        party=build.PACKING_HOUSE, receiver=build.HUB, reference=build.sscc(3), manifest=[build.amount(PACKED, 100_000)]
    )
    claimed = world.record(body, mined=False)
    world.change(claimed.sequence, state=EntryState.CONFIRMED)


def claimed_void_with_entry(world: World) -> None:
    """The same with an entry that a lying node shows; the count and the consignment know better."""
    claimed_void(world)
    event = world.events[-1]
    world.entries[event.content_hash] = replace(
        world.entries[world.at(VOIDED).content_hash], content_hash=event.content_hash,
        digest=digest(DOMAIN, event.proof.action),
    )  # fmt: skip


def shortfall_changed(world: World) -> None:
    """The stored receipt says that 50 kg less are missing."""
    other = build.partial_receipt(arrivals=[Arrival(LOT, 750_000, 200_000, 0, 50_000)])
    world.change(PARTIAL, body={**other, "silkroot:blind": world.at(PARTIAL).body["silkroot:blind"]})


def shortfall_signed_anew(world: World) -> None:
    """The receipt, its proof and its entry agree on another shortfall; the chain's account does not."""
    proof = world.at(PARTIAL).proof
    action = proof.action
    assert isinstance(action, PartialReceipt)
    other = build.partial_receipt(arrivals=[Arrival(LOT, 750_000, 200_000, 0, 50_000)])
    forged = world.record(other, mined=False)
    world.events.pop()
    old = world.entries.pop(world.at(PARTIAL).content_hash)
    world.change(PARTIAL, content_hash=forged.content_hash, body=other, proof=forged.proof)
    world.entries[forged.content_hash] = replace(
        old, content_hash=forged.content_hash, digest=digest(DOMAIN, forged.proof.action)
    )


def altered(change: Callable[[ChainFacts], ChainFacts]) -> Corruption:
    return lambda world: setattr(world, "alter", change)


def lot_state(lot: LotId, **members: object) -> Corruption:
    return altered(
        lambda facts: replace(facts, lots={**facts.lots, lot: replace(facts.lots[lot], **members)})  # type: ignore[arg-type]
    )


def consignment(name: bytes, **members: object) -> Corruption:
    def alter(facts: ChainFacts) -> ChainFacts:
        records = dict(facts.consignments)
        for key in records:
            if key == name:
                records[key] = replace(records[key], **members)  # type: ignore[arg-type]
        return replace(facts, consignments=records)

    return altered(alter)


CONTENT, SIGNATURE, ANCHORED, CUSTODY = (
    CheckName.CONTENT, CheckName.SIGNATURE, CheckName.ANCHORED, CheckName.CUSTODY,
)  # fmt: skip
TABLE: list[tuple[str, LotRef, Corruption, CheckName, str]] = [
    ("partial receipt hidden", LOT, lambda w: w.drop(PARTIAL), CUSTODY, "custody.count"),
    ("partial receipt hidden, by the consignment", LOT, lambda w: w.drop(PARTIAL), CUSTODY, "custody.receipt-hidden"),
    ("partial receipt of an ancestor hidden", PACKED, lambda w: w.drop(PARTIAL), CUSTODY, "custody.count"),
    ("settlement hidden", LOT, lambda w: w.drop(SETTLED), CUSTODY, "custody.consignment-end"),
    ("void hidden", PACKED, lambda w: w.drop(VOIDED), CUSTODY, "custody.consignment-end"),
    ("harvest's correction hidden", LOT, lambda w: w.drop(HARVEST_AMENDED), CUSTODY, "custody.grams"),
    ("ancestor's correction hidden", PACKED, lambda w: w.drop(HARVEST_AMENDED), CUSTODY, "custody.grams"),
    ("packing's correction hidden", PACKED, lambda w: w.drop(PACKING_AMENDED), CUSTODY, "custody.origin"),
    ("packing's correction hidden: input", LOT, lambda w: w.drop(PACKING_AMENDED), CUSTODY, "custody.balance"),
    ("packing hidden, correction shown", PACKED, lambda w: w.drop(PACKING), CUSTODY, "custody.count"),
    ("shortfall changed", LOT, shortfall_changed, CONTENT, "content.changed"),
    ("shortfall: struct altered", LOT, lambda w: w.change_action(PARTIAL, lines=()), CONTENT, "content.struct-altered"),
    ("shortfall signed anew", LOT, shortfall_signed_anew, CUSTODY, "custody.balance"),
    ("void shown, not on chain", PACKED, claimed_void, ANCHORED, "anchored.missing"),
    ("void shown with an entry", PACKED, claimed_void_with_entry, CUSTODY, "custody.count"),
    ("settlement: second signature flipped", LOT, co_signed(SETTLED, signature=b"\1" * 65),
     SIGNATURE, "signature.second-invalid"),
    ("settlement: signatures swapped", LOT, signatures_swapped(SETTLED), SIGNATURE, "signature.invalid"),
    ("settlement: first signature is the second's", LOT,
     second_signature_first(SETTLED), SIGNATURE, "signature.invalid"),
    ("settlement: second signature missing", LOT, no_second(SETTLED), SIGNATURE, "signature.second-missing"),
    ("settlement: somebody else signs second", LOT, second_signature_of(SETTLED, build.HUB),
     SIGNATURE, "signature.second-other"),
    ("settlement: a foreign key signs second", LOT, foreign_key_signs(SETTLED, build.HUB),
     SIGNATURE, "signature.other-party"),
    ("settlement: another scheme named", LOT, co_signed(SETTLED, scheme=Scheme.P256),
     SIGNATURE, "signature.second-invalid"),
    ("settlement: another key named", LOT, co_signed(SETTLED, key_id=KeyId(signing_key(77).id)),
     SIGNATURE, "signature.second-invalid"),
    ("receipt: a second signature that nobody asked for", LOT,
     lambda w: w.change(SHIPMENT, proof=replace(w.at(SHIPMENT).proof, co=w.at(SETTLED).proof.co)),
     SIGNATURE, "signature.second-other"),
    ("void: a foreign key signs second", PACKED, foreign_key_signs(VOIDED, build.HUB),
     SIGNATURE, "signature.other-party"),
    ("pledge: the lender's key unknown", LOT, lambda w: w.keys.pop(key_of(build.LENDER).id),
     SIGNATURE, "signature.key-unknown"),
    ("pledge: the lender's key revoked before", LOT, key_record(build.LENDER, revoked_at=1),
     SIGNATURE, "signature.key-revoked"),
    ("pledge: the lender's key expired", LOT, key_record(build.LENDER, valid_until=1),
     SIGNATURE, "signature.key-expired"),
    ("pledge: the lender is none", LOT, lambda w: w.roles.update({build.LENDER: int(Role.BUYER)}),
     SIGNATURE, "signature.role-missing"),
    ("pledge: the lender was never admitted", LOT, lambda w: w.roles.update({build.LENDER: 0}),
     SIGNATURE, "signature.party-unknown"),
    ("pledge shown, not on chain", LOT, lambda w: w.entries.pop(w.at(PLEDGED).content_hash),
     ANCHORED, "anchored.missing"),
    ("notice shown, not on chain", PACKED, lambda w: w.entries.pop(w.at(NOTICE).content_hash),
     ANCHORED, "anchored.missing"),
    ("entry of a settlement: other key", LOT, lambda w: alter_entry(w, SETTLED, key_id=key_of(build.FARM).id),
     ANCHORED, "anchored.other-key"),
    ("origin", PACKED, lot_state(PACKED.id, origin_hash=bytes(32)), CUSTODY, "custody.origin"),
    ("origin of a lot that none made", LOT, lot_state(LOT.id, origin_hash=bytes([1]) * 32), CUSTODY, "custody.origin"),
    ("certified share", PACKED, lot_state(PACKED.id, certified_grams=Grams(589_999)), CUSTODY, "custody.certified"),
    ("certified share of a harvest", LOT, lot_state(LOT.id, certified_grams=Grams(999_999)),
     CUSTODY, "custody.certified"),
    ("plot of another producer", LOT,
     altered(lambda f: replace(f, plots=dict.fromkeys(f.plots, PlotRecord(build.HUB, build.CERTIFIER)))),
     CUSTODY, "custody.certified"),
    ("yield that was not harvested", LOT,
     altered(lambda f: replace(f, yields=dict.fromkeys(f.yields, YieldRecord(Grams(5), Grams(0))))),
     CUSTODY, "custody.certified"),
    ("consignment: under way by the chain", LOT, consignment(INCOMING, state=ConsignmentState.IN_TRANSIT),
     CUSTODY, "custody.receipt-not-on-chain"),
    ("consignment: still in variance by the chain", LOT, consignment(INCOMING, state=ConsignmentState.VARIANCE),
     CUSTODY, "custody.consignment-end"),
    ("consignment: other variance lines", LOT, consignment(INCOMING, manifest_hash=bytes(24)),
     CUSTODY, "custody.consignment"),
    ("consignment: voided by the chain", PACKED, consignment(TO_HUB_ID, state=ConsignmentState.VOIDED),
     CUSTODY, "custody.consignment-end"),
    ("consignment: received by the chain", PACKED, consignment(TO_HUB_ID, state=ConsignmentState.RECEIVED),
     CUSTODY, "custody.receipt-hidden"),
    ("consignment: unknown to the chain", PACKED, consignment(TO_HUB_ID, state=ConsignmentState.NONE),
     CUSTODY, "custody.consignment"),
]  # fmt: skip


@pytest.mark.parametrize(("lot", "corrupt", "check", "code"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_one_corrupted_input_fails_one_check(
    world: World, lot: LotRef, corrupt: Corruption, check: CheckName, code: str
) -> None:
    corrupt(world)
    judgement = world.judged(lot)
    assert failing(judgement) == {check.value}
    assert code in codes(judgement, check)
    assert judgement.verdict is Verdict.UNVERIFIED


@pytest.mark.parametrize("sequence", [NOTICE, PLEDGED, PLOT, YIELD])
def test_what_the_chain_does_not_count_is_not_missed(world: World, sequence: int) -> None:
    """A notice, a pledge and what concerns a plot move nothing, and the contract does not count them for a lot."""
    world.drop(sequence)
    for lot in (LOT, PACKED):
        assert world.judged(lot).verdict is Verdict.VERIFIED


def test_a_hidden_notice_is_told_by_the_chain_all_the_same(world: World) -> None:
    world.drop(NOTICE)
    branch = next(branch for branch in world.judged(PACKED).branches if branch.holder == build.HUB)
    (announced,) = [each for each in branch.path if each.consignment == TO_HUB_ID]
    assert (announced.state, announced.notice) == (ConsignmentState.VOID_ANNOUNCED, None)
    assert announced.notice_at > 0


def test_without_an_answer_about_the_plot_the_share_is_not_doubted(world: World) -> None:
    altered(lambda facts: replace(facts, plots={}, yields={}))(world)
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.VERIFIED
    assert judgement.certified is not None
    assert judgement.certified.origins == ()


def test_a_second_key_that_was_not_asked_for_leaves_the_check_unmade(world: World) -> None:
    key = key_of(build.LENDER).id
    altered(lambda facts: replace(facts, keys={k: v for k, v in facts.keys.items() if k != key}))(world)
    assert world.judged(LOT).verdict is Verdict.UNKNOWN
    assert codes(world.judged(LOT), SIGNATURE) == ["chain.not-asked"]
