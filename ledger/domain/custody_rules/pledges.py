"""Grams of a lot as security for a loan; no I/O."""

from __future__ import annotations

from ledger.domain.actions import Pledge, PledgeRelease
from ledger.domain.custody_rules.common import known_lot, moment, refuse, require_free, require_not_recalled
from ledger.domain.custody_state import LedgerState, StateChange
from ledger.domain.custody_state import Pledge as Standing
from ledger.domain.identifiers import Digest

MAX_PLEDGES = 4
"""As many pledges stand at a time on what one party holds of a lot."""
LONGEST_TERM_SECONDS = 730 * 86_400


def pledge(state: LedgerState, action: Pledge, now: int, digest: Digest) -> StateChange:
    """The holder cannot move the grams before the term ends, unless the lender lets go of them."""
    if action.lender == action.holder:
        raise refuse("/lender", "SelfPledge", f"party {action.holder}", "a party does not lend to itself")
    lot = known_lot(state, action.lot, "/lot")
    if action.grams <= 0:
        raise refuse("/grams", "ZeroGrams", f"lot {action.lot.hex()}", "at least one gram has to be pledged")
    require_not_recalled(action.lot, lot, "/lot", "a recalled lot secures nothing")
    if not now < action.until <= now + LONGEST_TERM_SECONDS:
        raise refuse(
            "/until",
            "InvalidTerm",
            f"{moment(action.until)}, now {moment(now)}",
            "a pledge ends after now and within two years",
        )
    place = (action.lot, action.holder)
    require_free(state, place, action.grams, "/grams", now)
    standing = _standing(state, action, now)
    if len(standing) >= MAX_PLEDGES:
        raise refuse(
            "/lot", "TooManyPledges", f"lot {action.lot.hex()}, party {action.holder}",
            f"at most {MAX_PLEDGES} pledges stand on what one party holds of a lot",
        )  # fmt: skip
    new = Standing(action.lender, action.grams, action.until)
    return StateChange(pledges={place: (*standing, new)}, used_digest=digest)


def release_pledges(state: LedgerState, action: PledgeRelease, now: int, digest: Digest) -> StateChange:
    """The lender lets go of all that the holder pledged to it of the lot."""
    standing = _standing(state, action, now)
    others = tuple(pledge for pledge in standing if pledge.lender != action.lender)
    if len(others) == len(standing):
        raise refuse(
            "/lot", "NoPledge", f"lot {action.lot.hex()}: {action.holder} to {action.lender}",
            "nothing of that is pledged to that lender now",
        )  # fmt: skip
    return StateChange(pledges={(action.lot, action.holder): others}, used_digest=digest)


def _standing(state: LedgerState, action: Pledge | PledgeRelease, now: int) -> tuple[Standing, ...]:
    return tuple(one for one in state.pledges.get((action.lot, action.holder), ()) if one.until > now)
