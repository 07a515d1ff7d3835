"""Texts and secrets of people, without a store: names, PINs, codes, tokens, what a device signs."""

from __future__ import annotations

import pytest
from signing_keys import p256_key

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import Digest
from ledger.domain.people import (
    Role,
    checked_label,
    checked_name,
    checked_pin,
    form_token,
    plain_code,
    recovery_code,
    role_of,
    sign_in_message,
    signed_by_device,
    token_hash,
)  # fmt: skip
from ledger.domain.signatures import p256_signer


def test_a_name_loses_the_white_space_around_it_and_nothing_else() -> None:
    assert checked_name("  ئايگۈل  ") == "ئايگۈل"
    assert checked_name("艾力·买买提") == "艾力·买买提"
    assert checked_label("") == ""


def test_there_are_two_roles() -> None:
    assert [role_of(text) for text in ("admin", "staff")] == list(Role)
    with pytest.raises(InvalidInput) as caught:
        role_of("owner")
    assert caught.value.violations[0].rule == "person.role"


@pytest.mark.parametrize("pin", ["4711", "0815", "1357", "112233445566"])
def test_a_pin_that_is_not_the_first_to_be_tried(pin: str) -> None:
    assert checked_pin(pin) == pin


def test_a_code_is_read_however_it_was_typed() -> None:
    code = recovery_code(bytes(range(16)))
    assert len(code) == 19
    assert not set(code) & set("01lo")
    for typed in (code, code.upper(), code.replace("-", " "), code.replace("-", ""), f" {code}\n"):
        assert plain_code(typed) == plain_code(code)
    assert len(plain_code(code)) == 16


def test_codes_of_different_numbers_differ() -> None:
    assert recovery_code(bytes(16)) != recovery_code(bytes(15) + b"\1")


def test_the_form_token_is_of_the_session_and_does_not_tell_it() -> None:
    assert form_token("one") != form_token("other")
    assert form_token("one") not in (token_hash("one").hex(), "one")


def test_what_is_signed_to_sign_in_names_site_key_and_challenge() -> None:
    key, other = p256_key(1), p256_key(2)
    message = sign_in_message("https://a.example", key.id, "challenge")
    assert message.startswith(b"silkroot sign-in 1\n")
    assert message == f"silkroot sign-in 1\nhttps://a.example\n{key.id.hex()}\nchallenge\n".encode()
    signature = key.raw(Digest(message))
    assert signed_by_device(key.point, message, signature)
    for changed in (
        sign_in_message("https://b.example", key.id, "challenge"),
        sign_in_message("https://a.example", other.id, "challenge"),
        sign_in_message("https://a.example", key.id, "another"),
    ):
        assert not signed_by_device(key.point, changed, signature)
    assert not signed_by_device(other.point, message, signature)


@pytest.mark.parametrize("length", [0, 63, 65, 128])
def test_a_signature_or_key_of_another_length_is_none(length: int) -> None:
    key = p256_key(1)
    signature = key.raw(Digest(b"text"))
    assert not signed_by_device(key.point, b"text", bytes(length))
    assert not signed_by_device(bytes(length), b"text", signature)
    assert not signed_by_device(bytes(64), b"text", signature), "no point of the curve"


def test_the_signature_of_a_sign_in_is_none_of_any_digest() -> None:
    """The contract checks SHA-256 of 32 bytes; what was signed is SHA-256 of a longer text."""
    key = p256_key(1)
    message = sign_in_message("https://a.example", key.id, "c" * 32)
    signature = key.raw(Digest(message)) + key.point
    with pytest.raises(InvalidInput):
        p256_signer(Digest(message), signature)
    for start in range(len(message) - 31):
        with pytest.raises(InvalidInput):
            p256_signer(Digest(message[start : start + 32]), signature)
