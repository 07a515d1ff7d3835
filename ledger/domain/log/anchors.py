"""
Checkpoints on chain as a monitor reads them, and whether they are those of the tree that it derived; no I/O.

A `Checkpoint` log of `EventLog` has size and root. What is deeper than re-orgs go (final) does not vanish; the last
one of those that was verified is a monitor's mark, from whose block it reads on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ledger.domain.log.alarms import Alarm, AlarmKind
from ledger.domain.merkle import TreeHash


@dataclass(frozen=True, slots=True)
class Anchor:
    """A `Checkpoint` log of `EventLog`, and where on chain it is. Block hash and transaction have 32 bytes."""

    size: int
    root: TreeHash
    previous_size: int
    block_number: int
    block_hash: bytes
    transaction: bytes
    log_index: int


@dataclass(frozen=True, slots=True)
class ChainView:
    """
    The log on chain as nodes show it: the checkpoints from some block up to the head, in the chain's order, and the
    latest one's size. Times are those of blocks, in Unix seconds.
    """

    nodes: tuple[str, ...]
    head: int
    head_time: int
    size: int
    size_time: int
    anchors: tuple[Anchor, ...]

    def final(self, confirmations: int) -> tuple[Anchor, ...]:
        """The checkpoints that have so many confirmations, the block's own counted as the first."""
        return tuple(one for one in self.anchors if one.block_number <= self.head - confirmations + 1)


def agreed(views: Sequence[ChainView], confirmations: int) -> ChainView | str:
    """
    What several nodes show of the same blocks: the view of the one that is furthest, or in which they differ.

    They have to agree on all that is final for the one that is furthest behind; the rest may still be on its way.
    """
    final = min(view.head for view in views) - confirmations + 1
    first, *others = ([one for one in view.anchors if one.block_number <= final] for view in views)
    for view, anchors in zip(views[1:], others, strict=True):
        if anchors != first:
            return f"{views[0].nodes[0]} and {view.nodes[0]} show different checkpoints up to block {final}"
    furthest = max(views, key=lambda view: view.head)
    return replace(furthest, nodes=tuple(name for view in views for name in view.nodes))


def judge_anchors(view: ChainView, roots: Mapping[int, TreeHash]) -> tuple[Alarm, ...]:
    """Each checkpoint on chain beside the root of the tree at its size; sizes without a root are not known yet."""
    return tuple(
        Alarm(
            AlarmKind.CHAIN_DIFFERS, f"size {anchor.size}",
            f"The root of size {anchor.size} on chain is not that of the log at this size.",
            {**_evidence(anchor, view), "derived": roots[anchor.size].hex()},
        )
        for anchor in view.anchors
        if anchor.size in roots and roots[anchor.size] != anchor.root
    )  # fmt: skip


def judge_note_on_chain(size: int, root: TreeHash, note: bytes, view: ChainView) -> Alarm | None:
    """A published checkpoint beside one of the same size on chain: needs no tile."""
    for anchor in view.anchors:
        if anchor.size == size and anchor.root != root:
            return Alarm(
                AlarmKind.CHAIN_DIFFERS, f"size {size}",
                f"The root of size {size} on chain is not the published one.",
                {**_evidence(anchor, view), "published": root.hex(), "note": note.decode()},
            )  # fmt: skip
    return None


# ------------------------------------------------------------------------------------------------------ the mark


def has_mark(mark: Anchor | None, view: ChainView) -> bool:
    """Whether the chain still has the checkpoint, in any block: a re-org may carry it to another."""
    return mark is None or any((one.size, one.root) == (mark.size, mark.root) for one in view.anchors)


def judge_mark(mark: Anchor | None, whole: ChainView) -> Alarm | None:
    """Whether a checkpoint that was final vanished; `whole` has all checkpoints from the contract's first block on."""
    if mark is None or has_mark(mark, whole):
        return None
    return Alarm(
        AlarmKind.ROLLBACK, "chain",
        f"The chain no longer has the checkpoint of size {mark.size} that was final in block {mark.block_number}; "
        f"its log now has size {whole.size}.",
        {**_evidence(mark, whole), "chainSize": whole.size, "head": whole.head},
    )  # fmt: skip


def next_mark(mark: Anchor | None, view: ChainView, roots: Mapping[int, TreeHash], confirmations: int) -> Anchor | None:
    """
    The last final checkpoint that is right, with all before it.

    A mark that the chain lost stays, and with it the alarm, until the chain is as far again; then it begins anew.
    """
    if mark is not None and view.size >= mark.size and not has_mark(mark, view):
        mark = None
    for anchor in view.final(confirmations):
        if roots.get(anchor.size) != anchor.root:
            break
        if mark is None or anchor.size >= mark.size:
            mark = anchor
    return mark


def _evidence(anchor: Anchor, view: ChainView) -> dict[str, object]:
    return {
        "size": anchor.size,
        "onChain": anchor.root.hex(),
        "block": anchor.block_number,
        "blockHash": "0x" + anchor.block_hash.hex(),
        "transaction": "0x" + anchor.transaction.hex(),
        "nodes": list(view.nodes),
    }
