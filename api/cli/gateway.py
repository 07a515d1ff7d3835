"""`silkroot gateway`: from a message broker to a service's capture interface, in a process of its own."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from api.cli.output import NO, YES, Json, err, print_json
from api.cli.violations import sentence
from api.cli.words import _, number

if TYPE_CHECKING:
    from ledger.ports_gateway import DeadLetter, Tally
    from ledger.wiring_gateway import GatewayOptions

TALLY_SECONDS = 60.0
"""How often counts are told while messages come."""
TOLD_AT_ONCE = 20
"""Refusals told one by one between two counts; all but what was dropped are in the dead letters."""


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("gateway")(gateway)


def gateway(
    broker: Annotated[str, typer.Option("--broker", metavar="URL", help="mqtt://host:port, or mqtts://host:port.")],
    service: Annotated[str, typer.Option("--service", metavar="URL", help="The service that records the events.")],
    dead_letters: Annotated[
        Path, typer.Option("--dead-letters", metavar="FILE", dir_okay=False, help="Where what is refused is appended.")
    ],
    topic: Annotated[
        str, typer.Option("--topic", help="What is subscribed to; {party} and {device} stand for one level each.")
    ] = "silkroot/{party}/{device}/events",
    client_id: Annotated[
        str, typer.Option("--client-id", help="The name of the session at the broker; each gateway has its own.")
    ] = "silkroot-gateway",
    devices: Annotated[
        Path | None, typer.Option("--devices", metavar="FILE", dir_okay=False, help="Which keys devices sign with.")
    ] = None,
    deployment: Annotated[
        Path | None,
        typer.Option("--deployment", metavar="FILE", dir_okay=False, help="The ledger's record; else the service's."),
    ] = None,
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="Pass events on that come unsigned; the service's key signs them.")
    ] = False,
    batch: Annotated[int, typer.Option("--batch", min=1, max=5_000, help="Events that close a batch.")] = 500,
    wait: Annotated[float, typer.Option("--wait", min=0.0, max=60.0, metavar="S", help="Seconds that close it.")] = 0.2,
    window: Annotated[
        int, typer.Option("--window", min=1, max=65_535, help="Messages held here that are not acknowledged.")
    ] = 1_000,
    most_bytes: Annotated[
        int, typer.Option("--most-bytes", min=1_000, max=8_000_000, help="Of one message; larger ones are refused.")
    ] = 1024 * 1024,
    ca: Annotated[
        Path | None, typer.Option("--ca", metavar="FILE", dir_okay=False, help="With mqtts: who certifies the broker.")
    ] = None,
    cert: Annotated[
        Path | None, typer.Option("--cert", metavar="FILE", dir_okay=False, help="With mqtts: our own certificate.")
    ] = None,
    cert_key: Annotated[
        Path | None, typer.Option("--cert-key", metavar="FILE", dir_okay=False, help="With mqtts: its private key.")
    ] = None,
    as_json: Json = False,
) -> None:
    """
    Pass signed events on from an MQTT broker, and acknowledge each when the service has it on disk.

    Until Ctrl-C or SIGTERM. Exit 0: nothing was refused. 1: something is in the dead letters. 2: could not go on. The
    service's key is read from SILKROOT_GATEWAY_KEY or the file that SILKROOT_GATEWAY_KEY_FILE names, the broker's user
    and password from SILKROOT_GATEWAY_USER and SILKROOT_GATEWAY_PASSWORD or SILKROOT_GATEWAY_PASSWORD_FILE.
    """
    # Imported here, as in every command: the others start faster without.
    import asyncio

    from ledger.domain.gateway.payloads import PayloadLimits
    from ledger.services.gateway import GatewayLimits
    from ledger.wiring_gateway import GatewayOptions

    limits = GatewayLimits(events=batch, seconds=wait, payload=PayloadLimits(bytes=most_bytes))
    options = GatewayOptions(
        broker, service, dead_letters, topic, client_id, devices, deployment, unsigned, window, ca, cert, cert_key,
        limits, os.environ,
    )  # fmt: skip
    tally = asyncio.run(_run(options))
    if as_json:
        print_json(tally_json(tally))
    err.print(Text(_counts(tally)))
    raise typer.Exit(NO if tally.refused else YES)


async def _run(options: GatewayOptions) -> Tally:
    import asyncio
    import signal

    from ledger.wiring_gateway import open_gateway

    async with open_gateway(options, _Notices()) as running:
        for number_of_signal in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number_of_signal, running.stop)
        return await running.run()


def tally_json(tally: Tally) -> dict[str, Any]:
    """As `--json` prints it."""
    return {
        "messages": tally.messages,
        "recorded": tally.recorded,
        "repeated": tally.repeated,
        "refused": tally.refused,
    }


class _Notices:
    """Tells people, on standard error."""

    def __init__(self) -> None:
        self._told_at, self._refusals = time.monotonic(), 0

    def connected(self, address: str, *, session_kept: bool) -> None:
        """See `GatewayNotices`."""
        if session_kept:
            told = _("subscribed at %(address)s, which kept this gateway's session", address=address)
        else:
            told = _("subscribed at %(address)s, which knew no session of this gateway", address=address)
        err.print(Text(told))

    def disconnected(self, reason: str, seconds: float) -> None:
        """See `GatewayNotices`."""
        told = _("%(reason)s; again in %(seconds)s s", reason=reason, seconds=f"{seconds:g}")
        err.print(Text.assemble(("? ", "bold magenta"), told))

    def service_away(self, reason: str, seconds: float) -> None:
        """See `GatewayNotices`."""
        self.disconnected(reason, seconds)

    def refused(self, letter: DeadLetter) -> None:
        """See `GatewayNotices`."""
        first = letter.violations[0]
        told = f"{first.field or '/'}: {sentence(first.rule, first.message)} [{first.rule}; {first.value}]"
        self._one_of_many(letter.topic, told)

    def not_kept(self, topic: str) -> None:
        """See `GatewayNotices`."""
        self._one_of_many(topic, _("a message that was published with QoS 0 was dropped: too many wait"))

    def settled(self, tally: Tally) -> None:
        """See `GatewayNotices`."""
        if time.monotonic() - self._told_at >= TALLY_SECONDS:
            self._told_at, self._refusals = time.monotonic(), 0
            err.print(Text(_counts(tally)))

    def _one_of_many(self, topic: str, told: str) -> None:
        """What anybody who may publish can cause: not too often, and without what a terminal would obey."""
        self._refusals += 1
        if self._refusals <= TOLD_AT_ONCE:
            err.print(Text.assemble(("✗ ", "bold red"), (_printable(topic), "bold"), " ", _printable(told)))


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _counts(tally: Tally) -> str:
    return _(
        "messages %(messages)s, events recorded %(recorded)s, known already %(known)s, refused %(refused)s",
        messages=number(tally.messages), recorded=number(tally.recorded), known=number(tally.repeated),
        refused=number(tally.refused),
    )  # fmt: skip
