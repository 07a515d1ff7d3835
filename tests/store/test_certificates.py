"""Certificates in a store: recorded as statements, found by lot, kind, issuer and end, checked; their files held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import certificate_samples as c
import event_builders as b
import pytest
import sample_files as s
from ledger_fixture import START, World

from ledger.adapters.file_store import FolderFileStore
from ledger.adapters.image_cleaner import PillowCleaner
from ledger.domain.certificates import CertificateKind
from ledger.domain.errors import Refused
from ledger.ports_certificates import CertificateQuestion
from ledger.services.files import Files, held_by

DAY = 86_400


def numbers(world: World, question: CertificateQuestion, before: int | None = None, limit: int = 10) -> list[int]:
    return [one.event.sequence for one in world.store.certificates.search(question, before, limit)]


@pytest.fixture
def recorded(world: World) -> World:
    """A harvest (1), its promise (2), a test of it (3), and an organic certificate of a packed lot (5) without end."""
    other = c.pesticide_test(b.PACKED_LOT, kind=CertificateKind.ORGANIC, until=None)
    world.record(
        b.harvest(),
        c.event_of(c.promise(), b.FARM),
        c.event_of(c.pesticide_test()),
        b.inspection(),
        c.event_of(replace(other, issuer="100% Natural_Body", issuer_party=b.CERTIFIER), b.CERTIFIER),
    )
    return world


def test_they_are_found_by_what_they_say(recorded: World) -> None:
    assert numbers(recorded, CertificateQuestion()) == [5, 3, 2]
    assert numbers(recorded, CertificateQuestion(lot=b.HARVEST_LOT.id)) == [3, 2]
    assert numbers(recorded, CertificateQuestion(kind=CertificateKind.PROMISE)) == [2]
    assert numbers(recorded, CertificateQuestion(party=b.CERTIFIER)) == [5]
    assert numbers(recorded, CertificateQuestion(issuer="HAMI test")) == [3]
    assert numbers(recorded, CertificateQuestion(issuer="0% natural_")) == [5]
    assert numbers(recorded, CertificateQuestion(issuer="_")) == [5]
    assert numbers(recorded, CertificateQuestion(ends_from=date(2026, 12, 1), ends_before=date(2027, 1, 1))) == [3]
    assert numbers(recorded, CertificateQuestion(ends_before=date(2026, 12, 31))) == []
    assert numbers(recorded, CertificateQuestion(), before=5, limit=1) == [3]


def test_those_of_several_lots_come_in_their_order(recorded: World) -> None:
    found = recorded.store.certificates.of_lots([b.HARVEST_LOT.id, b.PACKED_LOT.id, b.INTAKE_LOT.id])
    assert [(one.event.sequence, one.party) for one in found] == [(2, b.FARM), (3, b.PACKING_HOUSE), (5, b.CERTIFIER)]
    assert found[0].certificate == c.promise()
    assert recorded.store.certificates.of_lots([]) == []


def test_a_repeat_is_the_first_one(recorded: World) -> None:
    recorded.record(c.event_of(c.pesticide_test()))
    assert numbers(recorded, CertificateQuestion()) == [5, 3, 2]


def test_one_without_its_form_is_refused_and_nothing_is_stored(world: World) -> None:
    wrong = b.changed(c.event_of(c.promise(), b.FARM), "/silkroot:certificate/contact", "139 0990 1234")
    assert world.refusal(b.harvest(), wrong) == ["certificate.mobile"]
    assert world.sql("SELECT count(*) FROM certificates") == [(0,)]


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE certificates SET issuer = 'Somebody else' WHERE sequence = 3", "certificate of event 3"),
        ("UPDATE certificates SET valid_until = '2036-12-31' WHERE sequence = 3", "certificate of event 3"),
        ("DELETE FROM certificates WHERE sequence = 3", "event 3"),
        (
            "INSERT INTO certificates (sequence, party, kind, issuer, issued) VALUES (4, 1, 'organic', 'x', '2026')",
            "certificate of event 4",
        ),
    ],
)
def test_fsck_holds_the_index_against_the_events(recorded: World, statement: str, where: str) -> None:
    assert recorded.fsck() == []
    recorded.sql(statement)
    assert where in [finding.where for finding in recorded.fsck()]


def test_a_file_is_held_for_six_months_and_while_a_certificate_is_valid(world: World) -> None:
    held = held_by(world.store.certificates)
    files = Files(FolderFileStore(world.folder / "files"), world.store.files, PillowCleaner(), world.clock, held)
    kept = files.keep(s.PDF, b.PACKING_HOUSE, "memet")
    assert held(kept.hash) is None
    world.record(b.harvest(), c.event_of(c.pesticide_test(file=kept.hash, until=None)))
    assert world.store.certificates.needed_until(kept.hash) == date(2027, 2, 1)
    world.record(c.event_of(replace(c.pesticide_test(file=kept.hash), number="another")))
    assert world.store.certificates.needed_until(kept.hash) == date(2027, 2, 1)
    assert world.store.certificates.files() == [kept.hash]
    # Midnight in China as the first of February begins: 2027-01-31T16:00Z.
    world.clock.time = 1_801_411_200 - 1
    with pytest.raises(Refused):
        files.erase(kept.hash)
    world.clock.time += 1
    files.erase(kept.hash)
    assert files.problems() == []


def test_a_file_that_was_erased_too_early_is_found(world: World) -> None:
    files = Files(
        FolderFileStore(world.folder / "files"), world.store.files, PillowCleaner(), world.clock,
        held_by(world.store.certificates),
    )  # fmt: skip
    kept = files.keep(s.PDF, b.PACKING_HOUSE, "memet")
    files.erase(kept.hash)
    world.record(b.harvest(), c.event_of(c.pesticide_test(file=kept.hash)))
    (problem,) = files.problems()
    assert "has to be kept for a certificate" in problem
    assert START < 1_801_411_200
