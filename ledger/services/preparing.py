"""
What is done with an event before any state is asked: EPCIS, party, seal, hash, binding, payload.

The identity of a request is that of the event as it was sent, before sealing; the policy says what is sealed, each
member with 16 random bytes of its own. An event that comes signed is not touched: see `ledger.services.signed_events`.

Raises `InvalidInput` for an event that breaks a rule which needs no state.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import cast

import msgspec

from ledger.domain.actions import Action, TransformationAmendment, is_stated
from ledger.domain.binding import ERROR_DECLARATION, acting_party, action_of, amended_of, lines_of, lots_of
from ledger.domain.canonical_json import canonical, is_plain_value, is_whole, with_integers
from ledger.domain.cbv_hash import event_hash
from ledger.domain.certificates import certificate_of
from ledger.domain.content_hash import BLIND_BYTES, add_blind, content_hash, content_hash_of
from ledger.domain.custody_state import NOBODY, Origin
from ledger.domain.entry_codec import SHOWS_OPEN_LINES, encode_payload
from ledger.domain.epcis import check_event
from ledger.domain.errors import InvalidInput
from ledger.domain.event_shape import KnownShape, look_at
from ledger.domain.files import photos_of
from ledger.domain.hub_members import check_hub_members
from ledger.domain.identifiers import ContentHash, Digest, LotRef, PartyId
from ledger.domain.json_tree import MAX_DEPTH, parse_json_object
from ledger.domain.keyed_hash import KeyedHash
from ledger.domain.new_events import NewEvent
from ledger.domain.own_members import keys_of, own_keys
from ledger.domain.presigned import Presigned, presigned_of
from ledger.domain.records import JsonTree, SignatureProof
from ledger.domain.sealing import DEFAULT, SALT_BYTES, KeptDisclosure, Policy, seal
from ledger.domain.sealing.kept import kept
from ledger.domain.sealing.open_part import open_part
from ledger.domain.searched import Searched, event_time_of, searched_of
from ledger.domain.sensors.limits import LimitsOf, with_limits
from ledger.domain.typed_data import Domain, digest
from ledger.ports import Clock
from ledger.services.signed_events import check_binding, check_form, check_sealing, check_signatures

DEADLINE_SECONDS = 7 * 24 * 3600
"""How long the chain may take to record what was signed."""
TOGETHER = 64
"""So many events are best prepared together: what they need of the processor's caches still fits."""


class Prepared(msgspec.Struct, frozen=True, gc=False, eq=False):
    """
    An event that is well formed and bound, before the ledger's own rules. `index`: its place in the call. `stored`: the
    RFC 8785 form of its body, and `tree` the body where it is at hand: no tree comes from another process.
    `event_id`: the client's, or the CBV hash. `is_declaration`: it declares another event wrong. `open_mac`:
    the identity of what of it is open, by which it is known after an erasure; None where nothing of it was sealed here
    or the client gave it an eventID. `unsealed`: of an event that came with a blind, so that it may have been recorded
    and exported when less was sealed, what its content hash would be then. `own_id`: the client chose the
    eventID; that of an error declaration is the one of the event that it declares wrong. `proof`: of an event that came
    signed; its form is checked, and its signature, but not yet whether the key may sign. `proof_form`: its RFC 8785
    form. `event_time` and `searched`: as of `NewEvent`.
    """

    index: int
    party: PartyId
    request_mac: bytes
    stored: bytes
    event_id: str
    is_declaration: bool
    action: Action
    digest: Digest
    payload: bytes
    lots: tuple[LotRef, ...]
    disclosures: tuple[KeptDisclosure, ...] = ()
    own_id: bool = False
    open_mac: bytes | None = None
    unsealed: ContentHash | None = None
    proof: SignatureProof | None = None
    proof_form: bytes = b""
    event_time: int = 0
    searched: Searched | None = None
    tree: JsonTree | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Prepared) and _WITHOUT_TREE(self) == _WITHOUT_TREE(other)

    def __ne__(self, other: object) -> bool:  # the struct's own compares all members
        return not self == other

    __hash__ = None  # type: ignore[assignment]

    @property
    def content_hash(self) -> ContentHash:
        """The event's identity."""
        return self.action.content_hash

    def whole(self) -> Prepared:
        """Itself; see `PreparedStatement`."""
        return self

    @property
    def body(self) -> JsonTree:
        """What is published of it."""
        return parse_json_object(self.stored) if self.tree is None else self.tree

    def signed(self, proof: SignatureProof, record_time: float, *, proposed: bool = False) -> NewEvent:
        """
        The event ready to be stored, or to be kept as a proposal. What comes signed has its blind, so the same request
        is the same content: its own identity is kept with a proposal only, which is looked up by nothing else.
        """
        by_content = proof is self.proof and not proposed
        return NewEvent(
            self.action.content_hash, self.event_id, self.is_declaration, None if by_content else self.request_mac,
            self.party, self.stored, proof, self.digest, self.payload, record_time, self.lots, self.disclosures,
            self.proof_form if proof is self.proof else b"", self.tree, self.event_time, self.searched,
        )  # fmt: skip


_WITHOUT_TREE = attrgetter(*Prepared.__struct_fields__[:-1])


class Preparing:
    """
    `domain` is the EIP-712 domain of `ProduceLedger`; `secret` (32 bytes) keys the identities of requests; `policy`
    says what is sealed. `limits_of`: temperature limits of a product, which a birth that states none is given.
    """

    def __init__(
        self, clock: Clock, domain: Domain, secret: bytes, policy: Policy = DEFAULT, limits_of: LimitsOf | None = None
    ) -> None:
        self._clock = clock
        self._limits_of = limits_of
        self._policy = policy
        self.domain = domain
        self._secret = secret
        self._identities = KeyedHash(secret)

    def prepare(self, index: int, event: JsonTree, party: PartyId | None) -> Prepared:
        """
        The event, self-contained, for `party` or for the party that it names. One that comes signed is its signer's,
        whatever `party` says.
        """
        (prepared,) = self.prepare_all([event], party, index)
        if isinstance(prepared, InvalidInput):
            raise prepared
        return prepared

    def prepare_all(
        self, events: Sequence[JsonTree], party: PartyId | None, first: int = 0
    ) -> list[Prepared | InvalidInput]:
        """
        The same for many, in order, the first at the index `first`; in place of an event that breaks a rule stands what
        it breaks. At best about `TOGETHER` at a time: each step is done for all of them before the next, so that the
        processor has the step's code and tables at hand, which makes all of it about twice as fast.
        """
        return [work.ended() for work in self._works(events, party, first)]

    def prepare_strictly(
        self, events: Sequence[JsonTree], party: PartyId, first: int = 0
    ) -> tuple[list[Prepared | InvalidInput], bool]:
        """
        The same of events whose text was read by `parse_compact`; and whether it is sure of each that `parse_json`
        would have taken it. It is where all came signed and no rule is broken, for numbers and depth are looked at.
        """
        works = self._works(events, party, first)
        return [work.ended() for work in works], all(work.is_strict for work in works)

    def _works(self, events: Sequence[JsonTree], party: PartyId | None, first: int) -> list[_Work]:
        works = [_Work(index, event, party) for index, event in enumerate(events, first)]
        for step in (
            self._take_apart, self._check_form, self._check_sealing, self._hash, self._check_binding, self._digest,
            self._check_signatures, self._name, self._identify, self._finish,
        ):  # fmt: skip
            for work in works:
                if work.end is None:
                    try:
                        step(work)
                    except InvalidInput as error:
                        work.end = error
        return works

    def _take_apart(self, work: _Work) -> None:
        if (given := presigned_of(work.event)) is None:
            work.end = self._unsigned(work.index, work.event, work.party)
        else:
            work.given = given

    def _check_form(self, work: _Work) -> None:
        event = work.signed.event
        work.known, others = look_at(event)
        work.acting = check_form(work.signed, work.known)
        check_attached(event)
        work.written = event
        if work.known.is_ascii and not all(map(is_plain_value, others)):
            work.written = with_integers(event)
            others = [value for value in others if not is_whole(value)]
        work.plain = work.known.is_ascii and all(map(is_plain_value, others))

    def _check_sealing(self, work: _Work) -> None:
        work.disclosures = check_sealing(work.signed, self._policy, _new_salt, work.known)

    def _hash(self, work: _Work) -> None:
        if "recordTime" in work.written:
            work.written = {key: value for key, value in work.written.items() if key != "recordTime"}
        work.request = canonical(work.written, plain=work.plain)
        if "eventID" in work.written:
            work.content = content_hash(work.written, plain=work.plain)
        else:
            work.content = content_hash_of(work.request)

    def _check_binding(self, work: _Work) -> None:
        check_binding(work.signed, work.content)

    def _digest(self, work: _Work) -> None:
        work.digest = digest(self.domain, work.signed.proof.action)

    def _check_signatures(self, work: _Work) -> None:
        check_signatures(work.signed, work.digest, self.domain)

    def _name(self, work: _Work) -> None:
        work.body = dict(work.signed.event)
        work.body.pop("recordTime", None)
        if "eventID" not in work.body:
            work.body["eventID"] = event_hash(work.body, known=work.known)

    def _identify(self, work: _Work) -> None:
        if "eventID" in work.written:
            work.stored = work.request
        else:
            named = {**work.written, "eventID": work.body["eventID"]}
            work.stored = canonical(named, plain=work.plain)
        work.mac = self._identities.digest(identified(work.acting, work.request))

    def _finish(self, work: _Work) -> None:
        given = work.signed
        work.end = Prepared(
            index=work.index,
            party=work.acting,
            request_mac=work.mac,
            stored=work.stored,
            event_id=str(work.body["eventID"]),
            is_declaration=ERROR_DECLARATION in work.body,
            action=given.proof.action,
            digest=work.digest,
            payload=_payload_of(given.proof.action, work.body),
            lots=lots_of(work.body),
            disclosures=work.disclosures,
            own_id="eventID" in given.event and ERROR_DECLARATION not in work.body,
            proof=given.proof,
            proof_form=given.proof_form,
            event_time=event_time_of(work.body),
            searched=searched_of(work.body),
            tree=work.body,
        )

    def _unsigned(self, index: int, event: JsonTree, party: PartyId | None) -> Prepared:
        check_event(event)
        check_attached(event)
        check_hub_members(event)
        acting = acting_party(event) if party is None else party
        request = {key: value for key, value in event.items() if key != "recordTime"}
        # The policy asks for the acting party, so the event names it before it is sealed.
        named = add_blind(request, acting, secrets.token_bytes(BLIND_BYTES))
        was_blinded = bool(keys_of(request, "blind"))
        if self._limits_of is not None and not was_blinded and "eventID" not in request:
            named = with_limits(named, self._limits_of)
        sealed = seal(named, self._policy, _new_salt)
        body = sealed.event
        action = action_of(body, int(self._clock.now()) + DEADLINE_SECONDS)
        own_id = "eventID" in body
        if not own_id:
            body["eventID"] = event_hash(body, None)
        return Prepared(
            index=index,
            party=acting,
            request_mac=_identity(self._secret, acting, request),
            stored=canonical(body),
            event_id=str(body["eventID"]),
            is_declaration=ERROR_DECLARATION in body,
            action=action,
            digest=digest(self.domain, action),
            payload=_payload_of(action, body),
            lots=lots_of(body),
            disclosures=kept(sealed.disclosures),
            own_id=own_id and ERROR_DECLARATION not in body,
            unsealed=content_hash(named) if sealed.disclosures and was_blinded else None,
            open_mac=open_identity(self._secret, acting, body) if sealed.disclosures and not own_id else None,
            event_time=event_time_of(body),
            searched=searched_of(body),
            tree=body,
        )


@dataclass(slots=True)
class _Work:
    """
    An event on its way through the steps; what comes signed is filled in step by step. `written`: the event without its
    recordTime, as orjson has to get it where it is `plain`; `request`: the RFC 8785 form of that.
    """

    index: int
    event: JsonTree
    party: PartyId | None
    given: Presigned | None = None
    known: KnownShape | None = None
    plain: bool = False
    written: JsonTree = field(default_factory=dict)
    request: bytes = b""
    content: ContentHash = field(default=cast(ContentHash, b""))
    acting: PartyId = NOBODY
    disclosures: tuple[KeptDisclosure, ...] = ()
    digest: Digest = field(default=cast(Digest, b""))
    body: JsonTree = field(default_factory=dict)
    stored: bytes = b""
    mac: bytes = b""
    end: Prepared | InvalidInput | None = None

    @property
    def signed(self) -> Presigned:
        """What came signed; the steps after the first are for those alone."""
        if self.given is None:
            raise TypeError("this event did not come signed")
        return self.given

    @property
    def is_strict(self) -> bool:
        """
        Whether no number of the event is large, and not too much is in each other. The proof, which is taken out before
        numbers are looked at, is of texts and small integers, but for a second party's number.
        """
        if self.known is None or self.given is None or not isinstance(self.end, Prepared):
            return False
        return self.plain and self.known.depth <= MAX_DEPTH // 2 and self.given.proof.co is None

    def ended(self) -> Prepared | InvalidInput:
        """What became of it."""
        if self.end is None:
            raise TypeError("this event did not go through all steps")
        return self.end


def check_attached(event: JsonTree) -> None:
    """
    Photos and certificates that the event names have their form. Whether the files are kept here is not asked: they may
    come later, or be kept elsewhere.
    """
    names = {name for name, _ in own_keys(event)}
    if "photos" in names:
        photos_of(event)
    if "certificate" in names:
        certificate_of(event)


def open_identity(secret: bytes, party: PartyId, body: JsonTree) -> bytes:
    """
    The keyed hash of what of a sealed event is open. It takes the place of the request's identity when what was sealed
    is erased: it tells nothing but what everybody can read.
    """
    return _identity(secret, party, open_part(body))


def _identity(secret: bytes, party: PartyId, tree: JsonTree) -> bytes:
    return hmac.digest(secret, identified(party, canonical(tree)), hashlib.sha256)


def identified(party: PartyId, written: bytes = b"") -> bytes:
    """What is hashed for the identity of a party's request, from its RFC 8785 form."""
    return b"%013d\n" % party + written


def _new_salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)


def _payload_of(action: Action, event: JsonTree) -> bytes:
    """As `payload_of`; nothing where no entry goes to the chain."""
    return b"" if is_stated(action) else payload_of(action, event)


def payload_of(action: Action, event: JsonTree) -> bytes:
    """What the entry of the action, which the event implies, carries to the chain."""
    manifest = lines_of(event) if isinstance(action, SHOWS_OPEN_LINES) else None
    origin = Origin(*amended_of(event)) if isinstance(action, TransformationAmendment) else None
    return encode_payload(action, manifest, origin=origin)
