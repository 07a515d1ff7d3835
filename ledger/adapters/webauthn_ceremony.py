"""
WebAuthn by the library `webauthn`; implements `ledger.services.passkeys.Ceremony`.

Discoverable credentials with user verification, no attestation: which make of phone it is does not matter here.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from ledger.domain.people import Person

_REQUIRED = UserVerificationRequirement.REQUIRED


class WebauthnCeremony:
    """Relying party: the host of the pages."""

    def registration_options(self, origin: str, challenge: bytes, person: Person, known: list[bytes]) -> str:
        """What a browser gives to `navigator.credentials.create`."""
        options = generate_registration_options(
            rp_id=_host(origin),
            rp_name="Silkroot",
            user_id=bytes.fromhex(person.id),
            user_name=person.name,
            user_display_name=person.name,
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        )
        return options_to_json(options)

    def registered(self, origin: str, challenge: bytes, answer: str) -> tuple[bytes, bytes, int]:
        """Credential id, public key and counter of what was made."""
        try:
            made = verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=_host(origin),
                expected_origin=origin,
                require_user_verification=True,
            )
        except (WebAuthnException, KeyError, TypeError) as error:
            raise ValueError(str(error)) from error
        return made.credential_id, made.credential_public_key, made.sign_count

    def sign_in_options(self, origin: str, challenge: bytes) -> str:
        """What a browser gives to `navigator.credentials.get`."""
        options = generate_authentication_options(
            rp_id=_host(origin), challenge=challenge, user_verification=_REQUIRED
        )  # fmt: skip
        return options_to_json(options)

    def credential_in(self, answer: str) -> bytes:
        """Which credential the answer is of."""
        try:
            return parse_authentication_credential_json(answer).raw_id
        except (WebAuthnException, KeyError, TypeError) as error:
            raise ValueError(str(error)) from error

    def signed(self, origin: str, challenge: bytes, answer: str, public_key: bytes, count: int) -> int:
        """The new counter."""
        try:
            checked = verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=_host(origin),
                expected_origin=origin,
                credential_public_key=public_key,
                credential_current_sign_count=count,
                require_user_verification=True,
            )
        except (WebAuthnException, KeyError, TypeError) as error:
            raise ValueError(str(error)) from error
        return checked.new_sign_count


def _host(origin: str) -> str:
    return urlsplit(origin).hostname or ""
