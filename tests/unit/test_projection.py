"""The projection: loading from a source, carrying recalls, and that nothing makes grams."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import event_builders as b
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.actions import (
    Action,
    BirthAmendment,
    Disposal,
    Harvest,
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
    Transformation,
    TransformationAmendment,
    Void,
    YieldCertificate,
)
from ledger.domain.custody_state import Consignment, Lot, Origin, Place, Plot, Season, Yield
from ledger.domain.custody_state import Pledge as Standing
from ledger.domain.errors import Refused
from ledger.domain.identifiers import (
    NO_PLOT,
    ConsignmentId,
    ContentHash,
    Digest,
    Grams,
    KeyId,
    LotId,
    LotRef,
    PartyId,
    PlotId,
    ProductId,
    consignment_id,
    plot_id,
)  # fmt: skip
from ledger.domain.projection import PendingRecovery, Projection, RegisteredKey
from ledger.domain.records import Scheme
from ledger.domain.registry_actions import (
    Admission,
    Cancellation,
    ProductAssignment,
    ProductPermit,
    Suspension,
)  # fmt: skip
from ledger.domain.typed_data import manifest_hash, origin_hash

LATE = 2**40
OWNED = ProductAssignment(b.BULK_MELON, b.FARM, LATE)


class Source:
    """A source that says what it was asked for."""

    def __init__(self, behind: Projection) -> None:
        self.behind = behind
        self.reads = 0

    def lineage(self, lots: Collection[LotId]) -> Mapping[LotId, Lot]:
        self.reads += 1
        found: dict[LotId, Lot] = {}
        asked = list(lots)
        while asked:
            if (lot := self.behind.lots.get(key := asked.pop())) and key not in found:
                found[key] = lot
                asked.extend(lot.parents)
        return found

    def balances(self, keys: Collection[tuple[LotId, PartyId]]) -> Mapping[tuple[LotId, PartyId], Grams]:
        self.reads += 1
        return {key: self.behind.balances[key] for key in keys if key in self.behind.balances}

    def consignments(self, ids: Collection[ConsignmentId]) -> Mapping[ConsignmentId, Consignment]:
        self.reads += 1
        return {key: sent for key in ids if (sent := self.behind.consignments.get(key))}

    def used(self, digests: Collection[Digest]) -> Collection[Digest]:
        self.reads += 1
        return [digest for digest in digests if self.behind.digests.get(digest)]

    def roles(self, parties: Collection[PartyId]) -> Mapping[PartyId, int]:
        return {party: self.behind.roles_of(party) for party in parties}

    def keys(self, ids: Collection[KeyId]) -> Mapping[KeyId, RegisteredKey]:
        return {key: known for key in ids if (known := self.behind.key(key))}

    def keys_of(self, party: PartyId) -> Mapping[KeyId, RegisteredKey]:
        return self.behind.keys_of(party)

    def owners(self, products: Collection[ProductId]) -> Mapping[ProductId, PartyId]:
        return {product: owner for product in products if (owner := self.behind.owner_of(product))}

    def suspended(self, parties: Collection[PartyId]) -> Collection[PartyId]:
        return [party for party in parties if self.behind.is_suspended(party)]

    def recoveries(self, parties: Collection[PartyId]) -> Mapping[PartyId, PendingRecovery]:
        return {party: found for party in parties if (found := self.behind.recovery_of(party))}

    def cancelled(self, pairs: Collection[tuple[PartyId, Digest]]) -> Collection[tuple[PartyId, Digest]]:
        return [pair for pair in pairs if self.behind.is_cancelled(*pair)]

    def permits(self, pairs: Collection[tuple[ProductId, PartyId]]) -> Collection[tuple[ProductId, PartyId]]:
        return [pair for pair in pairs if self.behind.is_permitted(*pair)]

    def plots(self, ids: Collection[PlotId]) -> Mapping[PlotId, Plot]:
        self.reads += 1
        return {key: plot for key in ids if (plot := self.behind.plots.get(key))}

    def yields(self, pairs: Collection[Season]) -> Mapping[Season, Yield]:
        self.reads += 1
        return {key: known for key in pairs if (known := self.behind.yields.get(key))}

    def pledges(self, pairs: Collection[Place]) -> Mapping[Place, tuple[Standing, ...]]:
        self.reads += 1
        return {key: self.behind.pledges[key] for key in pairs if key in self.behind.pledges}

    def origins(self, hashes: Collection[bytes]) -> Mapping[bytes, Origin]:
        self.reads += 1
        return {key: origin for key in hashes if (origin := self.behind.origins.get(key))}


PARTIES = (b.FARM, b.PACKING_HOUSE, b.HUB)
LOTS = tuple(LotRef(b.BULK_MELON, f"L{number}") for number in range(5))


def registered() -> Projection:
    projection = Projection()
    for number, party in enumerate(PARTIES, 1):
        key = KeyId(number.to_bytes(32, "big"))
        projection.register(Admission(party, 255, key, Scheme.SECP256K1, True, LATE))
    projection.register(OWNED)
    for packer in PARTIES[1:]:
        projection.register(ProductPermit(b.BULK_MELON, b.FARM, packer, True, LATE))
    return projection


PLOT = plot_id(b.FARM, "PLOT-7")


@st.composite
def actions(draw: st.DrawFn) -> Action:
    party, other = draw(st.permutations(PARTIES))[:2]
    refs = sorted(draw(st.lists(st.sampled_from(LOTS), min_size=1, max_size=3, unique=True)), key=lambda ref: ref.id)
    amounts = [Grams(draw(st.integers(1, 5))) for _ in refs]
    lines = tuple(Line(ref.id, grams) for ref, grams in zip(refs, amounts, strict=True))
    content = ContentHash(draw(st.binary(min_size=32, max_size=32)))
    reference = draw(st.sampled_from(["one", "two"]))
    consignment = consignment_id(other, reference)
    made = (Output(b.BULK_MELON, draw(st.sampled_from(LOTS)).code, Grams(draw(st.integers(1, 9)))),)
    culls = Grams(max(0, sum(amounts) - made[0].grams))
    harvest = Harvest(party, b.BULK_MELON, refs[0].code, PLOT, 2026, Grams(10), content, LATE)
    shown = manifest_hash(lines)
    part = tuple(ReceiptLine(line.lot, Grams(draw(st.integers(0, 5))), Grams(0), Grams(0)) for line in lines)
    settled = tuple(SettledLine(line.lot, line.grams, Grams(0), Grams(0), Grams(0)) for line in lines)
    none = Grams(0)
    candidates = (
        harvest,
        harvest,
        Transformation(party, lines, made, culls, none, none, content, LATE),
        TransformationAmendment(
            party, origin_hash(lines, made), lines, made, culls, none, none, content, content, LATE
        ),
        BirthAmendment(party, refs[0].id, Grams(10), amounts[0], content, content, LATE),
        Shipment(party, other, reference, lines, content, LATE),
        Receipt(party, consignment, shown, content, LATE),
        PartialReceipt(party, consignment, shown, part, "", content, LATE),
        Settlement(party, other, consignment, shown, settled, content, LATE),
        Notice(other, consignment, content, LATE),
        Void(other, party, consignment, shown, content, LATE),
        Sale(party, lines, content, LATE),
        Disposal(party, lines, content, LATE),
        Recall(party, refs[0].id, content, LATE),
        Release(party, refs[0].id, content, LATE),
        PlotRegistration(party, other, PLOT, content, LATE),
        YieldCertificate(party, PLOT, 2026, Grams(draw(st.integers(5, 40))), content, LATE),
        Pledge(party, other, refs[0].id, amounts[0], 1, content, LATE),
        PledgeRelease(other, party, refs[0].id, content, LATE),
    )
    return draw(st.sampled_from(candidates))


def grams_held(projection: Projection) -> int:
    moving = sum(
        line.grams
        for sent in projection.consignments.values()
        if sent and (sent.state.under_way or sent.state.in_dispute)
        for line in sent.open_lines
    )
    return moving + sum(projection.balances.values())


@settings(max_examples=300, deadline=None)
@given(st.lists(actions(), max_size=25))
def test_no_action_makes_grams_and_every_source_gives_the_same(sequence: list[Action]) -> None:
    whole = registered()
    for index, action in enumerate(sequence):
        digest = Digest(index.to_bytes(32, "big"))
        # The same state, once in memory and once loaded on demand from a source, with and without reading ahead.
        on_demand, ahead = Projection(Source(whole)), Projection(Source(whole))
        ahead.prefetch([(later, digest) for later in sequence])
        before = grams_held(whole)
        answers = []
        for projection in (on_demand, ahead, whole):
            try:
                answers.append(projection.apply(action, digest, now=0))
            except Refused as refused:
                answers.append(refused.violations)
        assert answers[0] == answers[1] == answers[2]
        accepted = not isinstance(answers[2], tuple)
        assert grams_held(whole) <= before + (_may_add(action) if accepted else 0)
        assert all(grams >= 0 for grams in whole.balances.values())


def _may_add(action: Action) -> int:
    match action:
        case Harvest():
            return action.grams
        case BirthAmendment():
            return max(0, action.grams - action.was)
        case TransformationAmendment():  # it gives back what it takes from the losses
            return sum(line.grams for line in action.inputs)
    return 0


def born(projection: Projection, code: str, grams: int = 10) -> LotId:
    """A harvest of the farm's."""
    harvest = Harvest(b.FARM, b.BULK_MELON, code, NO_PLOT, 2026, Grams(grams), ContentHash(bytes(32)), LATE)
    projection.apply(harvest, Digest(code.encode().ljust(32)), now=0)
    return LotRef(b.BULK_MELON, code).id


def packed(projection: Projection, lot: LotId, code: str) -> LotId:
    """All of the farm's lot into one of the same grams."""
    grams = projection.held(lot, b.FARM)
    made = (Output(b.BULK_MELON, code, grams),)
    content = ContentHash(bytes(32))
    packing = Transformation(b.FARM, (Line(lot, grams),), made, Grams(0), Grams(0), Grams(0), content, LATE)
    projection.apply(packing, Digest(code.encode().ljust(32)), now=0)
    return LotRef(b.BULK_MELON, code).id


def test_a_recall_travels_down_and_is_lifted_again() -> None:
    behind = registered()
    parent = born(behind, "A")
    child = packed(behind, parent, "B")
    grandchild = packed(behind, child, "C")
    content = ContentHash(bytes(32))
    behind.apply(Recall(b.FARM, parent, content, LATE), Digest(b"r" * 32), now=0)
    for projection in (Projection(Source(behind)), behind):
        with pytest.raises(Refused, match="NothingToPropagate"):
            projection.propagate(grandchild)
        for lot in (child, grandchild):
            entries = (projection.lot(lot) or Lot(b.FARM, Grams(0))).entries
            projection.propagate(lot)
            known = projection.lot(lot)
            assert known is not None
            assert (known.recalled_by, known.inherited, known.entries) == (b.FARM, True, entries)
            assert lot in projection.changed.lots
    behind.apply(Release(b.FARM, parent, content, LATE), Digest(b"s" * 32), now=0)
    for lot in (child, grandchild):
        behind.propagate(lot)
        known = behind.lot(lot)
        assert known is not None
        assert (known.recalled_by, known.inherited) == (0, False)
    with pytest.raises(Refused, match="UnknownLot"):
        behind.propagate(LotId(bytes(32)))


def test_what_a_lot_was_made_of_is_known() -> None:
    behind = registered()
    parent = born(behind, "A")
    child = packed(behind, parent, "B")
    for projection in (Projection(Source(behind)), behind):
        origin = projection.origin_of(child)
        assert origin is not None
        assert [line.lot for line in origin.inputs] == [parent]
        assert projection.origin_of(parent) is None
        assert projection.origin_of(LotId(bytes(32))) is None


@pytest.mark.parametrize("sanction", ["suspended", "cancelled"])
def test_both_who_sign_have_to_stand(sanction: str) -> None:
    projection = registered()
    lot = born(projection, "A")
    pledge = Pledge(b.FARM, b.HUB, lot, Grams(5), 100, ContentHash(bytes(32)), LATE)
    for party in (b.FARM, b.HUB):
        mark = Digest(int(party).to_bytes(32, "big"))
        if sanction == "suspended":
            projection.register(Suspension(party, True, LATE))
        else:
            projection.register(Cancellation(party, mark, LATE))
        with pytest.raises(Refused) as refused:
            projection.apply(pledge, mark, now=0)
        assert refused.value.violations[0].rule == ("PartyIsSuspended" if sanction == "suspended" else "Cancelled")
        if sanction == "suspended":
            projection.register(Suspension(party, False, LATE))
    projection.apply(pledge, Digest(b"p" * 32), now=0)


def test_reading_ahead_saves_reads() -> None:
    behind = registered()
    source = Source(behind)
    births = [
        (
            Harvest(b.FARM, b.BULK_MELON, f"N{n}", PLOT, 2026, Grams(1), ContentHash(bytes(32)), LATE),
            Digest(bytes([n]) * 32),
        )
        for n in range(50)
    ]
    projection = Projection(source)
    projection.prefetch(births)
    reads = source.reads
    for action, digest in births:
        projection.apply(action, digest, now=0)
    assert source.reads == reads
    assert len(projection.changed.lots) == 50
