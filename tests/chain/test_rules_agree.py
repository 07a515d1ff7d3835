"""
The local rules of custody and the contract give the same answer to every action: accepted by both, or refused by both
for the same reason; and afterwards both hold the same.

Many short random sequences, each from a fresh ledger, one action a block at a time of the test's choosing, so that
notices and terms run out. The seeds are fixed, and every kind of action and every refusal has to come up.
`RULE_SEQUENCES` in the environment asks for more of them; a failure prints its sequence.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import event_builders as build
import pytest
from chain_fixtures import DEADLINE
from random_actions import RandomActions
from random_parts import PARTIES, PERMITS, PLOTS, ROLES, SEASONS
from rules_chain import RulesChain

from ledger.domain.actions import ACTIONS as ACTIONS_OF_THE_LEDGER
from ledger.domain.actions import Action, TransformationAmendment
from ledger.domain.custody_state import Origin
from ledger.domain.errors import Refused, Violation
from ledger.domain.identifiers import LotId
from ledger.domain.projection import Projection
from ledger.domain.registry_actions import ProductAssignment, ProductPermit
from ledger.domain.typed_data import digest, lines_hash

pytestmark = pytest.mark.chain

SEED = 20261124
SEQUENCES = int(os.environ.get("RULE_SEQUENCES", "80"))
LENGTH = 120
INTERFACE = Path(__file__).parents[2] / "contracts" / "interfaces" / "IProduceLedger.sol"
LOT_STATE = "(uint64,uint64,uint64,uint32,uint64,bool,bool,bytes32)[]"
CONSIGNMENT = "(uint64,uint64,uint8,uint64,bytes24)[]"
KEPT_HASH_BYTES = 24


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[RulesChain]:
    """The cast admitted, with its products and permits."""
    chain = await RulesChain.start(tmp_path / "anvil")
    for party, roles in ROLES.items():
        await chain.admit(party, int(roles))
    for product, owner in build.OWNERS.items():
        await chain.register(ProductAssignment(product, owner, DEADLINE), chain.registrar)
    for product, packer in sorted(PERMITS):
        owner = build.OWNERS[product]
        await chain.register(ProductPermit(product, owner, packer, True, DEADLINE), chain.key_of(owner))
    yield chain
    await chain.close()


def local_ledger() -> Projection:
    """The same cast in the local projection."""
    ledger = Projection()
    ledger.parties.update({party: int(roles) for party, roles in ROLES.items()})
    ledger.products.update(build.OWNERS)
    ledger.permits.update(dict.fromkeys(PERMITS, True))
    return ledger


async def test_python_and_contract_agree(chain: RulesChain) -> None:
    refused: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    snapshot = await chain.rpc.call("evm_snapshot")
    for number in range(SEQUENCES):
        await run_sequence(chain, number, accepted, refused)
        assert await chain.rpc.call("evm_revert", snapshot)
        snapshot = await chain.rpc.call("evm_snapshot")
    print(f"{sum(accepted.values())} accepted {dict(accepted)}, {sum(refused.values())} refused {dict(refused)}")

    errors = set(re.findall(r"^\s*error (\w+)\(", INTERFACE.read_text(), re.MULTILINE))
    # Our encoder signs no such lot code; a reader's mistake is not an action's; nobody has 2^28 parties.
    never = {"InvalidLotCode", "LengthMismatch", "TooManyParties"}
    assert set(refused) - {"RoleMissing"} == errors - never
    assert set(accepted) == {struct.__name__ for struct in ACTIONS_OF_THE_LEDGER} | {"Propagation"}


async def run_sequence(chain: RulesChain, number: int, accepted: Counter[str], refused: Counter[str]) -> None:
    ledger = local_ledger()
    actions = RandomActions(ledger, await chain.now() + 10, random.Random(SEED + number))
    history: list[str] = []
    for _step in range(LENGTH):
        actions.pass_time()
        action = actions.next()
        # Before the local rules change it.
        origin = shown_origin(ledger, action)
        lines = actions.shown.get(getattr(action, "manifest_hash", b""), ())
        refusal = refusal_of(chain, ledger, action, actions.now)
        if refusal is not None and "through its ancestor" in refusal.value:
            continue  # the one rule that is ours alone
        if isinstance(action, bytes):
            answer = await chain.carry(action, actions.now, origin)
        else:
            answer = await chain.answer(action, actions.now, lines, origin)
        said = refusal.rule if refusal else ""
        history.append(f"at {actions.now}: {action!r}\n    contract: {answer or 'recorded'}\n    local: {refusal}")
        agreed = answer.partition("(")[0] == said
        assert agreed, f"seed {SEED} + {number}; the sequence was\n" + "\n".join(history)
        if refusal is not None:
            refused[said] += 1
            continue
        accepted["Propagation" if isinstance(action, bytes) else type(action).__name__] += 1
        if not isinstance(action, bytes):
            actions.accepted(action)
    try:
        await assert_same_state(chain, ledger, actions.now)
    except AssertionError as error:
        raise AssertionError(f"{error}\nseed {SEED} + {number}; the sequence was\n" + "\n".join(history)) from error


def shown_origin(ledger: Projection, action: Action | LotId) -> Origin | None:
    """The lists behind what the action names, as far as they are known."""
    if isinstance(action, bytes):
        return ledger.origin_of(action)
    return ledger.origins.get(action.origin_hash) if isinstance(action, TransformationAmendment) else None


def refusal_of(chain: RulesChain, ledger: Projection, action: Action | LotId, now: int) -> Violation | None:
    """Applies the action locally; what it was refused for, if it was."""
    try:
        if isinstance(action, bytes):
            ledger.propagate(action)
        else:
            ledger.apply(action, digest(chain.domain, action), now)
    except Refused as refusal:
        return refusal.violations[0]
    return None


async def assert_same_state(chain: RulesChain, ledger: Projection, now: int) -> None:
    """Lots, balances, consignments, plots, yields and pledges of the projection are those on chain."""
    lots = {key: lot for key, lot in ledger.lots.items() if lot}
    found = await chain.ask("lotsOf", ["bytes32[]"], [list(lots)], LOT_STATE)
    assert found == [
        (
            lot.issuer, lot.grams, lot.certified, lot.entries, lot.recalled_by, lot.inherited, lot.moved,
            lot.origin_hash,
        )
        for lot in lots.values()
    ]  # fmt: skip
    places = [(lot, party) for lot in lots for party in PARTIES]
    found = await chain.ask(
        "balancesOf", ["bytes32[]", "uint64[]"], [[lot for lot, _ in places], [party for _, party in places]],
        "uint64[]",
    )  # fmt: skip
    assert found == [ledger.balances.get(place, 0) for place in places]
    sent = {key: one for key, one in ledger.consignments.items() if one}
    found = await chain.ask("consignmentsOf", ["bytes32[]"], [list(sent)], CONSIGNMENT)
    assert found == [
        (one.shipper, one.receiver, one.state, one.notice_at, lines_hash(one.open_lines)[:KEPT_HASH_BYTES])
        for one in sent.values()
    ]
    found = await chain.ask("plotsOf", ["bytes32[]"], [PLOTS], "(uint64,uint64)[]")
    plots = [ledger.plots.get(plot) for plot in PLOTS]
    assert found == [(plot.producer, plot.certifier) if plot else (0, 0) for plot in plots]
    seasons = [(plot, season) for plot in PLOTS for season in SEASONS]
    found = await chain.ask(
        "yieldsOf", ["bytes32[]", "uint16[]"], [[plot for plot, _ in seasons], [season for _, season in seasons]],
        "(uint64,uint64)[]",
    )  # fmt: skip
    yields = [ledger.yields.get(season) for season in seasons]
    assert found == [(one.certified, one.harvested) if one else (0, 0) for one in yields]
    for (lot, holder), pledges in ledger.pledges.items():
        found = await chain.ask("pledgesOf", ["bytes32", "uint64"], [lot, holder], "(uint64,uint64,uint64)[]")
        # The contract keeps them in places that are used again, so their order says nothing.
        standing = [(one.lender, one.grams, one.until) for one in pledges if one.until > now]
        assert sorted(found) == sorted(standing)
