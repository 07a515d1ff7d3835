"""
Follows a published log and its checkpoints on chain, round by round; ports in, alarms out.

A round reads the chain, then the published checkpoint, then every entry bundle and every tile that is new; it hashes
the entries itself. `ledger.domain.log.watching` judges what was shown. What cannot be asked is a reason why the round
could not tell, no alarm, until it has lasted too long.

What was learnt (`Watched`) is a value: the caller keeps it. A round that raises an alarm about the log does not move
the verified tree, so that the next one compares with the same tree again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from secrets import randbelow

from ledger.domain.errors import ChainError, InvalidInput, LogUnavailable
from ledger.domain.log import anchors, samples, watching
from ledger.domain.log.alarms import Alarm, AlarmKind
from ledger.domain.log.anchors import ChainView
from ledger.domain.log.contract import LogContract
from ledger.domain.log.edge import Rebuild
from ledger.domain.log.signed_notes import NoteKey
from ledger.domain.log.tile_names import EntryBundle, Tile, bundles_new
from ledger.domain.log.tiles import ENTRY_BYTES
from ledger.domain.log.watching import Published, Watched
from ledger.domain.merkle import HASH_BYTES, TreeHash
from ledger.ports_monitor import CheckpointSource, LogSource

AT_ONCE = 16
"""Files that are asked for at the same time."""
_SAMPLES = 3
_MOST_OF_A_KIND = 10
_BUNDLE_STEP = 2 + ENTRY_BYTES


@dataclass(frozen=True, slots=True)
class Tolerance:
    """
    `max_age`: seconds that silence, or a checkpoint that is on one side only, is put up with. `confirmations`: blocks
    after which a checkpoint is final. `pause`: seconds before a file that was not there is asked for a last time.
    """

    max_age: float
    confirmations: int
    pause: float


@dataclass(frozen=True, slots=True)
class Round:
    """What is known now, what is wrong, and why more could not be told. None: that side was not seen."""

    watched: Watched
    alarms: tuple[Alarm, ...]
    reasons: tuple[str, ...]
    published: Published | None
    view: ChainView | None


@dataclass(slots=True)
class _Findings:
    """What a round comes upon."""

    alarms: dict[str, Alarm] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)

    def add(self, *alarms: Alarm | None) -> None:
        """One alarm for one finding; of many files that are missing, the first ones."""
        for alarm in alarms:
            if alarm is not None and sum(one.kind is alarm.kind for one in self.alarms.values()) < _MOST_OF_A_KIND:
                self.alarms.setdefault(alarm.id, alarm)


class Monitor:
    """
    Follows one log, whose key and contract are pinned, by nodes that have to agree with each other. `choose(n)` takes
    one of 0 to n - 1 by a chance that the log cannot foresee.
    """

    def __init__(
        self, log: LogSource, nodes: Sequence[CheckpointSource], key: NoteKey, contract: LogContract,
        tolerance: Tolerance, choose: Callable[[int], int] = randbelow,
    ) -> None:  # fmt: skip
        self._log = log
        self._nodes = nodes
        self._key = key
        self._contract = contract
        self._tolerance = tolerance
        self._choose = choose

    async def round(self, watched: Watched, now: float) -> Round:
        """Looks at everything once. `now` in Unix seconds. Raises nothing for what a service or node could show."""
        found = _Findings()
        # The chain first: a log that publishes what it anchored is then never behind.
        view = await self._read_chain(watched, found)
        published: Published | None = None
        roots = dict(watched.derived)
        try:
            published = await self._read_published(watched, found)
            if published is not None:
                before, watched = watched, await self._follow(watched, published, view, roots, found)
                await self._look_again(before, found)
        except LogUnavailable as error:
            found.reasons.append(str(error))
        if view is not None:
            watched = await self._compare_chain(watched, published, view, roots, found)
        sizes = (None if published is None else published.size), (None if view is None else view.size)
        watched = watching.with_waiting(watched, *sizes, now)
        found.add(*watching.judge_waiting(watched, view, self._tolerance.max_age, now))
        found.add(watching.judge_silence(watched, found.reasons, self._tolerance.max_age, now))
        if not found.reasons:
            watched = replace(watched, told_at=now)
        return Round(watched, tuple(found.alarms.values()), tuple(found.reasons), published, view)

    # ------------------------------------------------------------------------------------------------ the chain

    async def _read_chain(self, watched: Watched, found: _Findings) -> ChainView | None:
        """From the mark's block on; from the first block on where the mark is not there any more."""
        mark = watched.mark
        if mark is not None:
            view = await self._read_nodes(mark.block_number, found)
            if view is None or anchors.has_mark(mark, view):
                return view
            if view.head < mark.block_number:
                found.reasons.append(f"{view.nodes[0]} is at block {view.head}, before the last final checkpoint")
                return None
        whole = await self._read_nodes(0, found)
        if whole is not None:
            found.add(anchors.judge_mark(mark, whole))
        return whole

    async def _read_nodes(self, since: int, found: _Findings) -> ChainView | None:
        """What the nodes that answer agree on; those that do not are told."""
        answers = await asyncio.gather(
            *(node.read(max(since, node.first_block)) for node in self._nodes), return_exceptions=True
        )
        views = []
        for answer in answers:
            if isinstance(answer, ChainError):
                found.reasons.append(str(answer))
            elif isinstance(answer, BaseException):
                raise answer
            else:
                views.append(answer)
        if not views:
            return None
        view = anchors.agreed(views, self._tolerance.confirmations)
        if isinstance(view, str):
            found.reasons.append(view)
            return None
        return view

    async def _compare_chain(
        self, watched: Watched, published: Published | None, view: ChainView,
        roots: dict[int, TreeHash], found: _Findings,
    ) -> Watched:  # fmt: skip
        """Every checkpoint on chain beside the tree, and the new mark."""
        if published is not None:
            found.add(anchors.judge_note_on_chain(published.size, published.root, published.note, view))
        if watched.mark is not None:
            roots.setdefault(watched.mark.size, watched.mark.root)
        past = sorted({one.size for one in view.anchors if one.size <= watched.edge.size} - roots.keys())
        try:
            await self._derive_past(past, watched, roots, found)
        except LogUnavailable as error:
            found.reasons.append(str(error))
        found.add(*anchors.judge_anchors(view, roots))
        mark = anchors.next_mark(watched.mark, view, roots, self._tolerance.confirmations)
        later = {one.size for one in view.anchors if mark is None or one.size > mark.size} & roots.keys()
        return replace(watched, mark=mark, derived=tuple((size, roots[size]) for size in sorted(later)))

    async def _derive_past(
        self, sizes: Iterable[int], watched: Watched, roots: dict[int, TreeHash], found: _Findings
    ) -> None:
        """Roots at sizes before the edge, out of the log's tiles, proven against the edge."""
        tiles: dict[Tile, bytes] = {}
        for size in sizes:
            wanted = [tile for tile in watching.tiles_of_past(size, watched.edge) if tile not in tiles]
            for tile, content in await self._contents(wanted):
                if content is None:
                    found.add(watching.missing_past(tile.path, watched))
                else:
                    tiles[tile] = content
            root = watching.past_root(size, watched.edge, tiles)
            if root is not None:
                roots[size] = root
            elif all(tile in tiles for tile in watching.tiles_of_past(size, watched.edge)):
                found.add(watching.wrong_past(size, watched))

    # -------------------------------------------------------------------------------------------------- the log

    async def _read_published(self, watched: Watched, found: _Findings) -> Published | None:
        """The published checkpoint, if it is signed; whether key and contract are still the pinned ones."""
        shown = await self._log.fetch("log/key")
        if shown is not None:  # the note is verified with the pinned key in any case
            found.add(watching.judge_key(shown.decode("utf-8", "replace"), self._key))
        record = await self._log.fetch("deployment.json")
        if record is not None:  # nodes are asked for the pinned contract in any case
            found.add(watching.judge_contract(record, self._contract))
        note = await self._log.fetch("log/checkpoint")
        if note is None:
            if watched.seen is None:
                raise LogUnavailable("the log has not published a checkpoint yet")
            found.add(watching.missing_note(watched.seen))
            return None
        published = watching.open_published(note, self._key)
        if isinstance(published, Alarm):
            found.add(published)
            return None
        return published

    async def _follow(
        self, watched: Watched, published: Published, view: ChainView | None,
        roots: dict[int, TreeHash], found: _Findings,
    ) -> Watched:  # fmt: skip
        """Up to the published checkpoint, if the tree is what it says; `roots` gets those derived on the way."""
        wrong = watching.judge_published(watched, published)
        if wrong is not None:
            found.add(wrong)
            return watched
        rebuild = Rebuild(watched.edge, watching.sizes_to_derive(watched, published, view.anchors if view else ()))
        try:
            tiles_are_right = await self._rebuild(watched, published, rebuild, found)
        except LogUnavailable:
            raise
        except _Withheld as withheld:
            found.add(withheld.alarm)
            return watching.with_seen(watched, published)
        if rebuild.edge.root != published.root:
            tiles = watching.tiles_to_diagnose(watched, published)
            served = {tile: content for tile, content in await self._contents(tiles) if content is not None}
            alarm = watching.diagnose(watched, published, rebuild.edge.root, served)
            found.add(alarm)
            return watched if alarm.kind is AlarmKind.FORK else watching.with_seen(watched, published)
        roots.update(rebuild.roots)
        wrong = watching.judge_growth(watched, rebuild, published)
        if wrong is not None:
            found.add(wrong)
            return watched if wrong.kind is AlarmKind.FORK else watching.with_seen(watched, published)
        if not tiles_are_right:
            return watching.with_seen(watched, published)
        return replace(watching.with_seen(watched, published), edge=rebuild.edge)

    async def _look_again(self, watched: Watched, found: _Findings) -> None:
        """A few of the bundles that were verified in earlier rounds, with the tiles over them."""
        if any(alarm.kind is AlarmKind.FORK for alarm in found.alarms.values()):
            return  # another tree has other files, and that is told already
        count = samples.full_bundles(watched.edge.size)
        for index in {self._choose(count) for _ in range(min(_SAMPLES, count))}:
            bundle = EntryBundle(index)
            content = await self._content(bundle)
            line = await self._contents(samples.tiles_of_sample(index, watched.edge.size))
            tiles = {tile: tiles for tile, tiles in line if tiles is not None}
            gone = [bundle.path] * (content is None) + [tile.path for tile, _ in line if tile not in tiles]
            found.add(*(watching.missing_past(path, watched) for path in gone))
            if content is not None and not gone:
                path = samples.wrong_file(index, content, tiles, watched.edge)
                found.add(None if path is None else watching.changed_file(path, watched))

    async def _rebuild(self, watched: Watched, published: Published, rebuild: Rebuild, found: _Findings) -> bool:
        """Hashes every new bundle; whether every new tile is what comes out."""
        tile_alarms: list[Alarm] = []
        async for bundle, content in self._stream(bundles_new(watched.edge.size, published.size)):
            if content is None:
                raise _Withheld(watching.bad_file(bundle.path, content, published))
            try:
                filled = rebuild.take(bundle, content)
            except InvalidInput:
                raise _Withheld(watching.bad_file(bundle.path, content, published)) from None
            tile_alarms += await self._compare_tiles(filled, published)
        if published.size > watched.edge.size:
            tile_alarms += await self._compare_tiles(rebuild.edge.partial_tiles, published)
        # Where the root is another one, tiles differ for the same reason, and that is told instead.
        right_root = rebuild.edge.root == published.root
        found.add(*(one for one in tile_alarms if right_root or one.kind is AlarmKind.WITHHELD))
        return not tile_alarms

    async def _compare_tiles(self, derived: Sequence[tuple[Tile, bytes]], published: Published) -> list[Alarm]:
        served = await self._contents([tile for tile, _ in derived])
        alarms = []
        for (tile, right), (_, content) in zip(derived, served, strict=True):
            alarm = (
                watching.bad_file(tile.path, None, published)
                if content is None
                else watching.judge_tile(tile, right, content, published)
            )
            if alarm is not None:
                alarms.append(alarm)
        return alarms

    async def _stream(self, bundles: Iterator[EntryBundle]) -> AsyncIterator[tuple[EntryBundle, bytes | None]]:
        """Bundles in order with their content, some fetched ahead."""
        while part := list(islice(bundles, AT_ONCE)):
            for bundle, content in zip(part, await asyncio.gather(*map(self._content, part)), strict=True):
                yield bundle, content

    async def _contents(self, tiles: Sequence[Tile]) -> list[tuple[Tile, bytes | None]]:
        contents: list[tuple[Tile, bytes | None]] = []
        for start in range(0, len(tiles), AT_ONCE):
            part = tiles[start : start + AT_ONCE]
            contents += zip(part, await asyncio.gather(*map(self._content, part)), strict=True)
        return contents

    async def _content(self, wanted: Tile | EntryBundle) -> bytes | None:
        """The file; where a partial one was outgrown, the beginning of the full one. Asked for twice before None."""
        content = await self._whole_or_part(wanted)
        if content is None:
            await asyncio.sleep(self._tolerance.pause)
            content = await self._whole_or_part(wanted)
        return content

    async def _whole_or_part(self, wanted: Tile | EntryBundle) -> bytes | None:
        content = await self._log.fetch("log/" + wanted.path)
        if content is not None or wanted.is_full:
            return content
        if isinstance(wanted, Tile):
            whole, step = Tile(wanted.level, wanted.index).path, HASH_BYTES
        else:
            whole, step = EntryBundle(wanted.index).path, _BUNDLE_STEP
        content = await self._log.fetch("log/" + whole)
        return None if content is None else content[: wanted.width * step]


class _Withheld(Exception):
    """Without this bundle nothing can be rebuilt."""

    def __init__(self, alarm: Alarm) -> None:
        super().__init__(alarm.sentence)
        self.alarm = alarm
