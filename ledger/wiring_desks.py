"""
What the pages for staff and the capture interface need, each made from the parts of an open ledger: who signs in, what
is drafted, and one desk for each kind of work.
"""

from __future__ import annotations

from ledger.adapters.chain_access import ChainAccess
from ledger.adapters.file_store import FolderFileStore
from ledger.adapters.image_cleaner_on_demand import CleanerOnDemand
from ledger.adapters.keystore_signer import KeystoreSigner
from ledger.adapters.sql_store.store import SqlStore
from ledger.adapters.webauthn_on_demand import ceremony
from ledger.adapters.workbook_on_demand import read_workbook
from ledger.domain.identifiers import KeyId, LotRef
from ledger.domain.sealing import Policy
from ledger.ports import Clock
from ledger.services.api_keys import ApiKeys
from ledger.services.buyers_desk import BuyersDesk
from ledger.services.certificate_drafts import CertificateDrafts
from ledger.services.draft_air import air_kind
from ledger.services.draft_kinds import KINDS
from ledger.services.drafts import Drafts
from ledger.services.files import Files, held_by
from ledger.services.hub import HubDesk
from ledger.services.hub_alarms import HubAlarms
from ledger.services.inspection import Inspection
from ledger.services.keys import Keys
from ledger.services.labels import Labels
from ledger.services.mock_recall import MockRecall, mock_recall
from ledger.services.packing_desk import PackingDesk
from ledger.services.passkeys import Passkeys
from ledger.services.people import People
from ledger.services.proposals import Proposals
from ledger.services.receiving import Receiving
from ledger.services.sign_in import SignIn
from ledger.services.workbook_preview import WorkbookPreview
from ledger.settings import Settings


class Desks:
    """The part of a `Ledger` that makes them; what is "one for all requests" is made once by whoever builds the app."""

    settings: Settings
    store: SqlStore
    signer: KeystoreSigner
    registrar: KeyId
    chain: ChainAccess
    clock: Clock
    secret: bytes
    policy: Policy

    def labels(self) -> Labels:
        """Serials, scans and reports. One for all requests: it knows who was counted today."""
        return Labels(self.store.labels, self.clock, self.settings.scan_rule)

    def people(self) -> People:
        """Who acts for parties, and by which devices."""
        return People(self.store.people, self.store, self.keys(), self.clock)

    def sign_in(self) -> SignIn:
        """Sessions of people."""
        return SignIn(self.store.people, self.clock, self.people().standing)

    def passkeys(self) -> Passkeys:
        """Passkeys of people."""
        return Passkeys(self.store.people, ceremony(), self.sign_in(), self.clock)

    def drafts(self) -> Drafts:
        """Makes events for devices to sign. One for all requests: it remembers what it was asked."""
        kinds = KINDS | CertificateDrafts(self.store.certificates, self.store.files).kinds
        kinds |= {"air": air_kind(self.store.hub)}
        return Drafts(self.store, self.clock, self.chain.deployment.ledger_domain, self.secret, self.policy, kinds)

    def workbook_preview(self) -> WorkbookPreview:
        """Shows workbooks before they are recorded."""
        return WorkbookPreview(self.store, self.drafts(), read_workbook)

    def hub(self) -> HubDesk:
        """What is under way, here and leaving."""
        return HubDesk(self.store.hub, self.clock)

    def hub_alarms(self) -> HubAlarms:
        """Cold-chain alarms. One for all requests: it remembers what it judged."""
        domain = self.chain.deployment.ledger_domain
        return HubAlarms(self.store.hub, self.store, self.store.log, lambda: domain)

    def packing_desk(self) -> PackingDesk:
        """What a producer and a packing house see of their own lots."""
        return PackingDesk(self.store, self.store.questions, self.store.consignments, self.clock)

    def receiving(self) -> Receiving:
        """What is on its way to a party, and what became of it."""
        return Receiving(self.store, self.store.consignments, self.policy)

    def buyers_desk(self) -> BuyersDesk:
        """What is coming to a party and what it lacks, and its claims."""
        store = self.store
        return BuyersDesk(
            store, store.questions, self.receiving(), store.certificates, store.claims, self.proposals(), self.clock
        )  # fmt: skip

    def mock_recall(self, lot: LotRef) -> MockRecall:
        """Who would have to be called if the lot were recalled now; nothing is recorded."""
        return mock_recall(self.store.families, self.store, lot, self.clock)

    def inspection(self) -> Inspection:
        """What inspectors look at."""
        return Inspection(self.store.families, self.store)

    def files(self) -> Files:
        """Keeps photos and PDFs. One for all requests: it decodes one image at a time."""
        folder, held = FolderFileStore(self.settings.files_path), held_by(self.store.certificates)
        return Files(folder, self.store.files, CleanerOnDemand(), self.clock, held)

    def keys(self) -> Keys:
        """Changes keys and standing of single parties."""
        return Keys(self.store, self.signer, self.registrar, self.chain.deployment.registry_domain, self.clock)

    def proposals(self) -> Proposals:
        """What two parties sign."""
        domain = self.chain.deployment.ledger_domain
        return Proposals(self.store, self.signer, self.clock, domain, self.secret, self.keys(), self.policy)

    def api_keys(self) -> ApiKeys:
        """Keys of the capture interface."""
        return ApiKeys(self.store.api_keys, self.store, self.clock)
