"""Commands of handoffs: ship, receive, reject, notice, void, settle; sale and disposal, which end custody."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.arguments import As, At, LotText, Where, grams_of, now_text
from api.cli.output import Json
from api.cli.recording import Mass, Reference, Sender, WhyText, amounts, record
from api.cli.words import _

Lines = Annotated[list[str], typer.Argument(metavar="LOT=MASS...", help="What goes: lots and masses.")]
ReturnRef = Annotated[
    str, typer.Option("--return-ref", metavar="NUMBER", help="Your own number for what goes back; used once.")
]


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command("ship")(ship)
    app.command("receive")(receive)
    app.command("reject")(reject)
    app.command("notice")(notice)
    app.command("void")(void)
    app.command("settle")(settle)
    app.command("sell")(sell)
    app.command("dispose")(dispose)


def ship(
    lots: Lines,
    to: Annotated[str, typer.Option(metavar="PARTY", help="The receiver's GLN.")],
    ref: Annotated[str, typer.Option(metavar="NUMBER", help="Your waybill or despatch number, or an SSCC; used once.")],
    party: As,
    where: Where = "",
    at: At = "",
    as_json: Json = False,
) -> None:
    """Hand lots to somebody: the sender's side, under one reference."""
    record("ship", as_json, manifest=amounts(lots), to=to, reference=ref, party=party, where=where, at=at or now_text())


def receive(
    ref: Reference,
    sender: Annotated[str, typer.Option("--from", metavar="PARTY", help="The shipper's GLN.")],
    party: As,
    short: Annotated[
        list[str] | None, typer.Option(metavar="LOT=MASS", help="What did not arrive and will not; may be repeated.")
    ] = None,
    refuse: Annotated[
        list[str] | None, typer.Option(metavar="LOT=MASS", help="What goes back to the shipper; may be repeated.")
    ] = None,
    to_come: Annotated[
        list[str] | None, typer.Option(metavar="LOT=MASS", help="What is still on its way; may be repeated.")
    ] = None,
    over: Annotated[
        list[str] | None,
        typer.Option(metavar="LOT=MASS", help="What came beyond the manifest: noted, never credited."),
    ] = None,
    return_ref: ReturnRef = "",
    where: Where = "",
    at: At = "",
    as_json: Json = False,
) -> None:
    """Sign for a consignment: the receiver's side. In full, or lot by lot; lots not named are accepted in full."""
    record(
        "receive", as_json, reference=ref, shipper=sender, short=amounts(short), refuse=amounts(refuse),
        to_come=amounts(to_come), over=amounts(over), return_reference=return_ref, party=party, where=where,
        at=at or now_text(),
    )  # fmt: skip


def reject(
    ref: Reference,
    sender: Annotated[str, typer.Option("--from", metavar="PARTY", help="The shipper's GLN.")],
    party: As,
    return_ref: ReturnRef,
    reason: WhyText,
    where: Where = "",
    at: At = "",
    as_json: Json = False,
) -> None:
    """Refuse all that is still under way: it goes back to the shipper."""
    record(
        "reject", as_json, reference=ref, shipper=sender, return_reference=return_ref, reason=reason, party=party,
        where=where, at=at or now_text(),
    )  # fmt: skip


def notice(ref: Reference, party: As, sender: Sender = "", at: At = "", as_json: Json = False) -> None:
    """Give notice: of voiding a consignment under way, by its shipper; of writing off what is missing, by a side."""
    record("notice", as_json, reference=ref, shipper=sender or party, party=party, at=at or now_text())


def void(
    ref: Reference,
    party: As,
    after_notice: Annotated[
        bool, typer.Option("--after-notice", help="Without the receiver, 72 hours after a notice.")
    ] = False,
    at: At = "",
    as_json: Json = False,
) -> None:
    """Take back what is still under way: by its shipper; the receiver has to agree."""
    record("void", as_json, reference=ref, alone=after_notice, party=party, at=at or now_text())


def settle(
    ref: Reference,
    party: As,
    sender: Sender = "",
    loss: Annotated[list[str] | None, typer.Option(metavar="LOT=MASS", help="Lost for good; may be repeated.")] = None,
    weight_loss: Annotated[
        list[str] | None, typer.Option(metavar="LOT=MASS", help="Weight that the fruit lost on the way.")
    ] = None,
    returned: Annotated[
        list[str] | None, typer.Option(metavar="LOT=MASS", help="Found with the shipper, who holds it again.")
    ] = None,
    received: Annotated[
        list[str] | None, typer.Option(metavar="LOT=MASS", help="Found with the receiver, who holds it now.")
    ] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Write all of it off as loss, 72 hours after a notice.")
    ] = False,
    at: At = "",
    as_json: Json = False,
) -> None:
    """Settle what is missing of a consignment, gram by gram; the other side has to agree."""
    if alone and (loss or weight_loss or returned or received):
        raise typer.BadParameter(_("--alone writes off all that is missing: name no lots with it"))
    record(
        "settle", as_json, reference=ref, shipper=sender or party, loss=amounts(loss),
        weight_loss=amounts(weight_loss), returned=amounts(returned), received=amounts(received), alone=alone,
        party=party, at=at or now_text(),
    )  # fmt: skip


def sell(lot: LotText, mass: Mass, party: As, where: Where = "", at: At = "", as_json: Json = False) -> None:
    """Grams leave the ledger by sale."""
    record("sell", as_json, lot=lot, grams=grams_of(mass), party=party, where=where, at=at or now_text())


def dispose(lot: LotText, mass: Mass, party: As, where: Where = "", at: At = "", as_json: Json = False) -> None:
    """Grams are destroyed; a recalled lot may still do this."""
    record("dispose", as_json, lot=lot, grams=grams_of(mass), party=party, where=where, at=at or now_text())
