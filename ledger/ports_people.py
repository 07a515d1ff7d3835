"""
What sign-in needs of a store: people, invitations, devices, sessions, PINs, passkeys, recovery codes.

All of it is beside the ledger: nothing here is signed, logged or verified, and losing it loses no event. What must not
happen twice (an invitation, a code, a challenge, an attempt at a PIN) is taken in one statement, so that of two who try
at once one is refused.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from ledger.domain.identifiers import KeyId, PartyId
from ledger.domain.people import Device, DeviceState, Invitation, Passkey, Person, Pin, Session


class PeopleStore(Protocol):
    """People of all parties. Those who left stay, so that one can see who acted."""

    def invite(self, invitation: Invitation) -> None:
        """Keeps a new invitation."""
        ...

    def invitation(self, token_hash: bytes) -> Invitation | None:
        """The invitation of that token."""
        ...

    def invitations(self, party: PartyId) -> list[Invitation]:
        """All invitations of the party, newest first."""
        ...

    def redeem(self, token_hash: bytes, at: int, person: Person, device: Device) -> bool:
        """Marks the invitation used and keeps who came; False, and nothing kept, where it is used or expired."""
        ...

    def withdraw(self, party: PartyId, invitation_id: str) -> bool:
        """Forgets an unused invitation of the party; False where there is none."""
        ...

    def person(self, person: str) -> Person | None:
        """The person of that id."""
        ...

    def people(self, party: PartyId) -> list[Person]:
        """All people of the party, oldest first."""
        ...

    def disable(self, person: str, at: int) -> bool:
        """The person may not sign in any more, and is signed out everywhere; False where it was so."""
        ...

    def add_device(self, device: Device) -> None:
        """Keeps another device of a person; `Conflict` where its key is known."""
        ...

    def device(self, key_id: KeyId) -> Device | None:
        """The device of that key."""
        ...

    def devices(self, party: PartyId) -> list[Device]:
        """All devices of the party's people, oldest first."""
        ...

    def set_device(self, key_id: KeyId, state: DeviceState, at: int) -> None:
        """The device stands so from now on; a revoked one's sessions end."""
        ...

    def open_session(self, session: Session) -> None:
        """Keeps a new session."""
        ...

    def session(self, token_hash: bytes) -> tuple[Session, Person] | None:
        """The session of that token, and whose it is."""
        ...

    def sessions(self, person: str) -> list[Session]:
        """All sessions of the person, newest first."""
        ...

    def seen(self, token_hash: bytes, at: int) -> None:
        """The session was used."""
        ...

    def end_session(self, token_hash: bytes, at: int) -> None:
        """The session opens nothing any more."""
        ...

    def end_sessions(self, person: str, at: int) -> int:
        """Ends all sessions of the person; how many were open."""
        ...

    def forget_sessions(self, before: int) -> None:
        """Forgets sessions that were made before that time."""
        ...

    def pin(self, person: str) -> Pin | None:
        """The person's PIN, as it is kept."""
        ...

    def set_pin(self, pin: Pin) -> None:
        """Keeps the PIN instead of the one before."""
        ...

    def drop_pin(self, person: str) -> None:
        """The person has no PIN any more."""
        ...

    def take_attempt(self, person: str, most: int) -> bool:
        """Counts an attempt before it is made; False where there were so many already."""
        ...

    def forgive(self, person: str) -> None:
        """The PIN was right: no attempts count any more."""
        ...

    def add_passkey(self, passkey: Passkey) -> None:
        """Keeps a passkey; `Conflict` where it is known."""
        ...

    def passkey(self, credential_id: bytes) -> Passkey | None:
        """The passkey of that credential."""
        ...

    def passkeys(self, person: str) -> list[Passkey]:
        """The person's passkeys, oldest first."""
        ...

    def used_passkey(self, credential_id: bytes, sign_count: int) -> None:
        """The authenticator's counter, as it told it last."""
        ...

    def drop_passkey(self, person: str, credential_id: bytes) -> bool:
        """The passkey opens nothing any more; False where the person has none such."""
        ...

    def set_codes(self, person: str, hashes: Collection[bytes]) -> None:
        """These recovery codes instead of all before."""
        ...

    def codes_left(self, person: str) -> int:
        """How many of the codes were not used."""
        ...

    def take_code(self, code_hash: bytes, at: int) -> str | None:
        """Uses the code up; whose it is, None where it is none or was used."""
        ...

    def add_challenge(self, challenge_hash: bytes, expires_at: int, now: int) -> None:
        """Remembers that it was given out, and forgets those that expired."""
        ...

    def take_challenge(self, challenge_hash: bytes, now: int) -> bool:
        """Uses it up; False where it was not given out, was used, or expired."""
        ...
