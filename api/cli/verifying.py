"""
Commands that check proofs without a ledger: a bundle against chain nodes and pinned contracts, an acknowledgement
against the log.

What runs here imports no store and no HTTP server: import-linter and a test see to it. Addresses come from a pinned
record, never from the file that is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from api.cli.output import CANNOT_TELL, NO, VERDICT_EXITS, Json, out, print_json, verdict_text
from api.cli.verdict_words import CHECKS, QUALIFIERS
from api.cli.verifying_nodes import SystemClock, connect, contracts_of, pinned_record, read_file, tell_nodes, utc
from api.cli.verifying_receipts import check_receipt
from api.cli.words import N_, _, formats, language, ngettext
from ledger.domain.errors import InvalidInput, NotFound, SilkrootError

if TYPE_CHECKING:
    from ledger.services.verify_bundle import Verification


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("verify")(verify)


def verify(
    bundle: Annotated[
        Path | None, typer.Argument(metavar="[BUNDLE]", dir_okay=False, help="A proof bundle: .../proof of a lot.")
    ] = None,
    rpc: Annotated[
        list[str] | None, typer.Option("--rpc", metavar="URL", help="A chain node; several have to agree.")
    ] = None,
    deployment: Annotated[
        Path | None, typer.Option("--deployment", metavar="FILE", help="The contracts to trust: a pinned record.")
    ] = None,
    disclosures: Annotated[
        Path | None,
        typer.Option("--disclosures", metavar="FILE", help="Disclosures besides the bundle's: a JSON list."),
    ] = None,
    receipt: Annotated[
        Path | None, typer.Option("--receipt", metavar="FILE", help="An acknowledgement: was it kept or broken?")
    ] = None,
    log: Annotated[
        str, typer.Option("--log", metavar="URL", help="With --receipt: the service that shows its log.")
    ] = "",
    shown_in: Annotated[
        Path | None, typer.Option("--bundle", metavar="FILE", help="With --receipt: a bundle that shows the event.")
    ] = None,
    as_json: Json = False,
) -> None:
    """
    Check a proof bundle, or with --receipt an acknowledgement, against chain nodes, without asking the service.

    Exit 0: verified, or kept. 1: a bad verdict, or broken. 2: could not tell, or wrong usage.
    """
    if (bundle is None) == (receipt is None):
        raise typer.BadParameter(_("name a bundle, or an acknowledgement with --receipt"), param_hint="BUNDLE")
    if receipt is not None:
        raise typer.Exit(check_receipt(receipt, rpc or [], deployment, log, shown_in, as_json))
    if bundle is not None:
        raise typer.Exit(_check_bundle(bundle, rpc or [], deployment, disclosures, as_json))


def _check_bundle(
    path: Path, urls: Sequence[str], deployment: Path | None, disclosures: Path | None, as_json: bool
) -> int:
    # Imported here: the other commands start faster without.
    import asyncio

    from ledger.adapters.evm_chain import EvmChain
    from ledger.domain.bundle.reading import read_bundle
    from ledger.services.verification_json import refusal_json, verification_json
    from ledger.services.verify_bundle import verify_bundle

    data = read_file(path)
    more = _disclosures(disclosures)
    try:
        bundle = read_bundle(data)
    except InvalidInput as error:
        if as_json:
            print_json(refusal_json(error))
        else:
            _tell_refusal(error)
        return NO
    try:
        pinned = pinned_record(deployment, bundle.chain.chain_id)
    except NotFound:
        if urls:
            raise  # a node without contracts to trust proves nothing
        pinned = None

    async def work() -> Verification:
        if pinned is None:
            return await verify_bundle(bundle, [], None, single_operator=False, disclosures=more)
        links, network = connect(urls, pinned)
        nodes = [EvmChain(link, pinned, network, SystemClock()) for link in links]
        single = pinned.network == "local"
        try:
            return await verify_bundle(bundle, nodes, contracts_of(pinned), single_operator=single, disclosures=more)
        finally:
            for link in links:
                await link.close()

    found = asyncio.run(work())
    if as_json:
        print_json(verification_json(found))
    else:
        _tell(found, verification_json(found))
    return VERDICT_EXITS.get(found.verdict.value, CANNOT_TELL)


def _tell_refusal(error: InvalidInput) -> None:
    out.print(Text.assemble(verdict_text("unverified"), " ", _("This is no whole proof bundle: nothing in it counts.")))
    for violation in error.violations:
        told = f"{violation.field or '/'}: {violation.message} [{violation.rule}]"
        out.print(Text(f"  ✗ {told}"))


def _tell(found: Verification, told: dict[str, Any]) -> None:
    lot = told["lot"]
    name = f"{lot['product']}/{lot['lot']}"
    out.print(Text.assemble((f"{name} ", "bold"), verdict_text(told["verdict"])))
    # What stands before the checks: nodes that disagree, another chain.
    for reason in told["reasons"]:
        if not any(reason["code"] == one["code"] for check in told["checks"] for one in check["findings"]):
            out.print(Text(f"  ? {_sentence(reason, told)}"))
    for check in told["checks"]:
        out.print(Text(f"  {_MARKS[check['outcome']]} {_(CHECKS[check['name']])}: {_reasons(check, told)}"))
    if told["qualifiers"]:
        named = _joined(_(QUALIFIERS[code]) for code in told["qualifiers"])
        out.print(Text("  " + _("with: %(qualifiers)s", qualifiers=named), style="dim"))
    tell_nodes(told)
    _tell_events(told)
    _tell_withheld(told)
    out.print(Text("  " + _("Of statements (temperatures, inspections, notes) others may exist: nobody counts them.")))
    if told["notMade"]:
        done = told["offline"]
        fit = _(
            "signatures that fit what was signed: %(fit)s of %(events)s (not whether the keys were good for it)",
            fit=done["signaturesFit"], events=done["events"],
        )  # fmt: skip
        held = _(
            "places in the log that follow from the bundle's own checkpoint, which was not compared with the chain: "
            "%(held)s of %(placed)s",
            held=done["placesHold"], placed=done["placed"],
        )  # fmt: skip
        out.print(Text(f"  {fit}"))
        out.print(Text(f"  {held}"))
        missing = _joined(_(CHECKS[name]) for name in told["notMade"])
        out.print(
            Text("  " + _("Without an answer of the chain these could not be checked: %(checks)s", checks=missing))
        )
    if found.chain is None:
        out.print(Text("  " + _(HOW_TO_PIN)))


HOW_TO_PIN = N_(
    "No contracts are pinned, and a bundle's own word for them proves nothing: fetch deployment.json once from a "
    "ledger that you trust, compare it with somebody else's copy, keep it, and name it with --deployment FILE."
)


def _tell_events(told: dict[str, Any]) -> None:
    out.print(Text("  " + ngettext("%(count)s event", "%(count)s events", len(told["events"]))))
    for event in told["events"]:
        outcomes = {check["outcome"] for check in event["checks"]}
        mark = next(mark for outcome, mark in _EVENT_MARKS.items() if outcome in outcomes)
        parts = [f"{event['step']} {event['eventTime']}", _("party %(party)s", party=event["party"])]
        if event["block"] is not None:
            at = utc(event["blockTime"])
            parts.append(_("block %(block)s, %(time)s", block=event["block"], time=at))
        if event["transaction"]:
            parts.append(_("transaction %(transaction)s", transaction=event["transaction"]))
        parts.append(_("key %(key)s", key=_key(event["key"])))
        if event["log"] is not None:
            parts.append(_("log %(index)s of %(size)s", **event["log"]))
        out.print(Text(f"    {mark} {'; '.join(parts)}"))
        for check in event["checks"]:
            if check["outcome"] not in ("passed", "not-made"):
                aside = "" if event["relevant"] else " " + _("(not on the way into this lot: it does not count)")
                out.print(Text(f"        {_(CHECKS[check['name']])}: {_reasons(check, told)}{aside}"))


def _tell_withheld(told: dict[str, Any]) -> None:
    for one in told["disclosed"]:
        places = _joined(one["places"])
        out.print(Text("  " + _("shown of %(event)s: %(places)s", event=one["event"][:10], places=places)))
    for one in told["withheld"]:
        what = ngettext("%(count)s member withheld", "%(count)s members withheld", one["count"])
        out.print(Text(f"  {what}: {one['event'][:10]} {one['place'] or '/'}"))
    for one in told["erased"]:
        what = ngettext(
            "%(count)s member erased, says who made this file",
            "%(count)s members erased, says who made this file",
            one["count"],
        )
        out.print(Text(f"  {what}: {one['event'][:10]} {one['place'] or '/'}"))


def _reasons(check: dict[str, Any], told: dict[str, Any]) -> str:
    return " ".join(dict.fromkeys(_sentence(finding, told) for finding in check["findings"]))


def _sentence(finding: dict[str, Any], told: dict[str, Any]) -> str:
    """English has the finding's own sentence, which is the most exact; else the words for its code."""
    if language() == "en":
        return str(finding["reason"])
    # Imported here: English needs none of it.
    from api.views.finding_phrases import told_by_json

    story = {"lot": told["lot"], "ancestors": [], "children": [], "partyNames": {}}
    return told_by_json(finding, story, formats())


_MARKS = {"passed": "✓", "failed": "✗", "pending": "…", "not-made": "?"}
_EVENT_MARKS = {"failed": "✗", "pending": "…", "not-made": "?", "passed": "✓"}
"""Worst first."""


def _joined(items: Iterable[str]) -> str:
    # Babel takes longer to load than all checks: English needs only commas.
    return ", ".join(items) if language() == "en" else formats().joined(items)


def _key(key: str) -> str:
    """A secp256k1 key by its address, without the zeros in front."""
    return "0x" + key[26:] if key.startswith("0x" + "0" * 24) else key


def _disclosures(path: Path | None) -> list[str]:
    """A JSON list of disclosures, or an object with one as `disclosures`."""
    if path is None:
        return []
    from ledger.domain.json_tree import parse_json

    try:
        tree = parse_json(read_file(path))
    except InvalidInput as error:
        raise SilkrootError(f"{path} holds no disclosures: {error}") from error
    found = tree.get("disclosures") if isinstance(tree, dict) else tree
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise SilkrootError(f"{path} holds no disclosures: a JSON list of texts is needed")
    return found
