"""
The lines that travel over the control socket: newline-delimited JSON, progress first, then one outcome.

    {"progress": [done, total, "what"]}
    {"result": {...}}  or  {"error": {"type": "Refused", "message": "...", "violations": [...]}}
"""

from __future__ import annotations

from typing import Any

from ledger.domain import errors
from ledger.domain.errors import InvalidInput, SilkrootError, Violation
from ledger.ports import Progress

Params = dict[str, Any]
Result = dict[str, Any]
ProgressCallback = Progress

_ERRORS: dict[str, type[SilkrootError]] = {
    name: member
    for name, member in vars(errors).items()
    if isinstance(member, type) and issubclass(member, SilkrootError)
}


def error_to_json(error: SilkrootError) -> dict[str, Any]:
    """The error as the client raises it again."""
    violations = error.violations if isinstance(error, InvalidInput) else ()
    return {
        "type": type(error).__name__,
        "message": str(error),
        "violations": [{"field": v.field, "rule": v.rule, "value": v.value, "message": v.message} for v in violations],
    }


def error_from_json(data: dict[str, Any]) -> SilkrootError:
    """The error that `error_to_json` described, of the same class."""
    kind = _ERRORS.get(data["type"], SilkrootError)
    if issubclass(kind, InvalidInput):
        return kind([Violation(**violation) for violation in data["violations"]])
    return kind(data["message"])
