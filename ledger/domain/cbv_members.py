"""
Which members go into the CBV 2.0 event hash, in which order, and which vocabulary their bare words belong to; no I/O.

Source: GS1 Core Business Vocabulary 2.0, section 8.9; see `ledger.domain.cbv_hash`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.domain.epcis import vocabulary

QUANTITY = {"epcClass": None, "quantity": None, "uom": None}
PLACE = {"id": None}
EPCS = {"epc": None}
QUANTITIES = {"quantityElement": QUANTITY}
METADATA = dict.fromkeys(
    "time startTime endTime deviceID deviceMetadata rawData dataProcessingMethod bizRules".split()  # noqa: SIM905
)
REPORT = dict.fromkeys(
    [
        "type",
        "exception",
        "deviceID",
        "deviceMetadata",
        "rawData",
        "dataProcessingMethod",
        "bizRules",
        "time",
        "microorganism",
        "chemicalSubstance",
        "value",
        "component",
        "stringValue",
        "booleanValue",
        "hexBinaryValue",
        "uriValue",
        "minValue",
        "maxValue",
        "meanValue",
        "sDev",
        "percRank",
        "percValue",
        "uom",
        "coordinateReferenceSystem",
    ]
)
ORDER: dict[str, Any] = {
    "eventTime": None,
    "eventTimeZoneOffset": None,
    "certificationInfo": None,
    "parentID": None,
    "epcList": EPCS,
    "inputEPCList": EPCS,
    "childEPCs": EPCS,
    "quantityList": QUANTITIES,
    "childQuantityList": QUANTITIES,
    "inputQuantityList": QUANTITIES,
    "outputEPCList": EPCS,
    "outputQuantityList": QUANTITIES,
    "action": None,
    "transformationID": None,
    "bizStep": None,
    "disposition": None,
    "persistentDisposition": {"set": None, "unset": None},
    "readPoint": PLACE,
    "bizLocation": PLACE,
    "sensorElementList": {"sensorElement": {"sensorMetadata": METADATA, "sensorReport": REPORT}},
}
PAIRS = {"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination"}
LEFT_OUT = frozenset({"@context", "type", "recordTime", "eventID", "errorDeclaration", "comment"})
COMMENT = "http://www.w3.org/2000/01/rdf-schema#comment"

# Which class of vocabulary a bare word of that member belongs to.
WORDS: dict[str, tuple[frozenset[str], str]] = {
    "bizStep": (vocabulary.BIZ_STEPS, vocabulary.CBV + "BizStep-"),
    "disposition": (vocabulary.DISPOSITIONS, vocabulary.CBV + "Disp-"),
    "set": (vocabulary.DISPOSITIONS, vocabulary.CBV + "Disp-"),
    "unset": (vocabulary.DISPOSITIONS, vocabulary.CBV + "Disp-"),
    "component": (vocabulary.COMPONENTS, vocabulary.CBV + "Comp-"),
    "type": (vocabulary.MEASUREMENT_TYPES, vocabulary.GS1_VOCABULARY),
    "exception": (vocabulary.SENSOR_ALERT_TYPES, vocabulary.GS1_VOCABULARY),
}
PAIR_WORDS = {
    "bizTransaction": (vocabulary.BIZ_TRANSACTION_TYPES, vocabulary.CBV + "BTT-"),
    "source": (vocabulary.SOURCE_DESTINATION_TYPES, vocabulary.CBV + "SDT-"),
    "destination": (vocabulary.SOURCE_DESTINATION_TYPES, vocabulary.CBV + "SDT-"),
}
EPC_LISTS = frozenset({"epcList", "inputEPCList", "outputEPCList", "childEPCs"})
QUANTITY_LISTS = frozenset({"quantityList", "inputQuantityList", "outputQuantityList", "childQuantityList"})
LISTS = QUANTITY_LISTS | {"sensorElementList", "sensorReport"}
ELEMENT: Mapping[str, Any] = ORDER["sensorElementList"]["sensorElement"]
TIMES = frozenset({"eventTime", "time", "startTime", "endTime"})
