"""
The vectors of tests/vectors/binding.json: what each form of docs/events.md implies, and what is refused by which rule.

Every form carries its pre-image, written with the package rfc8785. A refusal is a form with one member changed or taken
away; its rule stands here, written by hand, and a test holds `action_of` to it. Numbers of actions are decimal strings.
Run as a script, this module writes the file.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import event_builders as build
import rfc8785
from event_builders import changed

from ledger.domain.action_json import to_json
from ledger.domain.binding import action_of, amended_of, lines_of, lots_of
from ledger.domain.digital_link import lot_uri, party_uri, place_uri
from ledger.domain.errors import InvalidInput
from ledger.domain.event_forms import Arrival, Settled, When
from ledger.domain.identifiers import LotRef, ProductId
from ledger.domain.records import JsonTree
from ledger.domain.trace import outputs_of, parents_in

VECTORS_FILE = Path(__file__).parents[1] / "vectors" / "binding.json"
DEADLINE = 1_790_000_000

CODE = "/quantityList/0/epcClass"
LIMITS = "/silkroot:limits/0"
CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
BASE = "https://silkroot.example/"
OURS = f"{BASE}epcis/"
GTIN, GLN, OTHER_GLN = "09520000001001", "9520000000011", "9520000000028"
PACKED = lot_uri(build.PACKED_LOT)
OVER = [{"epcClass": PACKED, "grams": 5}]
TWO_LINES = (build.amount(build.PACKED_LOT, 2_000), build.amount(build.OTHER_PACKED_LOT, 3_000))
HARVEST_LIMITS = {
    "epcClass": lot_uri(build.HARVEST_LOT), "minimum": -500, "maximum": 8_000, "tolerance": 60,
}  # fmt: skip
GONE = ...
"""In place of a value: the member is taken away."""


def renamed(event: JsonTree, prefix: str) -> JsonTree:
    """The event with our members under another prefix."""
    members = {key.replace("silkroot:", f"{prefix}:"): value for key, value in event.items()}
    return members | {"@context": [CONTEXT, {prefix: OURS}]}


def other_forms() -> dict[str, JsonTree]:
    """Events in forms that the builders' defaults do not have."""
    allotted = LotRef(ProductId(10**14 + 5), "K/1")
    return {
        "harvest without a plot": changed(build.harvest(), "/readPoint", GONE),
        "harvest at a place that is no plot": changed(build.harvest(), "/readPoint/id", place_uri(build.FARM)),
        "harvest of a stated season": build.harvest(season=2025),
        "harvest on New Year's Eve by other clocks": changed(
            build.harvest(when=When("2025-12-31T23:30:00Z")), "/eventTimeZoneOffset", "+08:00"
        ),
        "harvest of an allotted product": build.harvest(lot=allotted),
        "harvest by the whole names of EPCIS": build.harvest()
        | {"bizStep": "https://ref.gs1.org/cbv/BizStep-commissioning"},
        "harvest by CBV 1.2": build.harvest() | {"bizStep": "urn:epcglobal:cbv:bizstep:commissioning"},
        "harvest in grams": changed(changed(build.harvest(), "/quantityList/0/uom", "GRM"),
                                    "/quantityList/0/quantity", 1_500.0),
        "harvest of an odd mass": changed(build.harvest(), "/quantityList/0/quantity", 0.29),
        "harvest in tonnes": changed(changed(build.harvest(), "/quantityList/0/uom", "TNE"),
                                     "/quantityList/0/quantity", 1e-6),
        "harvest with temperature limits": build.harvest() | {"silkroot:limits": [HARVEST_LIMITS]},
        "packing with temperature limits": build.packing(
            outputs=[build.amount(lot, 400_000) for lot in (build.PACKED_LOT, build.OTHER_PACKED_LOT)]
        ) | {"silkroot:limits": [{"epcClass": PACKED, "maximum": 8_000}]},
        "harvest by URN": changed(build.harvest(), CODE, "urn:epc:class:lgtin:9520000.000100.A%2F1"),
        "harvest with an escaped lot code": changed(build.harvest(), CODE, f"https://example.com/01/{GTIN}/10/A%2F1?17=261231"),
        "harvest with a best-before date on a leap day": changed(
            build.harvest(), CODE, f"https://id.gs1.org/01/{GTIN}/10/H?17=240229&15=240200"
        ),
        "harvest under another prefix": renamed(build.harvest(), "sr"),
        "harvest under a prefix of an earlier entry": build.harvest()
        | {"@context": [CONTEXT, {"base": BASE}, {"silkroot": "base:epcis/"}]},
        "packing with all three ways out": build.packing(culls=60_000, process_loss=30_000, remainder=10_000),
        "packing of more than went in": build.packing(outputs=[build.amount(build.PACKED_LOT, 2_000_000)]),
        "packing of two lots into two": build.packing(
            inputs=[build.amount(), build.amount(build.INTAKE_LOT, 5_000)],
            outputs=[build.amount(lot, 400_000) for lot in (build.PACKED_LOT, build.OTHER_PACKED_LOT)],
        ),
        "shipping under a bill of lading": changed(build.shipping(), "/bizTransactionList/0/type", "bol"),
        "shipping to an allotted party": build.shipping(receiver=build.ALLOTTED_BUYER),
        "shipping of two lots": build.shipping(manifest=TWO_LINES),
        "receiving of more than was sent": build.receiving() | {"silkroot:over": OVER},
        "partial receipt of nothing": build.partial_receipt(
            arrivals=[Arrival(build.HARVEST_LOT, short=5)], return_ref=""
        ),
        "partial receipt of two lots": build.partial_receipt(
            arrivals=[Arrival(build.HARVEST_LOT, 7, 0, 2), Arrival(build.PACKED_LOT, 5)], return_ref=""
        ),
        "settlement by one side alone": build.settlement(lines=[Settled(build.HARVEST_LOT, 5)])
        | {"silkroot:alone": True},
        "settlement by the shipper": build.settlement(party=build.FARM),
        "notice of a write-off": build.notice(party=build.PACKING_HOUSE, about="write-off"),
        "void after notice": build.void(agreed=False),
        "sale of two lots": build.sale(lines=TWO_LINES),
        "intake that was nothing": build.intake_amendment(deliveries=()),
        "inspection under an IRI": build.inspection() | {"bizStep": "https://example.org/steps/washing"},
        "inspection of nothing": build.inspection(lots=()),
        "aggregation": build.inspection() | {"type": "AggregationEvent", "bizStep": "packing",
                                             "childQuantityList": [{"epcClass": PACKED}]},
        "no business step": changed(build.inspection(), "/bizStep", GONE),
        "error declaration": build.shipping() | {"errorDeclaration": {"declarationTime": "2026-08-06T12:00:00Z"}},
        "reservation without terms": changed(build.pledge(), "/silkroot:pledge", GONE),
        "recall by disposition alone": changed(build.recall(), "/persistentDisposition", GONE),
    }  # fmt: skip


REFUSED: Sequence[tuple[str, str, Any, str]] = [
    ("harvest", "/silkroot:party", GONE, "silkroot.party"),
    ("harvest", "/silkroot:party", 9520000000011, "silkroot.party"),
    ("harvest", "/silkroot:party", "9520000000012", "gs1.check-digit"),
    ("harvest", "/silkroot:party", "0000000000000", "gs1.gln.zero"),
    ("harvest", "/silkroot:party", "18446744073709551616", "party.allotted"),
    ("harvest", f"/{OURS.replace('/', '~1')}party", GLN, "silkroot.twice"),
    ("harvest", f"/{OURS.replace('/', '~1')}blind", "", "silkroot.twice"),
    ("harvest", "/@context", [CONTEXT, {"silkroot": "base:epcis/", "base": BASE}], "silkroot.party"),
    ("harvest", "/@context", [CONTEXT, {"base": BASE, "silkroot": "base:epcis/"}], "silkroot.party"),
    ("harvest", "/action", "OBSERVE", "form.action"),
    ("harvest with temperature limits", "/silkroot:limits", [], "silkroot.member"),
    ("harvest with temperature limits", "/silkroot:limits", {}, "silkroot.member"),
    ("harvest with temperature limits", f"{LIMITS}/epcClass", PACKED, "limits.lot"),
    ("harvest with temperature limits", f"{LIMITS}/epcClass", f"https://id.gs1.org/01/{GTIN}", "limits.lot"),
    ("harvest with temperature limits", f"{LIMITS}/epcClass", GONE, "epcis.uri"),
    ("harvest with temperature limits", "/silkroot:limits/0", {"epcClass": HARVEST_LIMITS["epcClass"]}, "limits.range"),
    ("harvest with temperature limits", f"{LIMITS}/maximum", -501, "limits.range"),
    ("harvest with temperature limits", f"{LIMITS}/maximum", 8.5, "limits.degrees"),
    ("harvest with temperature limits", f"{LIMITS}/minimum", None, "limits.degrees"),
    ("harvest with temperature limits", f"{LIMITS}/minimum", -273_151, "limits.degrees"),
    ("harvest with temperature limits", f"{LIMITS}/tolerance", -1, "limits.tolerance"),
    ("harvest with temperature limits", f"{LIMITS}/tolerance", None, "limits.tolerance"),
    ("packing with temperature limits", f"{LIMITS}/epcClass", lot_uri(build.HARVEST_LOT), "limits.lot"),
    ("harvest", CODE, GONE, "epcis.uri"),
    ("harvest", CODE, f"https://id.gs1.org/01/{GTIN}", "line.lot"),
    ("harvest", CODE, "https://id.gs1.org/01/09520000001002/10/H-0001", "gs1.check-digit"),
    ("harvest", CODE, "https://id.gs1.org/01/00000000000000/10/H-0001", "gs1.gtin.zero"),
    ("harvest", CODE, "https://id.gs1.org/01/0952000000100A/10/H-0001", "gs1.format"),
    ("harvest", CODE, f"https://id.gs1.org/01/{GTIN}/10/H?17=261301", "gs1.date"),
    ("harvest", CODE, f"https://id.gs1.org/01/{GTIN}/10/H?17=250229", "gs1.date"),
    ("harvest", CODE, "https://id.gs1.org/8004/AB12", "gs1.company-prefix"),
    ("harvest", CODE, f"https://id.gs1.org/01/{GTIN}/10/西", "digital-link.characters"),
    ("harvest", CODE, "https://id.gs1.org", "digital-link.no-path"),
    ("harvest", CODE, f"https://a_b/01/{GTIN}/10/H", "digital-link.domain"),
    ("harvest", CODE, "https://id.gs1.org/melons", "digital-link.no-key"),
    ("harvest", CODE, f"https://id.gs1.org/01/{GTIN}/21/1/10/H", "digital-link.order"),
    ("harvest", CODE, f"https://id.gs1.org/01/{GTIN}/10/", "digital-link.empty"),
    ("harvest", CODE, f"https://id.gs1.org/01/{GTIN}/10/%2", "digital-link.escape"),
    ("harvest", CODE, f"https://id.gs1.org/01/{GTIN}/10/H?9999=1", "digital-link.unknown-ai"),
    ("harvest", CODE, f"https://id.gs1.org/01/{GTIN}/10/H?17=261231&17=261231", "digital-link.duplicate"),
    ("harvest", CODE, f"https://id.gs1.org/01/{GTIN}/10/H?21=1", "digital-link.attribute"),
    ("harvest", CODE, "https://silkroot.example/lot/99/H-1", "product.allotted"),
    ("harvest", CODE, "https://silkroot.example/lot/100000000000005/H%20", "gs1.ai10"),
    ("harvest", CODE, "urn:epc:class:lgtin:9520000.000100", "epc.urn"),
    ("harvest", CODE, "urn:epc:id:lgtin:9520000.000100.A", "epc.urn"),
    ("harvest", CODE, "urn:epc:class:lgtin:9520000.00010.A", "epc.urn"),
    ("harvest", CODE, "urn:epc:class:lgtin:9520000.000100.A%", "epc.urn"),
    ("harvest", CODE, "urn:epc:class:lgtin:9520000.000100.A%20", "gs1.format"),
    ("harvest", "/quantityList/0", 7, "epcis.object"),
    ("harvest", "/quantityList", "H-0001", "epcis.list"),
    ("harvest", "/quantityList/0/uom", "EA", "mass.uom"),
    ("harvest", "/quantityList/0/quantity", "1", "mass.number"),
    ("harvest", "/quantityList/0/quantity", True, "mass.number"),
    ("harvest", "/quantityList/0/quantity", 0, "mass.positive"),
    ("harvest", "/quantityList/0/quantity", 0.0001, "mass.whole-grams"),
    ("harvest", "/quantityList/0/quantity", 1e-7, "mass.whole-grams"),
    ("harvest in tonnes", "/quantityList/0/quantity", 2**53 - 1, "mass.range"),
    ("harvest", "/readPoint", "field", "epcis.uri"),
    ("harvest", "/readPoint/id", "https://id.gs1.org/414/9520000000012", "gs1.check-digit"),
    ("harvest", "/silkroot:season", 2026.0, "silkroot.season"),
    ("harvest", "/silkroot:season", 2201, "silkroot.season"),
    ("harvest", "/eventTime", "1026-08-05T12:00:00+08:00", "silkroot.season"),
    ("harvest", "/eventTime", "2026-02-30T12:00:00+08:00", "epcis.time"),
    ("harvest", "/eventTime", "2026-08-05T12:00:00", "epcis.time"),
    ("harvest", "/eventTime", "2026-08-05T24:00:00Z", "epcis.time"),
    ("harvest", "/eventTimeZoneOffset", "+99:00", "epcis.time"),
    ("harvest", "/silkroot:was", 5, "form.own-member"),
    ("sale of two lots", "/bizStep", "commissioning", "form.action"),
    ("intake", "/silkroot:intake", [], "intake.roster"),
    ("intake", "/silkroot:intake/0/grams", 1, "intake.sum"),
    ("intake", "/silkroot:intake/0/grams", 250_000.0, "intake.grams"),
    ("intake", "/silkroot:intake/0/grams", 0, "intake.grams"),
    ("intake", "/silkroot:intake/0/ticket", GONE, "intake.row"),
    ("intake", "/silkroot:intake/0/roster", "", "intake.text"),
    ("intake", "/bizStep", "receiving", "form.intake"),
    ("intake", "/silkroot:yield", {}, "form.two-actions"),
    ("packing", "/bizStep", "inspecting", "form.biz-step"),
    ("packing", "/inputQuantityList", GONE, "form.both-lists"),
    ("packing", "/outputQuantityList", [], "form.both-lists"),
    ("packing", "/silkroot:culls", -1, "silkroot.grams"),
    ("packing", "/silkroot:remainder", 0.5, "silkroot.grams"),
    ("packing", "/disposition", "recalled", "form.two-actions"),
    ("shipping", "/disposition", "in_progress", "form.disposition"),
    ("shipping", "/sourceList", [], "handoff.party"),
    ("shipping", "/sourceList/0/type", "owning_party", "handoff.party"),
    ("shipping", "/sourceList/0/source", party_uri(build.STRANGER), "handoff.shipper"),
    ("shipping", "/destinationList/0/destination", "https://example.org/me", "party.uri"),
    ("shipping", "/destinationList/0/destination", "urn:silkroot:party:7", "party.allotted"),
    ("shipping", "/bizTransactionList", GONE, "handoff.reference"),
    ("shipping", "/bizTransactionList/0/bizTransaction", "", "handoff.reference"),
    ("shipping", "/silkroot:over", OVER, "form.own-member"),
    ("receiving", "/silkroot:party", f"{build.STRANGER:013d}", "handoff.receiver"),
    ("receiving", "/silkroot:over", OVER * 2, "line.twice"),
    ("receiving", "/quantityList", build.shipping()["quantityList"] * 2, "line.twice"),
    ("partial_receipt", "/type", "TransactionEvent", "form.event-type"),
    ("partial_receipt", "/bizStep", "accepting", "form.biz-step"),
    ("partial_receipt", "/silkroot:receipt", None, "silkroot.member"),
    ("partial_receipt", "/silkroot:receipt/0/toCome", GONE, "silkroot.grams"),
    ("partial_receipt", "/silkroot:receipt/0/short", 1.0, "silkroot.grams"),
    ("partial_receipt", "/silkroot:receipt/0/accepted", 700_001, "line.sum"),
    ("partial_receipt", CODE, PACKED, "line.differs"),
    ("partial_receipt", "/quantityList", GONE, "line.differs"),
    ("partial_receipt", "/silkroot:over", [{"epcClass": PACKED, "grams": 0}], "line.nothing"),
    ("partial_receipt", "/bizTransactionList/1", GONE, "handoff.return-reference"),
    ("partial receipt of nothing", "/bizTransactionList/1",
     {"type": "rma", "bizTransaction": "urn:example:r-1"}, "handoff.return-reference"),
    ("partial_receipt", "/silkroot:void", "agreed", "form.two-actions"),
    ("settlement", "/silkroot:party", f"{build.STRANGER:013d}", "handoff.side"),
    ("settlement", "/silkroot:alone", False, "silkroot.member"),
    ("notice", "/silkroot:notice", "perhaps", "silkroot.member"),
    ("notice", "/quantityList", [], "form.lots"),
    ("void", "/silkroot:void", GONE, "form.own-member"),
    ("void", "/quantityList/0/quantity", GONE, "mass.number"),
    ("sale", "/disposition", "in_progress", "form.disposition"),
    ("disposal", "/action", "ADD", "form.action"),
    ("recall", "/quantityList", GONE, "form.recall-one-lot"),
    ("recall", "/persistentDisposition", None, "epcis.object"),
    ("recall", "/persistentDisposition/set", "recalled", "epcis.list"),
    ("release", "/disposition", "recalled", "form.two-actions"),
    ("inspection", CODE, "https://id.gs1.org/01/09520000001002/10/H-0001", "gs1.check-digit"),
    ("plot_registration", "/epcList", [], "plot.place"),
    ("plot_registration", "/epcList/0", place_uri(build.FARM), "plot.place"),
    ("plot_registration", "/quantityList", [{"epcClass": PACKED}], "form.lots"),
    ("plot_registration", "/silkroot:plot/producer", "9520000000012", "gs1.check-digit"),
    ("yield_certificate", "/silkroot:yield/season", GONE, "silkroot.season"),
    ("yield_certificate", "/silkroot:yield", None, "silkroot.member"),
    ("pledge", "/quantityList", [], "form.one-lot"),
    ("pledge", "/silkroot:pledge/until", "2026-12-31T18:00:00.5Z", "silkroot.time"),
    ("pledge", "/silkroot:pledge/until", "1969-12-31T23:59:59Z", "silkroot.time"),
    ("pledge", "/silkroot:pledge/lender", "bank", "silkroot.party"),
    ("pledge_release", "/quantityList/0/quantity", 5, "form.one-lot"),
    ("harvest_amendment", "/silkroot:corrects", "0123456789ABCDEF" * 4, "silkroot.member"),
    ("harvest_amendment", "/silkroot:corrects", GONE, "form.own-member"),
    ("harvest_amendment", "/silkroot:was", GONE, "silkroot.grams"),
    ("harvest_amendment", "/quantityList", [], "birth.one-lot"),
    ("packing_amendment", "/silkroot:was", GONE, "silkroot.member"),
    ("packing_amendment", "/silkroot:was/inputs/0/epcClass", PACKED, "line.differs"),
]  # fmt: skip
"""(form, JSON pointer, new value, rule)."""


def all_forms() -> dict[str, JsonTree]:
    """Every event that binds, by name."""
    return {name: builder() for name, builder in build.BUILDERS.items()} | other_forms()


def put(event: JsonTree, path: str, value: Any) -> JsonTree:
    """`changed`, for JSON pointers with escapes, and for an element after the last of a list."""
    *way, last = path.split("/")[1:]
    keys = [key.replace("~1", "/").replace("~0", "~") for key in (*way, last)]
    copied = copy.deepcopy(event)
    inner: Any = copied
    for key in keys[:-1]:
        inner = inner[int(key)] if isinstance(inner, list) else inner[key]
    at: Any = int(keys[-1]) if isinstance(inner, list) else keys[-1]
    if value is GONE:
        del inner[at]
    elif isinstance(inner, list) and at == len(inner):
        inner.append(value)
    else:
        inner[at] = value
    return copied


def build_vectors() -> dict[str, Any]:
    """The content of the file."""
    forms = all_forms()
    return {
        "about": "what action_of gives or refuses; contentHash = SHA-256(UTF-8 of preImage); generated by "
        "tests/support/binding_vectors.py",
        "deadline": str(DEADLINE),
        "forms": [_form(name, event) for name, event in forms.items()],
        "refused": [_refusal(forms[name], name, *case) for name, *case in REFUSED],
    }


def _form(name: str, event: JsonTree) -> dict[str, Any]:
    hashed = {key: value for key, value in event.items() if key not in ("recordTime", "eventID")}
    image = b"silkroot-event-1\n" + rfc8785.dumps(hashed)
    action = action_of(event, DEADLINE)
    form: dict[str, Any] = {
        "name": name,
        "event": event,
        "preImage": image.decode(),
        "contentHash": "0x" + hashlib.sha256(image).hexdigest(),
        "action": to_json(action),
        "lots": [{"product": str(ref.product), "code": ref.code, "id": _hex(ref.id)} for ref in lots_of(event)],
    }
    moves = form["action"]["type"] in {
        "Harvest", "Intake", "Transformation", "Shipment", "Receipt", "PartialReceipt", "Settlement", "Void", "Sale",
        "Disposal", "BirthAmendment", "TransformationAmendment",
    }  # fmt: skip
    if moves:
        form["lines"] = [{"lot": _hex(line.lot), "grams": str(line.grams)} for line in lines_of(event)]
    if form["action"]["type"] == "TransformationAmendment":
        inputs, outputs = amended_of(event)
        form["amended"] = {
            "inputs": [{"lot": _hex(line.lot), "grams": str(line.grams)} for line in inputs],
            "outputs": [{"product": str(o.product), "lotCode": o.lot_code, "grams": str(o.grams)} for o in outputs],
        }
    if "outputs" in form["action"]:
        form["parents"] = {
            _hex(lot): [_hex(parent) for parent in parents_in(action, lot)] for lot in outputs_of(action)
        }  # type: ignore[arg-type]
    return form


def _refusal(event: JsonTree, form: str, path: str, value: Any, rule: str) -> dict[str, Any]:
    change = {"gone": True} if value is GONE else {"value": value}
    try:
        action_of(put(event, path, value), DEADLINE)
    except InvalidInput as error:
        return {"form": form, "at": path, **change, "field": error.violations[0].field, "rule": rule}
    raise AssertionError(f"{form} {path} {value!r} binds")


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


if __name__ == "__main__":
    VECTORS_FILE.write_text(json.dumps(build_vectors(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
