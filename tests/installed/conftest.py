"""The built wheel in an empty virtual environment, beside an empty folder: nothing of the checkout is in sight."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from installed_wheel import Installed

ROOT = Path(__file__).resolve().parents[2]
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as `pip wheel .` builds it."""
    target = tmp_path_factory.mktemp("dist")
    command = [sys.executable, *PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", str(target), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (built,) = target.glob("silkroot-*.whl")
    return built


@pytest.fixture(scope="session")
def silkroot(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program `silkroot` of a virtual environment into which only the wheel was installed."""
    venv = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    constraints = str(ROOT / "constraints.txt")
    subprocess.run(
        [str(venv / "bin" / "python"), *PIP, "install", "--no-compile", "-c", constraints, str(wheel)],
        check=True, stdout=subprocess.DEVNULL, cwd=venv,
    )  # fmt: skip
    return venv / "bin" / "silkroot"


@pytest.fixture
def installed(silkroot: Path, tmp_path: Path) -> Installed:
    """The program in an empty folder of its own."""
    return Installed(silkroot, tmp_path)
