"""
Dictionary no. 1 of packed rows: the words of loggers' events and their proofs; a constant of the format.

Stored rows are read with it for as long as there are any: nothing in this file may ever change, not one byte. Other
words would be a dictionary of another number beside it; see `ledger.domain.packed_bytes`.

First stand the statistics of such texts: with those at hand zstd packs in half the time, and states none for each text.
Of the words, what is rare stands first; at the end a proof of a batch, one of an event alone, and a body, in the
RFC 8785 form, with nobody's parties, lots and devices in them.
"""

from __future__ import annotations

_RARE = (
    '"bizLocation":{"id":"https://id.gs1.org/414/","bizTransactionList":[{"bizTransaction":"urn:epcglobal:cbv:bt:",'
    '"type":"inv"},{"type":"desadv"},{"destinationList":[{"destination":"https://id.gs1.org/417/","type":'
    '"possessing_party"}],"epcList":["https://id.gs1.org/00/","urn:epc:id:sgtin:"errorDeclaration":{"declarationTime":"",'
    '"reason":"incorrect_data"},"sourceList":[{"source":"https://id.gs1.org/417/","type":"AggregationEvent"}"action":"ADD",'
    '"silkroot:certificate":{"file":"","issued":"","issuer":"","kind":"","number":"","validFrom":"","validUntil":""},'
    '"silkroot:logger":"silkroot:person":{"_sd":["silkroot:photos":["ni:///sha-256;"silkroot:reason":"silkroot:vehicle":"'
)
_STEPS = (
    "accepting arriving departing holding loading picking receiving sampling shipping stocking transporting unloading "
    '"bizStep":"packing","disposition":"in_transit","disposition":"active","disposition":"non_conformant","disposition":'
    '"sellable_not_accessible","bizStep":"inspecting","disposition":"bizStep":"storing","disposition":"eventID":"urn:uuid:'
)
_REPORTS = (
    '"component":"latitude","component":"longitude","deviceMetadata":"maxValue":"meanValue":"minValue":"rawData":'
    '"stringValue":"uriValue":"exception":"ALARM_CONDITION","startTime":"endTime":"deviceID":"urn:epc:id:giai:'
    'https://id.gs1.org/8004/","type":"AbsoluteHumidity","uom":"A93","uom":"GP","uom":"KEL","value":-1.5}"type":'
    '"Temperature","uom":"FAH","value":39.5},{"time":"2026-10-15T16:00:00.000Z","type":"RelativeHumidity","uom":"P1",'
    '"value":90},{"time":"","type":"Temperature","uom":"CEL","value":-0.5}"quantityList":[{"epcClass":'
    '"urn:epc:class:lgtin:"quantityList":[{"epcClass":"https://id.gs1.org/01/0","quantity":10,"uom":"KGM"}],"readPoint":'
    '{"id":"https://id.gs1.org/414/","eventTimeZoneOffset":"+00:00","readPoint","eventTimeZoneOffset":"+06:00","quant'
)
_PROOFS = (
    '"co":{"keyId":"0x","party":"","scheme":1,"signature":"0x"},'
    '{"action":{"contentHash":"0x","deadline":"179","lots":[],"party":"","step":"inspecting","type":"Statement"},'
    '"batch":{"count":1000,"index":0,"path":"","root":"0x"},"keyId":"0x","scheme":2,"signature":"0x'
    '{"action":{"contentHash":"0x","deadline":"178","lots":["0x"],"party":"9","step":"sensor_reporting","type":'
    '"Statement"},"batch":{"count":100,"index":1,"path":"","root":"0x"},"keyId":"0x000000000000000000000000","scheme":1,'
    '"signature":"0x1b"}"1c"}"Statement"},"keyId":"0x000000000000000000000000'
)
_BODY = (
    '{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"silkroot":'
    '"https://silkroot.example/epcis/"}],"action":"OBSERVE","bizStep":"sensor_reporting","disposition":"in_progress",'
    '"eventID":"ni:///sha-256;?ver=CBV2.0","eventTime":"2026-10-15T00:00:00.000+08:00","eventTimeZoneOffset":"+08:00",'
    '"quantityList":[{"epcClass":"https://id.gs1.org/01/0/10/"}],"readPoint":{"id":"https://id.gs1.org/414/"},'
    '"sensorElementList":[{"sensorMetadata":{"deviceID":"urn:","time":"2026-10-15T00:00:00.000+08:00"},"sensorReport":'
    '[{"type":"Temperature","uom":"CEL","value":0}]}],"silkroot:blind":"","silkroot:party":"","type":"ObjectEvent"}'
)
_TABLES = bytes.fromhex(
    "37a430ec010000003010b832850efcffffffffffffff3f000008a093087f629372277ebb051084428fa000008c3149292599524a"
    "8a5555256a8307300000008180e229e9030004e005c2008082428100000000418401c10480c4c085820180810601000000000080"
    "4b820010ac74581098ab000000342ba563644030240e09424132180c1009c2e080f824d22f0b0000010000000400000008000000"
)
"""Entropy tables, dictionary id 1 and first offsets, as zstd's trainer made them of readings that are in no test."""
DICTIONARY_1 = _TABLES + (_RARE + _STEPS + _REPORTS + _PROOFS + _BODY).encode("ascii")
"""Dictionary no. 1, in the format of RFC 8878, section 5."""
