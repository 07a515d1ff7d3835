"""What keeping files needs: a place for their bytes, rows that say what they are, and somebody who cleans images."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Protocol

from ledger.domain.files import FileHash, KeptFile, Media


class FileStore(Protocol):
    """Bytes under the name of their hash."""

    def put(self, data: bytes) -> FileHash:
        """Keeps the bytes; on disk when it returns. The same bytes twice are one file. `StoreError` where it fails."""
        ...

    def get(self, file: FileHash) -> bytes | None:
        """The bytes; None where there are none. `StoreError` where they are not what was kept."""
        ...

    def remove(self, file: FileHash) -> None:
        """Takes the bytes away, if they are there."""
        ...

    def hashes(self) -> Iterator[FileHash]:
        """All files that are there."""
        ...


class FileRows(Protocol):
    """What is known of files."""

    def add(self, file: KeptFile) -> KeptFile:
        """Notes a file. The row that was there first stays, but for one that was erased; returns the one that holds."""
        ...

    def get(self, file: FileHash) -> KeptFile | None:
        """What is known of the file, erased or not."""
        ...

    def all_of(self, files: Collection[FileHash]) -> dict[FileHash, KeptFile]:
        """The same for many; those that nobody handed in are left out."""
        ...

    def everything(self) -> list[KeptFile]:
        """Every row, in order of hash."""
        ...

    def erased(self, file: FileHash, at: int) -> None:
        """The file was erased then (Unix seconds)."""
        ...


class ImageCleaner(Protocol):
    """Makes an image anew from its pixels, so that nothing else that was in the file is kept."""

    def clean(self, data: bytes, media: Media, *, keep_location: bool) -> tuple[bytes, Media]:
        """
        The new file and its kind: upright, not larger than a screen can use, without a word of what the camera wrote
        beside the pixels; but for where it was taken, where that is asked for. `InvalidInput` for what is no image.
        """
        ...
