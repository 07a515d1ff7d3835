"""Capture jobs as JSON: what the capture interface answers, and the models that describe it in OpenAPI."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from ledger.domain.capture_job import CaptureError, CaptureJob
from ledger.domain.log.acknowledgement_json import acknowledgement_to_json
from ledger.services.capture import CONFLICT
from ledger.services.capture_jobs import Captured


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class CaptureErrorBody(_Body):
    """A rule that an event of the document breaks, as a problem (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    event: int = Field(description="The event's place in the document, from 0")
    field: str = Field(description="JSON pointer into the event")
    rule: str
    value: str


class CapturedEventBody(_Body):
    """A recorded event."""

    event: int = Field(description="Its place in the document, from 0")
    content_hash: str = Field(description="Its identity: 0x and 64 hex digits")
    event_id: str = Field(alias="eventID")
    sequence: int = Field(description="Its number in this ledger")
    receipt: dict[str, Any] | None = Field(description="The log's signed acknowledgement, see docs/log.md")


class CaptureJobBody(_Body):
    """What became of a document."""

    capture_id: str = Field(alias="captureID")
    created_at: str
    finished_at: str | None = None
    running: bool
    success: bool = Field(description="No event was refused so far")
    capture_error_behaviour: Literal["rollback", "proceed"]
    event_count: int
    repeated: int = Field(description="Events that were recorded before")
    error_count: int
    errors: list[CaptureErrorBody] | None = Field(default=None, description="The first of them")
    events: list[CapturedEventBody] | None = Field(default=None, description="Those that are recorded")


class CaptureJobsBody(_Body):
    """A page of jobs."""

    capture_jobs: list[CaptureJobBody]


def job_json(job: CaptureJob, captured: Sequence[Captured] | None = None) -> dict[str, Any]:
    """The job; with its errors and events where `captured` is given."""
    told: dict[str, Any] = {
        "captureID": job.id,
        "createdAt": _time(job.created_at),
        "running": job.running,
        "success": job.success,
        "captureErrorBehaviour": "rollback" if job.rollback else "proceed",
        "eventCount": job.event_count,
        "repeated": job.repeated,
        "errorCount": job.error_count,
    }
    if job.finished_at is not None:
        told["finishedAt"] = _time(job.finished_at)
    if captured is not None:
        told["errors"] = [_error_json(error) for error in job.errors]
        told["events"] = [_captured_json(one) for one in captured]
    return told


def _error_json(error: CaptureError) -> dict[str, Any]:
    broken = error.violation
    conflict = broken.rule == CONFLICT
    return {
        # The names that the EPCIS 2.0 REST binding has for kinds of errors.
        "type": "epcisException:ResourceAlreadyExistsException" if conflict else "epcisException:ValidationException",
        "title": "Another event has this eventID" if conflict else "An event was refused",
        "status": 409 if conflict else 400,
        "detail": broken.message,
        "event": error.event,
        "field": broken.field,
        "rule": broken.rule,
        "value": broken.value,
    }


def _captured_json(one: Captured) -> dict[str, Any]:
    return {
        "event": one.index,
        "contentHash": "0x" + one.content_hash.hex(),
        "eventID": one.name.event_id,
        "sequence": one.name.sequence,
        "receipt": None if one.receipt is None else acknowledgement_to_json(one.receipt),
    }


def _time(microseconds: int) -> str:
    moment = datetime.fromtimestamp(microseconds / 1_000_000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
