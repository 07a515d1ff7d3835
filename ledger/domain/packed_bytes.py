"""
The packed form of stored events and proofs: the byte 0x01, CRC-32 of the rest (4 bytes, big-endian), and one zstd frame
(RFC 8878) made with dictionary no. 1, without its magic number, which is the same for all; no I/O.

It says of itself what it is: JSON, which stands in other rows as it is, never begins with that byte. The frame says how
long its content is and has one segment, so that nobody needs more memory than that to read it; it does not name its
dictionary. How zstd packs may differ between its versions: nothing is ever hashed in the packed form. Some bits of a
frame mean nothing to its reader, which is why it has a checksum of its own bytes, not of its content: with a bit
flipped, wherever that is, it is no packed form any more.
"""

from __future__ import annotations

from threading import local
from zlib import crc32

from zstandard import ZstdCompressionDict, ZstdCompressor, ZstdDecompressor, ZstdError

from ledger.domain.packed_words import DICTIONARY_1

FIRST_BYTE = b"\x01"
"""Of what is packed with dictionary no. 1; a next one would have the next byte."""
MOST_BYTES = 1 << 18
"""
Of a text that is packed: fewer than zstd's window has at this level, so that the frame has one segment. A frame that
states more is none of ours.
"""
_LEVEL = 1
_ONE_FRAME = (False, False)
"""Nothing behind it is read, and nothing may be there; by their places, which takes half the time."""
_MAGIC = b"\x28\xb5\x2f\xfd"
_CHECKED = 5
"""Where begins what the checksum is of."""
_SIZES = {0x20: (1, 0), 0x60: (2, 256), 0xA0: (4, 0)}
"""By the frame header's first byte: how many bytes state the content's size, and what is added to them."""
_DICTIONARY = ZstdCompressionDict(DICTIONARY_1)
_DICTIONARY.precompute_compress(level=_LEVEL)


class _Own(local):
    """A thread's own: neither of them may be used by two at once."""

    def __init__(self) -> None:
        self.compress = ZstdCompressor(
            level=_LEVEL, dict_data=_DICTIONARY, write_checksum=False, write_content_size=True, write_dict_id=False
        ).compress
        self.decompress = ZstdDecompressor(dict_data=_DICTIONARY).decompress


_own = _Own()


def packed(data: bytes) -> bytes:
    """The packed form. `ValueError` for more than `MOST_BYTES`."""
    if len(data) > MOST_BYTES:
        raise ValueError(f"{len(data)} bytes are not packed")
    frame = _own.compress(data)[len(_MAGIC) :]
    if not _is_small(frame):
        raise AssertionError("zstd made a frame of another form than is read")
    return FIRST_BYTE + crc32(frame).to_bytes(4, "big") + frame


def unpacked(stored: bytes) -> bytes:
    """
    What the stored bytes are the form of; the bytes themselves where they are no packed form, or a damaged one: whoever
    reads them finds out.
    """
    if stored[:1] != FIRST_BYTE:
        return stored
    frame = stored[_CHECKED:]
    if crc32(frame).to_bytes(4, "big") != stored[1:_CHECKED] or not _is_small(frame):
        return stored
    try:
        return _own.decompress(_MAGIC + frame, 0, *_ONE_FRAME)
    except ZstdError:
        return stored


def _is_small(frame: bytes) -> bool:
    """Whether it states how long its one segment is, and not too much: before anybody makes room for that."""
    if not frame or (stated := _SIZES.get(frame[0])) is None:
        return False
    length, more = stated
    return int.from_bytes(frame[1 : 1 + length], "little") + more <= MOST_BYTES
