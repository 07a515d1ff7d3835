"""The verifier's library in TypeScript: its types hold, and its own tests pass in Node; each failure is named."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from web_library import FOLDER, ROOT, run_tests

LEAST = 650
"""How many cases there are at least: a file that Node does not find would count as passed."""


def test_its_own_tests_pass(library: Path) -> None:
    done = run_tests(library)
    failed = re.findall(r"^ *not ok \d+ - (.*)$", done.stdout, re.MULTILINE)
    assert not failed, "\n".join(failed) + "\n" + done.stdout[-6000:]
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    passed = re.findall(r"^ *ok \d+ - ", done.stdout, re.MULTILINE)
    assert len(passed) >= LEAST


def test_its_types_hold() -> None:
    compiler = ROOT / "node_modules" / ".bin" / "tsc"
    done = subprocess.run(
        [str(compiler), "--noEmit", "-p", "api/web"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_every_file_of_vectors_is_read_by_some_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.test.mjs"))
    files = {path.stem for path in (ROOT / "tests" / "vectors").glob("*.json")}
    # Those are for monitors, for systems that hand in what they signed themselves, and for who opens the database.
    not_a_readers = {"signed_note", "presigned", "packed_rows"}
    assert {name for name in files if f'vectors("{name}"' not in tests} == not_a_readers


def test_files_stay_small() -> None:
    long = {
        path.name for path in (ROOT / "api" / "web" / "verify").glob("*.ts") if len(path.read_text().splitlines()) > 400
    }
    assert long == set()
