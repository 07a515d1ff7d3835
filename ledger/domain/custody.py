"""
The rules of custody, pure: an action and the state it touches give the change it makes, or a refusal.

Mirrors `contracts/ProduceLedger.sol` rule for rule, in the same order, and names each refusal like the contract's
error. One rule is ours alone: a lot with a recalled ancestor may not be moved either (`LotRecalled`); on chain a
recall reaches the descendants only once somebody carries it there. What a signature proves (keys, windows) is checked
elsewhere. No I/O, no clock.

Raises `Refused`: `field` is a JSON pointer into the action's JSON form (see `ledger.domain.action_json`), `rule` the
contract's error name, `value` its values.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.domain.actions import (
    Action,
    Disposal,
    EntryKind,
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
    signer_of,
)
from ledger.domain.custody_state import (
    NOBODY,
    Consignment,
    LedgerState,
    Lot,
    NewLot,
    StateChange,
    Touched,
    touches,
)
from ledger.domain.errors import Refused, Violation
from ledger.domain.identifiers import CHARACTER_SET_82, Digest, Grams, LotId, LotRef, PartyId, consignment_id, lot_id
from ledger.domain.master_data import Role
from ledger.domain.records import ConsignmentState
from ledger.domain.struct_types import members_of
from ledger.domain.typed_data import manifest_hash

__all__ = ["Consignment", "LedgerState", "Lot", "NewLot", "StateChange", "Touched", "apply", "touches"]

ANY_ROLE = Role(0)
ROLES_NEEDED: dict[EntryKind, Role] = {
    EntryKind.HARVEST: Role.PRODUCER,
    EntryKind.INTAKE: Role.PRODUCER | Role.PACKER | Role.BUYER,
    EntryKind.TRANSFORMATION: Role.PACKER | Role.BUYER | Role.PRODUCER | Role.HUB,
}
"""One of these roles is needed; a kind that is not here needs none in particular."""


def apply(state: LedgerState, action: Action, *, now: int, digest: Digest) -> StateChange:
    """
    What the action changes. `now` in Unix seconds stands for the block's time; `digest` is what the party signed.

    The state has to hold all that `touches(action)` names. Nothing is changed in place.
    """
    if now > action.deadline:
        raise _refuse("/deadline", "DeadlinePassed", f"{action.deadline} < {now}", "the action was signed too long ago")
    _require_role(state, action)
    match action:
        case Harvest() | Intake():
            return _birth(state, action)
        case Transformation():
            return _transform(state, action)
        case Shipment():
            return _ship(state, action)
        case Receipt():
            return _receive(state, action)
        case Sale() | Disposal():
            _require_unused(state, digest)
            balances = _take(state, action.lines, action.holder, "lines", recalled_may_go=isinstance(action, Disposal))
            return StateChange(balances=balances, entries=_lots(action.lines), used_digest=digest)
        case Recall():
            _require_unused(state, digest)
            return _recall(state, action, digest)
        case Release():
            _require_unused(state, digest)
            return _release(state, action, digest)
        case Statement():
            _require_unused(state, digest)
            return StateChange(used_digest=digest)


def _require_role(state: LedgerState, action: Action) -> None:
    party = signer_of(action)
    roles = state.roles.get(party, 0)
    if not roles:
        raise _refuse(_signer_field(action), "UnknownParty", party, "no such party is admitted")
    needed = ROLES_NEEDED.get(action.KIND, ANY_ROLE)
    if needed and not roles & needed:
        raise _refuse(
            _signer_field(action), "RoleMissing", f"party {party} has roles {int(roles)}, needs one of {int(needed)}",
            f"the party has none of the roles {needed.name}",
        )  # fmt: skip


def _require_unused(state: LedgerState, digest: Digest) -> None:
    if digest in state.used_digests:
        raise _refuse("", "AlreadyUsed", digest.hex(), "the same signed action was recorded before")


def _birth(state: LedgerState, action: Harvest | Intake) -> StateChange:
    party = signer_of(action)
    new = _new_lot(state, party, Output(action.product, action.lot_code, action.grams), "", ())
    return StateChange(births=(new,), balances={(new.id, party): new.lot.grams})


def _new_lot(state: LedgerState, party: PartyId, output: Output, path: str, parents: tuple[LotId, ...]) -> NewLot:
    if not CHARACTER_SET_82.match(output.lot_code):
        raise _refuse(
            f"{path}/lotCode", "InvalidLotCode", output.lot_code, "1 to 20 characters of GS1 character set 82"
        )
    lot = lot_id(output.product, output.lot_code)
    if output.grams <= 0:
        raise _refuse(f"{path}/grams", "ZeroGrams", f"lot {lot.hex()}", "a lot has at least one gram")
    if (output.product, party) not in state.product_users:
        raise _refuse(
            f"{path}/product", "ProductNotAllowed", f"product {output.product}, party {party}",
            "the product is not the party's, nor has its owner permitted the party",
        )  # fmt: skip
    if lot in state.lots:
        raise _refuse(f"{path}/lotCode", "LotExists", f"lot {lot.hex()}", "a lot is born once")
    return NewLot(lot, LotRef(output.product, output.lot_code), Lot(party, output.grams, 1, NOBODY, parents))


def _transform(state: LedgerState, action: Transformation) -> StateChange:
    balances = dict(_take(state, action.inputs, action.packer, "inputs"))
    if not action.outputs:
        raise _refuse("/outputs", "NothingListed", "0 outputs", "a transformation has at least one output")
    parents = _lots(action.inputs)
    births: dict[LotId, NewLot] = {}
    for index, output in enumerate(action.outputs):
        new = _new_lot(state, action.packer, output, f"/outputs/{index}", parents)
        if new.id in births:
            raise _refuse(f"/outputs/{index}/lotCode", "LotExists", f"lot {new.id.hex()}", "a lot is born once")
        births[new.id] = new
        balances[new.id, action.packer] = output.grams
    grams_in = sum(line.grams for line in action.inputs)
    grams_out = sum(output.grams for output in action.outputs)
    if grams_out > grams_in:
        raise _refuse("/outputs", "MoreOutThanIn", f"in {grams_in}, out {grams_out}", "more comes out than went in")
    return StateChange(births=tuple(births.values()), balances=balances, entries=parents)


def _ship(state: LedgerState, action: Shipment) -> StateChange:
    if action.receiver == action.shipper:
        raise _refuse("/receiver", "SelfShipment", f"party {action.shipper}", "a party does not ship to itself")
    if not state.roles.get(action.receiver, 0):
        raise _refuse("/receiver", "UnknownReceiver", f"party {action.receiver}", "no such party is admitted")
    consignment = consignment_id(action.shipper, action.consignment_ref)
    if consignment in state.consignments:
        raise _refuse(
            "/consignmentRef", "ConsignmentUsed", action.consignment_ref, "the shipper used this reference before"
        )
    balances = _take(state, action.manifest, action.shipper, "manifest", going_to=action.receiver)
    sent = Consignment(action.shipper, action.receiver, ConsignmentState.IN_TRANSIT, action.manifest)
    return StateChange(balances=balances, consignments={consignment: sent}, entries=_lots(action.manifest))


def _receive(state: LedgerState, action: Receipt) -> StateChange:
    sent = state.consignments.get(action.consignment)
    if sent is None or sent.state is not ConsignmentState.IN_TRANSIT:
        where = ConsignmentState.NONE if sent is None else sent.state
        raise _refuse(
            "/consignment", "NotInTransit", f"{action.consignment.hex()} is {where.name}",
            "nothing is under way under that reference",
        )  # fmt: skip
    if sent.receiver != action.receiver:
        raise _refuse(
            "/receiver", "NotTheReceiver", f"{action.receiver}, named {sent.receiver}",
            "only the receiver that the shipper named may receive",
        )  # fmt: skip
    expected = manifest_hash(sent.manifest)
    if expected != action.manifest_hash:
        raise _refuse(
            "/manifestHash", "WrongManifest", f"expected {expected.hex()}, got {action.manifest_hash.hex()}",
            "what was received is not what was shipped",
        )  # fmt: skip
    received = Consignment(sent.shipper, sent.receiver, ConsignmentState.RECEIVED, sent.manifest)
    return StateChange(
        balances={(line.lot, action.receiver): line.grams for line in sent.manifest},
        consignments={action.consignment: received},
        entries=_lots(sent.manifest),
    )


def _recall(state: LedgerState, action: Recall, digest: Digest) -> StateChange:
    lot = _known(state, action.lot, "/lot")
    if lot.recalled_by:
        raise _refuse("/lot", "LotRecalled", f"{action.lot.hex()}, by {lot.recalled_by}", "the lot is recalled already")
    if action.issuer != lot.issuer and not state.roles.get(action.issuer, 0) & Role.REGULATOR:
        raise _refuse(
            "/issuer", "MayNotRecall", f"lot {action.lot.hex()}, party {action.issuer}",
            "only the lot's issuer or a regulator recalls it",
        )  # fmt: skip
    return StateChange(recalls={action.lot: action.issuer}, entries=(action.lot,), used_digest=digest)


def _release(state: LedgerState, action: Release, digest: Digest) -> StateChange:
    lot = _known(state, action.lot, "/lot")
    if not lot.recalled_by:
        raise _refuse("/lot", "NotRecalled", action.lot.hex(), "there is no recall to take back")
    if lot.recalled_by != action.issuer:
        raise _refuse(
            "/issuer", "NotTheRecaller", f"{action.issuer}, recalled by {lot.recalled_by}",
            "only whoever issued the recall takes it back",
        )  # fmt: skip
    return StateChange(recalls={action.lot: NOBODY}, entries=(action.lot,), used_digest=digest)


def _take(
    state: LedgerState,
    lines: Sequence[Line],
    holder: PartyId,
    member: str,
    *,
    going_to: PartyId = NOBODY,
    recalled_may_go: bool = False,
) -> dict[tuple[LotId, PartyId], int]:
    """Takes each line from the holder; a recalled lot moves only if it may go anyhow, or goes back to its issuer."""
    if not lines:
        raise _refuse(f"/{member}", "NothingListed", "0 lines", "at least one lot has to be listed")
    taken: dict[tuple[LotId, PartyId], int] = {}
    previous = bytes(32)
    for index, line in enumerate(lines):
        path = f"/{member}/{index}"
        if line.lot <= previous:
            raise _refuse(
                f"{path}/lot", "NotAscending", f"{line.lot.hex()} after {previous.hex()}",
                "lots are listed in ascending order",
            )  # fmt: skip
        previous = line.lot
        if line.grams <= 0:
            raise _refuse(f"{path}/grams", "ZeroGrams", f"lot {line.lot.hex()}", "at least one gram has to be listed")
        lot = _known(state, line.lot, f"{path}/lot")
        if not recalled_may_go and going_to != lot.issuer:
            _require_sound(state, line.lot, lot, f"{path}/lot")
        held = state.balances.get((line.lot, holder), Grams(0))
        if held < line.grams:
            raise _refuse(
                f"{path}/grams", "NotEnoughHeld", f"lot {line.lot.hex()}: {holder} holds {held}, needs {line.grams}",
                "the party does not hold that many grams of the lot",
            )  # fmt: skip
        taken[line.lot, holder] = -line.grams
    return taken


def _known(state: LedgerState, lot: LotId, path: str) -> Lot:
    known = state.lots.get(lot)
    if known is None:
        raise _refuse(path, "UnknownLot", lot.hex(), "no such lot was ever made")
    return known


def _require_sound(state: LedgerState, lot_id: LotId, lot: Lot, path: str) -> None:
    if lot.recalled_by:
        raise _refuse(
            path, "LotRecalled", f"{lot_id.hex()}, by {lot.recalled_by}",
            "a recalled lot is only disposed of or shipped back to its issuer",
        )  # fmt: skip
    ancestor = state.recalled_ancestors.get(lot_id)
    if ancestor is not None:
        raise _refuse(
            path, "LotRecalled", f"{lot_id.hex()}, through its ancestor {ancestor.hex()}",
            "the lot was made from a recalled one; it is only disposed of or shipped back to its issuer",
        )  # fmt: skip


def _lots(lines: Sequence[Line]) -> tuple[LotId, ...]:
    return tuple(line.lot for line in lines)


def _signer_field(action: Action) -> str:
    return f"/{members_of(type(action))[0].name}"


def _refuse(field: str, rule: str, value: object, message: str) -> Refused:
    return Refused([Violation(field, rule, str(value), message)])
