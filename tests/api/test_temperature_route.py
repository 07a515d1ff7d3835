"""How cold a lot stayed: as JSON, and in a line of the lot's page for every branch."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from fake_services import FakeWorld
from story_samples import CASES, LOT, story

from ledger.domain.identifiers import ContentHash
from ledger.domain.sensors.limits import Limits
from ledger.domain.sensors.series import MINUTE, Point, summary_of
from ledger.domain.sensors.units import Kind
from ledger.domain.sensors.values import Climate, Series, Standing
from ledger.domain.story_values import LotStory, Verdict

TEMPERATURE = f"/lots/{CASES:014d}/{LOT.code}/temperature"
PAGE = f"/01/{CASES:014d}/10/{LOT.code}?lang=en"
NOON = 1_785_902_400_000
LIMITS = Limits(2_000, 8_000, 30)
POINTS = tuple(Point(NOON + 10 * MINUTE * n, degrees, degrees) for n, degrees in enumerate((4_500, 11_000, 5_000)))


def with_climate(told: LotStory, standing: Standing | None) -> LotStory:
    """The first branch with that standing, None: nobody measured; the others with nothing known."""
    first, *others = told.branches
    series = ()
    if standing is not None:
        limits = None if standing is Standing.NO_LIMITS else LIMITS
        one = Series(told.id, first.holder, "urn:silkroot:logger:A-77", Kind.TEMPERATURE, limits, POINTS,
                     summary_of(POINTS, limits), standing, (ContentHash(bytes(32)),))  # fmt: skip
        series = (one,)
    return replace(told, branches=(replace(first, climate=Climate(told.id, LIMITS, series)), *others))


async def test_the_series_as_json(client: httpx.AsyncClient, world: FakeWorld) -> None:
    world.stories.told = with_climate(story(Verdict.SUSPECT), Standing.OPEN)
    response = await client.get(TEMPERATURE)
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    (branch,) = response.json()["branches"]
    assert (branch["recorded"], branch["standing"], branch["readings"]) == (True, "open", 3)
    assert (branch["lowest"], branch["highest"]) == (4.5, 11.0)
    assert (branch["minutesOutside"], branch["degreeMinutes"]) == (10, 30.0)
    assert branch["longest"] == {
        "side": "above", "from": "2026-08-05T04:10:00.000Z", "to": "2026-08-05T04:20:00.000Z", "minutes": 10,
        "peak": 11.0, "degreeMinutes": 30.0,
    }  # fmt: skip
    (series,) = branch["series"]
    assert series["lot"]["lot"] == LOT.code
    assert (series["uom"], series["gaps"], len(series["readings"])) == ("CEL", [], 3)
    told = (await client.get(f"/lots/{CASES:014d}/{LOT.code}")).json()["branches"][0]["temperature"]
    assert told == {name: value for name, value in branch.items() if name in told}


async def test_what_was_not_recorded_is_null(client: httpx.AsyncClient, world: FakeWorld) -> None:
    world.stories.told = with_climate(story(Verdict.VERIFIED), None)
    (branch,) = (await client.get(TEMPERATURE)).json()["branches"]
    assert (branch["recorded"], branch["lowest"], branch["longest"], branch["series"]) == (False, None, None, [])


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (None, "Temperature not recorded"),
        (Standing.NO_LIMITS, "no limits were set for it"),
        (Standing.TOLERATED, "no more than its maker allows"),
        (Standing.INSPECTED, "inspected since and found in order"),
        (Standing.OPEN, "outside its limits (2 °C to 8 °C) for 10 min, and not inspected since"),
    ],
)
async def test_the_page_says_it_in_words(
    client: httpx.AsyncClient, world: FakeWorld, standing: Standing | None, words: str
) -> None:
    world.stories.told = with_climate(story(Verdict.VERIFIED), standing)
    page = (await client.get(PAGE)).text
    assert page.count("data-climate") == 1
    assert words in page
    if standing is not None:
        assert "4.5 °C to 11 °C on the way, in 3 readings" in page


async def test_a_lot_that_is_not_there(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/lots/{CASES:014d}/NOBODY/temperature")).status_code == 404
