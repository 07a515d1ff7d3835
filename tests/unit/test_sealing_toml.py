"""The policy file: read strictly, every error with key path, rule and value; what it says is what is sealed."""

from __future__ import annotations

from pathlib import Path

import event_builders as b
import pytest

from ledger.adapters.sealing_toml import parse_policy, read_policy
from ledger.domain.errors import InvalidInput
from ledger.domain.sealing import DEFAULT, Entry, Policy, seal
from ledger.settings import Settings

WHOLE = f"""
[[entry]]
seal = ["/silkroot:contact", "note"]

[[entry]]
party = "{b.FARM:013d}"
kinds = ["commissioning", "TransformationEvent"]
leave = ["driver"]
"""


def test_entries_add_to_the_default() -> None:
    policy = parse_policy(WHOLE.encode())
    added = Entry(("/silkroot:contact", "note"))
    kinds = frozenset({"commissioning", "TransformationEvent"})
    assert policy == Policy((*DEFAULT.entries, added, Entry((), ("driver",), b.FARM, kinds)))


def test_without_the_default_only_the_file_counts() -> None:
    assert parse_policy(b'defaults = false\n[[entry]]\nseal = ["note"]') == Policy((Entry(("note",)),))
    assert parse_policy(b"defaults = false") == Policy(())
    assert parse_policy(b"\xef\xbb\xbf") == DEFAULT


def test_the_file_decides_by_party_and_kind() -> None:
    policy = parse_policy(WHOLE.encode())
    by_farm = {**b.harvest(), "silkroot:driver": "Tursun", "silkroot:note": "x"}
    by_house = {**b.packing(), "silkroot:driver": "Tursun"}
    salts = iter(bytes([number]) * 16 for number in range(1, 99))

    def places(event: dict[str, object]) -> list[str]:
        return [item.place for item in seal(event, policy, lambda: next(salts)).disclosures]

    assert places(by_farm) == ["/silkroot:note"]
    assert places({**b.shipping(), "silkroot:driver": "Tursun"}) == ["/silkroot:driver"]
    assert places(by_house) == ["/silkroot:driver"]


@pytest.mark.parametrize(
    ("text", "field", "rule", "value"),
    [
        ("seal = 1", "seal", "policy.unknown-key", "seal"),
        ("defaults = 1", "defaults", "policy.type", "1"),
        ("entry = 1", "entry", "policy.type", "1"),
        ("[[entry]]", "entry[0]", "policy.empty", ""),
        ('[[entry]]\nseal = "price"', "entry[0].seal", "policy.type", "price"),
        ("[[entry]]\nseal = [1]", "entry[0].seal", "policy.type", "[1]"),
        ('[[entry]]\nseal = ["price"]\nparty = 1', "entry[0].party", "policy.type", "1"),
        ('[[entry]]\nseal = ["price"]\nparty = "123"', "entry[0].party", "gs1.gln.length", "123"),
        ('[[entry]]\nseal = ["price"]\nkinds = []', "entry[0].kinds", "policy.empty", ""),
        ('[[entry]]\nseal = ["price"]\nkinds = ["sent"]', "entry[0].kinds[0]", "policy.kind", "sent"),
        ('[[entry]]\nseal = ["price"]\nhide = ["x"]', "entry[0].hide", "policy.unknown-key", "hide"),
        ('[[entry]]\nseal = ["price", "quantity"]', "entry[0].seal[1]", "sealing.disclosed", "quantity"),
        ('[[entry]]\nseal = ["a b:c"]', "entry[0].seal[0]", "sealing.selector", "a b:c"),
        ('[[entry]]\nseal = ["/quantityList"]', "entry[0].seal[0]", "sealing.disclosed", "/quantityList"),
        ('[[entry]]\nleave = ["note"]', "entry[0].leave[0]", "sealing.selector", "note"),
        ("[[entry]", "sealing.toml", "policy.toml", "sealing.toml"),
        ("\udcff", "sealing.toml", "policy.toml", "sealing.toml"),
    ],
)
def test_what_is_refused(text: str, field: str, rule: str, value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_policy(text.encode("utf-8", "surrogateescape"), "sealing.toml")
    (violation,) = caught.value.violations
    assert (violation.field, violation.rule, violation.value) == (field, rule, value)


def test_all_errors_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_policy(b'x = 1\n[[entry]]\ny = 2\nkinds = ["z"]\nseal = ["price"]')
    assert [violation.field for violation in caught.value.violations] == ["x", "entry[0].y", "entry[0].kinds[0]"]


def test_a_file_that_is_not_there_or_too_large(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"policy\.missing"):
        read_policy(tmp_path / "none.toml")
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(InvalidInput, match=r"policy\.too-large"):
        read_policy(large)


def test_where_the_file_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SILKROOT_SEALING_POLICY", raising=False)
    settings = Settings(data_dir=tmp_path)
    assert settings.policy_path is None
    (tmp_path / "sealing.toml").write_text("")
    assert settings.policy_path == tmp_path / "sealing.toml"
    monkeypatch.setenv("SILKROOT_SEALING_POLICY", str(tmp_path / "elsewhere.toml"))
    assert Settings(data_dir=tmp_path).policy_path == tmp_path / "elsewhere.toml"
