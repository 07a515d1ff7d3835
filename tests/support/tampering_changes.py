"""
What somebody might do to a bundle, one function for each thing that is more than setting a member.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import event_builders as build
from proof_world import ProofWorld
from proof_world_lots import LOTS, SEALED
from tampering_tools import Change, Tree, added, at

from ledger.domain.records import EntryState
from ledger.domain.sealing import seal
from ledger.domain.sealing.disclosures import digest_of
from ledger.domain.signatures import SECP256K1_ORDER
from ledger.domain.typed_data import digest


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


def inspection() -> Any:
    return build.inspection(lots=[LOTS["packed"]], when=build.When("2026-08-06T09:00:00.000+08:00"))


def buyers_harvest() -> Any:
    return build.harvest(party=build.BUYER, lot=LOTS["harvest"], when=build.When("2026-08-06T09:00:00.000+08:00"))


def more(number: int) -> int:
    return number + 1


def marked_elsewhere(world: ProofWorld, tree: Tree) -> None:
    at(tree, "Sale")["erased"] = at(tree, "Statement").pop("erased")


def marked_though_shown(world: ProofWorld, tree: Tree) -> None:
    statement = at(tree, "Statement")
    statement["erased"] = [digest_of(statement["disclosures"][0])]


def marked_though_withheld(world: ProofWorld, tree: Tree) -> None:
    statement = at(tree, "Statement")
    statement["erased"] = statement["event"]["silkroot:sealed"]
