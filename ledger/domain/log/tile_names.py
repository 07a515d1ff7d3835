"""
The names of a log's tiles and entry bundles, and which of them a log of some size consists of; no I/O.

C2SP tlog-tiles. A tile of level L holds up to 256 consecutive hashes of perfect subtrees over 256^L leaves; a bundle up
to 256 consecutive entries. All but the last one of a level are full. The last one is partial: its name says its width.

    tile/<L>/<N>[.p/<W>]        tile/entries/<N>[.p/<W>]

N is written in groups of three digits, all but the last behind an x: 1234067 is `x001/x234/067`.

Raises `InvalidInput`, rule `log.tile`, for a name or a path that no log of up to 2^64 - 1 leaves has. One thing has
one path: additional zeros, groups or signs are refused.

>>> [tile.path for tile in tiles_of(513)]
['tile/0/000', 'tile/0/001', 'tile/0/002.p/1', 'tile/1/000.p/2']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import UINT64_MAX

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
"""Hashes of a full tile, and entries of a full bundle."""
_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([0-9]{1,3}))?")
_LONGEST_PATH = 64


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """Hashes `index * 256` to `index * 256 + width - 1` of tree level `8 * level`; `width` is 1 to 256."""

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        _check(self.level, self.index, self.width)

    @property
    def is_full(self) -> bool:
        """Whether it will never change its name again."""
        return self.width == TILE_WIDTH

    @property
    def first(self) -> int:
        """The index, on tree level `8 * level`, of the first hash."""
        return self.index << TILE_HEIGHT

    @property
    def path(self) -> str:
        """The path below the log's address, without a slash in front."""
        return f"tile/{self.level}/{_index_path(self.index)}{_width_path(self.width)}"


@dataclass(frozen=True, slots=True, order=True)
class EntryBundle:
    """Entries `index * 256` to `index * 256 + width - 1` of the log; `width` is 1 to 256."""

    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        _check(0, self.index, self.width)

    @property
    def is_full(self) -> bool:
        """Whether it will never change its name again."""
        return self.width == TILE_WIDTH

    @property
    def first(self) -> int:
        """The index in the log of the first entry."""
        return self.index << TILE_HEIGHT

    @property
    def path(self) -> str:
        """The path below the log's address, without a slash in front."""
        return f"tile/entries/{_index_path(self.index)}{_width_path(self.width)}"


def parse_path(path: str) -> Tile | EntryBundle:
    """What a path below the log's address names. Says nothing about whether a log is large enough to have it."""
    match = _PATH.fullmatch(path) if len(path) <= _LONGEST_PATH else None
    if match is None:
        raise _no_tile(path)
    level, groups, width = match.groups()
    index = int(groups.replace("/", "").replace("x", ""))
    named: Tile | EntryBundle
    # A full one is named without its width, so that 256 behind .p/ does not come back as it went in.
    if level == "entries":
        named = EntryBundle(index, int(width) if width else TILE_WIDTH)
    else:
        named = Tile(int(level), index, int(width) if width else TILE_WIDTH)
    if named.path != path:
        raise _no_tile(path)
    return named


# --------------------------------------------------------------------------------------------- a log of some size


def hashes_at(level: int, size: int) -> int:
    """How many hashes the tiles of that level hold together in a log of that size."""
    return size >> (TILE_HEIGHT * level)


def levels_of(size: int) -> range:
    """The levels on which a log of that size has tiles; none where it is empty."""
    _check_size(size)
    return range((size.bit_length() + TILE_HEIGHT - 1) // TILE_HEIGHT)


def tile_at(level: int, index: int, size: int) -> Tile:
    """The tile of that level and index as a log of that size has it: full, or partial where it is the last."""
    _check_size(size)
    return Tile(level, index, min(TILE_WIDTH, hashes_at(level, size) - (index << TILE_HEIGHT)))


def tiles_of(size: int) -> Iterator[Tile]:
    """All tiles of a log of that size, level by level: about one for 255 leaves."""
    return tiles_new(0, size)


def bundles_of(size: int) -> Iterator[EntryBundle]:
    """All entry bundles of a log of that size."""
    return bundles_new(0, size)


def tiles_new(before: int, after: int) -> Iterator[Tile]:
    """The tiles that a log of size `after` has and one of size `before` did not have under the same name."""
    _check_growth(before, after)
    for level in levels_of(after):
        for index in _indexes_new(hashes_at(level, before), hashes_at(level, after)):
            yield tile_at(level, index, after)


def bundles_new(before: int, after: int) -> Iterator[EntryBundle]:
    """The entry bundles that a log of size `after` has and one of size `before` did not have under the same name."""
    _check_growth(before, after)
    for index in _indexes_new(before, after):
        yield EntryBundle(index, min(TILE_WIDTH, after - (index << TILE_HEIGHT)))


def tiles_outgrown(before: int, after: int) -> Iterator[Tile]:
    """
    The partial tiles of a log of size `before` that are full in one of size `after`.

    A log may forget these: whoever asks for one is also content with the full tile. Partial tiles of a published
    checkpoint that are not among them have to be kept.
    """
    _check_growth(before, after)
    for level in levels_of(before):
        count = hashes_at(level, before)
        last = count >> TILE_HEIGHT
        if count % TILE_WIDTH and hashes_at(level, after) >= (last + 1) << TILE_HEIGHT:
            yield tile_at(level, last, before)


def bundles_outgrown(before: int, after: int) -> Iterator[EntryBundle]:
    """The same for entry bundles: at most one."""
    _check_growth(before, after)
    last = before >> TILE_HEIGHT
    if before % TILE_WIDTH and after >= (last + 1) << TILE_HEIGHT:
        yield EntryBundle(last, before % TILE_WIDTH)


def _indexes_new(before: int, after: int) -> range:
    """Of 256 things each: from the one that was not full yet up to the last. None where nothing was added."""
    if before == after:
        return range(0)
    return range(before >> TILE_HEIGHT, (after + TILE_WIDTH - 1) >> TILE_HEIGHT)


def _index_path(index: int) -> str:
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*("x" + group for group in groups[:-1]), groups[-1]])


def _width_path(width: int) -> str:
    return "" if width == TILE_WIDTH else f".p/{width}"


def _check(level: int, index: int, width: int) -> None:
    small = 0 <= level <= 7 and index >= 0 and 1 <= width <= TILE_WIDTH
    if not small or (((index << TILE_HEIGHT) + width) << (TILE_HEIGHT * level)) > UINT64_MAX:
        raise _no_tile(f"{level}/{index} of width {width}")


def _check_size(size: int) -> None:
    if not 0 <= size <= UINT64_MAX:
        raise InvalidInput.one("size", "merkle.size", size, "a log has 0 to 2^64 - 1 leaves")


def _check_growth(before: int, after: int) -> None:
    _check_size(after)
    if not 0 <= before <= after:
        raise InvalidInput.one("before", "merkle.size", before, f"the earlier size is 0 to {after}, the later one")


def _no_tile(value: str) -> InvalidInput:
    return InvalidInput.one("path", "log.tile", value, "no log of up to 2^64 - 1 leaves has a tile of this name")
