"""Commands for whoever runs the ledger: parties and keys, the chain, the store's own check."""

from __future__ import annotations

import typer
from rich.text import Text

from api.catalogues import catalogue
from api.cli import keys
from api.cli.arguments import ask
from api.cli.output import NO, YES, Json, err, out, print_json, table
from api.cli.words import N_, _, formats, language, ngettext
from api.error_phrases import fault_words

party_app = typer.Typer(help="Parties, their roles and keys.", no_args_is_help=True)

ROLES = {
    "producer": N_("producer"),
    "packer": N_("packer"),
    "carrier": N_("carrier"),
    "hub": N_("hub"),
    "buyer": N_("buyer"),
    "certifier": N_("certifier"),
    "regulator": N_("regulator"),
    "lender": N_("lender"),
}
STATUS = {
    "network": N_("network"),
    "id": N_("chain number"),
    "head": N_("newest block"),
    "problem": N_("problem"),
    "queued": N_("entries waiting"),
    "sent": N_("entries sent"),
    "confirmed": N_("entries confirmed"),
    "refused": N_("entries refused"),
    "size": N_("events in the log"),
    "covered": N_("under a checkpoint"),
    "published": N_("published"),
}
"""What `silkroot chain` lists; contracts keep their names."""


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command("chain")(chain)
    app.command("fsck")(fsck)
    keys.add_to(party_app)


@party_app.command("list")
def party_list(as_json: Json = False) -> None:
    """List the parties with their roles and cities."""
    result = ask("parties", as_json)
    if as_json:
        print_json(result["parties"])
    else:
        table(
            (_("party"), _("name"), _("roles"), _("city")),
            [
                [p["id"], p["name"], formats().joined(_(ROLES.get(role, role)) for role in p["roles"]), p["city"]]
                for p in result["parties"]
            ],
        )


def chain(as_json: Json = False) -> None:
    """Say which chain this ledger writes to, and how far it is."""
    status = ask("status", as_json)
    if as_json:
        print_json(status)
    else:
        for part in ("chain", "outbox", "log"):
            for name, value in status[part].items():
                out.print(Text(f"{_(STATUS.get(name, name)):>14}  {value}"))
        if waiting := status["recalls"]["waiting"]:
            told = ngettext(
                "a recall, or its end, has yet to be carried to %(count)s lot",
                "recalls, or their ends, have yet to be carried to %(count)s lots",
                waiting,
            )  # fmt: skip
            err.print(Text(told), soft_wrap=True)
        for party, count in status["signAgain"].items():
            told = ngettext(
                "%(count)s refused entry of %(party)s can be signed again: silkroot party key resign %(party)s",
                "%(count)s refused entries of %(party)s can be signed again: silkroot party key resign %(party)s",
                count, party=party,
            )  # fmt: skip
            err.print(Text(told), soft_wrap=True)
    raise typer.Exit(YES if status["status"] == "ok" else NO)


def fsck(as_json: Json = False) -> None:
    """Re-derive every hash, struct, signature and balance from what is stored; find whatever differs."""
    result = ask("fsck", as_json)
    if as_json:
        print_json(result)
    else:
        for fault in result["faults"]:
            what = fault_words(fault["what"], catalogue(language()))
            err.print(Text.assemble(("✗ ", "bold red"), f"{fault['where']}: {what}"))
        if result["erased"]:
            told = ngettext(
                "%(count)s sealed member was erased; its digest stays in the event",
                "%(count)s sealed members were erased; their digests stay in the events",
                result["erased"],
            )
            out.print(Text(told))
        faults = len(result["faults"])
        out.print(
            ngettext("%(count)s fault", "%(count)s faults", faults) if faults else _("Everything is as it was written.")
        )
    raise typer.Exit(NO if result["faults"] else YES)
