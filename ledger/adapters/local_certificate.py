"""
HTTPS in a local network, where no public authority certifies addresses: an authority of this data directory's own.

Its certificate is installed on each phone once. It is bound to private addresses and names of local networks (name
constraints, RFC 5280, section 4.2.1.10), so that its key, if stolen, cannot pass for any other site on the internet.
The service's own certificate is made anew when it is about to expire or the address changed. Keys are P-256, files mode
0600 in the folder given. Raises `UnusableSettings` for a host that lies in no local network.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ledger.adapters.secret_file import write_new
from ledger.domain.errors import UnusableSettings

LOCAL_NETWORKS = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "::1/128",
        "fc00::/7", "fe80::/10",
    )
)  # fmt: skip
LOCAL_NAMES = ("localhost", "local", "lan", "home.arpa", "internal")
AUTHORITY_DAYS = 3_650
SERVICE_DAYS = 397
"""No browser takes a longer one."""
RENEW_DAYS = 30


@dataclass(frozen=True, slots=True)
class LocalCertificate:
    """Files for the server, and the authority's certificate as phones install it (PEM)."""

    chain: Path
    key: Path
    authority: bytes


def local_certificate(folder: Path, host: str, now: datetime) -> LocalCertificate:
    """The certificate for that host, `localhost` and 127.0.0.1, made where there is none that serves."""
    _require_local(host)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority, authority_key = _authority(folder, now)
    chain, key = folder / "service.pem", folder / "service.key"
    names = _names(host)
    if not _serves(chain, key, authority, names, now):
        made, made_key = _service(authority, authority_key, names, now)
        # The key first: a certificate without its key would be taken for one that serves.
        _write(key, _key_pem(made_key))
        _write(chain, _pem(made) + _pem(authority))
    return LocalCertificate(chain, key, _pem(authority))


def is_local(host: str) -> bool:
    """Whether the address or name is one of a local network, so that a certificate can be made for it."""
    address = _address(host)
    if address is not None:
        return any(address in network for network in LOCAL_NETWORKS if network.version == address.version)
    return any(host.lower() == name or host.lower().endswith(f".{name}") for name in LOCAL_NAMES)


def _require_local(host: str) -> None:
    if not is_local(host):
        raise UnusableSettings(
            f"{host} lies in no local network, so no certificate is made for it: get one of a public authority for your"
            " proxy, and set SILKROOT_PUBLIC_URL to the https:// address"
        )


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _names(host: str) -> list[x509.GeneralName]:
    address = _address(host)
    own: x509.GeneralName = x509.IPAddress(address) if address is not None else x509.DNSName(host.lower())
    local = [x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]
    return list(dict.fromkeys([own, *local]))


def _authority(folder: Path, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """What is kept, while it is good for another year; else a new one, which phones have to install again."""
    path, key_path = folder / "authority.pem", folder / "authority.key"
    if path.exists() and key_path.exists():
        kept = x509.load_pem_x509_certificate(path.read_bytes())
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        if kept.not_valid_after_utc > now + timedelta(days=SERVICE_DAYS) and isinstance(
            key, ec.EllipticCurvePrivateKey
        ):
            return kept, key
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Silkroot in this network, {now:%Y-%m-%d}")])
    permitted: list[x509.GeneralName] = [x509.IPAddress(network) for network in LOCAL_NETWORKS]
    permitted += [x509.DNSName(name) for name in LOCAL_NAMES]
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    made = (
        _builder(name, name, key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(key_path, _key_pem(key))
    _write(path, _pem(made))
    return made, key


def _service(
    authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey, names: list[x509.GeneralName], now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Silkroot")])
    made = (
        _builder(name, authority.subject, key.public_key(), now, SERVICE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )  # fmt: skip
    return made, key


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, days: int
) -> x509.CertificateBuilder:  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # Phones whose clock is a little behind take it too.
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now - timedelta(hours=1) + timedelta(days=days))
    )


def _serves(
    chain: Path, key: Path, authority: x509.Certificate, names: list[x509.GeneralName], now: datetime
) -> bool:  # fmt: skip
    if not chain.exists() or not key.exists():
        return False
    kept = x509.load_pem_x509_certificates(chain.read_bytes())
    stated = kept[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        kept[-1] == authority
        and kept[0].not_valid_after_utc.astimezone(UTC) > now + timedelta(days=RENEW_DAYS)
        and list(stated) == names
    )


def _write(path: Path, data: bytes) -> None:
    # A file that is missing after a crash is made again at the next start.
    path.unlink(missing_ok=True)
    write_new(path, data)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip
