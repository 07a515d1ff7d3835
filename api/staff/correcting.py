"""
The page on which whoever made a lot corrects its weight, as long as nothing of it has moved: `/staff/correct`.

What is recorded stands beside what is typed. The correction is drafted, signed and recorded like every form of a
packing house (kind `correct`).
"""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.localization import N_
from api.problem_details import Kind, Problem
from api.staff.access import Staff
from api.staff.house import house_form, house_of, names_of
from api.staff.house_views import HouseNames, typed_kilograms
from api.views.names import lot_path
from ledger.domain.errors import NotFound, Refused
from ledger.domain.event_forms import Amount
from ledger.services.correcting import Standing, Weights

NO_LOT = Kind("no-lot-to-correct", 404, N_("No such lot was made here"), N_("Look it up in the list of your lots."))
NOT_MADE_BY_YOU = Kind(
    "not-made-by-you", 403, N_("Your organisation did not make this lot"),
    N_("Whoever made a lot corrects its weight. Call them."),
)  # fmt: skip
router = APIRouter(include_in_schema=False)


@router.get("/staff/correct", response_class=HTMLResponse)
async def correct(request: Request, who: Staff, lot: Annotated[str, Query(max_length=60)]) -> Response:
    """The weights of a lot as recorded, and a form for the right ones; why there is none, where it is too late."""
    house, names = house_of(request), names_of(request)
    try:
        found = await to_thread.run_sync(house.weights, lot.strip(), who.party)
    except NotFound:
        raise Problem(NO_LOT) from None
    except Refused as refused:
        raise Problem(NOT_MADE_BY_YOU, violations=refused.violations) from None
    refs = [found.lot, *(amount.lot for amount in (*found.inputs, *found.outputs))]
    return house_form(request, who, "correct", names, _view(found, names), {}, list(dict.fromkeys(refs)))


def _view(found: Weights, names: HouseNames) -> dict[str, Any]:
    speak, ref = names.speak, found.lot
    return {
        "lot": str(ref),
        "lot_code": ref.code,
        "product": names.product(ref.product),
        "path": lot_path(ref),
        "grams": found.grams,
        "weight": speak.kilograms(found.grams),
        "moved": found.standing is Standing.MOVED,
        "recalled": found.standing is Standing.RECALLED,
        "deliveries": [
            {"ticket": line.ticket, "roster": line.roster, "village": line.village, **_recorded(line.grams, names)}
            for line in found.deliveries
        ],
        "inputs": [_amount(one, names) for one in found.inputs],
        "outputs": [_amount(one, names) for one in found.outputs],
        "rest": {name: _recorded(getattr(found, name), names) for name in ("culls", "loss", "rest")},
    }


def _amount(amount: Amount, names: HouseNames) -> dict[str, Any]:
    ref = amount.lot
    return {
        "name": str(ref), "code": ref.code, "product": names.product(ref.product), **_recorded(amount.grams, names)
    }  # fmt: skip


def _recorded(grams: int, names: HouseNames) -> dict[str, Any]:
    return {"grams": grams, "weight": names.speak.kilograms(grams), "typed": typed_kilograms(grams)}
