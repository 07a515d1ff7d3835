"""
`silkroot disclose`, `silkroot erase` and `silkroot show --reveal`: what they write, say and refuse, and what public
pages do not show.
"""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from command_desk import AT, BULK, FARM, LOT, Run, Said

from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.event_forms import STANDARD_CONTEXT
from ledger.domain.identifiers import LotRef, ProductId
from ledger.domain.records import RecordedEvent
from ledger.domain.sealing import open_sealed
from ledger.domain.sealing.disclosure_file import parse_disclosure_file

PHONE, NAME = "13912345678", "Tursun Ablimit"
SHIPPED = LotRef(ProductId(int(BULK)), "H-1")
CONTACT = {"name": NAME, "phone": PHONE}


def import_event(run: Run, folder: Path, **members: object) -> Said:
    """Records an inspection of the first harvest, with members of ours, from an EPCIS file."""
    event = {
        "type": "ObjectEvent",
        "eventTime": AT[1],
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "inspecting",
        "quantityList": [{"epcClass": f"https://id.gs1.org/01/{BULK}/10/H-1", "quantity": 1000, "uom": "KGM"}],
        "silkroot:party": FARM,
        **{f"silkroot:{name}": value for name, value in members.items()},
    }
    document = {
        "@context": [STANDARD_CONTEXT, {"silkroot": "https://silkroot.example/epcis/"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": AT[1],
        "epcisBody": {"eventList": [event]},
    }
    file = folder / "inspection.jsonld"
    file.write_text(json.dumps(document))
    said = run("import", str(file), "--json")
    assert said.code == 0, said
    return said


def last(store: SqlStore) -> RecordedEvent:
    return store.events_of_lot(SHIPPED.id)[-1]


@pytest.fixture
def inspected(run: Run, tmp_path: Path, store: SqlStore) -> str:
    """The content hash of an event with a driver, and a telephone within a contact."""
    (tmp_path / "desk" / "sealing.toml").write_text('[[entry]]\nseal = ["/silkroot:contact"]\n')
    import_event(run, tmp_path, driver=NAME, contact=CONTACT)
    return f"0x{last(store).content_hash.hex()}"


def opened(store: SqlStore, file: dict[str, Any]) -> dict[str, Any]:
    """What the reader of a file sees of its one event."""
    ((content, texts),) = parse_disclosure_file(json.dumps(file).encode()).events.items()
    event = store.event(content)
    assert event is not None
    return open_sealed(event.body, texts).tree


def test_the_policy_of_the_data_directory_is_applied(run: Run, inspected: str, store: SqlStore) -> None:
    body = json.dumps(last(store).body)
    assert all(secret not in body for secret in (PHONE, NAME, "silkroot:contact"))
    assert run("fsck").code == 0


def test_a_policy_with_an_error_stops_every_command(run: Run, tmp_path: Path) -> None:
    (tmp_path / "desk" / "sealing.toml").write_text('[[entry]]\nseal = ["quantity"]\n')
    said = run("lots", "--json")
    assert said.code == 1
    assert said.rules == ["sealing.disclosed"]
    assert said.json["error"]["violations"][0]["field"] == "entry[0].seal[0]"


# disclose -------------------------------------------------------------------------------------------------------------


def test_all_that_was_sealed_is_disclosed_to_one_reader(
    run: Run, inspected: str, store: SqlStore, tmp_path: Path
) -> None:
    file = tmp_path / "for-the-lender.json"
    said = run("disclose", inspected, "--out", str(file))
    assert said.code == 0, said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    tree = opened(store, json.loads(file.read_text()))
    assert (tree["silkroot:driver"], tree["silkroot:contact"]) == (NAME, CONTACT)
    assert "withheld" not in said.err


@pytest.mark.parametrize("member", ["driver", "DRIVER", "silkroot:driver", "/silkroot:driver"])
def test_one_member_is_disclosed_and_the_others_stay_withheld(
    run: Run, inspected: str, store: SqlStore, member: str
) -> None:
    said = run("disclose", inspected, "--member", member)
    assert said.code == 0, said
    tree = opened(store, json.loads(said.out))
    assert tree["silkroot:driver"] == NAME
    assert "silkroot:contact" not in tree
    assert "1 member stays withheld from the reader" in said.err
    assert PHONE not in said.out


def test_an_inner_member_takes_its_outer_one_along_and_says_so(run: Run, inspected: str, store: SqlStore) -> None:
    said = run("disclose", inspected, "--member", "phone")
    tree = opened(store, json.loads(said.out))
    assert tree["silkroot:contact"] == CONTACT
    assert "/silkroot:contact goes with it" in said.err
    (event,) = run("disclose", inspected, "--member", "phone", "--json").json["events"]
    assert event["outer"] == ["/silkroot:contact"]
    assert event["withheld"] == 1
    outer_alone = json.loads(run("disclose", inspected, "--member", "contact").out)
    assert opened(store, outer_alone)["silkroot:contact"] == {"name": NAME}


def test_a_lot_means_its_events_and_an_event_goes_by_its_id_too(run: Run, inspected: str, store: SqlStore) -> None:
    whole = json.loads(run("disclose", LOT).out)
    assert [event["contentHash"] for event in whole["events"]] == [inspected]
    assert json.loads(run("disclose", last(store).event_id).out) == whole
    assert json.loads(run("disclose", "H-1").out) == whole


def test_what_was_never_sealed_or_is_erased_is_refused_and_says_why(run: Run, inspected: str, tmp_path: Path) -> None:
    file = tmp_path / "none.json"
    for target, member, why in (
        (inspected, "price", "no member price was sealed here"),
        (f"{BULK}/H-2", "driver", "no member driver was sealed here"),
        ("0x" + "00" * 32, "driver", "no event 0x00"),
        (f"{BULK}/NONE", "driver", "no event names lot"),
    ):
        said = run("disclose", target, "--member", member, "--out", str(file))
        assert said.code == 2, said
        assert why in said.err
    assert run("erase", "--value", NAME, "--yes").code == 0
    for arguments in (("--member", "driver"), ()):
        said = run("disclose", inspected, *arguments, "--out", str(file))
        assert said.code == 2, said
        assert "erased" in said.err
    assert not file.exists()


# erase ----------------------------------------------------------------------------------------------------------------


def test_without_yes_nothing_is_erased(run: Run, inspected: str, store: SqlStore) -> None:
    for arguments, code in (((), 2), (("--dry-run",), 0), (("--dry-run", "--yes"), 0)):
        said = run("erase", "--value", PHONE, *arguments)
        assert said.code == code, said
        assert "/silkroot:contact/phone" in said.out
        assert "1 sealed member would be erased" in said.out
    assert not any(item.erased for item in store.disclosures_of([last(store).content_hash])[last(store).content_hash])


def test_erased_is_told_by_erase_fsck_and_show(run: Run, inspected: str, store: SqlStore) -> None:
    said = run("erase", "--value", PHONE, "--yes", "--json")
    assert said.code == 0
    assert said.json == {
        "erased": True,
        "disclosures": 1,
        "events": [{"sequence": last(store).sequence, "contentHash": inspected, "places": ["/silkroot:contact/phone"]}],
        "stillOpen": [],
    }
    again = run("erase", "--value", PHONE, "--yes")
    assert again.code == 0
    assert "Nothing of that is kept." in again.out
    checked = run("fsck")
    assert checked.code == 0
    assert "1 sealed member was erased" in checked.out
    assert run("fsck", "--json").json == {"faults": [], "erased": 1}
    shown = run("show", LOT, "--reveal")
    assert "1 sealed member was erased" in shown.out
    assert NAME in shown.out
    assert PHONE not in shown.out


def test_the_value_can_come_from_the_input(run: Run, inspected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PHONE}\n"))
    assert run("erase", "--value", "-", "--yes", "--json").json["disclosures"] == 1


def test_a_member_is_erased_in_one_event_or_lot_only(run: Run, inspected: str) -> None:
    said = run("erase", "--member", "driver", "--yes", "--json")
    assert said.code == 1
    assert said.rules == ["erase.choice"]
    assert run("erase", "--yes", "--json").rules == ["erase.choice"]
    assert run("erase", "--member", "driver", "--lot", f"{BULK}/H-2", "--yes", "--json").json["disclosures"] == 0
    wrong = run("erase", "--member", "driver", "--event", "0x" + "00" * 32, "--yes")
    assert wrong.code == 2
    assert (
        run("erase", "--member", "driver", "--event", inspected, "--lot", LOT, "--yes", "--json").json["disclosures"]
        == 1
    )


def test_what_stands_in_the_open_is_told(run: Run, tmp_path: Path, store: SqlStore) -> None:
    import_event(run, tmp_path, reason=f"call {PHONE}", phone=PHONE)
    said = run("erase", "--value", PHONE, "--dry-run")
    assert f"1 event says it in the open, where it is signed and cannot be erased: {last(store).sequence}" in said.err


# show -----------------------------------------------------------------------------------------------------------------


def test_show_reveals_only_when_asked(run: Run, inspected: str) -> None:
    plain = run("show", LOT)
    assert "2 members are sealed" in plain.out
    assert NAME not in plain.out
    told = run("show", LOT, "--json").json["events"][-1]
    assert told["withheld"] == [{"place": "", "count": 2, "erased": 0}]
    assert told["erased"] == 0
    assert "revealed" not in told
    revealed = run("show", LOT, "--reveal", "--json").json["events"][-1]["revealed"]
    assert {item["place"]: item["value"] for item in revealed}["/silkroot:driver"] == NAME
    assert PHONE in run("show", LOT, "--reveal").out


def test_an_exported_document_holds_sealed_events_and_comes_back_as_the_same(
    run: Run, inspected: str, tmp_path: Path
) -> None:
    exported = run("export", LOT)
    assert all(secret not in exported.out for secret in (PHONE, NAME))
    assert "silkroot:sealed" in exported.out
    file = tmp_path / "exported.jsonld"
    file.write_text(exported.out)
    (report,) = run("import", str(file), "--json").json
    assert (report["recorded"], report["repeated"]) == (0, 2)
