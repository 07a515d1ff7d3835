"""
Somebody who reads the pages in one language and types every command as written, in the page's order, against a real
service with the season.

The pages of one language share a ledger, in the order in which a new packing house would read them. What a person does
between commands (`<!-- then: ... -->`) is done by `deeds`.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from deeds import DEEDS
from doc_pages import ROOT, Command, Deed, pages, steps
from doc_shell import DocShell, is_printed, run_until
from service_process import ServiceProcess, free_port

from api.season import season_folder

READERS = ("producer", "dock", "consumer", "operator")
LOCALES = {"en": "C.UTF-8", "zh": "zh_CN.UTF-8"}
SKIPPED = ("npm ", "pip ", "python3 -m venv", "sudo ", "git ", "cd ", "source ")
"""What a block may hold that is not run: it installs from the network, or needs more than a test may have."""


class Reader:
    """Types the commands of pages in a folder of their own."""

    def __init__(self, language: str, home: Path, service: ServiceProcess) -> None:
        self.language = language
        self.folder = home / "work"
        self.folder.mkdir()
        for name in (".venv", "scripts", "docs", "ledger"):
            (self.folder / name).symlink_to(ROOT / name)
        self.service = service
        kept = {name: value for name, value in service.environment.items() if not name.startswith(("LC_", "LANG"))}
        path = os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]])
        self.environment = {**kept, "PATH": path, "LANG": LOCALES[language], "COLUMNS": "200"}

    def read_everything(self) -> None:
        """The readers' pages of this language; in English also those that exist in no other."""
        own = {language: [ROOT / "docs" / language / f"{name}.md" for name in READERS] for language in LOCALES}
        *readers, operator = own[self.language]
        others = [page for page in pages() if page not in own["en"] + own["zh"]] if self.language == "en" else []
        for page in (*readers, *others, operator):  # the operator stops the service and begins again
            self.go(page)

    def go(self, page: Path) -> None:
        """Does everything that the page says."""
        with DocShell(self.folder, self.environment) as shell:
            for step in steps(page):
                if isinstance(step, Deed):
                    DEEDS[step.name](self.folder, self.language, self.service)
                else:
                    self._type(shell, step)

    def _type(self, shell: DocShell, command: Command) -> None:
        if command.not_run:
            assert command.text.startswith(SKIPPED), f"{command}: why is this not run?"
            return
        if command.until:
            own = {"SILKROOT_DATA_DIR": str(self.folder.parent / f"until-{command.line}")}
            environment = {**self.environment, **own, "SILKROOT_PORT": str(free_port())}
            assert run_until(command.text, command.until, self.folder, environment) == command.exit, str(command)
            return
        # The pages name the port that a service has by default; the one here has another.
        here = command.text.replace("http://127.0.0.1:8000", self.service.url)
        text = f"{command.text.split()[0]} --help" if command.only_help else here
        start = time.monotonic()
        code, printed = shell.run(text)
        print(f"{time.monotonic() - start:5.1f} s  {command}")
        assert code == command.exit, f"{command} ended with {code}, not {command.exit}:\n{printed}"
        missing = is_printed(command.printed, printed)
        assert not missing, f"{command} did not print (in this order) {missing!r}:\n{printed}"


@contextlib.contextmanager
def reader(language: str, home: Path) -> Iterator[Reader]:
    """Somebody who reads in that language, beside a service that has the season's parties and its first weeks."""
    service = ServiceProcess(home / "data")
    try:
        service.start()
        with season_folder() as folder:
            books = sorted(path for path in folder.glob("*.xlsx") if path.name < "21")
            service.command("import", str(folder / "master.toml"), *map(str, books))
        service.wait_until_settled()
        yield Reader(language, home, service)
    finally:
        if service.process is not None:
            service.kill()
