"""Rules of forms that people fill in before they sign, in plain words."""

from __future__ import annotations

from api.catalogues import N_

DRAFT_RULES = {
    "draft.arrival": N_("It would arrive before it leaves."),
    "draft.balance": N_("What goes in and what comes out differ: outputs, culls, loss and rest make up what went in."),
    "draft.choice": N_("This is none of the choices."),
    "draft.flag": N_("This is either yes or no."),
    "draft.form": N_("The form was not sent as a form is."),
    "draft.future": N_("This time lies ahead: only what has happened is recorded."),
    "draft.grams": N_("A weight is more than nothing, and no more than a lot can have."),
    "draft.hidden": N_("The text has characters that cannot be seen."),
    "draft.kind": N_("Nothing of this kind can be recorded here."),
    "draft.length": N_("The text is too long."),
    "draft.markup": N_("A text here has no < and no >."),
    "draft.missing": N_("This has to be filled in."),
    "draft.new-party": N_("The workbook names a new organisation. Ask the operator to register it first."),
    "draft.new-product": N_("The workbook names a new product. Ask the operator to register it first."),
    "draft.not-found": N_("There is nothing here under this name or number."),
    "draft.number": N_("This is a whole number, and not one as small or large as this."),
    "draft.other-party": N_("You may only record for your own organisation."),
    "draft.request": N_(
        "This form was sent before with other contents. Load the page again and look what was recorded."
    ),
    "draft.rows": N_("The list has too many rows, or none that can be read."),
    "draft.text": N_("This is a text."),
    "draft.ticket": N_("Two deliveries have the same ticket: one of them would count twice."),
    "draft.time": N_("This is no time with its zone."),
    "draft.unchanged": N_("This is what is recorded already: nothing is corrected."),
    "draft.unknown": N_("The form has a field that is not known here."),
}
