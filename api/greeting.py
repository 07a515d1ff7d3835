"""What `silkroot up` says when all runs: where the ledger is, and with the season a QR to scan and an invitation."""

from __future__ import annotations

import asyncio
import io

from rich.cells import set_cell_size
from rich.console import Console
from rich.text import Text

from api.cli.output import VERDICT_WORDS
from api.cli.words import N_, _
from api.season import label_links, season_lots, wait_until_judged
from ledger.adapters.qr_labels import lot_link
from ledger.settings import Settings
from ledger.wiring import Ledger

_SHOWN = (
    ("verified", "green", N_("Verified")),
    ("pending", "blue", N_("Pending")),
    ("under_way", "cyan", N_("Still under way")),
    ("recalled", "red", N_("Recalled")),
)


async def greet(ledger: Ledger, console: Console, *, demo: bool) -> None:
    """Prints the greeting; with `demo` waits until the lot that the QR names is verified."""
    url = ledger.settings.url
    console.print()
    console.print(Text.assemble((_("Silkroot is running:") + " ", "bold"), (url, "underline")))
    _greet_staff(ledger.settings, console)
    if not demo:
        console.print(Text(_("End it with Ctrl-C. `silkroot --help` says what it can do."), style="dim"))
        return
    lots = season_lots()
    verdict = await wait_until_judged(ledger, lots["verified"])
    link = lot_link(url, lots["verified"])
    console.print(Text(qr_text(link), no_wrap=True), highlight=False)
    scan = _(
        "Scan it with a phone in the same network, or open a lot (now: %(verdict)s):",
        verdict=_(VERDICT_WORDS[verdict.value]),
    )
    console.print(Text(scan, style="dim"))
    for name, style, words in _SHOWN:
        if name in lots:
            console.print(
                Text.assemble(
                    (f"  {set_cell_size(_(words), 16)} ", f"bold {style}"), (lot_link(url, lots[name]), "underline")
                )
            )
    title, copied = _("Copied label"), (await asyncio.to_thread(label_links, ledger))["copied"]
    console.print(
        Text.assemble((f"  {set_cell_size(title, 16)} ", "bold yellow"), (copied, "underline")), soft_wrap=True
    )
    pending = lots.get("pending")
    if pending is not None:
        console.print(
            Text(
                "  "
                + _("The pending lot's entry is kept back; let it go with: silkroot demo send %(lot)s", lot=pending),
                style="dim",
            )
        )
    console.print()
    cheat = _("silkroot demo tamper %(lot)s, and reload.", lot=lots["verified"])
    console.print(Text.assemble((_("Cheat:") + " ", "bold"), cheat))
    console.print(Text(_("(silkroot is .venv/bin/silkroot in a checkout. End with Ctrl-C.)"), style="dim"))


def _greet_staff(settings: Settings, console: Console) -> None:
    """Where staff go, and the QR of the page that tells a phone how to trust the certificate."""
    if not settings.https_port:
        if settings.host != "127.0.0.1" and not settings.url.startswith("https:"):
            told = _("Pages for staff open on this machine only: others need HTTPS, see docs/staff.md.")
            console.print(Text(told, style="dim"))
        return
    console.print(Text.assemble((_("For staff:") + " ", "bold"), (f"{settings.staff_url}/staff", "underline")))
    how = f"{settings.url}/staff/https"
    console.print(Text(qr_text(how), no_wrap=True), highlight=False)
    told = _(
        "Scan it with the phone of somebody who works here: %(link)s says how to install the certificate.", link=how
    )
    console.print(Text(told, style="dim"))


def qr_text(link: str) -> str:
    """The QR as half-block characters, dark on light whatever the terminal's colours."""
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=2)
    code.add_data(link)
    code.make(fit=True)
    buffer = io.StringIO()
    code.print_ascii(out=buffer, invert=True)
    return buffer.getvalue().replace("\xa0", " ")
