"""The program of an installed wheel, run as somebody without a checkout runs it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Installed:
    """`silkroot` of the wheel, run in `folder` with nothing of this process's environment but what it needs."""

    silkroot: Path
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """An ordinary user's: a home, a PATH of the system, no Silkroot, no Python and no npm of the tests."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {"PATH": os.defpath, "HOME": str(home), "LANG": "C.UTF-8", **self.settings}

    def run(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """One command; its output is kept."""
        return subprocess.run(
            [str(self.silkroot), *arguments],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip
