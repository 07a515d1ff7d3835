"""Master data's limits: read from TOML, and copied into the births that the service completes."""

from __future__ import annotations

from typing import Any

import event_builders as build
import pytest

from ledger.adapters.master_data_toml import parse_master_data
from ledger.domain.digital_link import lot_uri
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ProductId
from ledger.domain.own_members import NAMESPACE
from ledger.domain.sensors.limits import Limits, with_limits

PARTY = '[[party]]\nid = "9520000000011"\nname = {en = "Farm"}\nroles = ["producer"]\n'
PRODUCT = '[[product]]\ngtin = "09520000001001"\nowner = "9520000000011"\nnet_grams = 1000\nname = {en = "Melon"}\n'
KNOWN = {build.BULK_MELON: Limits(2_000, 8_000, 60), build.MELON_CASE: Limits(None, 10_000)}


def product_with(lines: str) -> Limits | None:
    (product,) = parse_master_data((PARTY + PRODUCT + lines).encode()).products.values()
    return product.limits


@pytest.mark.parametrize(
    ("lines", "limits"),
    [
        ("", None),
        ("min_celsius = 2\nmax_celsius = 8\n", Limits(2_000, 8_000)),
        ("max_celsius = -0.5\ntolerance = 30\n", Limits(None, -500, 30)),
        ("min_celsius = 13.125\n", Limits(13_125, None)),
    ],
)
def test_limits_in_master_data(lines: str, limits: Limits | None) -> None:
    assert product_with(lines) == limits


@pytest.mark.parametrize(
    ("lines", "key", "rule"),
    [
        ("min_celsius = 9\nmax_celsius = 8\n", "min_celsius", "limits.range"),
        ("tolerance = 5\n", "tolerance", "limits.range"),
        ('max_celsius = "8"\n', "max_celsius", "limits.degrees"),
        ("max_celsius = 8.0001\n", "max_celsius", "limits.degrees"),
        ("max_celsius = inf\n", "max_celsius", "limits.degrees"),
        ("max_celsius = -300\n", "max_celsius", "limits.degrees"),
        ("max_celsius = 8\ntolerance = 0.5\n", "tolerance", "limits.tolerance"),
    ],
)
def test_limits_that_are_refused(lines: str, key: str, rule: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        product_with(lines)
    assert [(one.field, one.rule) for one in refusal.value.violations] == [(f"product[0].{key}", rule)]


def line(lot: Any, **limits: int) -> dict[str, Any]:
    return {"epcClass": lot_uri(lot), **limits}


@pytest.mark.parametrize(
    ("event", "lines"),
    [
        (build.harvest(), [line(build.HARVEST_LOT, minimum=2_000, maximum=8_000, tolerance=60)]),
        (build.intake(), [line(build.INTAKE_LOT, minimum=2_000, maximum=8_000, tolerance=60)]),
        (build.packing(), [line(build.PACKED_LOT, maximum=10_000)]),
    ],
)
def test_a_birth_is_given_the_limits_of_its_products(event: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    assert with_limits(event, KNOWN.get) == event | {"silkroot:limits": lines}
    assert with_limits(event, lambda product: None) is event


@pytest.mark.parametrize(
    "event",
    [
        build.harvest() | {"silkroot:limits": []},
        build.harvest() | {"errorDeclaration": {}},
        build.harvest_amendment(),
        build.packing_amendment(),
        build.shipping(),
        build.receiving(),
        build.inspection(),
        build.sale(),
        build.plot_registration(),
    ],
)
def test_other_events_stay_as_they_are(event: dict[str, Any]) -> None:
    assert with_limits(event, KNOWN.get) is event


@pytest.mark.parametrize("prefix", ["sr:", NAMESPACE])
def test_it_stands_under_the_prefix_of_the_event(prefix: str) -> None:
    event = {key.replace("silkroot:", prefix): value for key, value in build.harvest().items()}
    event["@context"] = [event["@context"][0], {"sr": NAMESPACE}]
    assert f"{prefix}limits" in with_limits(event, KNOWN.get)


def test_only_products_that_have_limits_are_asked_for_them() -> None:
    asked: list[ProductId] = []

    def limits_of(product: ProductId) -> Limits | None:
        asked.append(product)
        return None

    with_limits(build.shipping(), limits_of)
    assert asked == []
