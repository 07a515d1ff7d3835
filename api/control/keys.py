"""What can be asked of the ledger over the control socket about keys and the standing of parties."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from api.control.lot_text import party_of_text
from api.control.protocol import Params, ProgressCallback, Result
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import Digest, KeyId
from ledger.domain.records import RecordedEvent, Scheme
from ledger.services.keys import DeviceKey
from ledger.services.resign import rule_of
from ledger.wiring import Ledger

_SCHEMES = {"secp256k1": Scheme.SECP256K1, "p256": Scheme.P256}


async def list_keys(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """
    All keys of `party`, whether it is suspended, its recovery if one is under way, and its events that the contract
    refused because of a key or a deadline: they can be signed again.
    """
    party = party_of_text(params["party"])

    def work() -> Result:
        keys = ledger.keys().of(party)
        refused = [refused_json(event) for event in ledger.resign().refused(party)]
        pending = ledger.keys().recovery_of(party)
        with ledger.store.rehearsing() as transaction:
            suspended = transaction.projection.is_suspended(party)
        rows = [
            {
                "key": _hex(key),
                "scheme": known.scheme.name.lower(),
                "admin": known.admin,
                "hosted": known.hosted,
                "validFrom": known.valid_from,
                "validUntil": known.valid_until,
                "revoked": known.revoked,
            }
            for key, known in keys.items()
        ]
        recovery = {"key": _hex(pending.key_id), "effectiveAt": pending.effective_at} if pending else None
        return {
            "party": f"{party:013d}",
            "suspended": suspended,
            "recovery": recovery,
            "keys": rows,
            "refused": refused,
        }

    return await asyncio.to_thread(work)


async def add_key(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """
    Without `signature`: what the device has to sign to become a key of `party`. With it: adds the key. `public_key`,
    `admin`, `until` and, the second time, `deadline` have to be the same.
    """
    party, device = party_of_text(params["party"]), DeviceKey.parse(_bytes(params["public_key"], "publicKey"))
    keys = ledger.keys()
    grant, signed = keys.grant_of(
        party, device, admin=params["admin"], valid_until=params["until"], deadline=params["deadline"]
    )
    result: Result = {"party": f"{party:013d}", "key": _hex(device.id), "digest": _hex(signed)}
    if not params["signature"]:
        return {**result, "deadline": grant.deadline, "added": False}
    await asyncio.to_thread(keys.add, party, device, grant, _bytes(params["signature"], "signature"))
    ledger.wake()
    return {**result, "deadline": grant.deadline, "added": True}


async def rotate_key(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """A new key of `scheme` for `party`; its old one is revoked unless `keep_old`."""
    party, scheme = party_of_text(params["party"]), _scheme(params["scheme"])
    key = await asyncio.to_thread(ledger.keys().rotate, party, scheme, keep_old=params["keep_old"])
    ledger.wake()
    return {"party": f"{party:013d}", "key": _hex(key)}


async def revoke_key(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Revokes `key` (hex) of `party`."""
    party, key = party_of_text(params["party"]), KeyId(_bytes32(params["key"], "key"))
    await asyncio.to_thread(ledger.keys().revoke, party, key)
    ledger.wake()
    return {"party": f"{party:013d}", "key": _hex(key)}


async def cancel_digest(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """What `party` signed under `digest` (hex) is void."""
    party, digest = party_of_text(params["party"]), Digest(_bytes32(params["digest"], "digest"))
    await asyncio.to_thread(ledger.keys().cancel, party, digest)
    ledger.wake()
    return {"party": f"{party:013d}", "digest": _hex(digest)}


async def resign(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Signs refused events of `party` again: those of the sequence numbers `events`, or all but cancelled ones."""
    party = party_of_text(params["party"])
    done = await asyncio.to_thread(ledger.resign().resign, party, params.get("events") or [])
    ledger.wake()
    again = [refused_json(one.event) for one in done if not one.violations]
    left = [
        refused_json(one.event) | {"why": {"rule": why.rule, "value": why.value, "message": why.message}}
        for one in done
        for why in one.violations[:1]
    ]
    return {"party": f"{party:013d}", "again": again, "left": left}


def refused_json(event: RecordedEvent) -> Result:
    """A refused event: its number, ids, and the contract's rule."""
    return {
        "sequence": event.sequence,
        "event_id": event.event_id,
        "content_hash": _hex(event.content_hash),
        "rule": rule_of(event),
        "refusal": event.refusal,
    }


async def suspend(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Suspends `party`, or reinstates it (`suspended` false)."""
    party = party_of_text(params["party"])
    changed = await asyncio.to_thread(ledger.keys().suspend, party, suspended=params["suspended"])
    ledger.wake()
    return {"party": f"{party:013d}", "suspended": params["suspended"], "changed": changed}


async def start_recovery(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Starts the recovery of `party` to a new key of `scheme`."""
    party, scheme = party_of_text(params["party"]), _scheme(params["scheme"])
    pending = await asyncio.to_thread(ledger.keys().start_recovery, party, scheme)
    ledger.wake()
    return {"party": f"{party:013d}", "key": _hex(pending.key_id), "effectiveAt": pending.effective_at}


async def finish_recovery(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """The recovery of `party` takes effect."""
    party = party_of_text(params["party"])
    key = await asyncio.to_thread(ledger.keys().finish_recovery, party)
    ledger.wake()
    return {"party": f"{party:013d}", "key": _hex(key)}


async def cancel_recovery(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """The recovery of `party` is off."""
    party = party_of_text(params["party"])
    key = await asyncio.to_thread(ledger.keys().cancel_recovery, party)
    ledger.wake()
    return {"party": f"{party:013d}", "key": _hex(key)}


def _scheme(text: str) -> Scheme:
    if text not in _SCHEMES:
        raise InvalidInput.one("scheme", "key.scheme", text, "a key is of secp256k1 or p256")
    return _SCHEMES[text]


def _bytes(text: str, field: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError as error:
        raise InvalidInput.one(field, "hex", text, "not hex digits") from error


def _bytes32(text: str, field: str) -> bytes:
    data = _bytes(text, field)
    if len(data) != 32:
        raise InvalidInput.one(field, "hex", text, "not 32 bytes in hex")
    return data


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


KEYS: dict[str, Callable[[Ledger, Params, ProgressCallback], Awaitable[Result]]] = {
    "keys": list_keys,
    "add-key": add_key,
    "rotate-key": rotate_key,
    "revoke-key": revoke_key,
    "cancel-digest": cancel_digest,
    "resign": resign,
    "suspend": suspend,
    "start-recovery": start_recovery,
    "finish-recovery": finish_recovery,
    "cancel-recovery": cancel_recovery,
}
