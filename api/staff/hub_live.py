"""
`GET /staff/api/hub/events`: server-sent events (HTML standard, 9.2) that tell a page when something was recorded.

A message has the store's newest sequence number as its id, and the party's counts; the page then asks for what it
shows. Nothing of an event itself goes through here. Whichever process recorded, all see it in the store: so it works
behind several workers too. A listener that comes back with `Last-Event-ID` is told at once what it missed. All are told
every few seconds that the line is alive, and end with the session, or with the server.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response, StreamingResponse

from api.problem_details import Problem
from api.staff.access import COOKIE, SignedIn, Staff, desk_of
from api.staff.desk import StaffDesk
from api.staff.hub import NO_HUB
from api.staff.live_feed import LiveFeed
from ledger.services.hub import HubDesk

RETRY_MILLISECONDS = 2_000
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
_LONGEST_ID = 18
router = APIRouter(include_in_schema=False)


@router.get("/staff/api/hub/events")
async def hub_events(
    request: Request,
    who: Staff,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """Tells when something was recorded since `after`, or since the last message that the browser saw."""
    desk = desk_of(request)
    if desk.hub is None or desk.live is None:
        raise Problem(NO_HUB)
    if last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) <= _LONGEST_ID:
        after = int(last_event_id)
    desk.live.join(who.session_id)
    told = _told(desk, desk.hub, desk.live, who, request.cookies.get(COOKIE, ""), after)
    # A generator that was begun gives its place back, whatever becomes of the answer.
    first = await anext(told)
    return StreamingResponse(_again(first, told), media_type="text/event-stream", headers=_HEADERS)


async def _again(first: str, others: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for other in others:
        yield other


async def _told(
    desk: StaffDesk, hub: HubDesk, feed: LiveFeed, who: SignedIn, token: str, after: int
) -> AsyncIterator[str]:
    try:
        yield f"retry: {RETRY_MILLISECONDS}\n\n"
        async for sequence in feed.changes(after):
            if await asyncio.to_thread(desk.sessions.of_token, token) is None:
                yield "event: ended\ndata: {}\n\n"
                return
            if sequence is None:
                yield ": \n\n"
                continue
            counts = await asyncio.to_thread(hub.counts, who.party)
            yield f"id: {sequence}\nevent: changed\ndata: {json.dumps(asdict(counts))}\n\n"
    finally:
        feed.leave(who.session_id)
