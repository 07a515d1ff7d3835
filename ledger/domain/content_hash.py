"""
The identity of an event: the hash of what was sealed, signed and stored; no I/O.

`contentHash = SHA-256(format version ‖ RFC 8785 form of the event without its top-level recordTime and eventID)`; those
two are given by whoever stores the event, the rest is the signer's. The blind (128 random bits) keeps the hash from
being guessed from its parts. Vectors with their pre-images stand in tests/vectors/content_hash.json.
Raises `InvalidJson` for a tree without a canonical form, `InvalidEvent` where our own members do not fit.
"""

from __future__ import annotations

import hashlib
import re

from ledger.domain.canonical_json import canonical
from ledger.domain.epcis.names import prefixes_of
from ledger.domain.errors import InvalidEvent, InvalidInput
from ledger.domain.identifiers import UINT64_MAX, ContentHash, PartyId
from ledger.domain.own_members import NAMESPACE, PREFIX, own_member
from ledger.domain.records import JsonTree

FORMAT = b"silkroot-event-1\n"
"""The format version; a change of any rule here needs another."""
NOT_HASHED = ("recordTime", "eventID")
BLIND_BYTES = 16

_BLIND = re.compile(r"[0-9a-f]{32}\Z")
_EVENT_ID = re.compile(rb'"eventID":"[ !#-\[\]-~]*",(?="eventTime":)')
"""An eventID of ASCII without escapes, before the member that follows it in an event's RFC 8785 form."""


def pre_image(tree: JsonTree, *, plain: bool = False) -> bytes:
    """The bytes that are hashed; `plain` as for `canonical`."""
    return FORMAT + canonical({key: value for key, value in tree.items() if key not in NOT_HASHED}, plain=plain)


def content_hash(tree: JsonTree, *, plain: bool = False) -> ContentHash:
    """The event's identity, 32 bytes; `plain` as for `canonical`."""
    return ContentHash(hashlib.sha256(pre_image(tree, plain=plain)).digest())


def content_hash_of(form: bytes) -> ContentHash:
    """The identity of an event from the RFC 8785 form of it without the two members that are not hashed."""
    return ContentHash(hashlib.sha256(FORMAT + form).digest())


def hash_of_canonical(body: bytes) -> ContentHash | None:
    """
    The same from the RFC 8785 form of an event, without reading it; None where that takes reading.

    What it gives is the event's identity if it is that of any captured event: those bytes were hashed then, `eventTime`
    stood in them once, as each event has it, and the eventID that was cut out here stood in the same object.
    """
    if b'"recordTime":' in body:
        return None
    if (at := body.find(b'"eventID":')) >= 0:
        if (named := _EVENT_ID.match(body, at)) is None:
            return None
        body = body[:at] + body[named.end() :]
        if b'"eventID":' in body or body.count(b'"eventTime":') != 1:
            return None
    return content_hash_of(body)


def add_blind(tree: JsonTree, party: PartyId, blind: bytes) -> JsonTree:
    """
    A copy of the event that names its acting party and carries the blind (16 bytes), with our prefix in its context.

    What the event says already stays if it agrees: the same party, and any well-formed blind, so that an exported event
    keeps its identity when it is imported again. Another party is `InvalidEvent`.
    """
    if len(blind) != BLIND_BYTES:
        raise InvalidInput.one("blind", "silkroot.blind", len(blind), f"a blind has {BLIND_BYTES} bytes")
    if not 0 < party <= UINT64_MAX:
        raise InvalidInput.one("party", "party.range", party, "a party is a positive 64-bit number")
    prefix = _prefix(tree)
    blinded = dict(tree)
    blinded["@context"] = _with_prefix(tree.get("@context"), prefix)
    named = f"{party:013d}"
    stated = own_member(blinded, "party")
    if stated is None:
        blinded[f"{prefix}:party"] = named
    elif stated[1] != named:
        raise InvalidEvent.one(stated[0], "silkroot.party", stated[1], f"the event is captured for party {named}")
    kept = own_member(blinded, "blind")
    if kept is None:
        blinded[f"{prefix}:blind"] = blind.hex()
    elif not isinstance(kept[1], str) or not _BLIND.match(kept[1]):
        raise InvalidEvent.one(kept[0], "silkroot.blind", kept[1], "a blind is 32 lower-case hex digits")
    return blinded


def check_blinded(tree: JsonTree, party: PartyId, blind: object) -> None:
    """Raises what `add_blind` would raise for an event that names its party and has that blind already."""
    usual = prefixes_of(tree.get("@context")).get(PREFIX) == NAMESPACE
    if not usual or not isinstance(blind, str) or not _BLIND.match(blind):
        add_blind(tree, party, bytes(BLIND_BYTES))


def _prefix(tree: JsonTree) -> str:
    """The prefix that the event declares for our namespace, else our own, if that is free."""
    prefixes = prefixes_of(tree.get("@context"))
    if prefixes.get(PREFIX) == NAMESPACE:
        return PREFIX
    for name, namespace in prefixes.items():
        if namespace == NAMESPACE:
            return name
    if PREFIX in prefixes:
        raise InvalidEvent.one(
            "/@context", "silkroot.prefix", prefixes[PREFIX], f"the prefix {PREFIX} stands for {NAMESPACE}"
        )
    return PREFIX


def _with_prefix(context: object, prefix: str) -> list[object]:
    if context is None:
        raise InvalidEvent.one("/@context", "epcis.context", "", "an event carries its own context")
    parts = list(context) if isinstance(context, list) else [context]
    return parts if prefixes_of(parts).get(prefix) == NAMESPACE else [*parts, {prefix: NAMESPACE}]
