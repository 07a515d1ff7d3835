"""
Signs the log's published checkpoints with an Ed25519 key that lies in a file; implements `signed_notes.NoteSigner`.

RFC 8032. The file holds the 32-byte seed in hex, drawn at first use (`service_secret`). Raises `StoreError`.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.adapters.secret_file import service_secret
from ledger.domain.log.signed_notes import NoteKey

_LOG_PATH = "/log"


class FileNoteSigner:
    """`origin`: the log's name, which the key has too."""

    def __init__(self, path: Path, origin: str) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(service_secret(path))
        public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._key = NoteKey(origin, public)

    @property
    def key(self) -> NoteKey:
        """The public half."""
        return self._key

    def sign(self, text: bytes) -> bytes:
        """64 bytes."""
        return self._private.sign(text)


def origin_of(url: str) -> str:
    """What a log at that address is called: host, port where one is named, and path, as C2SP tlog-checkpoint has it."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path.rstrip('/')}{_LOG_PATH}"
