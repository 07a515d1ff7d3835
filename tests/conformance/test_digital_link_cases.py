"""Every parse case of the GS1 syntax engine: accepted or refused as it says, with the same element string."""

from __future__ import annotations

import json
from pathlib import Path

from ledger.domain.digital_link import parse_digital_link
from ledger.domain.errors import InvalidGs1Key


def test_every_parse_case(conformance_dir: Path) -> None:
    cases = json.loads((conformance_dir / "digital_link" / "parse_cases.json").read_text(encoding="utf-8"))
    assert len(cases) >= 70
    wrong = []
    for case in cases:
        try:
            found = parse_digital_link(case["uri"]).element_string()
        except InvalidGs1Key:
            found = None
        expected = case["element_string"] if case["valid"] else None
        # A case with options assumes a leniency that we need not have; if we accept it all the same, then rightly.
        if found != expected and not (case["options"] and found is None):
            wrong.append((case["uri"], expected, found))
    assert wrong == []
