"""
What the map of what is under way is drawn from: cities, and for each consignment from where to where it goes and where
somebody signed for it last. Never where it is: nobody knows that, and exact coordinates are sealed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.localization import CHINA_TIME, N_, Words
from api.staff.dock import number_of
from api.staff.hub_places import city_at
from api.staff.hub_views import HubViews
from api.staff.hub_words import STEPS, moment
from api.views.names import text_name
from ledger.domain.air_leg import AirStep
from ledger.domain.identifiers import PartyId
from ledger.domain.master_data import MasterData
from ledger.services.hub import UnderWay


@dataclass(frozen=True, slots=True)
class City:
    """A city as master data names it: in the page's language, and in English, by which it is found on the map."""

    name: str
    english: str


@dataclass(frozen=True, slots=True)
class Arc:
    """A consignment on the map and in the list beside it."""

    href: str
    number: str
    way: str
    last: str
    when: str
    is_late: bool
    ends: tuple[City, City, City]
    """From, to, and where it was signed for last."""

    @property
    def is_on_map(self) -> bool:
        """Whether the map knows both ends."""
        return all(city_at(city.english) is not None for city in self.ends[:2])


class MapViews:
    """Makes arcs, in one language."""

    def __init__(self, master: MasterData, speak: Words, views: HubViews, now: int) -> None:
        self._master = master
        self._speak = speak
        self._views = views
        self._now = now

    def arc(self, one: UnderWay) -> Arc:
        """The consignment's arc."""
        speak, sight = self._speak, one.sight
        ends = (self._city(sight.shipper), self._city(sight.receiver), self._city(one.signer, one.place))
        way = speak(N_("%(start)s to %(end)s"), start=ends[0].name, end=ends[1].name)
        signer = self._views.name(one.signer)
        last = speak(N_("Last signed for: %(party)s, %(time)s"), party=signer, time=_time(one.time, speak))
        if one.step:
            last = f"{speak(STEPS[AirStep(one.step)])} · {last}"
        late = sight.expected_at < self._now
        when = speak(N_("Expected %(time)s"), time=moment(sight.expected_at, speak))
        return Arc(self._views.path(sight), number_of(sight.reference), way, last, when, late, ends)

    def _city(self, party: PartyId, place: tuple[int, str] | None = None) -> City:
        """The place's city, else the party's; its name where no city is stated."""
        known = self._master.parties.get(party)
        spot = None if place is None else self._master.places.get(place) or self._master.places.get((place[0], ""))
        text = (spot.city if spot is not None else {}) or (known.city if known is not None else {})
        name = str(text_name(text, self._speak.language))
        return City(name or self._views.name(party), text.get("en", ""))


LANDMARKS = {
    "Beijing": N_("Beijing"), "Chengdu": N_("Chengdu"), "Guangzhou": N_("Guangzhou"), "Kashgar": N_("Kashgar"),
    "Lanzhou": N_("Lanzhou"), "Shanghai": N_("Shanghai"), "Urumqi": N_("Ürümqi"), "Wuhan": N_("Wuhan"),
    "Xi'an": N_("Xi’an"),
}  # fmt: skip
"""Cities by which a reader finds their way, whether or not anything goes there."""


def map_json(arcs: Sequence[Arc], speak: Words) -> dict[str, Any]:
    """Cities and arcs as `api/web/staff/hub/map.ts` draws them; consignments between two cities are one arc."""
    cities: dict[str, dict[str, Any]] = {}
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for arc in arcs:
        if not arc.is_on_map:
            continue
        for city in arc.ends:
            if (at := city_at(city.english)) is not None:
                cities[city.english] = {"name": city.name, "at": list(at)}
        start, end, last = (city.english for city in arc.ends)
        line = lines.setdefault((start, end), {"from": start, "to": end, "count": 0, "late": 0, "last": {}})
        line["count"] += 1
        line["late"] += arc.is_late
        if last in cities:
            line["last"][last] = line["last"].get(last, 0) + 1
    there = {city_at(name) for name in cities}
    landmarks = [
        {"name": speak(name), "at": list(at)}
        for english, name in LANDMARKS.items()
        if (at := city_at(english)) is not None and at not in there
    ]
    return {"cities": cities, "lines": list(lines.values()), "landmarks": landmarks}


def _time(text: str, speak: Words) -> str:
    try:
        return speak.minute(datetime.fromisoformat(text).astimezone(CHINA_TIME))
    except ValueError:
        return "?"
