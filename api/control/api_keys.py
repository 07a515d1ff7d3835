"""What can be asked of the ledger over the control socket about keys of the capture interface."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from api.control.lot_text import party_of_text
from api.control.protocol import Params, ProgressCallback, Result
from ledger.domain.api_keys import ApiKey, actions_of
from ledger.wiring import Ledger


async def create_api_key(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """A key for `party`, good for `actions` and `days` (0: until it is revoked). The only time that it is told."""
    party, actions = party_of_text(params["party"]), actions_of(params["actions"])
    days = params.get("days") or None
    key, token = await asyncio.to_thread(
        ledger.api_keys().create, party, actions, name=params.get("name", ""), days=days
    )
    return {**key_json(key), "key": token}


async def list_api_keys(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """The keys of `party`, or of all parties."""
    party = party_of_text(params["party"]) if params.get("party") else None
    keys = await asyncio.to_thread(ledger.api_keys().of, party)
    now = ledger.clock.now()
    return {"keys": [{**key_json(key), "valid": key.is_valid(now)} for key in keys]}


async def revoke_api_key(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Ends the key of that `id`."""
    await asyncio.to_thread(ledger.api_keys().revoke, params["id"])
    return {"id": params["id"]}


def key_json(key: ApiKey) -> Result:
    """What may be told of a key. Times are Unix seconds."""
    return {
        "id": key.id,
        "party": f"{key.party:013d}",
        "name": key.name,
        "actions": sorted(key.actions),
        "createdAt": key.created_at,
        "expiresAt": key.expires_at,
        "revokedAt": key.revoked_at,
        "lastUsed": key.last_used,
    }


API_KEYS: dict[str, Callable[[Ledger, Params, ProgressCallback], Awaitable[Result]]] = {
    "create-api-key": create_api_key,
    "api-keys": list_api_keys,
    "revoke-api-key": revoke_api_key,
}
