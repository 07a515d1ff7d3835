"""The authority of a local network: whom it certifies, that TLS takes it, and that it cannot pass for other sites."""

from __future__ import annotations

import ipaddress
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from ledger.adapters import local_certificate as module
from ledger.adapters.local_certificate import is_local, local_certificate
from ledger.domain.errors import UnusableSettings

NOW = datetime(2026, 8, 5, 4, tzinfo=UTC)


def leaf_of(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificates((folder / "service.pem").read_bytes())[0]


def accepted(folder: Path, subject: x509.DNSName | x509.IPAddress, at: datetime = NOW) -> bool:
    leaf, authority = x509.load_pem_x509_certificates((folder / "service.pem").read_bytes())
    verifier = PolicyBuilder().store(Store([authority])).time(at).build_server_verifier(subject)
    try:
        verifier.verify(leaf, [])
    except VerificationError:
        return False
    return True


def test_the_certificate_is_for_the_address_and_this_machine(tmp_path: Path) -> None:
    made = local_certificate(tmp_path, "192.168.1.20", NOW)
    assert b"BEGIN CERTIFICATE" in made.authority
    assert accepted(tmp_path, x509.IPAddress(ipaddress.ip_address("192.168.1.20")))
    assert accepted(tmp_path, x509.DNSName("localhost"))
    assert not accepted(tmp_path, x509.IPAddress(ipaddress.ip_address("192.168.1.21")))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.chain, made.key)


def test_keys_are_for_this_user_alone(tmp_path: Path) -> None:
    local_certificate(tmp_path / "tls", "localhost", NOW)
    for path in (tmp_path / "tls").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_next_start_finds_what_is_there(tmp_path: Path) -> None:
    first = local_certificate(tmp_path, "192.168.1.20", NOW)
    kept = first.chain.read_bytes()
    assert local_certificate(tmp_path, "192.168.1.20", NOW + timedelta(days=300)).chain.read_bytes() == kept


def test_another_address_or_a_late_day_makes_a_new_one_of_the_same_authority(tmp_path: Path) -> None:
    first = local_certificate(tmp_path, "192.168.1.20", NOW)
    kept = first.chain.read_bytes()
    moved = local_certificate(tmp_path, "192.168.1.21", NOW)
    assert moved.authority == first.authority
    assert moved.chain.read_bytes() != kept
    late = NOW + timedelta(days=380)
    renewed = local_certificate(tmp_path, "192.168.1.21", late)
    assert renewed.authority == first.authority
    assert leaf_of(tmp_path).not_valid_after_utc > late + timedelta(days=300)


@pytest.mark.parametrize("host", ["trace.example.org", "8.8.8.8", "2001:db8::1", "notlocal", "evil-local", ""])
def test_no_certificate_is_made_for_the_world(tmp_path: Path, host: str) -> None:
    assert not is_local(host)
    with pytest.raises(UnusableSettings, match="local network"):
        local_certificate(tmp_path, host, NOW)
    assert list(tmp_path.iterdir()) == []


def test_the_authority_could_not_certify_the_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has its key makes a certificate for another site: no verifier takes it."""
    monkeypatch.setattr(module, "_require_local", lambda host: None)
    local_certificate(tmp_path, "bank.example", NOW)
    assert not accepted(tmp_path, x509.DNSName("bank.example"))
    local_certificate(tmp_path, "farm.local", NOW)
    assert accepted(tmp_path, x509.DNSName("farm.local"))
