"""
A lot's story, judged live: loads what is stored, asks the chain once at one block, weighs both.

Store and judging run in worker threads, so that the event loop stays free. `NotFound` for a lot that nothing names. A
chain that does not answer, or is another one, makes the verdict `unknown`; it never raises out of here. A recall that
is recorded here counts before the chain has it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ledger.domain.actions import Harvest, Intake, Transformation
from ledger.domain.dossier import Dossier, open_dossier, question_of
from ledger.domain.errors import ChainUnavailable, NotFound, WrongChain
from ledger.domain.identifiers import LotId, LotRef
from ledger.domain.master_data import Product
from ledger.domain.recorded_recalls import recalled_here, recorded_recalls
from ledger.domain.records import ChainFacts
from ledger.domain.story_values import (
    ChainSummary,
    CheckName,
    EventStory,
    Finding,
    Judgement,
    LastCheck,
    LotStory,
    Outcome,
    Verdict,
)
from ledger.domain.typed_data import Domain
from ledger.domain.verdict import judge, of_same_contract
from ledger.ports import ChainReader, EventStore, LogReader
from ledger.ports_disclosures import ErasedDigests

_REMEMBERED = 10_000
"""For so many lots we know when they were last judged; the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class ChainNetwork:
    """The chain as readers know it. `single_operator`: one party runs all its nodes (the managed local chain)."""

    name: str
    single_operator: bool


class Story:
    """Tells lots' stories from a store and a chain. `disclosures` None: nothing that was sealed is kept here."""

    def __init__(
        self,
        store: EventStore,
        chain: ChainReader,
        network: ChainNetwork,
        log: LogReader,
        disclosures: ErasedDigests | None = None,
    ) -> None:
        self._store = store
        self._log = log
        self._chain = chain
        self._network = network
        self._disclosures = disclosures
        self._last: OrderedDict[LotId, LastCheck] = OrderedDict()

    async def story(self, lot: LotRef) -> LotStory:
        """All that can be said of the lot now. `NotFound` where no event names it."""
        domain = await self._domain()
        dossier = await asyncio.to_thread(self._open, lot, domain)
        facts, problem = await self._ask(dossier)
        judgement = await self._judge(dossier, facts)
        if facts is not None and _may_be_outrun(judgement):
            # Something may have been captured and mined between our reading of the store and the chain's answer.
            again = await asyncio.to_thread(self._open, lot, domain)
            if _size(again) != _size(dossier):
                dossier = again
                facts, problem = await self._ask(dossier)
                judgement = await self._judge(dossier, facts)
        if problem is not None:
            judgement = replace(judgement, reasons=(problem, *judgement.reasons))
        told = await asyncio.to_thread(self._tell, lot, dossier, judgement, facts)
        if told.chain is not None:
            self._remember(told.id, LastCheck(told.chain.asked_at, told.verdict))
        return told

    async def _domain(self) -> Domain | None:
        try:
            return await self._chain.domain()
        except (ChainUnavailable, WrongChain):
            return None  # asking for facts will fail the same way, and says why

    def _open(self, lot: LotRef, domain: Domain | None) -> Dossier:
        dossier = open_dossier(lot.id, self._store.events_of_lot, domain, self._log.places)
        if not dossier.events[lot.id] and self._store.lot_ref(lot.id) is None:
            raise NotFound(f"no event names lot {lot}")
        return dossier

    async def _ask(self, dossier: Dossier) -> tuple[ChainFacts | None, Finding | None]:
        try:
            return await self._chain.facts(question_of(dossier)), None
        except ChainUnavailable as error:
            return None, _unknown("chain.unavailable", f"The chain does not answer: {error}.")
        except WrongChain as error:
            return None, _unknown("chain.wrong", f"The node is not the chain of this ledger: {error}.")

    async def _judge(self, dossier: Dossier, facts: ChainFacts | None) -> Judgement:
        return await asyncio.to_thread(self._judged, dossier, facts)

    def _judged(self, dossier: Dossier, facts: ChainFacts | None) -> Judgement:
        judgement = judge(dossier, facts, single_operator=self._network.single_operator)
        return recalled_here(judgement, recorded_recalls(dossier))

    def _tell(self, lot: LotRef, dossier: Dossier, judgement: Judgement, facts: ChainFacts | None) -> LotStory:
        names = self._names(lot, dossier, judgement)
        if facts is not None and not of_same_contract(facts, dossier.domain):
            facts = None
        state = facts.lots.get(lot.id) if facts is not None else None
        births = [event for event in judgement.events if event.of_lot and _bears(event.action, lot)]
        issuer = state.issuer if state is not None and state.issuer else births[0].party if births else None
        return LotStory(
            lot=lot,
            id=lot.id,
            product=self._product(lot),
            issuer=issuer,
            verdict=judgement.verdict,
            reasons=judgement.reasons,
            qualifiers=judgement.qualifiers,
            checks=judgement.checks,
            branches=judgement.branches,
            events=self._with_erased(judgement.events),
            amounts=judgement.amounts,
            ancestors=tuple(replace(ancestor, ref=names.get(ancestor.id)) for ancestor in judgement.ancestors),
            children=tuple(names[child] for child in judgement.children if child in names),
            names=names,
            chain=None if facts is None else self._summary(facts),
            last=self._last.get(lot.id),
            pledges=judgement.pledges,
            certified=judgement.certified,
        )

    def _with_erased(self, events: tuple[EventStory, ...]) -> tuple[EventStory, ...]:
        if self._disclosures is None:
            return events
        erased = self._disclosures.erased_digests([event.content_hash for event in events])
        if not erased:
            return events
        return tuple(replace(event, erased=erased.get(event.content_hash, frozenset())) for event in events)

    def _names(self, lot: LotRef, dossier: Dossier, judgement: Judgement) -> dict[LotId, LotRef]:
        names = {lot.id: lot}
        wanted: list[LotId] = [*dossier.events, *judgement.children]
        for event in judgement.events:
            names |= _named_in(event.action)
            wanted += event.lots
        for name in dict.fromkeys(wanted):
            if name not in names:
                found = self._store.lot_ref(name)
                if found is not None:
                    names[name] = found
        return names

    def _product(self, lot: LotRef) -> Product | None:
        return self._store.master_data().products.get(lot.product)

    def _summary(self, facts: ChainFacts) -> ChainSummary:
        return ChainSummary(
            name=self._network.name,
            chain_id=facts.chain_id,
            ledger=facts.ledger,
            registry=facts.registry,
            head=facts.head,
            head_time=facts.head_time,
            confirmations=facts.confirmations,
            asked_at=facts.asked_at,
        )

    def _remember(self, lot: LotId, check: LastCheck) -> None:
        self._last[lot] = check
        self._last.move_to_end(lot)
        while len(self._last) > _REMEMBERED:
            self._last.popitem(last=False)


def _unknown(code: str, sentence: str) -> Finding:
    return Finding(CheckName.ANCHORED, code, Verdict.UNKNOWN, sentence)


def _may_be_outrun(judgement: Judgement) -> bool:
    return any(check.name is CheckName.CUSTODY and check.outcome is Outcome.FAILED for check in judgement.checks)


def _size(dossier: Dossier) -> Mapping[LotId, int]:
    return {lot: len(events) for lot, events in dossier.events.items()}


def _bears(action: object, lot: LotRef) -> bool:
    return lot.id in _named_in(action)


def _named_in(action: object) -> dict[LotId, LotRef]:
    """The lots that the action gives birth to: the only place where a signed struct names a lot in full."""
    born: Iterable[LotRef] = ()
    if isinstance(action, Harvest | Intake):
        born = [LotRef(action.product, action.lot_code)]
    elif isinstance(action, Transformation):
        born = [LotRef(output.product, output.lot_code) for output in action.outputs]
    return {ref.id: ref for ref in born}
