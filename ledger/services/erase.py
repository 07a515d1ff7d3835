"""
Erases a person: destroys the salts and disclosures of sealed members, and the identities of the requests with them.

What stays is the sealed event with its digests, so that hashes, signatures, proofs and the projection stay as they are;
without the salt nobody can find out by trying what a digest stands for. The identity of a request is a keyed hash of
the unsealed event, so that whoever has the service's secret could test guesses with it: it is replaced by that of the
open part, which tells nothing, and by which a repeat is still known (docs/adr/0101).

Raises `InvalidInput` for a choice that says too little, `LedgerBusy` where the database's files could not be cleaned
because somebody reads them: what was erased is erased, and the same call again cleans them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ledger.domain.errors import InvalidInput, StoreError
from ledger.domain.identifiers import ContentHash
from ledger.domain.sealing.choosing import is_named, shows
from ledger.domain.sealing.kept import KeptDisclosure, outer_of, with_inner
from ledger.ports import Clock, Progress
from ledger.ports_disclosures import DisclosureStore, Erasure, SealedRecord
from ledger.services.preparing import open_identity

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """
    What to erase: disclosures that show the value, of that member, in those events (None: in all, and in proposals).
    All that is given has to hold.
    """

    value: str = ""
    member: str = ""
    events: frozenset[ContentHash] | None = None

    def __post_init__(self) -> None:
        if not self.value.strip() and not self.member:
            raise InvalidInput.one("--value", "erase.choice", "", "say what to erase: a value, or a member")
        if not self.value.strip() and self.events is None:
            raise InvalidInput.one(
                "--member", "erase.choice", self.member, "a member alone is everybody's: name an event or a lot too"
            )

    def takes(self, item: KeptDisclosure) -> bool:
        """Whether the disclosure itself is meant."""
        return (
            not item.erased
            and (not self.member or is_named(item, self.member))
            and (not self.value.strip() or shows(item, self.value))
        )


@dataclass(frozen=True, slots=True)
class Found:
    """Of one event, or of a proposal: the disclosures to destroy, what lies in those chosen too."""

    record: SealedRecord
    items: tuple[KeptDisclosure, ...]


class Erase:
    """`secret` (32 bytes) keys the identities of requests. Synchronous: call it in a worker thread."""

    def __init__(self, store: DisclosureStore, clock: Clock, secret: bytes) -> None:
        self._store = store
        self._clock = clock
        self._secret = secret

    def find(self, choice: Choice, progress: Progress | None = None) -> list[Found]:
        """What would be erased."""
        found = []
        for checked, record in enumerate(self._records(), start=1):
            if choice.events is None or record.content_hash in choice.events:
                meant = {item.digest for item in record.disclosures if choice.takes(item)}
                gone = with_inner(meant, outer_of(record.disclosures)) if meant else set()
                items = tuple(item for item in record.disclosures if item.digest in gone and not item.erased)
                if items:
                    found.append(Found(record, items))
            if progress is not None and checked % _PAGE == 0:
                progress(checked, checked, "checking events")
        return found

    def erase(self, choice: Choice, progress: Progress | None = None) -> list[Found]:
        """Erases it, and cleans the database's files; what was erased."""
        erased: list[Found] = []
        # Again, until nothing is found: a proposal may have become an event meanwhile.
        while found := self.find(choice, progress):
            gone = 0
            for start in range(0, len(found), _PAGE):
                gone += self._store.erase([self._erasure(one) for one in found[start : start + _PAGE]])
            if not gone:
                raise StoreError("what was found to be erased is not there any more; look with fsck")
            erased += found
        self._store.purge()
        return erased

    def still_open(self, choice: Choice) -> list[int]:
        """Sequence numbers of events that hold the value in the open, where it is signed and cannot be erased."""
        return self._store.saying(choice.value.strip()) if choice.value.strip() else []

    def _records(self) -> Iterator[SealedRecord]:
        after = 0
        while page := self._store.sealed_events(after, _PAGE):
            yield from page
            after = page[-1].sequence
        yield from self._store.sealed_proposals()

    def _erasure(self, found: Found) -> Erasure:
        record = found.record
        return Erasure(
            record.content_hash,
            frozenset(item.digest for item in found.items),
            open_identity(self._secret, record.party, record.body),
            int(self._clock.now()),
        )


def places(found: Sequence[Found]) -> int:
    """How many disclosures that are."""
    return sum(len(one.items) for one in found)
