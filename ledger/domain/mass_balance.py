"""
Mass balances: what came in, what went out, what is left, and whether that adds up; no I/O.

Every accepted action posts grams of a lot to accounts of parties. For a party, what it made, received and got back,
less what it used, shipped, sold and destroyed, is what it has on hand. For a lot, what was made of it, less what was
used, sold, destroyed and settled as lost, lies with somebody, is under way or in dispute. The other side of the sum is
what the projection says, which was counted in another way; a difference is told, never hidden.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from ledger.domain.actions import (
    Action,
    BirthAmendment,
    Disposal,
    Harvest,
    Intake,
    PartialReceipt,
    Receipt,
    Sale,
    Settlement,
    Shipment,
    Transformation,
    TransformationAmendment,
    Void,
)
from ledger.domain.custody_state import Consignment, Origin
from ledger.domain.identifiers import ConsignmentId, ContentHash, LotId, PartyId, lot_id
from ledger.domain.records import ConsignmentState


class Account(StrEnum):
    """What grams are posted to."""

    MADE = "made"
    RECEIVED = "received"
    RETURNED = "returned"
    USED = "used"
    SHIPPED = "shipped"
    SOLD = "sold"
    DESTROYED = "destroyed"
    LOST = "lost"
    WEIGHT_LOSS = "weightLoss"
    CULLS = "culls"
    PROCESS_LOSS = "processLoss"
    REMAINDER = "remainder"


PARTY_IN = (Account.MADE, Account.RECEIVED, Account.RETURNED)
PARTY_OUT = (Account.USED, Account.SHIPPED, Account.SOLD, Account.DESTROYED)
LOT_OUT = (Account.USED, Account.SOLD, Account.DESTROYED, Account.LOST, Account.WEIGHT_LOSS)


@dataclass(frozen=True, slots=True)
class Posting:
    """So many grams; `lot` None for what left a transformation without being a lot."""

    account: Account
    party: PartyId
    lot: LotId | None
    grams: int


@dataclass(frozen=True, slots=True)
class MassBalance:
    """
    `opening` + `came_in` - `went_out` is `closing`; `counted` is what the projection has, where the period reaches to
    now, and else None. `aside`: what is worth knowing and in none of the sums.
    """

    opening: int
    came_in: dict[Account, int]
    went_out: dict[Account, int]
    counted: int | None
    aside: dict[str, int] = field(default_factory=dict)

    @property
    def closing(self) -> int:
        """What has to be there."""
        return self.opening + sum(self.came_in.values()) - sum(self.went_out.values())

    @property
    def difference(self) -> int:
        """How much more was counted than has to be there; 0: it adds up, or nothing was counted."""
        return 0 if self.counted is None else self.counted - self.closing


class Books:
    """Turns actions into postings. `sent` and `origin` give consignments and transformations as they stand now."""

    def __init__(
        self, sent: Callable[[ConsignmentId], Consignment | None], origin: Callable[[bytes], Origin | None]
    ) -> None:
        self._sent = sent
        self._origin = origin
        self._losses: dict[ContentHash, Counter[Account]] = {}

    def postings(self, action: Action) -> Iterator[Posting]:
        """What an accepted action posts; nothing for those that move no grams."""
        match action:
            case Harvest():
                lot = lot_id(action.product, action.lot_code)
                yield Posting(Account.MADE, action.producer, lot, action.grams)
            case Intake():
                lot = lot_id(action.product, action.lot_code)
                yield Posting(Account.MADE, action.buyer, lot, action.grams)
            case BirthAmendment():
                yield Posting(Account.MADE, action.party, action.lot, action.grams - action.was)
            case Transformation() | TransformationAmendment():
                yield from self._transformed(action)
            case Shipment():
                for line in action.manifest:
                    yield Posting(Account.SHIPPED, action.shipper, line.lot, line.grams)
            case Receipt():
                yield from self._ended(action.consignment, ConsignmentState.RECEIVED, Account.RECEIVED, action.receiver)
            case PartialReceipt():
                for stated in action.lines:
                    yield Posting(Account.RECEIVED, action.receiver, stated.lot, stated.accepted)
            case Void():
                yield from self._ended(action.consignment, ConsignmentState.VOIDED, Account.RETURNED, action.shipper)
            case Settlement():
                yield from self._settled(action)
            case Sale():
                for line in action.lines:
                    yield Posting(Account.SOLD, action.holder, line.lot, line.grams)
            case Disposal():
                for line in action.lines:
                    yield Posting(Account.DESTROYED, action.holder, line.lot, line.grams)
            case _:
                return

    def _ended(
        self, consignment: ConsignmentId, state: ConsignmentState, account: Account, party: PartyId
    ) -> Iterator[Posting]:
        sent = self._sent(consignment)
        if sent is not None and sent.state is state:
            # At its end a consignment keeps the lines that the last entry was about.
            for line in sent.open_lines:
                yield Posting(account, party, line.lot, line.grams)

    def _settled(self, action: Settlement) -> Iterator[Posting]:
        sent = self._sent(action.consignment)
        if sent is None:
            return
        for line in action.lines:
            yield Posting(Account.RETURNED, sent.shipper, line.lot, line.returned)
            yield Posting(Account.RECEIVED, sent.receiver, line.lot, line.received)
            yield Posting(Account.LOST, sent.shipper, line.lot, line.loss)
            yield Posting(Account.WEIGHT_LOSS, sent.shipper, line.lot, line.weight_loss)

    def _transformed(self, action: Transformation | TransformationAmendment) -> Iterator[Posting]:
        used = Counter({line.lot: int(line.grams) for line in action.inputs})
        made = Counter({lot_id(one.product, one.lot_code): int(one.grams) for one in action.outputs})
        losses = Counter(
            {
                Account.CULLS: int(action.culls),
                Account.PROCESS_LOSS: int(action.process_loss),
                Account.REMAINDER: int(action.remainder),
            }
        )
        self._losses[action.content_hash] = Counter(losses)
        if isinstance(action, TransformationAmendment):
            before = self._origin(action.origin_hash)
            if before is not None:
                used.subtract({line.lot: int(line.grams) for line in before.inputs})
                made.subtract({lot_id(one.product, one.lot_code): int(one.grams) for one in before.outputs})
            losses.subtract(self._losses.pop(action.corrects, Counter()))
        for account, lots in ((Account.USED, used), (Account.MADE, made)):
            for lot, grams in lots.items():
                yield Posting(account, action.packer, lot, grams)
        for account, grams in losses.items():
            yield Posting(account, action.packer, None, grams)
