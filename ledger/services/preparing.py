"""
What is done with an event before any state is asked: EPCIS, party, seal, hash, binding, payload.

Raises `InvalidInput` for an event that breaks a rule which needs no state.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from ledger.domain.actions import Action, TransformationAmendment
from ledger.domain.binding import ERROR_DECLARATION, acting_party, action_of, amended_of, lines_of, lots_of
from ledger.domain.canonical_json import canonical
from ledger.domain.cbv_hash import event_hash
from ledger.domain.content_hash import BLIND_BYTES, add_blind
from ledger.domain.custody_state import Origin
from ledger.domain.entry_codec import SHOWS_OPEN_LINES, encode_payload
from ledger.domain.epcis import check_event
from ledger.domain.identifiers import Digest, LotRef, PartyId
from ledger.domain.records import JsonTree, SignatureProof
from ledger.domain.typed_data import Domain, digest
from ledger.ports import Clock, NewEvent

DEADLINE_SECONDS = 7 * 24 * 3600
"""How long the chain may take to record what was signed."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An event that is well formed and bound, before the ledger's own rules. `index`: its place in the call."""

    index: int
    party: PartyId
    request_mac: bytes
    body: JsonTree
    action: Action
    digest: Digest
    payload: bytes
    lots: tuple[LotRef, ...]

    @property
    def event_id(self) -> str:
        """The client's, or the CBV hash."""
        return str(self.body["eventID"])

    @property
    def is_declaration(self) -> bool:
        """Whether it declares another event wrong."""
        return ERROR_DECLARATION in self.body

    def signed(self, proof: SignatureProof, record_time: float) -> NewEvent:
        """The event ready to be stored."""
        return NewEvent(
            content_hash=self.action.content_hash,
            event_id=self.event_id,
            is_declaration=self.is_declaration,
            request_mac=self.request_mac,
            party=self.party,
            body=canonical(self.body),
            proof=proof,
            digest=self.digest,
            payload=self.payload,
            record_time=record_time,
            lots=self.lots,
        )


class Preparing:
    """`domain` is the EIP-712 domain of `ProduceLedger`; `secret` (32 bytes) keys the identities of requests."""

    def __init__(self, clock: Clock, domain: Domain, secret: bytes) -> None:
        self._clock = clock
        self.domain = domain
        self._secret = secret

    def prepare(self, index: int, event: JsonTree, party: PartyId | None) -> Prepared:
        """The event, self-contained, for `party` or for the party that it names."""
        check_event(event)
        acting = acting_party(event) if party is None else party
        request = {key: value for key, value in event.items() if key != "recordTime"}
        identity = f"{acting:013d}\n".encode() + canonical(request)
        sealed = add_blind(request, acting, secrets.token_bytes(BLIND_BYTES))
        action = action_of(sealed, int(self._clock.now()) + DEADLINE_SECONDS)
        if "eventID" not in sealed:
            sealed["eventID"] = event_hash(sealed, None)
        return Prepared(
            index=index,
            party=acting,
            request_mac=hmac.digest(self._secret, identity, hashlib.sha256),
            body=sealed,
            action=action,
            digest=digest(self.domain, action),
            payload=payload_of(action, sealed),
            lots=lots_of(sealed),
        )


def payload_of(action: Action, event: JsonTree) -> bytes:
    """What the entry of the action, which the event implies, carries to the chain."""
    manifest = lines_of(event) if isinstance(action, SHOWS_OPEN_LINES) else None
    origin = Origin(*amended_of(event)) if isinstance(action, TransformationAmendment) else None
    return encode_payload(action, manifest, origin=origin)
