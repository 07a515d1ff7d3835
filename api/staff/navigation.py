"""
Which pages the people of a party see: by the roles that the registry gives the party, and by the person's own.

`label` and `hint` are msgids; `icon` is a sign of templates/staff/icons.html. Entries stand in the order of a day's
work. `in_bar`: one of the few that a phone keeps at its lower edge, where a thumb reaches them.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    in_bar: bool = False

    def is_for(self, roles: PartyRole, person: Person) -> bool:
        """Whether the person of a party with those roles sees it."""
        return (not self.party_roles or bool(self.party_roles & roles)) and (
            person.is_admin or not self.admins_only
        )  # fmt: skip


ENTRIES: tuple[Entry, ...] = (
    Entry("/staff/serials", N_("Labels and copies"), "copy", hint=N_("Where labels were seen, and which were copied")),
    Entry("/staff/reports", N_("Reports from consumers"), "bell", hint=N_("What people say who scanned a label")),
    Entry("/staff/people", N_("People and devices"), "people", admins_only=True,
          hint=N_("Invite colleagues, see their phones, end what is lost")),
    Entry("/staff/keys", N_("Keys for systems"), "key", admins_only=True,
          hint=N_("For programs that send records by themselves")),
)  # fmt: skip

HOME = Entry("/staff", N_("Today"), "home")
ME = Entry("/staff/me", N_("Me"), "person")


def entries_for(roles: PartyRole, person: Person) -> list[Entry]:
    """What the person sees on the first page."""
    return [entry for entry in ENTRIES if entry.is_for(roles, person)]


def bar_for(roles: PartyRole, person: Person) -> list[Entry]:
    """What stands at the lower edge of a phone: the first page, at most three of the person's own, and the person."""
    seen = entries_for(roles, person)
    return [HOME, *[entry for entry in seen if entry.in_bar][:MOST_IN_BAR], ME]
