"""
Commands that check proofs without a ledger: a bundle against chain nodes and pinned contracts, an acknowledgement
against the log.

What runs here imports no store and no HTTP server: import-linter and a test see to it. Addresses come from a pinned
record, never from the file that is checked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from api.cli.output import CANNOT_TELL, NO, VERDICT_EXITS, YES, Json, fail, out, print_json, verdict_text
from api.cli.verdict_words import CHECKS, QUALIFIERS
from api.cli.words import N_, _, formats, language, ngettext
from ledger.domain.errors import InvalidInput, NotFound, SilkrootError

if TYPE_CHECKING:
    from ledger.adapters.json_rpc import JsonRpc
    from ledger.adapters.networks import Network
    from ledger.adapters.pinned import Pinned
    from ledger.domain.bundle.values import BundleChain
    from ledger.ports import LogShower
    from ledger.services.verify_bundle import Verification
    from ledger.services.verify_receipt import ReceiptVerification


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
        raise typer.Exit(_check_receipt(receipt, rpc or [], deployment, log, shown_in, as_json))
    if bundle is not None:
        raise typer.Exit(_check_bundle(bundle, rpc or [], deployment, disclosures, as_json))


# ---------------------------------------------------------------------------------------------------------- bundles


def _check_bundle(
    path: Path, urls: Sequence[str], deployment: Path | None, disclosures: Path | None, as_json: bool
) -> int:
    # Imported here: the other commands start faster without.
    import asyncio

    from ledger.adapters.evm_chain import EvmChain
    from ledger.domain.bundle.reading import read_bundle
    from ledger.services.verification_json import refusal_json, verification_json
    from ledger.services.verify_bundle import verify_bundle

    data = _read(path)
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
        pinned = _pinned(deployment, bundle.chain.chain_id)
    except NotFound:
        if urls:
            raise  # a node without contracts to trust proves nothing
        pinned = None

    async def work() -> Verification:
        if pinned is None:
            return await verify_bundle(bundle, [], None, single_operator=False, disclosures=more)
        links, network = _links(urls, pinned)
        nodes = [EvmChain(link, pinned, network, _SystemClock()) for link in links]
        single = pinned.network == "local"
        try:
            return await verify_bundle(bundle, nodes, _contracts(pinned), single_operator=single, disclosures=more)
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
    _tell_nodes(told)
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


def _tell_nodes(told: dict[str, Any]) -> None:
    for node in told["nodes"]:
        head = "" if node["head"] is None else _("head %(block)s", block=node["head"]["block"])
        if node["believed"]:
            line = _("believed: %(url)s, chain %(chain)s, %(head)s", url=node["url"], chain=told["chainId"], head=head)
        else:
            line = _("not believed: %(url)s %(head)s %(problem)s", url=node["url"], head=head, problem=node["problem"])
        out.print(Text("  " + line.rstrip()))
    chain = told["chain"]
    if chain is not None and "head" in chain:
        moment = _moment(chain["headTime"])
        out.print(Text("  " + _("as of block %(block)s, %(time)s", block=chain["head"], time=moment)))


def _tell_events(told: dict[str, Any]) -> None:
    out.print(Text("  " + ngettext("%(count)s event", "%(count)s events", len(told["events"]))))
    for event in told["events"]:
        outcomes = {check["outcome"] for check in event["checks"]}
        mark = next(mark for outcome, mark in _EVENT_MARKS.items() if outcome in outcomes)
        parts = [f"{event['step']} {event['eventTime']}", _("party %(party)s", party=event["party"])]
        if event["block"] is not None:
            at = _moment(event["blockTime"])
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
        what = ngettext("%(count)s member withheld or erased", "%(count)s members withheld or erased", one["count"])
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


def _moment(seconds: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


# --------------------------------------------------------------------------------------------------- acknowledgements


def _check_receipt(
    path: Path, urls: Sequence[str], deployment: Path | None, log: str, shown_in: Path | None, as_json: bool
) -> int:
    # Imported here: the other commands start faster without.
    import asyncio

    from ledger.adapters.evm_log_history import EvmLogHistory
    from ledger.adapters.log_client import LogClient
    from ledger.domain.bundle.reading import read_bundle
    from ledger.domain.log.acknowledgement_json import read_acknowledgement
    from ledger.services.verification_json import receipt_json
    from ledger.services.verify_receipt import BundleShower, verify_receipt

    try:
        receipt = read_acknowledgement(_read(path))
        bundle = None if shown_in is None else read_bundle(_read(shown_in))
    except InvalidInput as error:
        # Exit 1 would say that a promise was broken: what cannot be read proves neither.
        fail(error, as_json)
        return CANNOT_TELL
    pinned = _pinned(deployment, receipt.chain_id)

    async def work() -> ReceiptVerification:
        links, network = _links(urls, pinned)
        client = LogClient(log) if log else None
        nodes = [EvmLogHistory(link, pinned, network, _SystemClock()) for link in links]
        showers: list[LogShower] = [] if bundle is None else [BundleShower(bundle)]
        try:
            return await verify_receipt(
                receipt, nodes, _contracts(pinned), showers if client is None else [*showers, client]
            )
        finally:
            for link in links:
                await link.close()
            if client is not None:
                await client.close()

    found = asyncio.run(work())
    told = receipt_json(found)
    if as_json:
        print_json(told)
    else:
        _tell_receipt(told)
    return _RECEIPT_EXITS.get(found.standing, CANNOT_TELL)


_RECEIPT_EXITS = {"kept": YES, "broken": NO}
_STANDINGS = {
    "kept": N_("kept"),
    "broken": N_("broken"),
    "not-yet-due": N_("not yet due"),
    "not-shown": N_("not shown"),
    "unknown": N_("could not tell"),
}


def _tell_receipt(told: dict[str, Any]) -> None:
    from api.rule_phrases.proof_rules import RECEIPT_REASONS

    reason = RECEIPT_REASONS.get(told["code"])
    out.print(Text(f"{_(_STANDINGS[told['standing']])}: {_(reason) if reason else told['reason']}"))
    promised = _(
        "promised: log entry %(index)s by %(deadline)s, said at %(time)s",
        index=told["logIndex"], deadline=_moment(told["mergeDeadline"]), time=_moment(told["time"]),
    )  # fmt: skip
    lines = [promised]
    if told["signer"]:
        named = {"signer": told["signer"], "operator": told["operator"] or "?"}
        lines.append(_("signed by %(signer)s; the log's operator then: %(operator)s", **named))
    if (covering := told["covering"]) is not None:
        words = _(
            "covered first by the checkpoint of size %(size)s, block %(block)s, %(time)s, transaction %(transaction)s",
            size=covering["size"], block=covering["block"], time=_moment(covering["blockTime"]),
            transaction=covering["transaction"],
        )  # fmt: skip
        lines.append(words)
    if told["shownLeaf"]:
        leaves = {"promised": told["leafHash"], "shown": told["shownLeaf"]}
        lines.append(_("promised leaf %(promised)s, leaf in the log %(shown)s", **leaves))
    for line in lines:
        out.print(Text(f"  {line}"))
    _tell_nodes(told)


# ------------------------------------------------------------------------------------------------------- what is read


def _read(path: Path) -> bytes:
    from ledger.domain.bundle.values import MAX_BYTES

    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _disclosures(path: Path | None) -> list[str]:
    """A JSON list of disclosures, or an object with one as `disclosures`."""
    if path is None:
        return []
    from ledger.domain.json_tree import parse_json

    try:
        tree = parse_json(_read(path))
    except InvalidInput as error:
        raise SilkrootError(f"{path} holds no disclosures: {error}") from error
    found = tree.get("disclosures") if isinstance(tree, dict) else tree
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise SilkrootError(f"{path} holds no disclosures: a JSON list of texts is needed")
    return found


def _data_dir() -> Path:
    if named := os.environ.get("SILKROOT_DATA_DIR"):
        return Path(named)
    from ledger.settings import default_data_dir

    return default_data_dir()


def _pinned(deployment: Path | None, chain_id: int) -> Pinned:
    from ledger.adapters.pinned import find_pinned

    return find_pinned(deployment, _data_dir(), chain_id)


def _contracts(pinned: Pinned) -> BundleChain:
    from ledger.domain.bundle.values import BundleChain

    return BundleChain(pinned.chain_id, pinned.registry, pinned.ledger, pinned.log)


class _SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Unix seconds."""
        import time

        return time.time()


def _links(urls: Sequence[str], pinned: Pinned) -> tuple[list[JsonRpc], Network]:
    """A connection to each node, and how their chain is treated."""
    from ledger.adapters.json_rpc import JsonRpc
    from ledger.adapters.networks import network_named, network_of

    try:
        network = network_named(pinned.network)
    except NotFound:
        network = network_of(pinned.chain_id)
    return [JsonRpc(url, network.timeout_seconds) for url in urls], network
