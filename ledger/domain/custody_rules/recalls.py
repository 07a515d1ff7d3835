"""Recall and release of a lot, and how a recall reaches what was made from it; no I/O."""

from __future__ import annotations

from dataclasses import replace

from ledger.domain.actions import Recall, Release
from ledger.domain.custody_rules.common import known_lot, refuse, require_not_recalled
from ledger.domain.custody_state import NOBODY, LedgerState, StateChange
from ledger.domain.identifiers import Digest, LotId, PartyId
from ledger.domain.master_data import Role


def may_recall(party: PartyId, issuer: PartyId, roles: int) -> bool:
    """Whether the party, with those roles, recalls a lot of that issuer's."""
    return party == issuer or bool(roles & Role.REGULATOR)


def recall(state: LedgerState, action: Recall, digest: Digest) -> StateChange:
    """The issuer's or a regulator's recall; it takes the place of one that was carried here."""
    lot = known_lot(state, action.lot, "/lot")
    if not lot.inherited:
        require_not_recalled(action.lot, lot, "/lot", "the lot is recalled already")
    if not may_recall(action.issuer, lot.issuer, state.roles.get(action.issuer, 0)):
        raise refuse(
            "/issuer", "MayNotRecall", f"lot {action.lot.hex()}, party {action.issuer}",
            "only the lot's issuer or a regulator recalls it",
        )  # fmt: skip
    recalled = replace(lot, recalled_by=action.issuer, inherited=False)
    return StateChange(lots={action.lot: recalled}, entries=(action.lot,), used_digest=digest)


def release(state: LedgerState, action: Release, digest: Digest) -> StateChange:
    """Whoever recalled the lot takes it back; what was carried here ends with the recall of the parent."""
    lot = known_lot(state, action.lot, "/lot")
    if not lot.recalled_by:
        raise refuse("/lot", "NotRecalled", action.lot.hex(), "there is no recall to take back")
    if lot.inherited:
        raise refuse(
            "/lot", "RecallInherited", action.lot.hex(),
            "the recall is that of a lot which went into this one, and ends with it",
        )  # fmt: skip
    if lot.recalled_by != action.issuer:
        raise refuse(
            "/issuer", "NotTheRecaller", f"{action.issuer}, recalled by {lot.recalled_by}",
            "only whoever issued the recall takes it back",
        )  # fmt: skip
    # What was made from other lots is free once it is shown that none of them is recalled: see `propagate`.
    released = replace(lot, inherited=True) if lot.parents else replace(lot, recalled_by=NOBODY)
    return StateChange(lots={action.lot: released}, entries=(action.lot,), used_digest=digest)


def propagate(state: LedgerState, lot: LotId) -> StateChange:
    """
    Makes the lot's recall what those of its parents make it; the state has to hold the lot and its parents. It counts
    as no entry of the lot, since nobody signs it.
    """
    child = known_lot(state, lot, "/lot")
    if not child.parents:
        raise refuse("/lot", "WrongOrigin", lot.hex(), "the lot was not made from other lots")
    recallers = (parent.recalled_by for key in child.parents if (parent := state.lots.get(key)) is not None)
    recaller = next((party for party in recallers if party), NOBODY)
    stale = child.inherited and child.recalled_by != recaller
    if recaller and (not child.recalled_by or stale):
        return StateChange(lots={lot: replace(child, recalled_by=recaller, inherited=True)})
    if not recaller and child.inherited:
        return StateChange(lots={lot: replace(child, recalled_by=NOBODY, inherited=False)})
    raise refuse(
        "/lot", "NothingToPropagate", lot.hex(), "the lot's recall is already what those of its parents make it"
    )
