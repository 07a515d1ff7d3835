"""
A family of lots as its pages show it: boxes, arrows and grams of the drawing, and the same as rows of a table.

Pure: what is true was read before. Coordinates are CSS pixels; where lines run from right to left the drawing does too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar
from urllib.parse import quote

from api.localization import N_, Words
from api.views.names import Name, product_number, text_name
from ledger.domain.family_layout import Box, Gaps, Way, layout
from ledger.domain.identifiers import FIRST_ALLOTTED_PARTY, Grams, LotId, LotRef, PartyId
from ledger.domain.master_data import MasterData
from ledger.ports_families import Held, OnTheRoad, Standing
from ledger.services.families import FamilyGraph, FamilyLot, Making
from ledger.services.follow import Step

_Some = TypeVar("_Some", Held, OnTheRoad)
LOT_SIZE = (176, 144)
MAKING = 44
REST_LINE = 36
GAPS = Gaps(layer=108, box=22, edge=16)
_LABEL_OFF, _LABEL_UP = 10, 7


@dataclass(frozen=True, slots=True)
class LotBox:
    """A lot: where its box lies, what stands in it, and the page that it leads to ("" for the lot asked for)."""

    x: int
    y: int
    width: int
    height: int
    href: str
    code: str
    product: Name
    amount: str
    where: str
    standing: str
    word: str
    more: str


@dataclass(frozen=True, slots=True)
class MakingBox:
    """A making: its middle, and what else went in and came out."""

    x: int
    y: int
    rest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow's path and its grams; `anchor`: which end of the text lies at `x`."""

    path: str
    amount: str
    x: int
    y: int
    anchor: str


@dataclass(frozen=True, slots=True)
class GraphView:
    """The drawing. `hidden`: sentences about lots that are not in it."""

    width: int
    height: int
    lots: tuple[LotBox, ...]
    makings: tuple[MakingBox, ...]
    arrows: tuple[Arrow, ...]
    hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A lot of a table."""

    href: str
    code: str
    product: Name
    distance: str
    amount: str
    where: str
    standing: str
    word: str


class FamilyNames:
    """Names of products and parties in the reader's language, and the addresses of lots' family pages."""

    def __init__(self, master: MasterData, speak: Words, root: str = "") -> None:
        self.master, self.speak, self._root = master, speak, root

    def product(self, lot: LotRef | None) -> Name:
        """The product's name, else its number."""
        if lot is None:
            return Name("")
        known = self.master.products.get(lot.product)
        return (text_name(known.name, self.speak.language) if known else Name("")) or Name(product_number(lot))

    def party(self, party: PartyId) -> str:
        """The party's name, else its number."""
        known = self.master.parties.get(party)
        name = text_name(known.name, self.speak.language).text if known else ""
        return name or (f"GLN {party:013d}" if party < FIRST_ALLOTTED_PARTY else str(party))

    def href(self, lot: LotRef | None) -> str:
        """The page of the lot's family; "" where only its id is known."""
        return f"{self._root}/staff/inspect/{path_of(lot)}" if lot is not None else ""

    def where(self, held: Sequence[Held], road: Sequence[OnTheRoad]) -> str:
        """Who has the lot: the one party, or how many; and how much is on the road."""
        parts = []
        if len(held) == 1:
            parts.append(f"{self.party(held[0].party)}: {self.speak.kilograms(held[0].grams)}")
        elif held:
            grams = self.speak.kilograms(sum(one.grams for one in held))
            parts.append(
                self.speak.ngettext(
                    "%(count)s holder: %(amount)s", "%(count)s holders: %(amount)s", len(held), amount=grams
                )
            )
        if under_way := sum(one.grams for one in road if not one.missing):
            parts.append(self.speak(N_("on the road: %(amount)s"), amount=self.speak.kilograms(under_way)))
        if missing := sum(one.grams for one in road if one.missing):
            parts.append(self.speak(N_("missing: %(amount)s"), amount=self.speak.kilograms(missing)))
        return " · ".join(parts) or self.speak(N_("nothing left"))

    def standing(self, standing: Standing | None) -> tuple[str, str]:
        """The standing's class, which chooses sign and colour, and its word."""
        if standing is None:
            return "unknown", self.speak(N_("not made here"))
        if standing.is_recalled:
            return "recalled", self.speak(N_("recalled"))
        return "plain", self.speak(N_("not recalled"))


def path_of(lot: LotRef) -> str:
    """Product and lot code as addresses of staff pages have them."""
    return f"{lot.product:014d}/{quote(lot.code, safe='')}"


def graph_view(graph: FamilyGraph, names: FamilyNames) -> GraphView:
    """The drawing of the graph."""
    sizes: dict[object, tuple[int, int]] = dict.fromkeys(graph.lots, LOT_SIZE)
    grams: dict[tuple[object, object], Grams] = {}
    for making in graph.makings:
        key = ("making", making.origin_hash)
        lines = sum(1 for rest in (making.other_inputs, making.other_outputs) if rest.lots)
        sizes[key] = (MAKING, MAKING + 2 * REST_LINE * lines)
        for lot, amount in making.inputs.items():
            grams[lot, key] = amount
        for lot, amount in making.outputs.items():
            grams[key, lot] = amount
    edges = list(grams)
    drawing = layout(sizes, edges, GAPS)
    turned = names.speak.direction == "rtl"

    def across(x: int, width: int = 0) -> int:
        return drawing.width - x - width if turned else x

    by_key: dict[object, Making] = {("making", making.origin_hash): making for making in graph.makings}
    lots, makings = [], []
    for box in drawing.boxes:
        if (making_there := by_key.get(box.node)) is not None:
            middle = box.y + box.height // 2
            makings.append(MakingBox(across(box.x + box.width // 2), middle, _rests(making_there, names)))
        else:
            lots.append(_lot_box(graph, box, across(box.x, box.width), names))
    outs, ins = Counter(start for start, _ in edges), Counter(end for _, end in edges)
    arrows = tuple(
        _arrow(way, names.speak.kilograms(grams[way.start, way.end]), outs[way.start] <= ins[way.end], across, turned)
        for way in drawing.ways
    )
    return GraphView(drawing.width, drawing.height, tuple(lots), tuple(makings), arrows, _hidden(graph, names.speak))


def rows_of(
    steps: Iterable[Step], standings: Mapping[LotId, Standing], held: Iterable[Held], road: Iterable[OnTheRoad],
    names: FamilyNames, *, forward: bool,
) -> list[Row]:  # fmt: skip
    """The lots of a page of a trace."""
    holders, carried = _grouped(held), _grouped(road)
    rows = []
    for step in steps:
        standing, word = names.standing(known := standings.get(step.id))
        rows.append(
            Row(
                names.href(step.lot), step.lot.code if step.lot else f"0x{step.id.hex()[:12]}…",
                names.product(step.lot), _distance(step.depth, names.speak, forward=forward),
                names.speak.kilograms(known.grams) if known else "",
                names.where(holders.get(step.id, []), carried.get(step.id, [])), standing, word,
            )
        )  # fmt: skip
    return rows


def _distance(depth: int, speak: Words, *, forward: bool) -> str:
    if not depth:
        return speak(N_("this lot"))
    if forward:
        return speak.ngettext("%(count)s making on", "%(count)s makings on", depth)
    return speak.ngettext("%(count)s making back", "%(count)s makings back", depth)


def _lot_box(graph: FamilyGraph, box: Box[object], x: int, names: FamilyNames) -> LotBox:
    lot: FamilyLot = graph.lots[box.node]  # type: ignore[index]
    standing, word = names.standing(lot.standing)
    return LotBox(
        x, box.y, box.width, box.height, "" if lot.id == graph.focus else names.href(lot.lot),
        lot.lot.code if lot.lot else f"0x{lot.id.hex()[:8]}…", names.product(lot.lot),
        names.speak.kilograms(lot.standing.grams) if lot.standing else "", names.where(lot.held, lot.on_the_road),
        standing, word, _more(lot.more, names.speak) if lot.more else "",
    )  # fmt: skip


def _more(lots: int, speak: Words) -> str:
    return speak.ngettext("%(count)s more lot behind it", "%(count)s more lots behind it", lots)


def _rests(making: Making, names: FamilyNames) -> tuple[str, ...]:
    found, speak = [], names.speak
    if (rest := making.other_inputs).lots:
        amount = speak.kilograms(rest.grams)
        found.append(
            speak.ngettext(
                "in: %(count)s more lot, %(amount)s", "in: %(count)s more lots, %(amount)s", rest.lots, amount=amount
            )
        )
    if (rest := making.other_outputs).lots:
        amount = speak.kilograms(rest.grams)
        found.append(
            speak.ngettext(
                "out: %(count)s more lot, %(amount)s", "out: %(count)s more lots, %(amount)s", rest.lots, amount=amount
            )
        )
    return tuple(found)


def _arrow(way: Way[object], amount: str, at_start: bool, across: Callable[[int], int], turned: bool) -> Arrow:
    points = [(across(x), y) for x, y in way.points]
    path = f"M{points[0][0]} {points[0][1]}"
    for (x1, y1), (x2, y2) in pairwise(points):
        half = (x1 + x2) // 2
        path += f"C{half} {y1} {half} {y2} {x2} {y2}"
    (x, y), off = points[0] if at_start else points[-1], _LABEL_OFF if at_start else -_LABEL_OFF
    # An anchor follows the direction of the text, which is the page's.
    anchor = "start" if at_start else "end"
    return Arrow(path, amount, x + (-off if turned else off), y - _LABEL_UP, anchor)


def _hidden(graph: FamilyGraph, speak: Words) -> tuple[str, ...]:
    back = graph.back - sum(1 for lot in graph.lots.values() if lot.distance < 0)
    forward = graph.forward - sum(1 for lot in graph.lots.values() if lot.distance > 0)
    found = []
    if back > 0:
        found.append(
            speak.ngettext(
                "%(count)s lot further back is not drawn; the table has it.",
                "%(count)s lots further back are not drawn; the table has them.", back,
            )
        )  # fmt: skip
    if forward > 0:
        found.append(
            speak.ngettext(
                "%(count)s lot further on is not drawn; the table has it.",
                "%(count)s lots further on are not drawn; the table has them.", forward,
            )
        )  # fmt: skip
    return tuple(found)


def _grouped(rows: Iterable[_Some]) -> dict[LotId, list[_Some]]:
    found: dict[LotId, list[_Some]] = {}
    for row in rows:
        found.setdefault(row.lot, []).append(row)
    return found
