"""Rules of the capture interface, its keys, and of events that were signed before they came, in plain words."""

from __future__ import annotations

from api.catalogues import N_

CAPTURE_RULES = {
    "batch.action": N_("Only statements are signed in batches; what moves grams is signed one by one."),
    "batch.cancelled": N_("The party took back all that it had signed with this batch."),
    "batch.count": N_("A batch of what is signed at once has 1 to 1,000 statements."),
    "batch.index": N_("The event's place in the batch is none that the batch has."),
    "batch.party": N_("What is signed at once is of several parties."),
    "batch.path": N_("The path to the root of the batch is longer or shorter than it has to be."),
    "batch.root": N_("The event is not among those that were signed at once."),
    "key.action": N_("A key of the capture interface cannot be good for that."),
    "key.name": N_("The name of a key is too long, or has characters that cannot be printed."),
    "key.days": N_("A key is good for at least one day, and for about ten years at most."),
    "proof.cosigner": N_("The second signature of the event is of a party that does not sign this."),
    "proof.deadline": N_("The deadline of what was signed has passed, comes too soon, or lies too far ahead."),
    "proof.disclosures": N_("The disclosures that ride in the event are not written as they have to be."),
    "proof.missing": N_("An event that comes signed has to carry this member itself."),
    "proof.not-implied": N_("What was signed is not what the event says."),
    "proof.open": N_("This member of an event that comes signed has to be sealed before it is signed."),
    "proof.proposal": N_("An event that comes signed is not proposed: it is recorded with both signatures."),
    "proof.signature": N_("The key did not sign what the event implies."),
    "key.party": N_("The key speaks for another party than the one that acts in this event."),
    "key.unsigned": N_("The party keeps its own signing key, so its events have to come signed."),
    "page.token": N_("The token that says where the next page begins is none that a page gave."),
}
