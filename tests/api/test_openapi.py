"""The OpenAPI description holds: whatever a client makes of it, answers are as described and never a server error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import schemathesis
from fake_services import FakeWorld
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance
from story_samples import CASES, LOT

from api.app import create_app

ROOT = Path(__file__).parents[2]
ELSEWHERE = ("/log/", "/epcis/capture", "/files/", "/certificates/")
"""Of which there is nothing here: the capture interface, log, files and certificates have tests of their own."""
load_all_checks()
schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(FakeWorld().services))


@schema.parametrize()
@settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_answers_are_as_described(case: schemathesis.Case) -> None:
    # Most texts are no GTIN: a check digit cannot be said in JSON Schema, so refusing "valid" data is no fault here.
    case.call_and_validate(excluded_checks=[positive_data_acceptance])


@schema.parametrize()
@settings(max_examples=5, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_answers_about_a_lot_that_exists_are_as_described(case: schemathesis.Case) -> None:
    if {case.method, case.operation.method.upper()} != {"GET"} or case.path.startswith(ELSEWHERE):
        return  # what is posted has tests of its own too
    known = {"gtin": f"{CASES:014d}", "product": f"{CASES:014d}", "lot": LOT.code, "serial": "1", "eventID": "1"}
    for name in case.path_parameters:
        case.path_parameters[name] = known[name]
    case.query.clear()
    response = case.call()
    assert response.status_code == 200
    case.validate_response(response, excluded_checks=[positive_data_acceptance])


def test_the_committed_description_is_current() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/build_openapi", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
