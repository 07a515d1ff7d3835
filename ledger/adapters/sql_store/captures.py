"""
Keys of the capture interface, and its jobs, in SQL; implements `ledger.ports_capture`.

Every method is one short transaction. Raises `StoreError` for a row that cannot have been written by us.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.capture_tables import api_keys, capture_jobs
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.reading import chunks
from ledger.domain.api_keys import ApiAction, ApiKey
from ledger.domain.capture_job import CapturedName, CaptureError, CaptureJob, JobPlace
from ledger.domain.errors import StoreError, Violation
from ledger.domain.identifiers import ContentHash, PartyId

_K, _J = api_keys.c, capture_jobs.c
_NOTHING = bytes(32)
_SHORT = (
    _J.id, _J.party, _J.key_id, _J.created_at, _J.finished_at, _J.success, _J.with_rollback, _J.event_count,
    _J.repeated, _J.error_count,
)  # fmt: skip


def write_job(connection: Connection, job: CaptureJob, forget_before: int) -> None:
    """Writes the job, and takes those away that were made before that time (Unix seconds)."""
    row = {
        "id": job.id,
        "party": int(job.party),
        "key_id": job.key_id,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "success": job.success,
        "with_rollback": job.rollback,
        "event_count": job.event_count,
        "repeated": job.repeated,
        "contents": b"".join(content or _NOTHING for content in job.contents),
        "errors": orjson.dumps([[error.event, *_parts(error.violation)] for error in job.errors]),
        "error_count": job.error_count,
    }
    connection.execute(delete(capture_jobs).where(_J.created_at < forget_before * 1_000_000))
    connection.execute(insert(capture_jobs), row)


class SqlApiKeys:
    """Keys in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, key: ApiKey) -> None:
        """Keeps a new key."""
        row = {
            "id": key.id,
            "party": int(key.party),
            "name": key.name,
            "actions": " ".join(sorted(key.actions)),
            "secret_hash": key.secret_hash,
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "revoked_at": key.revoked_at,
            "last_used": key.last_used,
        }
        with self._database.writing() as connection:
            connection.execute(insert(api_keys), row)

    def get(self, key_id: str) -> ApiKey | None:
        """The key of that id."""
        with self._database.reading() as connection:
            row = connection.execute(select(api_keys).where(_K.id == key_id)).first()
        return None if row is None else _key_of(row)

    def of(self, party: PartyId | None) -> list[ApiKey]:
        """All keys of the party, or of all parties; oldest first."""
        asked = select(api_keys).order_by(_K.created_at, _K.id)
        with self._database.reading() as connection:
            rows = connection.execute(asked if party is None else asked.where(_K.party == int(party))).all()
        return [_key_of(row) for row in rows]

    def revoke(self, key_id: str, at: int) -> bool:
        """Ends the key; False where there is none or it was revoked before."""
        live = and_(_K.id == key_id, _K.revoked_at.is_(None))
        with self._database.writing() as connection:
            return connection.execute(update(api_keys).where(live).values(revoked_at=at)).rowcount == 1

    def used(self, key_id: str, day: int) -> None:
        """The key was used on the day that begins then."""
        with self._database.writing() as connection:
            connection.execute(update(api_keys).where(_K.id == key_id).values(last_used=day))


class SqlCaptureJobs:
    """Jobs in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, job: CaptureJob, *, forget_before: int) -> None:
        """Keeps the job, and forgets those that were made before that time (Unix seconds)."""
        with self._database.writing() as connection:
            write_job(connection, job, forget_before)

    def job(self, job_id: str, party: PartyId) -> CaptureJob | None:
        """The party's job of that id."""
        asked = select(capture_jobs).where(_J.id == job_id, _J.party == int(party))
        with self._database.reading() as connection:
            row = connection.execute(asked).first()
        return None if row is None else _job_of(row, _contents_of(row), _errors_of(row))

    def jobs(self, party: PartyId, after: JobPlace | None, limit: int) -> list[CaptureJob]:
        """The first `limit` jobs of the party, newest first, from behind that place; without errors and events."""
        asked = select(*_SHORT).where(_J.party == int(party))
        if after is not None:
            same = and_(_J.created_at == after.created_at, _J.id < after.id)
            asked = asked.where(or_(_J.created_at < after.created_at, same))
        with self._database.reading() as connection:
            rows = connection.execute(asked.order_by(_J.created_at.desc(), _J.id.desc()).limit(limit)).all()
        return [_job_of(row) for row in rows]

    def names(self, contents: Collection[ContentHash]) -> dict[ContentHash, CapturedName]:
        """Number and eventID of these events."""
        c, found = t.events.c, dict[ContentHash, CapturedName]()
        with self._database.reading() as connection:
            for chunk in chunks(contents):
                asked = select(c.content_hash, c.sequence, c.event_id).where(c.content_hash.in_(chunk))
                for row in connection.execute(asked):
                    found[ContentHash(row.content_hash)] = CapturedName(row.sequence, row.event_id)
        return found


def _parts(violation: Violation) -> tuple[str, str, str, str]:
    return violation.field, violation.rule, violation.value, violation.message


def _key_of(row: Any) -> ApiKey:
    try:
        actions = frozenset(ApiAction(name) for name in row.actions.split())
    except ValueError as error:
        raise StoreError(f"the actions of API key {row.id} cannot be read: {error}") from error
    return ApiKey(
        row.id, PartyId(row.party), row.name, actions, row.secret_hash, row.created_at, row.expires_at,
        row.revoked_at, row.last_used,
    )  # fmt: skip


def _job_of(
    row: Any, contents: tuple[ContentHash | None, ...] = (), errors: tuple[CaptureError, ...] = ()
) -> CaptureJob:
    return CaptureJob(
        row.id, PartyId(row.party), row.key_id, row.created_at, row.with_rollback, row.event_count, row.finished_at,
        row.success, contents, row.repeated, errors, row.error_count,
    )  # fmt: skip


def _contents_of(row: Any) -> tuple[ContentHash | None, ...]:
    parts = (row.contents[at : at + 32] for at in range(0, len(row.contents), 32))
    return tuple(None if part == _NOTHING else ContentHash(part) for part in parts)


def _errors_of(row: Any) -> tuple[CaptureError, ...]:
    try:
        return tuple(CaptureError(event, Violation(*parts)) for event, *parts in orjson.loads(row.errors))
    except (TypeError, ValueError) as error:
        raise StoreError(f"the errors of capture job {row.id} cannot be read: {error}") from error
