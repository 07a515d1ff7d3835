"""
Bundles without a chain, read by both: what is no bundle, or not a whole one, is refused at the same place by the same
rule, and marks of what was erased are believed or not alike, whatever is disclosed beside them.
"""

from __future__ import annotations

import copy
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import bundle_samples
import event_builders as build
from bundle_refusals import REFUSALS
from ledger_fixture import ledger_world
from web_library import verify_all

from ledger.domain.bundle import OpenedBundle, bundle_bytes, bundle_to_json, open_bundle
from ledger.domain.sealing import Entry, Policy, seal

ITS_OWN = {("/lot/product", "product.range"): ("/lot/product", "bundle.form"),
           ("/lot/lotCode", "gs1.ai10"): ("/lot/code", "bundle.form")}  # fmt: skip
"""Rules of lot numbers, which the browser's reader does not tell apart."""
DEPLOYMENT = {
    "chainId": bundle_samples.CHAIN.chain_id, "network": "local",
    "partyRegistry": "0x" + "00" * 20, "produceLedger": "0x" + "00" * 20, "eventLog": "0x" + "00" * 20,
}  # fmt: skip


def test_what_is_no_bundle_is_refused_where_python_refuses_it(verifier: Path, tmp_path: Path) -> None:
    tree = bundle_to_json(bundle_samples.bundle_of(bundle_samples.batched_events(tmp_path)))
    cases, expected = [], []
    for place, rule, change in REFUSALS:
        changed = copy.deepcopy(tree)
        change(changed)
        cases.append({"text": json.dumps(changed), "nodes": [], "deployment": DEPLOYMENT})
        field, code = ITS_OWN.get((place, rule), (place, rule))
        expected.append({"verdict": "unverified", "reasons": [{"code": code, "field": field}], "steps": []})
    results = verify_all(verifier, [*cases, {**cases[0], "text": json.dumps(tree)}])
    assert results[:-1] == expected
    assert results[-1]["verdict"] == "unknown", "the bundle as it was is one"


def subsets(items: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """All of them, each in ascending order."""
    for size in range(len(items) + 1):
        yield from combinations(sorted(items), size)


def test_marks_are_believed_alike_whatever_is_disclosed(verifier: Path, tmp_path: Path) -> None:
    policy = Policy((Entry(("/silkroot:contact", "phone", "driver")),))
    plain = build.inspection() | {"silkroot:contact": {"silkroot:phone": "139"}, "silkroot:driver": "A. Person"}
    event = seal(plain, policy, lambda: secrets.token_bytes(16))
    digests = [*(one.digest for one in event.disclosures), "A" * 43]
    recorded = ledger_world(tmp_path).record(build.harvest(), event.event)
    bundle = replace(bundle_samples.bundle_of(recorded), lot=build.HARVEST_LOT)
    *others, last = bundle.events
    cases, expected = [], []
    for texts in subsets([one.text for one in event.disclosures]):
        for marks in subsets(digests):
            one = replace(bundle, events=(*others, replace(last, disclosures=texts, erased=marks)))
            opened = open_bundle(one)
            cases.append({"text": bundle_bytes(one).decode(), "nodes": [], "deployment": DEPLOYMENT})
            expected.append({
                "erased": told_of(opened, "erased"),
                "withheld": told_of(opened, "withheld"),
                "found": [(found.code, found.parameters.get("problem")) for found in opened.findings],
            })  # fmt: skip
    assert len(cases) == 2**3 * 2**4
    results = [
        {
            "erased": found["erased"],
            "withheld": found["withheld"],
            "found": [
                (one["code"], one["parameters"].get("problem"))
                for one in found["checks"][0]["findings"]
                if one["code"] in ("content.erased", "content.disclosure")
            ],
        }
        for found in verify_all(verifier, cases)
    ]
    assert results == expected
    assert {code for one in expected for code in one["found"]} == {
        ("content.disclosure", None), ("content.erased", "foreign"), ("content.erased", "shown"),
    }  # fmt: skip


def told_of(opened: OpenedBundle, kind: str) -> list[dict[str, Any]]:
    """What is not shown, in the form of tests/web/verify.mjs."""
    return [
        {"event": "0x" + one.event.hex(), "place": item.place, "count": item.count}
        for one in opened.shown
        for item in getattr(one, kind)
    ]
