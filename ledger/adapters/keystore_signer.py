"""
Signing keys in encrypted keystore files, one file a key; implements `ledger.ports.Signer`.

A file is the Web3 Secret Storage format, version 3 (AES-128-CTR under a stretched passphrase), named
`{owner}-{number}-{name}.json`; the owner is a party's number, `spare.` and that, or
`registrar`, and the highest number is the owner's
current key. The name tells the scheme: the 20-byte address of a secp256k1 key, or the 32-byte id of a P-256 key.
Files have mode 0600 and appear whole or not at all. Keys are unlocked when they first sign, then cached. One process
makes keys; others that read the same folder find them without being told.

Raises `NotFound` for an unknown key, `KeyLocked` where the passphrase does not open a file.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coincurve import PrivateKey
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from eth_hash.auto import keccak

from ledger.adapters.secret_file import write_new
from ledger.domain.errors import KeyLocked, NotFound, StoreError
from ledger.domain.identifiers import Digest, KeyId, PartyId, key_id_of_address, key_id_of_point
from ledger.domain.records import Scheme
from ledger.domain.signatures import P256_ORDER, p256_signature

REGISTRAR = "registrar"
_SPARE = "spare."
PASSPHRASE_FILE = "passphrase"  # noqa: S105 - the name of a file, not a secret

_TICK_NS = 100_000_000
"""Ticks of the clock that file systems stamp their folders with are 10 ms at the most where Linux is at home."""

# A passphrase that a person chose is stretched as wallets do (scrypt, N = 2^18: about a second and 256 MiB a key).
_STRONG_SCRYPT_N = 262_144
# A passphrase of 256 random bits cannot be guessed, stretched or not, so stretching would only slow the start down.
_LIGHT_PBKDF2_ROUNDS = 1_024


@dataclass(frozen=True, slots=True, order=True)
class _KeyFile:
    owner: str
    number: int
    scheme: Scheme
    key: KeyId
    path: Path


class _Secp256k1Key:
    """An unlocked key."""

    scheme = Scheme.SECP256K1

    def __init__(self, secret: bytes) -> None:
        self._private = PrivateKey(secret)
        self._address = keccak(self._private.public_key.format(compressed=False)[1:])[12:]
        self.id = key_id_of_address(self._address)
        self.name = self._address.hex()

    def sign(self, digest: Digest) -> bytes:
        """libsecp256k1 makes low s only."""
        signature = self._private.sign_recoverable(digest, hasher=None)
        return signature[:64] + bytes([27 + signature[64]])


class _P256Key:
    """An unlocked key."""

    scheme = Scheme.P256

    def __init__(self, secret: bytes) -> None:
        self._private = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
        numbers = self._private.public_key().public_numbers()
        self._point = numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
        self.id = key_id_of_point(self._point)
        self.name = self.id.hex()

    def sign(self, digest: Digest) -> bytes:
        """As a browser does, and s brought to its lower half."""
        r, s = decode_dss_signature(self._private.sign(digest, ec.ECDSA(hashes.SHA256())))
        return p256_signature(digest, r.to_bytes(32, "big") + s.to_bytes(32, "big"), self._point)


_Key = _Secp256k1Key | _P256Key


class KeystoreSigner:
    """
    Keeps keys of both schemes under `directory`. Without a `passphrase` it makes one of 256 random bits at first use
    and keeps it beside the keys (mode 0600): the files are then as safe as the directory, no safer.
    """

    def __init__(self, directory: Path, passphrase: str | None = None) -> None:
        self._directory = directory
        self._given = passphrase
        self._lock = threading.RLock()
        self._files: dict[KeyId, _KeyFile] = {}
        self._current: dict[str, KeyId] = {}
        self._unlocked: dict[KeyId, _Key] = {}
        self._registrar: KeyId | None = None
        self._listed_at = 0
        self._list()

    def key_of(self, party: PartyId) -> KeyId:
        """The party's current key: the last one made for it. `NotFound` where there is none."""
        return self._key_of(_owner(party))

    def keys_of(self, party: PartyId) -> list[KeyId]:
        """All keys kept for the party, oldest first."""
        with self._lock:
            self._list()
            mine = sorted(file for file in self._files.values() if file.owner == _owner(party))
            return [file.key for file in mine]

    def create(self, party: PartyId) -> KeyId:
        """The party's current key, made if it has none."""
        return self._create(_owner(party))

    def create_another(self, party: PartyId, scheme: Scheme = Scheme.SECP256K1) -> KeyId:
        """A new current key for the party; the old ones stay, for what they are still registered for."""
        with self._lock:
            return self._make(_owner(party), scheme=scheme)

    def create_spare(self, party: PartyId, scheme: Scheme = Scheme.SECP256K1) -> KeyId:
        """A new key under an owner of its own, `spare.{party}`, until it is adopted."""
        with self._lock:
            return self._make(_SPARE + _owner(party), scheme=scheme)

    def adopt(self, party: PartyId, key: KeyId) -> None:
        """Renames the spare key's file, so that it is the party's newest; nothing where it was adopted before."""
        with self._lock:
            file = self._file(key)
            if file.owner == _SPARE + _owner(party):
                number = self._next_number(_owner(party))
                path = file.path.with_name(f"{_owner(party)}-{number:04d}-{file.path.stem.rpartition('-')[2]}.json")
                file.path.rename(path)
                self._remember(_KeyFile(_owner(party), number, file.scheme, key, path))

    def registrar(self, secret: bytes | None = None) -> KeyId:
        """The registrar's key, made if there is none; with a `secret` (32 bytes) that one, kept from now on."""
        if secret is None:
            return self._create(REGISTRAR)
        given = _Secp256k1Key(secret)
        with self._lock:
            if given.id not in self._files:
                return self._make(REGISTRAR, secret)
            self._current[REGISTRAR] = self._registrar = given.id
            return given.id

    def scheme_of(self, key: KeyId) -> Scheme:
        """How that key signs; `NotFound` for a key that is not kept here."""
        return self._file(key).scheme

    def sign(self, key: KeyId, digest: Digest) -> bytes:
        """A signature over the 32-byte digest, in the form of the key's scheme; see `ledger.domain.signatures`."""
        if len(digest) != 32:
            raise ValueError(f"a digest has 32 bytes, not {len(digest)}")
        return self._unlock(key).sign(digest)

    def _key_of(self, owner: str) -> KeyId:
        with self._lock:
            self._list()
            if owner not in self._current:
                raise NotFound(f"no key is kept for {owner}; register the party first")
            return self._current[owner]

    def _create(self, owner: str) -> KeyId:
        with self._lock:
            return self._current[owner] if owner in self._current else self._make(owner)

    def _make(self, owner: str, secret: bytes | None = None, *, scheme: Scheme = Scheme.SECP256K1) -> KeyId:
        secret = secret or _new_secret(scheme)
        made = _key_of_secret(scheme, secret)
        number = self._next_number(owner)
        passphrase = self._passphrase(make=True)
        # Imported here, as in `_opened`: a quarter of a second for BLS signatures, which no key of ours makes.
        from eth_keyfile.keyfile import create_keyfile_json

        if self._given is None:
            document = create_keyfile_json(secret, passphrase, kdf="pbkdf2", iterations=_LIGHT_PBKDF2_ROUNDS)
        else:
            document = create_keyfile_json(secret, passphrase, kdf="scrypt", iterations=_STRONG_SCRYPT_N)
        path = self._directory / f"{owner}-{number:04d}-{made.name}.json"
        write_new(path, json.dumps(document).encode())
        self._remember(_KeyFile(owner, number, scheme, made.id, path))
        self._unlocked[made.id] = made
        return made.id

    def _next_number(self, owner: str) -> int:
        return 1 + max((file.number for file in self._files.values() if file.owner == owner), default=0)

    def _remember(self, file: _KeyFile) -> None:
        self._files[file.key] = file
        newest = self._current.get(file.owner)
        if newest is None or self._files[newest].number < file.number:
            self._current[file.owner] = file.key

    def _list(self) -> None:
        """What lies in the folder, where it changed since: another process may have made, or adopted, a key."""
        try:
            changed = self._directory.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if changed == self._listed_at:
            return
        # A change within the same tick of that clock would not show: a young time is not relied on.
        self._listed_at = changed if time.time_ns() - changed > _TICK_NS else 0
        self._files.clear()
        self._current.clear()
        for path in sorted(self._directory.glob("*.json")):
            self._remember(_parse_name(path))
        if self._registrar in self._files:
            self._current[REGISTRAR] = self._registrar

    def _file(self, key: KeyId) -> _KeyFile:
        with self._lock:
            if key not in self._files:
                self._list()
            if key not in self._files:
                raise NotFound(f"no keystore file for key {key.hex()}")
            return self._files[key]

    def _unlock(self, key: KeyId) -> _Key:
        with self._lock:
            if key in self._unlocked:
                return self._unlocked[key]
            file = self._file(key)
            if not file.path.exists():
                self._list()  # It was a spare one, and was adopted since.
                file = self._file(key)
            try:
                document = json.loads(file.path.read_bytes())
                secret = _opened(document, self._passphrase(make=False))
            except OSError as error:
                raise KeyLocked(f"{file.path.name} cannot be read: {error.strerror}") from error
            except (ValueError, KeyError, TypeError, AttributeError, NotImplementedError) as error:
                raise KeyLocked(
                    f"the passphrase does not open {file.path.name}: give the one that it was made with"
                ) from error
            unlocked = _key_of_secret(file.scheme, secret)
            if unlocked.id != key:
                raise KeyLocked(f"{file.path.name} holds another key than its name says")
            self._unlocked[key] = unlocked
            return unlocked

    def _passphrase(self, *, make: bool) -> bytes:
        if self._given is not None:
            return self._given.encode()
        path = self._directory / PASSPHRASE_FILE
        if make and not path.exists():
            write_new(path, secrets.token_hex(32).encode())
        try:
            return path.read_bytes().strip()
        except OSError as error:
            raise KeyLocked(f"there is no passphrase: none was given and {PASSPHRASE_FILE} is missing") from error


def _opened(document: Any, passphrase: bytes) -> bytes:
    from eth_keyfile.keyfile import decode_keyfile_json

    return bytes(decode_keyfile_json(document, passphrase))


def _owner(party: PartyId) -> str:
    return f"{party:013d}"


def _new_secret(scheme: Scheme) -> bytes:
    if scheme is Scheme.P256:
        return (1 + secrets.randbelow(P256_ORDER - 1)).to_bytes(32, "big")
    return PrivateKey().secret


def _key_of_secret(scheme: Scheme, secret: bytes) -> _Key:
    return _P256Key(secret) if scheme is Scheme.P256 else _Secp256k1Key(secret)


def _parse_name(path: Path) -> _KeyFile:
    try:
        owner, number, name = path.stem.split("-")
        named = bytes.fromhex(name)
        if len(named) == 20:
            return _KeyFile(owner, int(number), Scheme.SECP256K1, key_id_of_address(named), path)
        if len(named) == 32:
            return _KeyFile(owner, int(number), Scheme.P256, KeyId(named), path)
        raise ValueError(name)
    except ValueError as error:
        raise StoreError(f"{path.name} in the key directory is not named owner-number-key.json") from error
