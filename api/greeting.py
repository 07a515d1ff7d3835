"""What `silkroot up` says when all runs: where the ledger is, and with the season a QR to scan and an invitation."""

from __future__ import annotations

import io

import qrcode
from rich.console import Console
from rich.text import Text

from api.season import season_lots, wait_until_judged
from ledger.adapters.qr_labels import lot_link
from ledger.wiring import Ledger

_SHOWN = (
    ("verified", "green", "Verified"),
    ("pending", "blue", "Pending"),
    ("under_way", "cyan", "Still under way"),
    ("recalled", "red", "Recalled"),
)


async def greet(ledger: Ledger, console: Console, *, demo: bool) -> None:
    """Prints the greeting; with `demo` waits until the lot that the QR names is verified."""
    url = ledger.settings.url
    console.print()
    console.print(Text.assemble(("Silkroot is running: ", "bold"), (url, "underline")))
    if not demo:
        console.print(Text("End it with Ctrl-C. `silkroot --help` says what it can do.", style="dim"))
        return
    lots = season_lots()
    verdict = await wait_until_judged(ledger, lots["verified"])
    link = lot_link(url, lots["verified"])
    console.print(Text(_qr(link), no_wrap=True), highlight=False)
    console.print(Text(f"Scan it with a phone in the same network, or open a lot (now: {verdict}):", style="dim"))
    for name, style, words in _SHOWN:
        if name in lots:
            console.print(Text.assemble((f"  {words:<16}", f"bold {style}"), (lot_link(url, lots[name]), "underline")))
    pending = lots.get("pending")
    if pending is not None:
        console.print(
            Text(f"  The pending lot's entry is kept back; let it go with: silkroot demo send {pending}", style="dim")
        )
    console.print()
    console.print(Text.assemble(("Cheat: ", "bold"), f"silkroot demo tamper {lots['verified']}", ", and reload."))
    console.print(Text("(silkroot is .venv/bin/silkroot in a checkout. End with Ctrl-C.)", style="dim"))


def _qr(link: str) -> str:
    """The QR as half-block characters, dark on light whatever the terminal's colours."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=2)
    code.add_data(link)
    code.make(fit=True)
    buffer = io.StringIO()
    code.print_ascii(out=buffer, invert=True)
    return buffer.getvalue().replace("\xa0", " ")
