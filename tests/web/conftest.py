"""The verifier's library, bundled once."""

from __future__ import annotations

from pathlib import Path

import pytest
from web_library import bundle_library


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle's path."""
    return bundle_library(tmp_path_factory.mktemp("web"))
