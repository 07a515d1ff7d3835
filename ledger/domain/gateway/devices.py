"""
Which keys a device signs with, and whether an event that came on its topic was signed with one of them; no I/O.

A table names devices as topics do:

    unlisted = "refuse"              # or "service", the default: the service judges alone
    [devices.logger-7]
    party = "9520001000089"
    keys = ["0x…"]                   # addresses (20 bytes), points x ‖ y of P-256 (64), or key ids (32)

What is held against the table is the key that made the signature, not the one that the proof names. That the proof is
one of this very event, and that the key is the party's on chain, is the service's to judge. Raises `InvalidInput`:
`devices.…` for the table; for events `gateway.…`, `proof.…` and what is wrong with their own members.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.domain.batch_signatures import batch_digest_of
from ledger.domain.errors import InvalidEvent, InvalidInput, Refused
from ledger.domain.event_reading import acting_party, party_at
from ledger.domain.gateway.topics import Place
from ledger.domain.identifiers import KeyId, PartyId, key_id_of_address, key_id_of_point
from ledger.domain.presigned import Presigned, presigned_of
from ledger.domain.records import JsonTree, Scheme
from ledger.domain.signatures import p256_signer, recover_address
from ledger.domain.typed_data import Domain, digest

_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})+\Z")
_UNLISTED = ("service", "refuse")


@dataclass(frozen=True, slots=True)
class Device:
    """Whose it is, and the keys that it may sign with."""

    party: PartyId
    keys: frozenset[KeyId]


@dataclass(frozen=True, slots=True)
class DeviceTable:
    """Devices by the name that they have in topics. `refuse_unlisted`: others are refused here."""

    devices: Mapping[str, Device] = field(default_factory=dict)
    refuse_unlisted: bool = False

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any]) -> DeviceTable:
        """The table of a TOML tree, read strictly."""
        if unknown := sorted(set(tree) - {"unlisted", "devices"}):
            raise _no_table(f"/{unknown[0]}", unknown[0], "a device table has the members unlisted and devices")
        unlisted, devices = tree.get("unlisted", _UNLISTED[0]), tree.get("devices", {})
        if unlisted not in _UNLISTED:
            raise _no_table("/unlisted", unlisted, f"unlisted is one of {', '.join(_UNLISTED)}")
        if not isinstance(devices, Mapping):
            raise _no_table("/devices", devices, "devices is a table of tables")
        return cls({name: _device(name, each) for name, each in devices.items()}, unlisted == "refuse")


@dataclass(frozen=True, slots=True)
class Admission:
    """What the gateway lets through to the service. `domain` is needed where there is a table with devices."""

    table: DeviceTable = field(default_factory=DeviceTable)
    domain: Domain | None = None
    unsigned: bool = False

    def check(self, place: Place, event: JsonTree) -> None:
        """Raises `InvalidInput` where the event may not come by that topic."""
        device = self.table.devices.get(place.device)
        if device is None and self.table.refuse_unlisted:
            message = "the device table does not name this device"
            raise Refused.one("topic", "gateway.device", place.device, message)
        given = presigned_of(event)
        if given is None and (device is not None or not self.unsigned):
            raise Refused.one("/silkroot:proof", "gateway.unsigned", "", "an event has to come signed by its device")
        if place.party:
            _require_party(event, party_at("topic", place.party), "the topic")
        if device is not None and given is not None:
            _require_party(event, device.party, "the device table")
            self._require_key(place.device, device, given)

    def _require_key(self, name: str, device: Device, given: Presigned) -> None:
        if self.domain is None:
            raise ValueError("keys of devices cannot be checked without the ledger's domain")
        key = _signer(given, self.domain)
        if key not in device.keys:
            message = f"the device {name} does not sign with this key"
            raise Refused.one(f"{given.proof_at}/signature", "gateway.other-key", "0x" + key.hex(), message)


def _signer(given: Presigned, domain: Domain) -> KeyId:
    """The key that made the signature; its own mistakes are told at the signature."""
    proof = given.proof
    # The place in a batch is the service's to judge, as is what the struct says.
    signed = batch_digest_of(domain, proof) or digest(domain, proof.action)
    try:
        if proof.scheme is Scheme.P256:
            return p256_signer(signed, proof.signature)
        return key_id_of_address(recover_address(signed, proof.signature))
    except InvalidInput as error:
        message = f"this is no signature: {error.violations[0].message}"
        raise InvalidEvent.one(
            f"{given.proof_at}/signature", "proof.signature", "0x" + proof.signature.hex(), message
        ) from None


def _require_party(event: JsonTree, party: PartyId, who: str) -> None:
    acting = acting_party(event)
    if acting != party:
        message = f"the event is of {acting:013d}, and {who} says {party:013d}"
        raise Refused.one("/silkroot:party", "gateway.party", f"{acting:013d}", message)


def _device(name: str, tree: object) -> Device:
    at = f"/devices/{name}"
    if not isinstance(tree, Mapping) or set(tree) != {"party", "keys"}:
        raise _no_table(at, tree, "a device has the members party and keys")
    keys = tree["keys"]
    if not isinstance(keys, list) or not keys:
        raise _no_table(f"{at}/keys", keys, "keys is a list of at least one key")
    return Device(party_at(f"{at}/party", tree["party"]), frozenset(_key(f"{at}/keys", key) for key in keys))


def _key(at: str, text: object) -> KeyId:
    data = bytes.fromhex(text[2:]) if isinstance(text, str) and _HEX.match(text) else b""
    match len(data):
        case 20:
            return key_id_of_address(data)
        case 64:
            return key_id_of_point(data)
        case 32:
            return KeyId(data)
        case _:
            raise _no_table(at, text, "a key is 0x with an address (20 bytes), a point (64) or a key id (32)")


def _no_table(at: str, value: object, message: str) -> InvalidInput:
    return InvalidInput.one(at, "devices.form", value, message)
