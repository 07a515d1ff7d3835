"""Rules on the air leg, in plain words."""

from __future__ import annotations

from api.catalogues import N_

AIR_RULES = {
    "air.airline": N_("An airline has two characters, such as ZZ."),
    "air.airport": N_("An airport has three letters, such as URC."),
    "air.date": N_("Write the day of the flight as year, month and day."),
    "air.flight": N_("A flight is written like ZZ6901: the airline, then up to four digits."),
    "air.more-than-aboard": N_("That is more than there is aboard, or nothing at all."),
    "air.order": N_("This step cannot follow yet. Look at what was recorded last."),
    "air.other-flight": N_("The goods are booked on another flight. Rebook them first."),
    "air.other-waybill": N_("These goods fly under another air waybill."),
    "air.pieces": N_("Pieces are a whole number, one at least."),
    "air.reference": N_("This number is too long, or no text."),
    "air.result": N_("Only a screening has a result: passed or failed."),
    "air.same-flight": N_("The goods were booked on that flight already. Choose another one."),
    "air.step": N_("The air leg has no such step."),
    "air.uld": N_("A container or pallet is written like PMC12345ZZ: type, number, owner."),
    "air.waybill.check-digit": N_("The last digit does not fit the others. Read the air waybill again."),
    "air.waybill.form": N_("An air waybill has eleven digits, such as 999-12345675."),
}
