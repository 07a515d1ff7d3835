"""
Who scanned which label today, without knowing who: so that a page that is loaded again is not counted again.

Of a phone there is only an HMAC of its address and its browser's name, cut to 16 bytes, under a random key that lives
in memory and is thrown away when the day ends, or the process. Nothing of it is stored, and nobody can tell afterwards
who it was, nor that it was the same phone as on another day or with another label: the label is in the HMAC too.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field

from ledger.domain.identifiers import LotId
from ledger.domain.serials import Day, SerialHash

_LENGTH = 16


@dataclass(slots=True)
class ScanMemory:
    """The scans of one day. It never grows beyond `most`; what was seen longest ago is forgotten first."""

    most: int = 100_000
    _day: Day | None = None
    _key: bytes = b""
    _seen: OrderedDict[bytes, str] = field(default_factory=OrderedDict)

    def before(self, phone: str, lot: LotId, serial: SerialHash, day: Day, city: str) -> str | None:
        """
        The city in which this phone's scan of the label was counted today, None where it was not; from now on it is
        `city`, unless that is "" and another one was known.
        """
        if day != self._day:
            self._day, self._key = day, secrets.token_bytes(32)
            self._seen.clear()
        mark = hmac.digest(self._key, phone.encode() + b"\0" + lot + serial, hashlib.sha256)[:_LENGTH]
        known = self._seen.get(mark)
        self._seen[mark] = city or known or ""
        self._seen.move_to_end(mark)
        while len(self._seen) > self.most:
            self._seen.popitem(last=False)
        return known

    def __len__(self) -> int:
        return len(self._seen)
