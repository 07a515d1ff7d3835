"""Sealing, whatever is sealed: the same action, valid EPCIS, exactly what is disclosed, and nothing to be guessed."""

from __future__ import annotations

import base64
import copy
import hashlib
import itertools
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from event_builders import BUILDERS
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.actions import Action
from ledger.domain.binding import action_of, amended_of, lines_of, lots_of
from ledger.domain.canonical_json import canonical
from ledger.domain.epcis import check_event
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash
from ledger.domain.json_tree import parse_json
from ledger.domain.records import JsonTree
from ledger.domain.sealing import DEFAULT, Entry, Policy, open_sealed, reveal, seal
from ledger.domain.sealing.disclosures import make_disclosure, to_base64url

DEADLINE = 1_790_000_000
NAMES = ("phone", "price", "latitude", "note", "driver")
POLICY = Policy((Entry((*NAMES, "/silkroot:box/*", "/silkroot:box/*/*")),))
"""Seals at every depth: members within sealed members, elements within sealed elements."""

SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e9, 1e9) | st.text(max_size=6)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from((*NAMES, "kept", "名")), inner, max_size=3)
    ),
    max_leaves=8,
)
MEMBERS = st.dictionaries(st.sampled_from([f"silkroot:{name}" for name in (*NAMES, "box", "kept")]), VALUES, max_size=5)
FORMS = st.sampled_from(sorted(BUILDERS))


def random_salts(seed: int) -> Callable[[], bytes]:
    source = random.Random(seed)
    return lambda: source.randbytes(16)


def implied(event: JsonTree) -> tuple[Action, Any, Any]:
    """What is signed but for the content hash, and what goes with it."""
    amended = amended_of(event) if "silkroot:was" in event and "inputQuantityList" in event else None
    return (
        replace(action_of(event, DEADLINE), content_hash=ContentHash(bytes(32))),
        (lots_of(event), lines_told(event)),
        amended,
    )


def lines_told(event: JsonTree) -> Any:
    """The event's lines; the rule where, as in a recall, lots stand without their mass."""
    try:
        return lines_of(event)
    except InvalidInput as error:
        return error.violations[0].rule


def outcome(event: JsonTree) -> Any:
    """What the event implies, or which rules it breaks."""
    try:
        return implied(event)
    except InvalidInput as error:
        return [violation.rule for violation in error.violations]


@given(form=FORMS, members=MEMBERS, seed=st.integers(0, 2**32))
def test_sealing_changes_no_action_and_stays_valid_and_canonical(form: str, members: JsonTree, seed: int) -> None:
    event = BUILDERS[form]() | members
    check_event(event)
    before = copy.deepcopy(event)
    sealed = seal(event, POLICY, random_salts(seed))
    assert event == before
    assert implied(sealed.event) == implied(event)
    check_event(sealed.event)
    assert parse_json(canonical(sealed.event)) == sealed.event
    assert canonical(reveal(sealed.event, [item.text for item in sealed.disclosures])) == canonical(event)


def parent_of(place: str, places: set[str]) -> str | None:
    """The innermost other sealed place around this one."""
    around = [other for other in places if place.startswith(other + "/")]
    return max(around, key=len, default=None)


def shown_by_hand(node: Any, at: str, hidden: set[str]) -> Any:
    """The original without the places that are hidden: what a reader of the other disclosures has to see."""
    if isinstance(node, dict):
        inner = {key: (f"{at}/{key.replace('~', '~0').replace('/', '~1')}", value) for key, value in node.items()}
        return {key: shown_by_hand(value, here, hidden) for key, (here, value) in inner.items() if here not in hidden}
    if isinstance(node, list):
        return [
            shown_by_hand(value, f"{at}/{index}", hidden)
            for index, value in enumerate(node)
            if f"{at}/{index}" not in hidden
        ]
    return node


@given(form=FORMS, members=MEMBERS, seed=st.integers(0, 2**32), data=st.data())
def test_any_subset_reveals_exactly_itself(form: str, members: JsonTree, seed: int, data: st.DataObject) -> None:
    event = BUILDERS[form]() | members
    sealed = seal(event, POLICY, random_salts(seed))
    chosen = [item for item in sealed.disclosures if data.draw(st.booleans())]
    data.draw(st.randoms(use_true_random=False)).shuffle(chosen)
    places = {item.place for item in sealed.disclosures}
    given_places = {item.place for item in chosen}
    lonely = [item for item in chosen if parent_of(item.place, places) not in given_places | {None}]
    if lonely:
        with pytest.raises(InvalidInput) as refusal:
            open_sealed(sealed.event, [item.text for item in chosen])
        assert refusal.value.violations[0].rule == "disclosure.foreign"
        return
    opened = open_sealed(sealed.event, [item.text for item in chosen])
    hidden = places - given_places
    assert opened.tree == shown_by_hand(event, "", hidden)
    assert list(opened.disclosures) == chosen
    outermost = [place for place in hidden if parent_of(place, places) not in hidden]
    assert sum(item.count for item in opened.withheld) == len(outermost)
    assert {item.place for item in opened.withheld} == {place.rpartition("/")[0] for place in outermost}


@given(form=FORMS, members=MEMBERS, data=st.data())
def test_no_altered_disclosure_verifies(form: str, members: JsonTree, data: st.DataObject) -> None:
    sealed = seal(BUILDERS[form]() | members | {"silkroot:phone": "13912345678"}, POLICY, random_salts(1))
    texts = [item.text for item in sealed.disclosures]
    index = data.draw(st.integers(0, len(texts) - 1))
    at = data.draw(st.integers(0, len(texts[index]) - 1))
    letter = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="))
    altered = texts[index][:at] + letter + texts[index][at + 1 :]
    if altered == texts[index]:
        altered = texts[index][:at] + texts[index][at + 1 :]
    texts[index] = altered
    with pytest.raises(InvalidInput) as refusal:
        open_sealed(sealed.event, texts)
    assert refusal.value.violations[0].rule in {"disclosure.foreign", "disclosure.form", "sealing.salt"}


def places_in(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every member and element below the node."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield (*path, key)
        yield from places_in(value, (*path, key))


def selector_of(path: tuple[str | int, ...]) -> str:
    return "".join("/*" if isinstance(key, int) else "/" + key.replace("/", "~1") for key in path)


def sealed_by_hand(event: JsonTree, path: tuple[str | int, ...]) -> tuple[JsonTree, str]:
    """The event as somebody who keeps no rules would seal it."""
    tree = copy.deepcopy(event)
    holder: Any = tree
    for key in path[:-1]:
        holder = holder[key]
    last = path[-1]
    if isinstance(last, int):
        disclosure = make_disclosure(bytes(16), None, holder[last])
        holder[last] = {"silkroot:sealedElement": disclosure.digest}
    else:
        disclosure = make_disclosure(bytes(16), last, holder.pop(last))
        holder["silkroot:sealed"] = [disclosure.digest]
    return tree, disclosure.text


EVERY_PLACE = [
    pytest.param(form, path, id=f"{form}{selector_of(path)}")
    for form in BUILDERS
    for path in dict.fromkeys(places_in(BUILDERS[form]()))
    if path[0] != "@context"
]


@pytest.mark.parametrize(("form", "path"), EVERY_PLACE)
def test_nothing_of_a_form_is_ever_sealed_or_revealed(form: str, path: tuple[str | int, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        Policy((Entry((selector_of(path),)),))
    rule = refused.value.violations[0].rule
    tree, text = sealed_by_hand(BUILDERS[form](), path)
    with pytest.raises(InvalidInput) as refusal:
        open_sealed(tree, [text])
    assert refusal.value.violations[0].rule == rule


NAMED = st.sampled_from(
    sorted({str(path[-1]) for form in BUILDERS for path in places_in(BUILDERS[form]()) if path[0] != "@context"})
)


@given(form=FORMS, name=NAMED | st.sampled_from(["errorDeclaration", "epcList", "@id"]), value=VALUES)
def test_whatever_a_signer_hides_changes_no_action(form: str, name: str, value: Any) -> None:
    """Members of any name, with the names that forms have among them, hidden by somebody who keeps no rules."""
    event = BUILDERS[form]()
    disclosure = make_disclosure(bytes(16), name, value)
    tree = event | {"silkroot:sealed": [disclosure.digest]}
    try:
        revealed = reveal(tree, [disclosure.text])
    except InvalidInput:
        return
    assert outcome(revealed) == outcome(tree) == outcome(event)


def search(digest: str, name: str, candidates: list[str], salts: list[str]) -> list[str]:
    """Which candidates have that digest under one of the salts; written without the code under test."""
    found = []
    for salt, candidate in itertools.product(salts, candidates):
        text = json.dumps([salt, name, candidate] if salt else [name, candidate], separators=(",", ":"))
        disclosure = to_base64url(text.encode())
        if to_base64url(hashlib.sha256(disclosure.encode()).digest()) == digest:
            found.append(candidate)
    return found


def test_a_sealed_telephone_number_is_not_found_by_trying() -> None:
    """
    With everything public in hand, the true number among the candidates, and only the salt unknown: no candidate fits,
    although with the salt the same search finds the one number at once.
    """
    secret = "13912345678"
    members = {"silkroot:phone": secret, "silkroot:price": 4.5, "silkroot:note": "x"}
    sealed = seal(BUILDERS["harvest"]() | members, POLICY, random_salts(3))
    by_name = {item.name: item for item in sealed.disclosures}
    candidates = [str(number) for number in range(int(secret) - 1_000, int(secret) + 1_000)]
    public_salts = [json.loads(_decoded(by_name[name].text))[0] for name in ("silkroot:price", "silkroot:note")]
    blind = bytes.fromhex(sealed.event["silkroot:blind"])
    public_salts += ["", to_base64url(bytes(16)), to_base64url(blind), sealed.event["silkroot:blind"]]
    public_salts += [to_base64url(number.to_bytes(16, "big")) for number in range(1, 10)]
    digest = by_name["silkroot:phone"].digest
    assert digest in sealed.event["silkroot:sealed"]
    assert search(digest, "silkroot:phone", candidates, public_salts) == []
    true_salt = json.loads(_decoded(by_name["silkroot:phone"].text))[0]
    assert search(digest, "silkroot:phone", candidates, [true_salt]) == [secret]


def test_one_number_has_other_digests_every_time() -> None:
    """Over 400 salts no two digests are alike, and each of their bits is set about half the time (within 5 sigma)."""
    new_salt = random_salts(4)
    digests = [make_disclosure(new_salt(), "silkroot:phone", "13912345678").digest for _ in range(400)]
    assert len(set(digests)) == 400
    numbers = [int.from_bytes(_bytes(digest), "big") for digest in digests]
    for bit in range(256):
        assert abs(sum(number >> bit & 1 for number in numbers) - 200) <= 50


def test_the_default_policy_seals_the_same_member_differently_in_two_events() -> None:
    new_salt = random_salts(5)
    events = [seal(BUILDERS[form]() | {"silkroot:phone": "1"}, DEFAULT, new_salt).event for form in ("sale", "recall")]
    assert events[0]["silkroot:sealed"] != events[1]["silkroot:sealed"]


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _decoded(text: str) -> str:
    return _bytes(text).decode()
