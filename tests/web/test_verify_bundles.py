"""The browser's verifier over bundles of a real chain: the table of tamperings, and the same findings as in Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from chain_fixtures import SystemClock
from proof_world import ProofWorld
from tamperings import Case, cases
from web_library import verify_all

from ledger.adapters.evm_chain import EvmChain
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.networks import local_network
from ledger.adapters.pinned import pinned_json
from ledger.domain.bundle import read_bundle
from ledger.domain.bundle.values import BundleChain
from ledger.domain.errors import InvalidInput
from ledger.domain.story_values import Finding
from ledger.services.verify_bundle import Verification, verify_bundle

pytestmark = pytest.mark.chain
STEPS = ["bundle", "chain", "content", "signature", "anchored", "custody", "recall"]


@pytest.fixture(scope="module")
def table(proof_world: ProofWorld) -> list[Case]:
    return list(cases(proof_world))


def case_of(world: ProofWorld, text: str, nodes: list[str] | None = None) -> dict[str, Any]:
    """A case for the verifier, under the world's pinned record."""
    record = {**pinned_json(world.deployment.pinned), "confirmations": local_network().network.confirmations}
    return {"text": text, "nodes": [world.rpc_url] if nodes is None else nodes, "deployment": record}


async def in_python(world: ProofWorld, text: str) -> Verification:
    """What the command line finds."""
    pinned = world.deployment.pinned
    rpc = JsonRpc(world.rpc_url)
    node = EvmChain(rpc, pinned, local_network().network, SystemClock())
    chain = BundleChain(pinned.chain_id, pinned.registry, pinned.ledger, pinned.log)
    try:
        return await verify_bundle(read_bundle(text.encode()), [node], chain, single_operator=True)
    finally:
        await rpc.close()


def told(finding: Finding) -> dict[str, Any]:
    """A finding in the form of the browser's."""
    return {
        "check": finding.check.value,
        "code": finding.code,
        "verdict": finding.leads_to.value,
        "event": None if finding.event is None else "0x" + finding.event.hex(),
    }


def without_parameters(finding: dict[str, Any]) -> dict[str, Any]:
    return {name: finding[name] for name in ("check", "code", "verdict", "event")}


def test_every_case_of_the_table_has_its_verdict_and_its_code(
    proof_world: ProofWorld,
    table: list[Case],
    verifier: Path,
) -> None:
    results = verify_all(verifier, [case_of(proof_world, case.text) for case in table])
    wrong = [
        (case.name, case.verdict, case.code, found["verdict"], [one["code"] for one in found["reasons"]])
        for case, found in zip(table, results, strict=True)
        if found["verdict"] != case.verdict
        or (case.code and case.code not in [one["code"] for one in found["reasons"]])
    ]
    assert wrong == []
    assert len(table) >= 30


async def test_it_finds_the_same_as_python_in_every_case(
    proof_world: ProofWorld,
    table: list[Case],
    verifier: Path,
) -> None:
    results = verify_all(verifier, [case_of(proof_world, case.text) for case in table])
    for case, found in zip(table, results, strict=True):
        try:
            expected = await in_python(proof_world, case.text)
        except InvalidInput as error:
            first = error.violations[0]
            assert found["reasons"] == [{"code": first.rule, "field": first.field}], case.name
            continue
        judgement = expected.judgement
        assert found["verdict"] == expected.verdict.value, case.name
        assert [without_parameters(one) for one in found["reasons"]] == [told(one) for one in judgement.reasons], (
            case.name
        )
        for check, ours in zip(judgement.checks, found["checks"], strict=True):
            assert (ours["name"], ours["outcome"]) == (check.name.value, check.outcome.value), case.name
            assert [without_parameters(one) for one in ours["findings"]] == list(map(told, check.findings)), case.name
            for mine, theirs in zip(ours["findings"], check.findings, strict=True):
                # The head moved on between the two, and the messages of two readers need not be the same.
                names = set(theirs.parameters) - {"problem", "rule", "value", "time", "depth"}
                assert {name: mine["parameters"].get(name) for name in names} == {
                    name: theirs.parameters[name] for name in names
                }, case.name
        assert found["qualifiers"] == [
            {"code": one.code.value, "parties": list(map(int, one.parties))} for one in judgement.qualifiers
        ], case.name
        assert found["branches"] == [
            {"holder": one.holder, "verdict": one.verdict.value, "codes": [each.code for each in one.reasons]}
            for one in judgement.branches
        ], case.name
        assert found["events"] == [
            {
                "event": "0x" + one.content_hash.hex(),
                "relevant": one.relevant,
                "codes": [each.code for each in one.checks],
            }
            for one in judgement.events
        ], case.name
        assert found["withheld"] == [
            {"event": "0x" + one.event.hex(), "place": item.place, "count": item.count}
            for one in expected.shown
            for item in one.withheld
        ], case.name
        assert found["erased"] == [
            {"event": "0x" + one.event.hex(), "place": item.place, "count": item.count}
            for one in expected.shown
            for item in one.erased
        ], case.name


def test_steps_are_told_in_their_order(proof_world: ProofWorld, table: list[Case], verifier: Path) -> None:
    whole = next(case for case in table if case.verdict == "verified")
    (found,) = verify_all(verifier, [case_of(proof_world, whole.text)])
    assert found["steps"] == STEPS
    assert [node["believed"] for node in found["nodes"]] == [True]


def test_without_an_answer_nothing_is_verified(
    proof_world: ProofWorld,
    table: list[Case],
    verifier: Path,
) -> None:
    whole = next(case for case in table if case.verdict == "verified").text
    nobody = "http://127.0.0.1:9"
    unasked, silent, half = verify_all(
        verifier,
        [
            case_of(proof_world, whole, []),
            case_of(proof_world, whole, [nobody]),
            case_of(proof_world, whole, [nobody, proof_world.rpc_url]),
        ],
    )
    assert unasked["verdict"] == silent["verdict"] == "unknown"
    assert silent["reasons"][0]["code"] == "chain.unavailable"
    assert [check["outcome"] for check in unasked["checks"]][:2] == ["passed", "not-made"]
    # As on the command line: a node that does not answer is named and not believed, the others are.
    assert half["verdict"] == "verified"
    assert [node["believed"] for node in half["nodes"]] == [False, True]
