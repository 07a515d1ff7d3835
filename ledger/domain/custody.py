"""
The rules of custody, pure: an action and the state it touches give the change it makes, or a refusal.

Mirrors `contracts/ProduceLedger.sol` and its libraries rule for rule, in the same order, and names each refusal like
the contract's error; the rules stand in `ledger.domain.custody_rules`, by subject. One rule is ours alone: a lot with a
recalled ancestor may not be moved either (`LotRecalled`); on chain a recall reaches the descendants only once somebody
carries it there. What a signature proves (keys, windows) is checked elsewhere. No I/O, no clock.

Raises `Refused`: `field` is a JSON pointer into the action's JSON form (see `ledger.domain.action_json`), `rule` the
contract's error name, `value` its values.
"""

from __future__ import annotations

from ledger.domain.actions import (
    Action,
    BirthAmendment,
    Disposal,
    EntryKind,
    Harvest,
    Intake,
    Notice,
    PartialReceipt,
    Pledge,
    PledgeRelease,
    PlotRegistration,
    Recall,
    Receipt,
    Release,
    Sale,
    Settlement,
    Shipment,
    Statement,
    Transformation,
    TransformationAmendment,
    Void,
    YieldCertificate,
    cosigner_of,
    signer_of,
)
from ledger.domain.custody_rules import amendments, births, handoffs, pledges, plots, recalls
from ledger.domain.custody_rules.common import lots_of, missing_role, refuse, require_unused, take
from ledger.domain.custody_rules.recalls import propagate
from ledger.domain.custody_state import (
    Consignment,
    LedgerState,
    Lot,
    NewLot,
    StateChange,
    Touched,
    touches,
)
from ledger.domain.identifiers import Digest, PartyId
from ledger.domain.master_data import Role
from ledger.domain.struct_types import members_of

__all__ = ["Consignment", "LedgerState", "Lot", "NewLot", "StateChange", "Touched", "apply", "propagate", "touches"]

ANY_ROLE = Role(0)
ROLES_NEEDED: dict[EntryKind, Role] = {
    EntryKind.HARVEST: Role.PRODUCER,
    EntryKind.INTAKE: Role.PRODUCER | Role.PACKER | Role.BUYER,
    EntryKind.TRANSFORMATION: Role.PACKER | Role.BUYER | Role.PRODUCER | Role.HUB,
    EntryKind.PLOT_REGISTRATION: Role.CERTIFIER,
    EntryKind.YIELD_CERTIFICATE: Role.CERTIFIER,
}
"""One of these roles is needed of the signer; a kind that is not here needs none in particular."""
COSIGNER_ROLES_NEEDED: dict[EntryKind, Role] = {EntryKind.PLEDGE: Role.LENDER}
"""The same of the second party that signs."""


def apply(state: LedgerState, action: Action, *, now: int, digest: Digest) -> StateChange:
    """
    What the action changes. `now` in Unix seconds stands for the block's time; `digest` is what the party signed.

    The state has to hold all that `touches(action)` names. Nothing is changed in place.
    """
    if now > action.deadline:
        raise refuse("/deadline", "DeadlinePassed", f"{action.deadline} < {now}", "the action was signed too long ago")
    signing, cosigning = members_of(type(action))[:2]
    _require_role(state, signer_of(action), ROLES_NEEDED.get(action.KIND, ANY_ROLE), f"/{signing.name}")
    if (cosigner := cosigner_of(action)) is not None:
        needed = COSIGNER_ROLES_NEEDED.get(action.KIND, ANY_ROLE)
        _require_role(state, cosigner, needed, f"/{cosigning.name}")
    if isinstance(action, _USED_ONCE):
        require_unused(state, digest)
    return _apply(state, action, now, digest)


_USED_ONCE = (
    Sale, Disposal, Recall, Release, Statement, Notice, BirthAmendment, TransformationAmendment, Pledge, PledgeRelease,
)  # fmt: skip
"""Actions that leave no state of their own to stop a replay, so that the digest has to."""


def _apply(state: LedgerState, action: Action, now: int, digest: Digest) -> StateChange:
    match action:
        case Statement():  # the most frequent by far
            return StateChange(used_digest=digest)
        case Harvest():
            return births.harvest(state, action)
        case Intake():
            return births.take_in(state, action)
        case Transformation():
            return births.transform(state, action, now)
        case Shipment():
            return handoffs.ship(state, action, now)
        case Receipt():
            return handoffs.receive(state, action)
        case PartialReceipt():
            return handoffs.receive_partly(state, action)
        case Settlement():
            return handoffs.settle(state, action, now)
        case Notice():
            return handoffs.give_notice(state, action, now, digest)
        case Void():
            return handoffs.void(state, action, now)
        case Sale() | Disposal():
            return _retire(state, action, now, digest)
        case Recall():
            return recalls.recall(state, action, digest)
        case Release():
            return recalls.release(state, action, digest)
        case PlotRegistration():
            return plots.register_plot(state, action)
        case YieldCertificate():
            return plots.certify_yield(state, action)
        case BirthAmendment():
            return amendments.amend_birth(state, action, now, digest)
        case TransformationAmendment():
            return amendments.amend_transformation(state, action, now, digest)
        case Pledge():
            return pledges.pledge(state, action, now, digest)
        case PledgeRelease():
            return pledges.release_pledges(state, action, now, digest)


def _retire(state: LedgerState, action: Sale | Disposal, now: int, digest: Digest) -> StateChange:
    """Grams leave the ledger; a recalled lot only to destruction."""
    taken = take(state, action.lines, action.holder, "lines", now, recalled_may_go=isinstance(action, Disposal))
    return StateChange(
        balances=taken.balances, lots=taken.lots, entries=lots_of(action.lines), used_digest=digest
    )  # fmt: skip


def _require_role(state: LedgerState, party: PartyId, needed: Role, path: str) -> None:
    roles = state.roles.get(party, 0)
    if not roles:
        raise refuse(path, "UnknownParty", party, "no such party is admitted")
    if needed and not roles & needed:
        raise missing_role(path, party, roles, needed, f"the party has none of the roles {needed.name}")
