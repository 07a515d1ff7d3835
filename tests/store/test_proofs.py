"""Proof bundles out of a store: what is in them, and how small they are over the demonstration season."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence

import event_builders as build
import pytest
from bundle_samples import CHAIN, sealed_inspection
from import_world import ImportWorld, import_world
from ledger_fixture import LEDGER_DOMAIN, SECRET, World

from api.season import agreed_events, record_agreed, season_folder
from ledger.domain.bundle import bundle_bytes, dossier_of, open_bundle, read_bundle
from ledger.domain.bundle.opening import unproven
from ledger.domain.bundle.values import MAX_ERASED
from ledger.domain.errors import NotFound
from ledger.domain.identifiers import ContentHash, LotRef, ProductId
from ledger.domain.log.proofs import prove_inclusion
from ledger.domain.master_data import MasterData
from ledger.domain.merkle import PerfectSubtrees, event_leaf
from ledger.domain.proof_json import signature_hash
from ledger.domain.records import EntryState, LogPlace, RecordedEvent
from ledger.domain.sealing import Entry, KeptDisclosure, Policy, seal
from ledger.domain.story_values import CheckName, Outcome
from ledger.domain.verdict import judge
from ledger.services.proofs import Proofs
from ledger.services.proposals import Proposals


class TreeLog:
    """A `LogReader` over the first `size` of these events."""

    def __init__(self, events: Sequence[RecordedEvent], size: int) -> None:
        self.size = size
        self.indexes = {event.content_hash: index for index, event in enumerate(events)}
        self.tree = PerfectSubtrees.of([event_leaf(one.content_hash, signature_hash(one.proof)) for one in events])

    def places(self, contents: Collection[ContentHash]) -> Mapping[ContentHash, LogPlace]:
        found = {one: self.indexes[one] for one in contents if self.indexes[one] < self.size}
        return {one: LogPlace(prove_inclusion(at, self.size, self.tree), 120, 100 + at) for one, at in found.items()}


class Kept:
    """Disclosures that the operator keeps."""

    def __init__(self, disclosures: Mapping[ContentHash, tuple[KeptDisclosure, ...]]) -> None:
        self.disclosures = disclosures

    def disclosures_of(self, contents: Collection[ContentHash]) -> Mapping[ContentHash, tuple[KeptDisclosure, ...]]:
        return {one: self.disclosures[one] for one in contents if one in self.disclosures}

    def erased_digests(self, contents: Collection[ContentHash]) -> Mapping[ContentHash, frozenset[str]]:
        kept = self.disclosures_of(contents)
        return {one: frozenset(item.digest for item in items if item.erased) for one, items in kept.items()}


def test_a_bundle_holds_the_lots_events_and_all_ancestors(world: World) -> None:
    event, disclosures = sealed_inspection()
    recorded = world.record(build.harvest(), build.shipping(), build.receiving(), build.packing(), event)
    gone, left = disclosures
    inner = KeptDisclosure("A" * 43, gone.place, None, 1)  # it lay in the other that is gone
    rows = (
        inner,
        KeptDisclosure(gone.digest, gone.place, None, 1),
        KeptDisclosure(left.digest, left.place, left.text),
    )
    kept = Kept({recorded[-1].content_hash: rows})
    proofs = Proofs(world.store, TreeLog(recorded, 4), CHAIN, world.clock, kept)
    bundle = proofs.bundle_of(build.PACKED_LOT)
    assert [one.content_hash for one in bundle.events] == [one.content_hash for one in recorded]
    assert [one.inclusion is not None for one in bundle.events] == [True] * 4 + [False]
    assert bundle.checkpoint is not None
    assert (bundle.checkpoint.size, bundle.checkpoint.block) == (4, 120)
    assert unproven(bundle) == ()
    assert {one.state for one in bundle.events} == {EntryState.QUEUED}
    assert [one.disclosures for one in bundle.events] == [()] * 5, "nobody asked for them"
    assert [one.erased for one in bundle.events] == [()] * 4 + [(gone.digest,)]
    shown = proofs.bundle_of(build.PACKED_LOT, disclosed=True).events[-1]
    assert (shown.disclosures, shown.erased) == ((left.text,), (gone.digest,))
    nothing = Proofs(world.store, TreeLog(recorded, 0), CHAIN, world.clock).bundle_of(build.PACKED_LOT, disclosed=True)
    assert nothing.checkpoint is None
    whole = Proofs(world.store, TreeLog(recorded, 5), CHAIN, world.clock).bundle_of(build.PACKED_LOT)
    assert whole.events[-1].state is EntryState.CONFIRMED, "a statement is, once the log has it"
    with pytest.raises(NotFound, match="no event names lot"):
        proofs.bundle_of(LotRef(ProductId(1), "NOBODY"))


def test_where_what_is_kept_does_not_open_the_event_nothing_is_marked(world: World) -> None:
    event, (gone, left) = sealed_inspection()
    recorded = world.record(build.harvest(), event)
    damaged = (KeptDisclosure(gone.digest, gone.place, None, 1), KeptDisclosure(left.digest, left.place, "junk"))
    proofs = Proofs(world.store, TreeLog(recorded, 2), CHAIN, world.clock, Kept({recorded[-1].content_hash: damaged}))
    assert proofs.bundle_of(build.HARVEST_LOT).events[-1].erased == (gone.digest,)
    assert proofs.bundle_of(build.HARVEST_LOT, disclosed=True).events[-1].erased == ()


def test_marks_are_as_many_as_a_reader_takes(world: World) -> None:
    details = {f"silkroot:detail{number}": number for number in range(MAX_ERASED + 1)}
    policy = Policy((Entry(tuple(name.removeprefix("silkroot:") for name in details)),))
    sealed = seal(build.inspection() | details, policy, lambda: secrets.token_bytes(16))
    recorded = world.record(build.harvest(), sealed.event)
    gone = tuple(KeptDisclosure(one.digest, one.place, None, 1) for one in sealed.disclosures)
    proofs = Proofs(world.store, TreeLog(recorded, 2), CHAIN, world.clock, Kept({recorded[-1].content_hash: gone}))
    bundle = proofs.bundle_of(build.HARVEST_LOT)
    assert read_bundle(bundle_bytes(bundle)) == bundle
    shown = open_bundle(bundle).shown[-1]
    assert ([one.count for one in shown.erased], [one.count for one in shown.withheld]) == ([MAX_ERASED], [1])


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> ImportWorld:
    """The demonstration season, recorded on SQLite: what is measured of it, no database changes."""
    world = import_world(tmp_path_factory.mktemp("season"), MasterData())
    parts = world.parts
    proposals = Proposals(parts.store, parts.signer, parts.clock, LEDGER_DOMAIN, SECRET, parts.keys)
    with season_folder() as folder:
        world.importer.import_file(folder / "master.toml")
        for path in sorted(path for path in folder.iterdir() if path.suffix in (".xlsx", ".jsonld")):
            if path.stem.endswith("agreed"):
                record_agreed(proposals, agreed_events(path, "2026-12-31T18:00:00+08:00"))
            else:
                world.importer.import_file(path)
    return world


def test_bundles_of_the_season_take_under_3_kb_an_event(season: ImportWorld) -> None:
    store = season.parts.store
    events = store.events(0, 10_000)
    proofs = Proofs(store, TreeLog(events, len(events)), CHAIN, season.parts.clock)
    sizes = {}
    for lot in store.lots(None, 1000):
        bundle = proofs.bundle_of(lot)
        data = bundle_bytes(bundle)
        read = read_bundle(data)
        assert read == bundle
        assert unproven(read) == ()
        content, *_ = judge(dossier_of(open_bundle(read), CHAIN.ledger_domain), None, single_operator=True).checks
        assert (content.name, content.outcome) == (CheckName.CONTENT, Outcome.PASSED)
        sizes[str(lot)] = (len(data), len(bundle.events))
    each = sorted(size / count for size, count in sizes.values())
    longest = max(sizes, key=lambda lot: sizes[lot][1])
    print(  # the figures of docs/proofs.md; shown by pytest -s
        f"\n{len(sizes)} lots, bytes an event: least {each[0]:.0f}, median {each[len(each) // 2]:.0f}, "
        f"most {each[-1]:.0f}; "
        f"longest bundle {sizes[longest][1]} events, {sizes[longest][0]} bytes"
    )
    assert each[-1] < 3_000
