"""A shell in which a reader types the commands of a page: its folder and what it exported last from one to the next."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

_END = "--- end of command"


class DocShell:
    """`bash` in a folder. Use it in a `with` block."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], cwd=folder, env=dict(environment), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def __enter__(self) -> DocShell:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._shell.stdin is not None
        self._shell.stdin.close()
        self._shell.wait(30)

    def run(self, command: str) -> tuple[int, str]:
        """Exit code, and all that it printed."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(f"{{ {command}\n}} </dev/null\nprintf '\\n{_END} %d\\n' \"$?\"\n")
        self._shell.stdin.flush()
        printed = []
        for line in self._shell.stdout:
            if line.startswith(_END):
                return int(line.removeprefix(_END)), "".join(printed)[:-1]
            printed.append(line)
        raise AssertionError(f"the shell ended in: {command}\n{''.join(printed)}")


def run_until(command: str, words: str, folder: Path, environment: Mapping[str, str]) -> int:
    """Runs it until it prints the words, then presses Ctrl-C; its exit code."""
    log = folder / "until.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-c", f"exec {command}"],
            cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 90
        while words not in log.read_text(errors="replace"):
            assert process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < deadline, log.read_text(errors="replace")
            time.sleep(0.1)
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGINT)
        code = process.wait(60)
    return code


def is_printed(shown: tuple[str, ...], output: str) -> str:
    """The first shown line that is missing from the output, in order; "" where all are there. `…` is anything."""
    rest = [" ".join(line.split()) for line in output.splitlines()]
    for line in shown:
        pattern = ".*".join(re.escape(" ".join(part.split())) for part in line.split("…"))
        # Next to an ellipsis, spaces may be part of what it stands for.
        for index, candidate in enumerate(rest):
            if re.search(pattern.replace(r"\ .*", r"\ ?.*").replace(r".*\ ", r".*\ ?"), candidate):
                rest = rest[index + 1 :]
                break
        else:
            return line
    return ""
