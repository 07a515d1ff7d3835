"""How the grams of a birth or of a transformation are corrected, while nothing of it has moved; no I/O."""

from __future__ import annotations

from dataclasses import replace

from ledger.domain.actions import BirthAmendment, Line, TransformationAmendment
from ledger.domain.custody_rules.births import yield_exceeded
from ledger.domain.custody_rules.common import (
    certified_in,
    certified_share,
    known_lot,
    lots_of,
    missing_role,
    pledged_grams,
    pledged_now,
    refuse,
    require_balance,
    require_free,
    require_light_enough,
    require_not_recalled,
    require_same_lots,
    require_sound,
)
from ledger.domain.custody_state import (
    NO_GRAMS,
    NO_ORIGIN,
    LedgerState,
    Lot,
    Origin,
    Place,
    Season,
    StateChange,
    Yield,
)
from ledger.domain.identifiers import Digest, Grams, LotId, PartyId, lot_id
from ledger.domain.master_data import Role
from ledger.domain.typed_data import origin_hash

_BIRTH_ROLES = Role.PRODUCER | Role.PACKER | Role.BUYER
_RECALLED = "a recalled lot is not amended; release it first"


def amend_birth(state: LedgerState, action: BirthAmendment, now: int, digest: Digest) -> StateChange:
    """A harvested or pooled lot gets other grams; 0 annuls it."""
    lot = known_lot(state, action.lot, "/lot")
    _require_issuer(action.lot, lot, action.party, "/party")
    if lot.origin_hash != NO_ORIGIN:
        raise refuse(
            "/lot", "WrongAmendment", action.lot.hex(), "a lot made from others is amended with its transformation"
        )
    require_not_recalled(action.lot, lot, "/lot", _RECALLED)
    _require_unmoved(action.lot, lot, "/lot")
    if lot.grams != action.was:
        raise refuse(
            "/was", "WrongAmount", f"lot {action.lot.hex()} has {lot.grams} g, stated {action.was} g",
            "the lot has other grams than those that the amendment replaces",
        )  # fmt: skip
    if action.grams > action.was:
        _require_birth_role(state, action.party, Role.PRODUCER if lot.yield_of is not None else _BIRTH_ROLES)
    require_light_enough(action.lot, action.grams, "/grams")
    _require_pledges_covered(state, (action.lot, action.party), lot, action.grams, "/grams", now)
    yields = _count_anew(state, lot, action)
    certified = action.grams if lot.yield_of is not None else NO_GRAMS
    return StateChange(
        balances={(action.lot, action.party): action.grams - lot.grams},
        lots={action.lot: replace(lot, grams=action.grams, certified=certified)},
        entries=(action.lot,),
        used_digest=digest,
        yields=yields,
    )


def amend_transformation(
    state: LedgerState, action: TransformationAmendment, now: int, digest: Digest
) -> StateChange:  # fmt: skip
    """
    A transformation gets other grams. What its inputs gave too much goes back to the packer, what they gave too little
    is taken.
    """
    if not action.outputs:
        raise refuse("/outputs", "NothingListed", "0 outputs", "a transformation has at least one output")
    before = state.origins.get(action.origin_hash)
    if before is None:
        raise refuse(
            "/originHash", "WrongOrigin", action.origin_hash.hex(), "no transformation of that hash is known here"
        )
    outputs = {
        lot_id(output.product, output.lot_code): (f"/outputs/{index}", output.grams)
        for index, output in enumerate(action.outputs)
    }
    for lot, (path, _) in outputs.items():
        _require_output(state, action, lot, path)
    require_same_lots(lots_of(before.inputs), lots_of(action.inputs), "/inputs")
    made_before = tuple(lot_id(output.product, output.lot_code) for output in before.outputs)
    made = tuple(lot_id(output.product, output.lot_code) for output in action.outputs)
    require_same_lots(made_before, made, "/outputs")
    balances = _inputs_anew(state, action, before.inputs, now)
    grams_in = sum(line.grams for line in action.inputs)
    certified = certified_in(state, action.inputs)
    origin = origin_hash(action.inputs, action.outputs)
    lots: dict[LotId, Lot] = {}
    for lot, (path, grams) in outputs.items():
        known = state.lots[lot]
        require_light_enough(lot, grams, f"{path}/grams")
        _require_pledges_covered(state, (lot, action.packer), known, grams, f"{path}/grams", now)
        balances[lot, action.packer] = grams - known.grams
        share = certified_share(certified, grams, grams_in)
        lots[lot] = replace(known, grams=grams, certified=share, origin_hash=origin)
    losses = action.culls + action.process_loss + action.remainder
    require_balance(grams_in, sum(output.grams for output in action.outputs), losses)
    return StateChange(
        balances=balances,
        lots=lots,
        entries=(*lots_of(action.inputs), *made),
        used_digest=digest,
        origins={origin: Origin(action.inputs, action.outputs)},
    )


def _require_output(state: LedgerState, action: TransformationAmendment, lot_id: LotId, path: str) -> None:
    lot = known_lot(state, lot_id, path)
    _require_issuer(lot_id, lot, action.packer, "/packer")
    if lot.origin_hash != action.origin_hash:
        raise refuse(
            "/originHash", "WrongOrigin",
            f"lot {lot_id.hex()}: {lot.origin_hash.hex()}, stated {action.origin_hash.hex()}",
            "the lot comes from another transformation, or was amended meanwhile",
        )  # fmt: skip
    require_not_recalled(lot_id, lot, path, _RECALLED)
    _require_unmoved(lot_id, lot, path)


def _inputs_anew(
    state: LedgerState, action: TransformationAmendment, before: tuple[Line, ...], now: int
) -> dict[Place, int]:
    balances: dict[Place, int] = {}
    for index, (old, new) in enumerate(zip(before, action.inputs, strict=True)):
        path = f"/inputs/{index}"
        lot = known_lot(state, new.lot, path)
        require_not_recalled(new.lot, lot, path, _RECALLED)
        place = (new.lot, action.packer)
        if new.grams > old.grams:
            require_sound(state, new.lot, lot, path)
            require_free(state, place, new.grams - old.grams, f"{path}/grams", now)
        if new.grams != old.grams:
            balances[place] = old.grams - new.grams
    return balances


def _count_anew(state: LedgerState, lot: Lot, action: BirthAmendment) -> dict[Season, Yield]:
    if lot.yield_of is None:
        return {}
    known = state.yields[lot.yield_of]
    others = Grams(known.harvested - lot.grams)
    if others + action.grams > known.certified:
        raise yield_exceeded(known.certified, others, action.grams, "/grams")
    return {lot.yield_of: replace(known, harvested=Grams(others + action.grams))}


def _require_issuer(lot_id: LotId, lot: Lot, party: PartyId, path: str) -> None:
    if lot.issuer != party:
        raise refuse(
            path, "NotTheIssuer", f"lot {lot_id.hex()}: {party}, of {lot.issuer}",
            "only whoever brought the lot into being amends it",
        )  # fmt: skip


def _require_birth_role(state: LedgerState, party: PartyId, enough: Role) -> None:
    """More grams are a birth: who may bring none into being any more only lessens what it made."""
    roles = state.roles.get(party, 0)
    if not roles & enough:
        message = f"the party has none of the roles {enough.name}, so that it can only lessen the lot"
        raise missing_role("/party", party, roles, enough, message)


def _require_unmoved(lot_id: LotId, lot: Lot, path: str) -> None:
    if lot.moved:
        raise refuse(path, "LotMoved", lot_id.hex(), "some of the lot has moved: it can no longer be amended")


def _require_pledges_covered(state: LedgerState, place: Place, lot: Lot, grams: int, path: str, now: int) -> None:
    """Of a lot that has not moved its issuer holds all, as much as it weighs."""
    pledged = pledged_now(state, place, now)
    if pledged > grams:
        raise pledged_grams(place, lot.grams, pledged, lot.grams - grams, path)
