"""fsck finds one flipped bit in a disclosure, one that is missing or belongs to nobody; erased ones are counted."""

from __future__ import annotations

import event_builders as b
import pytest
from database_rows import NotStorable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_fixture import LEDGER_DOMAIN, SECRET, World

from ledger.adapters.sql_store.codec import DISCLOSURE_DIGESTED, row_digest
from ledger.services.erase import Choice, Erase
from ledger.services.fsck import Fsck

PHONE = "13912345678"
COLUMNS = ("position", "digest", "place", "disclosure", "erased_at", "row_digest")


@pytest.fixture
def sealed(world: World) -> World:
    """Three disclosures of the harvest, one within another; two of the shipment, one of them erased."""
    contact = {"name": "Tursun", "phone": "1"}
    world.record({**b.harvest(), "silkroot:contactPerson": contact, "silkroot:driver": "Tursun"})
    world.record({**b.shipping(), "silkroot:driver": "Ali", "silkroot:phone": PHONE})
    Erase(world.store, world.clock, SECRET).erase(Choice(value=PHONE))
    return world


def found(world: World) -> list[str]:
    return [str(finding) for finding in world.fsck()]


def redigest(world: World) -> None:
    """As somebody would who knows how the row digest is made."""
    names = ("sequence", "position", "digest", "place", "disclosure", "erased_at")
    for row in world.sql(f"SELECT {', '.join(names)} FROM disclosures"):
        values = dict(zip(names, row, strict=True))
        key = (row_digest(values, DISCLOSURE_DIGESTED), values["sequence"], values["position"])
        world.sql("UPDATE disclosures SET row_digest = ? WHERE sequence = ? AND position = ?", *key, count=1)


def test_what_was_erased_is_no_fault_and_is_counted(sealed: World) -> None:
    assert sealed.fsck() == []
    assert Fsck(sealed.store.audit, LEDGER_DOMAIN).erased() == 1


@pytest.mark.parametrize("column", COLUMNS)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_flipped_bit(sealed: World, column: str, data: st.DataObject) -> None:
    sequence, position = data.draw(st.sampled_from([(1, 0), (1, 1), (1, 2), (2, 0), (2, 1)]))
    key = f"sequence = {sequence} AND position = {position}"
    ((old,),) = sealed.sql(f"SELECT {column} FROM disclosures WHERE {key}")
    flipped = b"\x01" if old is None and column == "disclosure" else _flip(old, data)
    try:
        sealed.sql(f"UPDATE disclosures SET {column} = ? WHERE {key}", flipped, count=1)
    except NotStorable:
        return
    findings = found(sealed)
    where = f"position = {flipped}" if column == "position" else f"position = {position}"
    sealed.sql(f"UPDATE disclosures SET {column} = ? WHERE sequence = {sequence} AND {where}", old, count=1)
    assert any(finding.startswith(f"event {sequence}: ") for finding in findings), findings
    assert found(sealed) == []


def _flip(old: object, data: st.DataObject) -> object:
    if old is None:
        return 1
    if isinstance(old, int):
        return old ^ 1 << data.draw(st.integers(8, 40))
    raw = bytearray(old.encode() if isinstance(old, str) else bytes(old))  # type: ignore[call-overload]
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    return raw.decode("utf-8", "replace") if isinstance(old, str) else bytes(raw)


def test_a_disclosure_of_another_event_is_found_whatever_its_row_digest(sealed: World) -> None:
    other = "SELECT disclosure FROM disclosures WHERE sequence = 1 AND position = 2"
    sealed.sql(f"UPDATE disclosures SET disclosure = ({other}) WHERE sequence = 2 AND position = 0", count=1)
    redigest(sealed)
    (finding,) = found(sealed)
    assert finding.startswith("event 2: its disclosures do not open it: ")
    assert "disclosure.foreign" in finding


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE disclosures SET place = '/elsewhere' WHERE sequence = 1 AND position = 2",
         "event 1: disclosure 2: it is of /silkroot:driver, not of /elsewhere"),
        ("UPDATE disclosures SET digest = zeroblob(32) WHERE sequence = 1 AND position = 2",
         "event 1: disclosure 2: its text has another digest"),
        ("UPDATE disclosures SET digest = zeroblob(32) WHERE sequence = 2 AND position = 1",
         "event 2: disclosure 1: its digest does not stand in the event"),
        ("DELETE FROM disclosures WHERE sequence = 2 AND position = 0", "event 2: disclosure 0 is missing"),
        ("UPDATE disclosures SET sequence = 9 WHERE sequence = 2 AND position = 1",
         "disclosure 1 of event 9: there is no such event"),
    ],
)  # fmt: skip
def test_what_is_found_in_words(sealed: World, statement: str, finding: str) -> None:
    sealed.sql(statement, count=1)
    redigest(sealed)
    assert found(sealed) == [finding]


def test_an_outer_disclosure_that_is_gone_is_found(sealed: World) -> None:
    """The inner one, which stood in it, opens nothing any more."""
    places = sealed.sql("SELECT place FROM disclosures WHERE sequence = 1 ORDER BY position")
    assert places == [("/silkroot:contactPerson/phone",), ("/silkroot:contactPerson",), ("/silkroot:driver",)]
    sealed.sql("DELETE FROM disclosures WHERE sequence = 1 AND position = 1", count=1)
    assert any("disclosure.foreign" in finding for finding in found(sealed))


def test_a_whole_erased_member_with_what_lay_in_it_is_no_fault(sealed: World) -> None:
    assert Erase(sealed.store, sealed.clock, SECRET).erase(Choice(value="Tursun"))
    assert sealed.fsck() == []
    assert Fsck(sealed.store.audit, LEDGER_DOMAIN).erased() == 4


def test_a_flipped_bit_in_a_proposals_disclosures_is_found(world: World) -> None:
    from second_signatures import proposals

    world.record(b.harvest(), b.shipping(), b.partial_receipt())
    proposals(world).propose({**b.settlement(), "silkroot:phone": PHONE}, b.PACKING_HOUSE)
    assert world.fsck() == []
    ((kept,),) = world.sql("SELECT disclosures FROM proposals")
    world.sql("UPDATE proposals SET disclosures = ?", kept.replace(b"phone", b"phonf"), count=1)
    assert found(world) == ["proposal 1: the row is not what was written"]
