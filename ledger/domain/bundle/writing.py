"""
A bundle to its JSON text; no I/O. What is written here, `reading` reads back as the same bundle.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import orjson

from ledger.domain.bundle.values import FORMAT, Bundle, BundleChain, BundledEvent
from ledger.domain.merkle import TreeHash
from ledger.domain.proof_json import proof_to_json
from ledger.domain.records import EntryState, JsonTree

_STATES = {EntryState.SENT: EntryState.QUEUED}
"""Between the two lies only what our own outbox did."""


def bundle_bytes(bundle: Bundle) -> bytes:
    """The JSON text, UTF-8, without spaces: an event takes under 3 kB."""
    return orjson.dumps(bundle_to_json(bundle))


def bundle_to_json(bundle: Bundle) -> JsonTree:
    """The bundle as a JSON object; see docs/proofs.md."""
    numbers: dict[TreeHash, int] = {}
    events = [_event(event, numbers) for event in bundle.events]
    tree: JsonTree = {
        "format": FORMAT,
        "lot": {"product": f"{bundle.lot.product:014d}", "code": bundle.lot.code},
        "made": _time(bundle.made),
        "chain": _chain(bundle.chain),
    }
    if bundle.checkpoint is not None:
        at = bundle.checkpoint
        tree["checkpoint"] = {"size": at.size, "root": _base64(at.root), "block": at.block}
    return {**tree, "hashes": [_base64(one) for one in numbers], "events": events}


def _chain(chain: BundleChain) -> JsonTree:
    return {
        "chainId": chain.chain_id,
        "partyRegistry": "0x" + chain.registry.hex(),
        "produceLedger": "0x" + chain.ledger.hex(),
        "eventLog": "0x" + chain.log.hex(),
    }


def _event(event: BundledEvent, numbers: dict[TreeHash, int]) -> JsonTree:
    tree: dict[str, Any] = {
        "event": event.body,
        "proof": proof_to_json(event.proof),
        "recordTime": _time(event.record_time),
        "state": _STATES.get(event.state, event.state).value,
    }
    if event.state is EntryState.REFUSED:
        tree["refusal"] = event.refusal
    if event.inclusion is not None:
        path = [numbers.setdefault(one, len(numbers)) for one in event.inclusion.hashes]
        tree["log"] = {"index": event.inclusion.index, "path": path, "block": event.first_block}
    if event.disclosures:
        tree["disclosures"] = list(event.disclosures)
    if event.erased:
        tree["erased"] = list(event.erased)
    return tree


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
