"""`silkroot capture`: newline-delimited events and documents, from files and a pipe, whole or what can be recorded."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from command_desk import FARM, HOUSE, LOT, Run

from api.cli import capturing
from ledger.adapters.sql_store.store import SqlStore

CONTEXT = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"silkroot": "https://silkroot.example/epcis/"},
]


def event(number: int, **changed: Any) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "type": "ObjectEvent",
        "eventTime": "2026-08-05T12:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "eventID": f"urn:uuid:00000000-0000-4000-8000-{number:012x}",
        "action": "OBSERVE",
        "bizStep": "inspecting",
        "quantityList": [{"epcClass": "https://id.gs1.org/01/{}/10/{}".format(*LOT.split("/"))}],
        **changed,
    }


def lines(folder: Path, *texts: Any, name: str = "events.ndjson") -> str:
    path = folder / name
    path.write_text("\n".join(text if isinstance(text, str) else json.dumps(text) for text in texts), "utf-8")
    return str(path)


def test_events_are_recorded_line_by_line(run: Run, store: SqlStore, tmp_path: Path) -> None:
    before = len(store.events(0, 100))
    path = lines(tmp_path, event(1), "", event(2), event(3))
    (report,) = run("capture", path, "--party", FARM, "--json").json
    assert (report["file"], report["events"], report["recorded"], report["repeated"]) == ("events.ndjson", 3, 3, 0)
    assert [one["line"] for one in report["captured"]] == [1, 3, 4]
    assert all(one["receipt"]["contentHash"] == one["contentHash"] for one in report["captured"])
    assert len(store.events(0, 100)) == before + 3
    (again,) = run("capture", path, "--party", FARM, "--json").json
    assert (again["recorded"], again["repeated"]) == (0, 3)
    assert [one["receipt"] for one in again["captured"]] == [one["receipt"] for one in report["captured"]]


def test_what_a_person_is_told(run: Run, tmp_path: Path) -> None:
    said = run("capture", lines(tmp_path, event(1)), "--party", FARM)
    assert said.code == 0
    assert "events.ndjson: 1 event, 1 recorded, 0 known already" in said.out


def test_each_event_may_name_its_party(run: Run, tmp_path: Path) -> None:
    named = [event(1, **{"silkroot:party": FARM}), event(2, **{"silkroot:party": HOUSE})]
    assert run("capture", lines(tmp_path, *named)).code == 0
    said = run("capture", lines(tmp_path, event(3)), "--json")
    assert said.code == 1
    (refused,) = said.json[0]["refused"]
    assert refused["line"] == 1


def test_one_refused_event_stops_its_call(run: Run, store: SqlStore, tmp_path: Path) -> None:
    before = len(store.events(0, 100))
    path = lines(tmp_path, event(1), "not JSON", event(2, action="TAKE"), event(3))
    said = run("capture", path, "--party", FARM, "--json")
    assert said.code == 1
    (report,) = said.json
    assert (report["recorded"], report["captured"]) == (0, [])
    assert [(one["line"], one["rule"]) for one in report["refused"]][:1] == [(2, "json.syntax")]
    assert {one["line"] for one in report["refused"]} == {2, 3}
    assert len(store.events(0, 100)) == before
    shown = run("capture", path, "--party", FARM)
    assert shown.code == 1
    assert "json.syntax" in shown.out
    assert "--proceed" in shown.err


def test_proceed_records_the_rest(run: Run, tmp_path: Path) -> None:
    path = lines(tmp_path, event(1), "not JSON", event(2, action="TAKE"), event(3))
    said = run("capture", path, "--party", FARM, "--proceed", "--json")
    assert said.code == 1
    (report,) = said.json
    assert [one["line"] for one in report["captured"]] == [1, 4]
    assert {one["line"] for one in report["refused"]} == {2, 3}


def test_a_stream_is_sent_in_portions(
    run: Run, store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capturing, "LINES", 2)
    before = len(store.events(0, 100))
    events = [event(number) for number in range(1, 7)]
    events[3] = event(4, action="TAKE")
    (report,) = run("capture", lines(tmp_path, *events), "--party", FARM, "--json").json
    assert [one["line"] for one in report["captured"]] == [1, 2]
    assert len(store.events(0, 100)) == before + 2
    events[3] = event(4)
    (report,) = run("capture", lines(tmp_path, *events), "--party", FARM, "--json").json
    assert (report["recorded"], report["repeated"]) == (4, 2)


@pytest.mark.parametrize("indent", [2, None], ids=["several lines", "one line"])
def test_a_document_is_taken_too(run: Run, tmp_path: Path, indent: int | None) -> None:
    document = {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-08-05T12:00:00Z",
        "epcisBody": {"eventList": [event(1), event(2)]},
    }
    path = lines(tmp_path, json.dumps(document, indent=indent), name="document.jsonld")
    (report,) = run("capture", path, "--party", FARM, "--json").json
    assert (report["events"], report["recorded"]) == (2, 2), report
    assert [(one["line"], one["event"]) for one in report["captured"]] == [(1, 0), (1, 1)]


def test_a_pipe_is_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    data = "\n".join(json.dumps(event(number)) for number in (1, 2)).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    (report,) = run("capture", "-", "--party", FARM, "--json").json
    assert (report["file"], report["recorded"]) == ("-", 2)


def test_what_is_no_text_or_too_long_is_refused(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "latin.ndjson"
    broken.write_bytes(b"\xff\xfe")
    assert run("capture", str(broken)).code == 1
    monkeypatch.setattr(capturing, "MOST_BYTES", 100)
    assert "import.size" in run("capture", lines(tmp_path, event(1))).err
    assert run("capture", str(tmp_path / "nowhere")).code == 2
