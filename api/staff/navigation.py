"""
Which pages the people of a party see: by the roles that the registry gives the party, and by the person's own.

`label` and `hint` are msgids; `icon` is a sign of templates/staff/icons.html. Entries stand in the order of a day's
work, and the rarer ones after them. `NEEDED_MOST` says what a phone keeps at its lower edge, where a thumb reaches it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from api.localization import N_
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import Person

ANYBODY = PartyRole(0)
MOST_IN_BAR = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """A page. `party_roles`: a party with any of these sees it; `ANYBODY`: every party."""

    path: str
    label: str
    icon: str
    party_roles: PartyRole = ANYBODY
    hint: str = ""
    admins_only: bool = False

    def is_for(self, roles: PartyRole, person: Person) -> bool:
        """Whether the person of a party with those roles sees it."""
        return (not self.party_roles or bool(self.party_roles & roles)) and (
            person.is_admin or not self.admins_only
        )  # fmt: skip


_MAKERS = PartyRole.PRODUCER | PartyRole.PACKER
_HOLDERS = _MAKERS | PartyRole.HUB | PartyRole.BUYER
INSPECTORS = PartyRole.CERTIFIER | PartyRole.REGULATOR

ENTRIES: tuple[Entry, ...] = (
    Entry("/staff/inspect", N_("Inspect"), "search", INSPECTORS, N_("Find a lot, see its family, see recalls")),
    Entry("/staff/inspect/plots", N_("Fields and yields"), "sprout", INSPECTORS,
          N_("What each field may yield in a season")),
    Entry("/staff/desk", N_("Buyer's desk"), "chart", PartyRole.BUYER | PartyRole.HUB | PartyRole.PACKER,
          hint=N_("What is coming, what it lacks, claims, mock recall")),
    Entry("/staff/hub", N_("Hub"), "hall", PartyRole.HUB | PartyRole.CARRIER | PartyRole.BUYER,
          hint=N_("Expected, here, overdue, leaving; alarms and what is missing")),
    Entry("/staff/harvest", N_("Harvest"), "basket", PartyRole.PRODUCER, hint=N_("What was picked, from which plot")),
    Entry("/staff/intake", N_("Intake"), "scale", _MAKERS | PartyRole.BUYER,
          hint=N_("Bought from many growers, in one sheet")),
    Entry("/staff/scan", N_("Scan"), "scan", hint=N_("Pallets, cases and papers")),
    Entry("/staff/receive", N_("Receive"), "inbox", hint=N_("What is on its way to you; works without a network")),
    Entry("/staff/lots", N_("Lots"), "layers", _HOLDERS, hint=N_("Born today, on hand, on the way")),
    Entry("/staff/pack", N_("Sort and pack"), "box", _HOLDERS,
          hint=N_("Lots in, cases out, every gram accounted for")),
    Entry("/staff/labels", N_("Labels"), "label", _HOLDERS,
          hint=N_("Print what goes on cases")),
    Entry("/staff/ship", N_("Ship"), "truck", _HOLDERS,
          hint=N_("Hand lots to a packer, a hub or a buyer")),
    Entry("/staff/air", N_("Air leg"), "plane", PartyRole.HUB | PartyRole.CARRIER,
          hint=N_("Air waybills, screening, loaded, off-loaded, rebooked")),
    Entry("/staff/hub/map", N_("Map"), "map", PartyRole.HUB | PartyRole.CARRIER | PartyRole.BUYER,
          hint=N_("What is under way, and where it was signed for last")),
    Entry("/staff/queue", N_("To send"), "queue", hint=N_("What was signed on this phone")),
    Entry("/staff/workbook", N_("Workbook"), "sheet", _HOLDERS,
          hint=N_("Look through a workbook, then record all of it")),
    Entry("/staff/certificates", N_("Certificates"), "certificate", _HOLDERS | PartyRole.CERTIFIER,
          hint=N_("Tests, organic, quarantine, promise certificates")),
    Entry("/staff/recall", N_("Recall"), "recalled", PartyRole.REGULATOR | PartyRole.PRODUCER | PartyRole.PACKER,
          N_("See what a recall reaches, and sign it")),
    Entry("/staff/serials", N_("Labels and copies"), "copy", hint=N_("Where labels were seen, and which were copied")),
    Entry("/staff/reports", N_("Reports from consumers"), "bell", hint=N_("What people say who scanned a label")),
    Entry("/staff/people", N_("People and devices"), "people", admins_only=True,
          hint=N_("Invite colleagues, see their phones, end what is lost")),
    Entry("/staff/keys", N_("Keys for systems"), "key", admins_only=True,
          hint=N_("For programs that send records by themselves")),
)  # fmt: skip

NEEDED_MOST: dict[PartyRole, tuple[str, ...]] = {
    PartyRole.PRODUCER: ("/staff/harvest", "/staff/lots", "/staff/scan"),
    PartyRole.PACKER: ("/staff/pack", "/staff/lots", "/staff/ship"),
    PartyRole.CARRIER: ("/staff/scan", "/staff/receive", "/staff/queue"),
    PartyRole.HUB: ("/staff/hub", "/staff/scan", "/staff/receive"),
    PartyRole.BUYER: ("/staff/desk", "/staff/scan", "/staff/receive"),
    PartyRole.CERTIFIER: ("/staff/inspect", "/staff/inspect/plots", "/staff/certificates"),
    PartyRole.REGULATOR: ("/staff/inspect", "/staff/recall", "/staff/inspect/plots"),
}
"""What people of such a party reach for, the most needed first. Whoever has none of these roles reads and receives."""
_ANYBODY_NEEDS = ("/staff/scan", "/staff/receive", "/staff/queue")

HOME = Entry("/staff", N_("Today"), "home")
ME = Entry("/staff/me", N_("Me"), "person")


def entries_for(roles: PartyRole, person: Person) -> list[Entry]:
    """What the person sees on the first page."""
    return [entry for entry in ENTRIES if entry.is_for(roles, person)]


def bar_for(roles: PartyRole, person: Person) -> list[Entry]:
    """
    What stands at the lower edge of a phone: the first page, at most three of the person's own, and the person.

    Where a party has several roles they take turns, in the order of `NEEDED_MOST`: first what each needs most, then
    what each needs next, until the places are taken.
    """
    needs = [paths for role, paths in NEEDED_MOST.items() if role & roles] or [_ANYBODY_NEEDS]
    turns = dict.fromkeys(path for turn in zip_longest(*needs) for path in turn if path)
    seen = {entry.path: entry for entry in entries_for(roles, person)}
    return [HOME, *[seen[path] for path in turns if path in seen][:MOST_IN_BAR], ME]
