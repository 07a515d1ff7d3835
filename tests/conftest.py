"""
Settings for every test.

Property tests run without deadlines, since a loaded machine is not a wrong program, and with a fixed seed, so that a
red run is red again. `HYPOTHESIS_PROFILE=explore` looks for new examples.

Files whose tests take minutes come first: workers of a parallel run take one file at a time, and one that is begun last
keeps the others waiting.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

TESTS = Path(__file__).resolve().parent
LONG = [
    TESTS / name
    for name in (
        "browser/test_page_tour.py", "docs/test_commands_en.py", "docs/test_commands_zh.py",
        "browser/test_first_run.py",
        "web/test_verify_whole_season.py", "faults/test_kill_submitter.py", "faults/test_kill_in_import.py",
        "faults/test_on_postgresql.py", "installed/test_wheel.py", "chain/test_rules_agree.py",
        "chain/test_registry_rules_agree.py", "chain/test_demo_season.py", "chain/test_packing_day.py",
        "chain/test_projection_is_the_chain.py", "chain/test_local_chain.py", "docs/test_capture_page.py",
    )
]  # fmt: skip
"""The longest, longest first."""

# Tests read English, whatever the machine that runs them speaks; those of other languages ask for theirs.
os.environ["SILKROOT_LANG"] = "en"

settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("explore", settings.get_profile("house"), derandomize=False, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those of `LONG` first, all others in the order that they have."""
    missing = [path for path in LONG if not path.exists()]
    assert not missing, f"{missing}: not there any more; see LONG in {__file__}"
    place = {path: number for number, path in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path, len(LONG)))
