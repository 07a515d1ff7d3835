"""Where Anvil is looked for: the binary named, npm's wrapper with its binary beside or below it, the PATH."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.adapters import anvil_process
from ledger.adapters.anvil_process import find_anvil
from ledger.domain.errors import MissingTool

PLATFORM = "anvil-linux-amd64"


@pytest.fixture(autouse=True)
def no_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As if the package stood outside a checkout, on one known platform, with nothing on the PATH."""
    monkeypatch.setattr(anvil_process, "__file__", str(tmp_path / "site" / "ledger" / "adapters" / "anvil_process.py"))
    monkeypatch.setattr(anvil_process.sys, "platform", "linux")
    monkeypatch.setattr(anvil_process.platform, "machine", lambda: "x86_64")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("SILKROOT_ANVIL", raising=False)
    (tmp_path / "bin").mkdir()


def executable(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o755)
    return path


def npm_layout(modules: Path, *, nested: bool) -> tuple[Path, Path]:
    """The wrapper and the binary as `npm install` (`nested`: with -g) lays them."""
    scope = modules / "@foundry-rs"
    below = scope / "anvil" / "node_modules" / "@foundry-rs" if nested else scope
    wrapper = executable(scope / "anvil" / "bin.mjs", b"#!/usr/bin/env node\n")
    return wrapper, executable(below / PLATFORM / "bin" / "anvil", b"\x7fELF")


@pytest.mark.parametrize("nested", [True, False])
def test_npms_wrapper_on_the_path_stands_for_its_binary(tmp_path: Path, nested: bool) -> None:
    wrapper, binary = npm_layout(tmp_path / "lib" / "node_modules", nested=nested)
    (tmp_path / "bin" / "anvil").symlink_to(wrapper)
    assert find_anvil() == binary


def test_a_binary_on_the_path_is_taken(tmp_path: Path) -> None:
    binary = executable(tmp_path / "bin" / "anvil", b"\x7fELF")
    assert find_anvil() == binary


def test_the_one_named_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path / "bin" / "anvil", b"\x7fELF")
    named = executable(tmp_path / "other" / "anvil", b"\x7fELF")
    monkeypatch.setenv("SILKROOT_ANVIL", str(named))
    assert find_anvil() == named


def test_a_named_script_without_its_binary_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SILKROOT_ANVIL", str(executable(tmp_path / "anvil.sh", b"#!/bin/sh\n")))
    with pytest.raises(MissingTool, match=r"which is a script"):
        find_anvil()


def test_a_named_file_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SILKROOT_ANVIL", str(tmp_path / "nothing"))
    with pytest.raises(MissingTool, match="is not a file"):
        find_anvil()


def test_where_there_is_none_the_message_says_how_to_get_it(tmp_path: Path) -> None:
    executable(tmp_path / "bin" / "anvil", b"#!/bin/sh\n")  # somebody's shim is not Anvil
    with pytest.raises(MissingTool) as caught:
        find_anvil()
    for way in ("npm install -g @foundry-rs/anvil", "https://getfoundry.sh", "SILKROOT_ANVIL", "SILKROOT_RPC_URL"):
        assert way in str(caught.value)
