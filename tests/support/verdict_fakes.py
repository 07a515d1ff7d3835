"""
A small ledger in memory for tests of verdicts: real signatures and rules of custody, a store and a chain to corrupt.

`World.record` signs an event and, like the contract, applies it or refuses it. What lies in `events` is the store, what
`chain_facts` answers is the chain; `alter` changes the chain's answers before they are given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import event_builders as build
from signing_keys import SigningKey, signing_key

from ledger.domain.actions import Action, cosigner_of, signer_of
from ledger.domain.binding import action_of, lots_of
from ledger.domain.consignment_check import KEPT_HASH_BYTES
from ledger.domain.content_hash import content_hash
from ledger.domain.custody_state import Consignment
from ledger.domain.dossier import open_dossier, question_of
from ledger.domain.errors import ChainUnavailable
from ledger.domain.identifiers import ConsignmentId, ContentHash, Grams, KeyId, LotId, LotRef, PartyId, PlotId
from ledger.domain.master_data import MasterData
from ledger.domain.projection import Projection
from ledger.domain.records import (
    ChainEntry,
    ChainFacts,
    ChainQuestion,
    ConsignmentRecord,
    ConsignmentState,
    CoSignature,
    EntryState,
    JsonTree,
    KeyRecord,
    LogPlace,
    LotState,
    PlotRecord,
    RecordedEvent,
    RoleRecord,
    Scheme,
    SignatureProof,
    YieldRecord,
)
from ledger.domain.story_values import CheckName, Judgement, Outcome
from ledger.domain.typed_data import Domain, digest, lines_hash
from ledger.domain.verdict import judge

DOMAIN = Domain.of_ledger(31337, bytes.fromhex("11" * 20))
REGISTRY = bytes.fromhex("22" * 20)
START = 1_786_000_000
DEADLINE = START + 7 * 86_400
NO_KEY = KeyRecord(PartyId(0), Scheme.NONE, False, False, 0, 0, 0)
UNBORN = LotState(PartyId(0), Grams(0), Grams(0), 0, PartyId(0), False, False, bytes(32))
UNSENT = ConsignmentRecord(PartyId(0), PartyId(0), ConsignmentState.NONE, 0, bytes(KEPT_HASH_BYTES))
UNPLOTTED = PlotRecord(PartyId(0), PartyId(0))
UNCERTIFIED = YieldRecord(Grams(0), Grams(0))


@dataclass
class World:
    """Parties with hosted keys, a chain that mines one block an entry, and a store; tests may change all of it."""

    confirmations: int = 1
    ledger: Projection = field(default_factory=Projection)
    events: list[RecordedEvent] = field(default_factory=list)
    entries: dict[ContentHash, ChainEntry] = field(default_factory=dict)
    keys: dict[KeyId, KeyRecord] = field(default_factory=dict)
    roles: dict[PartyId, int] = field(default_factory=lambda: {party: int(role) for party, role in build.ROLES.items()})
    role_changes: dict[PartyId, list[RoleRecord]] = field(default_factory=dict)
    lots: dict[LotId, set[int]] = field(default_factory=dict)
    names: dict[LotId, LotRef] = field(default_factory=dict)
    head: int = 100
    alter: Callable[[ChainFacts], ChainFacts] = lambda facts: facts
    down: Exception | None = None
    questions: list[ChainQuestion] = field(default_factory=list)
    late: int = 0
    """Seconds that went by since the first block, so that notices and terms run out."""

    def __post_init__(self) -> None:
        self.ledger.parties.update(self.roles)
        for pair in build.PRODUCT_USERS:
            self.ledger.permits[pair] = True
        for product, owner in build.OWNERS.items():
            self.ledger.products[product] = owner
        for party in self.roles:
            self.keys[key_of(party).id] = KeyRecord(party, Scheme.SECP256K1, True, True, START - 1000, 0, 0)

    # Recording ---------------------------------------------------------------------------------------------------

    def record(self, tree: JsonTree, *, key: SigningKey | None = None, mined: bool = True) -> RecordedEvent:
        """Signs the event, stores it and has it mined; `mined=False` leaves it waiting in the outbox."""
        action = action_of(tree, DEADLINE)
        party = build_party(tree)
        signer = key or key_of(party)
        event = RecordedEvent(
            sequence=len(self.events) + 1,
            content_hash=content_hash(tree),
            event_id=f"urn:uuid:{len(self.events):032x}",
            record_time=datetime.fromtimestamp(START, UTC) + timedelta(seconds=len(self.events)),
            body=tree,
            proof=signed_by(action, signer),
            state=EntryState.QUEUED,
        )
        self.events.append(event)
        for lot in lots_of(tree):
            self.lots.setdefault(lot.id, set()).add(event.sequence)
            self.names[lot.id] = lot
        return self.mine(event) if mined else event

    def mine(self, event: RecordedEvent) -> RecordedEvent:
        """Applies the event on chain, by the rules of custody (`Refused` is the test's mistake)."""
        signed = digest(DOMAIN, event.proof.action)
        self.ledger.apply(event.proof.action, signed, START + self.late)
        self.head += 1
        entry = ChainEntry(
            event.content_hash, signer_of(event.proof.action), event.proof.action.KIND, event.proof.key_id, signed,
            self.head, START + self.head, bytes([self.head % 256]) * 32, 0,
        )  # fmt: skip
        self.entries[event.content_hash] = entry
        return self.change(event.sequence, state=EntryState.CONFIRMED, transaction=entry.transaction)

    def change(self, sequence: int, **members: Any) -> RecordedEvent:
        """Replaces members of a stored event, as somebody with the database at hand could."""
        index = next(index for index, event in enumerate(self.events) if event.sequence == sequence)
        self.events[index] = replace(self.events[index], **members)
        return self.events[index]

    def change_body(self, sequence: int, **members: Any) -> RecordedEvent:
        """Replaces members of a stored event's body."""
        return self.change(sequence, body={**self.at(sequence).body, **members})

    def change_action(self, sequence: int, **members: Any) -> RecordedEvent:
        """Replaces members of the stored signed struct."""
        proof = self.at(sequence).proof
        return self.change(sequence, proof=replace(proof, action=replace(proof.action, **members)))

    def resigned(self, action: Action) -> SignatureProof:
        """The struct signed by the keys that it wants, as nobody recorded it."""
        return signed_by(action, key_of(signer_of(action)))

    def at(self, sequence: int) -> RecordedEvent:
        """The stored event of that number."""
        return next(event for event in self.events if event.sequence == sequence)

    def drop(self, sequence: int) -> None:
        """Removes an event from the store."""
        self.events = [event for event in self.events if event.sequence != sequence]

    # ports.EventStore, as far as stories read it -----------------------------------------------------------------

    def events_of_lot(self, lot: LotId) -> list[RecordedEvent]:
        """All stored events that name the lot."""
        return [replace(event) for event in self.events if event.sequence in self.lots.get(lot, ())]

    def places(self, contents: Collection[ContentHash]) -> dict[ContentHash, LogPlace]:
        """The log has nothing yet."""
        return {}

    def lot_ref(self, lot: LotId) -> LotRef | None:
        """The names of a lot that an event named when it was recorded."""
        return self.names.get(lot)

    def master_data(self) -> MasterData:
        """The cast."""
        return build.master_data()

    # ports.ChainReader -------------------------------------------------------------------------------------------

    async def domain(self) -> Domain:
        """The contract that signatures are for."""
        return DOMAIN

    async def facts(self, question: ChainQuestion) -> ChainFacts:
        """Answers the question, unless the chain is down."""
        self.questions.append(question)
        if self.down is not None:
            raise self.down
        return self.chain_facts(question)

    def chain_facts(self, question: ChainQuestion) -> ChainFacts:
        """What the chain answers, after `alter`."""
        facts = ChainFacts(
            chain_id=DOMAIN.chain_id,
            ledger=DOMAIN.contract,
            registry=REGISTRY,
            head=self.head,
            head_time=START + self.late + self.head,
            confirmations=self.confirmations,
            asked_at=START + self.head + 1,
            entries={item: self.entries[item] for item in question.contents if item in self.entries},
            lots={lot: self._lot(lot) for lot in question.lots},
            balances={
                (lot, holder): self.ledger.balances.get((lot, holder), Grams(0)) for lot, holder in question.balances
            },
            consignments={item: self._consignment(item) for item in question.consignments},
            keys={key: self.keys.get(key, NO_KEY) for key in question.keys},
            roles={party: self._roles(party) for party in question.parties},
            plots={plot: self._plot(plot) for plot in question.plots},
            yields={season: self._yield(*season) for season in question.yields},
        )
        return self.alter(facts)

    def _roles(self, party: PartyId) -> tuple[RoleRecord, ...]:
        admitted = [RoleRecord(self.roles[party], 1, 0)] if self.roles.get(party) else []
        return (*admitted, *self.role_changes.get(party, ()))

    def _lot(self, lot: LotId) -> LotState:
        known = self.ledger.lots.get(lot)
        if known is None:
            return UNBORN
        return LotState(
            known.issuer, known.grams, known.certified, known.entries, known.recalled_by, known.inherited, known.moved,
            known.origin_hash,
        )  # fmt: skip

    def _consignment(self, consignment: ConsignmentId) -> ConsignmentRecord:
        known: Consignment | None = self.ledger.consignments.get(consignment)
        if known is None:
            return UNSENT
        kept = lines_hash(known.open_lines)[:KEPT_HASH_BYTES]
        return ConsignmentRecord(known.shipper, known.receiver, known.state, known.notice_at, kept)

    def _plot(self, plot: PlotId) -> PlotRecord:
        known = self.ledger.plots.get(plot)
        return UNPLOTTED if known is None else PlotRecord(known.producer, known.certifier)

    def _yield(self, plot: PlotId, season: int) -> YieldRecord:
        known = self.ledger.yields.get((plot, season))
        return UNCERTIFIED if known is None else YieldRecord(known.certified, known.harvested)

    # Judging -----------------------------------------------------------------------------------------------------

    def judged(self, lot: LotRef, *, single_operator: bool = False) -> Judgement:
        """The judgement on the lot as things stand now."""
        dossier = open_dossier(lot.id, self.events_of_lot, DOMAIN)
        facts = None if self.down is not None else self.chain_facts(question_of(dossier))
        return judge(dossier, facts, single_operator=single_operator)


def key_of(party: PartyId) -> SigningKey:
    """The party's key."""
    return signing_key(1 + list(build.ROLES).index(party)) if party in build.ROLES else signing_key(1000)


def signed_by(action: Action, signer: SigningKey) -> SignatureProof:
    """The proof, with the second party's signature where the action wants one."""
    signed = digest(DOMAIN, action)
    cosigner = cosigner_of(action)
    co = None
    if cosigner is not None:
        key = key_of(cosigner)
        co = CoSignature(cosigner, key.id, Scheme.SECP256K1, key.sign(signed))
    return SignatureProof(action, signer.id, Scheme.SECP256K1, signer.sign(signed), co)


def build_party(tree: JsonTree) -> PartyId:
    """The party that an event built here names."""
    return PartyId(int(tree["silkroot:party"]))


def failing(judgement: Judgement) -> set[str]:
    """The names of the checks that did not pass."""
    return {check.name.value for check in judgement.checks if check.outcome is not Outcome.PASSED}


def codes(judgement: Judgement, name: CheckName) -> list[str]:
    """The codes of that check's findings."""
    return [item.code for check in judgement.checks if check.name is name for item in check.findings]


def season(world: World) -> None:
    """
    Farm harvests a tonne, ships it to the packing house, which packs 900 kg; 500 kg go to the buyer, 300 kg are under
    way to the hub, 100 kg stay; the buyer sells 50 kg. Events 1 to 8; the hub's shipment is 8.
    """
    packed = build.amount(build.PACKED_LOT, 500_000)
    world.record(build.harvest())
    world.record(build.shipping())
    world.record(build.receiving())
    world.record(build.packing())
    handoff: dict[str, Any] = {"reference": build.sscc(2), "manifest": [packed]}
    world.record(build.shipping(party=build.PACKING_HOUSE, receiver=build.BUYER, where=build.PACKING_LINE, **handoff))
    world.record(build.receiving(party=build.BUYER, shipper=build.PACKING_HOUSE, where=build.SHOP, **handoff))
    world.record(build.sale(party=build.BUYER, lines=[build.amount(build.PACKED_LOT, 50_000)]))
    world.record(
        build.shipping(
            party=build.PACKING_HOUSE,
            receiver=build.HUB,
            where=build.PACKING_LINE,
            reference=build.sscc(3),
            manifest=[build.amount(build.PACKED_LOT, 300_000)],
        )
    )


HARVEST, SHIPMENT, RECEIPT, PACKING, TO_BUYER, AT_BUYER, SOLD, TO_HUB = range(1, 9)
"""The sequence numbers of `season`'s events."""


def unavailable() -> ChainUnavailable:
    """What a chain that is down raises."""
    return ChainUnavailable("connection refused")


def alter_entry(world: World, sequence: int, **members: Any) -> None:
    """Changes what the chain recorded of an event."""
    identity = world.at(sequence).content_hash
    world.entries[identity] = replace(world.entries[identity], **members)
