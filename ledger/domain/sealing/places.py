"""
Which members of an event may be sealed at all; no I/O.

The same answer binds whoever seals and whoever reveals, so that a disclosure can never add a member that the ledger
reads: what the chain itself discloses (parties, lots, quantities, references, times), what says which form an event
has, and what verdicts rest on. A path is a sequence of expanded names, with `None` for an element of a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.domain.epcis.members import EVENT_SHAPES, Shape
from ledger.domain.epcis.names import bare_word, is_absolute, namespace_and_local
from ledger.domain.epcis.vocabulary import EPCIS_NAMESPACE
from ledger.domain.own_members import NAMESPACE

Path = tuple[str | None, ...]

SEALED = "sealed"
SEALED_ELEMENT = "sealedElement"

FIXED = frozenset(
    {
        "airLeg", "alone", "blind", "carrier", "cases", "certificate", "coolingLocation", "corrects",
        "criticalTrackingEvent", "culls", "expectedArrival", "harvestLocation", "intake", "leg", "limits", "notice",
        "over", "party", "photos", "pledge", "pledgeRelease", "plot", "processLoss", "receipt", "recipient",
        "referenceDocument", "remainder", "season", "settlement", "void", "was", "yield",
    }
)  # fmt: skip
"""Members of ours that stay open, with all that lies in them."""
LISTS_LOTS = frozenset({"lines"})
"""Members of ours that name lots: open themselves, what their elements say beside the lot may be sealed."""
NEVER = frozenset({"epcclass", "quantity", "uom", "grams", "lotnumber", SEALED, SEALED_ELEMENT.lower()})
"""Names in lower case that are never sealed, wherever they stand."""
POSITION_TYPES = frozenset({"Angle", "Length", "Altitude", "Dimensionless"})
POSITION_COMPONENTS = frozenset({"latitude", "longitude", "altitude", "easting", "northing"})
READING_VALUES = frozenset(
    {"value", "stringValue", "hexBinaryValue", "uriValue", "minValue", "maxValue", "meanValue", "sDev", "percValue"}
)
_REPORT: Path = ("sensorElementList", None, "sensorReport", None)

_DISCLOSED = ("sealing.disclosed", "the chain tells this to everybody, or the ledger's rules rest on it")
_CLOSED = ("sealing.closed", "EPCIS lets this object have no further members, so no digest can stand in it")
_NAME = ("sealing.name", "no member of another namespace has such a name")


def _root() -> Shape:
    """All event types in one: a policy is checked before there is an event."""
    root = Shape(is_open=True)
    for shape in EVENT_SHAPES.values():
        root.members.update(shape.members)
        root.children.update(shape.children)
    return root


_ROOT = _root()


def refusal(path: Path, holder: Mapping[str, Any] | None = None) -> tuple[str, str] | None:
    """
    Rule and message where the member at the path may not be sealed; None where it may. `holder` is the object that
    the member belongs to, where there is one: of a sensor's report, only the values of a position may be sealed.
    """
    shape, at = _ROOT, 0
    while True:
        name = path[at] if at < len(path) else None
        if name is None:
            return _DISCLOSED
        if name in shape.children:
            member, child = shape.children[name]
            at += 2 if member.is_list else 1
            shape = child
        elif name in shape.members:
            is_value = path[:-1] == _REPORT and name in READING_VALUES
            return None if is_value and (holder is None or is_position(holder)) else _DISCLOSED
        else:
            break
    return _foreign_refusal(path[at:], shape.is_open, at == 0)


def _foreign_refusal(path: Path, is_open: bool, at_top: bool) -> tuple[str, str] | None:
    """The path from the first name that EPCIS does not know."""
    first = path[0]
    if not is_open:
        return _CLOSED
    if first is None or ":" not in first:
        return _NAME
    if any(not _is_name(name) for name in path if name is not None):
        return _NAME
    if at_top and first.startswith(NAMESPACE):
        own = first.removeprefix(NAMESPACE)
        names_lots = own in LISTS_LOTS and all(name is None for name in path[1:])
        if own in FIXED or names_lots:
            return _DISCLOSED
    last = path[-1]
    return _DISCLOSED if last is not None and local_name(last).lower() in NEVER else None


def _is_name(name: str) -> bool:
    """Not a JSON-LD keyword, nor a member of EPCIS in disguise, nor of a prefix that nobody declared."""
    return name[:1] != "@" and not name.startswith(EPCIS_NAMESPACE) and (":" not in name or is_absolute(name))


def is_position(report: Mapping[str, Any]) -> bool:
    """Whether a sensor's report says where something was; a temperature never does."""
    component, kind = report.get("component"), report.get("type")
    if not isinstance(component, str) or not isinstance(kind, str):
        return False
    return bare_word(component) in POSITION_COMPONENTS and kind.rpartition("/")[2].rpartition(":")[2] in POSITION_TYPES


def local_name(expanded: str) -> str:
    """The name without its namespace: `phone` of `https://gs1.org/voc/phone`."""
    found = namespace_and_local(expanded, {})
    return found[1] if found else expanded
