"""
The verdict on a lot, from its stored events and the chain's answers; no I/O, no clock.

DESIGN.md section 2 gives the checks and the precedence: recalled, unverified, suspect, pending, verified; unknown,
whatever else was found, when the chain could not be asked, because then nobody knows whether the lot is recalled (ADR
0021).

An ancestor's events count as far as they lead into the lot: its birth, and the way to the transformation. Its custody
is checked as a whole, because a hidden event may lie anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from ledger.domain.branches import branches_of, events_towards, path_to
from ledger.domain.certified import certified_share
from ledger.domain.checks import event_checks
from ledger.domain.consignment_check import unannounced
from ledger.domain.custody_check import custody_findings, recall_findings, variance_findings
from ledger.domain.custody_values import Amounts, Handoff
from ledger.domain.dossier import Dossier
from ledger.domain.event_stories import event_story, shipments_of
from ledger.domain.findings import check_of, gathered
from ledger.domain.identifiers import ContentHash, Grams, LotId, PartyId
from ledger.domain.lot_history import LotHistory, grams_in
from ledger.domain.lot_telling import tell
from ledger.domain.pledge_facts import pledges_of
from ledger.domain.qualifiers import qualifiers_of
from ledger.domain.readings import Examined, Reading, attach
from ledger.domain.records import ChainFacts, LogPlace
from ledger.domain.sensors.belonging import Rank, RankOf
from ledger.domain.sensors.judging import STILL_HELD, Points, Way, climate_of
from ledger.domain.sensors.legs import leg_findings
from ledger.domain.story_values import (
    PRECEDENCE,
    Ancestor,
    Branch,
    Check,
    CheckName,
    EventStory,
    Finding,
    Judgement,
    Outcome,
    Verdict,
    worst,
)
from ledger.domain.trace import children_in, closure
from ledger.domain.typed_data import Domain

_OTHER_CONTRACT = Finding(
    CheckName.ANCHORED,
    "chain.other-contract",
    Verdict.UNKNOWN,
    "The node answers for another chain or contract than the one that these events are signed for.",
)


def judge(dossier: Dossier, facts: ChainFacts | None, *, single_operator: bool) -> Judgement:
    """
    Weighs the dossier against the chain's answers. `facts` None: the chain could not be asked. Answers of another chain
    or another contract than the one that the events are signed for count as none.
    """
    if facts is not None and not of_same_contract(facts, dossier.domain):
        judgement = judge(dossier, None, single_operator=single_operator)
        return replace(judgement, reasons=(_OTHER_CONTRACT, *judgement.reasons))
    family = _family(dossier, facts)
    rank_of = _ranking(family, dossier.places)
    case = _Case(
        checks={item.event.content_hash: _event_checks(item, dossier, facts) for item in family.readings},
        stated=[item for item in dossier.findings if item.event is None],
        custody=[finding for lot in family.lineage for finding in _custody(family.histories[lot], facts, rank_of)],
        recall=recall_findings(family.lineage, facts, lambda lot: family.histories[lot].parents),
        variances=variance_findings(family.histories[dossier.lot]),
    )
    own = family.histories[dossier.lot]
    branches = _with_climate(family, branches_of(own), case, rank_of)
    relevant = family.inherited | {item.event.content_hash for item in own.readings}
    checks = case.lot_checks(relevant)
    handoffs = [handoff for history in family.histories.values() for handoff in history.handoffs.values()]
    telling = [item for item in family.readings if item.event.content_hash in relevant]
    return Judgement(
        verdict=verdict_of(checks),
        reasons=reasons_of(checks),
        qualifiers=qualifiers_of(telling, handoffs, facts, branches, single_operator=single_operator),
        checks=checks,
        branches=tuple(_noticed(case.judged(branch, family.inherited), facts) for branch in branches),
        events=_events(family, case, facts, relevant, dossier.places),
        amounts=_amounts(own),
        ancestors=tuple(_ancestor(family, lot, distance, facts) for lot, distance in family.distances.items()),
        children=tuple(dict.fromkeys(child for item in own.readings for child in children_in(item.action, own.lot))),
        pledges=pledges_of(own.lot, own.readings, facts),
        certified=certified_share(own.lot, family.histories, facts),
    )


def of_same_contract(facts: ChainFacts, domain: Domain | None) -> bool:
    """Whether the contract that answered is the one that signatures are made for."""
    return domain is not None and (facts.chain_id, facts.ledger) == (domain.chain_id, domain.contract)


def verdict_of(checks: Sequence[Check]) -> Verdict:
    """The verdict that five checks make: that of their worst finding, but unknown if any of them could not be made."""
    return worst([finding.leads_to for check in checks for finding in check.findings])


def reasons_of(checks: Sequence[Check]) -> tuple[Finding, ...]:
    """The findings of all checks that did not pass, worst first; of the passed ones where all passed."""
    telling = [item for check in checks if check.outcome is not Outcome.PASSED for item in check.findings]
    telling = telling or [item for check in checks for item in check.findings]
    return tuple(sorted(telling, key=lambda item: PRECEDENCE.index(item.leads_to)))


@dataclass(frozen=True, slots=True)
class _Family:
    """A lot's and its ancestors' histories. `inherited`: the ancestors' events that lead into the lot."""

    histories: Mapping[LotId, LotHistory]
    distances: Mapping[LotId, int]
    lineage: tuple[LotId, ...]
    readings: tuple[Reading, ...]
    inherited: frozenset[ContentHash]


@dataclass(frozen=True, slots=True)
class _Case:
    """
    All that was found, to be narrowed down to the events of a branch. `variances`: open ones of the lot itself; those
    of an ancestor are about fruit that did not go into the lot. `excursions`: open ones by the holder of the branch.
    """

    checks: Mapping[ContentHash, tuple[Check, Check, Check]]
    stated: Sequence[Finding]
    custody: Sequence[Finding]
    recall: Sequence[Finding]
    variances: Sequence[Finding]
    excursions: dict[PartyId, list[Finding]] = field(default_factory=dict)

    def lot_checks(self, events: Set[ContentHash], holder: PartyId | None = None) -> tuple[Check, ...]:
        """
        The five checks over these events; findings about no event in particular always count. `holder`: only variances
        of what was sent to this party, and excursions on its branch, None: all.
        """
        chosen = [checks for event, checks in self.checks.items() if event in events]
        by_event = [
            gathered(name, [*(checks[index] for checks in chosen), *self._stated(name)])
            for index, name in enumerate((CheckName.CONTENT, CheckName.SIGNATURE, CheckName.ANCHORED))
        ]
        custody = [item for item in self.custody if item.event is None or item.event in events]
        custody += [item for item in self.variances if holder is None or item.parameters["receiver"] == holder]
        custody += [item for at, found in self.excursions.items() if holder in (None, at) for item in found]
        return (*by_event, check_of(CheckName.CUSTODY, _unique(custody)), check_of(CheckName.RECALL, self.recall))

    def _stated(self, name: CheckName) -> list[Check]:
        wrong = [item for item in self.stated if item.check is name]
        return [check_of(name, wrong)] if wrong else []

    def judged(self, branch: Branch, inherited: Set[ContentHash]) -> Branch:
        """The branch with its own verdict."""
        checks = self.lot_checks(inherited | set(branch.events), branch.holder)
        return replace(branch, verdict=verdict_of(checks), reasons=reasons_of(checks))


def _family(dossier: Dossier, facts: ChainFacts | None) -> _Family:
    attached: dict[int, Reading] = {}

    def reading_of(item: Examined) -> Reading:
        if id(item) not in attached:
            attached[id(item)] = attach(item, facts, dossier.places.get(item.event.content_hash))
        return attached[id(item)]

    histories: dict[LotId, LotHistory] = {}

    def history_of(lot: LotId) -> LotHistory:
        if lot not in histories:
            histories[lot] = tell(lot, map(reading_of, dossier.events.get(lot, ())))
        return histories[lot]

    history_of(dossier.lot)
    distances = closure(dossier.lot, lambda lot: history_of(lot).parents)
    for lot in distances:
        history_of(lot)
    readings = {id(item): item for history in histories.values() for item in history.readings}
    lineage = (dossier.lot, *distances)
    return _Family(
        histories,
        distances,
        lineage,
        tuple(sorted(readings.values(), key=lambda item: item.event.sequence)),
        frozenset(event for lot in lineage for event in _leading_into(histories, histories[lot])),
    )


def _custody(history: LotHistory, facts: ChainFacts | None, rank_of: RankOf) -> list[Finding]:
    """What is wrong with the custody of a lot, and with what its receipts say of the way."""
    return [*custody_findings(history, facts), *leg_findings(history, rank_of)]


def _with_climate(family: _Family, branches: Sequence[Branch], case: _Case, rank_of: RankOf) -> tuple[Branch, ...]:
    """The branches with what is told of temperature on them; open excursions go into the case."""
    found = []
    points, inherited = Points(rank_of), _inherited_ways(family, rank_of)
    for branch in branches:
        ways = [Way(family.histories[family.lineage[0]])]
        ways[0].add(branch.events, branch.path, branch.holder, STILL_HELD, rank_of)
        climate, excursions = climate_of([*ways, *inherited], points)
        case.excursions[branch.holder] = excursions
        found.append(replace(branch, climate=climate))
    return tuple(found)


def _inherited_ways(family: _Family, rank_of: RankOf) -> list[Way]:
    """How each ancestor came to where it was made into the next lot."""
    ways: dict[LotId, Way] = {}
    for lot in family.lineage:
        for birth in family.histories[lot].births:
            for parent in birth.parents:
                history = family.histories[parent]
                events = events_towards(history, birth.holder, leaving=birth.events)
                way = ways.setdefault(parent, Way(history))
                way.add(events, path_to(history, birth.holder), birth.holder, rank_of(birth.event), rank_of)
    return list(ways.values())


def _ranking(family: _Family, places: Mapping[ContentHash, LogPlace]) -> RankOf:
    """Events by their place in the log; those without one behind, by the order of recording."""
    ranks: dict[ContentHash, Rank] = {item.event.content_hash: (1, item.event.sequence) for item in family.readings}
    ranks |= {event: (0, place.proof.index) for event, place in places.items()}
    return lambda event: ranks[event]


def _event_checks(reading: Reading, dossier: Dossier, facts: ChainFacts | None) -> tuple[Check, Check, Check]:
    """The three checks of an event, with what the dossier has found already."""
    content, signature, anchored = event_checks(reading, facts)
    stated = [item for item in dossier.findings if item.event == reading.event.content_hash]
    return _with_stated(content, stated), _with_stated(signature, stated), _with_stated(anchored, stated)


def _with_stated(check: Check, stated: Sequence[Finding]) -> Check:
    wrong = [item for item in stated if item.check is check.name]
    if not wrong:
        return check
    before = () if check.outcome is Outcome.PASSED else check.findings
    return check_of(check.name, [*before, *wrong])


def _leading_into(histories: Mapping[LotId, LotHistory], child: LotHistory) -> set[ContentHash]:
    """The events of the child's parents that lead to the transformation which made it."""
    return {
        event
        for birth in child.births
        for parent in birth.parents
        for event in events_towards(histories[parent], birth.holder, leaving=birth.events)
    }


def _events(
    family: _Family,
    case: _Case,
    facts: ChainFacts | None,
    relevant: Set[ContentHash],
    places: Mapping[ContentHash, LogPlace],
) -> tuple[EventStory, ...]:
    shipments = shipments_of(family.readings)
    own = {item.event.content_hash for item in family.histories[family.lineage[0]].readings}
    corrected = {event: by for history in family.histories.values() for event, by in history.corrected.items()}
    return tuple(
        event_story(
            item,
            facts,
            case.checks[item.event.content_hash],
            shipments,
            of_lot=item.event.content_hash in own,
            relevant=item.event.content_hash in relevant,
            corrected_by=corrected.get(item.event.content_hash),
            place=places.get(item.event.content_hash),
        )
        for item in family.readings
    )


def _amounts(history: LotHistory) -> Amounts:
    amounts, handoffs = history.amounts, history.handoffs.values()
    return Amounts(
        born=Grams(sum(birth.grams for birth in history.births)),
        on_hand=Grams(sum(amounts.on_hand.values())),
        in_transit=Grams(sum(handoff.to_come for handoff in handoffs if handoff.returns is None)),
        sold=Grams(sum(amounts.sold.values())),
        destroyed=Grams(sum(amounts.destroyed.values())),
        used=Grams(sum(amounts.used.values())),
        returning=Grams(sum(handoff.to_come for handoff in handoffs if handoff.returns is not None)),
        missing=Grams(sum(handoff.missing for handoff in handoffs)),
        lost=Grams(sum(handoff.loss for handoff in handoffs)),
        weight_loss=Grams(sum(handoff.weight_loss for handoff in handoffs)),
    )


def _ancestor(family: _Family, lot: LotId, distance: int, facts: ChainFacts | None) -> Ancestor:
    # Several lots of the lineage may come from one transformation, which took its inputs once.
    made = {birth.event: birth.inputs for name in family.lineage for birth in family.histories[name].births}
    used = sum(grams_in(inputs, lot) for inputs in made.values())
    state = facts.lots.get(lot) if facts is not None else None
    recalled_by = state.recalled_by if state is not None and state.recalled_by else None
    inherited = state is not None and state.inherited
    return Ancestor(lot, None, distance, family.histories[lot].parents, Grams(used), recalled_by, inherited)


def _noticed(branch: Branch, facts: ChainFacts | None) -> Branch:
    """The branch with what the chain says of notices, which need not be among the events shown."""
    return replace(branch, path=tuple(_with_notice(handoff, facts) for handoff in branch.path))


def _with_notice(handoff: Handoff, facts: ChainFacts | None) -> Handoff:
    record = facts.consignments.get(handoff.consignment) if facts is not None else None
    if record is None or not record.notice_at or unannounced(record.state) is not unannounced(handoff.state):
        return handoff
    return replace(handoff, state=record.state, notice_at=record.notice_at)


def _unique(findings: Sequence[Finding]) -> list[Finding]:
    """One transformation with a gap is found once for each lot in it; it is told once."""
    seen: dict[tuple[str, ContentHash | None, LotId | None], Finding] = {}
    for item in findings:
        about = item.lot if item.event is None or item.code == "custody.more-than-held" else None
        seen.setdefault((item.code + str(item.parameters.get("holder", "")), item.event, about), item)
    return list(seen.values())
