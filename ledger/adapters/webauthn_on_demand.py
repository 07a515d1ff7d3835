"""
WebAuthn, with a library that is imported when the first passkey comes: it takes memory that a service which meets none
does not need.
"""

from __future__ import annotations

from typing import Any, cast

from ledger.services.passkeys import Ceremony


class _OnDemand:
    def __getattr__(self, name: str) -> Any:
        from ledger.adapters.webauthn_ceremony import WebauthnCeremony

        return getattr(WebauthnCeremony(), name)


def ceremony() -> Ceremony:
    """As `ledger.adapters.webauthn_ceremony.WebauthnCeremony`."""
    return cast(Ceremony, _OnDemand())
