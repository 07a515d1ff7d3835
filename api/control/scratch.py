"""
Answers, in a throw-away ledger, what can be answered before there is a ledger: dry runs and labels.

The throw-away ledger lives as long as this process. So the files of one dry run build on each other: master data named
first admits the parties of a workbook named after it. `rules_checked` in a report is false where no party was named,
so that nobody could be held to the ledger's rules.
"""

from __future__ import annotations

import asyncio
import tempfile
from functools import cache
from pathlib import Path

from api.control.operations import OPERATIONS
from api.control.protocol import Params, ProgressCallback, Result
from ledger.settings import Settings
from ledger.wiring import open_scratch_ledger


def answers(name: str, params: Params) -> bool:
    """Whether the operation asks nothing that only a ledger knows."""
    return name == "label" or (name == "import" and bool(params.get("dry_run")))


def call_scratch(settings: Settings, name: str, params: Params, progress: ProgressCallback) -> Result:
    """The operation's result. Raises the ledger's own errors."""

    async def work() -> Result:
        async with open_scratch_ledger(settings, Path(_folder().name)) as ledger:
            if name != "import":
                return await OPERATIONS[name](ledger, params, progress)
            result = await OPERATIONS[name](ledger, {**params, "dry_run": False}, progress)
            known = bool(ledger.store.master_data().parties)
            return {**result, "dry_run": True, "rules_checked": result["rules_checked"] and known}

    return asyncio.run(work())


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """One for the process; removed when it ends."""
    return tempfile.TemporaryDirectory(prefix="silkroot-")
