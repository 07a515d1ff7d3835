"""
Every command of the pages, typed as written, in the page's order, against a real service with the season.

The pages of one language share a ledger, in the order in which a new packing house would read them. What a person does
between commands (`<!-- then: ... -->`) is done by `deeds`.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from deeds import DEEDS
from doc_pages import ROOT, Command, Deed, pages, steps
from doc_shell import DocShell, is_printed, run_until
from service_process import ServiceProcess, free_port

from api.season import season_folder

pytestmark = pytest.mark.chain
READERS = ("producer", "dock", "consumer", "operator")
LOCALES = {"en": "C.UTF-8", "zh": "zh_CN.UTF-8"}
SKIPPED = ("npm ", "pip ", "python3 -m venv", "sudo ", "git ", "cd ", "source ")
"""What a block may hold that is not run: it installs from the network, or needs more than a test may have."""


@pytest.fixture(scope="module", params=["en", "zh"])
def reader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Somebody who reads in one language, beside a service that has the season's parties and its first weeks."""
    home = tmp_path_factory.mktemp(f"reader-{request.param}")
    service = ServiceProcess(home / "data")
    try:
        service.start()
        with season_folder() as folder:
            books = sorted(path for path in folder.glob("*.xlsx") if path.name < "21")
            service.command("import", str(folder / "master.toml"), *map(str, books))
        service.wait_until_settled()
        yield Reader(request.param, home, service)
    finally:
        if service.process is not None:
            service.kill()


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


def test_everything_of_the_pages_can_be_done(reader: Reader) -> None:
    own = {language: [ROOT / "docs" / language / f"{name}.md" for name in READERS] for language in LOCALES}
    *readers, operator = own[reader.language]
    others = [page for page in pages() if page not in own["en"] + own["zh"]] if reader.language == "en" else []
    for page in (*readers, *others, operator):  # the operator stops the service and begins again
        reader.go(page)


def test_a_line_that_is_not_printed_is_found() -> None:
    assert is_printed(("a  b", "c…e"), "x a b\ncde\n") == ""
    assert is_printed(("c…e", "a b"), "a b\ncde\n") == "a b"
