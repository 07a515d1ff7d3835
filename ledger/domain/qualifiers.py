"""
What a reader has to know beside a verdict; no I/O.

Source: DESIGN.md section 2, "Qualifiers". `declared` comes from intakes, whose growers do not sign, and from events
that name an airline or another carrier, who does not either; `supplied` from `certificationInfo` (EPCIS 2.0) and from
certificates, documents that the event's signer names and their issuer did not sign; `temperature-not-recorded` from
branches without a logger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger.domain.actions import Intake, signer_of
from ledger.domain.certificates import MEMBER, CertificateKind
from ledger.domain.custody_values import Handoff
from ledger.domain.identifiers import ContentHash, PartyId
from ledger.domain.master_data import Role
from ledger.domain.own_members import own_member
from ledger.domain.readings import UNREADABLE, Reading
from ledger.domain.records import ChainFacts, KeyRecord
from ledger.domain.story_values import Branch, Qualifier, QualifierCode


def qualifiers_of(
    readings: Sequence[Reading],
    handoffs: Iterable[Handoff],
    facts: ChainFacts | None,
    branches: Sequence[Branch] = (),
    *,
    single_operator: bool,
) -> tuple[Qualifier, ...]:
    """The qualifiers that apply, in the order of `QualifierCode`. Without facts, hosted keys are not known."""
    by_event = {reading.event.content_hash: reading for reading in readings}
    hosted = [item for item in readings if is_hosted(item, facts)]
    hosted_events = {item.event.content_hash for item in hosted}
    both = [
        event
        for handoff in handoffs
        for receipt in handoff.receipts
        if {handoff.shipment, receipt} <= hosted_events
        for event in (handoff.shipment, receipt)
    ]
    both += [item.event.content_hash for item in hosted if is_co_hosted(item, facts)]
    declared = [item for item in readings if isinstance(item.action, Intake) or _names_a_carrier(item)]
    supplied = [item for item in readings if names_documents(item) and not issued_by_signer(item, facts)]
    found = [
        _hosted(QualifierCode.HOSTED_KEY, readings, facts),
        _hosted(QualifierCode.BOTH_SIDES_HOSTED, [by_event[event] for event in both], facts),
        Qualifier(QualifierCode.SINGLE_OPERATOR_CHAIN) if single_operator else None,
        _qualifier(QualifierCode.DECLARED, declared),
        _qualifier(QualifierCode.SUPPLIED, supplied),
        _unrecorded(branches),
    ]
    return tuple(item for item in found if item is not None)


def _unrecorded(branches: Sequence[Branch]) -> Qualifier | None:
    """The holders of branches on which nobody recorded a temperature of the lot."""
    holders = tuple(one.holder for one in branches if one.climate is not None and not one.climate.recorded)
    return Qualifier(QualifierCode.TEMPERATURE_NOT_RECORDED, holders) if holders else None


def key_of(reading: Reading, facts: ChainFacts | None) -> KeyRecord | None:
    """The chain's record of the key that signed."""
    return facts.keys.get(reading.signer or reading.event.proof.key_id) if facts is not None else None


def is_hosted(reading: Reading, facts: ChainFacts | None) -> bool:
    """Whether the on-chain record of the key says that the service keeps it."""
    key = key_of(reading, facts)
    return key is not None and key.hosted


def co_key_of(reading: Reading, facts: ChainFacts | None) -> KeyRecord | None:
    """The chain's record of the key of the second signature; None where there is none."""
    co = reading.event.proof.co
    return facts.keys.get(co.key_id) if facts is not None and co is not None else None


def is_co_hosted(reading: Reading, facts: ChainFacts | None) -> bool:
    """Whether the service keeps the key of the second signature."""
    key = co_key_of(reading, facts)
    return key is not None and key.hosted


def _names_a_carrier(reading: Reading) -> bool:
    try:
        return any(own_member(reading.event.body, name) is not None for name in ("airLeg", "carrier"))
    except UNREADABLE:  # The content check says so.
        return False


def names_documents(reading: Reading) -> bool:
    """Whether the event names a document, in a member of EPCIS or in ours."""
    body = reading.event.body
    if not isinstance(body, dict):
        return False
    try:
        return bool(body.get("certificationInfo")) or own_member(body, MEMBER) is not None
    except UNREADABLE:  # The content check says so.
        return True


def issued_by_signer(reading: Reading, facts: ChainFacts | None) -> bool:
    """
    Whether the event is a certificate whose issuer signed it: a promise of the party that makes it; any other one only
    where the chain says that the party is a certifier.
    """
    signer, body = signer_of(reading.action), reading.event.body
    try:
        found = own_member(body, MEMBER) if isinstance(body, dict) else None
    except UNREADABLE:  # The content check says so.
        return False
    certificate = found[1] if found is not None else None
    if not isinstance(certificate, dict) or certificate.get("issuerParty") != f"{signer:013d}":
        return False
    if certificate.get("kind") == CertificateKind.PROMISE:
        return True
    try:
        return facts is not None and bool(facts.roles_of(signer, reading.anchor) & Role.CERTIFIER)
    except KeyError:  # It was not asked for.
        return False


def _hosted(code: QualifierCode, readings: Sequence[Reading], facts: ChainFacts | None) -> Qualifier | None:
    """The qualifier with the parties whose keys the service keeps, second signers among them."""
    parties: dict[PartyId, None] = {}
    events: dict[ContentHash, None] = {}
    for item in readings:
        named = [signer_of(item.action)] if is_hosted(item, facts) else []
        co = item.event.proof.co
        if co is not None and is_co_hosted(item, facts):
            named.append(co.party)
        if named:
            parties |= dict.fromkeys(named)
            events[item.event.content_hash] = None
    return Qualifier(code, tuple(parties), tuple(events)) if events else None


def _qualifier(code: QualifierCode, readings: Sequence[Reading]) -> Qualifier | None:
    if not readings:
        return None
    parties: dict[PartyId, None] = dict.fromkeys(signer_of(item.action) for item in readings)
    events: dict[ContentHash, None] = dict.fromkeys(item.event.content_hash for item in readings)
    return Qualifier(code, tuple(parties), tuple(events))
