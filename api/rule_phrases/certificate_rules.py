"""Rules on certificates and on what two parties sign from their phones, in plain words."""

from __future__ import annotations

from api.catalogues import N_

CERTIFICATE_RULES = {
    "certificate.basis": N_("Say what the promise rests on, each thing once."),
    "certificate.collected": N_("Collected promise certificates are named by the hashes of their records."),
    "certificate.contact": N_("Write how the business is reached: a landline, an address or an e-mail."),
    "certificate.day": N_("Write a day of the calendar, such as 2026-08-05."),
    "certificate.days": N_("These days do not fit together: issued first, then handed in; it ends last."),
    "certificate.file": N_("This file is not kept here; hand the photo or the PDF in first."),
    "certificate.foreign-lot": N_("A promise is made for a lot that you grew, packed or have; this one is not."),
    "certificate.form": N_("A certificate is recorded as an observation of lots, with the step “other”."),
    "certificate.information": N_("certificationInfo names the certificate's own file; a promise has none."),
    "certificate.lot": N_("Nobody registered this lot here."),
    "certificate.lots": N_("Name the lots that the certificate is about."),
    "certificate.markup": N_("A text in a certificate has no < and no >."),
    "certificate.member": N_("A certificate has no field of this name."),
    "certificate.mobile": N_("This is a person's mobile number; give a contact of the business instead."),
    "certificate.promisor": N_("A promise certificate is made by the party that signs it, and by nobody for another."),
    "certificate.text": N_("Write one line of at most 120 characters, all of which can be seen."),
    "certificate.word": N_("This is none of the kinds that certificates have."),
    "proposal.signed": N_("This has to come signed by your own organisation, and by nobody else yet."),
}  # fmt: skip
