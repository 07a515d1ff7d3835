"""
Rows of Packing -> one transformation an order; no I/O.

What was taken must be accounted for: input = output + culls + process loss + remainder, in grams, or the order is
refused. The remainder stays in its input lot; culls and loss are what the transformation consumes beyond its outputs,
and the event says how much of each. A lot may stand in several rows of an order; its rows add up.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from ledger.domain import event_forms
from ledger.domain.digital_link import lot_uri
from ledger.domain.identifiers import Grams
from ledger.domain.imports import house_values as values
from ledger.domain.imports.cells import RowKey
from ledger.domain.imports.desk import form_amount, held, planned, spot
from ledger.domain.imports.house_desk import Bundle, HouseDesk, Line, case_amount, members, merged
from ledger.domain.imports.house_reading import HouseRow
from ledger.domain.imports.plan import LineCells, line_cells
from ledger.domain.imports.values import Amount

PACKING_STAGE = 2
_INPUT = ("in_lot", "in_product", "in_quantity", "remainder")
_OUTPUT = ("out_lot", "out_product", "out_cases", "out_quantity", "grade")


def plan_order(desk: HouseDesk, rows: Sequence[HouseRow], name: object, broken: Collection[RowKey]) -> None:
    """Plans one packing order."""
    bundle = Bundle(desk, rows, "order", broken)
    order = bundle.head("order", lambda cell: values.required(cell, "number of the packing order"), None)
    at = bundle.head("date", lambda cell: values.moment(cell, bundle.first.context), None)
    place = bundle.head("place", desk.book.place, None)
    taken: list[Line] = []
    kept: list[Line] = []
    made: list[Line] = []
    grades: list[dict[str, Any]] = []
    culls = loss = 0
    for row in rows:
        if any(not row[key].blank for key in _INPUT):
            line = bundle.read(partial(_input, desk, row), None)
            if line is not None:
                taken.append(line)
                kept.append(Line(line.lot, Amount(_mass(bundle, row, "remainder")), row))
        if any(not row[key].blank for key in _OUTPUT):
            line = bundle.read(partial(_output, desk, row, name), None)
            grade = bundle.cell(row, "grade", values.text, "")
            if line is not None:
                made.append(line)
                if grade:
                    grades.append({"epcClass": lot_uri(line.lot), "grade": grade})
        culls += _mass(bundle, row, "culls")
        loss += _mass(bundle, row, "loss")
    used = _used(bundle, taken, kept)
    outputs = merged(line for line in made)
    if bundle.sound:
        _check_balance(bundle, taken, kept, outputs, culls, loss)
    if not bundle.close() or at is None or place is None or order is None:
        return
    first = bundle.first
    extra = members(
        at, "initial_packing", referenceDocument={"type": "Packing Order", "number": order}, lines=grades,
        culls=culls, processLoss=loss,
    )  # fmt: skip
    tree = event_forms.transformation(
        place.party, [form_amount(line.lot, line.amount) for line in used],
        [form_amount(line.lot, line.amount) for line in outputs], desk.when(at), spot(place),
        ilmd={"cbvmda:lotNumber": outputs[0].lot.code} if len(outputs) == 1 else None, extra=extra,
    )  # fmt: skip
    inputs = [_cells(line, "in_product", "in_lot", "in_quantity") for line in used]
    made_cells = [_cells(line, "out_product", "out_lot", "out_cases", "out_quantity") for line in outputs]
    cells = {
        **dict(line_cells("inputQuantityList", "inputs", inputs)),
        **dict(line_cells("outputQuantityList", "outputs", made_cells)),
        "/packer": first["place"], "/readPoint": first["place"], "/eventTime": first["date"],
    }  # fmt: skip
    takes = [held(line.lot, place.party) for line in used]
    gives = [held(line.lot, place.party) for line in outputs]
    bundle.plan(PACKING_STAGE, at, planned(tree, place.party, first["order"], cells, takes, gives))


def _input(desk: HouseDesk, row: HouseRow) -> Line:
    lot, _ = desk.lot(row, "in_lot", "in_product")
    if row["in_quantity"].blank:
        # The lot is repeated for the reader, or its row says how much comes back: the quantity stands in another row.
        return Line(lot, Amount(Grams(0)), row)
    grams = values.mass(row["in_quantity"], None, row.units.get("in_quantity", ""))
    return Line(lot, Amount(grams), row)


def _output(desk: HouseDesk, row: HouseRow, name: object) -> Line:
    values.lot_code(row["out_lot"])
    if row["out_product"].blank:
        raise row.refuse("out_product" if row["out_product"].column else "out_lot", "cell.missing", "pick the product")
    lot, product = desk.lot(row, "out_lot", "out_product")
    desk.born_once(lot, row["out_lot"], name)
    return Line(lot, case_amount(row, product, "out_cases", "out_quantity", None), row)


def _mass(bundle: Bundle, row: HouseRow, name: str) -> Grams:
    if row[name].blank:
        return Grams(0)
    return bundle.read(lambda: values.mass(row[name], None, row.units.get(name, ""), zero=True), Grams(0))


def _used(bundle: Bundle, taken: Sequence[Line], kept: Sequence[Line]) -> list[Line]:
    """What is consumed of each input lot: what was taken less what went back."""
    back = {line.lot: line.amount.grams for line in merged(kept)}
    used = []
    for line in merged(taken):
        grams = line.amount.grams - back[line.lot]
        if grams <= 0:
            name = "in_quantity" if not line.amount.grams else "remainder"
            rule = "cell.missing" if not line.amount.grams else "packing.remainder"
            message = (
                "write how much of this lot went in" if not line.amount.grams else "no more can come back than went in"
            )
            cell = name if line.row[name].column else "in_lot"
            bundle.refuse(line.row.refuse(cell, rule, message))
        else:
            used.append(Line(line.lot, Amount(Grams(grams)), line.row))
    return used


def _check_balance(
    bundle: Bundle, taken: Sequence[Line], kept: Sequence[Line], outputs: Sequence[Line], culls: int, loss: int
) -> None:
    first = bundle.first
    if not taken or not outputs:
        what = "in_lot" if not taken else "out_lot"
        bundle.refuse(
            first.refuse(what, "packing.one-sided", "an order names at least one input lot and one output lot")
        )
        return
    came, back, went = (sum(line.amount.grams for line in lines) for lines in (taken, kept, outputs))
    if came != went + culls + loss + back:
        bundle.refuse(
            taken[0].row.refuse(
                "in_quantity", "packing.balance",
                f"input {_kg(came)} is not output {_kg(went)} + culls {_kg(culls)} + process loss {_kg(loss)} + "
                f"remainder {_kg(back)}; {_kg(abs(came - went - culls - loss - back))} "
                f"{'too little' if came < went + culls + loss + back else 'unaccounted for'}",
            )
        )  # fmt: skip


def _cells(line: Line, product: str, lot: str, *quantities: str) -> LineCells:
    quantity = next((name for name in quantities if not line.row[name].blank), quantities[0])
    return LineCells(line.lot, line.row[product], line.row[lot], line.row[quantity])


def _kg(grams: int) -> str:
    whole, rest = divmod(grams, 1000)
    return f"{whole}.{rest:03d} kg" if rest else f"{whole} kg"
