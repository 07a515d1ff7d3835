"""
A lot's story as JSON, for `GET /lots/{product}/{lot}` and `silkroot ... --json`; no I/O.

Names are camelCase. Bytes are 0x hex, parties 13 digits and products 14 (more where allotted), grams numbers. Times of
the chain are Unix seconds; those of events are ISO 8601, as their signers stated them. A lot is `{product, lot, id,
uri}`, or only `{id}` where nothing stored names it. The struct of an event is in the form of
`ledger.domain.action_json`. `certified` is the certified share in whole percent, rounded down: only 100 is "certified
origin". `withheld` says of each object and list of an event how many members or elements are sealed there, and how many
of those were erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.domain.action_json import to_json
from ledger.domain.custody_values import CertifiedShare, Handoff, PledgeStory
from ledger.domain.digital_link import lot_uri
from ledger.domain.identifiers import LotId, LotRef, PartyId
from ledger.domain.lot_certificates import certificates_of
from ledger.domain.records import BatchPlace, KeyRecord
from ledger.domain.sealing.reveal import by_place, hidden_in
from ledger.domain.story_values import (
    Ancestor,
    Branch,
    Check,
    EventStory,
    Evidence,
    Finding,
    LotStory,
    Qualifier,
)
from ledger.services.certificate_json import lot_certificate_json
from ledger.services.climate_json import climate_json

Json = dict[str, Any]


def story_json(story: LotStory) -> Json:
    """The story as a JSON object; `verdict` is one of the six words, `qualifiers` a list of codes."""
    names = story.names
    chain, last = story.chain, story.last
    return {
        "lot": lot_json(story.id, names),
        "product": None if story.product is None else {"name": dict(story.product.name)},
        "issuer": _party(story.issuer),
        "verdict": story.verdict.value,
        "reasons": [finding_json(item, names) for item in story.reasons],
        "qualifiers": [item.code.value for item in story.qualifiers],
        "qualifierSources": [_qualifier(item) for item in story.qualifiers],
        "checks": [check_json(item, names) for item in story.checks],
        "branches": [_branch(item, names) for item in story.branches],
        "grams": {
            "born": story.amounts.born,
            "onHand": story.amounts.on_hand,
            "inTransit": story.amounts.in_transit,
            "sold": story.amounts.sold,
            "destroyed": story.amounts.destroyed,
            "used": story.amounts.used,
            "returning": story.amounts.returning,
            "missing": story.amounts.missing,
            "lost": story.amounts.lost,
            "weightLoss": story.amounts.weight_loss,
        },
        **_certified(story.certified, names),
        "pledges": [_pledge(item) for item in story.pledges],
        "certificates": [lot_certificate_json(item) for item in certificates_of(story)],
        "ancestors": [_ancestor(item, names) for item in story.ancestors],
        "children": [lot_json(ref.id, names) for ref in story.children],
        "events": [_event(item, names) for item in story.events],
        "chain": None
        if chain is None
        else {
            "name": chain.name,
            "id": chain.chain_id,
            "ledger": _hex(chain.ledger),
            "registry": _hex(chain.registry),
            "head": chain.head,
            "headTime": chain.head_time,
            "confirmations": chain.confirmations,
            "askedAt": chain.asked_at,
        },
        "lastChecked": None if last is None else {"askedAt": last.asked_at, "verdict": last.verdict.value},
    }


def _certified(share: CertifiedShare | None, names: Mapping[LotId, LotRef]) -> Json:
    """`lotGrams` and `certifiedGrams` are the chain's; all null where it was not asked or has no such lot."""
    if share is None:
        return {"lotGrams": None, "certifiedGrams": None, "certified": None, "certifiedOrigins": []}
    return {
        "lotGrams": share.grams,
        "certifiedGrams": share.certified_grams,
        "certified": share.percent,
        "certifiedOrigins": [
            {
                "lot": lot_json(origin.lot, names),
                "plot": _hex(origin.plot),
                "season": origin.season,
                "producer": _party(origin.producer),
                "certifier": _party(origin.certifier),
                "grams": origin.grams,
            }
            for origin in share.origins
        ],
    }


def _pledge(pledge: PledgeStory) -> Json:
    return {
        "holder": _party(pledge.holder),
        "lender": _party(pledge.lender),
        "grams": pledge.grams,
        "until": pledge.until,
        "stands": pledge.stands,
        "event": _hex(pledge.event),
        "release": _hex(pledge.release),
    }


def lot_json(lot: LotId, names: Mapping[LotId, LotRef]) -> Json:
    """A lot by its names, or by its id alone."""
    ref = names.get(lot)
    if ref is None:
        return {"id": _hex(lot)}
    return {"product": f"{ref.product:014d}", "lot": ref.code, "id": _hex(lot), "uri": lot_uri(ref)}


def check_json(check: Check, names: Mapping[LotId, LotRef]) -> Json:
    """A check with its findings."""
    return {
        "name": check.name.value,
        "outcome": check.outcome.value,
        "code": check.code,
        "reason": check.sentence,
        "findings": [finding_json(item, names) for item in check.findings],
    }


def finding_json(finding: Finding, names: Mapping[LotId, LotRef]) -> Json:
    """A finding with its parameters and evidence."""
    return {
        "check": finding.check.value,
        "code": finding.code,
        "verdict": finding.leads_to.value,
        "reason": finding.sentence,
        "parameters": dict(finding.parameters),
        "event": _hex(finding.event),
        "lot": None if finding.lot is None else lot_json(finding.lot, names),
        "differences": [
            {"member": item.member, "signed": item.signed, "found": item.found} for item in finding.differences
        ],
        "evidence": _evidence(finding.evidence),
    }


def _evidence(evidence: Evidence) -> Json:
    members: Json = {
        "signedHash": _hex(evidence.signed_hash),
        "foundHash": _hex(evidence.found_hash),
        "digest": _hex(evidence.digest),
        "key": _hex(evidence.key_id),
        "transaction": _hex(evidence.transaction),
        "block": evidence.block_number,
        "blockTime": evidence.block_time,
    }
    return {name: value for name, value in members.items() if value is not None}


def _qualifier(qualifier: Qualifier) -> Json:
    return {
        "code": qualifier.code.value,
        "parties": [_party(party) for party in qualifier.parties],
        "events": [_hex(event) for event in qualifier.events],
    }


def _branch(branch: Branch, names: Mapping[LotId, LotRef]) -> Json:
    return {
        "holder": _party(branch.holder),
        "verdict": branch.verdict.value,
        "reasons": [finding_json(item, names) for item in branch.reasons],
        "parties": [_party(party) for party in branch.parties],
        "path": [_handoff(item) for item in branch.path],
        "grams": {
            "onHand": branch.on_hand,
            "inTransit": branch.in_transit,
            "sold": branch.sold,
            "destroyed": branch.destroyed,
            "used": branch.used,
            "returning": branch.returning,
            "missing": branch.missing,
            "lost": branch.lost,
            "weightLoss": branch.weight_loss,
        },
        "temperature": None if branch.climate is None else climate_json(branch.climate),
        "place": _place(branch.place),
        "lastEventTime": branch.last_time,
        "events": [_hex(event) for event in branch.events],
    }


def _handoff(handoff: Handoff) -> Json:
    return {
        "consignment": _hex(handoff.consignment),
        "reference": handoff.reference,
        "shipper": _party(handoff.shipper),
        "receiver": _party(handoff.receiver),
        "grams": handoff.grams,
        "shipment": _hex(handoff.shipment),
        "receipt": _hex(handoff.receipt),
        "receipts": [_hex(event) for event in handoff.receipts],
        "state": handoff.state.name.lower().replace("_", "-"),
        "toCome": handoff.to_come,
        "accepted": handoff.accepted,
        "refused": handoff.refused,
        "missing": handoff.missing,
        "loss": handoff.loss,
        "weightLoss": handoff.weight_loss,
        "returned": handoff.returned,
        "received": handoff.received,
        "voided": handoff.voided,
        "notice": _hex(handoff.notice),
        "noticeAt": handoff.notice_at or None,
        "end": _hex(handoff.end),
        "returns": _hex(handoff.returns),
    }


def _ancestor(ancestor: Ancestor, names: Mapping[LotId, LotRef]) -> Json:
    return {
        **lot_json(ancestor.id, names),
        "distance": ancestor.distance,
        "parents": [lot_json(parent, names) for parent in ancestor.parents],
        "gramsUsed": ancestor.grams_used,
        "recalledBy": _party(ancestor.recalled_by),
        "recallInherited": ancestor.inherited,
    }


def _batch(place: BatchPlace) -> Json:
    return {"root": _hex(place.root), "count": place.count, "index": place.index}


def _event(event: EventStory, names: Mapping[LotId, LotRef]) -> Json:
    entry = event.entry
    return {
        "contentHash": _hex(event.content_hash),
        "sequence": event.sequence,
        "eventID": event.event_id,
        "kind": event.kind.name.lower().replace("_", "-"),
        "step": event.step,
        "party": _party(event.party),
        "counterparty": _party(event.counterparty),
        "eventTime": event.event_time,
        "recordTime": event.record_time.isoformat(),
        "place": _place(event.place),
        "lots": [{**lot_json(lot, names), "grams": grams} for lot, grams in event.lots.items()],
        "ofLot": event.of_lot,
        "relevant": event.relevant,
        "state": event.state.value,
        "refusal": event.refusal,
        "final": event.final,
        "correctedBy": _hex(event.corrected_by),
        "hosted": event.hosted,
        "checks": [check_json(item, names) for item in event.checks],
        "proof": {
            "action": to_json(event.action),
            "key": _hex(event.key_id),
            "scheme": event.scheme.name.lower(),
            "signature": _hex(event.signature),
            "digest": _hex(event.digest),
            **({} if event.batch is None else {"batch": _batch(event.batch)}),
        },
        "secondProof": None
        if event.co is None
        else {
            "party": _party(event.co.party),
            "key": _hex(event.co.key_id),
            "scheme": event.co.scheme.name.lower(),
            "signature": _hex(event.co.signature),
            "keyRecord": _key(event.co_key),
        },
        "keyRecord": _key(event.key),
        "log": None
        if event.log is None
        else {"index": event.log.proof.index, "size": event.log.proof.size, "block": event.log.first_block},
        "entry": None
        if entry is None
        else {
            "transaction": _hex(entry.transaction),
            "block": entry.block_number,
            "blockTime": entry.block_time,
            "logIndex": entry.log_index,
            "digest": _hex(entry.digest),
        },
        "withheld": _withheld(event),
        "body": event.body,
    }


def _withheld(event: EventStory) -> list[Json] | None:
    """None where the digests are not in the form in which they were signed."""
    hidden = hidden_in(event.body)
    if hidden is None:
        return None
    gone = {item.place: item.count for item in by_place(hidden[one] for one in event.erased & hidden.keys())}
    return [
        {"place": item.place, "count": item.count, "erased": gone.get(item.place, 0)}
        for item in by_place(hidden.values())
    ]


def _key(key: KeyRecord | None) -> Json | None:
    if key is None:
        return None
    return {
        "party": _party(key.party),
        "hosted": key.hosted,
        "validFrom": key.valid_from,
        "validUntil": key.valid_until,
        "revokedAt": key.revoked_at,
    }


def _party(party: PartyId | None) -> str | None:
    return f"{party:013d}" if party else None


def _place(place: tuple[int, str] | None) -> Json | None:
    return None if place is None else {"gln": f"{place[0]:013d}", "extension": place[1]}


def _hex(value: bytes | None) -> str | None:
    return None if value is None else "0x" + value.hex()
