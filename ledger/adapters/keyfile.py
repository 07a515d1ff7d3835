"""
A secret in the Web3 Secret Storage format, version 3: encrypted under a stretched passphrase, as wallets keep keys.

The passphrase is stretched to 32 bytes; the first 16 are the key of AES-128-CTR, and the MAC is the Keccak-256 hash of
the last 16 with the ciphertext. Source: ethereum.org, "Web3 Secret Storage Definition". Tests hold both directions
equal to eth-keyfile, which is not used here because it brings curves that nothing needs: importing them takes as long
as a third of the service's other imports.

Raises `ValueError`, `KeyError`, `TypeError` or `AttributeError` for what is no such document, and `ValueError` for one
that the passphrase does not open.
"""

from __future__ import annotations

import hmac
import secrets
import uuid
from typing import Any, Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from eth_hash.auto import keccak

_STRETCHED = 32
_SCRYPT_R, _SCRYPT_P = 8, 1


def lock(secret: bytes, passphrase: bytes, kdf: Literal["pbkdf2", "scrypt"], cost: int) -> dict[str, Any]:
    """The document of a 32-byte secret. `cost`: rounds of PBKDF2 with HMAC-SHA-256, or scrypt's N, a power of two."""
    salt, start = secrets.token_bytes(16), secrets.token_bytes(16)
    how: dict[str, Any] = {"dklen": _STRETCHED, "salt": salt.hex()}
    how |= {"c": cost, "prf": "hmac-sha256"} if kdf == "pbkdf2" else {"n": cost, "r": _SCRYPT_R, "p": _SCRYPT_P}
    stretched = _stretch(passphrase, kdf, how)
    ciphertext = _aes(stretched, start, secret)
    return {
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": {"iv": start.hex()},
            "ciphertext": ciphertext.hex(),
            "kdf": kdf,
            "kdfparams": how,
            "mac": _mac(stretched, ciphertext).hex(),
        },
        "id": str(uuid.uuid4()),
        "version": 3,
    }


def unlock(document: Any, passphrase: bytes) -> bytes:
    """The secret. Names of members may have capitals, as some wallets write them."""
    document = _lower(document)
    crypto = document["crypto"]
    if document["version"] != 3 or crypto["cipher"] != "aes-128-ctr":
        raise ValueError("not of version 3, or another cipher than AES-128-CTR")
    stretched = _stretch(passphrase, crypto["kdf"], crypto["kdfparams"])
    ciphertext = _bytes(crypto["ciphertext"])
    if not hmac.compare_digest(_mac(stretched, ciphertext), _bytes(crypto["mac"])):
        raise ValueError("another passphrase, or a damaged file")
    return _aes(stretched, _bytes(crypto["cipherparams"]["iv"]), ciphertext)


def _stretch(passphrase: bytes, kdf: str, how: dict[str, Any]) -> bytes:
    salt = _bytes(how["salt"])
    if how["dklen"] != _STRETCHED:
        raise ValueError(f"dklen is {how['dklen']}, not {_STRETCHED}")
    if kdf == "scrypt":
        try:
            return Scrypt(salt, _STRETCHED, how["n"], how["r"], how["p"]).derive(passphrase)
        except MemoryError as error:  # said also of an N that is too large for r (RFC 7914, section 2)
            raise ValueError("scrypt cannot be computed with these parameters") from error
    if kdf == "pbkdf2" and how["prf"] == "hmac-sha256":
        return PBKDF2HMAC(hashes.SHA256(), _STRETCHED, salt, how["c"]).derive(passphrase)
    raise ValueError(f"stretched by {kdf}, which is not known")


def _aes(stretched: bytes, start: bytes, data: bytes) -> bytes:
    """Encrypts or decrypts, which in counter mode is the same."""
    stream = Cipher(algorithms.AES128(stretched[:16]), modes.CTR(start)).encryptor()
    return stream.update(data) + stream.finalize()


def _mac(stretched: bytes, ciphertext: bytes) -> bytes:
    return bytes(keccak(stretched[16:] + ciphertext))


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _lower(value: Any) -> Any:
    return {name.lower(): _lower(one) for name, one in value.items()} if isinstance(value, dict) else value
