"""Master data from TOML: every error with its key path, nothing taken from a file with errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.adapters.master_data_toml import parse_master_data, read_master_data
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import PartyId, ProductId
from ledger.domain.master_data import MasterData, PlaceKind, Role

GOOD = """
[[party]]
id = "9520001000010"
name = {zh = "瓜园", en = "Melon farm"}
roles = ["producer", "packer"]
city = {zh = "哈密", en = "Hami", ug = "قۇمۇل"}
hosted = true

[[party]]
id = "10000000000001"
name = {en = "A grower without a GLN"}
roles = ["producer"]

[[place]]
gln = "9520001000010"
extension = "COLD-1"
party = "9520001000010"
name = {en = "Cold store"}
kind = "cold_store"

[[plot]]
gln = "9520001000010"
extension = "A1"
producer = "10000000000001"
name = {en = "Field A1"}
region = {en = "Hami"}

[[product]]
gtin = "19520001000017"
owner = "9520001000010"
net_grams = 5000
name = {en = "Melons"}
packers = ["10000000000001"]

[[product]]
number = 100000000000001
owner = "10000000000001"
net_grams = 1000
name = {en = "Loose melons"}
commodity = "Melon"
bulk_of = "Melon"
"""


def violations(text: str, known: MasterData | None = None) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        parse_master_data(text.encode(), known)
    return [(violation.field, violation.rule) for violation in caught.value.violations]


def test_reads_everything() -> None:
    master = parse_master_data(GOOD.encode())
    party = master.parties[PartyId(9520001000010)]
    assert party.roles == Role.PRODUCER | Role.PACKER
    assert party.city["ug"] == "قۇمۇل"
    assert master.places[9520001000010, "COLD-1"].kind is PlaceKind.COLD_STORE
    assert master.plots[9520001000010, "A1"].producer == 10_000_000_000_001
    assert master.products[ProductId(100_000_000_000_001)].bulk_of == "Melon"
    assert master.products[ProductId(19520001000017)].packers == (10_000_000_000_001,)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('id = "9520001000010"', 'id = "9520001000011"', ("party[0].id", "gs1.check-digit")),
        ('id = "9520001000010"', "id = 9520001000010", ("party[0].id", "master.type")),
        ('roles = ["producer", "packer"]', 'roles = ["king"]', ("party[0].roles", "party.role")),
        ('roles = ["producer", "packer"]', "", ("party[0].roles", "master.missing-key")),
        ("hosted = true", "hosted = 1", ("party[0].hosted", "master.type")),
        ("hosted = true", "hoested = true", ("party[0].hoested", "master.unknown-key")),
        ('{zh = "瓜园", en = "Melon farm"}', '"Melon farm"', ("party[0].name", "master.type")),
        ('{zh = "瓜园", en = "Melon farm"}', '{Chinese = "瓜园"}', ("party[0].name", "master.language")),
        ('kind = "cold_store"', 'kind = "castle"', ("place[0].kind", "place.kind")),
        ('extension = "COLD-1"', 'extension = "COLD 1"', ("place[0].extension", "gs1.ai10")),
        ('party = "9520001000010"', 'party = "9520001000027"', ("place[0].party", "party.unknown")),
        ('producer = "10000000000001"', 'producer = "9520001000027"', ("plot[0].producer", "party.unknown")),
        ("net_grams = 5000\n", "", ("product[0].net_grams", "product.net-grams")),
        ("net_grams = 5000", "net_grams = 0", ("product[0].net_grams", "product.net-grams")),
        ("net_grams = 5000", "net_grams = 5.0", ("product[0].net_grams", "product.net-grams")),
        ('gtin = "19520001000017"', 'gtin = "19520001000018"', ("product[0].gtin", "gs1.check-digit")),
        ('gtin = "19520001000017"', "", ("product[0].gtin", "master.missing-key")),
        ("number = 100000000000001", "number = 7", ("product[1].number", "master.number")),
        ('packers = ["10000000000001"]', 'packers = ["9520001000027"]', ("product[0].packers", "party.unknown")),
        ("[[plot]]", "[[field]]", ("field", "master.unknown-key")),
    ],
)
def test_an_error_names_its_key(old: str, new: str, expected: tuple[str, str]) -> None:
    assert expected in violations(GOOD.replace(old, new, 1))


def test_every_error_is_listed() -> None:
    text = GOOD.replace("net_grams = 5000", "net_grams = 0").replace('kind = "cold_store"', 'kind = "x"')
    assert violations(text) == [("place[0].kind", "place.kind"), ("product[0].net_grams", "product.net-grams")]


def test_a_number_stands_once() -> None:
    again = GOOD + '\n[[party]]\nid = "9520001000010"\nname = {en = "Twice"}\nroles = ["buyer"]\n'
    assert violations(again) == [("party[2].id", "master.duplicate")]


def test_may_refer_to_what_is_known_already() -> None:
    known = parse_master_data(GOOD.encode())
    more = '[[product]]\ngtin = "19520001000024"\nowner = "9520001000010"\nnet_grams = 1\nname = {en = "Grapes"}\n'
    assert violations(more) == [("product[0].owner", "party.unknown")]
    assert ProductId(19520001000024) in parse_master_data(more.encode(), known).products


@pytest.mark.parametrize("text", ["[[party", "party = 1", 'a = "\x00"', "x = 1\nx = 2"])
def test_what_is_no_master_data(text: str) -> None:
    assert violations(text)


def test_bytes_beyond_utf_8_are_refused() -> None:
    with pytest.raises(InvalidInput, match="UTF-8"):
        parse_master_data(b'name = "\xff"')


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"master\.missing"):
        read_master_data(tmp_path / "nothing.toml")
