"""
The first screen of a lot's page: where it grew and how it came, with days, on a map; the branch that the label belongs
to; how cold it stayed; what the verdict means and what it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.localization import N_, Words
from api.views import phrases
from api.views.climate_chart import ChartView, climate_chart
from api.views.names import Name, Names, moment_of
from api.views.origin_map import MapStop, MapView, origin_map
from ledger.domain.actions import EntryKind
from ledger.domain.cities import CITIES, UNKNOWN, city_of_names
from ledger.domain.identifiers import PartyId
from ledger.domain.master_data import MasterData
from ledger.domain.story_values import Branch, EventStory, LotStory, QualifierCode, Verdict

_BIRTHS = (EntryKind.HARVEST, EntryKind.INTAKE)
_CARRIED = (*_BIRTHS, EntryKind.TRANSFORMATION, EntryKind.SHIPMENT, EntryKind.RECEIPT, EntryKind.PARTIAL_RECEIPT)
_MOST_STEPS = 5

MEANS = {
    Verdict.VERIFIED: N_(
        "Every step was signed by the one who did it, nothing was changed since, the weights add up, and nobody has "
        "called the lot back."
    ),
    Verdict.PENDING: N_("What was signed so far fits together. The newest entries wait for the shared ledger."),
    Verdict.SUSPECT: N_("Something that was signed, or seen of this label, does not fit. The point is named above."),
    Verdict.UNVERIFIED: N_("What is shown here is not what was signed, or not what the shared ledger holds."),
    Verdict.RECALLED: N_("Those who answer for this lot, or for fruit that went into it, called it back."),
    Verdict.UNKNOWN: N_("The shared ledger did not answer, so nothing was checked."),
}
MEANS_NOT = {
    Verdict.VERIFIED: N_(
        "It does not mean that the fruit in your hand is this fruit, that it tastes good, or that a signer told the "
        "truth."
    ),
    Verdict.PENDING: N_("It does not mean that something is wrong."),
    Verdict.SUSPECT: N_("It does not prove that the fruit is bad, or that anybody cheated."),
    Verdict.UNVERIFIED: N_("It does not say who changed it, or why."),
    Verdict.RECALLED: N_("It does not mean that each single fruit is harmful; from outside nobody can tell."),
    Verdict.UNKNOWN: N_("It says nothing about the fruit, good or bad."),
}
SHORT_QUALIFIERS = {
    QualifierCode.HOSTED_KEY: N_("keys kept by this service"),
    QualifierCode.BOTH_SIDES_HOSTED: N_("both sides’ keys kept here"),
    QualifierCode.SINGLE_OPERATOR_CHAIN: N_("one operator’s ledger"),
    QualifierCode.DECLARED: N_("growers named, not signing"),
    QualifierCode.SUPPLIED: N_("papers not signed by their issuer"),
    QualifierCode.TEMPERATURE_NOT_RECORDED: N_("temperature not recorded"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A place on the way: its sign, what was done there first, where, and the day that the signer stated."""

    sign: str
    what: str
    city: Name
    when: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A branch that the label may belong to."""

    city: Name
    href: str


@dataclass(frozen=True, slots=True)
class Mine:
    """The branch that the label belongs to. `other`: the lot's verdict is another one, because of another part."""

    city: Name
    holder: Name
    verdict: str
    verdict_word: str
    other: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What the first screen shows beside product and verdict."""

    grown: str
    steps: tuple[Step, ...]
    map: MapView | None
    mine: Mine | None
    choices: tuple[Choice, ...]
    chart: ChartView | None
    qualifiers: str
    means: str
    means_not: str


def answer(
    story: LotStory, master: MasterData, names: Names, speak: Words, *, holder: PartyId | None, city: str, path: str
) -> Answer:
    """
    `holder`: whose branch the reader chose; `city`: where the reader is, "" where nobody said; `path`: the page's own,
    to which a choice is added.
    """
    branch = branch_at(story, master, holder, city)
    events = _on_the_way(story, branch)
    return Answer(
        grown=speak.listing(
            dict.fromkeys(str(_city(event, master, names)) for event in events if event.kind in _BIRTHS)
        ),
        steps=_steps(events, master, names, speak),
        map=origin_map(_stops(events, master, names)),
        mine=_mine(branch, story, names, speak) if branch is not None and len(story.branches) > 1 else None,
        choices=_choices(story, names, path) if branch is None else (),
        chart=climate_chart(branch.climate if branch else None, speak),
        qualifiers=_qualifiers(story, speak),
        means=speak(MEANS[story.verdict]),
        means_not=speak(MEANS_NOT[story.verdict]),
    )


def branch_at(story: LotStory, master: MasterData, holder: PartyId | None, city: str) -> Branch | None:
    """The branch that was chosen, or is the only one, or the only one in the reader's city."""
    if len(story.branches) == 1:
        return story.branches[0]
    chosen = [branch for branch in story.branches if branch.holder == holder]
    if not chosen and city:
        chosen = [branch for branch in story.branches if city_of_party(branch.holder, master) == city]
    return chosen[0] if len(chosen) == 1 else None


def city_of_party(party: PartyId, master: MasterData) -> str:
    """The key of the city that the party is at home in; "" where nobody stated one that we know."""
    known = master.parties.get(party)
    return city_of_names(known.city) if known else UNKNOWN


def _on_the_way(story: LotStory, branch: Branch | None) -> list[EventStory]:
    """What moved the fruit to the branch, in order of the days stated; of several branches what they have in common."""
    if branch is not None:
        own = set(branch.events)
    else:
        ways = [set(each.events) for each in story.branches]
        own = set.intersection(*ways) if ways else {event.content_hash for event in story.events}
    on_it = [
        event
        for event in story.events
        if event.relevant and event.kind in _CARRIED and (not event.of_lot or event.content_hash in own)
    ]
    return sorted(on_it, key=lambda event: (moment.timestamp() if (moment := moment_of(event)) else 0, event.sequence))


def _qualifiers(story: LotStory, speak: Words) -> str:
    """In one phrase; that both sides' keys lie here says that one's do."""
    codes = [each.code for each in story.qualifiers]
    if QualifierCode.BOTH_SIDES_HOSTED in codes:
        codes = [code for code in codes if code is not QualifierCode.HOSTED_KEY]
    return speak.joined(speak(SHORT_QUALIFIERS[code]) for code in codes)


def _city(event: EventStory, master: MasterData, names: Names) -> Name:
    """The city as short as it goes: "Hami" for "Yiwu County, Hami, Xinjiang"."""
    key = _city_key(event, master)
    spot = names.spot(event)
    return names.text(CITIES[key].name) if key else spot.city or spot.name


def _steps(events: Sequence[EventStory], master: MasterData, names: Names, speak: Words) -> tuple[Step, ...]:
    """One step a city and kind of place, at the first deed there; of too many those in the middle are left out."""
    steps: dict[tuple[str, str], Step] = {}
    for event in events:
        spot, moment = names.spot(event), moment_of(event)
        if event.kind is EntryKind.SHIPMENT or spot.sign == "vehicle":
            continue
        born = event.kind in _BIRTHS
        sign = "farm" if born else spot.sign
        city = _city(event, master, names)
        what = speak(N_("Harvest")) if born else speak(phrases.PLACES[spot.sign])
        when = speak.short_day(moment) if moment else ""
        steps.setdefault((sign, str(city)), Step(sign, what, city, when))
    every = [*steps.values()]
    if len(every) > _MOST_STEPS:
        every = [*every[:2], *every[-(_MOST_STEPS - 2) :]]
    return tuple(every)


def _stops(events: Sequence[EventStory], master: MasterData, names: Names) -> list[MapStop]:
    """The cities of the way that a map can show: first those where fruit grew, then on to the end."""
    births = [event for event in events if event.kind in _BIRTHS]
    after = [
        event
        for event in events
        if event.kind not in (*_BIRTHS, EntryKind.SHIPMENT) and names.spot(event).sign != "vehicle"
    ]
    stops = []
    for event in (*births, *after):
        key = _city_key(event, master)
        if key:
            stops.append(MapStop(CITIES[key], str(names.text(CITIES[key].name)), event.kind in _BIRTHS))
    return stops


def _city_key(event: EventStory, master: MasterData) -> str:
    """Of the field's region, the place's city, or the party's: the first that the table of cities has."""
    if event.place is not None:
        plot = master.plots.get(event.place)
        place = master.places.get(event.place) or master.places.get((event.place[0], ""))
        for text in (plot.region if plot else {}, place.city if place else {}):
            if key := city_of_names(text):
                return key
    return city_of_party(event.party, master)


def _mine(branch: Branch, story: LotStory, names: Names, speak: Words) -> Mine:
    return Mine(
        names.city(branch.holder) or names.party(branch.holder),
        names.party(branch.holder),
        branch.verdict.value,
        speak(phrases.SHORT_VERDICTS[branch.verdict]),
        branch.verdict is not story.verdict,
    )


def _choices(story: LotStory, names: Names, path: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(names.city(branch.holder) or names.party(branch.holder), f"{path}?at={branch.holder:013d}")
        for branch in story.branches
        if branch.on_hand or branch.sold or branch.in_transit
    )
