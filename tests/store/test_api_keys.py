"""Keys of the capture interface: shown once, kept as a hash, good for one party and some actions, until they end."""

from __future__ import annotations

from collections.abc import Callable

import event_builders as b
import pytest
from ledger_fixture import START, World

from ledger.domain.api_keys import ApiAction, ApiKey, actions_of, read_token, token_of
from ledger.domain.errors import InvalidInput, NotFound, Refused
from ledger.domain.identifiers import PartyId
from ledger.services.api_keys import DAY, ApiKeys, Unauthenticated

CAPTURE = frozenset({ApiAction.CAPTURE})


@pytest.fixture
def keys(world: World) -> ApiKeys:
    return ApiKeys(world.store.api_keys, world.store, world.clock)


def test_a_key_is_recognised_and_says_whose_it_is(keys: ApiKeys) -> None:
    made, token = keys.create(b.FARM, CAPTURE, name="cold store")
    assert token.startswith(f"silkroot_{made.id}_")
    found = keys.authenticate(token)
    assert (found.party, found.name, found.actions) == (b.FARM, "cold store", CAPTURE)


def test_nothing_that_is_stored_opens_anything(
    world: World, keys: ApiKeys, standing: Callable[[World, list[bytes]], list[bytes]]
) -> None:
    _, token = keys.create(b.FARM, CAPTURE)
    read = read_token(token)
    assert read is not None
    secret = read[1]
    ((kept,),) = world.sql("SELECT secret_hash FROM api_keys")
    assert standing(world, [secret, secret.hex().encode(), kept]) == [kept]


@pytest.mark.parametrize("change", ["", "x", "silkroot_", "other-secret", "other-id", "upper", "longer"])
def test_anything_else_is_no_key(keys: ApiKeys, change: str) -> None:
    made, token = keys.create(b.FARM, CAPTURE)
    tokens = {
        "other-secret": token_of(made.id, bytes(32)),
        "other-id": token.replace(made.id, "0" * 16),
        "upper": token.upper(),
        "longer": token + "0",
    }
    with pytest.raises(Unauthenticated):
        keys.authenticate(tokens.get(change, change))


def test_a_key_expires(world: World, keys: ApiKeys) -> None:
    _, token = keys.create(b.FARM, CAPTURE, days=2)
    world.clock.time = START + 2 * DAY - 1
    keys.authenticate(token)
    world.clock.time = START + 2 * DAY
    with pytest.raises(Unauthenticated):
        keys.authenticate(token)


def test_a_revoked_key_stays_in_the_list(keys: ApiKeys) -> None:
    made, token = keys.create(b.FARM, CAPTURE)
    keys.revoke(made.id)
    with pytest.raises(Unauthenticated):
        keys.authenticate(token)
    assert [key.revoked_at for key in keys.of(b.FARM)] == [int(START)]
    with pytest.raises(NotFound, match=made.id):
        keys.revoke(made.id)
    with pytest.raises(NotFound):
        keys.revoke("0" * 16)


def test_the_day_of_last_use_is_kept(world: World, keys: ApiKeys) -> None:
    made, token = keys.create(b.FARM, CAPTURE)
    assert keys.of() == [made]
    keys.authenticate(token)
    world.clock.time = START + 3 * DAY
    keys.authenticate(token)
    (key,) = keys.of(b.FARM)
    assert key.last_used == int(START + 3 * DAY) // DAY * DAY


def test_keys_are_listed_by_party(keys: ApiKeys) -> None:
    keys.create(b.FARM, CAPTURE)
    made, _ = keys.create(b.HUB, CAPTURE)
    assert keys.of(b.HUB) == [made]
    assert len(keys.of()) == 2


def test_a_party_that_nobody_admitted_gets_none(keys: ApiKeys) -> None:
    with pytest.raises(Refused, match="UnknownParty"):
        keys.create(PartyId(9520001009990), CAPTURE)


@pytest.mark.parametrize(("name", "days"), [("x" * 101, None), ("a\nb", None), ("", 0), ("", -1), ("", 4_000)])
def test_names_and_days_have_bounds(keys: ApiKeys, name: str, days: int | None) -> None:
    with pytest.raises(InvalidInput):
        keys.create(b.FARM, CAPTURE, name=name, days=days)


def test_actions_have_names() -> None:
    assert actions_of(["capture", "read-jobs"]) == set(ApiAction)
    for names in (["everything"], [], [""]):
        with pytest.raises(InvalidInput):
            actions_of(names)


def test_who_captures_may_read_what_became_of_it() -> None:
    key = ApiKey("0" * 16, b.FARM, "", CAPTURE, bytes(32), 0)
    assert key.may(ApiAction.READ_JOBS)
    reader = ApiKey("0" * 16, b.FARM, "", frozenset({ApiAction.READ_JOBS}), bytes(32), 0)
    assert not reader.may(ApiAction.CAPTURE)
