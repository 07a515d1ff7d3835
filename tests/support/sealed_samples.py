"""An event with all that is sealed by default, and what seals it, for tests of sealing."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from typing import Any

import event_builders as build

from ledger.domain.records import JsonTree

LINE = {
    "epcClass": "https://id.gs1.org/01/09520000001001/10/H-0001",
    "description": "Hami melon",
    "tlcSource": {"name": "Farm", "phone": "09912345678", "street": "3 Canal Road"},
}
DETAILS: dict[str, Any] = {
    "silkroot:harvester": "Tursun 13999123456",
    "silkroot:driver": "D-7",
    "silkroot:lines": [LINE],
    "silkroot:price": 4.5,
    "gs1:telephone": "13912345678",
    "silkroot:buyer": {"contactName": "Li Wei", "kept": 1},
    "sensorElementList": [
        {
            "sensorReport": [
                {"type": "Angle", "component": "cbv:Comp-latitude", "value": 43.125},
                {"type": "gs1:Angle", "component": "longitude", "stringValue": "87.2"},
                {"type": "Temperature", "value": 3.5, "uom": "CEL"},
                {"type": "Temperature", "component": "latitude", "value": 9.5, "uom": "CEL"},
            ]
        }
    ],
}


def salts() -> Callable[[], bytes]:
    """Gives another one each time, the same ones in every test."""
    numbers = itertools.count(1)
    return lambda: next(numbers).to_bytes(16, "big")


def detailed() -> JsonTree:
    """A harvest with all of them."""
    return build.harvest(extra=copy.deepcopy(DETAILS))


def texts(sealed: Any) -> list[str]:
    """What opens it."""
    return [disclosure.text for disclosure in sealed.disclosures]
