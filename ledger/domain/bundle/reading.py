"""
Bytes to a bundle, strictly; no I/O.

A member that is missing, too many or of another form is refused with its JSON pointer: `bundle.members`, `bundle.form`,
`bundle.size`, `bundle.twice`, `bundle.checkpoint`, and for what stands inside a signature proof `proof.form` and the
rules of `action_json`. What the events say is not looked at: that is for the verdict. Raises `InvalidInput` alone,
whatever the bytes are.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ledger.domain.bundle.values import (
    FORMAT,
    MAX_BYTES,
    MAX_DISCLOSURES,
    MAX_ERASED,
    MAX_EVENTS,
    MAX_PATH,
    MAX_SIGNATURE_BYTES,
    Bundle,
    BundleChain,
    BundleCheckpoint,
    BundledEvent,
)
from ledger.domain.epcis.members import pointer
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash, LotRef, ProductId
from ledger.domain.json_tree import parse_json_object
from ledger.domain.log.proofs import InclusionProof
from ledger.domain.merkle import HASH_BYTES, TreeHash
from ledger.domain.proof_json import proof_from_json
from ledger.domain.records import EntryState, JsonTree, SignatureProof
from ledger.domain.sealing.disclosures import DIGEST

_ADDRESS = re.compile(r"0x[0-9a-f]{40}\Z")
_PRODUCT = re.compile(r"[0-9]{14}\Z|[1-9][0-9]{14,19}\Z")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z\Z")
_STATES = {state.value: state for state in (EntryState.QUEUED, EntryState.CONFIRMED, EntryState.REFUSED)}
_NOT_SIGNED = "recordTime"


def read_bundle(data: bytes) -> Bundle:
    """The bundle in a file."""
    if len(data) > MAX_BYTES:
        raise _refuse("", "bundle.size", f"{len(data)} bytes", f"a bundle has at most {MAX_BYTES} bytes")
    tree = parse_json_object(data)
    if tree.get("format") != FORMAT:
        raise _refuse("/format", "bundle.form", tree.get("format", ""), f"a bundle begins with the format {FORMAT}")
    _check_members(tree, "", {"format", "lot", "made", "chain", "hashes", "events"}, {"checkpoint"})
    hashes = _hashes(tree["hashes"])
    checkpoint = _checkpoint(tree["checkpoint"]) if "checkpoint" in tree else None
    return Bundle(
        lot=_lot(tree["lot"]),
        made=_time(tree["made"], "/made"),
        chain=_chain(tree["chain"]),
        checkpoint=checkpoint,
        events=_events(tree["events"], hashes, checkpoint),
    )


def _lot(value: object) -> LotRef:
    members = _object(value, "/lot", {"product", "code"})
    product, code = members["product"], members["code"]
    if not isinstance(product, str) or not _PRODUCT.match(product):
        raise _refuse("/lot/product", "bundle.form", product, "a product is its number in 14 digits or more, as text")
    if not isinstance(code, str):
        raise _refuse("/lot/code", "bundle.form", code, "a lot code is a text")
    try:
        return LotRef(ProductId(int(product)), code)
    except InvalidInput as error:
        raise _under("/lot", error) from None


def _chain(value: object) -> BundleChain:
    at = "/chain"
    members = _object(value, at, {"chainId", "partyRegistry", "produceLedger", "eventLog"})
    return BundleChain(
        _number(members["chainId"], f"{at}/chainId"),
        _address(members["partyRegistry"], f"{at}/partyRegistry"),
        _address(members["produceLedger"], f"{at}/produceLedger"),
        _address(members["eventLog"], f"{at}/eventLog"),
    )


def _checkpoint(value: object) -> BundleCheckpoint:
    at = "/checkpoint"
    members = _object(value, at, {"size", "root", "block"})
    return BundleCheckpoint(
        _number(members["size"], f"{at}/size"),
        _hash(members["root"], f"{at}/root"),
        _number(members["block"], f"{at}/block"),
    )


def _hashes(value: object) -> tuple[TreeHash, ...]:
    found: dict[TreeHash, int] = {}
    for index, item in enumerate(_list(value, "/hashes", MAX_EVENTS * MAX_PATH)):
        node = _hash(item, f"/hashes/{index}")
        if node in found:
            raise _refuse(f"/hashes/{index}", "bundle.twice", item, f"it stands at /hashes/{found[node]} already")
        found[node] = index
    return tuple(found)


def _events(
    value: object, hashes: tuple[TreeHash, ...], checkpoint: BundleCheckpoint | None
) -> tuple[BundledEvent, ...]:
    events: list[BundledEvent] = []
    seen: dict[ContentHash, int] = {}
    for index, item in enumerate(_list(value, "/events", MAX_EVENTS)):
        event = _event(item, f"/events/{index}", hashes, checkpoint)
        before = seen.setdefault(event.content_hash, index)
        if before != index:
            shown = "0x" + event.content_hash.hex()
            raise _refuse(f"/events/{index}", "bundle.twice", shown, f"the event stands at /events/{before} already")
        events.append(event)
    return tuple(events)


def _event(
    value: object, at: str, hashes: tuple[TreeHash, ...], checkpoint: BundleCheckpoint | None
) -> BundledEvent:  # fmt: skip
    members = _object(value, at, {"event", "proof", "recordTime", "state"}, {"refusal", "log", "disclosures", "erased"})
    state = _state(members, at)
    inclusion, first_block = None, None
    if "log" in members:
        inclusion, first_block = _place(members["log"], f"{at}/log", hashes, checkpoint)
    return BundledEvent(
        body=_body(members["event"], f"{at}/event"),
        proof=_proof(members["proof"], f"{at}/proof"),
        record_time=_time(members["recordTime"], f"{at}/recordTime"),
        state=state,
        refusal=members.get("refusal", ""),
        inclusion=inclusion,
        first_block=first_block,
        disclosures=_disclosures(members["disclosures"], f"{at}/disclosures") if "disclosures" in members else (),
        erased=_erased(members["erased"], f"{at}/erased") if "erased" in members else (),
    )


def _state(members: Mapping[str, Any], at: str) -> EntryState:
    word = members["state"]
    if not isinstance(word, str) or word not in _STATES:
        raise _refuse(f"{at}/state", "bundle.form", word, "a state is queued, confirmed or refused")
    if (word == "refused") != ("refusal" in members):
        raise _refuse(f"{at}/refusal", "bundle.members", members.get("refusal", ""), "it goes with the state refused")
    if not isinstance(members.get("refusal", ""), str):
        raise _refuse(f"{at}/refusal", "bundle.form", members["refusal"], "a refusal is the contract's rule, as text")
    return _STATES[word]


def _body(value: object, at: str) -> JsonTree:
    if not isinstance(value, dict):
        raise _refuse(at, "bundle.form", value, "an event is an object")
    if _NOT_SIGNED in value:
        message = "nobody signed it: it stands beside the event"
        raise _refuse(f"{at}/{_NOT_SIGNED}", "bundle.members", value[_NOT_SIGNED], message)
    return value


def _proof(value: object, at: str) -> SignatureProof:
    if not isinstance(value, dict):
        raise _refuse(at, "bundle.form", value, "a proof is an object")
    try:
        proof = proof_from_json(value)
    except InvalidInput as error:
        own = all(violation.rule.startswith(("proof.", "batch.")) for violation in error.violations)
        raise _under(at if own else f"{at}/action", error) from None
    for signed, where in ((proof, at), (proof.co, f"{at}/co")):
        if signed is not None and len(signed.signature) > MAX_SIGNATURE_BYTES:
            length = f"{len(signed.signature)} bytes"
            message = f"a signature has at most {MAX_SIGNATURE_BYTES} bytes"
            raise _refuse(f"{where}/signature", "bundle.size", length, message)
    return proof


def _place(
    value: object, at: str, hashes: tuple[TreeHash, ...], checkpoint: BundleCheckpoint | None
) -> tuple[InclusionProof, int]:
    members = _object(value, at, {"index", "path", "block"})
    index = _number(members["index"], f"{at}/index")
    if checkpoint is None:
        raise _refuse(at, "bundle.checkpoint", index, "a place in the log needs a checkpoint that covers it")
    if index >= checkpoint.size:
        raise _refuse(f"{at}/index", "bundle.checkpoint", index, f"the checkpoint covers {checkpoint.size} entries")
    path = []
    for step, item in enumerate(_list(members["path"], f"{at}/path", MAX_PATH)):
        number = _number(item, f"{at}/path/{step}")
        if number >= len(hashes):
            raise _refuse(f"{at}/path/{step}", "bundle.form", number, f"there are {len(hashes)} hashes")
        path.append(hashes[number])
    return InclusionProof(index, checkpoint.size, tuple(path)), _number(members["block"], f"{at}/block")


def _disclosures(value: object, at: str) -> tuple[str, ...]:
    texts = _list(value, at, MAX_DISCLOSURES)
    if not texts:
        raise _refuse(at, "bundle.members", "", "where nothing is disclosed the member is left out")
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise _refuse(f"{at}/{index}", "bundle.form", type(text).__name__, "a disclosure is a text")
    return tuple(texts)


def _erased(value: object, at: str) -> tuple[str, ...]:
    digests = _list(value, at, MAX_ERASED)
    if not digests:
        raise _refuse(at, "bundle.members", "", "where nothing is marked as erased the member is left out")
    for index, digest in enumerate(digests):
        if not isinstance(digest, str) or not DIGEST.match(digest):
            raise _refuse(f"{at}/{index}", "bundle.form", digest, "a digest is 43 characters of base64url")
        if index and digest == digests[index - 1]:
            raise _refuse(f"{at}/{index}", "bundle.twice", digest, "the digest stands in the list already")
        if index and digest < digests[index - 1]:
            raise _refuse(f"{at}/{index}", "bundle.form", digest, "digests stand in ascending order")
    return tuple(digests)


# ------------------------------------------------------------------------------------------------------ simple values


def _object(value: object, at: str, needed: set[str], optional: frozenset[str] | set[str] = frozenset()) -> JsonTree:
    if not isinstance(value, dict):
        raise _refuse(at, "bundle.form", value, "an object is needed")
    _check_members(value, at, needed, optional)
    return value


def _check_members(tree: Mapping[str, Any], at: str, needed: set[str], optional: frozenset[str] | set[str]) -> None:
    for name in sorted(needed - tree.keys()):
        raise _refuse(f"{at}/{name}", "bundle.members", "", "the member is missing")
    for name in sorted(tree.keys() - needed - optional):
        raise _refuse(pointer(at, name), "bundle.members", name, "there is no such member")


def _list(value: object, at: str, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise _refuse(at, "bundle.form", value, "a list is needed")
    if len(value) > most:
        raise _refuse(at, "bundle.size", len(value), f"at most {most} are taken")
    return value


def _number(value: object, at: str) -> int:
    if type(value) is not int or value < 0:
        raise _refuse(at, "bundle.form", value, "a whole number from 0 up is needed")
    return value


def _address(value: object, at: str) -> bytes:
    if not isinstance(value, str) or not _ADDRESS.match(value):
        raise _refuse(at, "bundle.form", value, "an address is 0x and 40 lower-case hex digits")
    return bytes.fromhex(value[2:])


def _hash(value: object, at: str) -> TreeHash:
    message = f"{HASH_BYTES} bytes in base64 are needed"
    if not isinstance(value, str):
        raise _refuse(at, "bundle.form", value, message)
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise _refuse(at, "bundle.form", value, message) from None
    # Python's decoder overlooks bits that belong to no byte, so the way back decides.
    if len(data) != HASH_BYTES or base64.b64encode(data).decode("ascii") != value:
        raise _refuse(at, "bundle.form", value, message)
    return TreeHash(data)


def _time(value: object, at: str) -> datetime:
    if isinstance(value, str) and _TIME.match(value):
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise _refuse(at, "bundle.form", value, "a time is written as 2026-11-29T12:00:00Z")


def _under(at: str, error: InvalidInput) -> InvalidInput:
    """The same refusal, with its places seen from the bundle's root."""
    return InvalidInput(
        [
            replace(one, field=at if one.field in ("", "/") else f"{at}/{one.field.removeprefix('/')}")
            for one in error.violations
        ]
    )


def _refuse(at: str, rule: str, value: object, message: str) -> InvalidInput:
    return InvalidInput.one(at, rule, value, message)
