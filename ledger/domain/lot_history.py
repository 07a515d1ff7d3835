"""
One lot's custody as its signed structs tell it: births, handoffs, amounts, gaps; no I/O.

Events are taken in the order in which they were recorded, which is the order in which they were sent to the chain. An
entry that the contract refused moves nothing. What does not fit is a gap: a finding about that one event, which moves
nothing either. Amounts are net grams.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ledger.domain.actions import (
    Disposal,
    EntryKind,
    Harvest,
    Intake,
    Line,
    Receipt,
    Sale,
    Shipment,
    Statement,
    Transformation,
    signer_of,
)
from ledger.domain.findings import hexed
from ledger.domain.identifiers import ConsignmentId, ContentHash, Grams, LotId, PartyId, consignment_id, lot_id
from ledger.domain.readings import Reading
from ledger.domain.story_values import CheckName, Finding, Handoff, Parameter, Verdict
from ledger.domain.trace import parents_in
from ledger.domain.typed_data import manifest_hash


@dataclass(frozen=True, slots=True)
class Birth:
    """How the lot came into being."""

    holder: PartyId
    grams: Grams
    kind: EntryKind
    event: ContentHash
    parents: tuple[LotId, ...]


@dataclass(slots=True)
class Whereabouts:
    """Grams of the lot by holder; `transit` by consignment."""

    on_hand: dict[PartyId, int] = field(default_factory=dict)
    sold: dict[PartyId, int] = field(default_factory=dict)
    destroyed: dict[PartyId, int] = field(default_factory=dict)
    used: dict[PartyId, int] = field(default_factory=dict)
    transit: dict[ConsignmentId, int] = field(default_factory=dict)


@dataclass(slots=True)
class LotHistory:
    """
    What the events tell of the lot. `counted`: how many of them the contract counts for it. `gaps`: what does not fit.
    `signed_by`: parties' own retirements, uses and statements, by event.
    """

    lot: LotId
    readings: tuple[Reading, ...]
    births: list[Birth] = field(default_factory=list)
    handoffs: dict[ConsignmentId, Handoff] = field(default_factory=dict)
    manifests: dict[ConsignmentId, bytes] = field(default_factory=dict)
    amounts: Whereabouts = field(default_factory=Whereabouts)
    counted: int = 0
    gaps: list[Finding] = field(default_factory=list)

    @property
    def holders(self) -> tuple[PartyId, ...]:
        """Every party that ever had grams of the lot or was to have some, in order of appearance."""
        named = [birth.holder for birth in self.births]
        for handoff in self.handoffs.values():
            named += [handoff.shipper, handoff.receiver]
        return tuple(dict.fromkeys([*named, *self.amounts.on_hand]))

    @property
    def parents(self) -> tuple[LotId, ...]:
        """The lots that it was made from, ascending."""
        return tuple(sorted({parent for birth in self.births for parent in birth.parents}))


def tell(lot: LotId, readings: Iterable[Reading]) -> LotHistory:
    """Walks through the lot's events."""
    history = LotHistory(lot, tuple(readings))
    for reading in history.readings:
        if not reading.refused and not isinstance(reading.action, Statement):
            _take_in(history, reading)
    return history


def custody_readings(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Those that the contract would count: neither refused nor statements."""
    return tuple(item for item in readings if not item.refused and not isinstance(item.action, Statement))


def grams_in(lines: Iterable[Line], lot: LotId) -> int:
    """Grams of the lot in the lines; 0 where they do not name it."""
    return sum(line.grams for line in lines if line.lot == lot)


def _take_in(history: LotHistory, reading: Reading) -> None:
    action, lot, amounts = reading.action, history.lot, history.amounts
    event = reading.event.content_hash
    history.counted += 1
    match action:
        case Harvest() | Intake():
            if lot_id(action.product, action.lot_code) == lot:
                _bear(history, reading, action.grams)
        case Transformation():
            _transform(history, reading, action)
        case Shipment():
            grams = grams_in(action.manifest, lot)
            consignment = consignment_id(action.shipper, action.consignment_ref)
            if consignment in history.handoffs:
                _gap(history, reading, "custody.consignment-used", "The consignment was shipped before.")
                return
            history.handoffs[consignment] = Handoff(
                consignment, action.consignment_ref, action.shipper, action.receiver, Grams(grams), event, None
            )
            history.manifests[consignment] = manifest_hash(action.manifest)
            amounts.transit[consignment] = grams
            _withdraw(history, reading, action.shipper, grams)
        case Receipt():
            _receive(history, reading, action)
        case Sale() | Disposal():
            grams = grams_in(action.lines, lot)
            gone = amounts.sold if isinstance(action, Sale) else amounts.destroyed
            gone[action.holder] = gone.get(action.holder, 0) + grams
            _withdraw(history, reading, action.holder, grams)


def _bear(history: LotHistory, reading: Reading, grams: int) -> None:
    if history.births:
        _gap(history, reading, "custody.born-twice", "The lot was born before.")
        return
    holder = signer_of(reading.action)
    history.births.append(
        Birth(
            holder,
            Grams(grams),
            reading.action.KIND,
            reading.event.content_hash,
            parents_in(reading.action, history.lot),
        )
    )
    history.amounts.on_hand[holder] = history.amounts.on_hand.get(holder, 0) + grams


def _transform(history: LotHistory, reading: Reading, action: Transformation) -> None:
    lot = history.lot
    grams_out = sum(output.grams for output in action.outputs)
    grams_total = sum(line.grams for line in action.inputs)
    if grams_out > grams_total:
        _gap(
            history, reading, "custody.more-out-than-in",
            f"More came out ({grams_out} g) than went in ({grams_total} g).", grams_in=grams_total, grams_out=grams_out,
        )  # fmt: skip
    used = grams_in(action.inputs, lot)
    if used:
        history.amounts.used[action.packer] = history.amounts.used.get(action.packer, 0) + used
        _withdraw(history, reading, action.packer, used)
    for output in action.outputs:
        if lot_id(output.product, output.lot_code) == lot:
            _bear(history, reading, output.grams)


def _receive(history: LotHistory, reading: Reading, action: Receipt) -> None:
    handoff = history.handoffs.get(action.consignment)
    named = hexed(action.consignment)
    if handoff is None:
        _gap(
            history,
            reading,
            "custody.receipt-without-shipment",
            "No shipment is shown for this receipt.",
            consignment=named,
        )
    elif handoff.receiver != action.receiver:
        _gap(
            history, reading, "custody.receipt-by-another",
            f"Party {action.receiver} signed for a consignment to party {handoff.receiver}.",
            receiver=action.receiver, named=handoff.receiver,
        )  # fmt: skip
    elif history.manifests[action.consignment] != action.manifest_hash:
        _gap(
            history, reading, "custody.receipt-other-manifest", "The receiver signed for another manifest.",
            sent=hexed(history.manifests[action.consignment]), received=hexed(action.manifest_hash),
        )  # fmt: skip
    elif handoff.receipt is not None:
        _gap(history, reading, "custody.received-twice", "The consignment was received before.", consignment=named)
    else:
        history.handoffs[action.consignment] = Handoff(
            handoff.consignment, handoff.reference, handoff.shipper, handoff.receiver, handoff.grams,
            handoff.shipment, reading.event.content_hash,
        )  # fmt: skip
        grams = history.amounts.transit.pop(action.consignment)
        on_hand = history.amounts.on_hand
        on_hand[action.receiver] = on_hand.get(action.receiver, 0) + grams


def _withdraw(history: LotHistory, reading: Reading, holder: PartyId, grams: int) -> None:
    on_hand = history.amounts.on_hand
    held = on_hand.get(holder, 0)
    on_hand[holder] = held - grams
    if held < grams:
        _gap(
            history, reading, "custody.more-than-held", f"Party {holder} gave {grams} g, but held {held} g.",
            holder=holder, held=held, needed=grams,
        )  # fmt: skip


def _gap(history: LotHistory, reading: Reading, code: str, sentence: str, **parameters: Parameter) -> None:
    history.gaps.append(
        Finding(
            CheckName.CUSTODY,
            code,
            Verdict.SUSPECT,
            sentence,
            {"lot": hexed(history.lot), **parameters},
            reading.event.content_hash,
            history.lot,
        )
    )
