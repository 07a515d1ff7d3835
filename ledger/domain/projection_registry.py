"""
The registry as it stands locally: parties, roles, keys, products, permits, and its rules; no I/O, no clock.

`Projection` is one of these with the ledger beside it. Raises `Refused`, named like the errors of `PartyRegistry.sol`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, replace

from ledger.domain.custody_state import Place, Season
from ledger.domain.errors import Refused
from ledger.domain.identifiers import ConsignmentId, Digest, KeyId, LotId, PartyId, PlotId, ProductId
from ledger.domain.projection_source import EMPTY, PendingRecovery, ProjectionSource, RegisteredKey
from ledger.domain.registry_actions import (
    Admission,
    Cancellation,
    KeyGrant,
    KeyRevocation,
    ProductAssignment,
    ProductPermit,
    Recovery,
    RecoveryCancellation,
    RecoveryCompletion,
    RegistryAction,
    RoleAcceptance,
    RoleChange,
    Suspension,
)  # fmt: skip


@dataclass(slots=True)
class Changed:
    """Keys whose values differ from the source."""

    lots: set[LotId]
    balances: set[Place]
    consignments: set[ConsignmentId]
    digests: set[Digest]
    parties: set[PartyId]
    keys: set[KeyId]
    products: set[ProductId]
    permits: set[tuple[ProductId, PartyId]]
    suspended: set[PartyId]
    recoveries: set[PartyId]
    cancelled: set[tuple[PartyId, Digest]]
    plots: set[PlotId]
    yields: set[Season]
    pledges: set[Place]
    origins: set[bytes]

    @classmethod
    def nothing(cls) -> Changed:
        """Everything is as in the source."""
        return cls(*(set() for _ in fields(cls)))


class RegistryProjection:
    """The registry behind all that was applied so far. None in a dictionary: asked for, and not there."""

    def __init__(self, source: ProjectionSource = EMPTY) -> None:
        self._source = source
        self.parties: dict[PartyId, int] = {}
        self.keys: dict[KeyId, RegisteredKey | None] = {}
        self.products: dict[ProductId, PartyId | None] = {}
        self.permits: dict[tuple[ProductId, PartyId], bool] = {}
        self.suspended: dict[PartyId, bool] = {}
        self.recoveries: dict[PartyId, PendingRecovery | None] = {}
        self.cancelled: dict[tuple[PartyId, Digest], bool] = {}
        self.changed = Changed.nothing()

    def register(self, action: RegistryAction) -> None:
        """
        Applies a change of the registry if its rules allow it; `Refused`, and nothing changed, if they don't. Rules of
        time are for whoever signs: what was in time then is not refused when it is applied again.
        """
        match action:
            case Admission():
                if self.roles_of(action.party):
                    raise Refused.one("/party", "PartyExists", action.party, "the party is admitted already")
                self._require_free(action.key_id)
                self._set_roles(action.party, action.roles)
                self._set_key(action.key_id, RegisteredKey(action.party, action.scheme, True, action.hosted))
            case RoleChange():
                if not action.roles:
                    raise Refused.one("/roles", "InvalidRoles", 0, "a party has at least one role; suspend it instead")
                self._require_party(action.party)
                self._set_roles(action.party, action.roles)
            case KeyGrant():
                self._require_party(action.party)
                self._require_free(action.key_id)
                key = RegisteredKey(
                    action.party, action.scheme, action.admin, action.hosted,
                    valid_from=action.valid_from, valid_until=action.valid_until,
                )  # fmt: skip
                self._set_key(action.key_id, key)
            case KeyRevocation():
                self._revoke(action)
            case ProductAssignment():
                self._require_party(action.owner)
                if (owner := self.owner_of(action.product)) is not None:
                    raise Refused.one("/product", "ProductTaken", f"{action.product}, {owner}", "it has an owner")
                self.products[action.product] = action.owner
                self.changed.products.add(action.product)
            case ProductPermit():
                self._require_party(action.packer)
                if self.is_suspended(action.owner):
                    raise _suspended(action.owner)
                if (owner := self.owner_of(action.product)) != action.owner:
                    raise Refused.one("/owner", "NotTheProductOwner", owner, "only the product's owner permits its use")
                self.permits[action.product, action.packer] = action.allowed
                self.changed.permits.add((action.product, action.packer))
            case Suspension():
                self._require_party(action.party)
                self.suspended[action.party] = action.suspended
                self.changed.suspended.add(action.party)
            case Recovery():
                self._require_party(action.party)
                if (pending := self.recovery_of(action.party)) is not None:
                    value = f"{pending.key_id.hex()}, {pending.effective_at}"
                    raise Refused.one("/party", "RecoveryPending", value, "a recovery is under way; cancel it first")
                self._require_free(action.key_id)
                started = PendingRecovery(action.key_id, action.scheme, action.hosted, action.effective_at)
                self._set_recovery(action.party, started)
            case RecoveryCancellation():
                self._require_recovery(action.party, action.key_id)
                self._set_recovery(action.party, None)
            case RecoveryCompletion():
                pending = self._require_recovery(action.party, action.key_id)
                self._require_free(action.key_id)
                self._set_recovery(action.party, None)
                self._set_key(action.key_id, RegisteredKey(action.party, pending.scheme, True, pending.hosted))
            case Cancellation():
                if self.is_cancelled(action.party, action.digest):
                    raise _cancelled(action.digest)
                self.cancelled[action.party, action.digest] = True
                self.changed.cancelled.add((action.party, action.digest))
            case RoleAcceptance():
                pass  # who holds which role of the registry is read from the chain

    def roles_of(self, party: PartyId) -> int:
        """The roles of the party; 0 where it is not admitted."""
        if party not in self.parties:
            self.parties[party] = self._source.roles((party,)).get(party, 0)
        return self.parties[party]

    def acting_roles_of(self, party: PartyId) -> int:
        """The roles that the party may act in: 0 while it is suspended."""
        return 0 if self.is_suspended(party) else self.roles_of(party)

    def is_suspended(self, party: PartyId) -> bool:
        """Whether the registrar suspended the party."""
        if party not in self.suspended:
            self.suspended[party] = party in self._source.suspended((party,))
        return self.suspended[party]

    def recovery_of(self, party: PartyId) -> PendingRecovery | None:
        """The party's recovery that is under way."""
        if party not in self.recoveries:
            self.recoveries[party] = self._source.recoveries((party,)).get(party)
        return self.recoveries[party]

    def is_cancelled(self, party: PartyId, digest: Digest) -> bool:
        """Whether the party declared void what it signed under the digest."""
        pair = (party, digest)
        if pair not in self.cancelled:
            self.cancelled[pair] = bool(self._source.cancelled((pair,)))
        return self.cancelled[pair]

    def load_cancelled(self, pairs: Collection[tuple[PartyId, Digest]]) -> None:
        """Loads many in one read, before `is_cancelled`."""
        if missing := [pair for pair in dict.fromkeys(pairs) if pair not in self.cancelled]:
            found = self._source.cancelled(missing)
            self.cancelled.update({pair: pair in found for pair in missing})

    def key(self, key: KeyId) -> RegisteredKey | None:
        """The key as registered."""
        if key not in self.keys:
            self.keys[key] = self._source.keys((key,)).get(key)
        return self.keys[key]

    def keys_of(self, party: PartyId) -> dict[KeyId, RegisteredKey]:
        """All keys of the party, revoked ones too."""
        for key, value in self._source.keys_of(party).items():
            self.keys.setdefault(key, value)
        return {key: value for key, value in self.keys.items() if value is not None and value.party == party}

    def owner_of(self, product: ProductId) -> PartyId | None:
        """Whose the product is."""
        if product not in self.products:
            self.products[product] = self._source.owners((product,)).get(product)
        return self.products[product]

    def is_permitted(self, product: ProductId, packer: PartyId) -> bool:
        """Whether the owner's permit for the packer stands."""
        pair = (product, packer)
        if pair not in self.permits:
            self.permits[pair] = bool(self._source.permits((pair,)))
        return self.permits[pair]

    def may_use(self, product: ProductId, party: PartyId) -> bool:
        """Whether the party may bring lots of the product into being: as its owner, or by the owner's permit."""
        return self.owner_of(product) == party or self.is_permitted(product, party)

    def _require_standing(self, party: PartyId, digest: Digest) -> None:
        if self.is_cancelled(party, digest):
            raise _cancelled(digest)
        if self.is_suspended(party):
            raise _suspended(party)

    def _set_roles(self, party: PartyId, roles: int) -> None:
        self.parties[party] = roles
        self.changed.parties.add(party)

    def _set_key(self, key: KeyId, value: RegisteredKey) -> None:
        self.keys[key] = value
        self.changed.keys.add(key)

    def _set_recovery(self, party: PartyId, value: PendingRecovery | None) -> None:
        self.recoveries[party] = value
        self.changed.recoveries.add(party)

    def _require_recovery(self, party: PartyId, key: KeyId) -> PendingRecovery:
        pending = self.recovery_of(party)
        if pending is None or pending.key_id != key:
            raise Refused.one("/party", "NoRecovery", f"{party}, {key.hex()}", "no such recovery is under way")
        return pending

    def _require_party(self, party: PartyId) -> None:
        if not self.roles_of(party):
            raise Refused.one("/party", "UnknownParty", party, "no such party is admitted")

    def _require_free(self, key: KeyId) -> None:
        if (known := self.key(key)) is not None:
            raise Refused.one("/keyId", "KeyInUse", f"{key.hex()}, {known.party}", "the key is registered already")

    def _revoke(self, action: KeyRevocation) -> None:
        known = self.key(action.key_id)
        if known is None or known.party != action.party:
            raise Refused.one("/keyId", "UnknownKey", action.key_id.hex(), "the party has no such key")
        if known.revoked:
            raise Refused.one("/keyId", "KeyIsRevoked", action.key_id.hex(), "the key was revoked before")
        others = (value for key, value in self.keys_of(action.party).items() if key != action.key_id)
        if known.lasting_admin and not any(other.lasting_admin for other in others):
            raise Refused.one(
                "/keyId", "LastAdminKey", action.key_id.hex(), "a party keeps an admin key; grant another one first"
            )
        self._set_key(action.key_id, replace(known, revoked=True))


def _suspended(party: PartyId) -> Refused:
    message = "the registrar suspended the party; until it is reinstated it signs nothing"
    return Refused.one("/party", "PartyIsSuspended", f"{party:013d}", message)


def _cancelled(digest: Digest) -> Refused:
    return Refused.one("", "Cancelled", digest.hex(), "the party declared void what it signed under this digest")
