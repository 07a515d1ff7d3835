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

import base64
import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import event_builders as build
from proof_world import EXPECTED, LOTS, SEALED, ProofWorld

from ledger.adapters.pinned import pinned_json
from ledger.domain.bundle import BundledEvent
from ledger.domain.proof_json import proof_to_json
from ledger.domain.records import EntryState
from ledger.domain.sealing import seal
from ledger.domain.signatures import SECP256K1_ORDER
from ledger.domain.typed_data import digest

Tree = Any
Change = Callable[[ProofWorld, Tree], Tree | str | None]
"""Changes the tree in place, or gives another tree or text."""


@dataclass(frozen=True)
class Tampering:
    """`disclosed`: the bundle that it starts from shows the sealed members."""

    name: str
    lot: str
    change: Change
    code: str
    verdict: str = "unverified"
    disclosed: bool = False

    def text(self, world: ProofWorld) -> str:
        """The tampered JSON text."""
        tree = world.tree(self.lot, disclosed=self.disclosed)
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


# ------------------------------------------------------------------------------------------------------ small tools


def at(tree: Tree, kind: str, nth: int = 0) -> Tree:
    """The nth event of the bundle whose struct has that name."""
    return [one for one in tree["events"] if one["proof"]["action"]["type"] == kind][nth]


def flipped(text: str, place: int = -1) -> str:
    """The hex or base64 text with one digit changed for another."""
    old = text[place]
    new = "1" if old != "1" else "2"
    letters = list(text)
    letters[place] = new
    return "".join(letters)


def setting(kind: str, *way: str | int, to: object) -> Change:
    """Sets a member below the event whose struct has that name."""

    def change(world: ProofWorld, tree: Tree) -> None:
        node = at(tree, kind)
        for key in way[:-1]:
            node = node[key]
        node[way[-1]] = to(node[way[-1]]) if callable(to) else to

    return change


def in_bundle(*way: str | int, to: object) -> Change:
    """Sets a member of the bundle itself."""

    def change(world: ProofWorld, tree: Tree) -> None:
        node = tree
        for key in way[:-1]:
            node = node[key]
        node[way[-1]] = to(node[way[-1]]) if callable(to) else to

    return change


def dropping(*kinds: tuple[str, int] | str) -> Change:
    """Leaves out the events."""

    def change(world: ProofWorld, tree: Tree) -> None:
        gone = [at(tree, *(kind if isinstance(kind, tuple) else (kind, 0))) for kind in kinds]
        tree["events"] = [one for one in tree["events"] if not any(one is other for other in gone)]

    return change


def added(tree: Tree, event: BundledEvent, **members: object) -> Tree:
    """The bundle with one more event."""
    one: Tree = {
        "event": event.body,
        "proof": proof_to_json(event.proof),
        "recordTime": event.record_time.isoformat().replace("+00:00", "Z"),
        "state": event.state.value,
    }
    if event.inclusion is not None:
        path = []
        for node in event.inclusion.hashes:
            text = base64.b64encode(node).decode()
            if text not in tree["hashes"]:
                tree["hashes"].append(text)
            path.append(tree["hashes"].index(text))
        one["log"] = {"index": event.inclusion.index, "path": path, "block": event.first_block}
    tree["events"].append(one | members)
    return tree


def extra(name: str) -> Change:
    """One of the statements that the log holds and should not."""
    return lambda world, tree: added(tree, world.extras[name])


def moved_to_the_end(kind: str, nth: int = 0) -> Change:
    """The event stands last, as if it had been recorded last."""

    def change(world: ProofWorld, tree: Tree) -> None:
        one = at(tree, kind, nth)
        tree["events"] = [other for other in tree["events"] if other is not one] + [one]

    return change


# ------------------------------------------------------------------------------------------------- single tamperings


def swapped_signatures(world: ProofWorld, tree: Tree) -> None:
    first, second = at(tree, "Harvest")["proof"], at(tree, "Sale")["proof"]
    first["signature"], second["signature"] = second["signature"], first["signature"]


def high_s(text: str) -> str:
    data = bytes.fromhex(text[2:])
    s = SECP256K1_ORDER - int.from_bytes(data[32:64], "big")
    return "0x" + (data[:32] + s.to_bytes(32, "big") + bytes([55 - data[64]])).hex()


def signed_by_the_buyer(named: bool) -> Change:
    def change(world: ProofWorld, tree: Tree) -> None:
        proof = at(tree, "Harvest")["proof"]
        key = world.signer.key_of(build.BUYER)
        event = next(one for one in world.bundle("packed").events if one.body == at(tree, "Harvest")["event"])
        signature = world.signer.sign(key, digest(world.deployment.ledger_domain, event.proof.action))
        proof["signature"] = "0x" + signature.hex()
        if named:
            proof["keyId"] = "0x" + key.hex()

    return change


def key_named(world: ProofWorld, tree: Tree) -> None:
    at(tree, "Harvest")["proof"]["keyId"] = "0x" + world.signer.key_of(build.BUYER).hex()


def twice(world: ProofWorld, tree: Tree) -> None:
    tree["events"].append(copy.deepcopy(at(tree, "Receipt")))


def reordered(world: ProofWorld, tree: Tree) -> None:
    events = tree["events"]
    first, second = events.index(at(tree, "Shipment")), events.index(at(tree, "Receipt"))
    events[first], events[second] = events[second], events[first]


def foreign_disclosure(world: ProofWorld, tree: Tree) -> None:
    other = seal(build.inspection() | {"silkroot:price": "1"}, SEALED, lambda: bytes(range(16))).disclosures[0]
    at(tree, "Statement")["disclosures"].append(other.text)


def altered_disclosure(world: ProofWorld, tree: Tree) -> None:
    texts = at(tree, "Statement")["disclosures"]
    data = base64.urlsafe_b64decode(texts[0] + "==")
    changed = data.replace(b"A. Person", b"B. Person").replace(b"12.50", b"99.50")
    texts[0] = base64.urlsafe_b64encode(changed).rstrip(b"=").decode()


def disclosure_elsewhere(world: ProofWorld, tree: Tree) -> None:
    at(tree, "Sale")["disclosures"] = at(tree, "Statement").pop("disclosures")


def older_checkpoint(world: ProofWorld, tree: Tree) -> None:
    size, root, block = world.log.checkpoints[0]
    tree["checkpoint"] = {"size": size, "root": base64.b64encode(root).decode(), "block": block}


def swapped_places(world: ProofWorld, tree: Tree) -> None:
    first, second = at(tree, "Harvest"), at(tree, "Sale")
    first["log"], second["log"] = second["log"], first["log"]


def digest_removed(world: ProofWorld, tree: Tree) -> None:
    del at(tree, "Statement")["event"]["silkroot:sealed"][0]


def without_ancestors(world: ProofWorld, tree: Tree) -> None:
    parent = str(LOTS["recalled"].code)
    tree["events"] = [one for one in tree["events"] if parent not in json.dumps(one["event"]) or "inputs" in str(one)]


def forged(event: Callable[[], Any], state: str, **signing: Any) -> Change:
    """An event that was signed and never sent."""

    def change(world: ProofWorld, tree: Tree) -> Tree:
        named = {name: value(world) if callable(value) else value for name, value in signing.items()}
        return added(tree, world.forged(event(), **named), state=state)

    return change


def unlike(grams: int) -> Change:
    """A struct of so many grams over an event of a tonne, truly signed by the farm."""

    def change(world: ProofWorld, tree: Tree) -> Tree:
        event = build.harvest(when=build.When("2026-08-05T13:00:00.000+08:00"))
        one = world.forged(event)
        action = replace(one.proof.action, grams=grams)
        signature = world.signer.sign(one.proof.key_id, digest(world.deployment.ledger_domain, action))
        proof = replace(one.proof, action=action, signature=signature)
        return added(tree, replace(one, proof=proof, state=EntryState.CONFIRMED))

    return change


def by_a_stranger(world: ProofWorld, tree: Tree) -> Tree:
    key = world.signer.create(build.STRANGER)
    event = build.inspection(party=build.STRANGER, lots=[LOTS["packed"]])
    return added(tree, world.forged(event, key), state="confirmed")


def key_twice(world: ProofWorld, tree: Tree) -> str:
    return json.dumps(tree).replace('"format":', '"format": "silkroot-proof-1", "format":', 1)


def shown_as(state: str) -> Change:
    def change(world: ProofWorld, tree: Tree) -> None:
        refused = at(tree, "Harvest")
        del refused["refusal"]
        refused["state"] = state

    return change


def second_dropped(world: ProofWorld, tree: Tree) -> None:
    del at(tree, "Settlement")["proof"]["co"]


def drop_log(kind: str) -> Change:
    def change(world: ProofWorld, tree: Tree) -> None:
        del at(tree, kind)["log"]

    return change


def another_shipment() -> Any:
    manifest = [build.amount(LOTS["packed"], 100_000)]
    return build.shipping(
        party=build.PACKING_HOUSE, receiver=build.BUYER, where=build.PACKING_LINE, reference=build.sscc(77),
        manifest=manifest,
    )  # fmt: skip


def a_hubs_receipt() -> Any:
    manifest = [build.amount(LOTS["packed"], 500_000)]
    return build.receiving(
        party=build.HUB, shipper=build.PACKING_HOUSE, where=build.HUB_DOOR, reference=build.sscc(2), manifest=manifest
    )


def _inspection() -> Any:
    return build.inspection(lots=[LOTS["packed"]], when=build.When("2026-08-06T09:00:00.000+08:00"))


def _buyers_harvest() -> Any:
    return build.harvest(party=build.BUYER, lot=LOTS["harvest"], when=build.When("2026-08-06T09:00:00.000+08:00"))


def _more(number: int) -> int:
    return number + 1


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
    Tampering("signed by a revoked key", "packed", forged(_inspection, "queued", key=lambda world: world.old_key),
              "signature.key-revoked"),
    Tampering("signed by a stranger", "packed", by_a_stranger, "signature.key-unknown"),
    Tampering("signed without the role", "packed", forged(_buyers_harvest, "queued"), "signature.role-missing"),
    Tampering("second signature dropped", "disputed", second_dropped, "signature.second-missing"),
    Tampering("byte of the second signature", "disputed",
              setting("Settlement", "proof", "co", "signature", to=lambda text: flipped(text, 9)),
              "signature.second-invalid"),
    Tampering("second signature by another party", "disputed",
              setting("Settlement", "proof", "co", "party", to=int(build.HUB)), "signature.second-other"),
    Tampering("statement after its deadline", "packed", extra("late"), "signature.deadline-passed"),
    Tampering("statement that its party took back", "packed", extra("cancelled"), "signature.cancelled"),
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
    Tampering("forged statement", "packed", forged(_inspection, "confirmed"), "anchored.missing"),
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
    Tampering("size of the checkpoint", "packed", in_bundle("checkpoint", "size", to=_more),
              "anchored.log-checkpoint"),
    Tampering("block of the checkpoint", "packed", in_bundle("checkpoint", "block", to=_more),
              "anchored.log-checkpoint"),
    Tampering("node of a proof", "packed", in_bundle("hashes", 0, to=lambda text: flipped(text, 5)),
              "anchored.log-proof"),
    Tampering("proof cut short", "packed", setting("Statement", "log", "path", to=lambda path: path[:-1]),
              "anchored.log-proof"),
    Tampering("index in the log", "packed", setting("Statement", "log", "index", to=lambda index: index - 1),
              "anchored.log-proof"),
    Tampering("block of the first checkpoint", "packed", setting("Statement", "log", "block", to=_more),
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
    """All of them: every lot's true bundle, with its disclosures and without, then every tampering."""
    for lot, verdict in EXPECTED.items():
        for disclosed in (False, True):
            text = json.dumps(world.tree(lot, disclosed=disclosed), ensure_ascii=False)
            yield Case(f"true bundle of the {lot} lot{', disclosed' if disclosed else ''}", text, verdict, "")
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
