"""
What a monitor knows, as JSON, so that it goes on where it was; no I/O.

Written and read by the same program, and read strictly: a state that was damaged must not pass for one. Raises
`InvalidInput`, rule `log.monitor-state`.
"""

from __future__ import annotations

import re
from typing import Any

from ledger.domain.errors import InvalidInput, WrongChain
from ledger.domain.log.alarms import Alarm, AlarmKind
from ledger.domain.log.anchors import Anchor
from ledger.domain.log.contract import LogContract
from ledger.domain.log.edge import RightEdge
from ledger.domain.log.monitored import MonitorState, Raised
from ledger.domain.log.signed_notes import NoteKey
from ledger.domain.log.watching import Published, Waiting, Watched
from ledger.domain.merkle import HASH_BYTES, TreeHash

FORMAT = "silkroot-monitor-1"
_HEX = re.compile(r"(?:[0-9a-f]{2})*")


def state_to_json(state: MonitorState) -> dict[str, Any]:
    """The state with everything in it; hashes in hex, without 0x."""
    return {
        "format": FORMAT,
        "url": state.url,
        "key": str(state.key),
        "contract": state.contract.to_json(),
        "watched": _watched_to_json(state.watched),
        "standing": sorted(state.standing),
        "raised": [
            {
                "time": one.time,
                "kind": str(one.alarm.kind),
                "subject": one.alarm.subject,
                "sentence": one.alarm.sentence,
                "evidence": dict(one.alarm.evidence),
            }
            for one in state.raised
        ],
    }


def state_from_json(tree: Any) -> MonitorState:
    """The state that `state_to_json` wrote."""
    try:
        if tree["format"] != FORMAT:
            raise ValueError(f"format {tree['format']!r}")
        return MonitorState(
            url=str(tree["url"]),
            key=NoteKey.parse(tree["key"]),
            contract=LogContract.from_json(tree["contract"]),
            watched=_watched(tree["watched"]),
            standing=frozenset(map(str, tree["standing"])),
            raised=tuple(_raised(one) for one in tree["raised"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, InvalidInput, WrongChain) as error:
        raise InvalidInput.one(
            "state", "log.monitor-state", str(error), "this is not what a monitor has written"
        ) from error


def _watched_to_json(watched: Watched) -> dict[str, Any]:
    seen, mark = watched.seen, watched.mark
    return {
        "size": watched.edge.size,
        "rows": [b"".join(row).hex() for row in watched.edge.rows],
        "toldAt": watched.told_at,
        "seen": None if seen is None else {"size": seen.size, "root": seen.root.hex(), "note": seen.note.decode()},
        "mark": None if mark is None else _anchor_to_json(mark),
        "derived": [[size, root.hex()] for size, root in watched.derived],
        "unpublished": _waiting_to_json(watched.unpublished),
        "unanchored": _waiting_to_json(watched.unanchored),
    }


def _watched(tree: Any) -> Watched:
    seen, mark = tree["seen"], tree["mark"]
    return Watched(
        edge=RightEdge(_number(tree["size"]), tuple(_row(one) for one in tree["rows"])),
        told_at=float(tree["toldAt"]),
        seen=None if seen is None else Published(_number(seen["size"]), _hash(seen["root"]), seen["note"].encode()),
        mark=None if mark is None else _anchor(mark),
        derived=tuple((_number(size), _hash(root)) for size, root in tree["derived"]),
        unpublished=_waiting(tree["unpublished"]),
        unanchored=_waiting(tree["unanchored"]),
    )


def _anchor_to_json(anchor: Anchor) -> dict[str, Any]:
    return {
        "size": anchor.size,
        "root": anchor.root.hex(),
        "previousSize": anchor.previous_size,
        "block": anchor.block_number,
        "blockHash": anchor.block_hash.hex(),
        "transaction": anchor.transaction.hex(),
        "logIndex": anchor.log_index,
    }


def _anchor(tree: Any) -> Anchor:
    return Anchor(
        size=_number(tree["size"]),
        root=_hash(tree["root"]),
        previous_size=_number(tree["previousSize"]),
        block_number=_number(tree["block"]),
        block_hash=_hash(tree["blockHash"]),
        transaction=_hash(tree["transaction"]),
        log_index=_number(tree["logIndex"]),
    )


def _raised(tree: Any) -> Raised:
    alarm = Alarm(AlarmKind(tree["kind"]), str(tree["subject"]), str(tree["sentence"]), dict(tree["evidence"]))
    return Raised(float(tree["time"]), alarm)


def _waiting_to_json(waiting: Waiting | None) -> dict[str, Any] | None:
    return None if waiting is None else {"size": waiting.size, "since": waiting.since}


def _waiting(tree: Any) -> Waiting | None:
    return None if tree is None else Waiting(_number(tree["size"]), float(tree["since"]))


def _row(text: Any) -> tuple[TreeHash, ...]:
    data = _bytes(text)
    if len(data) % HASH_BYTES:
        raise ValueError("a row is hashes of 32 bytes")
    return tuple(TreeHash(data[at : at + HASH_BYTES]) for at in range(0, len(data), HASH_BYTES))


def _hash(text: Any) -> TreeHash:
    data = _bytes(text)
    if len(data) != HASH_BYTES:
        raise ValueError(f"{text!r:.80} is not a hash")
    return TreeHash(data)


def _bytes(text: Any) -> bytes:
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise ValueError(f"{text!r:.80} is not hex")
    return bytes.fromhex(text)


def _number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r:.80} is not a number")
    return value
