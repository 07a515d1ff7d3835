"""
Checkpoints as signed notes: size and root of the log, signed with Ed25519; no I/O.

C2SP tlog-checkpoint: the text of the note is the origin, the size, and the root in base64, a line each, and extension
lines, if any. The root is of RFC 9162's tree, the same that `EventLog` has on chain.

Raises `InvalidInput`: `log.checkpoint` for a text that is none or of another log, and what `signed_notes` raises.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import UINT64_MAX
from ledger.domain.log.signed_notes import Note, NoteKey, NoteSigner, parse_note, sign_note
from ledger.domain.merkle import EMPTY_ROOT, HASH_BYTES, TreeHash

_SIZE = re.compile(r"0|[1-9][0-9]{0,19}")
_ROOT = re.compile(r"[A-Za-z0-9+/]{43}=")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Which log, how many leaves, their root, and lines that no monitor can check (best none)."""

    origin: str
    size: int
    root: TreeHash
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for line in (self.origin, *self.extensions):
            if not line or any(char < " " or "\ud800" <= char <= "\udfff" for char in line):
                raise _no_checkpoint(line, "origin and extensions are lines that are not empty")
        if not 0 <= self.size <= UINT64_MAX:
            raise _no_checkpoint(self.size, "a log has 0 to 2^64 - 1 leaves")
        if len(self.root) != HASH_BYTES:
            raise _no_checkpoint(self.root.hex(), f"a root has {HASH_BYTES} bytes")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise _no_checkpoint(self.root.hex(), "the root of an empty log is the SHA-256 of nothing")

    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(line + "\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The checkpoint whose `text` this is, byte for byte."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop():
            raise _no_checkpoint(text, "a checkpoint has three lines or more: origin, size, root")
        origin, size, root, *extensions = lines
        if not _SIZE.fullmatch(size):
            raise _no_checkpoint(size, "the size is a decimal number without zeros in front")
        if not _ROOT.fullmatch(root):
            raise _no_checkpoint(root, "the root is 32 bytes in base64")
        checkpoint = cls(origin, int(size), TreeHash(base64.b64decode(root)), tuple(extensions))
        if checkpoint.text != text:
            raise _no_checkpoint(root, "bits of the root's base64 that count for nothing are not zero")
        return checkpoint


@dataclass(frozen=True, slots=True)
class OpenedCheckpoint:
    """A checkpoint whose signatures were verified: `signers` are the known keys that signed, the log's among them."""

    checkpoint: Checkpoint
    signers: tuple[NoteKey, ...]
    note: Note


def sign_checkpoint(checkpoint: Checkpoint, log: NoteSigner, others: Sequence[NoteSigner] = ()) -> Note:
    """
    The note to publish. The log's key has the origin as its name.

    Whoever calls this answers for the checkpoint being consistent with every earlier one signed with this key.
    """
    if log.key.name != checkpoint.origin:
        raise _no_checkpoint(log.key.name, f"the key of the log is named by its origin, {checkpoint.origin}")
    return sign_note(checkpoint.text, (log, *others))


def open_checkpoint(data: bytes, log: NoteKey, others: Collection[NoteKey] = ()) -> OpenedCheckpoint:
    """
    The checkpoint in a note that the log's key signed, for the origin that is this key's name.

    `others`: keys that are known besides, such as witnesses' or the log's next one; they need not have signed, but
    where they did it has to verify.
    """
    note = parse_note(data)
    signers = note.signers((log, *others))
    if log not in signers:
        raise InvalidInput.one("note", "log.note-signature", log.name, "the key of the log did not sign the checkpoint")
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != log.name:
        raise _no_checkpoint(checkpoint.origin, f"a checkpoint of another log than {log.name}")
    return OpenedCheckpoint(checkpoint, signers, note)


def _no_checkpoint(value: object, message: str) -> InvalidInput:
    return InvalidInput.one("checkpoint", "log.checkpoint", value, message)
