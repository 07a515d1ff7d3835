"""
The ledger and the registry as they stand locally, in memory: what a batch of actions reads, changes and writes back.

A `Projection` starts from a `ProjectionSource` (a database, or `EMPTY`) and loads from it only what actions touch, so
that the same code serves a write transaction, a dry run that writes nothing, a rebuild, and fsck. `changed` says what
differs from the source. No I/O of its own, no clock.

Raises `Refused`, named like the contracts' errors: the custody rules by `custody.apply`, the registry's by `register`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Protocol

from ledger.domain import custody
from ledger.domain.actions import Action, signer_of
from ledger.domain.custody_state import Consignment, LedgerState, Lot, StateChange, touches
from ledger.domain.errors import Refused
from ledger.domain.identifiers import ConsignmentId, Digest, Grams, KeyId, LotId, PartyId, ProductId
from ledger.domain.records import Scheme
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


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A signing key as registered: whose it is, its window (Unix seconds, 0: no end), and whether it was revoked."""

    party: PartyId
    scheme: Scheme
    admin: bool
    hosted: bool
    revoked: bool = False
    valid_from: int = 0
    valid_until: int = 0

    @property
    def lasting_admin(self) -> bool:
        """Whether it is an admin key that ends by revocation only; each party keeps one."""
        return self.admin and not self.revoked and not self.valid_until


@dataclass(frozen=True, slots=True)
class PendingRecovery:
    """A recovery under way: the key that it brings from `effective_at` (Unix seconds) on."""

    key_id: KeyId
    scheme: Scheme
    hosted: bool
    effective_at: int


class ProjectionSource(Protocol):
    """Where a projection begins. Mappings leave out what does not exist."""

    def lineage(self, lots: Collection[LotId]) -> Mapping[LotId, Lot]:
        """These lots and all their ancestors."""
        ...

    def balances(self, keys: Collection[tuple[LotId, PartyId]]) -> Mapping[tuple[LotId, PartyId], Grams]:
        """Grams that the party holds of the lot."""
        ...

    def consignments(self, ids: Collection[ConsignmentId]) -> Mapping[ConsignmentId, Consignment]:
        """Consignments with their manifests."""
        ...

    def used(self, digests: Collection[Digest]) -> Collection[Digest]:
        """Those of the digests that may not come again."""
        ...

    def roles(self, parties: Collection[PartyId]) -> Mapping[PartyId, int]:
        """The roles of admitted parties."""
        ...

    def keys(self, ids: Collection[KeyId]) -> Mapping[KeyId, RegisteredKey]:
        """Registered keys."""
        ...

    def keys_of(self, party: PartyId) -> Mapping[KeyId, RegisteredKey]:
        """All keys of a party."""
        ...

    def owners(self, products: Collection[ProductId]) -> Mapping[ProductId, PartyId]:
        """Whose the products are."""
        ...

    def permits(self, pairs: Collection[tuple[ProductId, PartyId]]) -> Collection[tuple[ProductId, PartyId]]:
        """Those of the (product, packer) pairs that the owner allowed."""
        ...

    def suspended(self, parties: Collection[PartyId]) -> Collection[PartyId]:
        """Those of the parties that are suspended."""
        ...

    def recoveries(self, parties: Collection[PartyId]) -> Mapping[PartyId, PendingRecovery]:
        """Recoveries under way."""
        ...

    def cancelled(self, pairs: Collection[tuple[PartyId, Digest]]) -> Collection[tuple[PartyId, Digest]]:
        """Those of the (party, digest) pairs that the party cancelled."""
        ...


class _Empty:
    """Nothing has happened yet."""

    def lineage(self, lots: Collection[LotId]) -> Mapping[LotId, Lot]:
        return {}

    def balances(self, keys: Collection[tuple[LotId, PartyId]]) -> Mapping[tuple[LotId, PartyId], Grams]:
        return {}

    def consignments(self, ids: Collection[ConsignmentId]) -> Mapping[ConsignmentId, Consignment]:
        return {}

    def used(self, digests: Collection[Digest]) -> Collection[Digest]:
        return ()

    def roles(self, parties: Collection[PartyId]) -> Mapping[PartyId, int]:
        return {}

    def keys(self, ids: Collection[KeyId]) -> Mapping[KeyId, RegisteredKey]:
        return {}

    def keys_of(self, party: PartyId) -> Mapping[KeyId, RegisteredKey]:
        return {}

    def owners(self, products: Collection[ProductId]) -> Mapping[ProductId, PartyId]:
        return {}

    def permits(self, pairs: Collection[tuple[ProductId, PartyId]]) -> Collection[tuple[ProductId, PartyId]]:
        return ()

    def suspended(self, parties: Collection[PartyId]) -> Collection[PartyId]:
        return ()

    def recoveries(self, parties: Collection[PartyId]) -> Mapping[PartyId, PendingRecovery]:
        return {}

    def cancelled(self, pairs: Collection[tuple[PartyId, Digest]]) -> Collection[tuple[PartyId, Digest]]:
        return ()


EMPTY: ProjectionSource = _Empty()


@dataclass(slots=True)
class Changed:
    """Keys whose values differ from the source."""

    lots: set[LotId]
    balances: set[tuple[LotId, PartyId]]
    consignments: set[ConsignmentId]
    digests: set[Digest]
    parties: set[PartyId]
    keys: set[KeyId]
    products: set[ProductId]
    permits: set[tuple[ProductId, PartyId]]
    suspended: set[PartyId]
    recoveries: set[PartyId]
    cancelled: set[tuple[PartyId, Digest]]

    @classmethod
    def nothing(cls) -> Changed:
        """Everything is as in the source."""
        return cls(*(set() for _ in fields(cls)))


class Projection:
    """The state behind all that was applied so far. None in a dictionary: asked for, and not there."""

    def __init__(self, source: ProjectionSource = EMPTY) -> None:
        self._source = source
        self.lots: dict[LotId, Lot | None] = {}
        self.balances: dict[tuple[LotId, PartyId], Grams] = {}
        self.consignments: dict[ConsignmentId, Consignment | None] = {}
        self.digests: dict[Digest, bool] = {}
        self.parties: dict[PartyId, int] = {}
        self.keys: dict[KeyId, RegisteredKey | None] = {}
        self.products: dict[ProductId, PartyId | None] = {}
        self.permits: dict[tuple[ProductId, PartyId], bool] = {}
        self.suspended: dict[PartyId, bool] = {}
        self.recoveries: dict[PartyId, PendingRecovery | None] = {}
        self.cancelled: dict[tuple[PartyId, Digest], bool] = {}
        self.changed = Changed.nothing()

    def view(self, action: Action, digest: Digest) -> LedgerState:
        """All that the action touches, as `custody.apply` wants it."""
        touched = touches(action)
        self._load_consignments(touched.consignments)
        found = {key: sent for key in touched.consignments if (sent := self.consignments[key]) is not None}
        lots = dict.fromkeys((*touched.lots, *(line.lot for sent in found.values() for line in sent.manifest)))
        self._load_lots(lots)
        self._load_balances(touched.balances)
        self._load_digests((digest,))
        return LedgerState(
            lots={key: value for key in lots if (value := self.lots[key]) is not None},
            balances={key: self.balances[key] for key in touched.balances if self.balances[key]},
            consignments=found,
            roles={key: roles for key in touched.parties if (roles := self.acting_roles_of(key))},
            product_users=frozenset(pair for pair in touched.product_users if self.may_use(*pair)),
            recalled_ancestors={
                key: ancestor for key in touched.moved if (ancestor := self._recalled_ancestor(key)) is not None
            },
            used_digests=frozenset((digest,)) if self.digests[digest] else frozenset(),
        )

    def prefetch(self, actions: Collection[tuple[Action, Digest]]) -> None:
        """Loads what many actions touch in few reads; they may still be applied in any order, or not at all."""
        touched = [touches(action) for action, _ in actions]
        self._load_consignments({key for one in touched for key in one.consignments})
        sent = [found for one in touched for key in one.consignments if (found := self.consignments[key])]
        self._load_lots({key for one in touched for key in one.lots} | {x.lot for one in sent for x in one.manifest})
        held = {key for one in touched for key in one.balances}
        grown = {(x.lot, one.receiver) for one in sent for x in one.manifest}
        self._load_balances(held | grown)
        self._load_digests({digest for _, digest in actions})

    def apply(self, action: Action, digest: Digest, now: int) -> StateChange:
        """Applies the action if the rules of custody allow it; `Refused`, and nothing changed, if they don't."""
        if now <= action.deadline:
            self._require_standing(signer_of(action), digest)
        change = custody.apply(self.view(action, digest), action, now=now, digest=digest)
        self.change(change)
        return change

    def change(self, change: StateChange) -> None:
        """Takes over what an accepted action changes."""
        self._load_lots((*change.recalls, *change.entries))
        born = {new.id for new in change.births}
        self.balances.update({key: Grams(0) for key in change.balances if key[0] in born})
        self._load_balances(change.balances)
        for new in change.births:
            self._set_lot(new.id, new.lot)
        for key, grams in change.balances.items():
            self.balances[key] = Grams(self.balances[key] + grams)
            self.changed.balances.add(key)
        for consignment, value in change.consignments.items():
            self.consignments[consignment] = value
            self.changed.consignments.add(consignment)
        for lot, party in change.recalls.items():
            self._set_lot(lot, replace(self._lot(lot), recalled_by=party))
        for lot in change.entries:
            known = self._lot(lot)
            self._set_lot(lot, replace(known, entries=known.entries + 1))
        if change.used_digest is not None:
            self.digests[change.used_digest] = True
            self.changed.digests.add(change.used_digest)

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

    def held(self, lot: LotId, party: PartyId) -> Grams:
        """Grams of the lot that the party holds."""
        self._load_balances(((lot, party),))
        return self.balances[lot, party]

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

    def _load_lots(self, lots: Iterable[LotId]) -> None:
        missing = [lot for lot in lots if lot not in self.lots]
        if missing:
            for key, value in self._source.lineage(missing).items():
                self.lots.setdefault(key, value)
            for lot in missing:
                self.lots.setdefault(lot, None)

    def _load_balances(self, keys: Iterable[tuple[LotId, PartyId]]) -> None:
        missing = [key for key in keys if key not in self.balances]
        if missing:
            found = self._source.balances(missing)
            self.balances.update({key: found.get(key, Grams(0)) for key in missing})

    def _load_consignments(self, ids: Iterable[ConsignmentId]) -> None:
        missing = [key for key in ids if key not in self.consignments]
        if missing:
            found = self._source.consignments(missing)
            self.consignments.update({key: found.get(key) for key in missing})

    def _load_digests(self, digests: Iterable[Digest]) -> None:
        missing = [digest for digest in digests if digest not in self.digests]
        if missing:
            used = frozenset(self._source.used(missing))
            self.digests.update({digest: digest in used for digest in missing})

    def _recalled_ancestor(self, lot: LotId) -> LotId | None:
        start = self.lots.get(lot)
        above = list(start.parents) if start else []
        seen = set(above)
        while above:
            current = above.pop()
            self._load_lots((current,))
            found = self.lots[current]
            if found is None:
                continue
            if found.recalled_by:
                return current
            above.extend(parent for parent in found.parents if parent not in seen)
            seen.update(found.parents)
        return None

    def _lot(self, lot: LotId) -> Lot:
        found = self.lots[lot]
        if found is None:
            raise Refused.one("", "UnknownLot", lot.hex(), "there is no such lot")
        return found

    def _set_lot(self, lot: LotId, value: Lot) -> None:
        self.lots[lot] = value
        self.changed.lots.add(lot)

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

    def _require_standing(self, party: PartyId, digest: Digest) -> None:
        if self.is_cancelled(party, digest):
            raise _cancelled(digest)
        if self.is_suspended(party):
            raise _suspended(party)

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
