"""
Asks for an operation: over the socket of the running service, or, with none running, in this process under the lock.
Before a ledger was ever started, what needs none (a dry run, a label) is answered by a throw-away one.
"""

from __future__ import annotations

import asyncio
import json

import httpx

from api.control.protocol import Params, ProgressCallback, Result, error_from_json
from ledger.adapters.http_trust import trust_for
from ledger.domain.errors import LedgerBusy, SilkrootError
from ledger.settings import Settings


def call(settings: Settings, name: str, params: Params, progress: ProgressCallback | None = None) -> Result:
    """The operation's result; raises the ledger's own errors, wherever they came up."""
    report = progress or (lambda done, total, what: None)
    if settings.socket_path.exists():
        try:
            return _over_socket(settings, name, params, report)
        except httpx.ConnectError:
            pass  # A socket file that a killed service left behind.
        except httpx.TransportError as error:
            raise SilkrootError(
                "the service went away before it answered; look at its log, start it, and ask again"
            ) from error
    if not settings.deployment_path.exists():
        from api.control.scratch import answers, call_scratch

        if answers(name, params):
            return call_scratch(settings, name, params, report)
    return _in_process(settings, name, params, report)


def _over_socket(settings: Settings, name: str, params: Params, progress: ProgressCallback) -> Result:
    transport = httpx.HTTPTransport(uds=str(settings.socket_path), verify=trust_for(""))
    timeout = httpx.Timeout(10, read=None)
    with (
        httpx.Client(transport=transport, base_url="http://silkroot", timeout=timeout) as client,
        client.stream("POST", f"/op/{name}", json=params) as response,
    ):
        for text in response.iter_lines():
            line = json.loads(text)
            if "progress" in line:
                progress(*line["progress"])
            elif "error" in line:
                raise error_from_json(line["error"])
            else:
                result: Result = line["result"]
                return result
    raise SilkrootError("the service closed the connection before it answered; look at its log, then ask again")


def _in_process(settings: Settings, name: str, params: Params, progress: ProgressCallback) -> Result:
    # Imported here: over the socket the command line starts in a fraction of the time without them.
    from api.control.operations import OPERATIONS
    from ledger.wiring import open_ledger, own_data_dir

    async def work() -> Result:
        async with open_ledger(settings) as ledger:
            return await OPERATIONS[name](ledger, params, progress)

    try:
        with own_data_dir(settings):
            return asyncio.run(work())
    except LedgerBusy as busy:
        raise LedgerBusy(f"{busy}, which does not answer on {settings.socket_path}; end it and try again") from busy
