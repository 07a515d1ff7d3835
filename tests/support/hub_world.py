"""
A small world around a hub, for tests of its pages against a real service: fields in Turpan, a packing house in Hami,
the hub in Ürümqi, a buyer in Beijing. What the others do is recorded by the service's own keys, at times before now.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import event_builders as b
from staff_world import StaffWorld

from ledger.domain.identifiers import ConsignmentId, PartyId, consignment_id
from ledger.domain.master_data import MasterData, Text

ZONE = timezone(timedelta(hours=8))
CITIES: dict[PartyId, Text] = {
    b.FARM: {"en": "Turpan", "zh": "吐鲁番", "ug": "تۇرپان"},
    b.PACKING_HOUSE: {"en": "Hami", "zh": "哈密", "ug": "قۇمۇل"},
    b.HUB: {"en": "Ürümqi", "zh": "乌鲁木齐", "ug": "ئۈرۈمچى"},
    b.BUYER: {"en": "Beijing", "zh": "北京", "ug": "بېيجىڭ"},
}
HARVEST = f"{b.BULK_MELON:014d}/H-1"
CASES = f"{b.MELON_CASE:014d}/P-1"


def hub_master() -> MasterData:
    """The cast of `event_builders`, each in its city."""
    master = b.master_data()
    parties = {key: replace(party, city=CITIES.get(key, {})) for key, party in master.parties.items()}
    return replace(master, parties=parties)


def ago(hours: float) -> str:
    """A time so many hours before now, in China's zone."""
    return (datetime.now(ZONE) - timedelta(hours=hours)).isoformat(timespec="seconds")


class HubWorld:
    """What happens around the hub."""

    def __init__(self, world: StaffWorld) -> None:
        self.world = world

    def operate(self, name: str, party: PartyId, hours: float, **params: Any) -> None:
        """Records something as that party, so many hours ago."""
        self.world.service.operate(name, party=f"{party:013d}", at=ago(hours), **{"where": "", **params})

    def pack(self) -> None:
        """900 kg of melons in cases lie at the packing house."""
        self.operate("harvest", b.FARM, 80, lot=HARVEST, grams=1_000_000, where=f"{b.FARM:013d}/PLOT-7")
        bulk = {"lot": HARVEST, "grams": 1_000_000}
        self.operate("ship", b.FARM, 78, manifest=[bulk], to=f"{b.PACKING_HOUSE:013d}", reference="F-1")
        self.operate("receive", b.PACKING_HOUSE, 76, shipper=f"{b.FARM:013d}", reference="F-1")
        self.operate("pack", b.PACKING_HOUSE, 75, inputs=[bulk], outputs=[{"lot": CASES, "grams": 900_000}])

    def send(self, reference: str, hours: float, grams: int = 100_000) -> None:
        """The packing house sends some of it to the hub."""
        manifest = [{"lot": CASES, "grams": grams}]
        self.operate("ship", b.PACKING_HOUSE, hours, manifest=manifest, to=f"{b.HUB:013d}", reference=reference)

    def receive(self, reference: str, hours: float) -> None:
        """The hub receives all of it."""
        self.operate("receive", b.HUB, hours, shipper=f"{b.PACKING_HOUSE:013d}", reference=reference)

    def send_on(self, reference: str, hours: float, grams: int = 100_000) -> None:
        """The hub sends some of it to the buyer."""
        manifest = [{"lot": CASES, "grams": grams}]
        self.operate("ship", b.HUB, hours, manifest=manifest, to=f"{b.BUYER:013d}", reference=reference)


def consignment(party: PartyId, number: str) -> ConsignmentId:
    """The id of the consignment that the party sent under that number."""
    return consignment_id(party, f"urn:epcglobal:cbv:bt:{party:013d}:{number}")
