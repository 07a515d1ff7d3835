"""
Which content codings the answers to HTTP clients may have: gzip and deflate, and not zstd.

httpx takes zstd as soon as its library is installed, which it is for stored rows. It unpacks what came from the network
at once, before anybody looks at how long an answer is by then: a part of 64 kB is up to 66 MB of gzip, and 2 GB of
zstd. Logs and nodes belong to strangers.
"""

from __future__ import annotations

import httpx

ASKED = {"accept-encoding": "gzip, deflate"}
"""Headers of a client."""
_TAKEN = {"", "identity", "gzip", "deflate"}


async def _refuse_others(response: httpx.Response) -> None:
    codings = response.headers.get("content-encoding", "")
    if not {coding.strip().lower() for coding in codings.split(",")} <= _TAKEN:
        raise httpx.DecodingError(f"it answers in {codings[:40]!r}, which was not asked for", request=response.request)


HOOKS = {"response": [_refuse_others]}
"""Event hooks of a client, which are called before the content is read: `httpx.DecodingError` for any other coding."""
