"""
Verifications as JSON, for `silkroot verify --json`; no I/O.

Names and forms are those of `ledger.services.story_json`. `events` stand in the order of the bundle, each with the
block, time, transaction and key of its evidence and its place in the log. What is not shown stands by place: in
`erased` where who made the bundle says so, which nobody can check, else in `withheld`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.domain.bundle.opening import Shown
from ledger.domain.bundle.values import BundleChain
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import LotId, LotRef
from ledger.domain.records import LogPlace
from ledger.domain.sealing import Withheld
from ledger.domain.story_values import CheckName, EventStory, Verdict
from ledger.services.agreeing_nodes import NodeReport
from ledger.services.story_json import check_json, finding_json, lot_json
from ledger.services.verify_bundle import Verification
from ledger.services.verify_receipt import ReceiptVerification

Json = dict[str, Any]


def verification_json(found: Verification) -> Json:
    """`verdict` is one of the six words; `nodes` names who was asked, and who was believed."""
    names = found.opened.names
    judgement, places = found.judgement, found.places
    return {
        "lot": lot_json(found.bundle.lot.id, names),
        "verdict": found.verdict.value,
        "reasons": [finding_json(item, names) for item in found.reasons],
        "checks": [check_json(item, names) for item in judgement.checks],
        "offline": {
            "events": found.offline.events,
            "signaturesFit": found.offline.signatures_fit,
            "placed": found.offline.placed,
            "placesHold": found.offline.places_hold,
        },
        "notMade": [name.value for name in found.not_made],
        "qualifiers": [item.code.value for item in judgement.qualifiers],
        "made": found.bundle.made.isoformat(),
        "chainId": found.bundle.chain.chain_id,
        "chain": _chain(found),
        "nodes": [_node(node) for node in found.nodes],
        "events": [_event(event, places.get(event.content_hash), names) for event in judgement.events],
        "disclosed": [
            {"event": _hex(one.event), "places": list(one.disclosed)} for one in found.shown if one.disclosed
        ],
        "withheld": [_hidden(one, item) for one in found.shown for item in one.withheld],
        "erased": [_hidden(one, item) for one in found.shown for item in one.erased],
        "othersMayExist": True,
    }


def refusal_json(error: InvalidInput) -> Json:
    """A file that is no bundle, or not a whole one: nothing in it is believed."""
    return {
        "verdict": Verdict.UNVERIFIED.value,
        "reasons": [
            {
                "check": CheckName.CONTENT.value,
                "code": one.rule,
                "verdict": Verdict.UNVERIFIED.value,
                "reason": one.message,
                "parameters": {"field": one.field, "value": one.value},
            }
            for one in error.violations
        ],
    }


def _chain(found: Verification) -> Json | None:
    if found.chain is None:
        return None
    contracts = _contracts(found.chain)
    if found.facts is None or found.at is None:
        return contracts
    at = {"head": found.at.number, "headHash": _hex(found.at.hash), "headTime": found.at.time}
    return {**contracts, **at, "confirmations": found.facts.confirmations}


def _contracts(chain: BundleChain) -> Json:
    return {
        "chainId": chain.chain_id,
        "partyRegistry": _hex(chain.registry),
        "produceLedger": _hex(chain.ledger),
        "eventLog": _hex(chain.log),
    }


def _node(node: NodeReport) -> Json:
    head = None if node.head is None else {"block": node.head.number, "time": node.head.time}
    return {"url": node.url, "believed": node.believed, "head": head, "problem": node.problem}


def _hidden(shown: Shown, item: Withheld) -> Json:
    return {"event": _hex(shown.event), "place": item.place, "count": item.count}


def _event(event: EventStory, place: LogPlace | None, names: Mapping[LotId, LotRef]) -> Json:
    evidence = next(check.findings[0].evidence for check in event.checks if check.name is CheckName.ANCHORED)
    return {
        "contentHash": _hex(event.content_hash),
        "eventID": event.event_id,
        "step": event.step,
        "party": f"{event.party:013d}",
        "eventTime": event.event_time,
        "state": event.state.value,
        "relevant": event.relevant,
        "key": _hex(event.key_id),
        "block": evidence.block_number,
        "blockTime": evidence.block_time,
        "transaction": _hex(evidence.transaction),
        "log": None if place is None else {"index": place.proof.index, "size": place.proof.size},
        "checks": [check_json(item, names) for item in event.checks],
    }


def _hex(value: bytes | None) -> str | None:
    return None if value is None else "0x" + value.hex()


def receipt_json(found: ReceiptVerification) -> Json:
    """`standing` is kept, broken, not-yet-due, not-shown or unknown; `code` says why."""
    told, covering = found.receipt.acknowledgement, found.covering
    return {
        "standing": found.standing,
        "code": found.code,
        "reason": found.sentence,
        "logIndex": told.log_index,
        "contentHash": _hex(told.content_hash),
        "leafHash": _hex(told.leaf_hash),
        "time": told.time,
        "mergeDeadline": told.merge_deadline,
        "signer": _hex(found.signer),
        "operator": _hex(found.operator),
        "covering": None
        if covering is None
        else {
            "size": covering.size,
            "previousSize": covering.previous_size,
            "root": _hex(covering.root),
            "block": covering.block_number,
            "blockTime": covering.block_time,
            "transaction": _hex(covering.transaction),
        },
        "shownLeaf": None if found.shown is None else _hex(found.shown.leaf_hash),
        "chainId": found.receipt.chain_id,
        "chain": None if found.at is None else {"head": found.at.number, "headTime": found.at.time},
        "nodes": [_node(node) for node in found.nodes],
    }
