"""Disclosures that are kept: which lie within which, what an erasure takes along, and what of an event is open."""

from __future__ import annotations

import itertools
import json
import random

import event_builders as b
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.canonical_json import canonical
from ledger.domain.content_hash import add_blind
from ledger.domain.records import JsonTree
from ledger.domain.sealing import Entry, KeptDisclosure, Policy, open_sealed, seal
from ledger.domain.sealing.choosing import chosen, is_named, shows
from ledger.domain.sealing.kept import digests_in, erase, kept, outer_of, texts, with_inner, with_outer
from ledger.domain.sealing.open_part import open_part

POLICY = Policy((Entry(("phone", "driver", "contact", "/silkroot:notes/*", "/silkroot:notes/*/*")),))
EVENT: JsonTree = {
    **b.harvest(),
    "silkroot:driver": "Tursun",
    "silkroot:contact": {"name": " Ali ", "phone": 139, "Rena": {"phone": {"contact": "x"}}},
    "silkroot:notes": ["first", {"phone": "140"}, ["a", "b"]],
}


def sealed(event: JsonTree = EVENT, seed: int = 1) -> tuple[JsonTree, dict[str, KeptDisclosure]]:
    """The sealed event, and what is kept of it by place."""
    source = random.Random(seed)
    done = seal(event, POLICY, lambda: source.randbytes(16))
    return done.event, {item.place: item for item in kept(done.disclosures)}


def test_which_lie_within_which() -> None:
    _, items = sealed()
    names = {item.digest: place for place, item in items.items()}
    inner = {names[digest]: names[outer] for digest, outer in outer_of(list(items.values())).items()}
    assert inner == {
        "/silkroot:contact/phone": "/silkroot:contact",
        "/silkroot:contact/Rena/phone": "/silkroot:contact",
        "/silkroot:contact/Rena/phone/contact": "/silkroot:contact/Rena/phone",
        "/silkroot:notes/1/phone": "/silkroot:notes/1",
        "/silkroot:notes/2/0": "/silkroot:notes/2",
        "/silkroot:notes/2/1": "/silkroot:notes/2",
    }


@given(st.data())
def test_any_choice_with_what_it_lies_in_opens_the_event_and_without_what_lay_in_it_too(data: st.DataObject) -> None:
    event, items = sealed()
    every = list(items.values())
    outer = outer_of(every)
    picked = data.draw(st.sets(st.sampled_from([item.digest for item in every])))
    shown = with_outer(picked, outer)
    assert picked <= shown
    open_sealed(event, texts([item for item in every if item.digest in shown]))
    left = erase(every, picked, 7)
    opened = open_sealed(event, texts(left))
    assert {item.digest for item in opened.disclosures} == {item.digest for item in every} - with_inner(picked, outer)
    for before, after in zip(every, left, strict=True):
        assert before.digest == after.digest
        assert after == before or (after.text is None and after.erased_at == 7 and after.place.count("/") <= 2)
    # Those that can be seen: of the erased ones only those whose outer one is left.
    gone = {item.digest for item in left if item.erased}
    visible = {digest for digest in gone if digest not in outer or outer[digest] not in gone}
    assert digests_in(event, left) == {item.digest for item in left if not item.erased} | visible


def test_an_erasure_leaves_no_name_that_stood_within_a_sealed_value() -> None:
    _, items = sealed()
    every = list(items.values())
    left = erase(every, {items["/silkroot:contact"].digest}, 7)
    assert [item.place for item in left if item.erased] == ["/silkroot:contact"] * 4
    again = erase(left, {items["/silkroot:contact"].digest}, 8)
    assert again == left


@pytest.mark.parametrize(
    ("member", "places"),
    [
        ("driver", {"/silkroot:driver"}),
        ("Driver", {"/silkroot:driver"}),
        ("silkroot:driver", {"/silkroot:driver"}),
        ("phone", {"/silkroot:contact/phone", "/silkroot:contact/Rena/phone", "/silkroot:notes/1/phone"}),
        ("/silkroot:contact/phone", {"/silkroot:contact/phone"}),
        ("notes", {"/silkroot:notes/0", "/silkroot:notes/1", "/silkroot:notes/2", "/silkroot:notes/2/0",
                   "/silkroot:notes/2/1"}),
        ("price", set()),
        ("/silkroot:notes", set()),
    ],
)  # fmt: skip
def test_members_go_by_name_or_place(member: str, places: set[str]) -> None:
    _, items = sealed()
    assert {place for place, item in items.items() if is_named(item, member)} == places
    assert chosen(list(items.values()), [member]) == {items[place].digest for place in places}


def test_a_name_is_local_whatever_its_namespace_is_written_like() -> None:
    for place in ("/https:~1~1gs1.org~1voc~1phone", "/gs1:phone", "/phone", "/x#phone"):
        assert is_named(KeptDisclosure("", place, None), "phone")


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ("Ali", {"/silkroot:contact"}),
        (" Ali", {"/silkroot:contact"}),
        ("ali", set()),
        ("Rena", {"/silkroot:contact"}),
        ("139", {"/silkroot:contact/phone"}),
        ("140", {"/silkroot:notes/1/phone"}),
        ("first", {"/silkroot:notes/0"}),
        ("firs", set()),
        ("silkroot:driver", {"/silkroot:driver"}),
    ],
)
def test_values_are_compared_whole(value: str, places: set[str]) -> None:
    _, items = sealed()
    assert {place for place, item in items.items() if shows(item, value)} == places


def test_what_is_erased_shows_nothing_and_is_not_chosen() -> None:
    _, items = sealed()
    (gone,) = erase([items["/silkroot:driver"]], {items["/silkroot:driver"].digest}, 7)
    assert not shows(gone, "Tursun")
    assert chosen([gone], []) == set()


# The open part --------------------------------------------------------------------------------------------------------


@given(st.sampled_from(sorted(b.BUILDERS)), st.integers(0, 10**6))
def test_the_open_part_is_that_of_every_sealing_and_blind(form: str, seed: int) -> None:
    event = {key: value for key, value in b.BUILDERS[form]().items() if key != "silkroot:blind"}
    event |= {"silkroot:driver": "Tursun", "silkroot:notes": ["first", {"phone": "140"}]}
    numbers = itertools.count()
    parts = []
    for blind in (b"\1" * 16, b"\2" * 16):
        named = add_blind(event, b.FARM, blind) if "silkroot:party" not in event else dict(event)
        named["silkroot:blind"] = blind.hex()
        tree, _ = sealed(named, seed + next(numbers))
        parts.append(canonical(open_part({**tree, "eventID": f"id {next(numbers)}", "recordTime": "now"})))
    assert parts[0] == parts[1]
    assert b"Tursun" not in parts[0]
    assert json.loads(parts[0])["silkroot:sealed"] == 1


def test_the_open_part_tells_open_members_apart() -> None:
    tree, _ = sealed()
    assert open_part(tree) != open_part({**tree, "silkroot:cases": 1})
    more, _ = sealed({**EVENT, "gs1:phone": "1"})
    assert open_part(more) != open_part(tree)
    assert open_part({}) == {}
