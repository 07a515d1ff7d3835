"""
The quick answer for most readings and observations: the event breaks none of `ledger.domain.epcis.rules`; no I/O.

Those rules look at an event a dozen times, for all that may stand in one. Here an object event of what loggers send is
gone through once. A property test holds the two equal. A no is no answer: then the rules are asked, which say what is
wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ledger.domain.digital_link import elements_of_uri
from ledger.domain.epcis.names import is_unknown_cbv_term
from ledger.domain.epcis.rules import is_calendar_day
from ledger.domain.errors import InvalidGs1Key
from ledger.domain.sensors.reports import report_violations

_NOT_HERE = frozenset(
    {
        "bizTransactionList",
        "certificationInfo",
        "childEPCs",
        "childQuantityList",
        "destinationList",
        "epcList",
        "errorDeclaration",
        "ilmd",
        "inputEPCList",
        "inputQuantityList",
        "outputEPCList",
        "outputQuantityList",
        "parentID",
        "persistentDisposition",
        "recordTime",
        "sourceList",
        "transformationID",
    }
)
"""Members that have rules of their own, which are not gone through here."""
_DAY = len("2026-08-05")
_REPORT_TIMES = ("time",)
_METADATA_TIMES = ("time", "startTime", "endTime")
_is_day = lru_cache(maxsize=64)(is_calendar_day)


def keeps_all_rules(event: Mapping[str, Any]) -> bool:
    """Whether it is sure that `check_rules` finds nothing, under whatever prefixes."""
    if event.get("type") != "ObjectEvent" or not event.keys().isdisjoint(_NOT_HERE):
        return False
    quantities, elements = event.get("quantityList", ()), event.get("sensorElementList", ())
    if not quantities and not (elements and "readPoint" in event):
        return False
    for name in ("bizStep", "disposition"):
        word = event.get(name, "")
        if type(word) is not str or (":" in word and is_unknown_cbv_term(word)):
            return False
    try:
        return (
            _has_day(event.get("eventTime"))
            and ("readPoint" not in event or _has_id(event["readPoint"], "id"))
            and ("bizLocation" not in event or _has_id(event["bizLocation"], "id"))
            and _are_quantities(quantities)
            and (not elements or _are_elements(elements))
            and (not elements or _are_plain_degrees(elements) or not report_violations(event))
        )
    except InvalidGs1Key:
        return False


def _are_quantities(items: object) -> bool:
    if not isinstance(items, list | tuple):
        return False
    for item in items:
        if not _has_id(item, "epcClass"):
            return False
        if "quantity" in item:
            quantity = item["quantity"]
            if type(quantity) not in (int, float) or not quantity > 0:
                return False
        elif "uom" in item:
            return False
    return True


def _are_elements(items: object) -> bool:
    if type(items) is not list:
        return False
    for element in items:
        reports = element.get("sensorReport") if type(element) is dict else None
        if type(reports) is not list:
            return False
        for report in reports:
            if not _is_dated_device(report, _REPORT_TIMES):
                return False
        if "sensorMetadata" in element and not _is_dated_device(element["sensorMetadata"], _METADATA_TIMES):
            return False
    return True


def _are_plain_degrees(elements: list[Any]) -> bool:
    """Whether all that is measured is one value in degrees Celsius that an instrument can measure."""
    for element in elements:
        for report in element["sensorReport"]:
            value = report.get("value")
            if report.get("type") != "Temperature" or report.get("uom") != "CEL" or type(value) not in (int, float):
                return False
            if not -200 < value < 900 or "minValue" in report or "maxValue" in report:
                return False
    return True


def _is_dated_device(node: object, times: tuple[str, ...]) -> bool:
    """Whether all is well with the times and the device that a report, or the metadata of several, may state."""
    if type(node) is not dict:
        return False
    for name in times:
        if name in node and not _has_day(node[name]):
            return False
    return "deviceID" not in node or _has_id(node, "deviceID")


def _has_id(node: object, name: str) -> bool:
    """Whether an object has an id there that is no broken GS1 key; `InvalidGs1Key` where it is one."""
    if type(node) is not dict or type(uri := node.get(name)) is not str:
        return False
    elements_of_uri(uri)
    return True


def _has_day(time: object) -> bool:
    return type(time) is str and _is_day(time[:_DAY])
