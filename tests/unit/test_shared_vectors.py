"""
The vectors that Python and TypeScript share on binding, canonical JSON and signature proofs: each file is what its
script makes, and Python agrees with it. `tests/web` holds the verifier in the browser to the same files.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import binding_vectors
import canonical_vectors
import proof_vectors
import pytest

from ledger.domain.action_json import from_json, to_json
from ledger.domain.binding import action_of
from ledger.domain.canonical_json import canonical
from ledger.domain.content_hash import content_hash, pre_image
from ledger.domain.errors import InvalidInput, InvalidJson
from ledger.domain.json_tree import parse_json
from ledger.domain.records import Scheme
from ledger.domain.signatures import verify
from ledger.domain.typed_data import digest

DOMAIN = Path(__file__).resolve().parents[2] / "ledger" / "domain"
BINDING, CANONICAL, PROOFS = (
    json.loads(module.VECTORS_FILE.read_text(encoding="utf-8"))
    for module in (binding_vectors, canonical_vectors, proof_vectors)
)
READERS = (
    "binding.py", "bindings/checks.py", "bindings/handoffs.py", "bindings/makings.py", "bindings/titles.py",
    "event_reading.py", "own_members.py", "own_values.py", "quantities.py", "digital_link.py", "epc_urn.py",
    "sensors/limits.py",
)  # fmt: skip
"""The modules that `action_of` is made of, but for GS1's tables."""
UNREACHED = {
    "digital-link.scheme",  # a URI without scheme never counts as a Digital Link
    "epc.scheme",  # only writing an EPC URN
}


@pytest.mark.parametrize(
    "module", [binding_vectors, canonical_vectors, proof_vectors], ids=lambda module: module.__name__
)
def test_the_file_is_what_the_script_makes(module: ModuleType) -> None:
    committed = json.loads(module.VECTORS_FILE.read_text(encoding="utf-8"))
    assert json.dumps(module.build_vectors()) == json.dumps(committed), f"run tests/support/{module.__name__}.py"


@pytest.mark.parametrize("form", BINDING["forms"], ids=lambda form: form["name"])
def test_what_a_form_implies(form: dict[str, Any]) -> None:
    assert pre_image(form["event"]).decode() == form["preImage"]
    assert "0x" + content_hash(form["event"]).hex() == form["contentHash"] == form["action"]["contentHash"]
    assert to_json(action_of(form["event"], int(BINDING["deadline"]))) == form["action"]


@pytest.mark.parametrize("case", BINDING["refused"], ids=lambda case: f"{case['form']} {case['at']} {case['rule']}")
def test_what_is_refused(case: dict[str, Any]) -> None:
    events = {form["name"]: form["event"] for form in BINDING["forms"]}
    event = binding_vectors.put(events[case["form"]], case["at"], ... if case.get("gone") else case["value"])
    with pytest.raises(InvalidInput) as refusal:
        action_of(event, int(BINDING["deadline"]))
    assert (refusal.value.violations[0].rule, refusal.value.violations[0].field) == (case["rule"], case["field"])


def test_every_rule_of_the_readers_has_a_case() -> None:
    refused = {case["rule"] for case in BINDING["refused"]}
    written = {rule for name in READERS for rule in _rules_in(DOMAIN / name)}
    assert written - UNREACHED - refused == set()
    assert len(written) > 50


def _rules_in(path: Path) -> set[str]:
    texts = {
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if re.fullmatch(r"[a-z0-9-]+\.[a-z0-9-]+", text)}


@pytest.mark.parametrize("vector", CANONICAL["accepted"], ids=lambda vector: vector["name"])
def test_canonical_form(vector: dict[str, Any]) -> None:
    assert canonical(parse_json(vector["text"])).decode() == vector["canonical"]


@pytest.mark.parametrize("vector", CANONICAL["refused"], ids=lambda vector: vector["name"])
def test_what_strict_json_refuses(vector: dict[str, Any]) -> None:
    with pytest.raises(InvalidJson) as refusal:
        parse_json(vector["text"])
    assert refusal.value.violations[0].rule == vector["rule"]


@pytest.mark.parametrize("vector", PROOFS["vectors"], ids=lambda vector: vector["name"])
def test_the_signatures_of_proofs_are_real(vector: dict[str, Any]) -> None:
    proof = vector["proof"]
    signed = digest(proof_vectors.DOMAIN, from_json(proof["action"]))
    assert "0x" + signed.hex() == vector["digest"]
    for one in (proof, *([proof["co"]] if "co" in proof else [])):
        key, signature = (bytes.fromhex(one[name][2:]) for name in ("keyId", "signature"))
        assert verify(signed, key, Scheme(one["scheme"]), signature)  # type: ignore[arg-type]
    assert canonical(proof).decode() == vector["preImage"]
