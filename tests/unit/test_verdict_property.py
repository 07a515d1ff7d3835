"""A random valid history is verified, lot by lot; after one flipped bit in a body or a signature it never is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import event_builders as build
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from verdict_fakes import World

from ledger.domain.canonical_json import canonical
from ledger.domain.event_forms import Amount, Arrival, Settled, When
from ledger.domain.identifiers import LotRef, PartyId
from ledger.domain.story_values import Verdict

HOLDERS = (build.FARM, build.PACKING_HOUSE, build.BUYER, build.HUB, build.COOPERATIVE)
Draw = Callable[[st.SearchStrategy[int]], int]


def held_by(world: World) -> list[tuple[LotRef, PartyId, int]]:
    refs = {lot: world.lot_ref(lot) for lot, _ in world.ledger.balances}
    return [
        (ref, holder, grams)
        for (lot, holder), grams in world.ledger.balances.items()
        if grams and (ref := refs[lot]) is not None
    ]


def end_handoff(world: World, draw: Draw, sides: tuple[PartyId, PartyId], sent: Amount, number: int) -> None:
    """Nothing more, a receipt in one or several parts with whatever may happen in between, or a void."""
    (shipper, receiver), reference = sides, build.sscc(number)
    way = draw(st.integers(0, 4))
    if way == 1:
        world.record(build.receiving(party=receiver, shipper=shipper, reference=reference, manifest=[sent]))
    elif way == 2:
        world.record(build.void(party=shipper, receiver=receiver, reference=reference, manifest=[sent]))
    elif way > 2:
        parts = {"party": receiver, "shipper": shipper, "reference": reference}
        accepted = draw(st.integers(0, sent.grams))
        refused = draw(st.integers(0, sent.grams - accepted))
        rest = sent.grams - accepted - refused
        to_come = way == 3 and 0 < rest < sent.grams
        arrival = Arrival(sent.lot, accepted, refused, rest if to_come else 0, 0 if to_come else rest)
        back = f"urn:example:return:{number}" if refused else ""
        world.record(build.partial_receipt(arrivals=[arrival], return_ref=back, **parts))
        if rest and not to_come:
            loss = draw(st.integers(0, rest))
            settled = Settled(sent.lot, loss=loss, returned=rest - loss)
            named = {"shipper": shipper, "receiver": receiver, "reference": reference}
            world.record(build.settlement(party=shipper, lines=[settled], **named))
        elif to_come and draw(st.booleans()):
            manifest = [build.amount(sent.lot, rest)]
            world.record(build.receiving(party=receiver, shipper=shipper, reference=reference, manifest=manifest))


def record_one(world: World, draw: Draw, number: int) -> None:
    """One more valid event: a birth, or something done with what somebody holds or is to receive."""
    when = When(f"2026-08-05T12:{number:02d}:00.000+08:00")
    step = draw(st.integers(0, 7))
    stock = held_by(world)
    if step == 0 or not stock:
        grams = draw(st.integers(1, 10**6))
        lot = LotRef(build.BULK_MELON, f"H-{number}")
        tree = build.harvest(lot=lot, grams=grams) if draw(st.booleans()) else None
        world.record(tree or build.intake(lot=lot, deliveries=(grams,)))
        return
    lot, holder, held = stock[draw(st.integers(0, len(stock) - 1))]
    some = build.amount(lot, draw(st.integers(1, held)))
    if step in (1, 2):
        others = [party for party in HOLDERS if party != holder]
        receiver = others[draw(st.integers(0, len(others) - 1))]
        handoff = {"reference": build.sscc(number), "manifest": [some]}
        world.record(build.shipping(party=holder, receiver=receiver, **handoff))
        end_handoff(world, draw, (holder, receiver), some, number)
    elif step == 3 and holder in (build.PACKING_HOUSE, build.BUYER, build.HUB):
        made = build.amount(LotRef(build.MELON_CASE, f"P-{number}"), draw(st.integers(1, some.grams)))
        world.record(build.packing(party=holder, inputs=[some], outputs=[made]))
    elif step == 4:
        world.record(build.sale(party=holder, lines=[some], when=when))
    elif step == 5:
        world.record(build.disposal(party=holder, lines=[some], when=when))
    elif step == 6 and not (known := world.ledger.lots[lot.id]).moved and not known.parents and holder == build.FARM:
        harvested = next(event.body for event in world.events if event.body["bizStep"] == "commissioning"
                         and event.sequence in world.lots[lot.id])  # fmt: skip
        later = {"remark": str(number)}
        amended = [event.body for event in world.events if event.sequence in world.lots[lot.id]
                   and "silkroot:corrects" in event.body]  # fmt: skip
        original = amended[-1] if amended else harvested
        world.record(build.harvest_amendment(original=original, lot=lot, grams=some.grams, extra=later))
    else:
        world.record(build.inspection(party=holder, lots=[lot], when=when))


@st.composite
def histories(draw: Draw) -> World:
    world = World()
    for number in range(1, draw(st.integers(2, 12)) + 1):
        record_one(world, draw, number)
    return world


def lots_of(world: World) -> list[LotRef]:
    return [ref for lot in world.ledger.lots if (ref := world.lot_ref(lot)) is not None]


@settings(max_examples=50, deadline=None)
@given(histories())
def test_a_valid_history_is_verified(world: World) -> None:
    for lot in lots_of(world):
        judgement = world.judged(lot)
        assert judgement.verdict is Verdict.VERIFIED, [reason.sentence for reason in judgement.reasons]
        assert {branch.verdict for branch in judgement.branches} <= {Verdict.VERIFIED}
        amounts = judgement.amounts
        assert amounts.born == sum(
            (
                amounts.on_hand, amounts.in_transit, amounts.returning, amounts.missing, amounts.lost,
                amounts.weight_loss, amounts.sold, amounts.destroyed, amounts.used,
            )
        )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(histories(), st.data())
def test_a_flipped_bit_in_a_body_is_never_verified(world: World, data: st.DataObject) -> None:
    event = data.draw(st.sampled_from(world.events))
    stored = bytearray(canonical(event.body))
    stored[data.draw(st.integers(0, len(stored) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        body = orjson.loads(bytes(stored))
    except ValueError:
        body = {}  # as the store gives what is no JSON any more
    world.change(event.sequence, body=body if isinstance(body, dict) else {})
    named = [lot for lot in lots_of(world) if event.sequence in world.lots[lot.id]]
    assert named
    for lot in named:
        assert world.judged(lot).verdict is Verdict.UNVERIFIED


@settings(max_examples=60, deadline=None)
@given(histories(), st.data())
def test_a_flipped_bit_in_a_signature_is_never_verified(world: World, data: st.DataObject) -> None:
    event = data.draw(st.sampled_from(world.events))
    signature = bytearray(event.proof.signature)
    signature[data.draw(st.integers(0, 64))] ^= 1 << data.draw(st.integers(0, 7))
    world.change(event.sequence, proof=replace(event.proof, signature=bytes(signature)))
    for lot in lots_of(world):
        if event.sequence in world.lots[lot.id]:
            assert world.judged(lot).verdict is Verdict.UNVERIFIED
