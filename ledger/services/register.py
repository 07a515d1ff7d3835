"""
Registration: brings master data into the store, and what the chain has to know of it into the outbox.

A new party gets a key that the service keeps, and an Admission signed by the registrar and by that key; a party whose
roles grew gets a RoleChange; a new product a ProductAssignment signed by the registrar; a new packer a ProductPermit
signed by the owner's admin key. Doing the same again changes nothing. What is done to single parties and keys
afterwards is in `ledger.services.keys`.

Raises `Refused` with all violations, and registers nothing; `KeyLocked` where a key cannot be opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from ledger.domain.errors import InvalidInput, NotFound, Refused, Violation
from ledger.domain.gs1 import parse_gln, parse_gtin
from ledger.domain.identifiers import (
    FIRST_ALLOTTED_PARTY,
    FIRST_ALLOTTED_PRODUCT,
    UINT64_MAX,
    PartyId,
    ProductId,
)  # fmt: skip
from ledger.domain.master_data import MasterData, Party, Product, Role
from ledger.domain.registry_actions import (
    Admission,
    ProductAssignment,
    ProductPermit,
    RoleChange,
)  # fmt: skip
from ledger.ports import EventTransaction
from ledger.services.registrations import Registrations

_BATCH = 250

_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class Registered:
    """How many entries were queued, by kind."""

    parties: int = 0
    roles: int = 0
    products: int = 0
    permits: int = 0

    def __add__(self, other: Registered) -> Registered:
        return Registered(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


class Register(Registrations):
    """Registers master data; see `Registrations` for what it needs."""

    def register(self, master: MasterData) -> Registered:
        """Merges the master data and queues what is new in it; says what was queued."""
        known = self._store.master_data()
        merged = _with_all_roles(known, master)
        violations = list(_violations(known, merged))
        if violations:
            raise Refused(violations)
        for party_id in merged.parties:
            self._signer.create(party_id)
        self._store.merge_master_data(merged)
        total = Registered()
        # Parties before the products that they own: the chain takes entries in this order.
        for parties in _batches(list(merged.parties.values())):
            with self._store.writing() as transaction:
                for party in parties:
                    total += self._admit(transaction, party)
        for products in _batches(list(merged.products.values())):
            with self._store.writing() as transaction:
                for product in products:
                    total += self._assign(transaction, product)
        return total

    def permit(self, product: ProductId, packer: PartyId, allowed: bool) -> bool:
        """The owner allows the packer to make lots of the product, or takes that back; False: it stood so already."""
        with self._store.writing() as transaction:
            projection = transaction.projection
            owner = projection.owner_of(product)
            if owner is None:
                raise NotFound(f"product {product:014d} is not registered")
            if projection.is_permitted(product, packer) == allowed:
                return False
            action = ProductPermit(product, owner, packer, allowed, self._deadline())
            self._queue(transaction, action, self._admin_key(projection, owner))
            return True

    def _admit(self, transaction: EventTransaction, party: Party) -> Registered:
        roles = transaction.projection.roles_of(party.id)
        wanted = roles | int(party.roles)
        if roles == wanted:
            return Registered()
        if roles:
            self._queue(transaction, RoleChange(party.id, wanted, self._deadline()), self._registrar)
            return Registered(roles=1)
        key = self._signer.key_of(party.id)
        scheme = self._signer.scheme_of(key)
        admission = Admission(party.id, wanted, key, scheme, party.hosted, self._deadline())
        self._queue(transaction, admission, self._registrar, witness=key)
        return Registered(parties=1)

    def _assign(self, transaction: EventTransaction, product: Product) -> Registered:
        projection = transaction.projection
        done = Registered()
        if projection.owner_of(product.id) != product.owner:
            action = ProductAssignment(product.id, product.owner, self._deadline())
            self._queue(transaction, action, self._registrar)
            done += Registered(products=1)
        for packer in product.packers:
            if packer != product.owner and not projection.is_permitted(product.id, packer):
                permit = ProductPermit(product.id, product.owner, packer, True, self._deadline())
                self._queue(transaction, permit, self._admin_key(projection, product.owner))
                done += Registered(permits=1)
        return done


def _with_all_roles(known: MasterData, new: MasterData) -> MasterData:
    """
    The new master data; a party keeps the roles and the contact that it had: leaving them out of a file does not take
    them away.
    """
    parties = {
        party.id: replace(party, roles=party.roles | had.roles, contact=party.contact or had.contact)
        if (had := known.parties.get(party.id))
        else party
        for party in new.parties.values()
    }
    return replace(new, parties=parties)


def _violations(known: MasterData, new: MasterData) -> Iterator[Violation]:
    parties: Mapping[PartyId, Party] = {**known.parties, **new.parties}
    for party in new.parties.values():
        yield from _party_violations(party)
    for product in new.products.values():
        yield from _product_violations(product, known.products.get(product.id), parties)
    for place in new.places.values():
        where = f"/places/{place.gln:013d}/{place.extension}"
        yield from _key_violations(f"{where}/gln", PartyId(place.gln))
        if place.party not in parties:
            yield Violation(f"{where}/party", "UnknownParty", f"{place.party:013d}", "no such party")
    for plot in new.plots.values():
        where = f"/plots/{plot.gln:013d}/{plot.extension}"
        yield from _key_violations(f"{where}/gln", PartyId(plot.gln))
        if plot.producer not in parties:
            yield Violation(f"{where}/producer", "UnknownParty", f"{plot.producer:013d}", "no such party")


def _party_violations(party: Party) -> Iterator[Violation]:
    where = f"/parties/{party.id:013d}"
    yield from _key_violations(f"{where}/id", party.id)
    if not party.roles or party.roles & ~sum(Role):
        yield Violation(f"{where}/roles", "InvalidRoles", str(int(party.roles)), "a party has at least one known role")
    if not party.hosted:
        message = "a party that keeps its own key has to sign its admission with it; only hosted keys are made here"
        yield Violation(f"{where}/hosted", "party.hosted", "false", message)


def _product_violations(
    product: Product, before: Product | None, parties: Mapping[PartyId, Party]
) -> Iterator[Violation]:
    where = f"/products/{product.id:014d}"
    try:
        if product.id < FIRST_ALLOTTED_PRODUCT:
            parse_gtin(f"{product.id:014d}")
    except InvalidInput as error:
        yield replace(error.violations[0], field=f"{where}/id")
    if not 0 < product.net_grams <= UINT64_MAX:
        message = "a product needs the net mass of one trade item, in whole grams"
        yield Violation(f"{where}/netGrams", "product.net-grams", str(product.net_grams), message)
    if before is not None and before.owner != product.owner:
        message = f"the product belongs to party {before.owner:013d}; that is final"
        yield Violation(f"{where}/owner", "ProductTaken", f"{product.owner:013d}", message)
    for party in (product.owner, *product.packers):
        if party not in parties:
            yield Violation(
                f"{where}/owner", "UnknownParty", f"{party:013d}", "no such party; give it in the same file"
            )


def _key_violations(where: str, number: PartyId) -> Iterator[Violation]:
    if number >= FIRST_ALLOTTED_PARTY and number <= UINT64_MAX:
        return
    try:
        parse_gln(f"{number:013d}")
    except InvalidInput as error:
        yield replace(error.violations[0], field=where)


def _batches(values: Sequence[_V]) -> Iterator[Sequence[_V]]:
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]
