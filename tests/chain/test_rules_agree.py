"""
The local rules of custody and the contract give the same answer to every action: accepted by both, or refused by both
for the same reason; and afterwards both hold the same lots and balances.

The actions are random but the seed is fixed, and every rule has to come up.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import event_builders as build
import pytest
from chain_fixtures import DEADLINE, ChainWorld, new_content, open_world
from eth_hash.auto import keccak

from ledger.domain.actions import ACTIONS as ACTIONS_OF_THE_LEDGER
from ledger.domain.actions import (
    Action,
    Disposal,
    Harvest,
    Intake,
    Line,
    Output,
    Recall,
    Receipt,
    Release,
    Sale,
    Shipment,
    Statement,
    Transformation,
)
from ledger.domain.errors import Refused, Violation
from ledger.domain.identifiers import NO_PLOT, Digest, Grams, LotId, PartyId, ProductId, consignment_id, lot_id
from ledger.domain.projection import Projection
from ledger.domain.records import ChainQuestion, ConsignmentState, EntryState
from ledger.domain.registry_actions import ProductPermit
from ledger.domain.typed_data import digest, manifest_hash
from ledger.ports_outbox import Target

pytestmark = pytest.mark.chain

SEED = 20261123
ACTIONS = 800
MAKERS = [build.FARM, build.PACKING_HOUSE, build.COOPERATIVE, build.BUYER]
PARTIES = sorted(build.ROLES)
PRODUCTS = [build.BULK_MELON, build.MELON_CASE, build.GRAPE_CASE]
CODES = "ABCDEFGHIJKLMNOP"
LOTS = [lot_id(product, code) for product in PRODUCTS for code in CODES]
INTERFACE = Path(__file__).parents[2] / "contracts" / "interfaces" / "IProduceLedger.sol"


@dataclass
class RandomActions:
    """Makes actions that are likely enough to be accepted, and wrong in every way now and then."""

    ledger: Projection
    random: random.Random = field(default_factory=lambda: random.Random(SEED))
    sent: list[Shipment] = field(default_factory=list)
    done: list[Action] = field(default_factory=list)

    def next(self) -> Action:
        """Any action; one in twelve is a replay, one in thirty is too late."""
        if self.done and self.random.random() < 1 / 12:
            return self.random.choice(self.done)
        make = self.random.choices(
            [self.birth, self.transformation, self.shipment, self.receipt, self.leaving, self.recall, self.statement],
            weights=[4, 6, 4, 4, 2, 2, 1],
        )[0]
        action = make()
        return replace(action, deadline=1) if self.random.random() < 1 / 30 else action

    def birth(self) -> Action:
        maker = self.random.choice([*[build.FARM, build.COOPERATIVE] * 6, *PARTIES])
        product = self.random.choice([*[build.BULK_MELON] * 12, *build.OWNERS])
        code = self.random.choice(CODES)
        grams = Grams(self.random.choice([0, 100, 500, 500, 2**64 - 1]))
        if self.random.random() < 0.5:
            return Intake(maker, product, code, grams, new_content(), DEADLINE)
        return Harvest(maker, product, code, NO_PLOT, grams, new_content(), DEADLINE)

    def transformation(self) -> Action:
        packer = self.maker()
        own = [product for product in PRODUCTS if self.ledger.may_use(product, packer)]
        outputs = tuple(
            Output(
                self.random.choice([*own * 9, ProductId(5)]),
                self.random.choice(CODES),
                Grams(self.random.choice([0, *[1, 4] * 8, 500, 500])),
            )
            for _ in range(self.random.choice([0, *[1, 2] * 5]))
        )
        return Transformation(packer, self.lines(packer), outputs, new_content(), DEADLINE)

    def shipment(self) -> Action:
        shipper = self.maker()
        receiver = self.random.choice([*PARTIES * 2, build.STRANGER, shipper, self.issuer()])
        reference = str(self.random.randrange(200))
        return Shipment(shipper, receiver, reference, self.lines(shipper), new_content(), DEADLINE)

    def receipt(self) -> Action:
        if not self.sent:
            return self.shipment()
        sent = self.random.choice(self.sent[-6:])
        receiver = self.random.choice([sent.receiver] * 20 + PARTIES)
        consignment = consignment_id(sent.shipper, sent.consignment_ref)
        shown = manifest_hash(sent.manifest)
        claimed = self.random.choice([shown] * 9 + [manifest_hash(())])
        return Receipt(receiver, consignment, claimed, new_content(), DEADLINE)

    def leaving(self) -> Action:
        holder = self.maker()
        form = self.random.choice([Sale, Disposal])
        return form(holder, self.lines(holder), new_content(), DEADLINE)

    def recall(self) -> Action:
        form = self.random.choice([Recall, Release])
        party = self.random.choice([build.REGULATOR, *MAKERS])
        return form(
            party, self.random.choice([*LOTS[:6], *self.known() * 2, *self.recalled() * 4]), new_content(), DEADLINE
        )

    def statement(self) -> Action:
        return Statement(self.random.choice(PARTIES), "inspecting", (), new_content(), DEADLINE)

    def maker(self) -> PartyId:
        holders = [party for (_, party), grams in self.ledger.balances.items() if grams]
        return self.random.choice([*holders, self.random.choice(PARTIES)])

    def issuer(self) -> PartyId:
        known = [lot.issuer for lot in self.ledger.lots.values() if lot]
        return self.random.choice(known or MAKERS)

    def known(self) -> list[LotId]:
        return [key for key, lot in self.ledger.lots.items() if lot]

    def recalled(self) -> list[LotId]:
        return [key for key, lot in self.ledger.lots.items() if lot and lot.recalled_by]

    def accepted(self, action: Action) -> None:
        """Remembers what may be replayed or received."""
        self.done.append(action)
        if isinstance(action, Shipment):
            self.sent.append(action)

    def manifest_of(self, action: Action) -> tuple[Line, ...] | None:
        """The lines behind a receipt's manifest hash."""
        if not isinstance(action, Receipt):
            return None
        manifests = [sent.manifest for sent in self.sent if manifest_hash(sent.manifest) == action.manifest_hash]
        return manifests[0] if manifests else ()

    def lines(self, holder: PartyId) -> tuple[Line, ...]:
        held = [key[0] for key, grams in self.ledger.balances.items() if grams and key[1] == holder]
        lots = {self.random.choice([*held * 20, *LOTS]) for _ in range(self.random.choice([0, *[1, 2] * 5]))}
        lines = [Line(lot, Grams(self.random.choice([0, *[5, 10, 20] * 5, 10**6]))) for lot in sorted(lots)]
        return tuple(lines if self.random.random() < 0.9 else lines[::-1])


async def open_cast(anvil_url: str, folder: Path) -> ChainWorld:
    """The cast of `event_builders`, admitted, with its products and permits."""
    world = await open_world(anvil_url, folder)
    for party, roles in build.ROLES.items():
        world.queue(world.admission(party, roles))
    for product, owner in build.OWNERS.items():
        world.queue(world.assignment(product, owner))
    for product, packer in sorted(build.PERMITS):
        owner = build.OWNERS[product]
        permit = ProductPermit(product, owner, packer, True, DEADLINE)
        world.queue(world.registry_row(permit, world.key_of(owner)))
    await world.settle()
    return world


def local_ledger() -> Projection:
    """The same cast in the local projection."""
    ledger = Projection()
    ledger.parties.update({party: int(roles) for party, roles in build.ROLES.items()})
    ledger.products.update(build.OWNERS)
    ledger.permits.update(dict.fromkeys(build.PERMITS, True))
    return ledger


async def test_python_and_contract_agree(anvil_url: str, tmp_path: Path) -> None:
    world = await open_cast(anvil_url, tmp_path)
    domain, relay = world.access.deployment.ledger_domain, world.access.relay
    ledger = local_ledger()
    actions = RandomActions(ledger)
    seen: Counter[str] = Counter()
    for _ in range(ACTIONS):
        action = actions.next()
        row = world.row(action, manifest=actions.manifest_of(action))
        answer = await relay.simulate(Target.LEDGER, row.entry)
        refusal = refusal_of(ledger, action, digest(domain, action))
        if refusal is not None:
            if "through its ancestor" not in refusal.value:  # the one rule that is ours alone
                assert answer.partition("(")[0] == refusal.rule, (action, answer, refusal)
                seen[refusal.rule] += 1
            continue
        assert answer == "", (action, answer)
        actions.accepted(action)
        (row_id,) = world.queue(row)
        await world.settle()
        assert world.only(row_id).state is EntryState.CONFIRMED
    await assert_same_state(world, ledger)
    await world.access.close()

    errors = set(re.findall(r"^\s*error (\w+)\(", INTERFACE.read_text(), re.MULTILINE))
    # Our encoder signs no such lot code; a reader's mistake is not an action's.
    assert set(seen) - {"RoleMissing"} == errors - {"InvalidLotCode", "LengthMismatch"}
    assert {type(action) for action in actions.done} == set(ACTIONS_OF_THE_LEDGER)


def refusal_of(ledger: Projection, action: Action, signed: Digest) -> Violation | None:
    """Applies the action locally; what it was refused for, if it was."""
    try:
        ledger.apply(action, signed, int(time.time()))
    except Refused as refusal:
        return refusal.violations[0]
    return None


async def assert_same_state(world: ChainWorld, ledger: Projection) -> None:
    """Lots, balances and consignments of the projection are those on chain."""
    lots = {key: lot for key, lot in ledger.lots.items() if lot}
    places = tuple((lot, party) for lot in lots for party in PARTIES)
    facts = await world.access.reader.facts(
        ChainQuestion(lots=tuple(lots), balances=places, consignments=tuple(ledger.consignments))
    )
    assert {place: facts.balances[place] for place in places} == {
        place: ledger.balances.get(place, 0) for place in places
    }
    for key, lot in lots.items():
        chain = facts.lots[key]
        assert (chain.issuer, chain.grams, chain.entries, chain.recalled_by) == (
            lot.issuer, lot.grams, lot.entries, lot.recalled_by,
        )  # fmt: skip
        encoded = b"".join(word.to_bytes(32, "big") for word in (32, len(lot.parents))) + b"".join(lot.parents)
        assert chain.parents_hash == (keccak(encoded) if lot.parents else bytes(32))
    for consignment, sent in ledger.consignments.items():
        assert facts.consignments[consignment].state == (sent.state if sent else ConsignmentState.NONE)
