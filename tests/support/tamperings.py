"""
The table of tamperings: what somebody might do to a true bundle, and what every verifier has to say of it.

    world = build_proof_world(...)                 # tests/support/proof_world.py
    for case in cases(world): case.text, case.verdict, case.code
    write_cases(world, folder)                     # the same as files, with an index, for verifiers of other languages

Each tampering starts from a true bundle of the world and gives a JSON text. `code` is the finding that has to be among
the reasons, `verdict` the verdict on the lot, with the world's chain asked under the world's pinned record. A text that
is no bundle any more has the rule that it breaks as its code. Untouched bundles are among the cases too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import event_builders as build
from batch_tamperings import BATCH_CHANGES
from proof_world import ProofWorld
from proof_world_lots import EXPECTED
from tampering_changes import (
    a_hubs_receipt,
    altered_disclosure,
    another_shipment,
    buyers_harvest,
    by_a_stranger,
    digest_removed,
    disclosure_elsewhere,
    drop_log,
    foreign_disclosure,
    forged,
    high_s,
    inspection,
    key_named,
    key_twice,
    marked_elsewhere,
    marked_though_shown,
    marked_though_withheld,
    more,
    older_checkpoint,
    reordered,
    second_dropped,
    shown_as,
    signed_by_the_buyer,
    swapped_places,
    swapped_signatures,
    twice,
    unlike,
    without_ancestors,
)
from tampering_tools import Change, at, dropping, extra, flipped, in_bundle, moved_to_the_end, setting

from ledger.adapters.pinned import pinned_json


@dataclass(frozen=True)
class Tampering:
    """
    `disclosed`: the bundle that it starts from shows the sealed members. `erased`: one member of every sealed event was
    erased, and the bundle says so.
    """

    name: str
    lot: str
    change: Change
    code: str
    verdict: str = "unverified"
    disclosed: bool = False
    erased: bool = False

    def text(self, world: ProofWorld) -> str:
        """The tampered JSON text."""
        tree = world.tree(self.lot, disclosed=self.disclosed, erased=self.erased)
        changed = self.change(world, tree)
        if isinstance(changed, str):
            return changed
        return json.dumps(tree if changed is None else changed, ensure_ascii=False)


@dataclass(frozen=True)
class Case:
    """What a verifier is given, and what it has to say. `code` "": there is nothing to find."""

    name: str
    text: str
    verdict: str
    code: str


_ADDRESS = "0x" + "ab" * 20

TAMPERINGS: tuple[Tampering, ...] = (
    # What an event says.
    Tampering("mass in the event", "packed",
              setting("Transformation", "event", "outputQuantityList", 0, "quantity", to=9000), "content.changed"),
    Tampering("time in the event", "packed",
              setting("Sale", "event", "eventTime", to="2026-08-01T12:00:00.000+08:00"), "content.changed"),
    Tampering("place in the event", "packed",
              setting("Receipt", "event", "readPoint", "id", to=lambda uri: uri.replace("952", "953")),
              "content.changed"),
    Tampering("lot in the event", "packed",
              setting("Sale", "event", "quantityList", 0, "epcClass", to=lambda uri: uri.replace("P-0001", "P-0009")),
              "content.changed"),
    Tampering("member added to the event", "packed",
              lambda world, tree: at(tree, "Sale")["event"].update({"silkroot:remark": "sold twice"}),
              "content.changed"),
    Tampering("blind of the event", "packed", setting("Harvest", "event", "silkroot:blind", to=flipped),
              "content.changed"),
    Tampering("digest of a sealed member removed", "packed", digest_removed, "content.changed"),
    Tampering("digest of a sealed member altered", "packed",
              setting("Statement", "event", "silkroot:sealed", 0, to=lambda text: flipped(text, 5)),
              "content.changed"),
    # What was signed.
    Tampering("mass in the struct", "packed", setting("Harvest", "proof", "action", "grams", to="2000000"),
              "content.struct-altered"),
    Tampering("content hash in the struct", "packed", setting("Harvest", "proof", "action", "contentHash", to=flipped),
              "content.struct-altered"),
    Tampering("deadline in the struct", "packed",
              setting("Harvest", "proof", "action", "deadline", to=lambda text: str(int(text) + 1)),
              "content.struct-altered"),
    Tampering("receiver in the struct", "packed",
              setting("Shipment", "proof", "action", "receiver", to=str(int(build.HUB))), "content.struct-altered"),
    Tampering("struct that says less than the event", "harvest", unlike(100), "content.not-implied"),
    Tampering("struct that says more than the event", "harvest", unlike(9_000_000), "content.not-implied"),
    # Signatures and keys.
    Tampering("byte of a signature", "packed", setting("Harvest", "proof", "signature", to=lambda t: flipped(t, 9)),
              "signature.invalid"),
    Tampering("byte of a P-256 signature", "packed",
              setting("Transformation", "proof", "signature", to=lambda text: flipped(text, 9)), "signature.invalid"),
    Tampering("public key in a P-256 signature", "packed", setting("Transformation", "proof", "signature", to=flipped),
              "signature.invalid"),
    Tampering("malleated signature", "packed", setting("Harvest", "proof", "signature", to=high_s),
              "signature.invalid"),
    Tampering("signature of a statement", "packed",
              setting("Statement", "proof", "signature", to=lambda text: flipped(text, 9)), "signature.invalid"),
    Tampering("signatures swapped", "packed", swapped_signatures, "signature.invalid"),
    Tampering("signed by another key than the one named", "packed", signed_by_the_buyer(False), "signature.invalid"),
    Tampering("signed by another party's key", "packed", signed_by_the_buyer(True), "signature.other-party"),
    Tampering("another key named", "packed", key_named, "signature.other-key"),
    Tampering("another scheme named", "packed", setting("Harvest", "proof", "scheme", to=2), "signature.invalid"),
    Tampering("signed by a revoked key", "packed", forged(inspection, "queued", key=lambda world: world.old_key),
              "signature.key-revoked"),
    Tampering("signed by a stranger", "packed", by_a_stranger, "signature.key-unknown"),
    Tampering("signed without the role", "packed", forged(buyers_harvest, "queued"), "signature.role-missing"),
    Tampering("second signature dropped", "disputed", second_dropped, "signature.second-missing"),
    Tampering("byte of the second signature", "disputed",
              setting("Settlement", "proof", "co", "signature", to=lambda text: flipped(text, 9)),
              "signature.second-invalid"),
    Tampering("second signature by another party", "disputed",
              setting("Settlement", "proof", "co", "party", to=int(build.HUB)), "signature.second-other"),
    Tampering("statement after its deadline", "packed", extra("late"), "signature.deadline-passed"),
    Tampering("statement that its party took back", "packed", extra("cancelled"), "signature.cancelled"),
    Tampering("statement whose whole batch its party took back", "disputed", extra("batch"), "signature.cancelled"),
    *(Tampering(name, "disputed", change, code) for name, change, code in BATCH_CHANGES),
    # Events left out, repeated, moved, made up.
    Tampering("birth dropped", "harvest", dropping("Harvest"), "custody.count"),
    Tampering("packing dropped", "packed", dropping("Transformation"), "custody.count"),
    Tampering("shipment dropped", "packed", dropping(("Shipment", 1)), "custody.count"),
    Tampering("receipt dropped", "packed", dropping(("Receipt", 1)), "custody.count"),
    Tampering("sale dropped", "packed", dropping("Sale"), "custody.count"),
    Tampering("disposal dropped", "packed", dropping("Disposal"), "custody.count"),
    Tampering("partial receipt dropped", "disputed", dropping("PartialReceipt"), "custody.count"),
    Tampering("settlement dropped", "disputed", dropping("Settlement"), "custody.count"),
    Tampering("birth of an ancestor dropped", "packed", dropping("Harvest"), "custody.count"),
    Tampering("event of an ancestor dropped", "packed", dropping("Shipment"), "custody.count"),
    Tampering("all events dropped", "harvest", in_bundle("events", to=[]), "custody.count"),
    Tampering("event twice", "packed", twice, "bundle.twice"),
    Tampering("events in another order", "packed", reordered, "custody.balance"),
    Tampering("another lot's events", "harvest", in_bundle("lot", "code", to="H-0002"), "custody.balance"),
    Tampering("forged consignment", "packed", forged(another_shipment, "confirmed"), "anchored.missing"),
    Tampering("forged receipt by another party", "packed", forged(a_hubs_receipt, "confirmed"), "anchored.missing"),
    Tampering("forged statement", "packed", forged(inspection, "confirmed"), "anchored.missing"),
    # Recalls.
    Tampering("recalled ancestor hidden", "descendant", without_ancestors, "recall.ancestor", "recalled"),
    Tampering("recall hidden", "recalled", dropping("Recall"), "recall.lot", "recalled"),
    # States.
    Tampering("waiting shown as confirmed", "waiting", setting("Harvest", "state", to="confirmed"),
              "anchored.missing"),
    Tampering("refusal shown as waiting", "refused",
              shown_as("queued"), "anchored.waiting", "suspect"),
    Tampering("refusal shown as confirmed", "refused",
              shown_as("confirmed"), "anchored.missing"),
    Tampering("refusal with another rule", "refused", setting("Harvest", "refusal", to="NotEnoughHeld()"),
              "anchored.refused", "suspect"),
    Tampering("sale shown as refused", "packed",
              lambda world, tree: at(tree, "Sale").update({"state": "refused", "refusal": "NotEnoughHeld()"}), "",
              "verified"),
    # The log.
    Tampering("older checkpoint, proofs of a later one", "harvest", older_checkpoint, "anchored.log-proof"),
    Tampering("older checkpoint than covers an event", "recalled", older_checkpoint, "bundle.checkpoint"),
    Tampering("root", "packed", in_bundle("checkpoint", "root", to=lambda text: flipped(text, 5)),
              "anchored.log-checkpoint"),
    Tampering("size of the checkpoint", "packed", in_bundle("checkpoint", "size", to=more),
              "anchored.log-checkpoint"),
    Tampering("block of the checkpoint", "packed", in_bundle("checkpoint", "block", to=more),
              "anchored.log-checkpoint"),
    Tampering("node of a proof", "packed", in_bundle("hashes", 0, to=lambda text: flipped(text, 5)),
              "anchored.log-proof"),
    Tampering("proof cut short", "packed", setting("Statement", "log", "path", to=lambda path: path[:-1]),
              "anchored.log-proof"),
    Tampering("index in the log", "packed", setting("Statement", "log", "index", to=lambda index: index - 1),
              "anchored.log-proof"),
    Tampering("block of the first checkpoint", "packed", setting("Statement", "log", "block", to=more),
              "anchored.log-time"),
    Tampering("places in the log swapped", "packed", swapped_places, "anchored.log-proof"),
    Tampering("statement without its place in the log", "packed", drop_log("Statement"), "anchored.missing"),
    # Disclosures.
    Tampering("foreign disclosure", "packed", foreign_disclosure, "content.disclosure", disclosed=True),
    Tampering("altered disclosure", "packed", altered_disclosure, "content.disclosure", disclosed=True),
    Tampering("disclosures of another event", "packed", disclosure_elsewhere, "content.disclosure", disclosed=True),
    # How warm it was.
    Tampering("wider limits", "warm", setting("Harvest", "event", "silkroot:limits", 0, "maximum", to=20_000),
              "content.changed"),
    Tampering("a cooler reading", "inspected",
              setting("Statement", "event", "sensorElementList", to=[]), "content.changed"),
    Tampering("an inspection that came before, shown last", "warm", moved_to_the_end("Statement"),
              "custody.temperature", "suspect"),
    Tampering("without the inspection", "inspected", dropping(("Statement", 1)), "custody.temperature", "suspect"),
    Tampering("without what the receiver had in hand", "legged", dropping("Statement"), "custody.leg", "suspect"),
    # Marks of what was erased.
    Tampering("mark of something that the event does not hold", "packed",
              setting("Statement", "erased", to=lambda digests: [flipped(digests[0], 5)]), "content.erased",
              erased=True),
    Tampering("mark of another event", "packed", marked_elsewhere, "content.erased", erased=True),
    Tampering("mark beside a disclosure of the same", "packed", marked_though_shown, "content.erased",
              disclosed=True),
    Tampering("mark twice", "packed", setting("Statement", "erased", to=lambda digests: digests * 2), "bundle.twice",
              erased=True),
    # Nobody can tell: that something was erased is the word of who made the file.
    Tampering("mark of something that is only withheld", "packed", marked_though_withheld, "", "verified"),
    Tampering("mark taken away", "packed", lambda world, tree: at(tree, "Statement").pop("erased") and None, "",
              "verified", erased=True),
    # Which chain.
    Tampering("another chain", "packed", in_bundle("chain", "chainId", to=1), "bundle.other-chain", "unknown"),
    Tampering("another ledger", "packed", in_bundle("chain", "produceLedger", to=_ADDRESS), "bundle.other-chain",
              "unknown"),
    Tampering("another registry", "packed", in_bundle("chain", "partyRegistry", to=_ADDRESS), "bundle.other-chain",
              "unknown"),
    Tampering("another log", "packed", in_bundle("chain", "eventLog", to=_ADDRESS), "bundle.other-chain", "unknown"),
    # The file.
    Tampering("another format", "packed", in_bundle("format", to="silkroot-proof-0"), "bundle.form"),
    Tampering("member twice", "packed", key_twice, "json.duplicate-key"),
    Tampering("member too many", "packed", lambda world, tree: tree.update({"trusted": True}), "bundle.members"),
    Tampering("file cut short", "packed", lambda world, tree: json.dumps(tree)[:-50], "json.syntax"),
)  # fmt: skip


def cases(world: ProofWorld) -> Iterator[Case]:
    """
    All of them: every lot's true bundle, with its disclosures and without, before something was erased and after it
    where that is another one, then every tampering.
    """
    for lot, verdict in EXPECTED.items():
        for disclosed in (False, True):
            text, after = (
                json.dumps(world.tree(lot, disclosed=disclosed, erased=erased), ensure_ascii=False)
                for erased in (False, True)
            )
            name = f"true bundle of the {lot} lot{', disclosed' if disclosed else ''}"
            yield Case(name, text, verdict, "")
            if '"erased"' in after:
                yield Case(f"{name}, erased", after, verdict, "")
    for one in TAMPERINGS:
        yield Case(one.name, one.text(world), one.verdict, one.code)


def write_cases(world: ProofWorld, folder: Path) -> Path:
    """
    Writes each case as a file, the record to pin as deployment.json, and index.json: a list of objects with name, file,
    verdict and code. Gives the path of the index.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index = []
    for number, case in enumerate(cases(world)):
        name = f"{number:03d}.json"
        (folder / name).write_text(case.text, encoding="utf-8")
        index.append({"name": case.name, "file": name, "verdict": case.verdict, "code": case.code})
    (folder / "deployment.json").write_text(json.dumps(pinned_json(world.deployment.pinned)), encoding="utf-8")
    path = folder / "index.json"
    path.write_text(json.dumps(index, indent=2), encoding="utf-8")
    return path
