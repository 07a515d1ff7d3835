"""The verifier's library, bundled once."""

from __future__ import annotations

from pathlib import Path

import pytest
from chain_fixtures import anvil_url  # noqa: F401 - fixtures
from proof_world import proof_world  # noqa: F401 - fixtures
from web_library import bundle_library


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle's path."""
    return bundle_library(tmp_path_factory.mktemp("web"))


@pytest.fixture(scope="session")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole verifier's bundle."""
    return bundle_library(tmp_path_factory.mktemp("verifier"), "verifier")
