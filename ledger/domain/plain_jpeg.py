"""
Whether a JPEG is pixels and nothing else; no I/O.

ISO/IEC 10918-1, annex B: a file is a row of segments, then scans. One that has no segment but those a decoder needs
(and a JFIF header without a thumbnail), and ends with its last scan, says nothing beside the picture: no place, no
device, no second picture. Such a file can be kept as it came, so that a phone without a network knows the hash of what
will be kept before it signs.
"""

from __future__ import annotations

_NEEDED = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD})
"""Frames (baseline, extended, progressive), Huffman tables, quantization tables, restart interval."""
_JFIF, _SCAN, _END = 0xE0, 0xDA, 0xD9
_JFIF_LENGTH = 16
"""Of a JFIF header without a thumbnail."""


def is_plain_jpeg(data: bytes) -> bool:
    """Whether nothing is in it but what shows the picture; false too for what is no JPEG."""
    if data[:2] != b"\xff\xd8":
        return False
    at, scans = 2, 0
    while True:
        if at + 2 > len(data) or data[at] != 0xFF:
            return False
        marker = data[at + 1]
        if marker == _END:
            return scans > 0 and at + 2 == len(data)
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        is_header = marker == _JFIF and length == _JFIF_LENGTH and data[at + 4 : at + 9] == b"JFIF\0"
        if length < 2 or not (is_header or marker == _SCAN or marker in _NEEDED):
            return False
        at += 2 + length
        if marker == _SCAN:
            scans += 1
            at = _end_of_scan(data, at)


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next marker begins: FF 00 is a byte of the scan, FF D0 to FF D7 are its restarts."""
    while (found := data.find(b"\xff", at)) >= 0:
        following = data[found + 1 : found + 2]
        if following and following != b"\0" and not 0xD0 <= following[0] <= 0xD7:
            return found
        at = found + 1 if following == b"\xff" else found + 2
    return len(data)
