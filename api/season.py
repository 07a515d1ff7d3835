"""
The demonstration season: loads it, keeps one fresh lot pending, and lets one entry come too late, so that a visitor can
see what that looks like.

The season's files are package data (`ledger/package_data/demo`), imported in order of name; what is known already
changes nothing, so a start after a crash completes it. A season that is in whole is not read again: the store notes the
digest of its files. `season.toml` names the lots that the greeting shows.

The file whose name ends in `late` is signed by a computer whose clock runs behind: its entries' deadlines are over when
they reach the chain, and the contract refuses them. Nothing is pretended: signature, deadline and refusal are real.

What stands in the file whose name ends in `agreed` takes two signatures: each event is proposed by its own party and
agreed to by the other, whose key the demonstration keeps as well. A pledge ends half a year after the season was first
loaded: the day that is written down would be over some day, and the contract refuses terms that are.

What stands in the file whose name ends in `recent` is moved, by whole days, to the day before the season was first
loaded: the hub's list shows air legs of the last weeks. The file that a certificate stands on is kept as the hand of
its party kept it, before the certificate is recorded.
"""

from __future__ import annotations

import asyncio
import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from importlib import resources
from pathlib import Path

from api.control.lot_text import new_lot_of_text
from ledger.adapters.qr_labels import label_link
from ledger.domain.binding import acting_party
from ledger.domain.certificates import certificate_of
from ledger.domain.epcis import check_document, split_document
from ledger.domain.errors import InvalidInput, Violation
from ledger.domain.files import hash_of
from ledger.domain.identifiers import LotRef
from ledger.domain.json_tree import parse_json_object
from ledger.domain.records import JsonTree
from ledger.domain.story_values import Verdict
from ledger.ports import Progress
from ledger.services.capture import DEADLINE_SECONDS
from ledger.services.files import Files
from ledger.services.label_facts import facts_of
from ledger.services.labels import Reader
from ledger.services.proposals import Proposal, Proposals
from ledger.wiring import Ledger, SystemClock

_SUFFIXES = (".jsonld", ".xlsx")
_NOTE = "demo-season"
_PENDING = "pending"
_LATE = "late"
_AGREED = "agreed"
_RECENT = "recent"
_CERTIFICATES = "certificates"
_TERM_NOTE = "demo-pledges-until"
_TERM = timedelta(days=182)
_DAY_NOTE = "demo-recent-day"
_LABELS_NOTE = "demo-labels"
_SEEN_IN = ("Beijing", "Shanghai", "Guangzhou")
_BEIJING = timezone(timedelta(hours=8))
_BEHIND_SECONDS = DEADLINE_SECONDS + 24 * 3600
_PATIENCE_SECONDS = 60


@contextmanager
def season_folder() -> Iterator[Path]:
    """The folder of the season's files, on disk while the block runs."""
    with resources.as_file(resources.files("ledger").joinpath("package_data", "demo")) as folder:
        yield folder


def season_lots() -> dict[str, LotRef]:
    """The lots worth showing, by what they show: verified, pending, under_way, recalled, and so on."""
    with season_folder() as folder:
        index = tomllib.loads((folder / "season.toml").read_text(encoding="utf-8"))
    return {name: new_lot_of_text(text) for name, text in index["lots"].items()}


async def load_season(ledger: Ledger, progress: Progress) -> int:
    """Imports what is not known yet; returns how many events were recorded now. `InvalidInput` on any refusal."""
    with season_folder() as folder:
        files = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES or path.name == "master.toml")
        files.sort(key=lambda path: (path.suffix != ".toml", path.name))
        digest = await asyncio.to_thread(_digest, files)
        if await asyncio.to_thread(ledger.store.note, _NOTE) == digest:
            return 0
        recorded = 0
        for number, path in enumerate(files):
            progress(number, len(files), f"season: {path.name}")
            recorded += await asyncio.to_thread(_import, ledger, path)
            ledger.wake()
        await asyncio.to_thread(label_links, ledger)
        await asyncio.to_thread(ledger.store.take_note, _NOTE, digest)
        progress(len(files), len(files), "season imported")
    return recorded


def label_links(ledger: Ledger) -> dict[str, str]:
    """
    Links of two labels of the verified lot, by what they show: `label`, in order, and `copied`, which the demonstration
    had seen in three cities on the day on which it was made. Made once; a real ledger keeps no serial that can be read.
    """
    lot = season_lots()["verified"]
    labels = ledger.labels()
    noted = ledger.store.note(_LABELS_NOTE)
    if not noted:
        good, copied = labels.issue(lot, 2, facts_of(ledger.store, lot).cases or 2)
        for number, city in enumerate(_SEEN_IN):
            labels.scanned(lot, copied, Reader(f"demonstration {number}", city=city))
        noted = f"{good} {copied}"
        ledger.store.take_note(_LABELS_NOTE, noted)
    links = (label_link(ledger.settings.url, lot, serial) for serial in noted.split())
    return dict(zip(("label", "copied"), links, strict=True))


def _digest(files: Sequence[Path]) -> str:
    whole = hashlib.sha256()
    for path in files:
        whole.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _import(ledger: Ledger, path: Path) -> int:
    if path.stem.endswith(_AGREED):
        return record_agreed(ledger.proposals(), agreed_events(path, _pledged_until(ledger)))
    if path.stem.endswith(_RECENT):
        return _record(ledger, recent_events(path, _recent_day(ledger)))
    if path.stem.endswith(_CERTIFICATES):
        keep_papers(ledger.files(), path)
    held = path.stem.endswith(_PENDING)
    late = path.stem.endswith(_LATE)
    importer = (replace(ledger, clock=ClockRunningBehind()) if late else ledger).importer()
    if not held:
        report = importer.import_file(path)
    else:
        # The entry must not leave between being recorded and being held.
        with ledger.outbox.paused():
            report = importer.import_file(path)
            if report.recorded:
                for event in ledger.store.events_of_lot(season_lots()[_PENDING].id):
                    ledger.outbox.hold(event.content_hash)
    if report.refused:
        raise InvalidInput(
            [Violation(f"{e.sheet}!{e.column}{e.row}", e.rule, e.value, e.message) for e in report.refused]
        )
    return report.recorded


def _record(ledger: Ledger, events: Sequence[JsonTree]) -> int:
    results = ledger.capture().capture(events)
    if refused := [violation for result in results for violation in result.violations]:
        raise InvalidInput(refused)
    return sum(not result.repeated for result in results)


def agreed_events(path: Path, until: str) -> list[JsonTree]:
    """The events of a file of what two parties sign; pledges end at `until`, ISO 8601 with its zone offset."""
    pledge = "silkroot:pledge"
    return [
        event | {pledge: event[pledge] | {"until": until}} if pledge in event else event for event in _events_in(path)
    ]


def _events_in(path: Path) -> list[JsonTree]:
    document = parse_json_object(path.read_bytes())
    check_document(document)
    return split_document(document)


def keep_papers(files: Files, path: Path) -> None:
    """Keeps the PDFs beside the file that its certificates stand on, each for the party that supplies it."""
    papers = {hash_of(data): data for data in (pdf.read_bytes() for pdf in sorted(path.parent.glob("*.pdf")))}
    for event in _events_in(path):
        certificate = certificate_of(event)
        if certificate is not None and certificate.file is not None:
            files.keep(papers[certificate.file], acting_party(event), "")


def recent_events(path: Path, last: date) -> list[JsonTree]:
    """The events of a file, moved by whole days so that the latest of them is on the day `last`; never back."""
    events = _events_in(path)
    latest = max(datetime.fromisoformat(str(event["eventTime"])).astimezone(_BEIJING).date() for event in events)
    days = timedelta(days=max(0, (last - latest).days))
    return [_moved(event, days) for event in events]


def _moved(event: JsonTree, days: timedelta) -> JsonTree:
    moved = event | {"eventTime": (datetime.fromisoformat(str(event["eventTime"])) + days).isoformat()}
    leg = "silkroot:airLeg"
    if leg in event:
        moved[leg] = event[leg] | {"date": (date.fromisoformat(str(event[leg]["date"])) + days).isoformat()}
    return moved


def record_agreed(proposals: Proposals, events: Sequence[JsonTree]) -> int:
    """
    Each event is proposed by its party and agreed to by the other side; returns how many were recorded now. What is
    recorded already, or proposed only, is known again.
    """
    recorded = 0
    for event in events:
        proposed = proposals.propose(event, acting_party(event))
        if isinstance(proposed, Proposal):
            proposals.agree(proposed.id, proposed.counterparty)
            recorded += 1
    return recorded


def _pledged_until(ledger: Ledger) -> str:
    """The evening half a year after the season was first loaded here; the same at every start."""
    if noted := ledger.store.note(_TERM_NOTE):
        return noted
    day = datetime.fromtimestamp(ledger.clock.now(), _BEIJING) + _TERM
    until = day.replace(hour=18, minute=0, second=0, microsecond=0).isoformat()
    ledger.store.take_note(_TERM_NOTE, until)
    return until


def _recent_day(ledger: Ledger) -> date:
    """The day before the season was first loaded here; the same at every start."""
    if noted := ledger.store.note(_DAY_NOTE):
        return date.fromisoformat(noted)
    day = datetime.fromtimestamp(ledger.clock.now(), _BEIJING).date() - timedelta(days=1)
    ledger.store.take_note(_DAY_NOTE, day.isoformat())
    return day


class ClockRunningBehind(SystemClock):
    """The clock of a computer that is a day further behind than an entry may be under way."""

    def now(self) -> float:
        """Unix seconds, too few."""
        return super().now() - _BEHIND_SECONDS


async def wait_until_judged(ledger: Ledger, lot: LotRef) -> Verdict:
    """The lot's verdict as soon as it is not pending any more; after a minute whatever it is."""
    verdict = Verdict.PENDING
    for _ in range(_PATIENCE_SECONDS * 2):
        verdict = (await ledger.story.story(lot)).verdict
        if verdict is not Verdict.PENDING:
            break
        await asyncio.sleep(0.5)
    return verdict


def let_go(ledger: Ledger, lot: LotRef) -> int:
    """Lets the held entries of a lot go to the chain; says how many there were."""
    return sum(ledger.outbox.let_go(event.content_hash) for event in ledger.store.events_of_lot(lot.id))
