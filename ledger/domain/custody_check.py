"""
The two checks of a lot and its ancestors: custody and recall; no I/O.

Custody holds the signed structs of a lot's events against each other and against the contract's own account of the lot:
its count of entries, grams at birth, balances, consignments, and the hash of its parents. What does not fit among the
events is a gap, and makes the lot suspect; an account that is not the chain's is a failed check, unverified.
Source: DESIGN.md section 2, checks 4 and 5. Nothing raises; what is wrong is a `Finding`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from eth_hash.auto import keccak

from ledger.domain.findings import hexed, not_asked
from ledger.domain.identifiers import ConsignmentId, LotId, PartyId
from ledger.domain.lot_history import LotHistory, custody_readings, tell
from ledger.domain.readings import Reading
from ledger.domain.records import ChainFacts, ConsignmentRecord, ConsignmentState, EntryState, LotState
from ledger.domain.story_values import CheckName, Finding, Handoff, Parameter, Verdict

KEPT_HASH_BYTES = 23
"""The contract keeps so many first bytes of a manifest's hash, so that a consignment fits one storage slot."""


def custody_findings(history: LotHistory, facts: ChainFacts | None) -> list[Finding]:
    """What is wrong with the custody of one lot; nothing if it is whole."""
    lot = history.lot
    if facts is None or lot not in facts.lots:
        return [*history.gaps, replace(not_asked(CheckName.CUSTODY), lot=lot)]
    state = facts.lots[lot]
    counted = tell(lot, _counted(history.readings, state.entries))
    findings = list(history.gaps)
    if not history.births:
        findings.append(
            _finding(lot, "custody.no-birth", "Nothing shows how the lot came into being.", Verdict.SUSPECT)
        )
    if counted.counted != state.entries:
        findings.append(
            _finding(
                lot,
                "custody.count",
                f"The chain counted {state.entries} entries for the lot, {counted.counted} are shown.",
                chain=state.entries,
                shown=counted.counted,
            )
        )
    if state.issuer == 0:
        if counted.counted == 0 and history.births:
            findings.append(_finding(lot, "custody.waiting", "The lot is not on the chain yet.", Verdict.PENDING))
        return findings
    findings += _birth_findings(counted, state)
    findings += _balance_findings(counted, facts)
    findings += _consignment_findings(counted, facts)
    return findings


def recall_findings(lots: Sequence[LotId], facts: ChainFacts | None) -> list[Finding]:
    """Which of the lots (the lot itself first, then its ancestors) are recalled on chain."""
    findings = []
    for index, lot in enumerate(lots):
        state = facts.lots.get(lot) if facts is not None else None
        if state is None:
            findings.append(replace(not_asked(CheckName.RECALL), lot=lot))
        elif state.recalled_by:
            whose = "The lot is recalled" if index == 0 else "A lot that went into this one is recalled"
            findings.append(
                Finding(
                    CheckName.RECALL,
                    "recall.lot" if index == 0 else "recall.ancestor",
                    Verdict.RECALLED,
                    f"{whose} by party {state.recalled_by}.",
                    {"lot": hexed(lot), "party": state.recalled_by},
                    lot=lot,
                )
            )
    return findings


def parents_hash(parents: Sequence[LotId]) -> bytes:
    """
    keccak256(abi.encode(bytes32[] parents)), 32 bytes, as `IProduceLedger.LotState.parentsHash`; zeros for no parents.

    Source: Solidity ABI specification, "Formal Specification of the Encoding": offset, length, items.
    """
    if not parents:
        return bytes(32)
    return keccak((32).to_bytes(32, "big") + len(parents).to_bytes(32, "big") + b"".join(parents))


def _counted(readings: Sequence[Reading], entries: int) -> tuple[Reading, ...]:
    """
    The events that the chain's account of the lot can be held against: those with an entry on it.

    An event that was confirmed once and has no entry now fails `anchored`. Whether the chain forgot it or it was never
    there, the count tells: it is included only if the chain's count does.
    """
    custody = custody_readings(readings)
    on_chain = tuple(item for item in custody if item.entry is not None)
    claimed = tuple(item for item in custody if item.entry is not None or item.event.state is EntryState.CONFIRMED)
    return claimed if len(on_chain) != entries and len(claimed) == entries else on_chain


def _birth_findings(counted: LotHistory, state: LotState) -> list[Finding]:
    lot, findings = counted.lot, []
    for birth in counted.births:
        if birth.holder != state.issuer:
            findings.append(
                _finding(
                    lot,
                    "custody.issuer",
                    f"By its events the lot comes from party {birth.holder}, by the chain from party {state.issuer}.",
                    chain=state.issuer,
                    shown=birth.holder,
                )
            )
        if birth.grams != state.grams:
            findings.append(
                _finding(
                    lot,
                    "custody.grams",
                    f"By its events the lot was born with {birth.grams} g, by the chain with {state.grams} g.",
                    chain=state.grams,
                    shown=birth.grams,
                )
            )
        if parents_hash(birth.parents) != state.parents_hash:
            findings.append(
                _finding(
                    lot,
                    "custody.parents",
                    "The lots shown to have gone into this one are not those that the chain has a hash of.",
                    chain=hexed(state.parents_hash),
                    shown=hexed(parents_hash(birth.parents)),
                )
            )
    return findings


def _balance_findings(counted: LotHistory, facts: ChainFacts) -> list[Finding]:
    lot, findings = counted.lot, []
    for holder in counted.holders:
        shown = counted.amounts.on_hand.get(holder, 0)
        if (lot, holder) not in facts.balances:
            findings.append(replace(not_asked(CheckName.CUSTODY), lot=lot))
        elif facts.balances[lot, holder] != shown:
            chain = facts.balances[lot, holder]
            findings.append(
                _finding(
                    lot,
                    "custody.balance",
                    f"By its events party {holder} holds {shown} g, by the chain {chain} g.",
                    holder=holder,
                    chain=chain,
                    shown=shown,
                )
            )
    return findings


def _consignment_findings(counted: LotHistory, facts: ChainFacts) -> list[Finding]:
    findings = []
    for handoff in counted.handoffs.values():
        record = facts.consignments.get(handoff.consignment)
        if record is None:
            findings.append(replace(not_asked(CheckName.CUSTODY), lot=counted.lot))
            continue
        problem = _consignment_problem(handoff, counted.manifests, record)
        if problem:
            code, sentence = problem
            findings.append(_finding(counted.lot, code, sentence, consignment=hexed(handoff.consignment)))
    return findings


def _consignment_problem(
    handoff: Handoff, manifests: Mapping[ConsignmentId, bytes], record: ConsignmentRecord
) -> tuple[str, str] | None:
    sides: tuple[PartyId, PartyId] = (record.shipper, record.receiver)
    if (
        sides != (handoff.shipper, handoff.receiver)
        or record.manifest_hash != manifests[handoff.consignment][:KEPT_HASH_BYTES]
    ):
        return "custody.consignment", "The chain has another consignment under this reference."
    if record.state is ConsignmentState.RECEIVED and handoff.receipt is None:
        return "custody.receipt-hidden", "By the chain the consignment was received, but no receipt is shown."
    if record.state is not ConsignmentState.RECEIVED and handoff.receipt is not None:
        return "custody.receipt-not-on-chain", "A receipt is shown for a consignment that by the chain is under way."
    return None


def _finding(
    lot: LotId,
    code: str,
    sentence: str,
    verdict: Verdict = Verdict.UNVERIFIED,
    **parameters: Parameter,
) -> Finding:
    # An account that is not the chain's concerns every branch: nobody can tell on which one the missing event lies.
    return Finding(CheckName.CUSTODY, code, verdict, sentence, {"lot": hexed(lot), **parameters}, lot=lot)
