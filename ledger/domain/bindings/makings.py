"""
Lots that come into being: harvest, intake, transformation, and the corrections of all three; no I/O.
"""

from __future__ import annotations

from ledger.domain.actions import (
    BirthAmendment,
    Harvest,
    Intake,
    Line,
    Output,
    Transformation,
    TransformationAmendment,
)
from ledger.domain.bindings.checks import Own, require_action
from ledger.domain.digital_link import place_of_uri
from ledger.domain.errors import InvalidEvent, InvalidInput
from ledger.domain.event_reading import Portion, cbv_word, portions_of
from ledger.domain.identifiers import NO_PLOT, UINT64_MAX, ContentHash, Grams, LotRef, PartyId, PlotId, plot_id
from ledger.domain.own_values import OwnLine, grams_at, hash_at, lines_in, object_at, season_at, year_of
from ledger.domain.records import JsonTree
from ledger.domain.sensors.limits import limits_in
from ledger.domain.typed_data import origin_hash

TRANSFORMING_STEPS = ("commissioning", "packing", "repackaging")
_INTAKE_MEMBERS = {"roster", "village", "grams", "ticket"}


def birth(
    event: JsonTree, own: Own, party: PartyId, content: ContentHash, deadline: int, *, zero: bool = False
) -> Harvest | Intake:
    """The birth of one lot; `zero`: as a correction states it, which may be nothing."""
    require_action(event, "ADD")
    portions = portions_of(event, "quantityList", zero=zero)
    if len(portions) != 1:
        raise InvalidEvent.one("/quantityList", "birth.one-lot", f"{len(portions)} lots", "one lot is born at a time")
    (born,) = portions
    _check_limits(own, portions)
    if "intake" in own:
        _check_roster(*own["intake"], born, zero=zero)
        return Intake(party, born.ref.product, born.ref.code, born.grams, content, deadline)
    plot = plot_of(event)
    season = season_at(*own["season"]) if "season" in own else season_at("/eventTime", year_of(event))
    return Harvest(party, born.ref.product, born.ref.code, plot, season, born.grams, content, deadline)


def amendment(
    event: JsonTree, own: Own, party: PartyId, content: ContentHash, deadline: int
) -> BirthAmendment | TransformationAmendment:
    """The correction of what the event's type says."""
    correct = transformation_amendment if event.get("type") == "TransformationEvent" else birth_amendment
    return correct(event, own, party, content, deadline)


def birth_amendment(event: JsonTree, own: Own, party: PartyId, content: ContentHash, deadline: int) -> BirthAmendment:
    """A harvest or an intake with its right grams."""
    made = birth(event, own, party, content, deadline, zero=True)
    was = grams_at(*own.get("was", ("/silkroot:was", None)))
    lot = LotRef(made.product, made.lot_code).id
    return BirthAmendment(party, lot, was, made.grams, hash_at(*own["corrects"]), content, deadline)


def transformation(
    event: JsonTree, own: Own, party: PartyId, content: ContentHash, deadline: int, *, zero: bool = False
) -> Transformation:
    """Lots in, lots out, and the three ways in which grams went elsewhere."""
    step = cbv_word(event.get("bizStep"))
    if step not in TRANSFORMING_STEPS:
        raise InvalidEvent.one(
            "/bizStep", "form.biz-step", event.get("bizStep"), f"lots are made by {', '.join(TRANSFORMING_STEPS)}"
        )
    inputs = portions_of(event, "inputQuantityList", zero=zero)
    outputs = portions_of(event, "outputQuantityList", zero=zero)
    for member, portions in (("inputQuantityList", inputs), ("outputQuantityList", outputs)):
        if not portions:
            raise InvalidEvent.one(f"/{member}", "form.both-lists", "0 lots", "lots go in and lots come out")
    _check_limits(own, outputs)
    made = tuple(Output(portion.ref.product, portion.ref.code, portion.grams) for portion in outputs)
    culls, remainder = (grams_at(*own[name]) if name in own else Grams(0) for name in ("culls", "remainder"))
    if "processLoss" in own:
        loss = grams_at(*own["processLoss"])
    else:
        # What is not explained was lost in the process. Where more came out than went in the ledger's rules say no.
        rest = sum(item.grams for item in inputs) - sum(item.grams for item in outputs) - culls - remainder
        if rest > UINT64_MAX:
            raise InvalidEvent.one("/inputQuantityList", "mass.range", rest, "more grams than 64 bits hold")
        loss = Grams(max(0, rest))
    return Transformation(party, lines(inputs), made, culls, loss, remainder, content, deadline)


def transformation_amendment(
    event: JsonTree, own: Own, party: PartyId, content: ContentHash, deadline: int
) -> TransformationAmendment:
    """A transformation with its right grams: the same lots."""
    new = transformation(event, own, party, content, deadline, zero=True)
    return TransformationAmendment(
        party,
        origin_hash(*amended(event, own)),
        new.inputs,
        new.outputs,
        new.culls,
        new.process_loss,
        new.remainder,
        hash_at(*own["corrects"]),
        content,
        deadline,
    )


def amended(event: JsonTree, own: Own) -> tuple[tuple[Line, ...], tuple[Output, ...]]:
    """Inputs, ascending by lot id, and outputs, in the event's order, that a transformation had until now."""
    pointer, value = own.get("was", ("/silkroot:was", None))
    was = object_at(pointer, value)
    inputs = _as_listed(
        event, "inputQuantityList", lines_in(f"{pointer}/inputs", was.get("inputs"), ["grams"], zero=True)
    )
    outputs = _as_listed(
        event, "outputQuantityList", lines_in(f"{pointer}/outputs", was.get("outputs"), ["grams"], zero=True)
    )
    old = sorted((Line(line.lot, line.total) for line in inputs), key=lambda line: line.lot)
    return tuple(old), tuple(Output(line.ref.product, line.ref.code, line.total) for line in outputs)


def _as_listed(event: JsonTree, member: str, was: tuple[OwnLine, ...]) -> tuple[OwnLine, ...]:
    """The old lines, which name the lots of the quantity list in its order."""
    new = portions_of(event, member, zero=True)
    for old, portion in zip(was, new, strict=False):
        if old.lot != portion.lot:
            message = f"a correction names the same lots as before, in the order of {member}"
            raise InvalidEvent.one(f"{old.pointer}/epcClass", "line.differs", old.ref, message)
    if len(was) != len(new):
        message = "a correction names as many lots as before"
        raise InvalidEvent.one(f"/{member}", "line.differs", f"{len(new)} lots, {len(was)} before", message)
    return was


def lines(portions: tuple[Portion, ...]) -> tuple[Line, ...]:
    """The portions as lines, ascending by lot id."""
    return tuple(Line(portion.lot, portion.grams) for portion in sorted(portions, key=lambda portion: portion.lot))


def plot_of(event: JsonTree) -> PlotId:
    """The plot that the read point names by GLN and extension; `NO_PLOT` where it names none."""
    read_point = event.get("readPoint")
    if read_point is None:
        return NO_PLOT
    uri = read_point.get("id") if isinstance(read_point, dict) else None
    return plot_at("/readPoint/id", uri, read_point)


def plot_at(pointer: str, uri: object, shown: object) -> PlotId:
    """The plot that a URI names; `NO_PLOT` where it is a URI that names none. `shown`: what a refusal quotes."""
    if not isinstance(uri, str):
        raise InvalidEvent.one(pointer, "epcis.uri", shown, "a place is a URI")
    try:
        place = place_of_uri(uri)
    except InvalidInput as error:
        raise InvalidEvent.one(pointer, error.violations[0].rule, uri, error.violations[0].message) from None
    return plot_id(PartyId(place[0]), place[1]) if place and place[1] else NO_PLOT


def _check_limits(own: Own, born: tuple[Portion, ...]) -> None:
    """Temperature limits are those of lots that come into being."""
    if "limits" in own:
        limits_in(*own["limits"], born={portion.lot for portion in born})


def _check_roster(pointer: str, roster: object, born: Portion, *, zero: bool) -> None:
    """
    An intake's sheet: who delivered (a roster code), from which village, how many grams, on which ticket. `zero`: the
    sheet of a correction may be empty, and a delivery in it nothing.
    """
    if not isinstance(roster, list) or not (roster or zero):
        raise InvalidEvent.one(pointer, "intake.roster", roster, "an intake lists at least one delivery")
    total = 0
    for index, row in enumerate(roster):
        where = f"{pointer}/{index}"
        if not isinstance(row, dict) or not row.keys() >= _INTAKE_MEMBERS:
            raise InvalidEvent.one(where, "intake.row", row, "a delivery has roster, village, grams and ticket")
        for member in ("roster", "village", "ticket"):
            if not isinstance(row[member], str):
                raise InvalidEvent.one(f"{where}/{member}", "intake.text", row[member], "not a text")
        if not row["roster"]:
            raise InvalidEvent.one(f"{where}/roster", "intake.text", "", "a grower has a roster code")
        if type(row["grams"]) is not int or row["grams"] < (0 if zero else 1):
            raise InvalidEvent.one(f"{where}/grams", "intake.grams", row["grams"], "not a positive whole number")
        total += row["grams"]
    if total != born.grams:
        raise InvalidEvent.one(
            pointer, "intake.sum", f"{total} g", f"the deliveries do not add up to the lot's {born.grams} g"
        )
