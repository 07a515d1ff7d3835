"""The data that is measured with: one farm, a buyer, and EPCIS documents of as many events as are asked for."""

from __future__ import annotations

import json
from pathlib import Path

from ledger.domain import event_forms
from ledger.domain.event_forms import Amount, Spot, When
from ledger.domain.identifiers import Grams, LotRef, PartyId, ProductId
from ledger.domain.records import JsonTree

FARM, BUYER, BULK = PartyId(9520001000010), PartyId(9520001000034), ProductId(9520001000102)
MASTER = """
[[party]]
id = "9520001000010"
roles = ["producer"]
name = { en = "A farm", zh = "农场" }

[[party]]
id = "9520001000034"
roles = ["buyer"]
name = { en = "A buyer", zh = "买家" }

[[product]]
gtin = "09520001000102"
owner = "9520001000010"
net_grams = 1000
name = { en = "Hami melon, loose", zh = "哈密瓜（散装）" }
"""


def lot(number: int) -> LotRef:
    """The lot of that number."""
    return LotRef(BULK, f"F-{number:04d}")


def harvest(number: int) -> JsonTree:
    """Half a tonne and a bit."""
    amount = Amount(lot(number), Grams(500_000 + number))
    return event_forms.harvest(FARM, amount, _at(number), Spot(FARM, f"P{number % 7}"))


def handoff(number: int) -> list[JsonTree]:
    """All of the lot goes to the buyer, who signs for it."""
    reference = event_forms.transaction_urn(FARM, f"WB{number}")
    manifest = [Amount(lot(number), Grams(500_000 + number))]
    return [
        event_forms.shipping(FARM, BUYER, reference, manifest, _at(number), Spot(FARM)),
        event_forms.receiving(BUYER, FARM, reference, manifest, _at(number), Spot(BUYER)),
    ]


def sales(number: int, count: int) -> list[JsonTree]:
    """So many sales of one kilogram each."""
    amount = [Amount(lot(number), Grams(1000))]
    return [event_forms.sale(FARM, amount, _at(sale), Spot(FARM)) for sale in range(count)]


def write_master(folder: Path) -> Path:
    """The master data file."""
    path = folder / "master.toml"
    path.write_text(MASTER)
    return path


def write_document(path: Path, events: list[JsonTree]) -> Path:
    """An EPCIS document of the events."""
    document = {
        "@context": [event_forms.STANDARD_CONTEXT, {"silkroot": event_forms.SILKROOT_NAMESPACE}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-08-06T00:00:00+08:00",
        "epcisBody": {"eventList": [{k: v for k, v in event.items() if k != "@context"} for event in events]},
    }
    path.write_text(json.dumps(document))
    return path


def _at(number: int) -> When:
    return When(f"2026-08-05T{9 + number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}+08:00")
