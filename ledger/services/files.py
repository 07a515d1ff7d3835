"""
Keeping and reading files: photos and PDFs by their hash.

What is kept of a photo is made anew from its pixels; a PDF is kept as it came. The bytes are on disk before their row
is, so that a row never promises a file that a crash took. A file that a certificate stands on is not erased before its
time is over (`held_until`). Raises `InvalidInput`, `NotFound`, `Refused`, `StoreError`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, time, timedelta, timezone

from ledger.domain.errors import NotFound, Refused, StoreError, Violation
from ledger.domain.files import FileHash, KeptFile, Media, check_size, hash_of, media_of
from ledger.domain.identifiers import PartyId
from ledger.ports import Clock
from ledger.ports_certificates import Certificates
from ledger.ports_files import FileRows, FileStore, ImageCleaner

CHINA = timezone(timedelta(hours=8))
HeldUntil = Callable[[FileHash], int | None]
"""The Unix time before which a file may not be erased; None where nothing holds it."""


def held_by(certificates: Certificates) -> HeldUntil:
    """Files are held by the certificates that stand on them, to the end of the last day by the clocks of China."""

    def until(file: FileHash) -> int | None:
        day = certificates.needed_until(file)
        return None if day is None else int(datetime.combine(day, time(), CHINA).timestamp())

    return until


class Files:
    """Keeps files in `store`, with rows in `rows`."""

    def __init__(
        self, store: FileStore, rows: FileRows, cleaner: ImageCleaner, clock: Clock, held_until: HeldUntil | None = None
    ) -> None:
        self._store = store
        self._rows = rows
        self._cleaner = cleaner
        self._clock = clock
        self._held_until = held_until or (lambda _file: None)

    def keep(self, data: bytes, party: PartyId, person: str, *, keep_location: bool = False) -> KeptFile:
        """
        Keeps a file for the party and person that hand it in. The same file again is the first one. `InvalidInput`
        with the rule: `file.empty`, `file.too-large`, `file.kind`, `file.not-an-image`, `file.too-many-pixels`.
        """
        check_size(len(data))
        media = media_of(data)
        if media.is_image:
            data, media = self._cleaner.clean(data, media, keep_location=keep_location)
            check_size(len(data))
        return self.keep_made(data, media, party, person)

    def keep_made(self, data: bytes, media: Media, party: PartyId, person: str) -> KeptFile:
        """Keeps a file that the service made itself, as it is."""
        made = KeptFile(hash_of(data), media, len(data), party, person, int(self._clock.now()))
        self._store.put(data)
        return self._rows.add(made)

    def read(self, file: FileHash) -> tuple[KeptFile, bytes]:
        """A file and what is known of it. `NotFound` where nobody handed it in, or it was erased."""
        kept = self._rows.get(file)
        if kept is None or kept.erased_at is not None:
            raise NotFound(f"there is no file {file.hex()}" + (", it was erased" if kept else ""))
        data = self._store.get(file)
        if data is None:
            raise NotFound(f"file {file.hex()} is not in the folder of files")
        return kept, data

    def known(self, files: Collection[FileHash]) -> dict[FileHash, KeptFile]:
        """What is known of these files; those that nobody handed in are left out."""
        return self._rows.all_of(files)

    def erase(self, file: FileHash) -> KeptFile:
        """
        Destroys a file's bytes for good. `Refused` (`file.held`) while a certificate that stands on it has to be kept;
        `NotFound` where there is none.
        """
        kept = self._rows.get(file)
        if kept is None or kept.erased_at is not None:
            raise NotFound(f"there is no file {file.hex()}")
        until, now = self._held_until(file), int(self._clock.now())
        if until is not None and now < until:
            day = datetime.fromtimestamp(until, CHINA).date().isoformat()
            message = f"a certificate stands on this file, which has to be kept until {day}"
            raise Refused([Violation("file", "file.held", file.hex(), message)])
        # The row first: a crash between the two leaves bytes that nobody is shown, and the next attempt removes them.
        self._rows.erased(file, now)
        self._store.remove(file)
        return kept

    def problems(self) -> list[str]:
        """What is wrong with files, each as `file HASH: what`: bytes that are gone, changed, or of no row."""
        found, rows = [], {row.hash: row for row in self._rows.everything()}
        for row in rows.values():
            if row.erased_at is None:
                found += _problem_of(row, self._store)
            elif row.erased_at < (self._held_until(row.hash) or 0):
                found.append(f"file {row.hash.hex()}: it was erased, but it has to be kept for a certificate")
        for stray in self._store.hashes():
            if stray in rows and rows[stray].erased_at is not None:
                found.append(f"file {stray.hex()}: it was erased, but its bytes are there; erase it again")
        return found


def _problem_of(row: KeptFile, store: FileStore) -> list[str]:
    try:
        data = store.get(row.hash)
    except StoreError as error:
        return [f"file {row.hash.hex()}: {error}"]
    if data is None:
        return [f"file {row.hash.hex()}: its bytes are gone"]
    return [] if len(data) == row.size else [f"file {row.hash.hex()}: it has {len(data)} bytes, not {row.size}"]
