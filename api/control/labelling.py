"""
Labels of lots, in the languages asked for, at the size asked for: one file of all, or one picture for each lot.

What is printed comes from recorded events and master data; words and forms of dates and weights from the catalogues.
What draws is imported when there is something to draw: it takes memory that a service without labels does not need.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from api.control.lot_text import lot_of_text
from api.control.protocol import Params, ProgressCallback, Result
from api.localization import N_, Words, words
from ledger.adapters.labels.sizes import SHEETS, SIZES, Sheet, Size, formats_named
from ledger.adapters.mapping_toml import read_mapping
from ledger.adapters.qr_labels import label_link, lot_link
from ledger.domain.errors import InvalidInput, NotFound, Violation
from ledger.domain.identifiers import FIRST_ALLOTTED_PRODUCT, LotRef
from ledger.domain.labels import Detail, Label, LabelText
from ledger.domain.master_data import MasterData, Text, text_in
from ledger.services.label_facts import Born, Gathering, LabelFacts, facts_of, is_born, lots_packed_in
from ledger.services.labels import new_serials
from ledger.wiring import Ledger

if TYPE_CHECKING:
    from ledger.adapters.labels.layout import Drawing

MOST_LABELS = 50_000
_DATES = {Born.PACKING: N_("Date packed"), Born.HARVEST: N_("Date harvested"), Born.INTAKE: N_("Date bought in")}


@dataclass(frozen=True, slots=True)
class _Printed:
    facts: LabelFacts
    drawing: Drawing
    copies: int
    serial: str = ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    facts: LabelFacts
    label: Label
    copies: int
    serial: str = ""


async def labels(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """
    Labels of `lots` (texts) and of all lots packed by `files` (paths; `mapping` as for imports): `format`, `type` (pdf,
    png, svg), `languages`, `copies`, `per_case`, `skip` (stickers used up on the first sheet). `serials`: instead of
    copies, so many labels of each lot, each with a serial of its own. Pictures and documents as base64 in `data`;
    `missing` are lots of the files that are not recorded.
    """
    return await asyncio.to_thread(make_labels, ledger, params, progress)


def make_labels(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """The same, in the thread that asks."""
    forms = formats_named(params["format"])
    if isinstance(forms[0], Sheet) and params["type"] != "pdf":
        raise InvalidInput.one("type", "label.sheet-type", params["type"], "sheets of stickers are printed as PDF")
    master = ledger.store.master_data()
    named = [lot_of_text(ledger.store, text) for text in params["lots"]]
    packed = [lot for path in params["files"] for lot in _lots_of_file(ledger, Path(path), params.get("mapping", ""))]
    missing = [lot for lot in packed if not is_born(ledger.store, lot)]
    if packed and len(missing) == len(packed):
        raise NotFound("no lot of these files is recorded; import them first, then make their labels")
    lots = [lot for lot in dict.fromkeys([*named, *packed]) if lot not in missing]
    speaking = [words(language) for language in dict.fromkeys(params["languages"])]
    made: list[_Wanted] = []
    wrong: list[Violation] = []
    serials: int = params.get("serials", 0)
    for lot in lots:
        facts = facts_of(ledger.store, lot)
        try:
            label = label_of(facts, master, speaking, ledger.settings.url)
            if serials:
                ledger.labels().demand_room(lot, serials, cases_of(facts, master))
                made += _with_serials(facts, label, serials, ledger.settings.url)
            else:
                made.append(_Wanted(facts, label, cases_of(facts, master) if params["per_case"] else params["copies"]))
        except InvalidInput as error:
            wrong += [replace(each, field=f"{lot} {each.field}") for each in error.violations]
    if wrong:
        raise InvalidInput(wrong)
    form, drawings = _laid_out([(each.facts.lot, each.label) for each in made], forms, progress)
    size = form.sticker if isinstance(form, Sheet) else form
    printed = [
        _Printed(each.facts, drawing, each.copies, each.serial) for each, drawing in zip(made, drawings, strict=True)
    ]
    count = sum(each.copies for each in printed)
    if count > MOST_LABELS:
        raise InvalidInput.one("copies", "label.too-many", count, f"at most {MOST_LABELS} labels are made in one go")
    files = _files(printed, form, size, params, progress)
    if serials:
        # Last: what could not be printed has no serials.
        for lot in lots:
            own = [each.serial for each in made if each.facts.lot == lot]
            ledger.labels().keep(lot, own, cases_of(facts_of(ledger.store, lot), master))
    progress(len(lots), len(lots), "labels")
    return {
        "labels": count if params["type"] == "pdf" else len(printed),
        "format": next(name for name, each in {**SIZES, **SHEETS}.items() if each == form),
        "missing": [str(lot) for lot in missing],
        "lots": [{"lot": str(each.facts.lot), "copies": each.copies, "uri": each.drawing.link} for each in printed],
        "files": [{"name": name, "data": base64.b64encode(data).decode()} for name, data in files],
    }


def _with_serials(facts: LabelFacts, label: Label, count: int, public_url: str) -> list[_Wanted]:
    """One label for each new serial."""
    return [
        _Wanted(facts, replace(label, link=label_link(public_url, facts.lot, serial)), 1, serial)
        for serial in new_serials(count)
    ]


def _laid_out(
    made: Sequence[tuple[LotRef, Label]], forms: Sequence[Size | Sheet], progress: ProgressCallback
) -> tuple[Size | Sheet, list[Drawing]]:
    """The labels in the first format on which all of them fit; else what does not fit the last one."""
    from ledger.adapters.labels.layout import lay_out

    wrong: list[Violation] = []
    for form in forms:
        size = form.sticker if isinstance(form, Sheet) else form
        drawings: list[Drawing] = []
        wrong.clear()
        for number, (lot, label) in enumerate(made):
            progress(number, len(made), "labels")
            try:
                drawings.append(lay_out(label, size))
            except InvalidInput as error:
                wrong += [replace(each, field=f"{lot} {each.field}") for each in error.violations]
        if not wrong:
            return form, drawings
    raise InvalidInput(wrong)


def _files(
    printed: Sequence[_Printed], form: Size | Sheet, size: Size, params: Params, progress: ProgressCallback
) -> list[tuple[str, bytes]]:
    if params["type"] == "pdf":
        from ledger.adapters.labels.pdf import pdf_of_labels, pdf_of_sheets

        total = sum(each.copies for each in printed)

        def each_one() -> Iterator[Drawing]:
            done = 0
            for each in printed:
                for _copy in range(each.copies):
                    if done % 50 == 0:
                        progress(done, total, "stickers")
                    done += 1
                    yield each.drawing

        if isinstance(form, Sheet):
            return [("labels.pdf", pdf_of_sheets(each_one(), form, params["skip"]))]
        return [("labels.pdf", pdf_of_labels(each_one(), size.width, size.height))]
    from ledger.adapters.labels.png import png
    from ledger.adapters.labels.svg import svg

    draw = png if params["type"] == "png" else svg
    files = []
    for number, each in enumerate(printed):
        progress(number, len(printed), "pictures")
        name = f"{each.facts.lot.product:014d}-{each.facts.lot.code}{each.serial and '-' + each.serial}".replace(
            "/", "_"
        )
        files.append((f"{name}.{params['type']}", draw(each.drawing)))
    return files


def _lots_of_file(ledger: Ledger, path: Path, mapping: str) -> list[LotRef]:
    gathering = Gathering()
    meant = read_mapping(Path(mapping)) if mapping else None
    ledger.importer(gathering, gathering).import_file(path, mapping=meant)
    return lots_packed_in(gathering, path.name)


def cases_of(facts: LabelFacts, master: MasterData) -> int:
    """One label a case: what was counted, else the lot's grams by those of one case where that comes out even."""
    if facts.cases is not None:
        return facts.cases
    product = master.products.get(facts.lot.product)
    if product is None or product.bulk_of or facts.grams % product.net_grams:
        raise InvalidInput.one(
            "cases", "label.cases", facts.grams, "no cases were counted, and the mass is no whole number of cases"
        )
    return facts.grams // product.net_grams


def label_of(facts: LabelFacts, master: MasterData, languages: Sequence[Words], public_url: str) -> Label:
    """The label of a lot in those languages."""
    lot = facts.lot
    allotted = lot.product >= FIRST_ALLOTTED_PRODUCT
    return Label(
        link=lot_link(public_url, lot),
        lot_code=lot.code,
        lot_captions=tuple(speak(N_("Lot")) for speak in languages),
        product_number=str(lot.product) if allotted else f"(01) {lot.product:014d}",
        texts=tuple(_text(facts, master, speak) for speak in languages),
    )


def _text(facts: LabelFacts, master: MasterData, speak: Words) -> LabelText:
    product = master.products.get(facts.lot.product)
    party = master.parties.get(facts.party)
    # A lot of loose fruit weighs what it weighs; a case weighs what its product says.
    grams = product.net_grams if product and not product.bulk_of else facts.grams
    return LabelText(
        speak.language,
        _in(product.name, speak) if product else str(facts.lot.product),
        (
            Detail("variety", speak(N_("Variety")), _in(product.variety, speak) if product else ""),
            Detail("origin", speak(N_("Origin")), _origin(facts, master, speak)),
            Detail("date", speak(_DATES[facts.born]), speak.date(facts.moment)),
            Detail("net-weight", speak(N_("Net weight")), speak.kilograms(grams)),
            Detail("packer", speak(_WHO[facts.born]), _in(party.name, speak) if party else str(facts.party)),
        ),
    )


_WHO = {Born.PACKING: N_("Packed by"), Born.HARVEST: N_("Grown by"), Born.INTAKE: N_("Bought by")}


def _origin(facts: LabelFacts, master: MasterData, speak: Words) -> str:
    """The regions where the fruit grew, each once; the town of the place or of the party where no region is known."""
    regions: dict[str, None] = {}
    for grown in facts.grown_at:
        plot = master.plots.get(grown.place) if grown.place else None
        place = master.places.get(grown.place) if grown.place else None
        party = master.parties.get(grown.party)
        texts: tuple[Text, ...] = (
            plot.region if plot else {}, place.city if place else {}, party.city if party else {},
        )  # fmt: skip
        if region := next((_in(text, speak) for text in texts if text), ""):
            regions[region] = None
    return speak.joined(regions)


def _in(text: Text, speak: Words) -> str:
    return text_in(text, speak.language)
