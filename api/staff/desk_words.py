"""The words that the forms of certificates, promises and claims say from their script: msgids in English by names."""

from __future__ import annotations

from api.localization import N_, Words
from api.staff.house_words import house_words

_WORDS = {
    "signCertificate": N_("%(kind)s no. %(number)s of %(issuer)s"),
    "signPromise": N_("You promise: %(product)s, %(weight)s, from %(place)s"),
    "signBatch": N_("Lot %(lot)s"),
    "signMissing": N_(
        "Lot %(lot)s, missing %(weight)s: lost %(loss)s, dried off %(dry)s, back with the sender %(back)s, "
        "turned up at the receiver %(here)s"
    ),
    "waitsForOther": N_("Signed. It waits for the other side now, who has seven days."),
    "signNotice": N_("You announce: what is missing of %(reference)s will be written off as lost in 72 hours"),
    "signAlone": N_("Without the other side, as the 72 hours are over:"),
    "signWithdrawal": N_("You take back what you signed:"),
    "announced": N_(
        "Announced. In 72 hours either side may write it off alone; until then both can settle it together."
    ),
    "writtenOff": N_("It is written off as lost. The claim is closed."),
    "withdrawn": N_(
        "You took it back. Nothing was recorded, and your signature is void. You can state something else now."
    ),
    "agreed": N_("Both sides signed. It is recorded."),
    "declined": N_("You turned it down. Nothing was recorded."),
    "fileSending": N_("The file is being sent …"),
    "fileKept": N_("The file is kept."),
    "fileNeeded": N_("Choose a photo or a PDF first."),
    "lotNeeded": N_("Choose at least one lot."),
    "notSame": N_("What waits is not what its record says, so it was not signed. Tell your administrator."),
}  # fmt: skip


def desk_words(speak: Words) -> dict[str, str]:
    """All of them in one language, those of other forms among them."""
    return {**house_words(speak), **{name: speak(text) for name, text in _WORDS.items()}}
