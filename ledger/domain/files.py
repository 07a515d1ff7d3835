"""
Files that people attach: photos and PDFs, named by what is in them; no I/O.

A file's name is the SHA-256 of its bytes as they are kept, and its address in an event is the `ni` URI of that hash
(RFC 6920, section 3): `ni:///sha-256;` and 43 characters of base64url without padding. What a file is, is told from its
first bytes and never from its name or from what its sender says. Raises `InvalidInput`, `InvalidEvent`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from ledger.domain.errors import InvalidEvent, InvalidInput
from ledger.domain.identifiers import PartyId
from ledger.domain.own_members import own_member
from ledger.domain.records import JsonTree

FileHash = NewType("FileHash", bytes)
"""SHA-256 of a file as it is kept, 32 bytes."""

MOST_BYTES = 8_000_000
MOST_PIXELS = 50_000_000
"""Of a JPEG, which is decoded at a smaller size where it is large; of other images half of it."""
MOST_PHOTOS = 12
"""Photos of one event."""
_NI = "ni:///sha-256;"


class Media(StrEnum):
    """The kinds of files that are kept."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    PDF = "application/pdf"

    @property
    def is_image(self) -> bool:
        """Whether it is a picture."""
        return self is not Media.PDF

    @property
    def ending(self) -> str:
        """How the name of such a file ends, without the dot."""
        return {"image/jpeg": "jpg", "application/pdf": "pdf"}.get(self.value, self.value.rpartition("/")[2])


@dataclass(frozen=True, slots=True)
class KeptFile:
    """
    A file that is kept: what it is, its size in bytes, and who handed it in first. `kept_at` and `erased_at` are Unix
    seconds; of an erased file only this is left.
    """

    hash: FileHash
    media: Media
    size: int
    party: PartyId
    person: str
    kept_at: int
    erased_at: int | None = None

    @property
    def uri(self) -> str:
        """Its address in events."""
        return uri_of(self.hash)


def hash_of(data: bytes) -> FileHash:
    """The name of a file of these bytes."""
    return FileHash(hashlib.sha256(data).digest())


def uri_of(file: FileHash) -> str:
    """The `ni` URI of that hash."""
    return _NI + base64.urlsafe_b64encode(file).decode("ascii").rstrip("=")


def hash_in_uri(pointer: str, value: object) -> FileHash:
    """The hash in a `ni` URI; exactly one text stands for a hash. `InvalidEvent` for anything else."""
    if isinstance(value, str) and value.startswith(_NI) and len(value) == len(_NI) + 43:
        try:
            found = FileHash(base64.b64decode(value.removeprefix(_NI) + "=", altchars=b"-_", validate=True))
        except (binascii.Error, ValueError):
            found = FileHash(b"")
        if len(found) == 32 and uri_of(found) == value:
            return found
    message = "a file is named by its hash: ni:///sha-256; and 43 characters of base64url (RFC 6920)"
    raise InvalidEvent.one(pointer, "file.uri", value, message)


def hash_in_hex(field: str, text: str) -> FileHash:
    """The hash in 64 lower-case hex digits, as it stands in addresses of pages. `InvalidInput` for anything else."""
    if len(text) == 64 and all(digit in "0123456789abcdef" for digit in text):
        return FileHash(bytes.fromhex(text))
    raise InvalidInput.one(field, "file.hash", text, "a file's hash is 64 lower-case hex digits")


def media_of(data: bytes) -> Media:
    """What the file is, by its first bytes. `InvalidInput` where it is none of the kinds that are kept."""
    if data[:3] == b"\xff\xd8\xff":
        return Media.JPEG
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return Media.PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Media.WEBP
    if data[:7] in (b"%PDF-1.", b"%PDF-2.") and b"%%EOF" in data[-2048:]:
        return Media.PDF
    message = "a photo (JPEG, PNG or WebP) or a PDF is needed, whatever the file is called"
    raise InvalidInput.one("file", "file.kind", _beginning(data), message)


def check_size(size: int) -> None:
    """A file has something in it, and at most `MOST_BYTES`."""
    if size > MOST_BYTES:
        raise InvalidInput.one("file", "file.too-large", f"{size} bytes", f"at most {MOST_BYTES} bytes are kept")
    if size == 0:
        raise InvalidInput.one("file", "file.empty", "0 bytes", "there is nothing in this file")


def photos_of(event: JsonTree) -> tuple[FileHash, ...]:
    """
    The photos that an event names in `silkroot:photos`: a list of `ni` URIs, none twice, 1 to `MOST_PHOTOS` of them.
    None where it has no such member. `InvalidEvent` for a member that is not such a list.
    """
    found = own_member(event, "photos")
    if found is None:
        return ()
    pointer, value = found
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_PHOTOS:
        raise InvalidEvent.one(pointer, "photos.list", value, f"photos are a list of 1 to {MOST_PHOTOS} files")
    hashes: list[FileHash] = []
    for index, item in enumerate(value):
        named = hash_in_uri(f"{pointer}/{index}", item)
        if named in hashes:
            raise InvalidEvent.one(f"{pointer}/{index}", "photos.twice", item, "this photo is in the list already")
        hashes.append(named)
    return tuple(hashes)


def _beginning(data: bytes) -> str:
    """The first bytes as they can be shown."""
    return " ".join(f"{byte:02x}" for byte in data[:8]) or "nothing"
