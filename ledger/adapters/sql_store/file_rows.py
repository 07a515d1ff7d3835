"""
Rows of files in SQL; implements `ledger.ports_files.FileRows`. Every method is one short transaction.

Raises `StoreError` for a row that cannot have been written by us.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select, update

from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.dialect import insert_new
from ledger.adapters.sql_store.file_tables import files
from ledger.adapters.sql_store.reading import Reader
from ledger.domain.errors import StoreError
from ledger.domain.files import FileHash, KeptFile, Media
from ledger.domain.identifiers import PartyId

_F = files.c


class SqlFileRows:
    """Rows in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reader = Reader(database.reading)

    def add(self, file: KeptFile) -> KeptFile:
        """Notes a file; the row that was there first stays, but for one that was erased."""
        row = {
            "hash": file.hash,
            "media": file.media.value,
            "size": file.size,
            "party": int(file.party),
            "person": file.person,
            "kept_at": file.kept_at,
            "erased_at": None,
        }
        with self._database.writing() as connection:
            insert_new(connection, files, [row])
            again = {name: value for name, value in row.items() if name != "hash"}
            connection.execute(update(files).where(_F.hash == file.hash, _F.erased_at.is_not(None)).values(**again))
            found = connection.execute(select(files).where(_F.hash == file.hash)).one()
        return _file_of(found)

    def get(self, file: FileHash) -> KeptFile | None:
        """What is known of the file, erased or not."""
        return self.all_of([file]).get(file)

    def all_of(self, hashes: Collection[FileHash]) -> dict[FileHash, KeptFile]:
        """The same for many; those that nobody handed in are left out."""
        found = map(_file_of, self._reader.chosen(select(files), _F.hash, set(hashes)))
        return {file.hash: file for file in found}

    def everything(self) -> list[KeptFile]:
        """Every row, in order of hash."""
        return [_file_of(row) for row in self._reader.all(select(files).order_by(_F.hash))]

    def erased(self, file: FileHash, at: int) -> None:
        """The file was erased then (Unix seconds)."""
        with self._database.writing() as connection:
            connection.execute(update(files).where(_F.hash == file).values(erased_at=at, person=""))


def _file_of(row: Any) -> KeptFile:
    try:
        media = Media(row.media)
    except ValueError:
        raise StoreError(f"file {bytes(row.hash).hex()} is said to be {row.media!r}, which is never kept") from None
    return KeptFile(
        FileHash(bytes(row.hash)), media, row.size, PartyId(row.party), row.person, row.kept_at, row.erased_at
    )
