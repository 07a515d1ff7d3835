"""A client of an address without TLS reads no certificates, and takes none either."""

from __future__ import annotations

import ssl

import pytest

from ledger.adapters.http_trust import authorities, trust_for


@pytest.mark.parametrize("url", ["https://node.example", "HTTPS://node.example"])
def test_with_tls_the_usual_authorities_are_trusted(url: str) -> None:
    trust = trust_for(url)
    assert trust is authorities()
    assert len(trust.get_ca_certs()) > 50
    assert (trust.verify_mode, trust.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8545", "", "no address"])
def test_without_tls_nobody_is(url: str) -> None:
    trust = trust_for(url)
    assert trust.get_ca_certs() == []
    assert (trust.verify_mode, trust.check_hostname) == (ssl.CERT_REQUIRED, True)
