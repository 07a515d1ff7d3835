"""
Packed bytes: what is packed is read again, and what was packed once, for ever; a flipped bit is no packed form any
more, and no frame takes more memory than a text may have.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from zlib import crc32

import event_builders as b
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs
from prepared_documents import ALONE, BROWSER, DEVICE, HUMID, IN_BATCH, bare_document, new_preparer, reading
from presigned_events import presign
from zstandard import ZstdCompressionDict, ZstdCompressor

from ledger.domain.packed_bytes import FIRST_BYTE, MOST_BYTES, packed, unpacked
from ledger.domain.packed_words import DICTIONARY_1
from ledger.domain.records import JsonTree
from ledger.services.prepared_statements import PreparedStatement, statement_parts

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "packed_rows.json").read_text())


def statement_of(event: JsonTree, *others: JsonTree) -> PreparedStatement:
    """What a preparer makes of the event."""
    answer = new_preparer()(b"%d " % b.FARM + bare_document([event, *others]), lambda _: pickle.dumps(None))
    prepared = pickle.loads(pickle.loads(answer)[1])[0]  # noqa: S301
    assert isinstance(prepared, PreparedStatement)
    return prepared


def as_stored(frame: bytes) -> bytes:
    """The frame, which has its magic number, with a checksum that fits."""
    return FIRST_BYTE + crc32(frame[4:]).to_bytes(4, "big") + frame[4:]


@given(st.binary() | st.binary(min_size=250, max_size=270))
@example(b"")
@example(bytes(65_535 + 256))
@example(bytes(65_536 + 256))
@example(b"ab" * (MOST_BYTES // 2))
@example(os.urandom(MOST_BYTES))
def test_what_is_packed_is_read_again(data: bytes) -> None:
    assert packed(data)[:1] == FIRST_BYTE
    assert unpacked(packed(data)) == data


@given(st.binary().filter(lambda data: data[:1] != FIRST_BYTE))
def test_what_is_plain_stays(data: bytes) -> None:
    assert unpacked(data) is data


@given(st.binary())
def test_whatever_follows_the_first_byte_is_read_without_an_error(data: bytes) -> None:
    assert unpacked(FIRST_BYTE + data) == FIRST_BYTE + data
    frame = b"\x28\xb5\x2f\xfd" + data
    assert isinstance(unpacked(as_stored(frame)), bytes)


@given(st.integers(0, 3_000), st.sampled_from([DEVICE, BROWSER]), st.integers(0, 99_999), st.text("ab-9/", max_size=9))
def test_readings_become_small(number: int, key: Any, value: int, name: str) -> None:
    event = reading(number)
    event["sensorElementList"][0]["sensorMetadata"]["deviceID"] = f"urn:dev:{name}"
    event["sensorElementList"][0]["sensorReport"][0]["value"] = value / 1000
    one = statement_of(presign(event, key))
    body, proof, _, _ = one.packed
    assert body[:1] == proof[:1] == FIRST_BYTE
    assert json.loads(one.stored)["eventID"] == one.event_id
    assert len(body) < len(one.stored) / 4
    assert len(proof) < len(one.proof_form) * 0.55


def test_no_party_of_the_tests_is_in_the_dictionary() -> None:
    assert len(DICTIONARY_1) < 3_200
    for text in (f"{b.FARM:013d}", "9520", "/10/L-", "urn:example:logger"):
        assert text.encode() not in DICTIONARY_1


def test_the_dictionary_is_the_one_that_rows_were_packed_with() -> None:
    assert hashlib.sha256(DICTIONARY_1).hexdigest() == VECTORS["dictionarySha256"]


@pytest.mark.parametrize("row", VECTORS["rows"], ids=lambda row: row["name"])
def test_what_was_packed_once_is_read(row: dict[str, Any]) -> None:
    if "repeated" in row:
        plain = bytes.fromhex(row["repeated"]["part"]) * row["repeated"]["times"]
    else:
        plain = bytes.fromhex(row["plain"])
    assert unpacked(bytes.fromhex(row["packed"])) == plain


@pytest.mark.parametrize("event", [ALONE[0], IN_BATCH[1], HUMID[2]], ids=["alone", "batch", "humidity"])
def test_every_flipped_bit_makes_it_unreadable(event: JsonTree) -> None:
    one = statement_of(event)
    for stored in one.packed[:2]:
        for place in range(8 * len(stored)):
            damaged = bytearray(stored)
            damaged[place // 8] ^= 1 << place % 8
            assert unpacked(bytes(damaged)) == damaged


@pytest.mark.parametrize("more", [b"", b"\x00", b"a longer tail"])
def test_a_frame_that_is_cut_or_has_a_tail_is_none(more: bytes) -> None:
    stored = packed(b"some text, some text, some text")
    assert unpacked(stored + more) == (stored + more if more else b"some text, some text, some text")
    assert unpacked(stored[:-1]) == stored[:-1]
    whole = b"\x28\xb5\x2f\xfd" + stored[5:]
    for frame in (whole + b"\x00", whole[:-1], whole + whole):
        assert unpacked(as_stored(frame)) == as_stored(frame)


def test_a_frame_takes_no_more_memory_than_a_text_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though its checksum fits: it is not even begun."""
    words = ZstdCompressionDict(DICTIONARY_1)

    def made(size: int, **how: bool) -> bytes:
        return as_stored(ZstdCompressor(dict_data=words, write_dict_id=False, **how).compress(bytes(size)))

    assert unpacked(made(MOST_BYTES, write_checksum=False)) == bytes(MOST_BYTES)
    stated = b"\x28\xb5\x2f\xfd\xa0" + (2**32 - 1).to_bytes(4, "little")
    large = [
        made(MOST_BYTES + 1, write_checksum=False),
        made(2**23, write_checksum=False),
        made(9, write_content_size=False),
        made(9, write_checksum=True),
        as_stored(stated),
        as_stored(b"\x28\xb5\x2f\xfd\xe0" + (2**63).to_bytes(8, "little")),
        as_stored(b"\x28\xb5\x2f\xfd\x80\xff" + (9).to_bytes(4, "little")),
    ]

    def begun(*_: object, **__: object) -> bytes:
        raise AssertionError("it was unpacked")

    monkeypatch.setattr("ledger.domain.packed_bytes._own.decompress", begun)
    for stored in large:
        assert unpacked(stored) == stored


def test_what_is_too_long_is_not_packed() -> None:
    with pytest.raises(ValueError, match="are not packed"):
        packed(bytes(MOST_BYTES + 1))
    one = statement_of(presign(reading(1), DEVICE)).whole()
    assert statement_parts(one) is not None
    assert statement_parts(structs.replace(one, stored=bytes(MOST_BYTES + 1))) is None
    assert statement_parts(structs.replace(one, proof_form=bytes(MOST_BYTES + 1))) is None


def test_threads_pack_at_once() -> None:
    texts = [json.dumps(reading(number)).encode() for number in range(400)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: unpacked(packed(text)), texts)) == texts
