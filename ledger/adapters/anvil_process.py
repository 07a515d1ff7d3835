"""
Anvil as a child process: found, started, and never left behind.

The platform's own binary is started, not the npm wrapper, which leaves it orphaned when it is killed. On Linux the
kernel kills the child when the thread that started it ends (PR_SET_PDEATHSIG), even if that is by kill -9; so start it
on a thread that lives as long as the service does. Elsewhere it ends with an orderly end of the service.
Raises `MissingTool` where there is no binary and `ChainUnavailable` where it does not start.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.tied_process import die_with
from ledger.domain.errors import ChainUnavailable, MissingTool

_START_SECONDS = 60.0
_END_SECONDS = 5.0


def find_anvil() -> Path:
    """$SILKROOT_ANVIL, else the checkout's node_modules, else PATH. npm's wrapper script stands for its binary."""
    named = os.environ.get("SILKROOT_ANVIL")
    if named:
        if not Path(named).is_file():
            raise MissingTool(f"SILKROOT_ANVIL names {named}, which is not a file")
        if not (found := _binary_of(Path(named))):
            raise MissingTool(f"SILKROOT_ANVIL names {named}, which is a script; name the binary itself")
        return found
    candidates = [_npm_binary(Path(__file__).resolve().parents[2] / "node_modules" / "@foundry-rs")]
    on_path = shutil.which("anvil")
    if on_path:
        candidates.append(_binary_of(Path(on_path)))
    for candidate in candidates:
        if candidate is not None and os.access(candidate, os.X_OK):
            return candidate
    raise MissingTool(
        "Anvil, the local chain, is not installed. In a checkout run `npm ci --omit=dev` (scripts/run does). Elsewhere "
        "run `npm install -g @foundry-rs/anvil`, or install Foundry (https://getfoundry.sh), so that `anvil` is on the "
        "PATH; or name its binary in SILKROOT_ANVIL. To use another chain instead, set SILKROOT_RPC_URL"
    )


def free_port() -> int:
    """A port on loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class AnvilProcess:
    """One running Anvil on loopback."""

    def __init__(self, child: subprocess.Popen[bytes], rpc_url: str, log: Path) -> None:
        self._child = child
        self._log = log
        self.rpc_url = rpc_url

    @classmethod
    async def start(cls, binary: Path, arguments: Sequence[str], port: int, log: Path) -> AnvilProcess:
        """Starts it and waits until it answers; what it prints goes to `log`."""
        _refuse_taken_port(port)
        command = [str(binary), "--host", "127.0.0.1", "--port", str(port), *arguments]
        with log.open("wb") as output:
            child = subprocess.Popen(  # noqa: ASYNC220 - a fork of milliseconds, and it has to be on this thread
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C goes to the service alone, which saves the chain before it ends it
                preexec_fn=die_with(os.getpid()),
            )
        process = cls(child, f"http://127.0.0.1:{port}", log)
        try:
            await process._wait_until_it_answers()
        except BaseException:
            await process.kill()
            raise
        return process

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    @property
    def is_running(self) -> bool:
        """False once it has ended, for whatever reason."""
        return self._child.poll() is None

    async def stop(self) -> None:
        """Asks it to end, and ends it if it does not."""
        if self.is_running:
            self._child.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._wait(), _END_SECONDS)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """Ends it at once, as a crash would."""
        if self.is_running:
            self._child.kill()
        await self._wait()

    async def _wait(self) -> None:
        while self.is_running:  # noqa: ASYNC110 - the kernel sets no event
            await asyncio.sleep(0.02)

    async def _wait_until_it_answers(self) -> None:
        rpc = JsonRpc(self.rpc_url, timeout=1.0)
        waited = 0.0
        try:
            while True:
                try:
                    await rpc.call("eth_chainId")
                    break
                except ChainUnavailable:
                    pass
                if not self.is_running or waited > _START_SECONDS:
                    said = self._log.read_bytes().decode(errors="replace").strip()[-500:]
                    raise ChainUnavailable(f"Anvil did not start: {said or 'it said nothing'}")
                await asyncio.sleep(0.05)
                waited += 0.05
        finally:
            await rpc.close()
        if not self.is_running:  # somebody else answers on that port
            raise ChainUnavailable(f"{self.rpc_url} is another program's")


def _refuse_taken_port(port: int) -> None:
    """Anvil takes a moment to notice, and until then whoever has the port would answer for it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a closing connection does not hold it
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ChainUnavailable(f"port {port} on loopback is taken by another program: {error}") from error


def _npm_binary(scope: Path) -> Path | None:
    """The platform's Anvil in npm's folder `@foundry-rs`, if it is there."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    mine = scope / f"anvil-{sys.platform}-{machine}" / "bin" / "anvil"
    return next((path for path in (mine, mine.with_suffix(".exe")) if path.is_file()), None)


def _binary_of(path: Path) -> Path | None:
    """The file itself, or for npm's wrapper the binary that npm put beside or below it; None for any other script."""
    real = path.resolve()
    if not _is_script(real):
        return path
    below = real.parent / "node_modules" / "@foundry-rs"
    return _npm_binary(below) or _npm_binary(real.parent.parent)


def _is_script(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"#!"
