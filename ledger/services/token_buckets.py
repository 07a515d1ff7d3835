"""
How much each caller may ask for: a token bucket for every address, in a table that never grows beyond its bound.

A bucket holds `burst` tokens and fills again at `per_second`. The table forgets the bucket of the caller that was not
seen for longest, and which by then has usually been full for long. IPv6 callers are told apart by their network of 64
bits, because a single one has all of it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address

from ledger.ports import Clock


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class TokenBuckets:
    """Used by one event loop."""

    def __init__(self, clock: Clock, *, burst: int, per_second: float, most_callers: int = 4_096) -> None:
        self._clock = clock
        self._burst = burst
        self._per_second = per_second
        self._most_callers = most_callers
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def wait_for(self, address: str, cost: int) -> float:
        """Takes the tokens and gives 0; or takes none and gives the seconds after which they will be there."""
        caller, now = _caller(address), self._clock.now()
        bucket = self._buckets.setdefault(caller, _Bucket(self._burst, now))
        self._buckets.move_to_end(caller)
        while len(self._buckets) > self._most_callers:
            self._buckets.popitem(last=False)
        # A clock that was set back fills nothing.
        bucket.tokens = min(self._burst, bucket.tokens + max(0.0, now - bucket.at) * self._per_second)
        bucket.at = now
        cost = min(cost, self._burst)
        if bucket.tokens >= cost:
            bucket.tokens -= cost
            return 0.0
        return (cost - bucket.tokens) / self._per_second


def _caller(address: str) -> str:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Network((parsed, 64), strict=False))
    return str(parsed)
