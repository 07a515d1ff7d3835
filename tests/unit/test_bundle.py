"""Proof bundles: what is written is read back, and whatever is wrong in a file is refused with its place and rule."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import bundle_samples
import event_builders as build
import pytest
from bundle_refusals import REFUSALS, Change
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.bundle import Bundle, bundle_bytes, bundle_to_json, dossier_of, open_bundle, read_bundle
from ledger.domain.bundle.opening import unproven
from ledger.domain.bundle.values import BundledEvent
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import LotRef, ProductId
from ledger.domain.log.proofs import InclusionProof
from ledger.domain.merkle import TreeHash
from ledger.domain.records import EntryState, RecordedEvent
from ledger.domain.sealing.disclosures import to_base64url
from ledger.domain.story_values import Verdict
from ledger.domain.verdict import judge


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> list[RecordedEvent]:
    return bundle_samples.batched_events(tmp_path_factory.mktemp("ledger"))


@pytest.fixture(scope="module")
def bundle(recorded: list[RecordedEvent]) -> Bundle:
    return bundle_samples.bundle_of(recorded)


@pytest.fixture(scope="module")
def marked(bundle: Bundle) -> Bundle:
    """The bundle whose last event was sealed, and all of it erased."""
    *others, last = bundle.events
    return replace(bundle, events=(*others, replace(last, erased=tuple(last.body["silkroot:sealed"]))))


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
CODES = st.text("ABCXYZabc0189-./%", min_size=1, max_size=20)
HASHES = st.binary(min_size=32, max_size=32).map(TreeHash)
DIGESTS = st.binary(min_size=32, max_size=32).map(to_base64url)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back(recorded: list[RecordedEvent], data: st.DataObject) -> None:
    draw = data.draw
    whole = bundle_samples.bundle_of(recorded, draw(st.integers(0, len(recorded))))
    checkpoint = whole.checkpoint

    def varied(event: BundledEvent) -> BundledEvent:
        state = draw(st.sampled_from([EntryState.QUEUED, EntryState.CONFIRMED, EntryState.REFUSED]))
        refusal = draw(st.text(max_size=40)) if state is EntryState.REFUSED else ""
        shown = tuple(draw(st.lists(st.text("abcXYZ-_09", min_size=1), max_size=3)))
        changed = replace(
            event, state=state, refusal=refusal, disclosures=shown, record_time=draw(MOMENTS),
            erased=tuple(sorted(draw(st.sets(DIGESTS, max_size=3)))),
            first_block=draw(st.integers(0, 2**53 - 1)) if event.inclusion is not None else None,
        )  # fmt: skip
        if checkpoint is None or event.inclusion is None or draw(st.booleans()):
            return changed
        hashes = tuple(draw(st.lists(HASHES, max_size=4)))
        return replace(changed, inclusion=InclusionProof(event.inclusion.index, checkpoint.size, hashes))

    one = replace(
        whole,
        lot=LotRef(ProductId(draw(st.integers(1, 2**64 - 1))), draw(CODES.filter(lambda code: "%" in code or code))),
        made=draw(MOMENTS),
        chain=replace(whole.chain, chain_id=draw(st.integers(0, 2**53 - 1))),
        events=tuple(varied(event) for event in whole.events),
    )
    assert read_bundle(bundle_bytes(one)) == one


def test_an_event_of_a_small_bundle_takes_under_3_kb(bundle: Bundle, marked: Bundle) -> None:
    assert len(bundle_bytes(bundle)) / len(bundle.events) < 3_000
    assert len(bundle_bytes(marked)) / len(marked.events) < 3_000


def test_without_marks_a_bundle_is_written_as_ever(bundle: Bundle) -> None:
    assert b'"erased"' not in bundle_bytes(bundle)
    assert all(event.erased == () for event in read_bundle(bundle_bytes(bundle)).events)


@given(seed=st.integers(0, 2**32), rounds=st.integers(1, 8))
@settings(max_examples=300, deadline=None)
def test_no_bytes_do_more_than_be_refused(marked: Bundle, seed: int, rounds: int) -> None:
    rng, text = random.Random(seed), bytearray(bundle_bytes(marked))
    for _ in range(rounds):
        at = rng.randrange(len(text))
        match rng.randrange(4):
            case 0:
                text[at] ^= 1 << rng.randrange(8)
            case 1:
                del text[at : at + rng.randrange(1, 40)]
            case 2:
                text[at:at] = rng.choice([b"null", b"[]", b"{}", b'"x"', b"-1", b"1e3", b"true", b",", b"\xff"])
            case 3:
                other = rng.randrange(len(text))
                text[at : at + 20] = text[other : other + 20]
    try:
        read = read_bundle(bytes(text))
    except InvalidInput:
        return
    judge(dossier_of(open_bundle(read), read.chain.ledger_domain), None, single_operator=False)


JUNK = [None, True, -1, 1.5, 2**53 - 1, "", "0x", "x" * 5000, [], [[]], {}, {"type": "Harvest"}, [0, 1], "￿"]


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_no_value_in_any_place_does_more_than_be_refused(marked: Bundle, data: st.DataObject) -> None:
    tree: Any = json.loads(bundle_bytes(marked))
    node, way = tree, []
    while isinstance(node, dict | list) and node and (not way or data.draw(st.integers(0, 5))):
        key = data.draw(st.sampled_from(list(node) if isinstance(node, dict) else list(range(len(node)))))
        way.append((node, key))
        node = node[key]
    holder, key = way[-1]
    holder[key] = data.draw(st.sampled_from(JUNK))
    try:
        read = read_bundle(json.dumps(tree).encode())
    except InvalidInput:
        return
    opened = open_bundle(read, ["junk", "WyJh"])
    assert judge(dossier_of(opened, read.chain.ledger_domain), None, single_operator=False).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("place", "rule", "change"), REFUSALS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_is_no_bundle_is_refused_where_it_is_wrong(bundle: Bundle, place: str, rule: str, change: Change) -> None:
    tree = copy.deepcopy(bundle_to_json(bundle))
    change(tree)
    with pytest.raises(InvalidInput) as refused:
        read_bundle(json.dumps(tree).encode())
    assert [(one.field, one.rule) for one in refused.value.violations] == [(place, rule)]


def test_a_file_that_is_too_long_is_not_read() -> None:
    with pytest.raises(InvalidInput, match=r"bundle\.size"):
        read_bundle(b" " * (64 * 1024 * 1024 + 1))


def test_an_event_stands_with_every_lot_of_its_body_and_of_its_struct(bundle: Bundle) -> None:
    dossier = dossier_of(open_bundle(bundle), bundle.chain.ledger_domain)
    steps = {lot: [type(item.event.proof.action).__name__ for item in events] for lot, events in dossier.events.items()}
    assert steps == {
        build.PACKED_LOT.id: ["Transformation"],
        build.HARVEST_LOT.id: ["Harvest", "Shipment", "Receipt", "Transformation", "Statement"],
    }
    assert len(dossier.places) == len(bundle.events)


def test_an_event_of_no_lot_in_the_lineage_stands_with_the_lot_itself(bundle: Bundle) -> None:
    alone = replace(bundle, lot=build.OTHER_PACKED_LOT)
    dossier = dossier_of(open_bundle(alone), alone.chain.ledger_domain)
    assert [item.event.sequence for item in dossier.events[build.OTHER_PACKED_LOT.id]] == [1, 2, 3, 4, 5]


def test_proofs_are_held_against_the_bundles_own_checkpoint(bundle: Bundle) -> None:
    assert unproven(bundle) == ()
    assert bundle.checkpoint is not None
    other = replace(bundle, checkpoint=replace(bundle.checkpoint, root=TreeHash(bytes(32))))
    assert {finding.code for finding in unproven(other)} == {"anchored.log-proof"}
    assert len(unproven(other)) == len(bundle.events)
