"""
Hypothesis strategies: events in the forms of docs/events.md that were tampered with in one to three places.

A member is taken away, put twice, given a value of another place or one of `ODD`, or a text in it is changed by a
character. Nothing promises that the result is refused; whoever reads it has to say the same as the other reader.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import binding_vectors
from hypothesis import strategies as st

from ledger.domain.records import JsonTree

OURS = binding_vectors.OURS
FORMS = tuple(binding_vectors.all_forms().values())
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.0, 0.5, 1e-7, 2**53 - 1, 250_000, 250_000.0, 2026, 2026.0, -0.0, "", "recalled",
    "ADD", "OBSERVE", "DELETE", [], {}, [{}], [None], {"set": ["recalled"]}, {"unset": ["recalled"]}, ["recalled"],
    "KGM", "GRM", "void", "write-off", "agreed", "ObjectEvent", "TransformationEvent", "AggregationEvent",
    "commissioning", "shipping", "receiving", "void_shipping", "accepting", "reserving", "inspecting", "packing",
    "destroying", "retail_selling", "cbv:BizStep-shipping", "urn:epcglobal:cbv:bizstep:receiving",
    "urn:epcglobal:cbv:disp:recalled", "cbv:Disp-recalled", "2026-08-05T12:00:00.000+08:00", "2024-02-29T23:59:59Z",
    "2026-01-01T00:00:00+23:59", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00",
    "2026-08-05T12:00:00.0000001Z", "2026-08-05T12:00:00+00:99", "+00:99", "-12:00", "0" * 64, "9520000000011",
    "10000000000007", "00000000000000000007", "urn:silkroot:party:10000000000007",
    "https://id.gs1.org/417/9520000000028", "https://id.gs1.org/417/9520000000028/7040/1ABC",
    "urn:epc:id:pgln:9520000.00001.", "urn:epc:id:pgln:9520000.00001", "urn:epc:id:sgln:9520000.00001.PLOT-7",
    "urn:epc:id:sgln:9520000.00001.0", "https://id.gs1.org/414/9520000000011/254/PLOT%2F7",
    "https://id.gs1.org/01/09520000001001/22/2A/10/L/21/S?3103=001000&15=260900",
    "https://x.y/a/01/09520000001001/10/L#f", "HTTPS://example.com/gtin/09520000001001/10/L",
    "https://example.com/01/9520000001001/10/L", "https://x/01/1/10/2", "https://example.com/2026/01/15",
    "https://example.com/8004/ABC", "https://id.gs1.org/8004/9520ABC", "http://x/10/L",
    "https://id.gs1.org/00/095200000000000011", "https://id.gs1.org/253/9520000000011X", "https://ID.GS1.ORG/01/1",
    "https://id.gs1.org/8003/09520000000011AB", "https://id.gs1.org/01/09520000001001/235/Q",
    "https://id.gs1.org/8018/1", "urn:epc:idpat:sgtin:9520000.000100.*", "urn:epc:idpat:sgtin:*.000100.*",
    "urn:epc:id:sscc:9520000.0000000001", "urn:epc:id:grai:9520000.00010.5", "urn:epc:id:itip:9520000.000100.01.02.7",
    "urn:epc:id:gdti:9520000.00010.A", "urn:epc:class:lgtin:9520000.000100.a.b.c",
    "urn:epc:class:lgtin:952000000010..x", "urn:epc:class:lgtin:95200.00.x", "urn:epc:id:giai:9520000.X%2F",
    "urn:epc:id:cpi:9520000.AB.1", "urn:epc:id:gid:1.2.3", "urn:epc:id:gsrn:9520000.0000000001",
    "https://silkroot.example/lot/100000000000003/A%2F", "https://silkroot.example/lot/99/A", "https://a/lot/1x/A",
    "https://silkroot.example/lot/18446744073709551616/A", "https://silkroot.example/a/b/lot/100000000000003/%41?x",
    "哈密瓜", "\u2028", "__proto__",
)  # fmt: skip
KEYS = (
    "silkroot:receipt", "silkroot:settlement", "silkroot:notice", "silkroot:void", "silkroot:plot", "silkroot:yield",
    "silkroot:pledge", "silkroot:pledgeRelease", "silkroot:corrects", "silkroot:was", "silkroot:alone", "silkroot:over",
    "silkroot:intake", "silkroot:season", "silkroot:culls", "silkroot:processLoss", "silkroot:remainder",
    "silkroot:limits",
    "silkroot:party", f"{OURS}party", f"{OURS}season", "sr:season", "quantity", "quantityList", "inputQuantityList",
    "outputQuantityList", "childQuantityList", "errorDeclaration", "persistentDisposition", "disposition", "readPoint",
    "epcList", "__proto__", "constructor", "@context", "uom", "epcClass",
)  # fmt: skip
CONTEXTS: tuple[Any, ...] = (
    binding_vectors.CONTEXT, [binding_vectors.CONTEXT], {"silkroot": OURS}, [{"silkroot": OURS}, {"sr": OURS}],
    [{"sr": OURS, "silkroot": "https://example.org/"}], [{"silkroot": {"@id": OURS, "@prefix": True}}],
    [{"silkroot": {"@id": OURS}}], [{"base": "https://silkroot.example/"}, {"silkroot": "base:epcis/"}],
    [{"silkroot": "base:epcis/", "base": "https://silkroot.example/"}], None, 7,
    [{"b": "1:epcis/", "1": OURS, "silkroot": "b:"}],
    [{"silkroot": "//silkroot.example/epcis/"}, None], {"@vocab": OURS, "a:b": OURS, "": OURS},
)  # fmt: skip


EVERY_EVENT_NEEDS = ("@context", "silkroot:party")
"""Keys that are tampered with seldom: without them nothing else of an event is read."""


def _nodes(node: Any) -> Iterator[Any]:
    """Everything within, itself left out."""
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield inner
        yield from _nodes(inner)


def _donated() -> dict[str, list[Any]]:
    """What stands under each key in any of the forms."""
    found: dict[str, list[Any]] = {}
    for event in FORMS:
        for node in (event, *_nodes(event)):
            if isinstance(node, dict):
                for key, value in node.items():
                    found.setdefault(key, []).append(value)
    return found


DONATED = _donated()


@st.composite
def tampered_events(draw: st.DrawFn) -> str:
    """The text of a tampered event."""
    event = copy.deepcopy(draw(st.sampled_from(FORMS)))
    for _ in range(draw(st.integers(1, 3))):
        _tamper(draw, event)
    return json.dumps(event)


def _tamper(draw: st.DrawFn, event: JsonTree) -> None:
    within = _nodes({key: value for key, value in event.items() if key != "@context"})
    holders = [event, *(node for node in within if isinstance(node, dict | list) and node)]
    holder = draw(st.sampled_from(holders))
    if isinstance(holder, dict) and draw(st.integers(0, 3)) == 0:
        key = draw(st.sampled_from(KEYS))
        holder[key] = copy.deepcopy(draw(_values(event, key)))
        return
    if not holder:
        return
    at: Any = draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
    if at in EVERY_EVENT_NEEDS and draw(st.integers(0, 5)):
        return
    match draw(st.sampled_from(["value", "value", "value", "away", "twice", "text"])):
        case "away":
            del holder[at]
        case "twice" if isinstance(holder, list):
            holder.append(copy.deepcopy(holder[at]))
        case "text" if isinstance(holder[at], str) and holder[at]:
            text, place = holder[at], draw(st.integers(0, len(holder[at]) - 1))
            other = draw(st.sampled_from(["", "0", "1", "%", "/", ".", "A", "*", "?", "+"]))
            holder[at] = text[:place] + other + text[place + 1 :]
        case _:
            holder[at] = copy.deepcopy(draw(_values(event, at)))


def _values(event: JsonTree, key: Any) -> st.SearchStrategy[Any]:
    """Values for that key: some that it has elsewhere, some of other places, some odd ones."""
    if key == "@context":
        return st.sampled_from(CONTEXTS)
    others = st.sampled_from(ODD) | st.sampled_from(list(_nodes(event)))
    return st.sampled_from(DONATED[key]) | others if key in DONATED else others
