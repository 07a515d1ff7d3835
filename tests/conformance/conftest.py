"""Where the conformance data lies: $CONFORMANCE_DIR, else ../shared/conformance beside the checkout."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("CONFORMANCE_DIR") or Path(__file__).parents[3] / "shared" / "conformance")


@pytest.fixture(scope="session")
def conformance_dir() -> Path:
    """The folder; skips where there is none, and fails instead where CI runs."""
    if not (ROOT / "README.md").is_file():
        reason = f"no conformance data at {ROOT}; set CONFORMANCE_DIR"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return ROOT
