"""The commands of the Chinese pages, typed as written: see `doc_reader`."""

from __future__ import annotations

import pytest
from doc_reader import reader

pytestmark = pytest.mark.chain


def test_everything_of_the_pages_can_be_done(tmp_path_factory: pytest.TempPathFactory) -> None:
    with reader("zh", tmp_path_factory.mktemp("reader")) as somebody:
        somebody.read_everything()
