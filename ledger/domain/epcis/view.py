"""
The typed view of EPCIS 2.0: one frozen struct per object of the standard, checked by msgspec; no I/O.

Mirrors the published JSON schema (GS1 EPCIS 2.0, `EPCIS-JSON-Schema.json`), with its formats asserted: URIs by RFC
3986, times by RFC 3339 with a zone. What is hashed and stored is the parsed tree; this view only checks it. msgspec
ignores members that a struct does not have: `ledger.domain.epcis.members` looks at those. Conditions between members
are in `ledger.domain.epcis.rules`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ledger.domain.epcis import vocabulary

# RFC 3986 appendix A without IP literals in brackets: an identifier has no reason to hold one.
_CHARACTER = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
_HOST = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})"
_USER = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})"
_AUTHORITY = rf"//(?:{_USER}*@)?{_HOST}*(?::[0-9]*)?(?:/{_CHARACTER}*)*"
_TAIL = rf"(?:\?(?:{_CHARACTER}|[/?])*)?(?:#(?:{_CHARACTER}|[/?])*)?"
_URI = rf"[A-Za-z][A-Za-z0-9+.\-]*:(?:{_AUTHORITY}|(?!//)(?:{_CHARACTER}|/)+){_TAIL}"
# Most identifiers are plain; this alternative comes first because it is one fast loop.
URI_PATTERN = rf"\A(?:(?:https?://[a-z0-9.\-]+/|urn:(?!//))[A-Za-z0-9\-._~/:]+|{_URI})\Z"

_TIME = (
    r"\A[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:Z|[+\-](?:[01][0-9]|2[0-3]):[0-5][0-9])\Z"
)
_NOT_CBV = r"(?!urn:epcglobal:cbv|https?://ns\.gs1\.org/cbv/)"
_NOT_GS1_VOCABULARY = r"(?!https?://(?:www\.)?gs1\.org/voc/)"


def _words_or_uri(words: frozenset[str], not_in: str) -> str:
    return rf"\A(?:(?:{'|'.join(sorted(words))})|{not_in}{_URI})\Z"


Uri = Annotated[str, Meta(pattern=URI_PATTERN, description="an absolute URI")]
Time = Annotated[str, Meta(pattern=_TIME, description="a time of RFC 3339 with its zone, such as 2026-07-30T08:15:00Z")]
Offset = Annotated[
    str, Meta(pattern=r"\A[+\-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)\Z", description="a zone offset such as +08:00")
]
Version = Annotated[str, Meta(pattern=r"\A[0-9]+(?:\.[0-9]+)*\Z", description="a version number such as 2.0")]
Uom = Annotated[str, Meta(pattern=r"\A[A-Z0-9]{2,3}\Z", description="a UN/CEFACT unit code such as KGM")]
HexBinary = Annotated[str, Meta(pattern=r"\A[A-Fa-f0-9]+\Z", description="hexadecimal digits")]
BizStep = Annotated[
    str,
    Meta(
        pattern=_words_or_uri(vocabulary.BIZ_STEPS, _NOT_CBV),
        description="a business step of CBV 2.0, or a URI of your own",
    ),
]
Disposition = Annotated[
    str,
    Meta(
        pattern=_words_or_uri(vocabulary.DISPOSITIONS, _NOT_CBV),
        description="a disposition of CBV 2.0, or a URI of your own",
    ),
]
BizTransactionType = Annotated[
    str,
    Meta(
        pattern=_words_or_uri(vocabulary.BIZ_TRANSACTION_TYPES, _NOT_CBV),
        description="a business transaction type of CBV 2.0, or a URI of your own",
    ),
]
SourceDestinationType = Annotated[
    str,
    Meta(
        pattern=_words_or_uri(vocabulary.SOURCE_DESTINATION_TYPES, _NOT_CBV),
        description="owning_party, possessing_party, location, or a URI of your own",
    ),
]
ErrorReason = Annotated[
    str,
    Meta(
        pattern=_words_or_uri(vocabulary.ERROR_REASONS, _NOT_CBV),
        description="did_not_occur, incorrect_data, or a URI of your own",
    ),
]
Component = Annotated[
    str,
    Meta(
        pattern=_words_or_uri(vocabulary.COMPONENTS, _NOT_CBV),
        description="a component of CBV 2.0, or a URI of your own",
    ),
]
MeasurementType = Annotated[
    str,
    Meta(
        pattern=_words_or_uri(vocabulary.MEASUREMENT_TYPES, _NOT_GS1_VOCABULARY),
        description="a measurement type of the GS1 Web Vocabulary, or a URI of your own",
    ),
]
SensorAlertType = Annotated[
    str,
    Meta(
        pattern=_words_or_uri(vocabulary.SENSOR_ALERT_TYPES, _NOT_GS1_VOCABULARY),
        description="ALARM_CONDITION, ERROR_CONDITION, or a URI of your own",
    ),
]
Action = Literal["ADD", "OBSERVE", "DELETE"]
Number = int | float
Context = Any
"""
Checked by `rules.check_declarations`. msgspec 0.22 corrupts its memory at exit for a union of a text with a pattern
and a list of such texts, so that union may not be spelt here.
"""


def json_name(field: str) -> str:
    """The member's name in JSON: `child_epcs` is `childEPCs`."""
    first, *rest = field.split("_")
    camel = first + "".join(
        {"id": "ID", "ids": "IDs", "epc": "EPC", "epcs": "EPCs"}.get(word, word.title()) for word in rest
    )
    return camel


class Node(msgspec.Struct, frozen=True, rename=json_name, gc=False):
    """An object of the standard. `OPEN`: it may hold members of other namespaces."""


class Closed(Node, frozen=True, rename=json_name, gc=False):
    """An object that may hold no members but its own."""


class QuantityElement(Closed, frozen=True, rename=json_name, gc=False):
    """So much of a class of things."""

    epc_class: Uri
    quantity: Number | UnsetType = UNSET
    uom: Uom | UnsetType = UNSET


class BizTransaction(Closed, frozen=True, rename=json_name, gc=False):
    """A business document."""

    biz_transaction: Uri
    type: BizTransactionType | UnsetType = UNSET


class Source(Closed, frozen=True, rename=json_name, gc=False):
    """Where, or from whom, things come."""

    type: SourceDestinationType
    source: Uri


class Destination(Closed, frozen=True, rename=json_name, gc=False):
    """Where, or to whom, things go."""

    type: SourceDestinationType
    destination: Uri


class PersistentDisposition(Closed, frozen=True, rename=json_name, gc=False):
    """Dispositions that hold until they are taken back."""

    set: Annotated[list[Disposition], Meta(min_length=1)] | UnsetType = UNSET
    unset: Annotated[list[Disposition], Meta(min_length=1)] | UnsetType = UNSET


class Place(Node, frozen=True, rename=json_name, gc=False):
    """A read point or a business location."""

    id: Uri


class ErrorDeclaration(Node, frozen=True, rename=json_name, gc=False):
    """States that an earlier event is wrong."""

    declaration_time: Time
    reason: ErrorReason | UnsetType = UNSET
    corrective_event_ids: list[Uri] | UnsetType = msgspec.field(default=UNSET, name="correctiveEventIDs")


class SensorMetadata(Node, frozen=True, rename=json_name, gc=False):
    """What holds for all reports of a sensor element."""

    time: Time | UnsetType = UNSET
    device_id: Uri | UnsetType = UNSET
    device_metadata: Uri | UnsetType = UNSET
    raw_data: Uri | UnsetType = UNSET
    start_time: Time | UnsetType = UNSET
    end_time: Time | UnsetType = UNSET
    data_processing_method: Uri | UnsetType = UNSET
    biz_rules: Uri | UnsetType = UNSET


class SensorReport(Node, frozen=True, rename=json_name, gc=False):
    """One reading, or one statistic."""

    type: MeasurementType
    exception: SensorAlertType | UnsetType = UNSET
    device_id: Uri | UnsetType = UNSET
    device_metadata: Uri | UnsetType = UNSET
    raw_data: Uri | UnsetType = UNSET
    data_processing_method: Uri | UnsetType = UNSET
    biz_rules: Uri | UnsetType = UNSET
    time: Time | UnsetType = UNSET
    microorganism: Uri | UnsetType = UNSET
    chemical_substance: Uri | UnsetType = UNSET
    coordinate_reference_system: Uri | UnsetType = UNSET
    value: Number | UnsetType = UNSET
    component: Component | UnsetType = UNSET
    string_value: str | UnsetType = UNSET
    boolean_value: bool | UnsetType = UNSET
    hex_binary_value: HexBinary | UnsetType = UNSET
    uri_value: Uri | UnsetType = UNSET
    min_value: Number | UnsetType = UNSET
    max_value: Number | UnsetType = UNSET
    mean_value: Number | UnsetType = UNSET
    s_dev: Number | UnsetType = UNSET
    perc_rank: Number | UnsetType = UNSET
    perc_value: Number | UnsetType = UNSET
    uom: str | UnsetType = UNSET


class SensorElement(Node, frozen=True, rename=json_name, gc=False):
    """Readings taken together."""

    sensor_report: Annotated[list[SensorReport], Meta(min_length=1)]
    sensor_metadata: SensorMetadata | UnsetType = UNSET


class Ilmd(Node, frozen=True, rename=json_name, gc=False):
    """Master data of an instance or lot: members of other namespaces only."""


class Event(Node, frozen=True, rename=json_name, gc=False, tag_field="type", kw_only=True):
    """What every event has."""

    event_time: Time
    event_time_zone_offset: Offset
    context: Context = msgspec.field(default=UNSET, name="@context")
    record_time: Time | UnsetType = UNSET
    event_id: Uri | UnsetType = UNSET
    certification_info: Any = UNSET  # a URI or a list of them: checked by `rules`, for the reason given at Context
    error_declaration: ErrorDeclaration | UnsetType = UNSET
    biz_step: BizStep | UnsetType = UNSET
    disposition: Disposition | UnsetType = UNSET
    read_point: Place | UnsetType = UNSET
    biz_location: Place | UnsetType = UNSET
    biz_transaction_list: list[BizTransaction] | UnsetType = UNSET
    source_list: list[Source] | UnsetType = UNSET
    destination_list: list[Destination] | UnsetType = UNSET
    sensor_element_list: list[SensorElement] | UnsetType = UNSET


class ObjectEvent(Event, frozen=True, rename=json_name, gc=False, tag="ObjectEvent", kw_only=True):
    """Something happened to things."""

    action: Action
    epc_list: list[Uri] | UnsetType = msgspec.field(default=UNSET, name="epcList")
    quantity_list: list[QuantityElement] | UnsetType = UNSET
    persistent_disposition: PersistentDisposition | UnsetType = UNSET
    ilmd: Ilmd | UnsetType = UNSET


class AggregationEvent(Event, frozen=True, rename=json_name, gc=False, tag="AggregationEvent", kw_only=True):
    """Things were put into, or taken out of, a container."""

    action: Action
    parent_id: Uri | UnsetType = UNSET
    child_epcs: list[Uri] | UnsetType = UNSET
    child_quantity_list: list[QuantityElement] | UnsetType = UNSET


class AssociationEvent(Event, frozen=True, rename=json_name, gc=False, tag="AssociationEvent", kw_only=True):
    """Things were attached to an asset or place, or taken off it."""

    action: Action
    parent_id: Uri
    child_epcs: list[Uri] | UnsetType = UNSET
    child_quantity_list: list[QuantityElement] | UnsetType = UNSET


class TransactionEvent(Event, frozen=True, rename=json_name, gc=False, tag="TransactionEvent", kw_only=True):
    """Things became part of a business transaction, or left it."""

    action: Action
    biz_transaction_list: Annotated[list[BizTransaction], Meta(min_length=1)]
    parent_id: Uri | UnsetType = UNSET
    epc_list: list[Uri] | UnsetType = msgspec.field(default=UNSET, name="epcList")
    quantity_list: list[QuantityElement] | UnsetType = UNSET


class TransformationEvent(Event, frozen=True, rename=json_name, gc=False, tag="TransformationEvent", kw_only=True):
    """Things were used up and others made of them."""

    input_epc_list: list[Uri] | UnsetType = UNSET
    input_quantity_list: list[QuantityElement] | UnsetType = UNSET
    output_epc_list: list[Uri] | UnsetType = UNSET
    output_quantity_list: list[QuantityElement] | UnsetType = UNSET
    transformation_id: Uri | UnsetType = UNSET
    persistent_disposition: PersistentDisposition | UnsetType = UNSET
    ilmd: Ilmd | UnsetType = UNSET


EVENT_TYPES: dict[str, type[Event]] = {
    struct.__name__: struct
    for struct in (ObjectEvent, AggregationEvent, AssociationEvent, TransactionEvent, TransformationEvent)
}


def matches(pattern: str, text: str) -> bool:
    """Whether a text matches one of the patterns above."""
    return re.match(pattern, text) is not None
