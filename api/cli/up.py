"""`silkroot up`: chain, contracts and service, in one process or with several workers, until Ctrl-C."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ledger.settings import Settings

HTTPS_PORT = 8443
"""Where `--lan` serves the pages for staff, unless SILKROOT_HTTPS_PORT or --https-port says another."""


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("up")(up)


def up(
    demo: Annotated[bool, typer.Option("--demo", help="Load the demonstration season, once.")] = False,
    lan: Annotated[
        bool, typer.Option("--lan", help="Let phones on the local network read, and staff record over HTTPS.")
    ] = False,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Instead of SILKROOT_PORT (8000).")] = None,
    https_port: Annotated[
        int | None,
        typer.Option("--https-port", min=0, max=65535, help="For pages of staff; 8443 with --lan, 0: no HTTPS."),
    ] = None,
    host: Annotated[str | None, typer.Option(help="Instead of SILKROOT_HOST (127.0.0.1).")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="So many processes serve the pages; needs PostgreSQL.")
    ] = None,
) -> None:
    """Start the ledger: the local chain (or the one at SILKROOT_RPC_URL), its contracts, and the service."""
    # Imported here: the other commands start faster without the service.
    from ledger.settings import Settings

    settings = Settings()
    changes: dict[str, object] = {}
    if port is not None:
        changes["port"] = port
    if host is not None:
        changes["host"] = host
    elif lan:
        from api.serve import lan_address
        from ledger.adapters.local_certificate import is_local

        changes["host"] = "0.0.0.0"  # noqa: S104  (asked for; public HTTP only reads)
        if not settings.public_url and (address := lan_address()):
            changes["public_url"] = f"http://{address}:{changes.get('port', settings.port)}"
            if not settings.https_port and workers is None and is_local(address):
                changes["https_port"] = HTTPS_PORT
    if https_port is not None:
        changes["https_port"] = https_port
    settings = settings.model_copy(update=changes)
    if workers is None:
        _serve(settings, demo=demo)
        return
    import asyncio

    from api.workers.serving import serve_with_workers

    asyncio.run(serve_with_workers(settings, demo=demo, workers=workers))


def _serve(settings: Settings, *, demo: bool) -> None:
    import asyncio

    from api.collecting import one_heap
    from ledger.wiring_preparers import nursery_for

    one_heap()
    with nursery_for(settings) as nursery:
        # Behind the fork, which copies what is there.
        from api.serve import serve

        asyncio.run(serve(settings, demo=demo, nursery=nursery))
