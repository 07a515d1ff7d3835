"""Rules on sealed members of events and their disclosures, in plain words."""

from __future__ import annotations

from api.catalogues import N_

SEALING_RULES = {
    "disclosure.form": N_("This is not a disclosure."),
    "disclosure.foreign": N_("The disclosure is altered, or belongs to another event."),
    "disclosure.name": N_("The event has a member of that name already."),
    "disclosure.twice": N_("The same disclosure is given twice."),
    "disclosures.content-hash": N_("A content hash is 0x and 64 hex digits."),
    "disclosures.format": N_("This is no file of disclosures that is known here."),
    "disclosures.missing": N_("A member is missing from the file of disclosures."),
    "disclosures.twice": N_("The same event stands twice in the file of disclosures."),
    "disclosures.type": N_("The file of disclosures has another form here."),
    "disclosures.unknown": N_("The file of disclosures has a member that is not known."),
    "erase.choice": N_("Say what to erase: a value, or a member of an event or a lot."),
    "policy.empty": N_("This entry of the policy says nothing."),
    "policy.kind": N_("There is no such type of event or business step."),
    "policy.missing": N_("The policy’s file cannot be read."),
    "policy.toml": N_("The policy is not TOML."),
    "policy.too-large": N_("The policy’s file is too large."),
    "policy.type": N_("The policy has a value of another kind here."),
    "policy.unknown-key": N_("The policy has no such key."),
    "request.erased": N_("The same event was recorded before, and what it sealed was erased."),
    "sealing.closed": N_("Nothing can be sealed in this object."),
    "sealing.digests": N_("The digests of sealed members have a wrong form."),
    "sealing.disclosed": N_("The chain tells this to everybody; it cannot be sealed."),
    "sealing.event-id": N_("This eventID is a hash of what is sealed: leave it out, or give a UUID."),
    "sealing.name": N_("A member of such a name cannot be sealed."),
    "sealing.salt": N_("A salt is too short, or used twice."),
    "sealing.selector": N_("This does not say what to seal."),
    "sealing.twice": N_("The same digest stands twice."),
}
