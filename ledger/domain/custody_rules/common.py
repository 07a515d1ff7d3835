"""
What the rules of custody share: refusals, taking grams from a holder, comparing lines; no I/O.

Raises `Refused`: `field` is a JSON pointer into the action's JSON form, `rule` the contract's error name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ledger.domain.actions import Line
from ledger.domain.custody_state import NO_GRAMS, NOBODY, LedgerState, Lot, Place
from ledger.domain.errors import Refused, Violation
from ledger.domain.identifiers import Digest, Grams, LotId, PartyId
from ledger.domain.master_data import Role

MAX_GRAMS = 2**36 - 1
"""As many grams as a lot can have: 68,719 tonnes."""


def refuse(field: str, rule: str, value: object, message: str) -> Refused:
    """The refusal of one rule."""
    return Refused([Violation(field, rule, str(value), message)])


def moment(seconds: int) -> str:
    """A time in Unix seconds as a refusal names it; what no calendar has stays a number."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M UTC}"
    except (ValueError, OverflowError, OSError):
        return str(seconds)


def missing_role(path: str, party: PartyId, roles: int, needed: Role, message: str) -> Refused:
    """`RoleMissing`, with the roles by their names."""
    value = f"party {party:013d} has {_named(roles)}, needs {_named(needed)}"
    return refuse(path, "RoleMissing", value, message)


def _named(roles: int) -> str:
    return ", ".join(role.name or "" for role in Role if roles & role) or "no role"


def require_unused(state: LedgerState, digest: Digest) -> None:
    """`AlreadyUsed`: for actions that leave no other state to stop a replay."""
    if digest in state.used_digests:
        raise refuse("", "AlreadyUsed", digest.hex(), "the same signed action was recorded before")


def known_lot(state: LedgerState, lot: LotId, path: str) -> Lot:
    """The lot; `UnknownLot`."""
    known = state.lots.get(lot)
    if known is None:
        raise refuse(path, "UnknownLot", lot.hex(), "no such lot was ever made")
    return known


def require_light_enough(lot: LotId, grams: int, path: str) -> None:
    """`TooManyGrams`."""
    if grams > MAX_GRAMS:
        raise refuse(
            path, "TooManyGrams", f"lot {lot.hex()}, {grams} g", f"a lot has at most {MAX_GRAMS} grams (68,719 tonnes)"
        )


def require_not_recalled(lot_id: LotId, lot: Lot, path: str, message: str) -> None:
    """`LotRecalled`, by a recall of the lot itself."""
    if lot.recalled_by:
        raise refuse(path, "LotRecalled", f"{lot_id.hex()}, by {lot.recalled_by}", message)


def require_sound(state: LedgerState, lot_id: LotId, lot: Lot, path: str) -> None:
    """`LotRecalled`, by a recall of the lot or of one of its ancestors; the latter is our own rule."""
    require_not_recalled(lot_id, lot, path, "a recalled lot is only disposed of or shipped back to its issuer")
    ancestor = state.recalled_ancestors.get(lot_id)
    if ancestor is not None:
        raise refuse(
            path, "LotRecalled", f"{lot_id.hex()}, through its ancestor {ancestor.hex()}",
            "the lot was made from a recalled one; it is only disposed of or shipped back to its issuer",
        )  # fmt: skip


def pledged_now(state: LedgerState, place: Place, now: int) -> int:
    """Grams of what the party holds of the lot that are pledged at that time."""
    return sum(pledge.grams for pledge in state.pledges.get(place, ()) if pledge.until > now)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a holder gave: its balances less, and the lots as moved."""

    balances: dict[Place, int]
    lots: dict[LotId, Lot]


def take(
    state: LedgerState,
    lines: Sequence[Line],
    holder: PartyId,
    member: str,
    now: int,
    *,
    going_to: PartyId = NOBODY,
    recalled_may_go: bool = False,
) -> Taken:
    """Takes each line from the holder; a recalled lot moves only if it may go anyhow, or goes back to its issuer."""
    if not lines:
        raise refuse(f"/{member}", "NothingListed", "0 lines", "at least one lot has to be listed")
    taken = Taken({}, {})
    previous = bytes(32)
    for index, line in enumerate(lines):
        path = f"/{member}/{index}"
        if line.lot <= previous:
            raise refuse(
                f"{path}/lot", "NotAscending", f"{line.lot.hex()} after {previous.hex()}",
                "lots are listed in ascending order",
            )  # fmt: skip
        previous = line.lot
        if line.grams <= 0:
            raise refuse(f"{path}/grams", "ZeroGrams", f"lot {line.lot.hex()}", "at least one gram has to be listed")
        lot = known_lot(state, line.lot, f"{path}/lot")
        if not recalled_may_go and going_to != lot.issuer:
            require_sound(state, line.lot, lot, f"{path}/lot")
        require_free(state, (line.lot, holder), line.grams, f"{path}/grams", now)
        taken.balances[line.lot, holder] = -line.grams
        taken.lots[line.lot] = replace(lot, moved=True)
    return taken


def require_free(state: LedgerState, place: Place, grams: int, path: str, now: int) -> None:
    """`NotEnoughHeld`, `PledgedGrams`: the party holds that many grams of the lot, not pledged to anybody."""
    lot, holder = place
    held = state.balances.get(place, NO_GRAMS)
    if held < grams:
        raise refuse(
            path, "NotEnoughHeld", f"lot {lot.hex()}: {holder} holds {held} g, needs {grams} g",
            "the party does not hold that many grams of the lot",
        )  # fmt: skip
    pledged = pledged_now(state, place, now)
    if held - pledged < grams:
        raise pledged_grams(place, held, pledged, grams, path)


def pledged_grams(place: Place, held: int, pledged: int, needed: int, path: str) -> Refused:
    """The refusal `PledgedGrams`."""
    lot, holder = place
    return refuse(
        path, "PledgedGrams", f"lot {lot.hex()}: {holder} holds {held} g, {pledged} g pledged, needs {needed} g",
        "so many grams are pledged that the rest is not enough; the lender has to release them first",
    )  # fmt: skip


def require_same_lots(expected: Sequence[LotId], actual: Sequence[LotId], path: str) -> None:
    """`LotsDiffer`: the same lots in the same order, no more and no fewer."""
    none = LotId(bytes(32))
    for index in range(max(len(expected), len(actual))):
        wanted = expected[index] if index < len(expected) else none
        found = actual[index] if index < len(actual) else none
        if wanted != found or index >= len(expected) or index >= len(actual):
            raise refuse(
                f"{path}/{index}", "LotsDiffer", f"expected {wanted.hex()}, got {found.hex()}",
                "the lines have to name the same lots in the same order",
            )  # fmt: skip


def certified_in(state: LedgerState, inputs: Sequence[Line]) -> int:
    """How many of these grams come from certified plots: of each lot its share, rounded down."""
    total = 0
    for line in inputs:
        lot = state.lots[line.lot]
        if lot.grams:
            total += line.grams * lot.certified // lot.grams
    return total


def certified_share(certified: int, grams: int, grams_in: int) -> Grams:
    """An output's part of what is certified of the inputs, by weight; 0 where nothing went in."""
    return Grams(certified * grams // grams_in) if grams_in else NO_GRAMS


def require_balance(grams_in: int, grams_out: int, losses: int) -> None:
    """`MoreOutThanIn`, `Unbalanced`: what went in is what came out, with culls, process loss and remainder."""
    if grams_out > grams_in:
        raise refuse("/outputs", "MoreOutThanIn", f"in {grams_in} g, out {grams_out} g", "more comes out than went in")
    if grams_out + losses != grams_in:
        raise refuse(
            "/inputs", "Unbalanced", f"in {grams_in} g, accounted for {grams_out + losses} g",
            "the inputs have to be the outputs, culls, process loss and remainder together, to the gram",
        )  # fmt: skip


def lots_of(lines: Sequence[Line]) -> tuple[LotId, ...]:
    """The lots of the lines."""
    return tuple(line.lot for line in lines)
