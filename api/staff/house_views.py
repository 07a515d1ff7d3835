"""What the pages of a producer and a packing house say: lots with weight and standing, choices, the last used first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from api.localization import CHINA_TIME, N_, Words
from api.views.names import lot_path, resource_path, text_name
from ledger.domain.digital_link import place_uri
from ledger.domain.identifiers import FIRST_ALLOTTED_PARTY, LotRef, PartyId, ProductId
from ledger.domain.master_data import MasterData, Role
from ledger.domain.records import EntryState
from ledger.services.habits import reference_number
from ledger.services.packing_desk import HouseLot, SentOne

_MADE = {"harvest": N_("harvested"), "intake": N_("bought in"), "pack": N_("packed")}
_STANDING = {
    EntryState.QUEUED: ("wait", N_("not final yet")),
    EntryState.SENT: ("wait", N_("not final yet")),
    EntryState.CONFIRMED: ("good", N_("recorded")),
    EntryState.REFUSED: ("bad", N_("refused by the shared ledger")),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select: `used`: it was used before, so that it stands among the first."""

    value: str
    text: str
    used: bool = False


@dataclass(frozen=True, slots=True)
class LotView:
    """
    A lot as a row of a list. `name`: as forms send it. `id`: 0x hex. `typed`: kilograms on hand as people type them.
    `standing`: class and word of its badge; the word is "" where nothing is to be said.
    """

    name: str
    id: str
    code: str
    product: str
    path: str
    resource: str
    on_hand: int
    weight: str
    typed: str
    parts: tuple[str, ...]
    made: str
    standing: tuple[str, str]
    recalled: bool
    correctable: bool


@dataclass(frozen=True, slots=True)
class SentView:
    """A consignment that waits for its receipt."""

    number: str
    receiver: str
    weight: str
    lots: str
    since: str


class HouseNames:
    """Names of products, parties and places in one language."""

    def __init__(self, master: MasterData, speak: Words) -> None:
        self.master = master
        self.speak = speak

    def product(self, number: ProductId) -> str:
        """Name and variety; the number where there is no name."""
        known = self.master.products.get(number)
        if known is None:
            return f"{number:014d}"
        texts = [str(text_name(text, self.speak.language)) for text in (known.name, known.variety)]
        return " · ".join(dict.fromkeys(text for text in texts if text)) or f"{number:014d}"

    def party(self, party: PartyId) -> str:
        """The party's name, else its number."""
        known = self.master.parties.get(party)
        name = str(text_name(known.name, self.speak.language)) if known else ""
        return name or (f"GLN {party:013d}" if party < FIRST_ALLOTTED_PARTY else str(party))

    def place(self, gln: int, extension: str) -> str:
        """The name of a plot or a place, with the region of a plot; the numbers where there is none."""
        plot, place = self.master.plots.get((gln, extension)), self.master.places.get((gln, extension))
        if plot is not None:
            texts = [str(text_name(text, self.speak.language)) for text in (plot.name, plot.region)]
        else:
            texts = [str(text_name(place.name, self.speak.language))] if place is not None else []
        return " · ".join(text for text in texts if text) or (f"{gln:013d}/{extension}" if extension else f"{gln:013d}")

    def plots(self, party: PartyId, used: Sequence[str]) -> list[Choice]:
        """The producer's fields."""
        spots = [key for key, plot in self.master.plots.items() if plot.producer == party]
        return self._spots(spots, used)

    def places(self, party: PartyId, used: Sequence[str]) -> list[Choice]:
        """Where the party works; its own number where it named no place."""
        spots = [key for key, place in self.master.places.items() if place.party == party]
        return self._spots(spots or [(int(party), "")], used)

    def others(self, party: PartyId, used: Sequence[PartyId], roles: Role) -> list[Choice]:
        """The other parties with any of those roles."""
        found = [one.id for one in self.master.parties.values() if one.id != party and one.roles & roles]
        order = {one: index for index, one in enumerate(used)}
        found.sort(key=lambda one: (order.get(one, len(order)), self.party(one)))
        return [Choice(f"{one:013d}", self.party(one), one in order) for one in found]

    def place_names(self) -> dict[str, str]:
        """Names by the links that events have."""
        known = {*self.master.plots, *self.master.places}
        return {place_uri(gln, extension): self.place(gln, extension) for gln, extension in known}

    def _spots(self, spots: Iterable[tuple[int, str]], used: Sequence[str]) -> list[Choice]:
        named = {(f"{gln:013d}/{ext}" if ext else f"{gln:013d}"): self.place(gln, ext) for gln, ext in spots}
        order = {spot: index for index, spot in enumerate(spot for spot in used if spot in named)}
        found = sorted(named, key=lambda spot: (order.get(spot, len(order)), spot))
        return [Choice(spot, named[spot], spot in order) for spot in found]


def lot_view(lot: HouseLot, names: HouseNames) -> LotView:
    """The lot with its weights in words."""
    speak = names.speak
    parts = [
        speak(text, weight=speak.kilograms(grams))
        for text, grams in (
            (N_("%(weight)s on hand"), lot.on_hand),
            (N_("%(weight)s on the way to others"), lot.going),
            (N_("%(weight)s on the way to you"), lot.coming),
            (N_("%(weight)s missing at the receiver"), lot.missing),
            (N_("%(weight)s pledged"), lot.pledged),
        )
        if grams
    ]
    made = ""
    if lot.made is not None:
        kind, moment = lot.made
        made = f"{speak(_MADE[kind])} {_day_or_time(moment, speak)}"
    if lot.recalled:
        standing = ("bad", speak(N_("recalled")))
    else:
        kind_of, text = _STANDING.get(lot.state, ("plain", "")) if lot.state is not None else ("plain", "")
        standing = (kind_of, speak(text))
    ref = lot.ref
    return LotView(
        str(ref), "0x" + ref.id.hex(), ref.code, names.product(ref.product), lot_path(ref), resource_path(ref),
        lot.on_hand, speak.kilograms(lot.on_hand), typed_kilograms(lot.on_hand), tuple(parts), made, standing,
        lot.recalled, lot.correctable,
    )  # fmt: skip


def typed_kilograms(grams: int) -> str:
    """Kilograms as people type them into a form."""
    return f"{Decimal(grams) / 1000:f}"


def sent_view(sent: SentOne, names: HouseNames) -> SentView:
    """What waits for a receipt."""
    speak = names.speak
    return SentView(
        reference_number(sent.reference),
        names.party(sent.receiver),
        speak.kilograms(sent.grams),
        speak.joined(line.ref.code for line in sent.lines if line.ref is not None),
        _day_or_time(sent.since, speak) if sent.since is not None else "",
    )


def lot_names(lots: Iterable[LotRef], names: HouseNames) -> dict[str, dict[str, str]]:
    """Code and product of lots by the id that is signed."""
    return {"0x" + ref.id.hex(): {"code": ref.code, "product": names.product(ref.product)} for ref in lots}


def _day_or_time(moment: datetime, speak: Words) -> str:
    """The time of day where it is today, else the day."""
    local = moment.astimezone(CHINA_TIME)
    return f"{local:%H:%M}" if local.date() == datetime.now(CHINA_TIME).date() else speak.date(local)
