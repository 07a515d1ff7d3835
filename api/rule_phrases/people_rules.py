"""Rules of people, invitations, phones and signing in, in plain words."""

from __future__ import annotations

from api.catalogues import N_

PEOPLE_RULES = {
    "device.admin-elsewhere": N_("Your organisation keeps its main key elsewhere: end this phone’s key with that one."),
    "device.here": N_("This browser has a key of yours already."),
    "device.known": N_("This key belongs to somebody already."),
    "device.label": N_("What a phone is called has at most 60 characters that can be printed."),
    "device.no-admin": N_("The key that signed this may not add or end phones of your organisation."),
    "device.not-waiting": N_("This phone does not wait any more. Load the page again."),
    "invitation.expired": N_("This invitation has expired. Ask for a new one."),
    "invitation.time": N_("An invitation is good for 30 days at most."),
    "invitation.unknown": N_("There is no such invitation, or it was withdrawn. Is the link whole?"),
    "invitation.used": N_("This invitation was used already. Each is good for one person, once."),
    "passkey.answer": N_("The passkey is not known here, or did not answer as it has to."),
    "passkey.many": N_("You have as many passkeys as anybody may have. Remove one first."),
    "person.name": N_("A name has 1 to 60 characters that can be printed."),
    "person.pin": N_("A PIN has 4 to 12 digits, not all the same and not in a row."),
    "person.role": N_("A person administers or records; there is nothing else."),
    "person.self": N_("Nobody ends their own access here. Ask another administrator, so that one is left."),
    "sign-in.challenge": N_("That took too long. Try again."),
    "sign-in.code": N_("This is no recovery code, or it was used already."),
    "sign-in.disabled": N_("You may not sign in here any more. Ask an administrator of your organisation."),
    "sign-in.unknown-key": N_("The key of this phone is not known here."),
    "sign-in.locked": N_("Ten wrong PINs. An administrator, or a recovery code, opens it again."),
    "sign-in.pin": N_("This PIN is wrong."),
    "sign-in.pin-needed": N_("Enter your PIN."),
    "sign-in.revoked": N_("This phone was taken off your organisation’s list. Ask for a new invitation."),
}
