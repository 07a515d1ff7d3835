"""
What the capture routes need: keys, jobs, the gate, and whether a request came by a way on which a key stays secret.

An API key in plain HTTP can be read by everybody on the way. So the interface answers only over HTTPS, or to this
machine itself (a proxy that speaks HTTPS runs there), or where the operator says that something else protects the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.requests import Request

from api.capture_gate import CaptureGate
from ledger.services.api_keys import ApiKeys
from ledger.services.capture_jobs import CaptureJobs


@dataclass(frozen=True, slots=True)
class CaptureDesk:
    """
    `wake` tells the workers that something was recorded. `trusts_the_way`: the public address is HTTPS, or the operator
    allows plain HTTP.
    """

    keys: ApiKeys
    jobs: CaptureJobs
    gate: CaptureGate
    wake: Callable[[], None]
    trusts_the_way: bool

    def is_private(self, request: Request) -> bool:
        """Whether nobody on the way can read the key."""
        return self.trusts_the_way or request.url.scheme == "https" or _is_here(request)


def _is_here(request: Request) -> bool:
    """Whether the request comes from this machine; one without an address came over a Unix socket."""
    if request.client is None or not request.client.host:
        return True
    try:
        address = ip_address(request.client.host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
