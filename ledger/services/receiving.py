"""
What a dock needs to know: what is on its way to a party, and what became of a consignment that somebody received.

Whoever receives without a network composes the receipt on the device, so `expected` says everything that goes into one:
the lots still under way in the order of the manifest that is signed, the temperatures of the way as they are known now,
and which members this ledger wants sealed. Names of persons are shown to their own party only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger.domain import event_forms
from ledger.domain.actions import PartialReceipt, Receipt, Settlement, Shipment, Void, signer_of
from ledger.domain.binding import lines_of
from ledger.domain.digital_link import lot_of_class
from ledger.domain.epcis.names import bare_word
from ledger.domain.event_forms import Amount, Spot, When
from ledger.domain.event_reading import objects_in
from ledger.domain.identifiers import ConsignmentId, Grams, LotId, LotRef, PartyId, ProductId, consignment_id
from ledger.domain.own_members import NAMESPACE, own_member
from ledger.domain.records import ConsignmentState, JsonTree, RecordedEvent
from ledger.domain.sealing import KeptDisclosure, Policy
from ledger.domain.sealing.kept import read
from ledger.domain.sensors.legs import leg_line
from ledger.ports_receiving import Consignments, DockStore, NamedConsignment

MOST_EXPECTED = 500
"""Consignments that a device keeps."""
DETAILS = ("person", "paperSigner", "onPaper", "seal", "damage", "reason", "photos", "note")
"""Members of ours that a receipt made on a device may have beside its grams."""
ALWAYS_SEALED = ("person", "paperSigner")
"""Names of persons, whatever the operator's policy says."""
_LOT = LotRef(ProductId(9520000001001), "X")


@dataclass(frozen=True, slots=True)
class ExpectedLine:
    """Grams of a lot that are still under way, and the cases that the shipper stated for it."""

    lot: LotRef
    grams: Grams
    cases: int | None


@dataclass(frozen=True, slots=True)
class Expected:
    """
    A consignment on its way. `shipped_at`: the time of the shipment (or of the refusal that sent it back), as its event
    has it, "" where it is not known. `leg`: lines of `silkroot:leg`. `announced`: the shipper announced to void it.
    """

    id: ConsignmentId
    shipper: PartyId
    receiver: PartyId
    reference: str
    transaction_type: str
    lines: tuple[ExpectedLine, ...]
    shipped_at: str
    expected_at: str
    vehicle: str
    seal: str
    leg: tuple[JsonTree, ...]
    announced: bool


@dataclass(frozen=True, slots=True)
class Deed:
    """
    Something that ended or changed what is under way. `what`: "received", "received-in-part", "rejected", "settled" or
    "voided". `time` is the event's own; `person`: who did it, for their own party, else "". Grams in all lots.
    """

    what: str
    party: PartyId
    time: str
    recorded: str
    person: str
    on_paper: bool
    accepted: int = 0
    refused: int = 0
    to_come: int = 0
    short: int = 0


@dataclass(frozen=True, slots=True)
class Happened:
    """How a consignment stands, and what was recorded of it, in order."""

    consignment: NamedConsignment
    deeds: tuple[Deed, ...]


class Receiving:
    """May be called from any thread; `policy` is the one that the service seals by."""

    def __init__(self, store: DockStore, consignments: Consignments, policy: Policy) -> None:
        self._store = store
        self._consignments = consignments
        self._policy = policy

    def expected(self, party: PartyId) -> list[Expected]:
        """What is on its way to the party; at most `MOST_EXPECTED` consignments."""
        found = self._consignments.inbound(party, MOST_EXPECTED)
        names = self._store.lot_refs({line.lot for one in found for line in one.known.open_lines})
        events: dict[LotId, Sequence[RecordedEvent]] = {}
        return [self._expected(one, names, events) for one in found]

    def manifest(self, consignment: ConsignmentId, party: PartyId) -> Expected | None:
        """What is under way in a consignment of which the party is a side; None where there is none."""
        named = self._consignments.named(consignment)
        if named is None or party not in (named.known.shipper, named.known.receiver):
            return None
        names = self._store.lot_refs({line.lot for line in named.known.open_lines})
        return self._expected(named, names, {})

    def sealed_members(self, party: PartyId) -> list[str]:
        """Which of `DETAILS` this ledger wants sealed in a receipt of the party's."""
        extra = {f"silkroot:{name}": "" for name in DETAILS}
        specimen = event_forms.receiving(
            party, party, "urn:epcglobal:cbv:bt:9520000000011:1", [Amount(_LOT, Grams(1))],
            When("2026-01-01T00:00:00+08:00"), Spot(int(party)), extra=extra,
        )  # fmt: skip
        selection = self._policy.selection(specimen)
        taken = [name for name in DETAILS if selection.takes((NAMESPACE + name,))]
        return sorted({*taken, *ALWAYS_SEALED})

    def happened(self, consignment: ConsignmentId, party: PartyId) -> Happened | None:
        """What became of the consignment; None where there is none, or where the party is no side of it."""
        named = self._consignments.named(consignment)
        if named is None or party not in (named.known.shipper, named.known.receiver):
            return None
        lots = [line.lot for line in named.known.manifest]
        events = self._store.events_of_lot(lots[0]) if lots else []
        deeds = [event for event in events if _is_about(event, consignment)]
        own = {event.content_hash for event in deeds if signer_of(event.proof.action) == party}
        shown = self._store.disclosures_of(own)
        return Happened(named, tuple(_deed(event, shown.get(event.content_hash, ())) for event in deeds))

    def _expected(
        self,
        one: NamedConsignment,
        names: Mapping[LotId, LotRef],
        events: dict[LotId, Sequence[RecordedEvent]],
    ) -> Expected:
        known = one.known
        for line in known.open_lines:
            if line.lot not in events:
                events[line.lot] = self._store.events_of_lot(line.lot)
        opening = next(
            (event for line in known.open_lines for event in events[line.lot] if _opens(event, one.id)), None
        )
        body = opening.body if opening is not None else {}
        cases = _cases(body) if opening is not None and isinstance(opening.proof.action, Shipment) else {}
        lines = [ExpectedLine(names[line.lot], line.grams, cases.get(line.lot)) for line in known.open_lines]
        legs = (leg_line(line.lot, known.shipper, one.reference, events[line.lot.id]) for line in lines)
        return Expected(
            one.id, known.shipper, known.receiver, one.reference, _transaction_type(body, one.reference),
            tuple(lines), str(body.get("eventTime", "")), _text(body, "expectedArrival"), _text(body, "vehicle"),
            _text(body, "seal"), tuple(leg for leg in legs if leg is not None),
            known.state is ConsignmentState.VOID_ANNOUNCED,
        )  # fmt: skip


def _opens(event: RecordedEvent, consignment: ConsignmentId) -> bool:
    action = event.proof.action
    if isinstance(action, Shipment):
        return consignment_id(action.shipper, action.consignment_ref) == consignment
    if isinstance(action, PartialReceipt) and action.return_ref:
        return consignment_id(action.receiver, action.return_ref) == consignment
    return False


def _is_about(event: RecordedEvent, consignment: ConsignmentId) -> bool:
    action = event.proof.action
    return isinstance(action, Receipt | PartialReceipt | Settlement | Void) and action.consignment == consignment


def _deed(event: RecordedEvent, disclosures: Sequence[KeptDisclosure]) -> Deed:
    action, body = event.proof.action, event.body
    common = (signer_of(action), str(body.get("eventTime", "")), event.record_time.isoformat())
    person, on_paper = _person(disclosures), own_member(body, "onPaper") is not None
    if isinstance(action, PartialReceipt):
        short = sum(row.get("short", 0) for _, row in objects_in(*(own_member(body, "receipt") or ("", []))))
        accepted = sum(line.accepted for line in action.lines)
        refused, to_come = sum(line.refused for line in action.lines), sum(line.to_come for line in action.lines)
        what = "rejected" if refused and not accepted and not to_come else "received-in-part"
        return Deed(what, *common, person, on_paper, accepted, refused, to_come, short)
    if isinstance(action, Receipt):
        accepted = sum(line.grams for line in lines_of(body))
        return Deed("received", *common, person, on_paper, accepted)
    return Deed("settled" if isinstance(action, Settlement) else "voided", *common, person, on_paper)


def _person(disclosures: Sequence[KeptDisclosure]) -> str:
    """The name of who acted, where it was sealed and is still there."""
    for item in disclosures:
        shown = read(item) if item.place == "/silkroot:person" else None
        if shown is not None and isinstance(shown.value, dict):
            return str(shown.value.get("name", ""))
    return ""


def _cases(shipment: JsonTree) -> dict[LotId, int]:
    """Cases by lot, as the shipper stated them."""
    found: dict[LotId, int] = {}
    for _, row in objects_in(*(own_member(shipment, "cases") or ("", []))):
        lot, count = lot_of_class(str(row.get("epcClass", ""))), row.get("count")
        if lot is not None and type(count) is int:
            found[lot.id] = count
    return found


def _transaction_type(body: JsonTree, reference: str) -> str:
    """How the shipment calls its reference: a receipt has to call it the same."""
    for element in body.get("bizTransactionList", ()):
        kind = bare_word(str(element.get("type", "")))
        if element.get("bizTransaction") == reference and kind in ("desadv", "bol"):
            return kind
    return "desadv"


def _text(body: JsonTree, name: str) -> str:
    """A text member of ours; "" where it is absent or sealed."""
    found = own_member(body, name)
    return found[1] if found is not None and isinstance(found[1], str) else ""
