"""
The verifier of api/web/verify for tests: bundled once a session, and asked in batches.

    library = bundle_library(tmp_path_factory.mktemp("web"))
    answers = ask(library, [{"ask": "parse", "text": "{}"}])

What a question looks like stands in tests/web/batch.mjs. Needs Node and the npm packages that `scripts/test` installs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "web"
_SECONDS = 300


def bundle_library(folder: Path, name: str = "library") -> Path:
    """A bundle of scripts/build_web as one module that Node can import, as small as pages get it."""
    _run([sys.executable, str(ROOT / "scripts" / "build_web"), "--only", name, "--into", str(folder)], None, None)
    return folder / f"{name}.mjs"


def ask(library: Path, questions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers of the library, in the order of the questions."""
    answers: list[dict[str, Any]] = json.loads(
        _run([node(), str(FOLDER / "batch.mjs")], library, json.dumps(questions)).stdout
    )
    assert len(answers) == len(questions)
    return answers


def verify_all(verifier: Path, cases: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the verifier finds of each case; tests/web/verify.mjs says what a case is, and a result."""
    results: list[dict[str, Any]] = json.loads(
        _run([node(), str(FOLDER / "verify.mjs")], verifier, json.dumps({"cases": cases})).stdout
    )
    assert len(results) == len(cases)
    return results


def ask_signer(signer: Path, questions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers of the bundle that signs; tests/web/sign.mjs says what a question is."""
    return _asked("sign.mjs", signer, questions)


def ask_dock(dock: Path, questions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers of what the pages of a dock compute; tests/web/dock.mjs says what a question is."""
    return _asked("dock.mjs", dock, questions)


def read_masses(forms: Path, given: Sequence[str | int]) -> list[Any]:
    """Grams of the texts, and kilograms of the numbers; tests/web/masses.mjs."""
    return _asked("masses.mjs", forms, given)


def _asked(script: str, bundle: Path, questions: Sequence[Any]) -> list[Any]:
    answers: list[Any] = json.loads(_run([node(), str(FOLDER / script)], bundle, json.dumps(questions)).stdout)
    assert len(answers) == len(questions)
    return answers


def run_tests(library: Path) -> subprocess.CompletedProcess[str]:
    """Runs tests/web/*.test.mjs in one Node; the output is TAP."""
    tests = sorted(str(path) for path in FOLDER.glob("*.test.mjs"))
    return _run([node(), "--test", "--test-reporter=tap", *tests], library, None, check=False)


def node() -> str:
    """The Node that the tests run with."""
    found = shutil.which("node", path=os.pathsep.join([str(ROOT / ".venv" / "bin"), os.environ.get("PATH", "")]))
    assert found, "no node: run scripts/test once, which installs it"
    return found


def _run(
    command: list[str], library: Path | None, given: str | None, *, check: bool = True
) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT / ".venv" / "bin"), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "SILKROOT_VERIFY_LIBRARY": str(library)}
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, encoding="utf-8", env=environment, cwd=ROOT,
        timeout=_SECONDS, check=False,
    )  # fmt: skip
    assert not (check and done.returncode), done.stdout[-4000:] + done.stderr[-4000:]
    return done
