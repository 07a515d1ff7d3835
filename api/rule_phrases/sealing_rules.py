"""Rules on sealed members of events and their disclosures, in plain words."""

from __future__ import annotations

from api.catalogues import N_

SEALING_RULES = {
    "disclosure.form": N_("This is not a disclosure."),
    "disclosure.foreign": N_("The disclosure is altered, or belongs to another event."),
    "disclosure.name": N_("The event has a member of that name already."),
    "disclosure.twice": N_("The same disclosure is given twice."),
    "sealing.closed": N_("Nothing can be sealed in this object."),
    "sealing.digests": N_("The digests of sealed members have a wrong form."),
    "sealing.disclosed": N_("The chain tells this to everybody; it cannot be sealed."),
    "sealing.name": N_("A member of such a name cannot be sealed."),
    "sealing.salt": N_("A salt is too short, or used twice."),
    "sealing.selector": N_("This does not say what to seal."),
    "sealing.twice": N_("The same digest stands twice."),
}
