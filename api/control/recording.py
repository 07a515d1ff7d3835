"""
Operations that record one event: harvest, pack, ship, receive, sell, dispose, recall, release.

Each builds the EPCIS event in the ledger's form and captures it for the party that acts; the ledger's rules then say
yes or no. Amounts are net grams; `at` is ISO 8601 with an offset.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from api.control.lot_text import lot_of_text, new_lot_of_text, party_of_text, spot_of_text
from api.control.protocol import Params, ProgressCallback, Result
from ledger.domain import event_forms
from ledger.domain.errors import InvalidInput, NotFound
from ledger.domain.event_forms import Amount, When
from ledger.domain.identifiers import Grams, LotId, LotRef, PartyId, consignment_id
from ledger.domain.records import JsonTree
from ledger.wiring import Ledger

Builder = Callable[[Ledger, PartyId, When, Params], JsonTree]


def _harvest(ledger: Ledger, party: PartyId, when: When, params: Params) -> JsonTree:
    amount = Amount(new_lot_of_text(params["lot"]), Grams(params["grams"]))
    return event_forms.harvest(party, amount, when, spot_of_text(params["where"], party))


def _pack(ledger: Ledger, party: PartyId, when: When, params: Params) -> JsonTree:
    inputs = _existing(ledger, params["inputs"])
    outputs = [Amount(new_lot_of_text(row["lot"]), Grams(row["grams"])) for row in params["outputs"]]
    return event_forms.transformation(party, inputs, outputs, when, spot_of_text(params["where"], party))


def _ship(ledger: Ledger, party: PartyId, when: When, params: Params) -> JsonTree:
    manifest = _existing(ledger, params["manifest"])
    receiver = party_of_text(params["to"])
    reference = _reference(party, params["reference"])
    return event_forms.shipping(party, receiver, reference, manifest, when, spot_of_text(params["where"], party))


def _receive(ledger: Ledger, party: PartyId, when: When, params: Params) -> JsonTree:
    shipper = party_of_text(params["shipper"])
    reference = _reference(shipper, params["reference"])
    lines = ledger.store.manifest(consignment_id(shipper, reference))
    if lines is None:
        raise NotFound(f"party {shipper:013d} has shipped nothing under {reference}")
    manifest = [Amount(_known(ledger, line.lot), line.grams) for line in lines]
    where = spot_of_text(params["where"], party)
    return event_forms.receiving(party, shipper, reference, manifest, when, where)


def _known(ledger: Ledger, lot: bytes) -> LotRef:
    ref = ledger.store.lot_ref(LotId(lot))
    if ref is None:
        raise NotFound(f"lot 0x{lot.hex()} has no name here")
    return ref


def _sell(ledger: Ledger, party: PartyId, when: When, params: Params) -> JsonTree:
    amounts = _existing(ledger, [params])
    return event_forms.sale(party, amounts, when, spot_of_text(params["where"], party))


def _dispose(ledger: Ledger, party: PartyId, when: When, params: Params) -> JsonTree:
    amounts = _existing(ledger, [params])
    return event_forms.disposal(party, amounts, when, spot_of_text(params["where"], party))


def _recall(ledger: Ledger, party: PartyId, when: When, params: Params) -> JsonTree:
    extra = {"silkroot:reason": params["reason"]}
    return event_forms.recall(party, lot_of_text(ledger.store, params["lot"]), when, extra=extra)


def _release(ledger: Ledger, party: PartyId, when: When, params: Params) -> JsonTree:
    extra = {"silkroot:reason": params["reason"]}
    return event_forms.release(party, lot_of_text(ledger.store, params["lot"]), when, extra=extra)


def _existing(ledger: Ledger, rows: list[Params]) -> list[Amount]:
    return [Amount(lot_of_text(ledger.store, row["lot"]), Grams(row["grams"])) for row in rows]


def _reference(shipper: PartyId, text: str) -> str:
    """An SSCC link or a URN as it is; any other number becomes the shipper's own CBV transaction URN."""
    return text if "://" in text or text.startswith("urn:") else event_forms.transaction_urn(shipper, text)


def _operation(build: Builder) -> Callable[[Ledger, Params, ProgressCallback], Awaitable[Result]]:
    async def record(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
        def work() -> Result:
            party = party_of_text(params["party"])
            event = build(ledger, party, When(params["at"]), params)
            (outcome,) = ledger.capture().capture([event], party)
            if outcome.record is None:
                raise InvalidInput(outcome.violations)
            return {
                "sequence": outcome.record.sequence,
                "event_id": outcome.record.event_id,
                "content_hash": "0x" + outcome.record.content_hash.hex(),
                "repeated": outcome.repeated,
            }

        result = await asyncio.to_thread(work)
        ledger.wake()
        return result

    return record


RECORDING = {
    "harvest": _operation(_harvest),
    "pack": _operation(_pack),
    "ship": _operation(_ship),
    "receive": _operation(_receive),
    "sell": _operation(_sell),
    "dispose": _operation(_dispose),
    "recall": _operation(_recall),
    "release": _operation(_release),
}
