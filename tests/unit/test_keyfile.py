"""Key files are those of eth-keyfile, in both directions; and the format's own example is opened."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from eth_keyfile.keyfile import create_keyfile_json, decode_keyfile_json
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.adapters.keyfile import lock, unlock

SECRETS = st.integers(1, 2**255).map(lambda number: number.to_bytes(32, "big"))
PASSPHRASES = st.text(min_size=1, max_size=20).map(str.encode)
HOW = st.sampled_from([("pbkdf2", 1), ("pbkdf2", 3), ("scrypt", 2), ("scrypt", 16)])

# "Web3 Secret Storage Definition", test vectors: the passphrase is `testpassword`.
EXAMPLE = bytes.fromhex("7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d")
BY_PBKDF2: dict[str, Any] = {
    "crypto": {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf": "pbkdf2",
        "kdfparams": {
            "c": 262144, "dklen": 32, "prf": "hmac-sha256",
            "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
        },
        "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
    },
    "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version": 3,
}  # fmt: skip
BY_SCRYPT: dict[str, Any] = {
    "Crypto": {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": "83dbcc02d8ccb40e466191a123791e0e"},
        "ciphertext": "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
        "kdf": "scrypt",
        "kdfparams": {
            "dklen": 32, "n": 262144, "p": 8, "r": 1,
            "salt": "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
        },
        "mac": "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
    },
    "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version": 3,
}  # fmt: skip


def test_the_example_of_the_format_is_opened() -> None:
    assert unlock(BY_PBKDF2, b"testpassword") == EXAMPLE


def test_the_example_whose_parameters_rfc_7914_forbids_is_refused() -> None:
    """Its N is 2**18, and with r = 1 it has to be less than 2**16; eth-keyfile does not look."""
    assert decode_keyfile_json(BY_SCRYPT, b"testpassword") == EXAMPLE
    with pytest.raises(ValueError, match="cannot be computed"):
        unlock(BY_SCRYPT, b"testpassword")


def test_names_of_members_may_have_capitals() -> None:
    document = lock(EXAMPLE, b"p", "scrypt", 2)
    assert unlock({"Crypto": document["crypto"], "ID": document["id"], "Version": 3}, b"p") == EXAMPLE


@given(SECRETS, PASSPHRASES, HOW)
@settings(max_examples=30)
def test_eth_keyfile_opens_what_is_locked_here(secret: bytes, passphrase: bytes, how: Any) -> None:
    document = lock(secret, passphrase, *how)
    assert decode_keyfile_json(document, passphrase) == unlock(document, passphrase) == secret


@given(SECRETS, PASSPHRASES, HOW)
@settings(max_examples=30)
def test_what_eth_keyfile_locks_is_opened_here(secret: bytes, passphrase: bytes, how: Any) -> None:
    assert unlock(create_keyfile_json(secret, passphrase, 3, *how), passphrase) == secret


def test_two_files_of_one_secret_share_nothing() -> None:
    one, other = (lock(EXAMPLE, b"p", "pbkdf2", 1) for _ in "12")
    assert one["crypto"]["kdfparams"]["salt"] != other["crypto"]["kdfparams"]["salt"]
    assert one["crypto"]["cipherparams"] != other["crypto"]["cipherparams"]
    assert one["crypto"]["ciphertext"] != other["crypto"]["ciphertext"]


@pytest.mark.parametrize("passphrase", [b"", b"P", b"p "])
def test_another_passphrase_does_not_open(passphrase: bytes) -> None:
    with pytest.raises(ValueError, match="another passphrase"):
        unlock(lock(EXAMPLE, b"p", "pbkdf2", 1), passphrase)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("version",), 4),
        (("version",), "3"),
        (("crypto", "cipher"), "aes-128-cbc"),
        (("crypto", "kdf"), "argon2"),
        (("crypto", "kdfparams", "prf"), "hmac-sha1"),
        (("crypto", "kdfparams", "dklen"), 64),
        (("crypto", "kdfparams", "c"), 2),
        (("crypto", "kdfparams", "c"), "1"),
        (("crypto", "kdfparams", "salt"), "00" * 16),
        (("crypto", "ciphertext"), "00" * 32),
        (("crypto", "mac"), ""),
        (("crypto", "cipherparams", "iv"), "00"),
        (("crypto", "cipherparams"), None),
    ],
)
def test_an_altered_file_is_refused(place: tuple[str, ...], value: object) -> None:
    document = copy.deepcopy(lock(EXAMPLE, b"p", "pbkdf2", 1))
    inner: Any = document
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        unlock(document, b"p")
