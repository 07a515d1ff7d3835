"""
`silkroot verify --receipt`: was an acknowledgement kept or broken, by the log and the chain alone?

Imports no store and no HTTP server, like all that verifies.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from api.cli.output import CANNOT_TELL, NO, YES, fail, out, print_json
from api.cli.verifying_nodes import SystemClock, connect, contracts_of, pinned_record, read_file, tell_nodes, utc
from api.cli.words import N_, _
from ledger.domain.errors import InvalidInput

if TYPE_CHECKING:
    from ledger.ports import LogShower
    from ledger.services.verify_receipt import ReceiptVerification


def check_receipt(
    path: Path, urls: Sequence[str], deployment: Path | None, log: str, shown_in: Path | None, as_json: bool
) -> int:
    """Checks it and prints what was found; the exit code."""
    # Imported here: the other commands start faster without.
    import asyncio

    from ledger.adapters.evm_log_history import EvmLogHistory
    from ledger.adapters.log_client import LogClient
    from ledger.domain.bundle.reading import read_bundle
    from ledger.domain.log.acknowledgement_json import read_acknowledgement
    from ledger.services.verification_json import receipt_json
    from ledger.services.verify_receipt import BundleShower, verify_receipt

    try:
        receipt = read_acknowledgement(read_file(path))
        bundle = None if shown_in is None else read_bundle(read_file(shown_in))
    except InvalidInput as error:
        # Exit 1 would say that a promise was broken: what cannot be read proves neither.
        fail(error, as_json)
        return CANNOT_TELL
    pinned = pinned_record(deployment, receipt.chain_id)

    async def work() -> ReceiptVerification:
        links, network = connect(urls, pinned)
        client = LogClient(log) if log else None
        nodes = [EvmLogHistory(link, pinned, network, SystemClock()) for link in links]
        showers: list[LogShower] = [] if bundle is None else [BundleShower(bundle)]
        try:
            return await verify_receipt(
                receipt, nodes, contracts_of(pinned), showers if client is None else [*showers, client]
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
        index=told["logIndex"], deadline=utc(told["mergeDeadline"]), time=utc(told["time"]),
    )  # fmt: skip
    lines = [promised]
    if told["signer"]:
        named = {"signer": told["signer"], "operator": told["operator"] or "?"}
        lines.append(_("signed by %(signer)s; the log's operator then: %(operator)s", **named))
    if (covering := told["covering"]) is not None:
        words = _(
            "covered first by the checkpoint of size %(size)s, block %(block)s, %(time)s, transaction %(transaction)s",
            size=covering["size"], block=covering["block"], time=utc(covering["blockTime"]),
            transaction=covering["transaction"],
        )  # fmt: skip
        lines.append(words)
    if told["shownLeaf"]:
        leaves = {"promised": told["leafHash"], "shown": told["shownLeaf"]}
        lines.append(_("promised leaf %(promised)s, leaf in the log %(shown)s", **leaves))
    for line in lines:
        out.print(Text(f"  {line}"))
    tell_nodes(told)
