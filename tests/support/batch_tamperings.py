"""
What somebody might do to statements that were signed under one signature, in the table of `tamperings`; and such
statements for the ledger of `proof_world`, in two batches of which the bundle of the disputed lot has a part.
"""

from __future__ import annotations

import base64
import copy
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import event_builders as build

from ledger.adapters.keystore_signer import KeystoreSigner
from ledger.domain.batch_signatures import batch_digest, batch_digest_of, places_of, sign_together
from ledger.domain.binding import action_of
from ledger.domain.bundle import BundledEvent
from ledger.domain.identifiers import Digest, KeyId, LotRef, PartyId
from ledger.domain.presigning import carrying
from ledger.domain.proof_json import proof_to_json
from ledger.domain.records import EntryState, JsonTree, SignatureProof
from ledger.domain.typed_data import Domain, digest

LOT = LotRef(build.BULK_MELON, "H-0002")
OTHER_LOT = LotRef(build.BULK_MELON, "H-0009")
Tree = Any
Change = Callable[[Any, Tree], Tree | str | None]
"""Gets the world and a true bundle; changes the tree in place, or gives another tree or text."""


def statements(signer: KeystoreSigner, domain: Domain) -> list[JsonTree]:
    """Five by the packing house (P-256) and three by the farm (secp256k1); the last of each is of another lot."""
    return [
        carrying(event, proof)
        for party, count in ((build.PACKING_HOUSE, 5), (build.FARM, 3))
        for events in [_events(party, count)]
        for event, proof in zip(events, _signed(signer, domain, events), strict=True)
    ]


def statement_taken_back(signer: KeystoreSigner, domain: Domain) -> tuple[BundledEvent, Digest]:
    """One of three that no ledger took in, and what their party cancelled: the batch."""
    events = [one | {"silkroot:remark": "taken back"} for one in _events(build.FARM, 3)]
    proof = _signed(signer, domain, events)[1]
    signed = batch_digest_of(domain, proof)
    assert signed is not None
    return BundledEvent(events[1], proof, datetime(2026, 8, 5, 4, tzinfo=UTC), EntryState.CONFIRMED), signed


def _events(party: PartyId, count: int) -> list[JsonTree]:
    lots = [LOT] * (count - 1) + [OTHER_LOT]
    return [
        build.inspection(party=party, lots=[lot]) | {"silkroot:remark": f"reading {number}"}
        for number, lot in enumerate(lots)
    ]


def _signed(
    signer: KeystoreSigner, domain: Domain, events: Sequence[JsonTree], key: KeyId | None = None
) -> tuple[SignatureProof, ...]:
    actions = [action_of(event, int(time.time()) + 86_400) for event in events]
    own = key or signer.key_of(PartyId(int(events[0]["silkroot:party"])))
    return sign_together(actions, domain, own, signer.scheme_of(own), lambda signed: signer.sign(own, signed))


# --------------------------------------------------------------------------------------------------------- tamperings


def of_batch(tree: Tree, nth: int = 0) -> Tree:
    """The nth event of the bundle that came under a batch."""
    return [one for one in tree["events"] if "batch" in one["proof"]][nth]


def _placing(**members: Any) -> Change:
    """The place in the batch of its third event says something else."""

    def change(world: Any, tree: Tree) -> None:
        place = of_batch(tree, 2)["proof"]["batch"]
        for name, to in members.items():
            place[name] = to(place[name]) if callable(to) else to

    return change


def _hashes(count: int) -> str:
    return base64.b64encode(bytes(32 * count)).decode()


def _step(world: Any, tree: Tree) -> None:
    of_batch(tree)["proof"]["action"]["step"] = "packing"


def _body(world: Any, tree: Tree) -> None:
    of_batch(tree)["event"]["silkroot:remark"] = "reading 7"


def _signature(world: Any, tree: Tree) -> None:
    signed = of_batch(tree)["proof"]
    digit = "1" if signed["signature"][9] != "1" else "2"
    signed["signature"] = signed["signature"][:9] + digit + signed["signature"][10:]


def _alone(world: Any, tree: Tree) -> None:
    del of_batch(tree)["proof"]["batch"]


def _swapped(world: Any, tree: Tree) -> None:
    first, second = of_batch(tree)["proof"], of_batch(tree, 1)["proof"]
    first["batch"], second["batch"] = second["batch"], first["batch"]


def _borrowed(world: Any, tree: Tree) -> None:
    """The signature over one batch on an event of the other."""
    signed = of_batch(tree, -1)["proof"]
    assert of_batch(tree)["proof"]["scheme"] != signed["scheme"]
    for name in ("signature", "scheme", "keyId"):
        of_batch(tree)["proof"][name] = signed[name]


def _moving(world: Any, tree: Tree) -> None:
    """A truly signed batch of one harvest."""
    harvest = build.harvest(lot=LOT, when=build.When("2026-08-06T09:00:00.000+08:00"))
    action = action_of(harvest, int(time.time()) + 86_400)
    domain, key = world.deployment.ledger_domain, world.signer.key_of(build.FARM)
    (place,) = places_of([digest(domain, action)])
    signature = world.signer.sign(key, batch_digest(domain, place.root, place.count))
    _add(tree, harvest, SignatureProof(action, key, world.signer.scheme_of(key), signature, batch=place))


def _by(key_of: Callable[[Any], KeyId], state: str) -> Change:
    """A truly signed batch of statements of the farm that nobody took in."""

    def change(world: Any, tree: Tree) -> None:
        events = [one | {"silkroot:remark": "made up"} for one in _events(build.FARM, 3)]
        proof = _signed(world.signer, world.deployment.ledger_domain, events, key_of(world))[0]
        _add(tree, events[0], proof, state)

    return change


def _add(tree: Tree, event: JsonTree, proof: SignatureProof, state: str = "confirmed") -> None:
    like = {"recordTime": "2026-08-06T04:00:00Z", "state": state}
    tree["events"].append(copy.deepcopy({"event": event, "proof": proof_to_json(proof), **like}))


BATCH_CHANGES: tuple[tuple[str, Change, str], ...] = (
    ("event of a batch", _body, "content.changed"),
    ("struct of an event of a batch", _step, "content.struct-altered"),
    ("byte of a signature over a batch", _signature, "signature.invalid"),
    ("signature over another batch", _borrowed, "signature.invalid"),
    ("event of a batch without its place", _alone, "signature.invalid"),
    ("places in a batch swapped", _swapped, "signature.invalid"),
    ("root of a batch", _placing(root="0x" + "ab" * 32), "signature.invalid"),
    ("count of a batch", _placing(count=6), "signature.invalid"),
    ("index in a batch", _placing(index=3), "signature.invalid"),
    ("hashes of a path in a batch", _placing(path=_hashes(3)), "signature.invalid"),
    ("index behind the end of a batch", _placing(index=5), "batch.index"),
    ("path in a batch cut short", _placing(path=_hashes(2)), "batch.path"),
    ("path in a batch that is no base64", _placing(path=lambda text: text[:-1]), "proof.form"),
    ("batch of more than 1,000", _placing(count=1_001), "batch.count"),
    ("harvest under a batch", _moving, "batch.action"),
    ("batch that was never logged", _by(lambda world: world.signer.key_of(build.FARM), "confirmed"),
     "anchored.missing"),
    ("batch by another party's key", _by(lambda world: world.signer.key_of(build.BUYER), "confirmed"),
     "signature.other-party"),
    ("batch by a revoked key", _by(lambda world: world.old_key, "queued"), "signature.key-revoked"),
)  # fmt: skip
"""Name, change, and the finding that has to be among the reasons; all start from the bundle of `LOT`."""
