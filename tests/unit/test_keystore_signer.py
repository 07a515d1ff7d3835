"""Keystore files: encrypted, private, whole; unlocked with the right passphrase only."""

from __future__ import annotations

import json
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.adapters.keystore_signer import PASSPHRASE_FILE, KeystoreSigner
from ledger.adapters.secret_file import service_secret, write_new
from ledger.domain.errors import KeyLocked, NotFound, StoreError
from ledger.domain.identifiers import Digest, KeyId, PartyId
from ledger.domain.records import Scheme
from ledger.domain.signatures import SECP256K1_ORDER, verify

PARTY, OTHER = PartyId(9520000000011), PartyId(9520000000028)
DIGEST = Digest(bytes(range(32)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def test_a_key_is_made_once_and_found_again(folder: Path) -> None:
    key = KeystoreSigner(folder).create(PARTY)
    again = KeystoreSigner(folder)
    assert again.create(PARTY) == again.key_of(PARTY) == key
    assert again.scheme_of(key) is Scheme.SECP256K1
    assert len(files(folder)) == 1


@pytest.mark.parametrize("scheme", [Scheme.SECP256K1, Scheme.P256])
def test_keys_of_both_schemes_sign_and_are_found_again(folder: Path, scheme: Scheme) -> None:
    signer = KeystoreSigner(folder)
    signer.create(PARTY)
    key = signer.create_another(PARTY, scheme)
    for one in (signer, KeystoreSigner(folder)):
        assert (one.key_of(PARTY), one.scheme_of(key)) == (key, scheme)
        assert verify(DIGEST, key, scheme, one.sign(key, DIGEST))


def test_there_is_no_key_before_it_is_made(folder: Path) -> None:
    signer = KeystoreSigner(folder)
    with pytest.raises(NotFound):
        signer.key_of(PARTY)
    with pytest.raises(NotFound):
        signer.sign(KeyId(bytes(32)), DIGEST)
    with pytest.raises(NotFound):
        signer.scheme_of(KeyId(bytes(32)))


def test_files_are_private_and_hold_no_plain_key(folder: Path) -> None:
    signer = KeystoreSigner(folder)
    signer.create(PARTY)
    for path in (*files(folder), folder / PASSPHRASE_FILE):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    document = json.loads(files(folder)[0].read_text())
    assert document["version"] == 3
    assert set(document["crypto"]) >= {"cipher", "ciphertext", "kdf", "mac"}
    assert not [path for path in folder.iterdir() if path.name.startswith(".")], "a partial file was left"


def test_any_wallet_opens_the_file(folder: Path) -> None:
    signer = KeystoreSigner(folder)
    key = signer.create(PARTY)
    secret = Account.decrypt(files(folder)[0].read_text(), (folder / PASSPHRASE_FILE).read_text())
    assert bytes.fromhex(Account.from_key(secret).address[2:]) == key[12:]


def test_a_given_passphrase_opens_and_a_wrong_one_does_not(folder: Path) -> None:
    key = KeystoreSigner(folder, "a melon a day").create(PARTY)
    assert not (folder / PASSPHRASE_FILE).exists()
    document = json.loads(files(folder)[0].read_text())
    assert document["crypto"]["kdf"] == "scrypt"
    assert verify(DIGEST, key, Scheme.SECP256K1, KeystoreSigner(folder, "a melon a day").sign(key, DIGEST))
    with pytest.raises(KeyLocked, match="passphrase"):
        KeystoreSigner(folder, "a melon a week").sign(key, DIGEST)


def test_a_lost_passphrase_file_locks_the_keys(folder: Path) -> None:
    key = KeystoreSigner(folder).create(PARTY)
    (folder / PASSPHRASE_FILE).unlink()
    with pytest.raises(KeyLocked):
        KeystoreSigner(folder).sign(key, DIGEST)


@pytest.mark.parametrize("content", ["", "{}", '{"version": 3}', "null", '{"version": 9, "crypto": {}}'])
def test_a_damaged_file_locks_its_key(folder: Path, content: str) -> None:
    key = KeystoreSigner(folder).create(PARTY)
    files(folder)[0].write_text(content)
    with pytest.raises(KeyLocked):
        KeystoreSigner(folder).sign(key, DIGEST)


def test_a_file_with_somebody_elses_key_is_not_used(folder: Path) -> None:
    signer = KeystoreSigner(folder)
    mine = signer.create(PARTY)
    signer.create(OTHER)
    first, second = files(folder)
    first.write_bytes(second.read_bytes())
    with pytest.raises(KeyLocked, match="another key"):
        KeystoreSigner(folder).sign(mine, DIGEST)


def test_a_strange_file_among_the_keys_is_reported(folder: Path) -> None:
    folder.mkdir()
    (folder / "notes.json").write_text("{}")
    with pytest.raises(StoreError, match="notes"):
        KeystoreSigner(folder)


def test_the_last_key_made_is_the_current_one(folder: Path) -> None:
    signer = KeystoreSigner(folder)
    first = signer.create(PARTY)
    second = signer.create_another(PARTY)
    again = KeystoreSigner(folder)
    assert again.key_of(PARTY) == second != first
    assert again.keys_of(PARTY) == [first, second]
    assert verify(DIGEST, first, Scheme.SECP256K1, again.sign(first, DIGEST))


def test_the_registrar_has_a_key_of_its_own_or_the_one_given(folder: Path) -> None:
    signer = KeystoreSigner(folder)
    own = signer.registrar()
    given_key = signer.registrar(bytes([7]) * 32)
    assert own != given_key
    assert KeystoreSigner(folder).registrar() == given_key
    assert KeystoreSigner(folder).registrar(bytes([7]) * 32) == given_key
    assert len(files(folder)) == 2


def test_threads_make_one_key(folder: Path) -> None:
    signer, start = KeystoreSigner(folder), threading.Barrier(8)

    def create(_: int) -> KeyId:
        start.wait()
        return signer.create(PARTY)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(create, range(8)))) == 1


@settings(max_examples=60, deadline=None)
@given(digest=st.binary(min_size=32, max_size=32))
def test_signatures_have_low_s_and_verify(tmp_path_factory: pytest.TempPathFactory, digest: bytes) -> None:
    folder = tmp_path_factory.getbasetemp() / "property-keys"
    signer = KeystoreSigner(folder)
    key = signer.create(PARTY)
    signature = signer.sign(key, Digest(digest))
    assert len(signature) == 65
    assert signature[64] in (27, 28)
    assert int.from_bytes(signature[32:64], "big") <= SECP256K1_ORDER // 2
    assert verify(Digest(digest), key, Scheme.SECP256K1, signature)


def test_only_digests_are_signed(folder: Path) -> None:
    signer = KeystoreSigner(folder)
    with pytest.raises(ValueError, match="32 bytes"):
        signer.sign(signer.create(PARTY), Digest(b"a message"))


def test_a_secret_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_new(path, b"first")
    with pytest.raises(StoreError):
        write_new(path, b"second")
    assert path.read_bytes() == b"first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret"]


def test_the_service_secret_is_drawn_once(tmp_path: Path) -> None:
    first = service_secret(tmp_path / "a")
    assert len(first) == 32
    assert service_secret(tmp_path / "a") == first != service_secret(tmp_path / "b")


@pytest.mark.parametrize("content", ["", "xyz", "00" * 31])
def test_a_damaged_service_secret_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "a").write_text(content)
    with pytest.raises(StoreError):
        service_secret(tmp_path / "a")


def test_another_process_finds_the_keys_that_were_made_since(folder: Path) -> None:
    making, reading = KeystoreSigner(folder), KeystoreSigner(folder)
    with pytest.raises(NotFound):
        reading.key_of(PARTY)
    first = making.create(PARTY)
    assert reading.key_of(PARTY) == first
    for _ in range(5):  # within one tick of the file system's clock
        newest = making.create_another(PARTY)
        assert reading.key_of(PARTY) == newest
    spare = making.create_spare(PARTY)
    assert reading.scheme_of(spare) is Scheme.SECP256K1
    assert reading.key_of(PARTY) == newest
    making.adopt(PARTY, spare)
    assert reading.sign(spare, Digest(bytes(32))) == making.sign(spare, Digest(bytes(32))), "its file was renamed"
    assert reading.key_of(PARTY) == spare
    assert reading.keys_of(PARTY) == making.keys_of(PARTY)


def test_a_registrars_key_that_was_given_stays_while_others_are_made(folder: Path) -> None:
    KeystoreSigner(folder).registrar(bytes([1]) * 32)
    signer = KeystoreSigner(folder)
    newer = KeystoreSigner(folder).registrar(bytes([2]) * 32)
    assert newer != signer.registrar(bytes([1]) * 32)
    KeystoreSigner(folder).create(PARTY)
    assert signer.key_of(PARTY)
    assert signer.registrar() == signer.registrar(bytes([1]) * 32)
