"""The commands of the English pages, and of those that exist in no other language, typed as written: `doc_reader`."""

from __future__ import annotations

import pytest
from doc_reader import reader

pytestmark = pytest.mark.chain


def test_everything_of_the_pages_can_be_done(tmp_path_factory: pytest.TempPathFactory) -> None:
    with reader("en", tmp_path_factory.mktemp("reader")) as somebody:
        somebody.read_everything()
