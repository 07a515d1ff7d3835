"""
Rows of a hub's lists as templates show them: names instead of numbers, spans instead of times. Nothing is asked here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from api.localization import CHINA_TIME, N_, Words
from api.staff.dock import number_of
from api.staff.hub_words import (
    BUTTONS,
    STAGE_TONES,
    STAGES,
    STATES,
    amount_words,
    deed_words,
    dotted,
    flight_words,
    moment,
    portion_words,
    span,
    step_words,
)
from api.views.climate_words import climate_words
from api.views.names import lot_path, text_name
from ledger.domain.actions import signer_of
from ledger.domain.air_leg import AirStep
from ledger.domain.identifiers import LotId, LotRef, PartyId
from ledger.domain.master_data import MasterData
from ledger.ports_hub import FloorRow, Sight
from ledger.services.climate_json import climate_json
from ledger.services.hub import AirFile, ConsignmentFile
from ledger.services.hub_alarms import Alarm


@dataclass(frozen=True, slots=True)
class Row:
    """
    A line of a list: where it leads, its name, what else is to know, how long and how it stands (a tone). `settle`:
    where what is missing is settled; "" where nothing is, or no such page is here.
    """

    href: str
    name: str
    facts: tuple[str, ...]
    span: str
    tone: str = "plain"
    settle: str = ""


@dataclass(frozen=True, slots=True)
class StepButton:
    """A step that one may state next. `asks`: the sheet that asks for more first; "" where one tap is enough."""

    step: str
    text: str
    asks: str


@dataclass(frozen=True, slots=True)
class PortionView:
    """Goods that are together, how they stand, and what may be stated of them."""

    text: str
    stage: str
    tone: str
    uld: str
    flight: str
    day: str
    steps: tuple[StepButton, ...]


@dataclass(frozen=True, slots=True)
class AirView:
    """An air leg: its portions, and its steps with their times."""

    id: str
    waybill: str
    reference: str
    route: str
    lots: tuple[tuple[str, str], ...]
    portions: tuple[PortionView, ...]
    history: tuple[tuple[str, str], ...]
    oddities: int
    consignment: str
    fields: Mapping[str, str] = field(default_factory=dict)


class HubViews:
    """Makes them, in one language, for one party."""

    def __init__(
        self, master: MasterData, speak: Words, party: PartyId, now: int, root: str, settles: bool = False
    ) -> None:
        self._master = master
        self._speak = speak
        self._party = party
        self._now = now
        self._root = root
        self._settles = settles

    def name(self, party: PartyId) -> str:
        """The party's name with its city; its number where it has none."""
        known = self._master.parties.get(party)
        if known is None:
            return f"{party:013d}"
        name, city = (str(text_name(text, self._speak.language)) for text in (known.name, known.city))
        return dotted((name or f"{party:013d}", city), self._speak)

    def lot_name(self, ref: LotRef | None, lot: LotId) -> str:
        """Fruit and lot code; the start of the lot's id where nobody knows it."""
        if ref is None:
            return f"0x{lot.hex()[:8]}…"
        product = self._master.products.get(ref.product)
        fruit = str(text_name(product.name, self._speak.language)) if product else ""
        return dotted((fruit, ref.code), self._speak)

    def coming(self, sight: Sight, *, overdue: bool) -> Row:
        """A consignment on its way to the party."""
        speak = self._speak
        far = abs(sight.expected_at - self._now)
        text = N_("late by %(span)s") if overdue else N_("in %(span)s")
        when = speak(N_("Expected %(time)s"), time=moment(sight.expected_at, speak))
        if not sight.is_stated:
            when = speak(N_("%(expected)s (usual time; the sender stated none)"), expected=when)
        facts = (speak(N_("from %(party)s"), party=self.name(sight.shipper)), speak.kilograms(sight.open_grams), when)
        return Row(self.path(sight), number_of(sight.reference), facts, speak(text, span=span(far, speak)),
                   "bad" if overdue else "plain")  # fmt: skip

    def leaving(self, sight: Sight) -> Row:
        """A consignment on its way from the party; late where it should have been signed for."""
        speak = self._speak
        late = sight.expected_at < self._now
        sent = speak(N_("Sent %(time)s"), time=moment(sight.shipped_at, speak))
        facts = (speak(N_("to %(party)s"), party=self.name(sight.receiver)), speak.kilograms(sight.open_grams), sent)
        far = span(self._now - sight.expected_at if late else self._now - sight.shipped_at, speak)
        text = N_("late by %(span)s") if late else N_("under way for %(span)s")
        return Row(
            self.path(sight), number_of(sight.reference), facts, speak(text, span=far), "bad" if late else "plain"
        )

    def variance(self, sight: Sight) -> Row:
        """A consignment of which something is missing."""
        speak = self._speak
        other = sight.shipper if sight.receiver == self._party else sight.receiver
        missing = speak(N_("%(amount)s missing"), amount=speak.kilograms(sight.open_grams))
        of_all = speak(N_("of %(amount)s sent"), amount=speak.kilograms(sight.grams))
        facts = (self.name(other), of_all, speak(STATES[sight.state]))
        return Row(self.path(sight), number_of(sight.reference), facts, missing, "warn", self.settling(sight))

    def here(self, row: FloorRow) -> Row:
        """A lot that the party holds, with how long it has been here."""
        speak = self._speak
        href = f"{self._root}{lot_path(row.ref)}" if row.ref else ""
        facts = [speak.kilograms(row.grams)]
        if row.since is None:
            return Row(href, self.lot_name(row.ref, row.lot), (*facts, speak(N_("Made or registered here"))), "")
        facts.append(speak(N_("Came %(time)s"), time=moment(row.since, speak)))
        stay = self._now - row.since
        return Row(href, self.lot_name(row.ref, row.lot), tuple(facts), span(stay, speak))

    def alarm(self, alarm: Alarm) -> Row:
        """A lot whose readings are outside its limits."""
        href = f"{self._root}{lot_path(alarm.ref)}" if alarm.ref else ""
        words = climate_words(climate_json(alarm.climate), self._speak)
        where = self._speak(N_("Here")) if alarm.holder == self._party else self.name(alarm.holder)
        return Row(href, self.lot_name(alarm.ref, alarm.lot), (where, words), "", "bad")

    def path(self, sight: Sight) -> str:
        """The page of a consignment."""
        return f"{self._root}/staff/hub/0x{sight.id.hex()}"

    def settling(self, sight: Sight) -> str:
        """The page on which both sides settle what is missing of a consignment; "" where there is none."""
        is_open = self._settles and sight.state.in_dispute
        return f"{self._root}/staff/desk/claims/0x{sight.id.hex()}" if is_open else ""

    def lines(self, file: ConsignmentFile) -> list[Row]:
        """The lots of a consignment, with what of each is still open."""
        speak, sight = self._speak, file.sight
        is_open = sight.state.under_way or sight.state.in_dispute
        left = {line.lot: line.grams for line in sight.open_lines} if is_open else {}
        rows = []
        for line in sight.manifest:
            ref = file.names.get(line.lot)
            facts = [speak.kilograms(line.grams)]
            if (grams := left.get(line.lot, 0)) and sight.state.in_dispute:
                facts.append(speak(N_("%(amount)s missing"), amount=speak.kilograms(grams)))
            elif grams and grams != line.grams:
                facts.append(speak(N_("%(amount)s still to come"), amount=speak.kilograms(grams)))
            rows.append(
                Row(f"{self._root}{lot_path(ref)}" if ref else "", self.lot_name(ref, line.lot), tuple(facts), "")
            )
        return rows

    def deeds(self, file: ConsignmentFile) -> list[tuple[str, str, str]]:
        """What was recorded of a consignment, latest first: what, by whom, when."""
        legs = {event.sequence: leg for leg, event in file.air.legs} if file.air else {}
        return [
            (
                deed_words(event.proof.action, legs.get(event.sequence), self._speak),
                self.name(signer_of(event.proof.action)),
                _time(event.body.get("eventTime"), self._speak),
            )
            for event in reversed(file.events)
        ]

    def air(self, file: AirFile) -> AirView:
        """An air leg with what may be stated next."""
        speak, journey = self._speak, file.journey
        waybill = "" if journey.waybill is None else str(journey.waybill)
        portions = tuple(
            PortionView(
                portion_words(portion, speak),
                speak(STAGES[portion.stage]),
                STAGE_TONES[portion.stage],
                portion.uld,
                portion.flight,
                portion.day,
                tuple(self._button(step) for step in portion.next_steps),
            )
            for portion in journey.portions
        )
        history = []
        for leg, event in reversed(file.legs):
            more = [*flight_words(leg.flight, leg.day, speak), leg.uld]
            if leg.step is not AirStep.OFF_LOADED:
                more.append(amount_words(leg.pieces, leg.grams, speak))
            text = dotted([step_words(leg, speak), *more], speak)
            history.append((text, _time(event.body.get("eventTime"), speak)))
        sight = file.sight
        return AirView(
            id="0x" + file.id.hex(),
            waybill=waybill,
            reference=file.reference if file.reference != waybill else "",
            route=" → ".join(one for one in (journey.origin, journey.destination) if one),
            lots=tuple((self.lot_name(lot, lot.id), f"{self._root}{lot_path(lot)}") for lot in file.lots),
            portions=portions,
            history=tuple(history),
            oddities=len(journey.oddities),
            consignment="" if sight is None else self.path(sight),
            # What names the leg in the next step.
            fields={"consignment": file.reference} if file.reference != waybill else {"waybill": waybill},
        )

    def _button(self, step: AirStep) -> StepButton:
        asks = {AirStep.OFF_LOADED: "off", AirStep.REBOOKED: "rebook", AirStep.BUILD_UP: "build"}.get(step, "")
        return StepButton(step.value, self._speak(BUTTONS[step]), asks)


def ship_path(root: str, file: AirFile) -> str:
    """The form that hands the goods over under the leg's reference."""
    return f"{root}/staff/ship?reference={quote(file.reference, safe='')}"


def _time(value: object, speak: Words) -> str:
    try:
        return speak.minute(datetime.fromisoformat(str(value)).astimezone(CHINA_TIME))
    except ValueError:
        return ""
