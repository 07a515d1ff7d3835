"""What can be asked of the ledger over the control socket about people: the operator invites a party's first admin."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from api.control.lot_text import party_of_text
from api.control.protocol import Params, ProgressCallback, Result
from ledger.domain.people import role_of
from ledger.wiring import Ledger


async def invite(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """
    An invitation of `person` to `party` as `role`, good for `hours`. `link` opens it once, at `url` where given, else
    at the address where staff pages are; the only time that it is told.
    """
    party, role = party_of_text(params["party"]), role_of(params["role"])
    seconds = int(params.get("hours") or 72) * 3600
    invitation, token = await asyncio.to_thread(
        ledger.people().invite, party, params["person"], role, seconds=seconds
    )  # fmt: skip
    address = params.get("url") or ledger.settings.staff_url
    return {
        "id": invitation.id,
        "party": f"{party:013d}",
        "name": invitation.name,
        "role": invitation.role,
        "expiresAt": invitation.expires_at,
        "link": f"{address.rstrip('/')}/staff/join#{token}",
    }


INVITING: dict[str, Callable[[Ledger, Params, ProgressCallback], Awaitable[Result]]] = {"invite": invite}
