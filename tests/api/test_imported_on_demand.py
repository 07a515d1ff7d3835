"""Libraries that few services need are not in the memory of those that don't."""

from __future__ import annotations

import subprocess
import sys

ON_DEMAND = ("fpdf", "fontTools", "openpyxl", "webauthn")


def test_a_service_imports_what_draws_reads_workbooks_and_checks_passkeys_when_it_has_to() -> None:
    asked = f"import sys, api.public, api.control.operations; print([m for m in {ON_DEMAND} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"
