"""
Which members are sealed, by party and kind of event; no I/O.

A selector is either a bare name, which selects every member of that local name that may be sealed, in any namespace, at
any depth and in any case; or a JSON pointer from the event's top with `*` for every element of a list, such as
`/silkroot:lines/*/tlcSource/phone` (prefixes are ours and those of the standard context; a whole IRI is escaped as RFC
6901 says). Raises `InvalidInput` for a policy that would seal what stays open, with field, rule and value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from ledger.domain.binding import acting_party
from ledger.domain.epcis.members import STANDARD_MEMBERS
from ledger.domain.epcis.names import STANDARD_PREFIXES, bare_word, expand
from ledger.domain.errors import InvalidInput, Violation, shorten
from ledger.domain.identifiers import PartyId
from ledger.domain.own_members import NAMESPACE, PREFIX
from ledger.domain.records import JsonTree
from ledger.domain.sealing.places import FIXED, LISTS_LOTS, NEVER, READING_VALUES, Path, local_name, refusal

PRICES = ("price", "unitPrice", "totalPrice", "pricePerKilogram", "priceSpecification", "invoiceAmount")
TELEPHONES = ("phone", "telephone", "telephoneNumber", "phoneNumber", "mobile", "mobileNumber", "wechat")
PERSONS = (
    "driver", "driverName", "harvester", "personName", "contactName", "contactPerson", "contactPoint", "givenName",
    "familyName", "person", "paperSigner",
)  # fmt: skip
COORDINATES = (
    "latitude", "longitude", "lat", "long", "lon", "lng", "coordinates", "geo", "geoCoordinates",
    *(f"/sensorElementList/*/sensorReport/*/{name}" for name in sorted(READING_VALUES)),
)  # fmt: skip
"""Of sensors' reports only those are meant that say where something was."""

_PREFIXES = {**STANDARD_PREFIXES, PREFIX: NAMESPACE}
_OPEN_NAMES = frozenset(name.lower() for name in (*FIXED, *LISTS_LOTS, *STANDARD_MEMBERS)) | NEVER


@dataclass(frozen=True, slots=True)
class Entry:
    """
    What is sealed, or in spite of other entries left open, in the events of one party (None: of every party) and of
    these kinds (none: of every kind). A kind is an event type or a business step: `ObjectEvent`, `shipping`.
    """

    seal: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    party: PartyId | None = None
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Selection:
    """The selectors that hold for one event, made ready."""

    names: frozenset[str]
    paths: frozenset[Path]

    def takes(self, path: Path) -> bool:
        """Whether a selector means the member at that path."""
        last = path[-1]
        return path in self.paths or (last is not None and local_name(last).lower() in self.names)


@dataclass(frozen=True, slots=True)
class Policy:
    """Entries that hold together: what one seals is sealed, unless another that holds too leaves that selector out."""

    entries: tuple[Entry, ...]
    _for_all: Selection | None = field(init=False, repr=False, compare=False, default=None)
    """What is sealed in every event, where that is the same in all."""

    def __post_init__(self) -> None:
        found: list[Violation] = []
        sealed = {selector for entry in self.entries for selector in entry.seal}
        for index, entry in enumerate(self.entries):
            for place, selector in enumerate(entry.seal):
                if problem := _problem(selector):
                    found.append(Violation(f"/{index}/seal/{place}", problem[0], shorten(selector), problem[1]))
            for place, selector in enumerate(entry.leave):
                if selector not in sealed:
                    message = "no entry seals this, so there is nothing to leave open"
                    found.append(Violation(f"/{index}/leave/{place}", "sealing.selector", shorten(selector), message))
        if found:
            raise InvalidInput(found)
        if all(entry.party is None and not entry.kinds for entry in self.entries):
            object.__setattr__(self, "_for_all", _selected(self.entries))

    def selection(self, event: JsonTree) -> Selection:
        """What is sealed in this event, which names its acting party; `InvalidEvent` where it does not."""
        party = acting_party(event)
        if self._for_all is not None:
            return self._for_all
        kinds = {event.get("type"), _word(event.get("bizStep"))}
        holding = [
            entry for entry in self.entries if entry.party in (None, party) and (not entry.kinds or entry.kinds & kinds)
        ]
        return _selected(tuple(holding))


@lru_cache(maxsize=1024)
def _selected(holding: tuple[Entry, ...]) -> Selection:
    """Kept: few entries hold for many events."""
    left = {selector for entry in holding for selector in entry.leave}
    chosen = {selector for entry in holding for selector in entry.seal} - left
    return Selection(
        frozenset(selector.lower() for selector in chosen if not selector.startswith("/")),
        frozenset(_path(selector) for selector in chosen if selector.startswith("/")),
    )


def _word(value: object) -> str:
    return bare_word(value) if isinstance(value, str) else ""


def _path(selector: str) -> Path:
    keys = (key.replace("~1", "/").replace("~0", "~") for key in selector[1:].split("/"))
    return tuple(None if key == "*" else expand(key, _PREFIXES) for key in keys)


def _problem(selector: str) -> tuple[str, str] | None:
    if selector.startswith("/"):
        return refusal(_path(selector))
    if not selector or any(mark in selector for mark in ":/#@*"):
        return "sealing.selector", "a selector is a bare name, or a JSON pointer that begins with /"
    if selector.lower() in _OPEN_NAMES:
        return "sealing.disclosed", "the chain tells this to everybody, or the ledger's rules rest on it"
    return None


DEFAULT = Policy((Entry((*PRICES, *TELEPHONES, *PERSONS, *COORDINATES)),))
"""Prices, telephone numbers, names of persons, exact coordinates."""
