"""
What a monitor knows of a log, what it is shown, and what follows from both; no I/O, no clock.

A monitor believes nobody. It hashes every entry itself and keeps the right edge of the tree that comes out (`Watched`).
Whatever is shown afterwards has to agree with that tree: the signed checkpoint, every tile, every checkpoint on chain.

- A published checkpoint is signed by the pinned key, never smaller than one that was seen, and of the tree that the
  entries make, which begins with the tree that was verified before.
- A checkpoint on chain has the root of that tree at its size; one that is deeper than re-orgs go does not vanish.
- What is published comes to the chain, and what is on chain is published, within a time that is put up with.

The functions give alarms, or None; they raise nothing for anything that a log or a node could show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ledger.domain.errors import InvalidInput, WrongChain
from ledger.domain.json_tree import parse_json
from ledger.domain.log.alarms import Alarm, AlarmKind
from ledger.domain.log.anchors import Anchor, ChainView
from ledger.domain.log.checkpoints import open_checkpoint
from ledger.domain.log.contract import LogContract
from ledger.domain.log.edge import Rebuild, RightEdge
from ledger.domain.log.proofs import (
    ConsistencyProof,
    nodes_of_consistency,
    nodes_of_root,
    prove_consistency,
    root_at,
)
from ledger.domain.log.signed_notes import NoteKey
from ledger.domain.log.tile_names import Tile
from ledger.domain.log.tiles import TileHashes, tiles_with
from ledger.domain.merkle import TreeHash


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint whose signature by the log's key was verified, and the note itself."""

    size: int
    root: TreeHash
    note: bytes

    @property
    def evidence(self) -> dict[str, object]:
        """The note as it was shown."""
        return {"note": self.note.decode()}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A size that one side has and the other does not yet, and since when the monitor knows, in Unix seconds."""

    size: int
    since: float


@dataclass(frozen=True, slots=True)
class Watched:
    """
    What was learnt so far. `edge`: the tree up to the last checkpoint that was verified. `seen`: the largest signed
    checkpoint that was shown, verified or not. `mark`: the last checkpoint on chain that was verified with all before
    it and is deeper than re-orgs go; `derived`: roots of the tree at the sizes of later ones. `unpublished`: on chain
    and not published; `unanchored`: the reverse. `told_at`: when a round last came to a conclusion, in Unix seconds.
    """

    edge: RightEdge
    told_at: float
    seen: Published | None = None
    mark: Anchor | None = None
    derived: tuple[tuple[int, TreeHash], ...] = ()
    unpublished: Waiting | None = None
    unanchored: Waiting | None = None

    @classmethod
    def nothing(cls, now: float) -> Watched:
        """Before the first round."""
        return cls(RightEdge.of_empty_log(), now)


# ---------------------------------------------------------------------------------------------- what is published


def open_published(data: bytes, key: NoteKey) -> Published | Alarm:
    """The checkpoint in a note, or that it is not to be believed."""
    try:
        opened = open_checkpoint(data, key)
    except InvalidInput as refusal:
        why = refusal.violations[0].message
        return Alarm(
            AlarmKind.BAD_NOTE, "note", f"The published checkpoint is not to be believed: {why}.",
            {"note": data[:4096].decode("utf-8", "backslashreplace"), "key": str(key), "refusal": str(refusal)},
        )  # fmt: skip
    return Published(opened.checkpoint.size, opened.checkpoint.root, data)


def judge_key(shown: str, key: NoteKey) -> Alarm | None:
    """Whether the log still names the key that is pinned."""
    if shown.strip() == str(key):
        return None
    return Alarm(
        AlarmKind.BAD_NOTE, "key", "The log names another key than the pinned one.",
        {"pinned": str(key), "shown": shown.strip()[:4096]},
    )  # fmt: skip


def judge_contract(record: bytes, contract: LogContract) -> Alarm | None:
    """Whether the service still names the contract that is pinned. A record that cannot be read names none."""
    try:
        shown = LogContract.from_json(parse_json(record))
    except (InvalidInput, WrongChain):
        return None
    if shown.is_same_as(contract):
        return None
    return Alarm(
        AlarmKind.CHAIN_DIFFERS, "contract", "The service names another EventLog than the pinned one.",
        {"pinned": contract.to_json(), "shown": shown.to_json()},
    )  # fmt: skip


def judge_published(watched: Watched, published: Published) -> Alarm | None:
    """The checkpoint beside those that were seen before: before a single tile is asked for."""
    seen, edge = watched.seen, watched.edge
    if seen is not None and published.size < seen.size:
        return Alarm(
            AlarmKind.ROLLBACK, "published",
            f"The log published size {seen.size} and now shows {published.size}.",
            _two_notes(seen, published),
        )  # fmt: skip
    other = seen is not None and published.size == seen.size and published.root != seen.root
    if other or (published.size == edge.size and published.root != edge.root):
        return _fork(watched, published, f"The log published two roots for size {published.size}.")
    return None


def sizes_to_derive(watched: Watched, published: Published, anchors: Sequence[Anchor]) -> set[int]:
    """The sizes beyond the edge whose roots are wanted."""
    sizes = {anchor.size for anchor in anchors} | {published.size}
    if watched.seen is not None:
        sizes.add(watched.seen.size)
    return {size for size in sizes if watched.edge.size <= size <= published.size}


def bad_file(path: str, content: bytes | None, published: Published) -> Alarm:
    """A tile or bundle that the checkpoint promises is not there (None), or not of its length and form."""
    how = "is not there" if content is None else f"was given as {len(content)} bytes that are none"
    return Alarm(
        AlarmKind.WITHHELD, path, f"{path} of the log of size {published.size} {how}.",
        {"path": path, "bytes": None if content is None else len(content), **published.evidence},
    )  # fmt: skip


def judge_tile(tile: Tile, derived: bytes, served: bytes, published: Published) -> Alarm | None:
    """A tile beside what the entries hash to."""
    if served == derived:
        return None
    if len(served) != len(derived):
        return bad_file(tile.path, served, published)
    return Alarm(
        AlarmKind.WRONG_ROOT, tile.path, f"{tile.path} is not what the entries under it hash to.",
        {"path": tile.path, "served": served.hex(), "derived": derived.hex(), **published.evidence},
    )  # fmt: skip


def judge_growth(watched: Watched, rebuild: Rebuild, published: Published) -> Alarm | None:
    """
    The tree that the entries make, where its root is the published one: whether it is the tree that was seen before.

    Where the root is another, `diagnose` says why.
    """
    seen = watched.seen
    if seen is not None and (derived := rebuild.roots.get(seen.size)) is not None and derived != seen.root:
        return _fork(
            watched, published,
            f"The log of size {published.size} does not begin with the one of size {seen.size} that was published.",
        )  # fmt: skip
    if rebuild.changed is not None:
        return Alarm(
            AlarmKind.WRONG_ROOT, f"entry {rebuild.changed}",
            f"Entry {rebuild.changed} is shown as another one than before, and the published root does not have it.",
            {"index": rebuild.changed, **published.evidence},
        )  # fmt: skip
    return None


def tiles_to_diagnose(watched: Watched, published: Published) -> tuple[Tile, ...]:
    """The tiles that `diagnose` reads."""
    nodes = [*nodes_of_root(published.size), *nodes_of_consistency(watched.edge.size, published.size)]
    return tiles_with(nodes, published.size)


def diagnose(watched: Watched, published: Published, derived: TreeHash, tiles: Mapping[Tile, bytes]) -> Alarm:
    """
    Why the entries do not make the published root.

    A fork, where the log's own tiles make it and show a tree that does not begin with the one verified before. Else
    the entries or the tiles were exchanged.
    """
    served = _served_root(published, tiles)
    if served == published.root and watched.edge.size:
        proof = _proof(watched.edge.size, published.size, tiles)
        if proof is None or not proof.holds(watched.edge.root, published.root):
            return _fork(
                watched, published,
                f"The log of size {published.size} does not begin with the one of size {watched.edge.size} "
                "that was verified.",
            )  # fmt: skip
    what = "entries" if served == published.root else "entries and tiles"
    return Alarm(
        AlarmKind.WRONG_ROOT, "published",
        f"The {what} of the log of size {published.size} do not hash to the published root.",
        {
            "size": published.size,
            "published": published.root.hex(),
            "fromEntries": derived.hex(),
            "fromTiles": None if served is None else served.hex(),
            **published.evidence,
        },
    )  # fmt: skip


def with_seen(watched: Watched, published: Published) -> Watched:
    """It was shown and signed: whatever follows has to begin with it, even if it was not verified."""
    return replace(watched, seen=published)


def missing_note(seen: Published) -> Alarm:
    """The log had a checkpoint and shows none."""
    return Alarm(
        AlarmKind.WITHHELD, "checkpoint",
        f"The log published size {seen.size} and now shows no checkpoint.",
        seen.evidence,
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------- roots of the past


def tiles_of_past(size: int, edge: RightEdge) -> tuple[Tile, ...]:
    """The tiles that `past_root` reads."""
    return tiles_with([*nodes_of_root(size), *nodes_of_consistency(size, edge.size)], edge.size)


def past_root(size: int, edge: RightEdge, tiles: Mapping[Tile, bytes]) -> TreeHash | None:
    """
    The root at a size before the edge, out of tiles of the log, None where they are not of the tree that is known.

    Nothing is believed: a consistency proof with the root of the edge holds for one earlier root only.
    """
    if size == edge.size:
        return edge.root
    hashes = _hashes(edge.size, tiles)
    try:
        root, proof = root_at(size, hashes), prove_consistency(size, edge.size, hashes)
    except InvalidInput:
        return None
    return root if proof.holds(root, edge.root) else None


def missing_past(path: str, watched: Watched) -> Alarm:
    """A tile of the verified tree is not there any more."""
    return Alarm(
        AlarmKind.WITHHELD, path, f"{path} of the log of size {watched.edge.size} is not there any more.",
        {"path": path, "verifiedSize": watched.edge.size, "verifiedRoot": watched.edge.root.hex()},
    )  # fmt: skip


def changed_file(path: str, watched: Watched) -> Alarm:
    """A full tile or bundle that was verified is another one now."""
    return Alarm(
        AlarmKind.WRONG_ROOT, path, f"{path} is not what it was when the log was verified.",
        {"path": path, "verifiedSize": watched.edge.size, "verifiedRoot": watched.edge.root.hex()},
    )  # fmt: skip


def wrong_past(size: int, watched: Watched) -> Alarm:
    """The log's tiles no longer make the verified tree."""
    return Alarm(
        AlarmKind.WRONG_ROOT, "past", f"The tiles of the log no longer prove its root at size {size}.",
        {"size": size, "verifiedSize": watched.edge.size, "verifiedRoot": watched.edge.root.hex()},
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------- waiting


def with_waiting(watched: Watched, published: int | None, chain: int | None, now: float) -> Watched:
    """
    Notes since when a size of one side is awaited on the other. None: that side could not be asked.

    Sizes need not be the same: a checkpoint of a larger tree that begins with it covers a smaller one.
    """
    behind, bare = watched.unpublished, watched.unanchored
    if published is not None and behind is not None and published >= behind.size:
        behind = None
    if chain is not None and bare is not None and chain >= bare.size:
        bare = None
    if published is not None and chain is not None:
        behind = behind or (Waiting(chain, now) if chain > published else None)
        bare = bare or (Waiting(published, now) if published > chain else None)
    return replace(watched, unpublished=behind, unanchored=bare)


def judge_waiting(watched: Watched, view: ChainView | None, max_age: float, now: float) -> tuple[Alarm, ...]:
    """What has been awaited for more than `max_age` seconds, by the monitor's clock, or for `stale` by the chain's."""
    alarms = []
    behind, bare = watched.unpublished, watched.unanchored
    # The time of the newest checkpoint says at the first look how long it has been the newest.
    on_chain = view.head_time - view.size_time if view is not None and behind and view.size == behind.size else 0
    if behind and (age := max(now - behind.since, on_chain)) > max_age:
        alarms.append(
            Alarm(
                AlarmKind.STALE, "unpublished",
                f"Size {behind.size} has been on chain for {age:.0f} s, and the log has not published it.",
                {"chainSize": behind.size, "seconds": int(age)},
            )
        )  # fmt: skip
    if bare and (age := now - bare.since) > max_age:
        alarms.append(
            Alarm(
                AlarmKind.CHAIN_DIFFERS, "unanchored",
                f"The log published size {bare.size} {age:.0f} s ago, and it is not on chain.",
                {"publishedSize": bare.size, "seconds": int(age)},
            )
        )  # fmt: skip
    return tuple(alarms)


def judge_silence(watched: Watched, reasons: Sequence[str], max_age: float, now: float) -> Alarm | None:
    """A log or chain that could not be asked for more than `max_age` seconds."""
    if not reasons or (age := now - watched.told_at) <= max_age:
        return None
    return Alarm(
        AlarmKind.STALE, "silence", f"Nothing could be verified for {age:.0f} s: {reasons[0]}",
        {"seconds": int(age), "reasons": list(reasons)},
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------- evidence


def _fork(watched: Watched, published: Published, sentence: str) -> Alarm:
    evidence = {"verifiedSize": watched.edge.size, "verifiedRoot": watched.edge.root.hex()}
    return Alarm(AlarmKind.FORK, "published", sentence, evidence | _two_notes(watched.seen, published))


def _two_notes(before: Published | None, now: Published) -> dict[str, object]:
    return {"noteBefore": None if before is None else before.note.decode(), **now.evidence}


def _hashes(size: int, tiles: Mapping[Tile, bytes]) -> TileHashes:
    def source(tile: Tile) -> bytes:
        return tiles.get(tile, b"")  # of no tile's length, which `decode_tile` refuses

    return TileHashes(size, source)


def _served_root(published: Published, tiles: Mapping[Tile, bytes]) -> TreeHash | None:
    try:
        return root_at(published.size, _hashes(published.size, tiles))
    except InvalidInput:
        return None


def _proof(first: int, second: int, tiles: Mapping[Tile, bytes]) -> ConsistencyProof | None:
    try:
        return prove_consistency(first, second, _hashes(second, tiles))
    except InvalidInput:
        return None
