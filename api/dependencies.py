"""
What the routes need from the rest of the house: one `Services` value, given to `create_app`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from fastapi import Request

from api.capture_desk import CaptureDesk
from api.staff.desk import StaffDesk
from ledger.domain.bundle.values import Bundle
from ledger.domain.files import FileHash, KeptFile
from ledger.domain.identifiers import ContentHash, LotRef
from ledger.domain.master_data import MasterData
from ledger.domain.records import RecordedEvent
from ledger.domain.story_values import LotStory
from ledger.ports_labels import CityOf
from ledger.ports_log import LogArchive
from ledger.ports_questions import Questions
from ledger.services.follow import Families
from ledger.services.labels import Labels
from ledger.services.rpc_gate import RpcGate


class StoryTeller(Protocol):
    """Checks a lot against the chain, live."""

    async def story(self, lot: LotRef) -> LotStory:
        """The lot's story; `NotFound` for a lot that nobody registered. A chain that is down gives `unknown`."""
        ...


class LotShelf(Families, Protocol):
    """The part of the store that pages read."""

    def lots(self, after: LotRef | None, limit: int) -> list[LotRef]:
        """Lots in order of product and code, after that one."""
        ...

    def lots_with_code(self, code: str) -> list[LotRef]:
        """All lots of that lot code, whatever the product."""
        ...

    def event(self, content_hash: ContentHash) -> RecordedEvent | None:
        """The event of that identity."""
        ...

    def master_data(self) -> MasterData:
        """What names parties, places, plots and products."""
        ...


class ProofMaker(Protocol):
    """Makes proof bundles."""

    def bundle_of(self, lot: LotRef, *, disclosed: bool = False) -> Bundle:
        """The bundle of a lot; `NotFound` for a lot that no event names."""
        ...


class FileShelf(Protocol):
    """The files that people handed in."""

    def read(self, file: FileHash) -> tuple[KeptFile, bytes]:
        """A file and what is known of it; `NotFound` where there is none, or it was erased."""
        ...

    def known(self, files: Collection[FileHash]) -> dict[FileHash, KeptFile]:
        """What is known of these files; those that nobody handed in are left out."""
        ...


@dataclass(frozen=True, slots=True)
class ChainHealth:
    """Which chain answers, how far it is, and how many acknowledged entries it has yet to confirm."""

    id: int
    head: int
    contracts: Mapping[str, str] = field(default_factory=dict)
    lag: int = 0


@dataclass(frozen=True, slots=True)
class LogHealth:
    """
    How many events are in the log, and how many of them are under a checkpoint on chain and under a published one.
    `problem`: what keeps the log from going on; `is_stuck`: and it will not pass by itself.
    """

    size: int
    covered: int
    published: int
    problem: str = ""
    is_stuck: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """`chain` is None while the chain does not answer; `detail` then says why. `log` is None where there is none."""

    chain: ChainHealth | None
    detail: str = ""
    log: LogHealth | None = None


@dataclass(frozen=True, slots=True)
class PublishedLog:
    """The log as the world sees it, and the line that says its key for checkpoints."""

    archive: LogArchive
    key: str


@dataclass(frozen=True, slots=True)
class Services:
    """
    `public_url` is what QR codes carry, without a slash at the end. `health` never raises for a chain that is down;
    it says so. `deployment` is the part of the deployment record that anybody may pin, as JSON; `confirmations` make an
    entry final, by network ("default": others). `log` is None where none is published, `rpc` where no node is offered,
    `capture` where no events are taken, `questions` where events cannot be searched, `staff` where nobody signs in,
    `labels` where nothing is kept of labels, `files` where none are kept; `city_of` None: no reader's city is known.
    """

    story: StoryTeller
    store: LotShelf
    public_url: str
    health: Callable[[], Awaitable[Health]]
    proofs: ProofMaker
    deployment: Mapping[str, Any]
    log: PublishedLog | None = None
    rpc: RpcGate | None = None
    capture: CaptureDesk | None = None
    confirmations: Mapping[str, int] = field(default_factory=dict)
    questions: Questions | None = None
    labels: Labels | None = None
    city_of: CityOf | None = None
    staff: StaffDesk | None = None
    files: FileShelf | None = None


def services_of(request: Request) -> Services:
    """The services that `create_app` was given."""
    services: Services = request.app.state.services
    return services
