"""`silkroot monitor`: follows somebody's ledger from outside, and needs none of its own."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from api.cli.output import CANNOT_TELL, NO, YES, err, out, print_json
from api.cli.words import N_, _, ngettext, number

if TYPE_CHECKING:
    from ledger.services.watch import Report, Watch
    from ledger.wiring_monitor import MonitorOptions

KINDS = {
    "fork": N_("fork"),
    "rollback": N_("rollback"),
    "withheld": N_("withheld data"),
    "wrong-root": N_("wrong root"),
    "chain-differs": N_("chain differs"),
    "bad-note": N_("bad signature or key"),
    "stale": N_("stale"),
}
"""Kinds of alarm; what is behind them is told in English, as it goes to the webhook."""


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("monitor")(monitor)


def monitor(
    url: Annotated[str, typer.Argument(metavar="URL", help="The service whose log is followed.")],
    rpc: Annotated[list[str], typer.Option("--rpc", metavar="NODE", help="A chain node; several have to agree.")],
    deployment: Annotated[
        Path | None,
        typer.Option(dir_okay=False, exists=True, help="The deployment record; else pinned at first use."),
    ] = None,
    key: Annotated[
        str, typer.Option(metavar="KEYLINE", help="The log's key, name+id+key; else pinned at first use.")
    ] = "",
    once: Annotated[bool, typer.Option("--once", help="Look once: 0 all well, 1 alarm, 2 could not tell.")] = False,
    interval: Annotated[float, typer.Option(min=0.1, metavar="S", help="Seconds between two rounds.")] = 60.0,
    state: Annotated[
        Path | None, typer.Option(dir_okay=False, help="What is known so far; else in the user's folder.")
    ] = None,
    webhook: Annotated[str, typer.Option(metavar="URL", help="Where new alarms are posted as JSON.")] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: one value, or one a line without --once.")
    ] = False,
    max_age: Annotated[float, typer.Option(min=1.0, metavar="S", help="Seconds that silence is put up with.")] = 600.0,
    confirmations: Annotated[
        int | None, typer.Option(min=1, help="Blocks after which a checkpoint is final; else the network's.")
    ] = None,
) -> None:
    """Follow a ledger's published log and its chain, verify all of it, and raise an alarm at what is wrong."""
    # Imported here, as in every command: the others start faster without.
    import asyncio

    from ledger.wiring_monitor import MonitorOptions

    options = MonitorOptions(url, tuple(rpc), key, deployment, state, webhook, max_age, confirmations)
    raise typer.Exit(asyncio.run(_run(options, None if once else interval, as_json)))


async def _run(options: MonitorOptions, interval: float | None, as_json: bool) -> int:
    """Rounds until a signal comes, or one; the exit code."""
    from ledger.wiring_monitor import open_watch

    async with open_watch(options) as watch:
        if interval is None:
            report = await watch.round()
            _tell(report, as_json, alone=True)
            return _exit(report)
        return await _follow(watch, interval, as_json)


async def _follow(watch: Watch, interval: float, as_json: bool) -> int:
    import asyncio
    import signal

    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number_of_signal in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number_of_signal, stop.set)
    stopping = asyncio.ensure_future(stop.wait())
    ever, last = False, CANNOT_TELL
    while not stop.is_set():
        looking = asyncio.ensure_future(watch.round())
        await asyncio.wait((looking, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not looking.done():
            looking.cancel()  # the state is that of the last round that ended
            break
        report = looking.result()
        _tell(report, as_json, alone=False)
        last = _exit(report)
        ever = ever or last == NO
        await asyncio.wait((stopping,), timeout=interval)
    stopping.cancel()
    return NO if ever else last


def _exit(report: Report) -> int:
    if report.alarms:
        return NO
    return CANNOT_TELL if report.reasons else YES


def _tell(report: Report, as_json: bool, *, alone: bool) -> None:
    for what in report.pinned:
        told = _("Pinned at first use, as the service itself says: %(what)s", what=what)
        err.print(Text(told, style="yellow"), soft_wrap=True)
    if as_json:
        if alone:
            print_json(report.to_json())
        else:
            sys.stdout.write(json.dumps(report.to_json(), ensure_ascii=False) + "\n")
            sys.stdout.flush()
        return
    for alarm in report.alarms:
        kind = _(KINDS[str(alarm.kind)])
        again = "" if alarm in report.new else " " + _("(as before)")
        out.print(Text.assemble(("✗ ", "bold red"), (kind, "bold red"), f": {alarm.sentence}{again}"), soft_wrap=True)
    for reason in report.reasons:
        out.print(Text.assemble(("? ", "bold magenta"), reason), soft_wrap=True)
    for why in report.unsent:
        told = _("The alarm could not be posted to the webhook: %(why)s", why=why)
        err.print(Text.assemble(("✗ ", "bold red"), told), soft_wrap=True)
    out.print(Text(_summary(report)), soft_wrap=True)


def _summary(report: Report) -> str:
    time = datetime.fromtimestamp(report.time).astimezone().isoformat(timespec="seconds")
    verified = ngettext("%(count)s entry verified", "%(count)s entries verified", report.verified_size or 0)
    chain = (
        _("the chain was not seen")
        if report.chain_size is None
        else _("%(size)s on chain at block %(block)s", size=number(report.chain_size), block=report.chain_block)
    )
    verdict = _("alarm") if report.alarms else _("could not tell") if report.reasons else _("all well")
    return f"{time}  {verdict}: {verified}, {chain}"
