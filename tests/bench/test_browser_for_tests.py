"""Which Chromium `scripts/test` takes, and when it installs one."""

from __future__ import annotations

import shutil

import project_setup
import pytest

SHELL, WHOLE = "chromium-headless-shell", "chromium"


class Machine:
    """A machine with some browsers, where apt has some packages; `asked`: what was installed, or tried."""

    def __init__(
        self, patch: pytest.MonkeyPatch, *there: str, packages: tuple[str, ...] = (), root: bool = True
    ) -> None:
        self.there = {*there, "apt-get"}
        self.packages = packages
        self.asked: list[str] = []
        patch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if name in self.there else None)
        patch.setattr("os.geteuid", lambda: 0 if root else 1000)
        patch.setattr(project_setup, "_run", self.run)

    def run(self, command: list[str]) -> None:
        if command[:2] == ["apt-get", "update"]:
            return
        name = command[-1]
        self.asked.append(f"{'apt' if command[0] == 'apt-get' else 'playwright'} {name}")
        if command[0] == "apt-get":
            if name not in self.packages:
                raise project_setup.SetupFailed(f"no package {name}")
            self.there.add(name)


@pytest.fixture
def patch(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("CI", raising=False)
    return monkeypatch


def test_the_one_without_windows_is_taken_where_it_is(patch: pytest.MonkeyPatch) -> None:
    machine = Machine(patch, SHELL, WHOLE)
    assert (project_setup.chromium(), machine.asked) == (f"/usr/bin/{SHELL}", [])


def test_a_person_keeps_the_browser_that_is_there(patch: pytest.MonkeyPatch) -> None:
    machine = Machine(patch, WHOLE, packages=(SHELL,))
    assert (project_setup.chromium(), machine.asked) == (f"/usr/bin/{WHOLE}", [])


def test_ci_gets_the_one_without_windows(patch: pytest.MonkeyPatch) -> None:
    patch.setenv("CI", "true")
    machine = Machine(patch, WHOLE, packages=(SHELL,))
    assert (project_setup.chromium(), machine.asked) == (f"/usr/bin/{SHELL}", [f"apt {SHELL}"])


@pytest.mark.parametrize("packages", [(), (WHOLE,)])
def test_ci_keeps_the_other_one_where_that_cannot_be_had(patch: pytest.MonkeyPatch, packages: tuple[str, ...]) -> None:
    patch.setenv("CI", "true")
    machine = Machine(patch, WHOLE, packages=packages)
    assert (project_setup.chromium(), machine.asked) == (f"/usr/bin/{WHOLE}", [f"apt {SHELL}"])


def test_where_there_is_none_it_is_installed(patch: pytest.MonkeyPatch) -> None:
    machine = Machine(patch, packages=(SHELL, WHOLE))
    assert (project_setup.chromium(), machine.asked) == (f"/usr/bin/{SHELL}", [f"apt {SHELL}"])
    machine = Machine(patch, packages=(WHOLE,))
    assert (project_setup.chromium(), machine.asked) == (f"/usr/bin/{WHOLE}", [f"apt {SHELL}", f"apt {WHOLE}"])


def test_who_may_not_install_gets_the_one_that_playwright_keeps(patch: pytest.MonkeyPatch) -> None:
    machine = Machine(patch, packages=(SHELL, WHOLE), root=False)
    assert (project_setup.chromium(), machine.asked) == ("", ["playwright chromium"])
