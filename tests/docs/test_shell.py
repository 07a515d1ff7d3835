"""What a page shows is looked for in what was printed."""

from __future__ import annotations

from doc_shell import is_printed


def test_a_line_that_is_not_printed_is_found() -> None:
    assert is_printed(("a  b", "c…e"), "x a b\ncde\n") == ""
    assert is_printed(("c…e", "a b"), "a b\ncde\n") == "a b"
