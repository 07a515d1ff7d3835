"""
The store: durable events with their projection, proposals, master data and outbox; implements
`ledger.ports_proposals.ProposalStore` and `ledger.ports_disclosures.DisclosureStore`.

Every method is one short transaction and may be called from any thread. Errors are those of
`ledger.adapters.sql_store.database`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext

from sqlalchemy import select

from ledger.adapters.sql_store import carrying, disclosures, erasing, lineage, master, queries, transaction
from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.audit import SqlAudit
from ledger.adapters.sql_store.captures import SqlApiKeys, SqlCaptureJobs
from ledger.adapters.sql_store.certificate_rows import SqlCertificates
from ledger.adapters.sql_store.claims import SqlClaims
from ledger.adapters.sql_store.columns import id_hash
from ledger.adapters.sql_store.consignments import SqlConsignments
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.dialect import upsert
from ledger.adapters.sql_store.families import SqlFamilies
from ledger.adapters.sql_store.file_rows import SqlFileRows
from ledger.adapters.sql_store.hub import SqlHub
from ledger.adapters.sql_store.labels import SqlLabels
from ledger.adapters.sql_store.leases import SqlLeases, fence
from ledger.adapters.sql_store.log import SqlLog
from ledger.adapters.sql_store.log_archive import SqlLogArchive
from ledger.adapters.sql_store.log_audit import SqlLogAudit
from ledger.adapters.sql_store.outbox import SqlOutbox
from ledger.adapters.sql_store.people import SqlPeople
from ledger.adapters.sql_store.questions import SqlQuestions
from ledger.adapters.sql_store.source import SqlSource
from ledger.domain.actions import Line
from ledger.domain.custody_state import Lot
from ledger.domain.identifiers import ConsignmentId, ContentHash, LotId, LotRef, ProductId
from ledger.domain.master_data import MasterData
from ledger.domain.projection import Projection
from ledger.domain.records import RecordedEvent
from ledger.domain.sealing import KeptDisclosure
from ledger.domain.sensors.limits import Limits
from ledger.ports_disclosures import Erasure, SealedRecord
from ledger.ports_leases import Role
from ledger.ports_log import Acknowledger


class SqlStore:
    """
    A store on the database behind an SQLAlchemy URL, brought to the newest schema. `outbox`, `log`, `archive`,
    `api_keys`, `capture_jobs`, `files`, `certificates`, `leases`, `questions`, `consignments`, `claims`, `families`,
    `hub`, `labels` and `people` are its other ports. Nothing can be appended before `acknowledge_by`.
    """

    def __init__(self, url: str | Database) -> None:
        self._database = Database(url) if isinstance(url, str) else url
        self.leases = SqlLeases(self._database)
        self.outbox = SqlOutbox(self._database)
        self.audit = SqlAudit(self._database)
        self.log = SqlLog(self._database)
        self.log_audit = SqlLogAudit(self._database)
        self.api_keys = SqlApiKeys(self._database)
        self.capture_jobs = SqlCaptureJobs(self._database)
        self.files = SqlFileRows(self._database)
        self.certificates = SqlCertificates(self._database)
        self.questions = SqlQuestions(self._database)
        self.consignments = SqlConsignments(self._database)
        self.claims = SqlClaims(self._database)
        self.families = SqlFamilies(self._database)
        self.hub = SqlHub(self._database)
        self.labels = SqlLabels(self._database)
        self.people = SqlPeople(self._database)
        self._acknowledger: Acknowledger | None = None
        self.archive = SqlLogArchive(self._database, lambda: self._acknowledger)

    def fenced(self, role: Role, epoch: int) -> SqlStore:
        """The same store for the holder of a lease: writes are `LeaseLost` once another one has it."""
        fenced = SqlStore(self._database.fenced(fence(role, epoch)))
        fenced._acknowledger = self._acknowledger
        return fenced

    def acknowledge_by(self, acknowledger: Acknowledger) -> int:
        """
        The log's operator is known: what is appended is acknowledged by it from now on, and so are events that a
        database of an earlier schema has without; returns how many those were.
        """
        self._acknowledger = acknowledger
        return self.log.backfill(acknowledger)

    def writing(self) -> AbstractContextManager[transaction.SqlTransaction]:
        """The one write transaction: on disk when the block ends, rolled back if it raises."""
        return transaction.writing(self._database, self._acknowledger)

    def rehearsing(self) -> AbstractContextManager[transaction.SqlTransaction]:
        """The same, but nothing is ever stored and nobody is kept waiting."""
        return transaction.rehearsing(self._database)

    def registered(self) -> Projection:
        """The local projection, for reading: ledger and registry as far as entries were queued."""
        return Projection(SqlSource(self._database.reading))

    def events_of_lot(self, lot: LotId) -> list[RecordedEvent]:
        """All events that name the lot, in order of sequence."""
        with self._database.reading() as connection:
            return queries.events_of_lot(connection, lot)

    def event(self, content_hash: ContentHash) -> RecordedEvent | None:
        """The event of that identity."""
        with self._database.reading() as connection:
            return queries.event(connection, content_hash)

    def events(self, after: int = 0, limit: int = 100) -> list[RecordedEvent]:
        """The first `limit` events with a sequence number above `after`."""
        with self._database.reading() as connection:
            return queries.events_after(connection, after, limit)

    def disclosures_of(self, contents: Collection[ContentHash]) -> dict[ContentHash, tuple[KeptDisclosure, ...]]:
        """What is kept of the sealed members of these events; events without any are left out."""
        with self._database.reading() as connection:
            return disclosures.of_contents(connection, contents)

    def erased_digests(self, contents: Collection[ContentHash]) -> dict[ContentHash, frozenset[str]]:
        """The digests of these events whose disclosures were destroyed; events without any are left out."""
        with self._database.reading() as connection:
            return disclosures.erased_in(connection, contents)

    def event_named(self, event_id: str) -> ContentHash | None:
        """The event, no error declaration, under that eventID."""
        with self._database.reading() as connection:
            found = connection.execute(
                select(t.events.c.content_hash).where(t.events.c.claimed_id == id_hash(event_id))
            ).scalar()
        return None if found is None else ContentHash(found)

    def sealed_events(self, after: int, limit: int) -> list[SealedRecord]:
        """The first `limit` events with a sequence number above `after` of which a disclosure is left."""
        with self._database.reading() as connection:
            return erasing.sealed_events(connection, after, limit)

    def sealed_proposals(self) -> list[SealedRecord]:
        """The open proposals of which a disclosure is left."""
        with self._database.reading() as connection:
            return erasing.sealed_proposals(connection)

    def erase(self, erasures: Sequence[Erasure]) -> int:
        """Destroys the disclosures; their bytes are gone from the files after `purge`."""
        with self._database.writing() as connection:
            upsert(connection, t.meta, [{"key": erasing.UNPURGED, "value": "yes"}])
            return erasing.erase_all(connection, erasures)

    def purge(self) -> None:
        """Makes the bytes of what was erased go from the files; `LedgerBusy` while somebody reads them."""
        if self.note(erasing.UNPURGED):
            self._database.purge()
            self.take_note(erasing.UNPURGED, "")

    def saying(self, text: str) -> list[int]:
        """Events whose bodies hold that text in the open."""
        with self._database.reading() as connection:
            return erasing.saying(connection, text)

    def lot_ref(self, lot: LotId) -> LotRef | None:
        """The names behind a lot id; lots that were only named in a statement have them too."""
        c = t.lot_names.c
        with self._database.reading() as connection:
            row = connection.execute(select(c.product, c.code).where(c.lot == lot)).first()
        return None if row is None else LotRef(ProductId(row.product), row.code)

    def lots(self, after: LotRef | None, limit: int) -> list[LotRef]:
        """Lots in order of product and code, for keyset paging."""
        with self._database.reading() as connection:
            return queries.lot_refs(connection, after, limit)

    def lots_with_code(self, code: str) -> list[LotRef]:
        """All lots of that lot code, whatever the product."""
        with self._database.reading() as connection:
            return queries.lots_with_code(connection, code)

    def lineage(self, lots: Collection[LotId]) -> dict[LotId, Lot]:
        """These lots and all their ancestors, as the local projection has them."""
        with self._database.reading() as connection:
            return SqlSource(lambda: nullcontext(connection)).lineage(lots)

    def descent(self, lots: Collection[LotId]) -> dict[LotId, tuple[LotId, ...]]:
        """The lots made from each of these lots, and from each of those, to the end."""
        with self._database.reading() as connection:
            return lineage.descent(connection, lots)

    def ascent(self, lots: Collection[LotId]) -> dict[LotId, tuple[LotId, ...]]:
        """What each of these lots was made from, and each of those, to the fields."""
        with self._database.reading() as connection:
            return lineage.ascent(connection, lots)

    def lot_refs(self, lots: Collection[LotId]) -> dict[LotId, LotRef]:
        """The names behind many ids, as `lot_ref`; those without any are left out."""
        with self._database.reading() as connection:
            return lineage.lot_refs(connection, lots)

    def recalls_to_spread(self) -> list[LotId]:
        """Lots from which recalls have yet to spread to all that was made from them."""
        with self._database.reading() as connection:
            return carrying.roots(connection)

    def recalls_waiting(self) -> int:
        """How many lots wait for a recall, or its end, to be carried to them."""
        with self._database.reading() as connection:
            return carrying.waiting(connection)

    def manifest(self, consignment: ConsignmentId) -> tuple[Line, ...] | None:
        """The lines that were shipped, ascending by lot id; None where there is no such consignment."""
        with self._database.reading() as connection:
            found = SqlSource(lambda: nullcontext(connection)).consignments((consignment,)).get(consignment)
        return None if found is None else found.manifest

    def consignment_ref(self, consignment: ConsignmentId) -> str | None:
        """The shipper's reference behind a consignment id."""
        c = t.consignment_names.c
        with self._database.reading() as connection:
            found: str | None = connection.execute(select(c.reference).where(c.consignment == consignment)).scalar()
            return found

    def master_data(self) -> MasterData:
        """All master data."""
        with self._database.reading() as connection:
            return master.load(connection)

    def merge_master_data(self, data: MasterData) -> None:
        """Adds and replaces master data by identifier."""
        with self._database.writing() as connection:
            master.merge(connection, data)

    def limits_of(self, product: ProductId) -> Limits | None:
        """The temperature limits that master data has for the product."""
        with self._database.reading() as connection:
            return master.limits_of(connection, product)

    def note(self, name: str) -> str:
        """What was noted under that name; "" where nothing was."""
        with self._database.reading() as connection:
            found = connection.execute(select(t.meta.c.value).where(t.meta.c.key == name)).scalar()
        return "" if found is None else str(found)

    def take_note(self, name: str, value: str) -> None:
        """Notes something that belongs to the data, over what was noted under that name before."""
        with self._database.writing() as connection:
            upsert(connection, t.meta, [{"key": name, "value": value}])

    def close(self) -> None:
        """Closes all connections."""
        self._database.close()
