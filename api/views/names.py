"""
Names of parties, places, products and lots for people, with the language that each is written in.

Master data may lack a name or a language; then the number stands in, or the name in another language, marked as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

from api.localization import CHINA_TIME, LANGUAGES, Words
from ledger.domain.identifiers import FIRST_ALLOTTED_PARTY, FIRST_ALLOTTED_PRODUCT, LotId, LotRef, PartyId
from ledger.domain.master_data import MasterData, PlaceKind, Role, Text
from ledger.domain.story_values import EventStory, LotStory


@dataclass(frozen=True, slots=True)
class Name:
    """A name and the BCP 47 tag of its language; "" where it is the page's own, or no language at all (a number)."""

    text: str
    lang: str = ""

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the way: its sign, its name and its city."""

    sign: str
    name: Name
    city: Name


class Names:
    """Looks names up in the master data, in one language."""

    def __init__(self, story: LotStory, master: MasterData, speak: Words) -> None:
        self._story = story
        self._master = master
        self._speak = speak

    def text(self, text: Text) -> Name:
        """The text in the page's language, else in another one, marked."""
        return text_name(text, self._speak.language)

    def party(self, party: PartyId) -> Name:
        """The party's name, else its GLN or allotted number."""
        if (known := self._master.parties.get(party)) and (name := self.text(known.name)):
            return name
        return Name(f"GLN {party:013d}" if party < FIRST_ALLOTTED_PARTY else str(party))

    def roles(self, party: PartyId) -> Role:
        """The roles of the party, as master data has them."""
        known = self._master.parties.get(party)
        return known.roles if known else Role(0)

    def city(self, party: PartyId) -> Name:
        """The city that the party is at home in; "" where nobody stated it."""
        known = self._master.parties.get(party)
        return self.text(known.city) if known else Name("")

    def parties(self, parties: tuple[PartyId, ...]) -> str:
        """Several parties' names in one phrase."""
        return self._speak.listing(str(self.party(party)) for party in parties)

    def product(self) -> Name:
        """The product's name, else its number."""
        product = self._story.product
        if product is not None and (name := self.text(product.name)):
            return name
        return Name(product_number(self._story.lot))

    def lot(self, lot: LotId) -> str:
        """The lot's code, else the start of its id."""
        ref = self._story.names.get(lot)
        return ref.code if ref else f"0x{lot.hex()[:8]}…"

    def spot(self, event: EventStory) -> Spot:
        """Where the event took place; a field is named by its plot, and where nothing is known the party stands in."""
        party = self._master.parties.get(event.party)
        city = self.text(party.city) if party else Name("")
        if event.place is None:
            return Spot("place", self.party(event.party), city)
        if plot := self._master.plots.get(event.place):
            return Spot("farm", self.text(plot.name) or self.party(event.party), self.text(plot.region) or city)
        place = self._master.places.get(event.place) or self._master.places.get((event.place[0], ""))
        if place is None:
            return Spot("place", self.party(event.party), city)
        return Spot(PlaceKind(place.kind).value, self.text(place.name), self.text(place.city) or city)


def text_name(text: Text, language: str) -> Name:
    """The text in that language, else in English, Chinese or whatever there is, marked as such; for readers of Uyghur
    Chinese first, which more of them read."""
    others = ("zh", "en") if language == "ug" else ("en", "zh")
    for tag in (language, *others, *text):
        if text.get(tag):
            return Name(text[tag], "" if tag == language else LANGUAGES.get(tag, tag))
    return Name("")


def product_number(lot: LotRef) -> str:
    """`GTIN 09520123456788`, or the allotted number."""
    return f"GTIN {lot.product:014d}" if lot.product < FIRST_ALLOTTED_PRODUCT else str(lot.product)


def lot_path(lot: LotRef) -> str:
    """The path of the lot's page on this service."""
    code = quote(lot.code, safe="")
    if lot.product < FIRST_ALLOTTED_PRODUCT:
        return f"/01/{lot.product:014d}/10/{code}"
    return f"/lot/{lot.product}/{code}"


def resource_path(lot: LotRef) -> str:
    """The path of the lot's story for programs."""
    return f"/lots/{lot.product:014d}/{quote(lot.code, safe='')}"


def verify_path(lot: LotRef) -> str:
    """The path of the page that checks the lot in the reader's browser."""
    return f"/verify?lot={lot.product:014d}/{quote(lot.code, safe='')}"


def moment_of(event: EventStory) -> datetime | None:
    """When the event happened, in its own zone; None where a changed record holds no time that can be read."""
    try:
        moment = datetime.fromisoformat(event.event_time)
    except ValueError:
        return None
    offset = event.body.get("eventTimeZoneOffset")
    try:
        zone = timezone(_offset(offset)) if isinstance(offset, str) else CHINA_TIME
    except ValueError:
        zone = CHINA_TIME
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    sign = {"+": 1, "-": -1}.get(text[:1])
    hours, _, minutes = text[1:].partition(":")
    if sign is None or not (hours.isdecimal() and minutes.isdecimal()):
        raise ValueError(text)
    return sign * timedelta(hours=int(hours), minutes=int(minutes))
