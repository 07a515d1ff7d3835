"""The words that the forms of a packing house say from their script: msgids in English by short names."""

from __future__ import annotations

from api.localization import N_, Words

_WORDS = {
    "kilograms": N_("%(number)s kg"),
    "grams": N_("%(number)s g"),
    "and": N_("%(first)s, %(second)s"),
    "lotWeight": N_("%(weight)s of lot %(lot)s (%(product)s)"),
    "signHarvest": N_("%(weight)s of %(product)s, lot %(lot)s, picked at %(place)s"),
    "signIntake": N_("%(weight)s of %(product)s, lot %(lot)s, bought in at %(place)s; deliveries: %(count)s"),
    "signPackIn": N_("%(weight)s go in: %(lots)s"),
    "signPackOut": N_("%(weight)s come out: %(lots)s"),
    "signPackRest": N_("Culls %(culls)s, loss %(loss)s, sound rest %(rest)s"),
    "signShip": N_("%(weight)s to %(receiver)s under %(reference)s: %(lots)s"),
    "signCorrect": N_("Lot %(lot)s weighs %(weight)s instead of %(was)s"),
    "signAnnul": N_("Lot %(lot)s never was: nothing instead of %(was)s"),
    "signCorrectIn": N_("Of lot %(lot)s went in %(weight)s instead of %(was)s"),
    "signReason": N_("Reason: %(reason)s"),
    "heavier": N_("%(weight)s more than recorded"),
    "lighter": N_("%(weight)s less than recorded"),
    "signReceive": N_("%(weight)s received under %(reference)s"),
    "signStatement": N_("%(step)s, about %(lots)s"),
    "signOther": N_("an entry of your organisation: %(kind)s"),
    "noKey": N_("This browser has no key of yours, so nothing can be signed here. Open an invitation on this phone."),
    "checking": N_("Checking …"),
    "offline": N_("There is no network now. Nothing is lost: what you signed is kept here, press again in a moment."),
    "busy": N_("The service is busy. Nothing is lost: press again in a moment."),
    "signedOut": N_("Your sign-in has ended. Sign in again in another tab, then press again here."),
    "keptOffline": N_(
        "There is no network now. What you signed is kept on this phone: it is sent when the network is back, or press "
        "again to try now."
    ),
    "keptBusy": N_("The service is busy. What you signed is kept on this phone: it is sent by itself, or press again."),
    "keptSignedOut": N_(
        "Your sign-in has ended. What you signed is kept on this phone: it is sent when you have signed in again."
    ),
    "keptHere": N_("Signed and kept on this phone. It is sent by itself, and stands under “To send” until then."),
    "broken": N_("What the service prepared is not what you entered, so it was not signed. Tell your administrator."),
    "failed": N_("This did not work. Nothing was recorded."),
    "refused": N_("Not recorded: see what is marked."),
    "recorded": N_("Recorded"),
    "recordedBefore": N_("This was recorded already, once. Nothing was recorded twice."),
    "left": N_("%(weight)s not accounted for"),
    "tooMuch": N_("%(weight)s too much"),
    "balanced": N_("In balance"),
    "nothingIn": N_("Choose what goes in"),
    "total": N_("Together %(weight)s"),
    "photoWaiting": N_("The photo is being sent …"),
    "photoKept": N_("Photo kept. Tap to take it off."),
    "photoRefused": N_("This photo was not taken."),
    "workbookReading": N_("Reading the workbook …"),
    "workbookRecording": N_("Recording %(done)s of %(total)s"),
    "workbookDone": N_("All of the workbook is recorded: %(count)s entries."),
    "workbookWrong": N_("Wrong rows: %(wrong)s of %(rows)s. Nothing is recorded until all are right."),
    "workbookGood": N_("All rows are right: %(rows)s. They make %(count)s entries to sign."),
    "workbookNothing": N_("There is nothing new in this workbook: all of it was recorded before."),
    "rowWrong": N_("wrong"),
    "rowReady": N_("ready"),
    "rowBefore": N_("recorded before"),
    "workbookStopped": N_(
        "Stopped after %(done)s of %(total)s: see what is marked. What was recorded stays; send the same workbook "
        "again and it goes on from there."
    ),
}  # fmt: skip


def house_words(speak: Words) -> dict[str, str]:
    """All of them in one language."""
    return {name: speak(text) for name, text in _WORDS.items()}
