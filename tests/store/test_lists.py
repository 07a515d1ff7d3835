"""Every file of this folder runs on both databases, or says why not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FILES = {path.stem for path in Path(__file__).parent.glob("test_*.py")}


@pytest.fixture
def lists(request: pytest.FixtureRequest) -> tuple[set[str], set[str]]:
    """Those on both databases, and those on one."""
    (conftest,) = [
        plugin
        for plugin in request.config.pluginmanager.get_plugins()
        if getattr(plugin, "__file__", None) == str(Path(__file__).with_name("conftest.py"))
    ]
    return set(conftest.ON_BOTH), set(conftest.ON_ONE)


def test_every_file_is_in_one_of_the_lists(lists: tuple[set[str], set[str]]) -> None:
    on_both, on_one = lists
    assert on_both & on_one == set()
    assert on_both | on_one == FILES


def test_a_file_on_both_opens_no_database_of_its_own(lists: tuple[set[str], set[str]]) -> None:
    """What goes to a SQLite file by itself asks nothing of the other database, whatever list it stands in."""
    for name in lists[0]:
        text = Path(__file__).with_name(f"{name}.py").read_text()
        assert re.findall(r"sqlite3\.connect|\bworld\.database\b|\*\.sqlite3|sqlite3\*", text) == [], name
