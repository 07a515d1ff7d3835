"""Every rule that stands in the sources, and every error of the contracts, has words for people."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import api
import ledger
from api.catalogues import LANGUAGES, catalogue
from api.cli import words
from api.cli.violations import sentence, what_is_wrong
from api.error_phrases import FAULTS, KINDS, MESSAGES, error_words, fault_words
from api.rule_phrases import RULES
from api.views.finding_phrases import FINDINGS
from ledger.adapters.artifacts import ContractName, load
from ledger.domain import errors
from ledger.domain.errors import LedgerBusy, MissingTool, NotFound, SilkrootError, StoreError
from ledger.domain.struct_types import STRUCTS

RULE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+")
NOT_RULES = re.compile(
    r".*\.(json|jsonld|toml|py|html|po|svg|png|pdf|css|xlsx|log|sock|lock|key|sqlite3|new|ttf|xml|bin|rels|vml|txt|js|wasm|pem)"
    r"|[0-9.]+|silkroot\.head|\w+\.(consignment|sequence)|http\.response\.\w+|id\.gs1\.org|home\.arpa|jinja2\.ext\.i18n"
)
"""Names of files, columns, hosts, numbers and of a note in a request, which have dots too."""
LIKE_FILES = {"master.toml", "mapping.toml", "policy.toml"}
"""Rules that look like names of files."""
MADE_OF_PARTS = {
    "gs1.{}.length": {"gtin", "gln", "sscc"},
    "eip712.{}": {"uint8", "uint16", "uint64", "uint256"},
    "signature.{}": {"length", "v", "range", "high-s", "point", "recover", "verify"},
    "anchored.other-{}": {"digest", "content", "key", "party", "kind"},
}
"""Names that the source puts together, with what goes into them."""
FIELDS = {"sheets.{}", "columns.{}", "units.{}"}
"""Places in a mapping file, which are written like rules."""


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for package in (ledger, api):
        for folder in package.__path__:
            for file in sorted(Path(folder).rglob("*.py")):
                if not {"rule_phrases", "migrations"} & set(file.parts) and file.name != "finding_phrases.py":
                    yield file, ast.parse(file.read_text("utf-8"))


@cache
def rules_of_the_sources() -> frozenset[str]:
    """Dotted literals, names put together, and the names given to `_refuse` and `Refused.one`."""
    found: set[str] = set()
    for file, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if node.value in LIKE_FILES or (RULE.fullmatch(node.value) and not NOT_RULES.fullmatch(node.value)):
                    found.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
                text = "".join(str(part) for part in parts)
                if re.fullmatch(r"[a-z][a-z0-9-]*\.([a-z-]*\{\}(\.[a-z-]+)?)", text) and text not in FIELDS:
                    assert text in MADE_OF_PARTS, f"{file}: which rules can {text} be?"
                    found |= {text.format(part) for part in MADE_OF_PARTS[text]}
            elif isinstance(node, ast.Call) and file.parts[-3:-1] != ("ledger", "adapters"):
                found |= {
                    str(argument.value)
                    for argument in node.args
                    if isinstance(argument, ast.Constant)
                    and isinstance(argument.value, str)
                    and argument.value in CONTRACT_ERRORS
                }
    return frozenset(found)


CONTRACTS: tuple[ContractName, ...] = ("PartyRegistry", "ProduceLedger")
CONTRACT_ERRORS = frozenset(error["name"] for contract in CONTRACTS for error in load(contract).errors)
LIBRARY_ERRORS = re.compile(
    r"AccessControl|ECDSA|EnforcedPause|ExpectedPause|InvalidShortString|StringTooLong|SafeCast"
)
"""Of OpenZeppelin: no entry of ours meets them."""


def test_every_rule_has_its_words() -> None:
    rules = rules_of_the_sources()
    assert {"mass.no-unit", "cell.missing", "gs1.gtin.length", "eip712.uint64", "NotEnoughHeld"} <= rules
    assert rules - set(RULES) - set(FINDINGS) == set()


def test_every_error_of_the_contracts_has_its_words() -> None:
    assert {"NotEnoughHeld", "LotExists"} <= CONTRACT_ERRORS
    ours = {name for name in CONTRACT_ERRORS if not LIBRARY_ERRORS.match(name)}
    assert ours - set(RULES) == set()


def test_no_words_for_rules_that_are_gone() -> None:
    assert set(RULES) - rules_of_the_sources() - CONTRACT_ERRORS == set()


def test_the_names_put_together_are_all_that_there_are() -> None:
    types = {name.split()[0] for struct in STRUCTS for name in re.split(r"[(,]", struct.TYPE)[1:]}
    assert {name for name in types if name.startswith("uint")} <= MADE_OF_PARTS["eip712.{}"]


@pytest.mark.parametrize("language", [*LANGUAGES])
def test_a_person_is_told_in_their_language(language: str) -> None:
    words.choose(language)
    try:
        told = sentence("NotEnoughHeld", "party 7 holds 5 g of the lot and needs 6 g")
        row = what_is_wrong({"rule": "quantity.unit", "message": "this unit is neither"})
    finally:
        words.choose("en")
    if language == "en":
        assert (told, row) == ("party 7 holds 5 g of the lot and needs 6 g", "this unit is neither")
    else:
        assert told == catalogue(language).gettext(RULES["NotEnoughHeld"]) != RULES["NotEnoughHeld"]
        assert row == catalogue(language).gettext(RULES["quantity.unit"])


def test_a_rule_without_words_is_told_by_its_message() -> None:
    words.choose("ug")
    try:
        assert sentence("no.such-rule", "what it says itself") == "what it says itself"
    finally:
        words.choose("en")


def test_every_class_of_error_has_words() -> None:
    classes = {
        each.__name__ for each in vars(errors).values() if isinstance(each, type) and issubclass(each, SilkrootError)
    }
    told_by_rule = {"InvalidGs1Key", "InvalidJson", "InvalidEvent", "Refused"}
    never_told = {"NoWorker"}  # what no other process does is done in the service itself
    assert classes - told_by_rule - never_told == set(KINDS)


@pytest.mark.parametrize("language", ["zh", "ug"])
def test_an_error_is_told_with_what_it_names(language: str) -> None:
    texts = catalogue(language)
    told = error_words(NotFound("no lot has the code HM-1; `silkroot lots` lists them"), texts)
    assert told == texts.gettext("no lot has the code %(code)s; `silkroot lots` lists them") % {"code": "HM-1"}
    known = error_words(LedgerBusy("/data is in use by process 12"), texts)
    assert known == texts.gettext("%(folder)s is in use by process %(process)s") % {"folder": "/data", "process": "12"}


@pytest.mark.parametrize("language", ["zh", "ug"])
def test_any_other_error_is_told_by_its_kind_with_the_message_behind(language: str) -> None:
    texts = catalogue(language)
    assert error_words(MissingTool("get it at the shop"), texts) == (
        f"{texts.gettext(KINDS['MissingTool'])} (get it at the shop)"
    )
    assert error_words(StoreError("disk full"), texts).startswith(texts.gettext(KINDS["StoreError"]))
    assert error_words(StoreError("disk full"), catalogue("en")) == "disk full"


def test_a_fault_is_told_with_what_it_names() -> None:
    told = fault_words("the content hashes to 0xaa, not to the signed 0xbb", catalogue("zh"))
    assert "0xaa" in told
    assert "0xbb" in told
    assert "hashes" not in told
    assert fault_words("something new", catalogue("zh")) == "something new"


def test_every_message_with_words_stands_in_the_sources() -> None:
    literal = " ".join(
        "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        if isinstance(node, ast.JoinedStr)
        else str(node.value)
        for file, tree in sources()
        if file.name != "error_phrases.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
    )
    for message in (*MESSAGES, *FAULTS):
        # Piece by piece: what an outer error adds stands elsewhere than the rest.
        for piece in re.split(r"%\(\w+\)s|; ", message):
            assert piece.removesuffix(" ") in literal, piece
