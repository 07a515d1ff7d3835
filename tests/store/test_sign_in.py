"""Signing in: by the phone's key, PIN, recovery code; sessions that end; what ten wrong PINs do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import event_builders as b
import pytest
from ledger_fixture import START, World
from signing_keys import P256Key, p256_key

from ledger.domain.errors import InvalidInput, Refused
from ledger.domain.identifiers import Digest
from ledger.domain.people import Person, Role, sign_in_message, token_hash
from ledger.services.people import People
from ledger.services.sign_in import CHALLENGE_SECONDS, SignIn

ORIGIN = "https://trace.example"
HOUR, DAY = 3600, 86_400
PIN = "4711"


@dataclass
class Entrance:
    """A person with a phone, and the service that lets them in."""

    world: World
    people: People
    sign_in: SignIn
    key: P256Key
    person: Person

    def enter(self, pin: str = "", *, key: P256Key | None = None, origin: str = ORIGIN) -> str:
        """The token of a new session."""
        challenge = self.sign_in.challenge()
        signed = signed_for(self.key, challenge, origin)
        return self.sign_in.with_device(ORIGIN, (key or self.key).id, challenge, signed, pin)[0]

    def refusal(self, pin: str = "", **how: object) -> str:
        """The rule by which it is refused."""
        with pytest.raises(Refused) as caught:
            self.enter(pin, **how)  # type: ignore[arg-type]
        return caught.value.violations[0].rule


def signed_for(key: P256Key, challenge: str, origin: str = ORIGIN) -> bytes:
    # `raw` signs the SHA-256 of what it is given, as WebCrypto does.
    return key.raw(Digest(sign_in_message(origin, key.id, challenge)))


@pytest.fixture
def entrance(world: World) -> Entrance:
    people = People(world.store.people, world.store, world.keys, world.clock)
    key = p256_key(1)
    _, token = people.invite(b.FARM, "Aygül", Role.STAFF)
    grant, signed = people.grant_for(b.FARM, Role.STAFF, key.point)
    person, _ = people.join(token, key.point, grant.deadline, key.raw(signed))
    return Entrance(world, people, SignIn(world.store.people, world.clock, people.register), key, person)


def test_the_phones_key_opens_a_session(entrance: Entrance) -> None:
    found = entrance.sign_in.of_token(entrance.enter())
    assert found is not None
    session, person = found
    assert (person, session.device) == (entrance.person, entrance.key.id)


def test_a_challenge_is_good_once_and_for_two_minutes(entrance: Entrance) -> None:
    sign_in, key = entrance.sign_in, entrance.key
    challenge = sign_in.challenge()
    sign_in.with_device(ORIGIN, key.id, challenge, signed_for(key, challenge))
    late = sign_in.challenge()
    entrance.world.clock.time += CHALLENGE_SECONDS
    for text in (challenge, late, "made up"):
        with pytest.raises(Refused) as caught:
            sign_in.with_device(ORIGIN, key.id, text, signed_for(key, text))
        assert caught.value.violations[0].rule == "sign-in.challenge"


def test_what_was_signed_for_another_site_or_by_another_key_is_nothing(entrance: Entrance) -> None:
    assert entrance.refusal(origin="https://elsewhere.example") == "sign-in.unknown-key"
    assert entrance.refusal(key=p256_key(2)) == "sign-in.unknown-key"


def test_a_sign_in_is_no_signature_of_an_event(entrance: Entrance) -> None:
    """Whatever the challenge is, the text that is signed is longer than a digest's 32 bytes."""
    assert len(sign_in_message("", entrance.key.id, "")) > 32


def test_a_revoked_phone_is_let_in_no_more_and_its_sessions_end(entrance: Entrance) -> None:
    token = entrance.enter()
    entrance.people.revoke(b.FARM, entrance.key.id)
    assert entrance.sign_in.of_token(token) is None
    assert entrance.refusal() == "sign-in.revoked"


def test_who_was_disabled_is_out_at_once(entrance: Entrance) -> None:
    token = entrance.enter()
    chief = Person("f" * 16, b.FARM, "Chief", Role.ADMIN)
    codes = entrance.sign_in.new_codes(entrance.person.id)
    entrance.people.disable(chief, entrance.person.id)
    assert entrance.sign_in.of_token(token) is None
    assert entrance.refusal() == "sign-in.disabled"
    with pytest.raises(Refused):
        entrance.sign_in.with_code(codes[0])


def test_a_session_ends_without_use_and_after_thirty_days(entrance: Entrance) -> None:
    token, clock, of_token = entrance.enter(), entrance.world.clock, entrance.sign_in.of_token
    clock.time = START + 12 * HOUR - 1
    assert of_token(token)
    clock.time += 12 * HOUR
    assert of_token(token) is None
    token, begun = entrance.enter(), clock.time
    while clock.time < begun + 30 * DAY - 11 * HOUR:
        assert of_token(token), "it is used all the time"
        clock.time += 11 * HOUR
    clock.time = begun + 30 * DAY
    assert of_token(token) is None


def test_signing_out_here_and_everywhere(entrance: Entrance) -> None:
    tokens = [entrance.enter() for _ in range(3)]
    entrance.sign_in.out(tokens[0])
    assert [entrance.sign_in.of_token(token) is None for token in tokens] == [True, False, False]
    assert entrance.sign_in.out_everywhere(entrance.person.id) == 2
    assert all(entrance.sign_in.of_token(token) is None for token in tokens)
    assert entrance.sign_in.sessions(entrance.person.id) == []


def test_nothing_that_is_stored_opens_anything(
    entrance: Entrance, standing: Callable[[World, list[bytes]], list[bytes]]
) -> None:
    token = entrance.enter()
    entrance.sign_in.set_pin(entrance.person.id, "83015297")
    (code, *_) = entrance.sign_in.new_codes(entrance.person.id)
    secrets = [token.encode(), b"83015297", code.encode(), code.replace("-", "").encode()]
    assert standing(entrance.world, [*secrets, token_hash(token)]) == [token_hash(token)]


def test_where_there_is_a_pin_it_is_asked(entrance: Entrance) -> None:
    entrance.sign_in.set_pin(entrance.person.id, PIN)
    assert entrance.refusal() == "sign-in.pin-needed"
    assert entrance.refusal("0815") == "sign-in.pin"
    assert entrance.sign_in.of_token(entrance.enter(PIN))


def test_ten_wrong_pins_close_it_and_a_right_one_in_between_begins_anew(entrance: Entrance) -> None:
    entrance.sign_in.set_pin(entrance.person.id, PIN)
    for _ in range(9):
        assert entrance.refusal("0815") == "sign-in.pin"
    entrance.enter(PIN)
    for _ in range(10):
        assert entrance.refusal("0815") == "sign-in.pin"
    for pin in (PIN, "0815"):
        assert entrance.refusal(pin) == "sign-in.locked"
    entrance.sign_in.drop_pin(entrance.person.id)
    entrance.enter()


def test_many_guesses_at_once_are_ten_at_the_most(entrance: Entrance) -> None:
    """The real PIN among them is not let in once ten were tried: attempts count before they are compared."""
    entrance.sign_in.set_pin(entrance.person.id, PIN)
    rules: list[str] = []

    def guess() -> None:
        try:
            entrance.sign_in.check_pin(entrance.person, "0815")
        except Refused as error:
            rules.append(error.violations[0].rule)

    threads = [threading.Thread(target=guess) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (rules.count("sign-in.pin"), rules.count("sign-in.locked")) == (10, 14)
    assert entrance.refusal(PIN) == "sign-in.locked"


@pytest.mark.parametrize("pin", ["", "123", "1234", "9876", "0000", "12a4", "1" * 13, "１２３５"])
def test_a_pin_that_is_none_or_the_first_to_be_tried(entrance: Entrance, pin: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        entrance.sign_in.set_pin(entrance.person.id, pin)
    assert caught.value.violations[0].rule == "person.pin"
    assert not pin or pin not in str(caught.value)
    assert not entrance.sign_in.has_pin(entrance.person.id)


def test_a_recovery_code_opens_once_and_clears_the_pin(entrance: Entrance) -> None:
    sign_in = entrance.sign_in
    sign_in.set_pin(entrance.person.id, PIN)
    for _ in range(10):
        entrance.refusal("0815")
    codes = sign_in.new_codes(entrance.person.id)
    assert len(set(codes)) == 8
    token, person = sign_in.with_code(codes[0].upper().replace("-", " "))
    found = sign_in.of_token(token)
    assert (person, found is not None and found[0].device) == (entrance.person, None)
    assert sign_in.codes_left(person.id) == 7
    with pytest.raises(Refused) as caught:
        sign_in.with_code(codes[0])
    assert caught.value.violations[0].rule == "sign-in.code"
    entrance.enter()


def test_new_codes_take_the_place_of_those_before(entrance: Entrance) -> None:
    (old, *_), new = (entrance.sign_in.new_codes(entrance.person.id) for _ in range(2))
    with pytest.raises(Refused):
        entrance.sign_in.with_code(old)
    assert entrance.sign_in.with_code(new[3])[1] == entrance.person


@pytest.mark.parametrize("code", ["", "-", "aaaa-aaaa-aaaa-aaaa", "x" * 5000])
def test_anything_else_is_no_code(entrance: Entrance, code: str) -> None:
    entrance.sign_in.new_codes(entrance.person.id)
    with pytest.raises(Refused) as caught:
        entrance.sign_in.with_code(code)
    assert caught.value.violations[0].rule == "sign-in.code"


@pytest.mark.parametrize("token", ["", "x", "é" * 40])
def test_any_other_cookie_opens_nothing(entrance: Entrance, token: str) -> None:
    entrance.enter()
    assert entrance.sign_in.of_token(token) is None
