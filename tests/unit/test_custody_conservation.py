"""
Over any sequence of actions nothing is made but by birth, nothing is lost but by what says so, certified grams stay
below what was certified, and pledged grams stay where they are.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from fractions import Fraction
from itertools import count
from typing import Any, ClassVar

import event_builders as build
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ledger.domain.actions import (
    ACTIONS,
    Action,
    BirthAmendment,
    Disposal,
    Harvest,
    Intake,
    Line,
    Notice,
    Output,
    PartialReceipt,
    Pledge,
    PledgeRelease,
    PlotRegistration,
    Recall,
    Receipt,
    ReceiptLine,
    Release,
    Sale,
    SettledLine,
    Settlement,
    Shipment,
    Statement,
    Transformation,
    TransformationAmendment,
    Void,
    YieldCertificate,
)
from ledger.domain.custody import StateChange
from ledger.domain.custody_state import Consignment
from ledger.domain.errors import Refused
from ledger.domain.identifiers import (
    ConsignmentId,
    ContentHash,
    Grams,
    LotId,
    PartyId,
    ProductId,
    consignment_id,
    lot_id,
    plot_id,
)
from ledger.domain.projection import Projection
from ledger.domain.typed_data import Domain, digest, manifest_hash

DOMAIN = Domain.of_ledger(1, bytes(20))
NOW = 1_780_000_000
PARTIES = [*sorted(build.ROLES), build.STRANGER]
PRODUCTS = sorted(build.OWNERS)
LOTS = [lot_id(product, code) for product in (build.BULK_MELON, build.MELON_CASE) for code in "AB"]

parties = st.sampled_from(PARTIES)
makers = st.sampled_from([build.FARM, build.PACKING_HOUSE, build.PACKING_HOUSE, build.COOPERATIVE])
products = st.sampled_from([build.BULK_MELON, build.MELON_CASE, build.GRAPE_CASE])
codes = st.sampled_from("ABC")
masses = st.integers(0, 60)
portions = st.integers(0, 12)
PLOT = plot_id(build.FARM, "PLOT-7")
SEASON = 2026
LATE = NOW + 10**9


class Custody(RuleBasedStateMachine):
    """Random actions against the projection, with a book of our own beside it: in, out, lost."""

    accepted: ClassVar[Counter[Any]] = Counter()

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
        self.now = NOW
        self.sent: list[ConsignmentId] = []
        self.packings: list[Transformation | TransformationAmendment] = []
        self.done: list[Action] = []
        self.numbers = count()

    @initialize()
    def a_season_begins(self) -> None:
        """So that the rest is not refused for want of anything to move."""
        bulk = lot_id(build.BULK_MELON, "A")
        self.registration(build.CERTIFIER, build.FARM)
        self.certificate(build.CERTIFIER, 150)
        self.birth(build.FARM, build.BULK_MELON, "A", 60, False)
        self.shipment(build.FARM, build.PACKING_HOUSE, "0", [(bulk, 40)])
        shown = manifest_hash((Line(bulk, Grams(40)),))
        self.attempt(Receipt(build.PACKING_HOUSE, self.sent.pop(), shown, self.content(), LATE))
        self.transformation(build.PACKING_HOUSE, [(bulk, 20)], [(build.MELON_CASE, "B", 15)], None)
        self.shipment(build.FARM, build.PACKING_HOUSE, "1", [(bulk, 10)])
        self.birth(build.FARM, build.BULK_MELON, "B", 20, False)

    def content(self) -> ContentHash:
        return ContentHash(next(self.numbers).to_bytes(32, "big"))

    def attempt(self, action: Action) -> StateChange | None:
        """Applies the action; a refusal has to leave everything as it was."""
        before = self.snapshot()
        try:
            change = self.ledger.apply(action, digest(DOMAIN, action), self.now)
        except Refused:
            assert self.snapshot() == before
            return None
        self.changes.update([*(birth.id for birth in change.births), *change.entries])
        self.done.append(action)
        Custody.accepted[type(action)] += 1
        return change

    def snapshot(self) -> Any:
        lots = {lot: known for lot, known in self.ledger.lots.items() if known is not None}
        consignments = {key: sent for key, sent in self.ledger.consignments.items() if sent is not None}
        balances = {key: grams for key, grams in self.ledger.balances.items() if grams}
        used = {key for key, used in self.ledger.digests.items() if used}
        certified = {key: known for key, known in self.ledger.yields.items() if known is not None}
        pledged = {key: pledges for key, pledges in self.ledger.pledges.items() if pledges}
        return lots, consignments, balances, used, certified, pledged

    def lines(self, picks: list[tuple[LotId, int]]) -> tuple[Line, ...]:
        return tuple(Line(lot, Grams(grams)) for lot, grams in sorted(dict(picks).items()))

    @rule(party=makers, product=products, code=codes, grams=masses, pooled=st.booleans())
    def birth(self, party: PartyId, product: ProductId, code: str, grams: int, pooled: bool) -> None:
        action: Action = (
            Intake(party, product, code, Grams(grams), self.content(), LATE)
            if pooled
            else Harvest(party, product, code, PLOT, SEASON, Grams(grams), self.content(), LATE)
        )
        if self.attempt(action):
            self.born += grams

    @rule(
        party=makers,
        inputs=st.lists(st.tuples(st.sampled_from(LOTS), portions), max_size=2),
        outputs=st.lists(st.tuples(products, codes, portions), max_size=2),
        out_of=st.none() | masses,
    )
    def transformation(
        self,
        party: PartyId,
        inputs: list[tuple[LotId, int]],
        outputs: list[tuple[ProductId, str, int]],
        out_of: int | None,
    ) -> None:
        made = tuple(Output(product, code, Grams(grams)) for product, code, grams in outputs)
        lines = self.lines(inputs)
        gone = sum(line.grams for line in lines) - sum(output.grams for output in made)
        culls = Grams(max(0, gone) if out_of is None else out_of)
        action = Transformation(party, lines, made, culls, Grams(0), Grams(0), self.content(), LATE)
        if self.attempt(action):
            assert culls == gone
            self.lost += gone
            self.packings.append(action)

    @precondition(lambda self: self.packings)
    @rule(data=st.data(), balanced=st.booleans())
    def repacking(self, data: st.DataObject, balanced: bool) -> None:
        """Amends a transformation, at times one that was amended before."""
        old = data.draw(st.sampled_from(self.packings))
        inputs = tuple(Line(line.lot, Grams(data.draw(portions))) for line in old.inputs)
        outputs = tuple(Output(made.product, made.lot_code, Grams(data.draw(portions))) for made in old.outputs)
        gone = sum(line.grams for line in inputs) - sum(output.grams for output in outputs)
        loss = Grams(max(0, gone) if balanced else data.draw(masses))
        lot = self.ledger.lots[lot_id(old.outputs[0].product, old.outputs[0].lot_code)]
        assert lot is not None
        action = TransformationAmendment(
            old.packer, lot.origin_hash, inputs, outputs, Grams(0), loss, Grams(0), old.content_hash, self.content(),
            LATE,
        )  # fmt: skip
        before = self.ledger.origins.get(lot.origin_hash)
        if self.attempt(action):
            assert before is not None
            self.lost += gone - sum(line.grams for line in before.inputs) + sum(made.grams for made in before.outputs)
            self.packings.append(action)

    @rule(party=makers, lot=st.sampled_from(LOTS), grams=masses, honest=st.booleans())
    def correction(self, party: PartyId, lot: LotId, grams: int, honest: bool) -> None:
        """Amends a birth."""
        known = self.ledger.lots.get(lot)
        was = known.grams if known is not None and honest else Grams(1)
        issuer = known.issuer if known is not None and honest else party
        content = self.content()
        if self.attempt(BirthAmendment(issuer, lot, was, Grams(grams), content, content, LATE)):
            self.born += grams - was

    @rule(certifier=st.sampled_from([build.CERTIFIER, build.FARM]), producer=st.sampled_from([build.FARM, build.HUB]))
    def registration(self, certifier: PartyId, producer: PartyId) -> None:
        self.attempt(PlotRegistration(certifier, producer, PLOT, self.content(), LATE))

    @rule(certifier=st.sampled_from([build.CERTIFIER, build.FARM]), grams=st.integers(0, 150))
    def certificate(self, certifier: PartyId, grams: int) -> None:
        self.attempt(YieldCertificate(certifier, PLOT, SEASON, Grams(grams), self.content(), LATE))

    @rule(
        shipper=makers,
        receiver=parties,
        reference=st.sampled_from("123"),
        manifest=st.lists(st.tuples(st.sampled_from(LOTS), portions), max_size=2),
    )
    def shipment(self, shipper: PartyId, receiver: PartyId, reference: str, manifest: list[tuple[LotId, int]]) -> None:
        action = Shipment(shipper, receiver, reference, self.lines(manifest), self.content(), LATE)
        if self.attempt(action):
            self.sent.append(consignment_id(shipper, reference))

    def draw_sent(self, data: st.DataObject) -> tuple[ConsignmentId, Consignment]:
        consignment = data.draw(st.sampled_from(self.sent))
        sent = self.ledger.consignments[consignment]
        assert sent is not None
        return consignment, sent

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), other=st.none() | parties, honest=st.booleans())
    def receipt(self, data: st.DataObject, other: PartyId | None, honest: bool) -> None:
        consignment, sent = self.draw_sent(data)
        claimed = sent.open_lines if honest else (*sent.open_lines, Line(LOTS[0], Grams(1)))
        receiver = other or sent.receiver
        change = self.attempt(Receipt(receiver, consignment, manifest_hash(claimed), self.content(), LATE))
        assert not change or (honest and receiver == sent.receiver)

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), last=st.booleans(), reference=st.sampled_from(["", "", "123", "R1", "R2"]))
    def partial_receipt(self, data: st.DataObject, last: bool, reference: str) -> None:
        consignment, sent = self.draw_sent(data)
        lines = []
        for line in sent.open_lines:
            accepted = data.draw(st.integers(0, line.grams))
            refused = data.draw(st.integers(0, line.grams - accepted)) if reference else 0
            to_come = 0 if last else line.grams - accepted - refused
            lines.append(ReceiptLine(line.lot, Grams(accepted), Grams(refused), Grams(to_come)))
        shown = manifest_hash(sent.open_lines)
        action = PartialReceipt(
            sent.receiver, consignment, shown, tuple(lines), reference, self.content(), LATE
        )  # fmt: skip
        if self.attempt(action) and reference:
            self.sent.append(consignment_id(sent.receiver, reference))

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), alone=st.booleans(), turned=st.booleans())
    def settlement(self, data: st.DataObject, alone: bool, turned: bool) -> None:
        consignment, sent = self.draw_sent(data)
        lines = []
        for line in sent.open_lines:
            loss = line.grams if alone else data.draw(st.integers(0, line.grams))
            returned = data.draw(st.integers(0, line.grams - loss))
            rest = Grams(line.grams - loss - returned)
            lines.append(SettledLine(line.lot, Grams(loss), rest, Grams(returned), Grams(0)))
        sides = (sent.receiver, sent.shipper) if turned else (sent.shipper, sent.receiver)
        action = Settlement(
            sides[0], PartyId(0) if alone else sides[1], consignment, manifest_hash(sent.open_lines), tuple(lines),
            self.content(), LATE,
        )  # fmt: skip
        if self.attempt(action):
            self.lost += sum(line.loss + line.weight_loss for line in lines)

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), party=st.none() | parties)
    def notice(self, data: st.DataObject, party: PartyId | None) -> None:
        consignment, sent = self.draw_sent(data)
        self.attempt(Notice(party or sent.shipper, consignment, self.content(), LATE))

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), alone=st.booleans())
    def void(self, data: st.DataObject, alone: bool) -> None:
        consignment, sent = self.draw_sent(data)
        receiver = PartyId(0) if alone else sent.receiver
        shown = manifest_hash(sent.open_lines)
        self.attempt(Void(sent.shipper, receiver, consignment, shown, self.content(), LATE))

    @rule(holder=makers, lot=st.sampled_from(LOTS), grams=portions, days=st.integers(0, 9))
    def pledge(self, holder: PartyId, lot: LotId, grams: int, days: int) -> None:
        until = self.now + days * 86_400
        self.attempt(Pledge(holder, build.LENDER, lot, Grams(grams), until, self.content(), LATE))

    @rule(holder=makers, lot=st.sampled_from(LOTS))
    def letting_go(self, holder: PartyId, lot: LotId) -> None:
        self.attempt(PledgeRelease(build.LENDER, holder, lot, self.content(), LATE))

    @rule(lot=st.sampled_from([lot_id(build.MELON_CASE, "B"), *LOTS]))
    def propagation(self, lot: LotId) -> None:
        before = self.snapshot()
        try:
            self.ledger.propagate(lot)
            Custody.accepted["propagation"] += 1
        except Refused:
            assert self.snapshot() == before

    @rule(days=st.integers(1, 4))
    def time_passes(self, days: int) -> None:
        self.now += days * 86_400

    @rule(party=makers, picks=st.lists(st.tuples(st.sampled_from(LOTS), portions), max_size=2), sold=st.booleans())
    def retirement(self, party: PartyId, picks: list[tuple[LotId, int]], sold: bool) -> None:
        lines = self.lines(picks)
        action: Action = (Sale if sold else Disposal)(party, lines, self.content(), LATE)
        if self.attempt(action):
            self.left += sum(line.grams for line in lines)

    @rule(party=st.none() | parties, lot=st.sampled_from(LOTS), back=st.booleans())
    def recall(self, party: PartyId | None, lot: LotId, back: bool) -> None:
        known = self.ledger.lots.get(lot)
        honest = build.REGULATOR if known is None else known.recalled_by or known.issuer
        self.attempt((Release if back else Recall)(party or honest, lot, self.content(), LATE))

    @rule(party=parties)
    def statement(self, party: PartyId) -> None:
        self.attempt(Statement(party, "inspecting", (), self.content(), LATE))

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """Whatever was accepted once is refused the second time."""
        action = data.draw(st.sampled_from(self.done))
        with suppress(Refused):
            self.ledger.apply(action, digest(DOMAIN, action), self.now)
            raise AssertionError(f"{action} was accepted twice")

    def under_way(self) -> Counter[LotId]:
        """Grams that nobody holds and that are not gone."""
        open_lines: Counter[LotId] = Counter()
        for sent in self.ledger.consignments.values():
            if sent is not None and (sent.state.under_way or sent.state.in_dispute):
                open_lines.update({line.lot: line.grams for line in sent.open_lines})
        return open_lines

    @invariant()
    def grams_are_conserved(self) -> None:
        held = sum(self.ledger.balances.values())
        assert self.born == held + self.under_way().total() + self.left + self.lost

    @invariant()
    def certified_grams_never_grow(self) -> None:
        """What is left of every lot, by its certified share, is at most what was harvested against a yield."""
        left = self.under_way()
        for (lot, _), grams in self.ledger.balances.items():
            left[lot] += grams
        certified = Fraction(0)
        for key, lot in self.ledger.lots.items():
            if lot is not None and lot.grams:
                assert lot.certified <= lot.grams
                certified += Fraction(left[key] * lot.certified, lot.grams)
        known = [one for one in self.ledger.yields.values() if one is not None]
        assert all(one.harvested <= one.certified for one in known)
        assert certified <= sum(one.harvested for one in known)

    @invariant()
    def pledged_grams_stay(self) -> None:
        for place, pledges in self.ledger.pledges.items():
            standing = [pledge.grams for pledge in pledges if pledge.until > self.now]
            assert sum(standing) <= self.ledger.balances.get(place, 0)
            assert len(standing) <= 4

    @invariant()
    def nobody_owes(self) -> None:
        assert all(grams >= 0 for grams in self.ledger.balances.values())

    @invariant()
    def entries_are_counted(self) -> None:
        counted = {lot: known.entries for lot, known in self.ledger.lots.items() if known is not None}
        assert counted == dict(self.changes)


def test_custody() -> None:
    """Every kind of change has to be reached: in 300 sequences most times, in as many more where one was not."""
    Custody.accepted = Counter()
    for more in range(4):
        once = settings(max_examples=300, stateful_step_count=50, deadline=None, derandomize=not more, database=None)
        run_state_machine_as_test(Custody, settings=once)
        if set(Custody.accepted) == {*ACTIONS, "propagation"}:
            break
    assert set(Custody.accepted) == {*ACTIONS, "propagation"}
