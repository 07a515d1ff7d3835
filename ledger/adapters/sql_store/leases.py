"""
Leases in SQL; implements `ledger.ports_leases.Leases`.

All times are the database's, so that no two processes disagree about them. Whoever acquires a lease waits for the
write transactions of its holder to end, and those that begin after it are refused (`fence`): there is no moment at
which two epochs write. Renewing waits for neither, nor for other writers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select, update

from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.dialect import hurry, insert_new, now
from ledger.adapters.sql_store.lease_tables import leases
from ledger.domain.errors import LeaseLost
from ledger.ports_leases import Lease, Role, Standing

_L = leases.c
_SECOND = 1_000_000
_UNHELD = {"holder": "", "epoch": 0, "acquired": 0, "expires": 0, "problem": "", "stuck": False}


class SqlLeases:
    """Leases in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def acquire(self, role: Role, holder: str, seconds: float) -> int | None:
        """A new epoch, once no transaction of the one before is under way."""
        # Most often somebody has it. Asking that locks nothing.
        if (known := self.current().get(role)) is not None and known.is_held:
            return None
        with self._database.writing_rows() as connection:
            insert_new(connection, leases, [{"role": role.value, **_UNHELD}])
            row = connection.execute(select(leases).where(_L.role == role.value).with_for_update()).one()
            at = now(connection)
            if row.expires > at:
                return None
            epoch = int(row.epoch) + 1
            taken = {**_UNHELD, "holder": holder, "epoch": epoch, "acquired": at}
            connection.execute(
                update(leases).where(_L.role == role.value).values(**taken | {"expires": at + round(seconds * _SECOND)})
            )
        return epoch

    def renew(self, role: Role, holder: str, epoch: int, seconds: float, standing: Standing) -> bool:
        """Compares the epoch and sets the time, in one statement."""
        with self._database.writing_rows() as connection:
            expires = now(connection) + round(seconds * _SECOND)
            said = {"problem": standing.problem, "stuck": standing.stuck}
            changed = connection.execute(update(leases).where(_is(role, holder, epoch)).values(expires=expires, **said))
        return changed.rowcount == 1

    def release(self, role: Role, holder: str, epoch: int) -> None:
        """It has run out from now on."""
        with self._database.writing_rows() as connection:
            connection.execute(update(leases).where(_is(role, holder, epoch)).values(expires=0))

    def release_all(self, ledger: str) -> None:
        """Those of all holders whose names begin with that."""
        with self._database.writing_rows() as connection:
            gone = _L.holder.startswith(ledger, autoescape=True)
            connection.execute(update(leases).where(gone, _L.expires != 0).values(expires=0))

    def current(self) -> dict[Role, Lease]:
        """All rows, and how long each has."""
        with self._database.reading() as connection:
            rows = connection.execute(select(leases)).all()
            at = now(connection)
        return {Role(row.role): _lease(row, at) for row in rows}


def fence(role: Role, epoch: int) -> Callable[[Connection], None]:
    """What each write transaction of that epoch begins with: `LeaseLost` where there is a newer one."""
    # Shared with `renew`, and not with whoever acquires the lease: that one waits until the transaction has ended.
    asked = select(_L.epoch).where(_L.role == role.value).with_for_update(read=True, key_share=True)

    def check(connection: Connection) -> None:
        hurry(connection)
        found = connection.execute(asked).scalar()
        if found != epoch:
            raise LeaseLost(f"this process was the {role.value} of epoch {epoch}, and the newest epoch is {found}")

    return check


def _is(role: Role, holder: str, epoch: int) -> Any:
    return (_L.role == role.value) & (_L.holder == holder) & (_L.epoch == epoch)


def _lease(row: Any, at: int) -> Lease:
    left = (row.expires - at) / _SECOND
    standing = Standing(row.problem, row.stuck)
    return Lease(Role(row.role), row.holder, row.epoch, row.acquired / _SECOND, left, standing)
