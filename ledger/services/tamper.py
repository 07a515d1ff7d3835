"""
The demonstration's cheat: changes one stored event behind the ledger's back, and puts it back.

What somebody with the database's password could do, and why it does not help: nothing is signed anew, so the lot's
page turns `unverified` and says what was changed. The original bytes are kept in a side file under the data directory,
on disk before the database is touched, so that `restore` heals the lot whatever happens between. No other use case
has this door.

Raises `NotFound` (no such lot, nothing to change, nothing to restore) and `Conflict` (changed already).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ledger.domain.actions import Harvest, Intake, Transformation
from ledger.domain.canonical_json import canonical
from ledger.domain.digital_link import lot_of_class
from ledger.domain.errors import Conflict, InvalidInput, NotFound
from ledger.domain.identifiers import ContentHash, LotId, LotRef, lot_id
from ledger.domain.json_tree import parse_json_object
from ledger.domain.records import JsonTree, RecordedEvent
from ledger.ports import EventStore

SIDE_FOLDER = "demo-tampered"


class BackDoor(Protocol):
    """Reads and overwrites the bytes of a stored event's body, and nothing else. Only for the demonstration."""

    def body(self, content_hash: ContentHash) -> bytes:
        """The stored bytes; `NotFound` where there is no such event."""
        ...

    def overwrite(self, content_hash: ContentHash, body: bytes) -> None:
        """Puts other bytes in their place; `NotFound` where there is no such event."""
        ...


@dataclass(frozen=True, slots=True)
class Tampering:
    """What was changed: the event, the member of its body (a JSON pointer), what stood there and what does now."""

    lot: LotRef
    event: ContentHash
    step: str
    member: str
    before: str
    after: str


class Tamper:
    """Changes and restores events of lots. Synchronous: call it in a worker thread."""

    def __init__(self, store: EventStore, door: BackDoor, data_dir: Path) -> None:
        self._store = store
        self._door = door
        self._folder = data_dir / SIDE_FOLDER

    def tamper(self, lot: LotRef) -> Tampering:
        """Makes ten times as much of the lot at its birth, as far as the database is concerned."""
        event = self._birth(lot)
        original = self._door.body(event.content_hash)
        side = self._side_file(event.content_hash)
        if side.exists():
            raise Conflict(f"lot {lot} is tampered with already; heal it first: silkroot demo restore {lot}")
        body, changed = _inflated(lot, event.content_hash, parse_json_object(original))
        _write_durably(side, {"product": lot.product, "lot": lot.code, "body": original.decode()})
        self._door.overwrite(event.content_hash, canonical(body))
        return changed

    def restore(self, lot: LotRef) -> int:
        """Puts back what was changed for the lot; returns how many events that were."""
        restored = 0
        for side in sorted(self._folder.glob("*.json")) if self._folder.is_dir() else ():
            kept = json.loads(side.read_bytes())
            if (kept["product"], kept["lot"]) == (lot.product, lot.code):
                self._door.overwrite(ContentHash(bytes.fromhex(side.stem)), kept["body"].encode())
                side.unlink()
                restored += 1
        if not restored:
            raise NotFound(f"nothing of lot {lot} was tampered with")
        return restored

    def _birth(self, lot: LotRef) -> RecordedEvent:
        for event in self._store.events_of_lot(lot.id):
            if _bears(event, lot.id):
                return event
        raise NotFound(f"no stored event brings lot {lot} into being")

    def _side_file(self, event: ContentHash) -> Path:
        return self._folder / f"{event.hex()}.json"


def _bears(event: RecordedEvent, lot: LotId) -> bool:
    match event.proof.action:
        case Harvest() | Intake() as birth:
            return lot_id(birth.product, birth.lot_code) == lot
        case Transformation() as made:
            return any(lot_id(output.product, output.lot_code) == lot for output in made.outputs)
    return False


def _inflated(lot: LotRef, event: ContentHash, body: JsonTree) -> tuple[JsonTree, Tampering]:
    """The body with ten times the lot's mass, and what that changes."""
    member = "outputQuantityList" if "outputQuantityList" in body else "quantityList"
    lines: list[Any] = [dict(line) for line in body.get(member, ()) if isinstance(line, dict)]
    for index, line in enumerate(lines):
        if _names(line, lot):
            before, uom = line["quantity"], line.get("uom", "")
            line["quantity"] = before * 10
            changed = Tampering(
                lot=lot,
                event=event,
                step=str(body.get("bizStep", body.get("type", ""))),
                member=f"/{member}/{index}/quantity",
                before=f"{before} {uom}".strip(),
                after=f"{line['quantity']} {uom}".strip(),
            )
            return {**body, member: lines}, changed
    raise NotFound(f"the event that brings lot {lot} into being no longer names it; heal it first")


def _names(line: dict[str, Any], lot: LotRef) -> bool:
    uri = line.get("epcClass")
    try:
        return isinstance(uri, str) and lot_of_class(uri) == lot and isinstance(line.get("quantity"), int | float)
    except InvalidInput:
        return False


def _write_durably(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(json.dumps(content, ensure_ascii=False).encode())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
