"""The log's rows laid bare, for `fsck`; implements `ledger.ports_log.LogAudit`."""

from __future__ import annotations

from sqlalchemy import and_, func, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import row_digest
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.log import leaves_of
from ledger.adapters.sql_store.log_forms import ACKNOWLEDGEMENT_DIGESTED
from ledger.adapters.sql_store.log_rows import CHECKPOINT_DIGESTED
from ledger.adapters.sql_store.log_tables import PRESENT
from ledger.ports_log import AuditedAcknowledgement, AuditedCheckpoint, AuditedLeaf

_L, _A, _C, _T = t.log_leaves.c, t.log_acknowledgements.c, t.log_checkpoints.c, t.log_tiles.c
_MOST_TOLD = 100


class SqlLogAudit:
    """Reads everything, believes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def audited_leaves(self, first: int, limit: int) -> list[AuditedLeaf]:
        """Leaf rows with what they follow from."""
        with self._database.looking() as connection:
            return [AuditedLeaf(leaf, is_present) for leaf, is_present in leaves_of(connection, first, limit)]

    def audited_acknowledgements(self, first: int, limit: int) -> list[AuditedAcknowledgement]:
        """Rows of acknowledgements."""
        asked = select(t.log_acknowledgements).where(_A.first_index >= first).order_by(_A.first_index).limit(limit)
        with self._database.looking() as connection:
            found = connection.execute(asked).mappings().all()
        return [
            AuditedAcknowledgement(
                **{name: row[name] for name in ACKNOWLEDGEMENT_DIGESTED},
                is_intact=row_digest(dict(row), ACKNOWLEDGEMENT_DIGESTED) == row["row_digest"],
            )
            for row in found
        ]

    def events_without_leaf(self) -> list[int]:
        """Events whose present proof is in no leaf; the first hundred."""
        e = t.events.c
        joined = t.events.outerjoin(t.log_leaves, and_(_L.sequence == e.sequence, PRESENT))
        asked = select(e.sequence).select_from(joined).where(_L.log_index.is_(None)).order_by(e.sequence)
        with self._database.looking() as connection:
            return list(connection.execute(asked.limit(_MOST_TOLD)).scalars())

    def audited_checkpoints(self) -> list[AuditedCheckpoint]:
        """Checkpoint rows."""
        with self._database.looking() as connection:
            found = connection.execute(select(t.log_checkpoints).order_by(_C.size)).mappings().all()
        return [
            AuditedCheckpoint(
                size=row["size"],
                root=row["root"],
                previous_size=row["previous_size"],
                note=row["note"],
                is_intact=row_digest(dict(row), CHECKPOINT_DIGESTED) == row["row_digest"],
            )
            for row in found
        ]

    def tile_row(self, level: int, index: int) -> tuple[int, bytes] | None:
        """A stored tile or bundle."""
        asked = select(_T.width, _T.content).where(_T.level == level, _T.tile_index == index)
        with self._database.looking() as connection:
            row = connection.execute(asked).first()
        return None if row is None else (row.width, row.content)

    def tile_count(self) -> int:
        """Rows of tiles and bundles."""
        with self._database.looking() as connection:
            return int(connection.execute(select(func.count()).select_from(t.log_tiles)).scalar_one())
