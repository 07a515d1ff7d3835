"""People: invited once, their phones registered and revoked, none of it for another party."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import event_builders as b
import pytest
from ledger_fixture import REGISTRY_DOMAIN, START, World
from signing_keys import P256Key, p256_key

from ledger.adapters.keystore_signer import KeystoreSigner
from ledger.domain.errors import InvalidInput, NotFound, Refused
from ledger.domain.identifiers import PartyId
from ledger.domain.people import Device, DeviceState, Person, Role, token_hash
from ledger.domain.records import Scheme
from ledger.domain.typed_data import digest
from ledger.services.keys import Keys
from ledger.services.people import People

DAY = 86_400


@pytest.fixture
def people(world: World) -> People:
    return People(world.store.people, world.store, world.keys, world.clock)


def join(people: People, token: str, key: P256Key, party: PartyId = b.FARM, role: Role = Role.STAFF) -> Person:
    grant, signed = people.grant_for(party, role, key.point)
    person, _ = people.join(token, key.point, grant.deadline, key.raw(signed), "a phone")
    return person


def joined(people: People, name: str = "Aygül", role: Role = Role.STAFF, seed: int = 1) -> tuple[Person, Device]:
    _, token = people.invite(b.FARM, name, role)
    key = p256_key(seed)
    person = join(people, token, key, role=role)
    return person, people.device(b.FARM, key.id)


def rule(caught: pytest.ExceptionInfo[InvalidInput]) -> str:
    return caught.value.violations[0].rule


def test_whoever_opens_an_invitation_has_a_key_of_the_party(world: World, people: People) -> None:
    person, device = joined(people)
    assert (person.name, person.party, person.role) == ("Aygül", b.FARM, Role.STAFF)
    assert device.state is DeviceState.REGISTERED
    known = world.keys.of(b.FARM)[device.key_id]
    assert (known.admin, known.hosted, known.revoked) == (False, False, False)
    assert people.people(b.FARM) == [person]


def test_the_key_of_an_admin_may_add_and_revoke(world: World, people: People) -> None:
    _, device = joined(people, role=Role.ADMIN)
    assert world.keys.of(b.FARM)[device.key_id].admin


def test_an_invitation_is_good_once(people: People) -> None:
    _, token = people.invite(b.FARM, "Aygül", Role.STAFF)
    join(people, token, p256_key(1))
    with pytest.raises(Refused) as caught:
        join(people, token, p256_key(2))
    assert rule(caught) == "invitation.used"
    assert len(people.people(b.FARM)) == 1


def test_of_two_who_open_it_at_once_one_comes_in(world: World, people: People) -> None:
    _, token = people.invite(b.FARM, "Aygül", Role.STAFF)
    start, refused = threading.Barrier(2), []

    def work(seed: int) -> None:
        start.wait()
        try:
            join(people, token, p256_key(seed))
        except Refused as error:
            refused.append(error.violations[0].rule)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["invitation.used"]
    assert len(people.people(b.FARM)) == len(people.devices(b.FARM)) == 1
    ours = {device.key_id for device in people.devices(b.FARM)}
    assert {key for key, known in world.keys.of(b.FARM).items() if not known.hosted} == ours


def test_an_invitation_expires(world: World, people: People) -> None:
    _, token = people.invite(b.FARM, "Aygül", Role.STAFF, seconds=DAY)
    world.clock.time = START + DAY
    with pytest.raises(Refused) as caught:
        join(people, token, p256_key(1))
    assert rule(caught) == "invitation.expired"
    assert people.people(b.FARM) == []
    assert people.invitations(b.FARM) == []


def test_a_withdrawn_invitation_opens_nothing(people: People) -> None:
    invitation, token = people.invite(b.FARM, "Aygül", Role.STAFF)
    with pytest.raises(NotFound):
        people.withdraw(b.HUB, invitation.id)
    people.withdraw(b.FARM, invitation.id)
    with pytest.raises(Refused) as caught:
        people.opened(token)
    assert rule(caught) == "invitation.unknown"


def test_invitations_of_a_disabled_admin_open_nothing(people: People) -> None:
    admin, _ = joined(people, "Chief", Role.ADMIN)
    other, _ = joined(people, "Other", Role.ADMIN, seed=2)
    _, token = people.invite(b.FARM, "Friend", Role.ADMIN, other.id)
    people.disable(admin, other.id)
    with pytest.raises(Refused) as caught:
        people.opened(token)
    assert rule(caught) == "invitation.unknown"


@pytest.mark.parametrize("token", ["", "x", "A" * 32])
def test_any_other_text_is_no_invitation(people: People, token: str) -> None:
    people.invite(b.FARM, "Aygül", Role.STAFF)
    with pytest.raises(Refused) as caught:
        people.opened(token)
    assert rule(caught) == "invitation.unknown"
    assert token not in str(caught.value) or not token.strip("x")


def test_the_token_is_kept_nowhere(
    world: World, people: People, standing: Callable[[World, list[bytes]], list[bytes]]
) -> None:
    _, token = people.invite(b.FARM, "Aygül", Role.STAFF)
    assert standing(world, [token.encode(), token_hash(token)]) == [token_hash(token)]


def test_nobody_is_invited_to_a_party_that_is_not_admitted(people: People) -> None:
    with pytest.raises(Refused) as caught:
        people.invite(b.STRANGER, "Aygül", Role.STAFF)
    assert rule(caught) == "UnknownParty"


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\nb", "\u202eevil"])
def test_a_name_is_printable_and_short(people: People, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        people.invite(b.FARM, name, Role.STAFF)
    assert rule(caught) == "person.name"


@pytest.mark.parametrize("change", ["another key's", "another party's", "an admin's", "late"])
def test_a_grant_that_the_key_did_not_sign_brings_nobody_in(people: People, world: World, change: str) -> None:
    _, token = people.invite(b.FARM, "Aygül", Role.STAFF)
    key = p256_key(1)
    grant, signed = people.grant_for(b.FARM, Role.STAFF, key.point)
    deadline = grant.deadline
    if change == "another key's":
        signature = p256_key(2).raw(signed)
    elif change == "another party's":
        signature = key.raw(people.grant_for(b.HUB, Role.STAFF, key.point, deadline)[1])
    elif change == "an admin's":
        signature = key.raw(people.grant_for(b.FARM, Role.ADMIN, key.point, deadline)[1])
    else:
        signature = key.raw(signed)
        world.clock.time = deadline
        _, token = people.invite(b.FARM, "Aygül", Role.STAFF)
    with pytest.raises(InvalidInput) as caught:
        people.join(token, key.point, deadline, signature)
    assert rule(caught) == ("DeadlinePassed" if change == "late" else "signature.verify")
    assert people.people(b.FARM) == []
    people.opened(token)  # nothing was used up


def test_a_key_that_is_somebodys_already_is_refused(people: People) -> None:
    joined(people)
    _, token = people.invite(b.HUB, "Rena", Role.STAFF)
    with pytest.raises(Refused) as caught:
        join(people, token, p256_key(1), b.HUB)
    assert rule(caught) == "device.known"
    assert people.people(b.HUB) == []


def test_a_secp256k1_address_is_no_phone(people: People) -> None:
    with pytest.raises(Refused) as caught:
        people.grant_for(b.FARM, Role.STAFF, bytes(20))
    assert rule(caught) == "key.public"


def test_a_revoked_phone_is_revoked_on_chain_too(world: World, people: People) -> None:
    _, device = joined(people)
    people.revoke(b.FARM, device.key_id)
    assert world.keys.of(b.FARM)[device.key_id].revoked
    assert people.device(b.FARM, device.key_id).state is DeviceState.REVOKED


def test_nobody_touches_another_partys_people(people: People) -> None:
    person, device = joined(people)
    stranger = Person("f" * 16, b.HUB, "Rena", Role.ADMIN)
    with pytest.raises(NotFound):
        people.revoke(b.HUB, device.key_id)
    with pytest.raises(NotFound):
        people.disable(stranger, person.id)
    with pytest.raises(NotFound):
        people.person(b.HUB, person.id)
    assert people.device(b.FARM, device.key_id).state is DeviceState.REGISTERED
    assert people.person(b.FARM, person.id).disabled_at is None


def test_who_left_has_no_phone_any_more(world: World, people: People) -> None:
    admin, _ = joined(people, "Chief", Role.ADMIN)
    person, device = joined(people, seed=2)
    people.disable(admin, person.id)
    assert people.person(b.FARM, person.id).disabled_at == int(START)
    assert world.keys.of(b.FARM)[device.key_id].revoked


def test_nobody_disables_themselves(people: People) -> None:
    admin, _ = joined(people, "Chief", Role.ADMIN)
    with pytest.raises(Refused) as caught:
        people.disable(admin, admin.id)
    assert rule(caught) == "person.self"


def test_where_the_main_key_is_kept_elsewhere_a_phone_waits(world: World, people: People) -> None:
    chief, device = joined(people, "Chief", Role.ADMIN)
    nothing_kept = KeystoreSigner(world.folder / "elsewhere")
    keys = Keys(world.store, nothing_kept, nothing_kept.registrar(), REGISTRY_DOMAIN, world.clock)
    people = People(world.store.people, world.store, keys, world.clock)
    person, waiting = joined(people, "Memet", seed=2)
    assert waiting.state is DeviceState.WAITING
    assert waiting.key_id not in world.keys.of(b.FARM)
    with pytest.raises(Refused) as caught:
        people.revoke(b.FARM, device.key_id)
    assert rule(caught) == "device.admin-elsewhere"
    _, signed = people.offered(waiting)
    with pytest.raises(InvalidInput) as wrong:
        people.approve(b.FARM, waiting.key_id, device.key_id, p256_key(3).raw(signed))
    assert rule(wrong) == "signature.verify"
    with pytest.raises(Refused) as caught:
        people.approve(b.FARM, waiting.key_id, waiting.key_id, p256_key(2).raw(signed))
    assert rule(caught) == "device.no-admin", "a phone does not confirm itself"
    assert waiting.key_id not in world.keys.of(b.FARM)
    people.approve(b.FARM, waiting.key_id, device.key_id, p256_key(1).raw(signed))
    assert world.keys.of(b.FARM)[waiting.key_id].scheme is Scheme.P256
    with pytest.raises(Refused) as caught:
        people.approve(b.FARM, waiting.key_id, device.key_id, p256_key(1).raw(signed))
    assert rule(caught) == "device.not-waiting"
    assert people.disable(chief, person.id) == [replace(waiting, state=DeviceState.REGISTERED)]
    ending = people.revocation_of(b.FARM, waiting.key_id)
    given = p256_key(1).raw(digest(REGISTRY_DOMAIN, ending))
    people.revoke_signed(b.FARM, waiting.key_id, ending.deadline, device.key_id, given)
    assert world.keys.of(b.FARM)[waiting.key_id].revoked
    assert people.device(b.FARM, waiting.key_id).state is DeviceState.REVOKED
