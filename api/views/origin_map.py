"""
The small map of a lot's page: where it grew and how it came, as shapes for an inline SVG; made on the server.

Rivers, mountains and sand give the eye something to hold on to; there are no borders and no coasts, and nothing finer
than cities. Rivers and ridges are drawn by hand from a few points each: a sketch, and the page calls it one. Plate
carrée, with degrees of longitude shortened as at the middle of what is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ledger.domain.cities import City

WIDTH, HEIGHT = 360, 132
_SIDE, _TOP, _FOOT = 40, 30, 20
_LEAST_DEGREES = 9.0
_LETTER = 7.4
_WIDE_LETTER = 13.0
_LINE = 15.0

# fmt: off
_RIVERS: tuple[tuple[tuple[float, float], ...], ...] = (
    # Yellow River, Yangtze, Tarim, Pearl River, Songhua
    ((96.0, 35.0), (98.0, 34.8), (100.3, 33.7), (101.9, 33.6), (100.9, 35.2), (101.7, 36.0), (103.8, 36.1),
     (105.2, 37.5), (106.3, 38.5), (106.8, 39.7), (107.4, 40.8), (109.8, 40.6), (111.2, 40.3), (110.9, 39.0),
     (110.5, 37.5), (110.5, 36.1), (110.3, 34.6), (112.5, 34.9), (113.7, 34.9), (115.0, 35.4), (116.9, 36.7),
     (118.0, 37.4), (119.0, 37.8)),
    ((91.2, 33.6), (94.5, 34.1), (97.2, 32.6), (98.6, 31.0), (99.2, 29.5), (99.4, 27.6), (100.0, 26.9), (100.4, 27.6),
     (101.5, 26.6), (103.0, 26.6), (104.0, 28.4), (104.6, 28.8), (106.6, 29.6), (108.4, 30.8), (110.2, 31.0),
     (111.3, 30.7), (112.3, 30.2), (113.1, 29.5), (114.3, 30.6), (116.0, 29.8), (117.2, 30.7), (118.4, 31.4),
     (118.8, 32.1), (120.3, 31.9), (121.4, 31.6)),
    ((77.2, 38.4), (79.0, 39.6), (80.9, 40.6), (82.5, 41.1), (84.2, 41.2), (86.3, 41.0), (87.5, 40.4), (88.3, 39.6)),
    ((104.0, 25.1), (105.5, 24.7), (107.0, 24.0), (108.6, 23.0), (110.3, 23.3), (111.3, 23.5), (112.5, 23.1),
     (113.4, 22.7)),
    ((126.5, 43.0), (126.5, 43.9), (125.0, 45.3), (126.6, 45.8), (129.5, 46.3), (132.0, 47.6)),
)
_RIDGES: tuple[tuple[tuple[float, float], ...], ...] = (
    # Tianshan, Kunlun, Altun and Qilian, Altay, Qinling, Taihang, Hengduan, Khingan
    ((77.0, 41.6), (80.2, 42.3), (83.0, 43.0), (86.0, 43.0), (88.8, 43.7), (91.5, 43.4), (94.0, 43.3)),
    ((76.5, 37.6), (79.5, 36.2), (82.5, 36.1), (86.0, 36.5), (89.5, 36.3)),
    ((90.5, 38.4), (94.0, 39.0), (97.0, 39.2), (100.0, 38.2), (102.0, 37.6)),
    ((85.8, 48.6), (88.0, 48.0), (90.3, 47.0)),
    ((104.8, 34.0), (107.0, 33.8), (109.5, 33.9)),
    ((113.3, 36.2), (113.9, 38.0), (114.8, 39.6)),
    ((98.2, 30.2), (98.9, 28.3), (99.9, 26.0)),
    ((119.6, 45.2), (120.8, 47.2), (122.0, 49.4)),
)
_SAND: tuple[tuple[float, float], ...] = (
    (79.8, 38.6), (81.6, 39.3), (82.2, 38.2), (83.8, 39.4), (84.6, 38.5), (86.0, 39.2), (102.6, 40.2), (104.4, 40.8),
    (101.0, 41.3), (103.8, 39.3), (88.4, 45.4), (86.6, 45.6),
)
# fmt: on


@dataclass(frozen=True, slots=True)
class MapStop:
    """A city of the way with its name in the page's language, and whether fruit grew or was bought in there."""

    city: City
    label: str
    grown: bool = False


@dataclass(frozen=True, slots=True)
class Pin:
    """A city on the map: its point, its name ("" where it finds no room), and where the middle of the name stands."""

    x: int
    y: int
    label: str
    label_x: int
    label_y: int
    grown: bool
    last: bool


@dataclass(frozen=True, slots=True)
class MapView:
    """Paths (SVG path data) and pins in a box of `WIDTH` by `HEIGHT`."""

    rivers: str
    ridges: str
    sand: str
    way: str
    pins: tuple[Pin, ...]
    width: int = WIDTH
    height: int = HEIGHT


def origin_map(stops: Sequence[MapStop]) -> MapView | None:
    """The map of the way through these cities, in order; None where not one of them is known."""
    ways = [stop for at, stop in enumerate(stops) if at == 0 or stop.city.key != stops[at - 1].city.key]
    cities: dict[str, MapStop] = {}
    for stop in ways:
        cities.setdefault(stop.city.key, stop)
    if not cities:
        return None
    project = _fitted([stop.city for stop in cities.values()])
    return MapView(
        rivers=_lines(_RIVERS, project),
        ridges="".join(_peak(project(point)) for ridge in _RIDGES for point in _along(ridge, project)),
        sand="".join(f"M{x:.0f} {y:.0f}l0 .1" for x, y in map(project, _SAND) if _near(x, y, 8)),
        way=_arcs([project((stop.city.east, stop.city.north)) for stop in ways]),
        pins=_pins(cities, ways, project),
    )


_Point = tuple[float, float]


class _Projection:
    """Degrees to the box."""

    def __init__(self, middle: _Point, scale: float) -> None:
        self._middle, self._scale = middle, scale
        self._shorter = math.cos(math.radians(middle[1]))

    def __call__(self, point: _Point) -> _Point:
        x = (point[0] - self._middle[0]) * self._shorter * self._scale + _SIDE + (WIDTH - 2 * _SIDE) / 2
        y = (self._middle[1] - point[1]) * self._scale + _TOP + (HEIGHT - _TOP - _FOOT) / 2
        return x, y


def _fitted(cities: Sequence[City]) -> _Projection:
    east, north = [city.east for city in cities], [city.north for city in cities]
    middle = ((min(east) + max(east)) / 2, (min(north) + max(north)) / 2)
    across = (max(east) - min(east)) * math.cos(math.radians(middle[1]))
    down = max(north) - min(north)
    scale = min(
        (WIDTH - 2 * _SIDE) / max(across, _LEAST_DEGREES), (HEIGHT - _TOP - _FOOT) / max(down, _LEAST_DEGREES / 3)
    )
    return _Projection(middle, scale)


def _near(x: float, y: float, margin: float) -> bool:
    return -margin <= x <= WIDTH + margin and -margin <= y <= HEIGHT + margin


def _lines(lines: Iterable[Sequence[_Point]], project: _Projection) -> str:
    """The parts of the lines that the box shows, bent softly at each point."""
    path = ""
    for line in lines:
        points = [project(point) for point in line]
        drawing = False
        for (ax, ay), (bx, by) in pairwise(points):
            if not (_near(ax, ay, 60) or _near(bx, by, 60)):
                drawing = False
                continue
            if not drawing:
                path += f"M{ax:.0f} {ay:.0f}"
                drawing = True
            path += f"L{bx:.0f} {by:.0f}"
    return path


def _along(ridge: Sequence[_Point], project: _Projection) -> list[_Point]:
    """Points along a ridge, far enough from each other for a peak each."""
    found: list[_Point] = []
    last: _Point | None = None
    for (ax, ay), (bx, by) in pairwise(ridge):
        for step in range(8):
            point = (ax + (bx - ax) * step / 8, ay + (by - ay) * step / 8)
            x, y = project(point)
            if _near(x, y, 10) and (last is None or math.hypot(x - last[0], y - last[1]) >= 19):
                found.append(point)
                last = (x, y)
    return found


def _peak(point: _Point) -> str:
    x, y = point
    return f"M{x - 6:.0f} {y + 4:.0f}l6-9 6 9"


def _arcs(points: Sequence[_Point]) -> str:
    """The way, eastwards bent up and westwards down, so that there and back do not lie on one another."""
    if len(points) < 2:
        return ""
    path = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
    for (ax, ay), (bx, by) in pairwise(points):
        length = math.hypot(bx - ax, by - ay)
        lean = min(28.0, length * 0.2) / (length or 1)
        cx, cy = (ax + bx) / 2 + lean * (by - ay), (ay + by) / 2 - lean * (bx - ax)
        path += f"Q{cx:.0f} {cy:.0f} {bx:.0f} {by:.0f}"
    return path


def _pins(cities: dict[str, MapStop], ways: Sequence[MapStop], project: _Projection) -> tuple[Pin, ...]:
    taken: list[tuple[float, float, float, float]] = []
    points = {key: project((stop.city.east, stop.city.north)) for key, stop in cities.items()}
    taken += [(x - 6, y - 6, x + 6, y + 6) for x, y in points.values()]
    last = ways[-1].city.key
    pins = []
    # The first and the last are named before those between them.
    order = sorted(cities, key=lambda key: (not cities[key].grown, key != last))
    placed: dict[str, tuple[str, float, float]] = {}
    for key in order:
        x, y = points[key]
        placed[key] = _label(cities[key].label, x, y, taken)
    for key in cities:
        (x, y), (label, label_x, label_y) = points[key], placed[key]
        grown = any(each.grown for each in ways if each.city.key == key)
        pins.append(
            Pin(round(x), round(y), label, round(label_x), round(label_y), grown, key == last and len(cities) > 1)
        )
    return tuple(pins)


def _label(text: str, x: float, y: float, taken: list[tuple[float, float, float, float]]) -> tuple[str, float, float]:
    """Where the name finds room: above, below, right or left of its point."""
    width = sum(_WIDE_LETTER if ord(letter) > 0x2E80 else _LETTER for letter in text)
    half = width / 2
    for middle_x, baseline in (
        (x, y - 11), (x, y + 22), (x + half + 11, y + 5), (x - half - 11, y + 5),
        (x + half * 0.7, y - 13), (x - half * 0.7, y - 13), (x + half * 0.7, y + 24), (x - half * 0.7, y + 24),
    ):  # fmt: skip
        middle = min(max(middle_x, half + 4), WIDTH - half - 4)
        box = (middle - half, baseline - _LINE + 3, middle + half, baseline + 3)
        if box[1] < 1 or box[3] > HEIGHT - 1 or any(_overlap(box, other) for other in taken):
            continue
        taken.append(box)
        return text, middle, baseline
    return "", x, y


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
