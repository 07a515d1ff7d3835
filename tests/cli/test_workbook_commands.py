"""`silkroot template`, `import --explain`, `--mapping` and `--mark`, as a person types them; no service runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import openpyxl
import pytest
from house_rows import house_day, intake

from api.cli import main
from ledger.adapters.workbook_template import write_house_workbook


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SILKROOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SILKROOT_LANG", "en")
    return tmp_path


def silkroot(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["silkroot", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


class TestTemplate:
    @pytest.mark.parametrize(("lang", "title"), [("zh", "收购"), ("en", "Intake"), ("ug", "سېتىۋېلىش")])
    def test_writes_one(self, folder: Path, monkeypatch: pytest.MonkeyPatch, lang: str, title: str) -> None:
        assert silkroot(monkeypatch, "template", "--lang", lang) == 0
        assert openpyxl.load_workbook(folder / f"silkroot-{lang}.xlsx").sheetnames[0] == title

    def test_never_replaces_a_file_unasked(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        mine = folder / "mine.xlsx"
        mine.write_text("mine")
        assert silkroot(monkeypatch, "template", "--out", "mine.xlsx") == 1
        assert mine.read_text() == "mine"
        assert silkroot(monkeypatch, "template", "--out", "mine.xlsx", "--force") == 0
        assert mine.read_bytes().startswith(b"PK")

    @pytest.mark.parametrize("name", ["day.txt", "no/such/folder/day.xlsx"])
    def test_where_it_cannot_be(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        assert silkroot(monkeypatch, "template", "--out", name) == 1

    def test_as_json(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        assert silkroot(monkeypatch, "template", "--lang", "zh", "--out", "a.xlsx", "--json") == 0
        assert json.loads(capsys.readouterr().out) == {"file": "a.xlsx", "language": "zh"}


class TestExplain:
    def test_in_words(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        (folder / "day.xlsx").write_bytes(write_house_workbook("zh", house_day()))
        assert silkroot(monkeypatch, "import", "--explain", "day.xlsx") == 0
        said = capsys.readouterr().out
        assert "Roster code" in said
        assert "花名册编号" in said

    def test_as_json_with_a_mapping(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = "台账"
        sheet.append(["日子", "户号", "批号", "产品", "过磅"])
        book.save(folder / "own.xlsx")
        mapping = '[sheets]\n"台账" = "harvest"\n[columns]\n"日子" = "date"\n"户号" = "plot"\n"过磅" = "净重"\n'
        (folder / "own.toml").write_text(mapping + '[units]\n"过磅" = "kg"\n', encoding="utf-8-sig")
        assert silkroot(monkeypatch, "import", "--explain", "--mapping", "own.toml", "--json", "own.xlsx") == 0
        [found] = json.loads(capsys.readouterr().out)
        assert [c["means"] for c in found["sheets"][0]["columns"]] == ["date", "plot", "lot", "product", "quantity"]
        assert silkroot(monkeypatch, "import", "--explain", "--json", "own.xlsx") == 0
        [found] = json.loads(capsys.readouterr().out)
        assert found["sheets"][0]["means"] is None

    def test_what_cannot_be_read_is_no(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        book = openpyxl.load_workbook(folder / _template(folder))
        book["Intake"].delete_cols(4)
        book.save(folder / "less.xlsx")
        assert silkroot(monkeypatch, "import", "--explain", "less.xlsx") == 1

    @pytest.mark.parametrize("text", ["[sheets", '[sheets]\n"a" = "b"\n', "\xff"])
    def test_a_mapping_that_is_none(self, folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        (folder / "own.toml").write_bytes(text.encode("latin-1"))
        arguments = ("import", "--explain", "--mapping", "own.toml", _template(folder))
        assert silkroot(monkeypatch, *arguments) == 1


class TestMark:
    def test_errors_go_into_a_copy(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        day = house_day(intake=[intake(1, quantity="五百")], packing=[], shipping=[], receiving=[], temperature=[])
        (folder / "day.xlsx").write_bytes(write_house_workbook("zh", day))
        assert silkroot(monkeypatch, "import", "--dry-run", "--mark", "marked.xlsx", "day.xlsx") == 1
        comment = openpyxl.load_workbook(folder / "marked.xlsx")["收购"]["H4"].comment
        assert comment is not None
        assert "quantity.form" in comment.text

    def test_nothing_is_written_where_nothing_is_wrong(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder / "day.xlsx").write_bytes(write_house_workbook("zh", house_day()))
        assert silkroot(monkeypatch, "import", "--dry-run", "--mark", "marked.xlsx", "day.xlsx") == 0
        assert not (folder / "marked.xlsx").exists()

    def test_one_file_at_a_time(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        name = _template(folder)
        assert silkroot(monkeypatch, "import", "--dry-run", "--mark", "m.xlsx", name, name) == 2


def _template(folder: Path) -> str:
    (folder / "empty.xlsx").write_bytes(write_house_workbook("en"))
    return "empty.xlsx"
