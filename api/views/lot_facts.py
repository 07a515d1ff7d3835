"""
What is said of a lot beside its way: how much of it is of certified origin, and what of it is pledged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.localization import CHINA_TIME, N_, Words
from api.views.names import Name, Names
from ledger.domain.custody_values import CertifiedOrigin, Handoff
from ledger.domain.identifiers import Grams, PartyId, plot_id
from ledger.domain.master_data import MasterData
from ledger.domain.records import ConsignmentState
from ledger.domain.story_values import Branch, LotStory


@dataclass(frozen=True, slots=True)
class CertifiedView:
    """The certified share in words, and one sentence for each plot and season behind it."""

    title: str
    sources: tuple[str, ...]


def certified_view(story: LotStory, master: MasterData, names: Names, speak: Words) -> CertifiedView | None:
    """None where none of the lot is certified, or less than a hundredth, or where the ledger was not asked."""
    share = story.certified
    if share is None or not share.percent:
        return None
    if share.percent == 100:
        title = speak(N_("Certified origin"))
    else:
        title = speak(N_("%(share)s of it is of certified origin"), share=f"{share.percent}%")
    sources = (_source(origin, master, names, speak) for origin in share.origins)
    return CertifiedView(title, tuple(dict.fromkeys(sources)))


def pledge_texts(story: LotStory, names: Names, speak: Words) -> tuple[str, ...]:
    """A sentence for each pledge that stands."""
    return tuple(
        speak(
            N_(
                "%(holder)s has pledged %(amount)s of this lot to %(lender)s until %(date)s, as security for a loan. "
                "Until then it stays where it is, unless %(lender)s lets go of it."
            ),
            holder=str(names.party(pledge.holder)),
            lender=str(names.party(pledge.lender)),
            amount=speak.kilograms(pledge.grams),
            date=speak.date(datetime.fromtimestamp(pledge.until, CHINA_TIME)),
        )
        for pledge in story.pledges
        if pledge.stands
    )


def notices_of(branch: Branch, names: Names, speak: Words) -> tuple[str, ...]:
    """What somebody announced to do with goods that are on the road to the branch, or missing there."""
    texts = {
        ConsignmentState.VOID_ANNOUNCED: N_(
            "%(party)s announced that it will take back %(amount)s that is on the road."
        ),
        ConsignmentState.WRITE_OFF_ANNOUNCED: N_(
            "It is announced that %(amount)s sent by %(party)s, which is missing, will be written off."
        ),
    }
    return tuple(
        speak(texts[handoff.state], party=str(names.party(handoff.shipper)), amount=speak.kilograms(_open(handoff)))
        for handoff in branch.path
        if handoff.receiver == branch.holder and handoff.state in texts and _open(handoff)
    )


def _open(handoff: Handoff) -> Grams:
    return Grams(handoff.to_come + handoff.missing)


def _source(origin: CertifiedOrigin, master: MasterData, names: Names, speak: Words) -> str:
    field = _field(origin, master, names)
    values = {
        "certifier": str(names.party(origin.certifier)),
        "producer": str(names.party(origin.producer)),
        "season": str(origin.season),
    }
    if not field:
        return speak(N_("Certified by %(certifier)s: a field of %(producer)s, %(season)s"), **values)
    return speak(N_("Certified by %(certifier)s: %(field)s, %(producer)s, %(season)s"), field=str(field), **values)


def _field(origin: CertifiedOrigin, master: MasterData, names: Names) -> Name:
    """The field's name; "" where the master data does not know it."""
    for (gln, extension), plot in master.plots.items():
        if plot_id(PartyId(gln), extension) == origin.plot:
            return names.text(plot.name)
    return Name("")
