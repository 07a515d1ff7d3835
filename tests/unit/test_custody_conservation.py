"""Grams are conserved: over any sequence of actions nothing is made but by birth, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from itertools import count
from typing import Any

import event_builders as build
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ledger.domain.actions import (
    Action,
    Disposal,
    Harvest,
    Intake,
    Line,
    Output,
    Recall,
    Receipt,
    Release,
    Sale,
    Shipment,
    Statement,
    Transformation,
)
from ledger.domain.custody import StateChange
from ledger.domain.errors import Refused
from ledger.domain.identifiers import (
    NO_PLOT,
    ContentHash,
    Grams,
    LotId,
    PartyId,
    ProductId,
    consignment_id,
    lot_id,
)
from ledger.domain.projection import Projection
from ledger.domain.records import ConsignmentState
from ledger.domain.typed_data import Domain, digest, manifest_hash

DOMAIN = Domain.of_ledger(1, bytes(20))
NOW = 1_780_000_000
PARTIES = [*sorted(build.ROLES), build.STRANGER]
PRODUCTS = sorted(build.OWNERS)
LOTS = [lot_id(product, code) for product in (build.BULK_MELON, build.MELON_CASE) for code in "ABC"]

parties = st.sampled_from(PARTIES)
makers = st.sampled_from([build.FARM, build.PACKING_HOUSE, build.COOPERATIVE, build.BUYER])
products = st.sampled_from([build.BULK_MELON, build.MELON_CASE, build.GRAPE_CASE])
codes = st.sampled_from("ABC")
masses = st.integers(0, 60)


class Custody(RuleBasedStateMachine):
    """Random actions against the projection, with a book of our own beside it: in, out, lost in transformation."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Projection()
        self.ledger.parties = {party: int(build.ROLES.get(party, 0)) for party in PARTIES}
        self.ledger.products = dict(build.OWNERS)
        self.ledger.permits = {
            (product, party): (product, party) in build.PERMITS for product in PRODUCTS for party in PARTIES
        }
        self.born = self.left = self.lost = 0
        self.changes: Counter[LotId] = Counter()
        self.sent: list[Shipment] = []
        self.done: list[Action] = []
        self.numbers = count()

    def content(self) -> ContentHash:
        return ContentHash(next(self.numbers).to_bytes(32, "big"))

    def attempt(self, action: Action) -> StateChange | None:
        """Applies the action; a refusal has to leave everything as it was."""
        before = self.snapshot()
        try:
            change = self.ledger.apply(action, digest(DOMAIN, action), NOW)
        except Refused:
            assert self.snapshot() == before
            return None
        self.changes.update([*(birth.id for birth in change.births), *change.entries])
        self.done.append(action)
        return change

    def snapshot(self) -> Any:
        lots = {lot: known for lot, known in self.ledger.lots.items() if known is not None}
        consignments = {key: sent for key, sent in self.ledger.consignments.items() if sent is not None}
        balances = {key: grams for key, grams in self.ledger.balances.items() if grams}
        return lots, consignments, balances, {key for key, used in self.ledger.digests.items() if used}

    def lines(self, picks: list[tuple[LotId, int]]) -> tuple[Line, ...]:
        return tuple(Line(lot, Grams(grams)) for lot, grams in sorted(dict(picks).items()))

    @rule(party=makers, product=products, code=codes, grams=masses, pooled=st.booleans())
    def birth(self, party: PartyId, product: ProductId, code: str, grams: int, pooled: bool) -> None:
        action: Action = (
            Intake(party, product, code, Grams(grams), self.content(), NOW)
            if pooled
            else Harvest(party, product, code, NO_PLOT, Grams(grams), self.content(), NOW)
        )
        if self.attempt(action):
            self.born += grams

    @rule(
        party=makers,
        inputs=st.lists(st.tuples(st.sampled_from(LOTS), masses), max_size=2),
        outputs=st.lists(st.tuples(products, codes, masses), max_size=2),
    )
    def transformation(
        self, party: PartyId, inputs: list[tuple[LotId, int]], outputs: list[tuple[ProductId, str, int]]
    ) -> None:
        made = tuple(Output(product, code, Grams(grams)) for product, code, grams in outputs)
        action = Transformation(party, self.lines(inputs), made, self.content(), NOW)
        if self.attempt(action):
            loss = sum(line.grams for line in action.inputs) - sum(output.grams for output in made)
            assert loss >= 0
            self.lost += loss

    @rule(
        shipper=makers,
        receiver=parties,
        reference=st.sampled_from("123"),
        manifest=st.lists(st.tuples(st.sampled_from(LOTS), masses), max_size=2),
    )
    def shipment(self, shipper: PartyId, receiver: PartyId, reference: str, manifest: list[tuple[LotId, int]]) -> None:
        action = Shipment(shipper, receiver, reference, self.lines(manifest), self.content(), NOW)
        if self.attempt(action):
            self.sent.append(action)

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), other=st.none() | parties, honest=st.booleans())
    def receipt(self, data: st.DataObject, other: PartyId | None, honest: bool) -> None:
        sent = data.draw(st.sampled_from(self.sent))
        claimed = sent.manifest if honest else (*sent.manifest, Line(LOTS[0], Grams(1)))
        consignment = consignment_id(sent.shipper, sent.consignment_ref)
        receiver = other or sent.receiver
        change = self.attempt(Receipt(receiver, consignment, manifest_hash(claimed), self.content(), NOW))
        assert not change or (honest and receiver == sent.receiver)

    @rule(party=makers, picks=st.lists(st.tuples(st.sampled_from(LOTS), masses), max_size=2), sold=st.booleans())
    def retirement(self, party: PartyId, picks: list[tuple[LotId, int]], sold: bool) -> None:
        lines = self.lines(picks)
        action: Action = (Sale if sold else Disposal)(party, lines, self.content(), NOW)
        if self.attempt(action):
            self.left += sum(line.grams for line in lines)

    @rule(party=parties, lot=st.sampled_from(LOTS), back=st.booleans())
    def recall(self, party: PartyId, lot: LotId, back: bool) -> None:
        self.attempt((Release if back else Recall)(party, lot, self.content(), NOW))

    @rule(party=parties)
    def statement(self, party: PartyId) -> None:
        self.attempt(Statement(party, "inspecting", (), self.content(), NOW))

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """Whatever was accepted once is refused the second time."""
        action = data.draw(st.sampled_from(self.done))
        with suppress(Refused):
            self.ledger.apply(action, digest(DOMAIN, action), NOW)
            raise AssertionError(f"{action} was accepted twice")

    @invariant()
    def grams_are_conserved(self) -> None:
        held = sum(self.ledger.balances.values())
        under_way = sum(
            line.grams
            for sent in self.ledger.consignments.values()
            if sent is not None and sent.state is ConsignmentState.IN_TRANSIT
            for line in sent.manifest
        )
        assert self.born == held + under_way + self.left + self.lost

    @invariant()
    def nobody_owes(self) -> None:
        assert all(grams >= 0 for grams in self.ledger.balances.values())

    @invariant()
    def entries_are_counted(self) -> None:
        counted = {lot: known.entries for lot, known in self.ledger.lots.items() if known is not None}
        assert counted == dict(self.changes)


TestCustody = Custody.TestCase
TestCustody.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_the_machine_reaches_every_kind_of_change() -> None:
    """So that the invariants above are not satisfied by refusals alone."""
    machine = Custody()
    lot = lot_id(build.BULK_MELON, "A")
    machine.birth(build.FARM, build.BULK_MELON, "A", 60, False)
    machine.shipment(build.FARM, build.PACKING_HOUSE, "1", [(lot, 50)])
    sent = machine.sent[0]
    consignment = consignment_id(build.FARM, "1")
    machine.attempt(Receipt(sent.receiver, consignment, manifest_hash(sent.manifest), machine.content(), NOW))
    machine.transformation(build.PACKING_HOUSE, [(lot, 40)], [(build.MELON_CASE, "B", 30)])
    machine.retirement(build.PACKING_HOUSE, [(lot_id(build.MELON_CASE, "B"), 5)], True)
    machine.recall(build.FARM, lot, False)
    machine.retirement(build.PACKING_HOUSE, [(lot_id(build.MELON_CASE, "B"), 5)], True)
    machine.retirement(build.PACKING_HOUSE, [(lot_id(build.MELON_CASE, "B"), 1)], False)
    machine.recall(build.FARM, lot, True)
    machine.statement(build.FARM)
    assert [type(action).__name__ for action in machine.done] == [
        "Harvest", "Shipment", "Receipt", "Transformation", "Sale", "Recall", "Disposal", "Release", "Statement",
    ]  # fmt: skip
    assert (machine.born, machine.left, machine.lost) == (60, 6, 10)
    assert machine.changes == {lot: 6, lot_id(build.MELON_CASE, "B"): 3}
    machine.grams_are_conserved()
    machine.entries_are_counted()
