"""
Reads the pages of README.md and docs/: their commands, links, headings and pictures.

A fenced block ```console holds commands after `$ `, continued by a backslash, with what they print below them: lines
that must be printed in that order, `…` standing for anything. A comment before the block says how it is run:

    <!-- exit: 1 -->            each command of the block ends with 1 instead of 0
    <!-- run: --help -->        each command is run with --help in the place of its arguments
    <!-- until: words -->       the command goes on until it prints the words, then gets Ctrl-C
    <!-- not run: why -->       the block cannot be run in a test

`<!-- then: name -->` between blocks stands for what a person does there; `tests/docs` does it for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_COMMENT = re.compile(r"<!-- *(exit|run|until|not run|then): *(.*?) *-->\Z")
_FENCE = re.compile(r"(`{3,})(\w*)\Z")


@dataclass(frozen=True)
class Command:
    """A command as written, and what the page says of its end and its output."""

    page: Path
    line: int
    text: str
    printed: tuple[str, ...] = ()
    exit: int = 0
    until: str = ""
    only_help: bool = False
    not_run: str = ""

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}: {self.text}"


@dataclass(frozen=True)
class Deed:
    """What a person does between two commands."""

    page: Path
    line: int
    name: str


@dataclass
class _Block:
    directives: dict[str, str]
    commands: list[tuple[int, str, list[str]]] = field(default_factory=list)


def pages() -> list[Path]:
    """README.md and every page below docs/."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def steps(page: Path) -> Iterator[Command | Deed]:
    """What a reader does, in the page's order."""
    directives: dict[str, str] = {}
    block: _Block | None = None
    fence = ""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        stripped = line.strip()
        if fence:
            if stripped == fence:
                if block is not None:
                    yield from _commands(page, block)
                block, fence = None, ""
            elif block is not None:
                _read(block, number, line)
        elif found := _FENCE.match(stripped):
            fence = found[1]
            block = _Block(directives) if found[2] == "console" else None
            directives = {}
        elif comment := _COMMENT.match(stripped):
            if comment[1] == "then":
                yield Deed(page, number, comment[2])
            else:
                directives[comment[1]] = comment[2]
        elif stripped and directives:
            raise ValueError(f"{page}:{number}: {directives} stands before no block of commands")


def _read(block: _Block, number: int, line: str) -> None:
    if line.startswith("$ "):
        block.commands.append((number, line[2:], []))
    elif not block.commands:
        raise ValueError(f"line {number}: a block of commands begins with a command: {line!r}")
    elif not block.commands[-1][2] and block.commands[-1][1].endswith("\\"):
        first, text, printed = block.commands[-1]
        block.commands[-1] = (first, f"{text[:-1].rstrip()} {line.strip()}", printed)
    elif line.strip():
        block.commands[-1][2].append(line.strip())


def _commands(page: Path, block: _Block) -> Iterator[Command]:
    told = block.directives
    for number, text, printed in block.commands:
        yield Command(
            page, number, text, tuple(printed), int(told.get("exit", 0)), told.get("until", ""),
            "run" in told, told.get("not run", ""),
        )  # fmt: skip


def spans(page: Path) -> Iterator[tuple[int, str]]:
    """The page's code: every line of a fenced or indented block, every `span`; with line numbers."""
    fence = ""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if fence:
            if line.strip() == fence:
                fence = ""
            else:
                yield number, line.strip().removeprefix("$ ")
        elif found := _FENCE.match(line.strip()):
            fence = found[1]
        else:
            yield from ((number, text) for text in re.findall(r"`([^`]+)`", line))


def links(page: Path) -> Iterator[tuple[int, str, bool]]:
    """Line, target, and whether it is a picture, of each link of the page."""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        bare = re.sub(r"`[^`]*`", "", line)
        for mark, target in re.findall(r"(!?)\[[^\]]*\]\(([^)\s]+)\)", bare):
            yield number, target, bool(mark)
        for target in re.findall(r'<img[^>]*\bsrc="([^"]+)"', bare):
            yield number, target, True


def anchors(page: Path) -> set[str]:
    """The anchors of the page's headings, as GitHub makes them."""
    found: set[str] = set()
    fence = ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if fence:
            fence = "" if line.strip() == fence else fence
        elif opened := _FENCE.match(line.strip()):
            fence = opened[1]
        elif heading := re.match(r"#{1,6} +(.*)", line):
            words = re.sub(r"[^\w\- ]", "", heading[1].strip().lower())
            found.add(words.replace(" ", "-"))
    return found
