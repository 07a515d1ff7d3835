"""Signed notes and checkpoints: the vectors, keys known in public, and every other form refused."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from log_vectors import FOLDER, ORIGIN, WITNESS

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import UINT64_MAX
from ledger.domain.log.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.domain.log.signed_notes import (
    MOST_BYTES,
    MOST_SIGNATURES,
    Note,
    NoteKey,
    NoteSignature,
    parse_note,
    sign_note,
)
from ledger.domain.merkle import EMPTY_ROOT, TreeHash

VECTOR: dict[str, Any] = json.loads((FOLDER / "signed_note.json").read_text(encoding="utf-8"))
PUBLISHED: bytes = VECTOR["note"].encode()
ROOT = TreeHash(sha256(b"a root").digest())
# The key of Go's checksum database, which every Go command carries, and the example of Go's package on notes.
SUMDB_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


@dataclass(frozen=True)
class Signer:
    """A `NoteSigner` with a key made from a small number."""

    name: str
    number: int

    @property
    def secret(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.number.to_bytes(32, "big"))

    @property
    def key(self) -> NoteKey:
        return NoteKey(self.name, self.secret.public_key().public_bytes_raw())

    def sign(self, text: bytes) -> bytes:
        return self.secret.sign(text)


class WrongSigner(Signer):
    """Signs something else."""

    def sign(self, text: bytes) -> bytes:
        return super().sign(text + b"\n")


LOG, WITNESSING, STRANGER = Signer(ORIGIN, 1), Signer(WITNESS, 2), Signer("stranger.example", 3)
CHECKPOINT = Checkpoint(ORIGIN, 1234567, ROOT)
TEXTS = st.text(alphabet=st.one_of(st.characters(min_codepoint=32, exclude_categories=["Cs"]), st.just("\n"))).map(
    lambda text: text + "\n"
)


def raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def refused(rule: str, call: Any, *arguments: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        call(*arguments)
    assert [violation.rule for violation in caught.value.violations] == [rule], arguments


# ------------------------------------------------------------------------------------------------------- keys


def test_keys_of_the_vectors() -> None:
    for case, signer in zip(VECTOR["keys"], (LOG, WITNESSING), strict=True):
        key = NoteKey(case["name"], raw(case["publicKey"]))
        assert key.key_id == raw(case["keyId"]) == sha256(raw(case["keyIdPreImage"])).digest()[:4]
        assert str(key) == case["written"]
        assert NoteKey.parse(case["written"]) == key == signer.key


def test_keys_and_a_note_that_others_published() -> None:
    for written in (SUMDB_KEY, GO_KEY):
        assert str(NoteKey.parse(written)) == written
    note = parse_note(GO_NOTE.encode())
    assert note.signers([NoteKey.parse(GO_KEY), LOG.key]) == (NoteKey.parse(GO_KEY),)
    assert bytes(note) == GO_NOTE.encode()


@pytest.mark.parametrize(
    "written",
    [
        "",
        "sum.golang.org",
        "sum.golang.org+033de0ae",
        SUMDB_KEY.replace("033de0ae", "033de0af"),
        SUMDB_KEY.replace("033de0ae", "033DE0AE"),
        SUMDB_KEY.replace("sum.", "num."),
        SUMDB_KEY.replace("+Ac4", "+Bc4"),
        SUMDB_KEY + "=",
        SUMDB_KEY[:-4],
        "+033de0ae" + SUMDB_KEY[len("sum.golang.org+033de0ae") :],
    ],
)
def test_a_key_written_wrong_is_refused(written: str) -> None:
    refused("log.note", NoteKey.parse, written)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\tb", "a\nb", "a\x00", "\ud800"])
def test_a_name_that_no_key_has_is_refused(name: str) -> None:
    refused("log.note", NoteKey, name, bytes(32))
    if name != "\ud800":
        refused("log.note", parse_note, f"text\n\n— {name} AAAAAAA=\n".encode())


def test_a_key_of_another_length_is_refused() -> None:
    refused("log.note", NoteKey, "a", bytes(31))


# ------------------------------------------------------------------------------------------------------ notes


def test_the_note_of_the_vectors() -> None:
    note = parse_note(PUBLISHED)
    assert note.text == VECTOR["text"] == CHECKPOINT.text
    assert bytes(note) == PUBLISHED == bytes(sign_checkpoint(CHECKPOINT, LOG, [WITNESSING]))
    assert note.signers([LOG.key]) == (LOG.key,)
    assert note.signers([WITNESSING.key, STRANGER.key, LOG.key]) == (LOG.key, WITNESSING.key)


@settings(deadline=None)
@given(TEXTS)
def test_a_signed_text_comes_back(text: str) -> None:
    note = sign_note(text, [LOG, WITNESSING])
    assert parse_note(bytes(note)) == note
    assert note.text == text
    assert note.signers([LOG.key, WITNESSING.key]) == (LOG.key, WITNESSING.key)


@given(st.data())
def test_no_altered_byte_passes(data: st.DataObject) -> None:
    """In the text or in the log's line; the witness's is not known here."""
    own = len(CHECKPOINT.text.encode()) + 1 + len(parse_note(PUBLISHED).signatures[0].line.encode())
    at, bit = data.draw(st.integers(0, own - 1)), data.draw(st.integers(0, 7))
    spoilt = bytearray(PUBLISHED)
    spoilt[at] ^= 1 << bit
    with pytest.raises(InvalidInput) as caught:
        open_checkpoint(bytes(spoilt), LOG.key)
    assert caught.value.violations[0].rule in {"log.note", "log.note-signature"}


def test_lines_of_unknown_keys_are_passed_over() -> None:
    own = sign_note("text\n", [LOG])
    same_name = NoteSignature(ORIGIN, bytes(4), bytes(64))
    same_id = NoteSignature("other.example", LOG.key.key_id, bytes(64))
    other_type = NoteSignature(WITNESS, b"\x01\x02\x03\x04", b"\x00" * 2420)
    note = parse_note(bytes(Note("text\n", (same_name, same_id, *own.signatures, other_type))))
    assert note.signers([LOG.key]) == (LOG.key,)


def test_a_line_twice_counts_once_and_a_bad_second_line_condemns() -> None:
    own = sign_note("text\n", [LOG]).signatures[0]
    assert Note("text\n", (own, own)).signers([LOG.key]) == (LOG.key,)
    bad = replace(own, signature=bytes(64))
    for lines in [(own, bad), (bad, own), (bad,), (replace(own, signature=own.signature[:-1]),)]:
        refused("log.note-signature", Note("text\n", lines).signers, [LOG.key])


def test_a_note_that_no_known_key_signed_is_not_believed() -> None:
    note = sign_note("text\n", [LOG])
    refused("log.note-signature", note.signers, [STRANGER.key])
    refused("log.note-signature", note.signers, [])
    no_point = NoteKey(ORIGIN, b"\x02" + b"\xff" * 31)
    forged = Note("text\n", (NoteSignature(ORIGIN, no_point.key_id, bytes(64)),))
    refused("log.note-signature", forged.signers, [no_point])


GOOD = b"text\n\n\xe2\x80\x94 a AAAAAAA=\n"


def test_the_good_form_of_the_refused_ones() -> None:
    assert parse_note(GOOD).signatures == (NoteSignature("a", bytes(4), b"\x00"),)
    assert parse_note(b"\n\n" + GOOD).text == "\n\ntext\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        b"text\n",
        b"text\n\n",
        b"text\n\n\n",
        b"\n\xe2\x80\x94 a AAAAAAA=\n",
        GOOD[:-1],
        GOOD + b"\n",
        GOOD.replace(b"\n\n", b"\n"),
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b"text", b"te\txt"),
        GOOD.replace(b"text", b"te\x00xt"),
        GOOD.replace(b"text", b"te\xff"),
        GOOD.replace(b"\xe2\x80\x94", b"-"),
        GOOD.replace(b"\xe2\x80\x94 a", b"\xe2\x80\x94a"),
        GOOD.replace(b" a ", b"  "),
        GOOD.replace(b"AAAAAAA=", b""),
        GOOD.replace(b" AAAAAAA=", b""),
        GOOD.replace(b"AAAAAAA=", b"AAAAAA=="),
        GOOD.replace(b"AAAAAAA=", b"AAAAAAB="),
        GOOD.replace(b"AAAAAAA=", b"AAAAAAA"),
        GOOD.replace(b"AAAAAAA=", b"AAAAAA-="),
        GOOD.replace(b"AAAAAAA=", b"AAAA AAA="),
        GOOD.replace(b"AAAAAAA=", b"AAAAAAA= "),
        GOOD + b"more\n",
        b"text\n\n" + GOOD[6:] * (MOST_SIGNATURES + 1),
        b"x" * MOST_BYTES + GOOD,
    ],
)
def test_a_note_in_another_form_is_refused(data: bytes) -> None:
    refused("log.note", parse_note, data)


def test_as_many_signatures_as_a_note_may_have() -> None:
    assert len(parse_note(b"text\n\n" + GOOD[6:] * MOST_SIGNATURES).signatures) == MOST_SIGNATURES


@given(st.binary(max_size=60).map(lambda tail: GOOD[:-9] + tail))
def test_what_parses_is_written_the_same(data: bytes) -> None:
    try:
        note = parse_note(data)
    except InvalidInput:
        return
    assert bytes(note) == data


def test_what_cannot_be_a_note_is_not_signed() -> None:
    for text in ["", "text", "te\txt\n", "\ud800\n"]:
        refused("log.note", sign_note, text, [LOG])
    refused("log.note", sign_note, "text\n", [])
    refused("log.note-signature", sign_note, "text\n", [WrongSigner(ORIGIN, 1)])


# ------------------------------------------------------------------------------------------------ checkpoints


@given(
    st.text(min_size=1, alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs"])),
    st.integers(1, UINT64_MAX),
    st.binary(min_size=32, max_size=32),
    st.lists(st.text(min_size=1, alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs"])), max_size=3),
)
def test_a_checkpoint_comes_back(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, TreeHash(root), tuple(extensions))
    assert Checkpoint.parse(checkpoint.text) == checkpoint


def test_the_checkpoint_of_the_vectors() -> None:
    opened = open_checkpoint(PUBLISHED, LOG.key, [WITNESSING.key, STRANGER.key])
    assert (
        opened.checkpoint
        == CHECKPOINT
        == Checkpoint(VECTOR["origin"], int(VECTOR["size"]), TreeHash(raw(VECTOR["root"])))
    )
    assert opened.signers == (LOG.key, WITNESSING.key)
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert open_checkpoint(bytes(sign_checkpoint(empty, LOG)), LOG.key).checkpoint == empty


BASE64 = base64.b64encode(ROOT).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n",
        "a\n1\n",
        f"a\n1\n{BASE64}",
        f"\n1\n{BASE64}\n",
        f"a\n\n{BASE64}\n",
        f"a\n01\n{BASE64}\n",
        f"a\n+1\n{BASE64}\n",
        f"a\n-1\n{BASE64}\n",
        f"a\n1 \n{BASE64}\n",
        f"a\n٣\n{BASE64}\n",
        f"a\n0x1\n{BASE64}\n",
        f"a\n{2**64}\n{BASE64}\n",
        f"a\n1{'0' * 30}\n{BASE64}\n",
        f"a\n0\n{BASE64}\n",
        f"a\n1\n{BASE64[:-1]}\n",
        f"a\n1\n{BASE64}=\n",
        f"a\n1\n{BASE64[:-2]}{chr(ord(BASE64[-2]) + 1)}=\n",
        "a\n1\n" + base64.b64encode(bytes(31)).decode() + "\n",
        "a\n1\n" + base64.b64encode(bytes(33)).decode() + "\n",
        f"a\n1\n{BASE64}\n\n",
        f"a\n1\n{BASE64}\n\nmore\n",
        f"a\n1\n{BASE64}\nte\tx\n",
    ],
)
def test_a_checkpoint_in_another_form_is_refused(text: str) -> None:
    assert Checkpoint.parse(f"a\n1\n{BASE64}\n").root == ROOT
    refused("log.checkpoint", Checkpoint.parse, text)


def test_a_note_of_the_log_that_is_no_checkpoint_is_refused() -> None:
    refused("log.checkpoint", open_checkpoint, bytes(sign_note("text\n", [LOG])), LOG.key)


def test_values_that_no_checkpoint_has_are_refused() -> None:
    for values in [
        ("", 1, ROOT),
        ("a\nb", 1, ROOT),
        ("\ud800", 1, ROOT),
        ("a", -1, ROOT),
        ("a", 2**64, ROOT),
        ("a", 1, TreeHash(bytes(31))),
        ("a", 0, ROOT),
        ("a", 1, ROOT, ("",)),
        ("a", 1, ROOT, ("b\nc",)),
    ]:
        refused("log.checkpoint", Checkpoint, *values)


def test_a_checkpoint_of_another_log_is_refused() -> None:
    other = Checkpoint("other.example", 1, ROOT)
    refused("log.checkpoint", sign_checkpoint, other, LOG)
    refused("log.checkpoint", open_checkpoint, bytes(sign_note(other.text, [LOG])), LOG.key)


def test_a_checkpoint_that_only_a_witness_signed_is_not_believed() -> None:
    note = bytes(sign_note(CHECKPOINT.text, [WITNESSING]))
    refused("log.note-signature", open_checkpoint, note, LOG.key, [WITNESSING.key])
    refused("log.note-signature", open_checkpoint, note, LOG.key)


@given(st.integers(1, UINT64_MAX), st.integers(1, UINT64_MAX))
def test_a_signature_is_for_one_size(size: int, other: int) -> None:
    assume(size != other)
    line = sign_checkpoint(replace(CHECKPOINT, size=size), LOG).signatures
    refused("log.note-signature", open_checkpoint, bytes(Note(replace(CHECKPOINT, size=other).text, line)), LOG.key)
