"""
Drafts: what somebody filled into a form becomes the whole event that their own device then signs.

A draft is sealed and blinded, says who of the party's staff acts (`silkroot:person`, always sealed), and was held
against the ledger's rules as things stand, so that nobody signs what would be refused. Nothing is stored. The event's
eventID is made from the request's UUID: so the ledger itself records a request once at most, whoever repeats it, and
a repeat after that gives what was recorded. Until then the same request gives the same draft, as long as this process
remembers it; another form under the same request is refused.

Raises `InvalidInput` (`draft.…` with the field of the form, and what the builders raise) and `Refused` (the ledger's
rules, told at the field that was filled in).
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from ledger.domain.action_json import to_json
from ledger.domain.action_parts import Line
from ledger.domain.actions import Action, cosigner_of, is_stated, signer_of
from ledger.domain.canonical_json import canonical
from ledger.domain.errors import InvalidInput, NotFound, Refused, Violation
from ledger.domain.event_forms import When
from ledger.domain.identifiers import Digest, KeyId, LotRef, PartyId
from ledger.domain.own_members import NAMESPACE, PREFIX, own_member
from ledger.domain.records import JsonTree, RecordedEvent
from ledger.domain.sealing import DEFAULT, Entry, Policy
from ledger.domain.sealing.disclosures import parse_disclosure
from ledger.domain.sealing.kept import texts
from ledger.domain.times import instant
from ledger.domain.typed_data import Domain
from ledger.ports import Clock, EventStore, EventTransaction
from ledger.services.draft_fields import Fields
from ledger.services.draft_kinds import KINDS, DraftKind
from ledger.services.lot_text import lot_of_text
from ledger.services.preparing import Prepared, Preparing
from ledger.services.refusal_names import readable
from ledger.services.signing import require_valid_key

PERSON = f"{PREFIX}:person"
_ALWAYS_SEALED = Entry(("person",))
_ZONE = timezone(timedelta(hours=8))
"""The clock of China, by which a form that says no time is dated."""
_AHEAD_SECONDS = 15 * 60
_REMEMBERED = 2_000


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person of a party, with the key of the device in hand; None where it is not known yet."""

    party: PartyId
    id: str
    name: str
    key_id: KeyId | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """
    An event that waits for a signature: `event` is sealed and complete, `disclosures` are the texts of what was sealed,
    `digest` is the EIP-712 digest of `action`, which is the struct that the event implies; `lots`: all that it names.
    """

    kind: str
    event: JsonTree
    disclosures: tuple[str, ...]
    action: Action
    digest: Digest
    lots: tuple[LotRef, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As a page gets it."""
        cosigner = cosigner_of(self.action)
        return {
            "kind": self.kind,
            "event": self.event,
            "disclosures": list(self.disclosures),
            "action": to_json(self.action),
            "digest": "0x" + self.digest.hex(),
            "cosigner": None if cosigner is None else f"{cosigner:013d}",
        }


Drafted = Draft | RecordedEvent | tuple[Violation, ...]
"""A draft, what was recorded before, or why there is none."""


class Drafts:
    """
    `domain` is the EIP-712 domain of `ProduceLedger`, `policy` says what is sealed beside the person, `kinds` what can
    be drafted. May be used from any thread.
    """

    def __init__(
        self,
        store: EventStore,
        clock: Clock,
        domain: Domain,
        secret: bytes,
        policy: Policy = DEFAULT,
        kinds: Mapping[str, DraftKind] = KINDS,
    ) -> None:
        self._store = store
        self._clock = clock
        self._kinds = kinds
        sealing = Policy((*policy.entries, _ALWAYS_SEALED))
        self._preparing = Preparing(clock, domain, secret, sealing, store.limits_of)
        self._made: OrderedDict[tuple[PartyId, str], _Made] = OrderedDict()
        self._lock = threading.Lock()

    def draft(self, kind: str, fields: object, request: str, actor: Actor) -> Draft | RecordedEvent:
        """The draft of what was filled in; the event, where the request was recorded already."""
        known, name = self._kinds.get(kind) if isinstance(kind, str) else None, _request(request)
        if known is None:
            raise InvalidInput.one("/kind", "draft.kind", kind, f"one of {', '.join(sorted(self._kinds))}")
        event_id = f"urn:uuid:{name}"
        with self._store.rehearsing() as transaction:
            recorded = transaction.find_event_id(event_id)
        if recorded is not None:
            if signer_of(recorded.proof.action) != actor.party:
                raise Refused.one("/request", "draft.request", request, "this request is another party's")
            return recorded
        asked = _asked(kind, fields, actor)
        with self._lock:
            made = self._made.get((actor.party, name))
        if made is not None and made.asked != asked:
            message = "this request was made with other fields: a changed form is another request"
            raise Refused.one("/request", "draft.request", request, message)
        if made is None:
            made = _Made(asked, self._prepare(known, fields, actor), event_id)
        self._require_allowed(made.prepared, actor, known, fields)
        with self._lock:
            kept = self._made.setdefault((actor.party, name), made)
            while len(self._made) > _REMEMBERED:
                self._made.popitem(last=False)
        # Two at the same time: both get the first one's.
        return (kept if kept.asked == asked else made).draft(kind)

    def draft_events(self, events: Sequence[JsonTree], actor: Actor) -> list[Drafted]:
        """
        Drafts of whole events, as a workbook gives them, each held against the rules as if those before it stood. One
        that the same event made before gives the record; what of it is sealed is not looked at, so that nothing that is
        erased can be told from its eventID.
        """
        made: list[Drafted] = []
        drafted: dict[str, Draft] = {}
        now = int(self._clock.now())
        with self._store.rehearsing() as transaction:
            for event in events:
                try:
                    made.append(self._draft_event(transaction, event, actor, now, drafted))
                except InvalidInput as error:
                    made.append(error.violations)
        return made

    def _draft_event(
        self, transaction: EventTransaction, event: JsonTree, actor: Actor, now: int, drafted: dict[str, Draft]
    ) -> Draft | RecordedEvent:
        if (named := own_member(event, "party")) is not None and named[1] != f"{actor.party:013d}":
            message = f"you act for {actor.party:013d}: this is for that party to record"
            raise Refused.one(named[0], "draft.other-party", named[1], message)
        prepared = self._preparing.prepare(0, {**event, PERSON: {"id": actor.id, "name": actor.name}}, actor.party)
        event_id = _uuid_of(prepared)
        if (known := transaction.find_event_id(event_id)) is not None:
            return known
        if event_id in drafted:
            return drafted[event_id]
        if actor.key_id is not None:
            require_valid_key(transaction.projection, actor.party, actor.key_id, now)
        try:
            _apply(transaction, prepared, now)
        except InvalidInput as error:
            raise Refused(readable(error.violations, prepared.body, prepared.lots)) from None
        drafted[event_id] = _Made(b"", prepared, event_id).draft("event")
        return drafted[event_id]

    def _prepare(self, kind: DraftKind, fields: object, actor: Actor) -> Prepared:
        """The event of the form, sealed and bound; the ledger's state is asked for names alone."""
        read = Fields(fields)
        try:
            event = kind.build(self._store, actor.party, When(self._time(read)), read)
        except NotFound as error:
            at = "reference" if read.has("reference") else "lot"
            raise Refused.one(read.pointer(at), "draft.not-found", read.text(at), str(error)) from None
        if photos := read.texts("photos"):
            event[f"{PREFIX}:photos"] = photos
        read.finish()
        event[PERSON] = {"id": actor.id, "name": actor.name}
        return self._preparing.prepare(0, event, actor.party)

    def _time(self, fields: Fields) -> str:
        now = datetime.fromtimestamp(int(self._clock.now()), UTC)
        if not (given := fields.text("at", most=40, needed=False)):
            return now.astimezone(_ZONE).isoformat()
        if instant(fields.pointer("at"), given, "draft.time") > now + timedelta(seconds=_AHEAD_SECONDS):
            raise fields.refused("at", "draft.future", given, "this has not happened yet")
        return given

    def _require_allowed(self, prepared: Prepared, actor: Actor, kind: DraftKind, fields: object) -> None:
        """The ledger's rules, on a projection of its own: a draft changes nothing."""
        now = int(self._clock.now())
        with self._store.rehearsing() as transaction:
            projection = transaction.projection
            if not projection.roles_of(actor.party):
                raise Refused.one("/party", "UnknownParty", f"{actor.party:013d}", "no such party is admitted")
            if actor.key_id is not None:
                require_valid_key(projection, actor.party, actor.key_id, now)
            try:
                _apply(transaction, prepared, now)
            except InvalidInput as error:
                named = readable(error.violations, prepared.body, prepared.lots)
                raise Refused([_at_field(self._store, one, prepared, kind, fields) for one in named]) from None


@dataclass(frozen=True, slots=True)
class _Made:
    """What a request was answered with; `asked`: SHA-256 of what was filled in, and by whom."""

    asked: bytes
    prepared: Prepared
    event_id: str

    def draft(self, kind: str) -> Draft:
        """As the caller gets it: the request's own eventID, which no hash covers, in the place of the usual one."""
        prepared = self.prepared
        event = prepared.body | {"eventID": self.event_id}
        return Draft(kind, event, tuple(texts(prepared.disclosures)), prepared.action, prepared.digest, prepared.lots)


def acting_person(disclosures: Sequence[str]) -> tuple[str, str] | None:
    """Id and name of the person that an event's disclosures show; None where they show none."""
    for text in disclosures:
        shown = parse_disclosure(text, "/disclosures")
        if shown.name in (PERSON, NAMESPACE + "person") and isinstance(shown.value, dict):
            return str(shown.value.get("id", "")), str(shown.value.get("name", ""))
    return None


def _apply(transaction: EventTransaction, prepared: Prepared, now: int) -> None:
    if is_stated(prepared.action):
        transaction.projection.admit(prepared.action, prepared.digest, now)
    else:
        transaction.projection.apply(prepared.action, prepared.digest, now)


def _uuid_of(prepared: Prepared) -> str:
    """A UUID (RFC 9562, version 8) made of what of the event is open, by the service's secret; the client's, if any."""
    if prepared.own_id or prepared.is_declaration or prepared.open_mac is None:
        return prepared.event_id
    number = int.from_bytes(prepared.open_mac[:16], "big")
    number = number & ~(0xF << 76) & ~(0x3 << 62) | 8 << 76 | 2 << 62
    return f"urn:uuid:{uuid.UUID(int=number)}"


def _request(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except (ValueError, AttributeError, TypeError):
        raise InvalidInput.one("/request", "draft.request", text, "a request has a UUID of its own") from None


def _asked(kind: str, fields: object, actor: Actor) -> bytes:
    return hashlib.sha256(canonical({"kind": kind, "fields": fields, "person": actor.id})).digest()


def _at_field(
    store: EventStore, violation: Violation, prepared: Prepared, kind: DraftKind, fields: object
) -> Violation:
    """
    The violation at the field that was filled in. Lines are signed in order of their lots, so that a row is found by
    its lot.
    """
    member, *below = violation.field.strip("/").split("/")
    name = kind.places.get(member)
    if not name:
        return violation
    where = [name]
    if below and below[0].isdigit():
        row = _row_of(store, getattr(prepared.action, member, ()), int(below[0]), fields, name)
        where += [] if row is None else [str(row), *("lot" if part == "lotCode" else part for part in below[1:])]
    return replace(violation, field="/" + "/".join(where))


def _row_of(store: EventStore, lines: Sequence[Any], index: int, fields: object, name: str) -> int | None:
    """The row of the form that the line was made of; new lots stand in the order of the form."""
    rows = fields.get(name) if isinstance(fields, Mapping) else None
    if not isinstance(rows, list) or not 0 <= index < len(lines):
        return None
    line = lines[index]
    if not isinstance(line, Line):
        return index
    for number, row in enumerate(rows):
        with suppress(InvalidInput, NotFound):
            if lot_of_text(store, str(row.get("lot")).strip()).id == line.lot:
                return number
    return None
