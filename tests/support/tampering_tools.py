"""
Small tools for tampering with a bundle: find an event in it, set a member, drop an event, add one.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from proof_world import ProofWorld

from ledger.domain.bundle import BundledEvent
from ledger.domain.proof_json import proof_to_json

Tree = Any
Change = Callable[[ProofWorld, Tree], Tree | str | None]
"""Changes the tree in place, or gives another tree or text."""


def at(tree: Tree, kind: str, nth: int = 0) -> Tree:
    """The nth event of the bundle whose struct has that name."""
    return [one for one in tree["events"] if one["proof"]["action"]["type"] == kind][nth]


def flipped(text: str, place: int = -1) -> str:
    """The hex or base64 text with one digit changed for another."""
    old = text[place]
    new = "1" if old != "1" else "2"
    letters = list(text)
    letters[place] = new
    return "".join(letters)


def setting(kind: str, *way: str | int, to: object) -> Change:
    """Sets a member below the event whose struct has that name."""

    def change(world: ProofWorld, tree: Tree) -> None:
        node = at(tree, kind)
        for key in way[:-1]:
            node = node[key]
        node[way[-1]] = to(node[way[-1]]) if callable(to) else to

    return change


def in_bundle(*way: str | int, to: object) -> Change:
    """Sets a member of the bundle itself."""

    def change(world: ProofWorld, tree: Tree) -> None:
        node = tree
        for key in way[:-1]:
            node = node[key]
        node[way[-1]] = to(node[way[-1]]) if callable(to) else to

    return change


def dropping(*kinds: tuple[str, int] | str) -> Change:
    """Leaves out the events."""

    def change(world: ProofWorld, tree: Tree) -> None:
        gone = [at(tree, *(kind if isinstance(kind, tuple) else (kind, 0))) for kind in kinds]
        tree["events"] = [one for one in tree["events"] if not any(one is other for other in gone)]

    return change


def added(tree: Tree, event: BundledEvent, **members: object) -> Tree:
    """The bundle with one more event."""
    one: Tree = {
        "event": event.body,
        "proof": proof_to_json(event.proof),
        "recordTime": event.record_time.isoformat().replace("+00:00", "Z"),
        "state": event.state.value,
    }
    if event.inclusion is not None:
        path = []
        for node in event.inclusion.hashes:
            text = base64.b64encode(node).decode()
            if text not in tree["hashes"]:
                tree["hashes"].append(text)
            path.append(tree["hashes"].index(text))
        one["log"] = {"index": event.inclusion.index, "path": path, "block": event.first_block}
    tree["events"].append(one | members)
    return tree


def extra(name: str) -> Change:
    """One of the statements that the log holds and should not."""
    return lambda world, tree: added(tree, world.extras[name])
