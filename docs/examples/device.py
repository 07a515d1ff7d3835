"""
A device that signs what it measures: an example, in the place of a logger's own software.

    device.py new KEY                                  makes a P-256 key, prints its public part in hex
    device.py grant KEY                                signs what `silkroot party key add --json` asks for
    device.py readings KEY DEPLOYMENT PARTY LOT COUNT  prints so many readings, one a line, signed in batches

KEY is a file; DEPLOYMENT what GET /deployment.json gave; PARTY a GLN, LOT a Digital Link. The readings carry their
party, their blind and their proofs, up to a thousand under one signature.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from ledger.domain.identifiers import Digest, KeyId, key_id_of_point
from ledger.domain.presigning import presigned_together
from ledger.domain.records import Scheme
from ledger.domain.signatures import p256_signature
from ledger.domain.typed_data import Domain

CONTEXT = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"silkroot": "https://silkroot.example/epcis/"},
]
DEADLINE_SECONDS = 7 * 24 * 3600


def new(path: str) -> None:
    """A key of the device's own; its private part never leaves the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    plain = serialization.NoEncryption()
    Path(path).touch(mode=0o600)
    Path(path).write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    print("0x" + _point(key).hex())


def grant(path: str) -> None:
    """What standard input asks for, as options of the second call."""
    asked = json.load(sys.stdin)
    signature = _signing(_key(path))(Digest(bytes.fromhex(asked["digest"][2:])))
    print(f"--deadline {asked['deadline']} --signature 0x{signature[:64].hex()}")


def readings(path: str, deployment: str, party: str, lot: str, count: str) -> None:
    """A temperature every ten seconds."""
    record, key = json.loads(Path(deployment).read_text()), _key(path)
    domain = Domain.of_ledger(record["chainId"], bytes.fromhex(record["produceLedger"][2:]))
    now = datetime.now(UTC)
    times = [now - timedelta(seconds=10 * number) for number in range(int(count), 0, -1)]
    events = [_reading(at.isoformat(timespec="milliseconds"), party, lot) for at in times]
    deadline = int(time.time()) + DEADLINE_SECONDS
    for event in presigned_together(events, deadline, domain, _id(key), Scheme.P256, _signing(key)):
        print(json.dumps(event))


def _reading(at: str, party: str, lot: str) -> dict[str, Any]:
    report = {"type": "Temperature", "value": 3 + secrets.randbelow(20) / 10, "uom": "CEL"}
    return {
        "@context": CONTEXT,
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "bizStep": "sensor_reporting",
        "eventTime": at,
        "eventTimeZoneOffset": "+00:00",
        "readPoint": {"id": f"https://id.gs1.org/414/{party}"},
        "quantityList": [{"epcClass": lot}],
        "sensorElementList": [{"sensorMetadata": {"time": at}, "sensorReport": [report]}],
        "silkroot:party": party,
        "silkroot:blind": secrets.token_hex(16),
    }


def _signing(key: ec.EllipticCurvePrivateKey) -> Callable[[Digest], bytes]:
    """As WebCrypto or a secure element would: ECDSA with SHA-256, then the one form that a ledger takes."""

    def sign(digest: Digest) -> bytes:
        r, s = utils.decode_dss_signature(key.sign(digest, ec.ECDSA(hashes.SHA256())))
        return p256_signature(digest, r.to_bytes(32, "big") + s.to_bytes(32, "big"), _point(key))

    return sign


def _key(path: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(Path(path).read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        sys.exit(f"{path} holds a key of another kind")
    return key


def _id(key: ec.EllipticCurvePrivateKey) -> KeyId:
    return key_id_of_point(_point(key))


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    numbers = key.public_key().public_numbers()
    return numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")


if __name__ == "__main__":
    commands: dict[str, Callable[..., None]] = {"new": new, "grant": grant, "readings": readings}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
