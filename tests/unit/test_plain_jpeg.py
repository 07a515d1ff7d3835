"""A JPEG is plain where it holds nothing but its pixels."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from PIL import Image

from ledger.domain.plain_jpeg import is_plain_jpeg


def jpeg(**how: Any) -> bytes:
    """A noisy picture, so that its scan has bytes of every kind."""
    noise = random.Random(7).randbytes(96 * 64 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (96, 64), noise).save(out, "JPEG", **how)
    return out.getvalue()


def exif() -> bytes:
    notes = Image.Exif()
    notes[0x010F] = "a camera"
    return notes.tobytes()


def spliced(segment: bytes) -> bytes:
    """The picture with that segment behind its beginning."""
    plain = jpeg()
    return plain[:2] + segment + plain[2:]


@pytest.mark.parametrize(
    "how", [{}, {"progressive": True}, {"optimize": True}, {"quality": 95}, {"restart_marker_rows": 1}]
)
def test_pixels_alone_are_plain(how: dict[str, Any]) -> None:
    assert is_plain_jpeg(jpeg(**how))


NOT_PLAIN = {
    "notes of the camera": jpeg(exif=exif()),
    "a comment": jpeg(comment=b"where it was taken"),
    "a colour profile": jpeg(icc_profile=b"\0" * 200),
    "something behind the picture": jpeg() + b"PK\x03\x04",
    "a second picture behind it": jpeg() + jpeg(),
    "a segment of an application": spliced(b"\xff\xe5\x00\x06abcd"),
    "a header with room for a thumbnail": spliced(b"\xff\xe0\x00\x12JFIF\0" + bytes(11)),
    "cut off": jpeg()[:-2],
    "cut off in a segment": jpeg()[:30],
    "no scan": b"\xff\xd8\xff\xd9",
    "another kind of file": b"\x89PNG\r\n\x1a\n",
    "nothing": b"",
}


@pytest.mark.parametrize("name", NOT_PLAIN)
def test_all_else_is_not(name: str) -> None:
    assert not is_plain_jpeg(NOT_PLAIN[name])
