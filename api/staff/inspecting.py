"""
Who may look at families of lots: parties that the registry made certifiers or regulators, at any; whoever made a lot,
at the family that a recall of it reaches. Everybody else is told why not (docs/adr/0190).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from api.localization import N_
from api.problem_details import Kind, Problem
from api.staff.access import SignedIn, Staff, desk_of
from ledger.domain.master_data import Role as PartyRole
from ledger.ports_families import Standing
from ledger.services.inspection import Inspection

INSPECTORS = PartyRole.CERTIFIER | PartyRole.REGULATOR
RECALLERS = PartyRole.REGULATOR | PartyRole.PRODUCER | PartyRole.PACKER

INSPECTORS_ONLY = Kind(
    "inspectors-only", 403, N_("Only inspectors may look at this"),
    N_("Your organisation is neither a certifier nor a regulator in the registry."),
)  # fmt: skip
NOT_YOUR_LOT = Kind(
    "not-your-lot", 403, N_("Your organisation may not recall this lot"),
    N_("A lot is recalled by the organisation that made it, or by a regulator. If you know of a danger, tell them."),
)  # fmt: skip
NOTHING_TO_INSPECT = Kind(
    "no-inspection", 404, N_("Nothing can be inspected here"), N_("This service only shows what is recorded.")
)


def inspection_of(request: Request) -> Inspection:
    """The services of inspectors' pages; a problem where this service has none."""
    found = desk_of(request).inspection
    if found is None:
        raise Problem(NOTHING_TO_INSPECT)
    return found


def roles_of(request: Request, who: SignedIn) -> PartyRole:
    """What the registry lets the person's party do."""
    return desk_of(request).party_roles(who.party)


def inspector(request: Request, who: Staff) -> SignedIn:
    """The person, whose party has to be a certifier or a regulator."""
    if not roles_of(request, who) & INSPECTORS:
        raise Problem(INSPECTORS_ONLY)
    return who


Inspector = Annotated[SignedIn, Depends(inspector)]
"""Somebody of a certifier or a regulator."""


def require_reach(request: Request, who: SignedIn, standing: Standing, *, back: bool = False) -> None:
    """
    Refuses to show who has a family to a party that neither inspects nor made the lot; `back`: what the lot was made
    from is shown to inspectors alone.
    """
    if roles_of(request, who) & INSPECTORS:
        return
    if back:
        raise Problem(INSPECTORS_ONLY)
    if standing.issuer != who.party:
        raise Problem(NOT_YOUR_LOT)
