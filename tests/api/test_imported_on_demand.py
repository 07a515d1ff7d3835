"""Libraries that few services need are not in the memory of those that don't."""

from __future__ import annotations

import subprocess
import sys

import pytest

SERVICE = "api.public, api.control.operations, api.serve"
PREPARER = "ledger.services.prepared_bytes, ledger.adapters.forked_workers"
"""What the process that others are forked from, and those others, have of their own."""
DERIVER = "ledger.services.integrate_elsewhere, ledger.adapters.sql_store.log_pages"


@pytest.mark.parametrize(
    ("imported", "on_demand"),
    [
        pytest.param(
            SERVICE, ("fpdf", "fontTools", "openpyxl", "webauthn", "PIL", "qrcode", "py_ecc", "eth_account"),
            id="a service: what draws, reads workbooks, photos and keystores, and checks passkeys",
        ),
        pytest.param(
            PREPARER, ("eth_abi", "pydantic", "httpx", "asyncio", "sqlalchemy", "fastapi"),
            id="a process that prepares documents: what talks to chains, and what pages are made of",
        ),
        pytest.param(
            DERIVER, ("eth_abi", "pydantic", "httpx", "asyncio", "sqlalchemy", "alembic", "fastapi"),
            id="a process that derives pages of the log: the same, though it reads the database",
        ),
    ],
)  # fmt: skip
def test_is_imported_when_it_has_to_be(imported: str, on_demand: tuple[str, ...]) -> None:
    asked = f"import sys, {imported}; print([m for m in {on_demand} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"
