"""
What can be said of a lot: verdict, checks, qualifiers, branches, events; values only, no I/O.

DESIGN.md section 2 is the law here. `ledger.domain.verdict.judge` makes these values from recorded events and the
chain's answers, `ledger.services.story` adds names, pages and `story_json` show them. A `Finding` has a stable dotted
`code` and parameters, which pages translate, and an English sentence for machines and logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ledger.domain.actions import Action, EntryKind
from ledger.domain.custody_values import Amounts, CertifiedShare, Handoff, PledgeStory
from ledger.domain.identifiers import (
    ContentHash,
    Digest,
    Grams,
    KeyId,
    LotId,
    LotRef,
    PartyId,
)  # fmt: skip
from ledger.domain.master_data import Product
from ledger.domain.records import (
    BatchPlace,
    ChainCheckpoint,
    ChainEntry,
    CoSignature,
    EntryState,
    JsonTree,
    KeyRecord,
    LogPlace,
    Scheme,
)
from ledger.domain.sensors.values import Climate

_NONE = Grams(0)


class Verdict(StrEnum):
    """What is said of a lot or a branch; `worst` knows the precedence."""

    RECALLED = "recalled"
    UNVERIFIED = "unverified"
    SUSPECT = "suspect"
    PENDING = "pending"
    VERIFIED = "verified"
    UNKNOWN = "unknown"


class CheckName(StrEnum):
    """The five checks behind a verdict, in the order of DESIGN.md section 2."""

    CONTENT = "content"
    SIGNATURE = "signature"
    ANCHORED = "anchored"
    CUSTODY = "custody"
    RECALL = "recall"


class Outcome(StrEnum):
    """How a check ended. `not-made`: what it needs to know could not be had (the chain did not answer)."""

    PASSED = "passed"
    FAILED = "failed"
    PENDING = "pending"
    NOT_MADE = "not-made"


class QualifierCode(StrEnum):
    """What a reader has to know beside the verdict."""

    HOSTED_KEY = "hosted-key"
    BOTH_SIDES_HOSTED = "both-sides-hosted"
    SINGLE_OPERATOR_CHAIN = "single-operator-chain"
    DECLARED = "declared"
    SUPPLIED = "supplied"
    TEMPERATURE_NOT_RECORDED = "temperature-not-recorded"


Parameter = str | int
"""A value for a translated sentence: a name, a hash in 0x hex, a number."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A member of the signed struct (EIP-712 name, `outputs[0].grams`) whose value is not what the event now says."""

    member: str
    signed: str
    found: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a finding rests on, as far as it applies; block time in Unix seconds."""

    signed_hash: ContentHash | None = None
    found_hash: ContentHash | None = None
    digest: Digest | None = None
    key_id: KeyId | None = None
    transaction: bytes | None = None
    block_number: int | None = None
    block_time: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing that a check found. `leads_to` is the verdict it makes on its own: VERIFIED where all is well.
    `event` names the event it is about, None where it is about the lot as a whole.
    """

    check: CheckName
    code: str
    leads_to: Verdict
    sentence: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    event: ContentHash | None = None
    lot: LotId | None = None
    differences: tuple[Difference, ...] = ()
    evidence: Evidence = Evidence()


@dataclass(frozen=True, slots=True)
class Check:
    """A check of an event or of a lot with its findings, worst first; never without one."""

    name: CheckName
    outcome: Outcome
    findings: tuple[Finding, ...]

    @property
    def code(self) -> str:
        """The code of the worst finding."""
        return self.findings[0].code

    @property
    def sentence(self) -> str:
        """The sentence of the worst finding."""
        return self.findings[0].sentence


@dataclass(frozen=True, slots=True)
class Qualifier:
    """A qualifier with the parties and the events that it comes from (both empty for the chain's)."""

    code: QualifierCode
    parties: tuple[PartyId, ...] = ()
    events: tuple[ContentHash, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """
    A lot at a holder. `parties` is the way from its birth to the holder, both included; `path` the handoffs on it.

    Grams of the lot: on hand at the holder, in transit to it, sold or destroyed by it, used by it in transformations,
    `returning` to it from a receiver that refused them, `missing` from what was sent to it and in variance, `lost`
    (written off) and `weight_loss` of what was sent to it. `place` is (GLN, extension) of the last event that the
    holder signed, `last_time` that event's eventTime. `climate`: temperature and humidity on the way, as recorded.
    """

    holder: PartyId
    parties: tuple[PartyId, ...]
    path: tuple[Handoff, ...]
    on_hand: Grams
    in_transit: Grams
    sold: Grams
    destroyed: Grams
    used: Grams
    place: tuple[int, str] | None
    last_time: str
    events: tuple[ContentHash, ...]
    verdict: Verdict = Verdict.UNKNOWN
    reasons: tuple[Finding, ...] = ()
    returning: Grams = _NONE
    missing: Grams = _NONE
    lost: Grams = _NONE
    weight_loss: Grams = _NONE
    climate: Climate | None = None


@dataclass(frozen=True, slots=True)
class EventStory:
    """
    An event of the lot, or of an ancestor on its way into the lot, with its own three checks.

    `action` is the signed struct, `lots` the grams that it moves by lot (empty for statements, recalls and releases; a
    receipt moves what was under way). `place` is (GLN, extension) of readPoint, else bizLocation. `counterparty`: the
    other side of a handoff, the lender or the holder of a pledge. `relevant` is False for an ancestor's events on
    branches that do not lead into this lot. `event_time` is what the signer states; when the chain recorded it stands
    in `entry`. `co` is the second signature of what two parties sign, `co_key` the record of its key. `corrected_by`:
    the event that stands instead, where there is one. `checkpoint`: of an event without an entry, the first checkpoint
    on chain that covers it; `log`: its place in the log, as stated. `erased`: digests whose disclosures were destroyed.
    `by_issuer`: it is a certificate, and its issuer signed it.
    """

    content_hash: ContentHash
    sequence: int
    event_id: str
    kind: EntryKind
    step: str
    party: PartyId
    counterparty: PartyId | None
    event_time: str
    record_time: datetime
    place: tuple[int, str] | None
    lots: Mapping[LotId, Grams]
    of_lot: bool
    relevant: bool
    body: JsonTree
    action: Action
    key_id: KeyId
    scheme: Scheme
    signature: bytes
    digest: Digest | None
    key: KeyRecord | None
    hosted: bool
    state: EntryState
    refusal: str
    entry: ChainEntry | None
    final: bool
    checks: tuple[Check, ...]
    co: CoSignature | None = None
    co_key: KeyRecord | None = None
    corrected_by: ContentHash | None = None
    checkpoint: ChainCheckpoint | None = None
    log: LogPlace | None = None
    erased: frozenset[str] = frozenset()
    batch: BatchPlace | None = None
    by_issuer: bool = False

    @property
    def anchor(self) -> ChainEntry | ChainCheckpoint | None:
        """What gives the event its key time: its entry, else the first checkpoint that covers it."""
        return self.entry or self.checkpoint

    @property
    def ok(self) -> bool:
        """Whether all three checks passed."""
        return all(check.outcome is Outcome.PASSED for check in self.checks)


@dataclass(frozen=True, slots=True)
class Ancestor:
    """
    A lot that went into this one. `distance` 1: a direct input. `ref` None where no stored event names it. `inherited`:
    its recall was carried to it from a lot that went into it.
    """

    id: LotId
    ref: LotRef | None
    distance: int
    parents: tuple[LotId, ...]
    grams_used: Grams
    recalled_by: PartyId | None
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class ChainSummary:
    """Which contracts answered, and at which block; addresses are 20 bytes, times Unix seconds."""

    name: str
    chain_id: int
    ledger: bytes
    registry: bytes
    head: int
    head_time: int
    confirmations: int
    asked_at: int


@dataclass(frozen=True, slots=True)
class LastCheck:
    """When the chain last answered about the lot (Unix seconds), and the verdict it gave then."""

    asked_at: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """What `judge` makes of a lot; see `LotStory` for the members."""

    verdict: Verdict
    reasons: tuple[Finding, ...]
    qualifiers: tuple[Qualifier, ...]
    checks: tuple[Check, ...]
    branches: tuple[Branch, ...]
    events: tuple[EventStory, ...]
    amounts: Amounts
    ancestors: tuple[Ancestor, ...]
    children: tuple[LotId, ...]
    pledges: tuple[PledgeStory, ...] = ()
    certified: CertifiedShare | None = None


@dataclass(frozen=True, slots=True)
class LotStory:
    """
    All that a page or a machine is told of a lot, judged live.

    `reasons` are the findings that made the verdict, worst first (those of passed checks if verified). `checks` are
    the lot's five, in order. `events` are in the order of the chain, those not yet on it last, ancestors' among them.
    `names` resolves every lot id that occurs. `chain` None: it could not be asked; then `last` says when it last was.
    `certified` is None where the chain was not asked or has no such lot.
    """

    lot: LotRef
    id: LotId
    product: Product | None
    issuer: PartyId | None
    verdict: Verdict
    reasons: tuple[Finding, ...]
    qualifiers: tuple[Qualifier, ...]
    checks: tuple[Check, ...]
    branches: tuple[Branch, ...]
    events: tuple[EventStory, ...]
    amounts: Amounts
    ancestors: tuple[Ancestor, ...]
    children: tuple[LotRef, ...]
    names: Mapping[LotId, LotRef]
    chain: ChainSummary | None
    last: LastCheck | None
    pledges: tuple[PledgeStory, ...] = ()
    certified: CertifiedShare | None = None

    def event(self, content_hash: ContentHash) -> EventStory | None:
        """The event of that identity among those shown."""
        return next((event for event in self.events if event.content_hash == content_hash), None)


PRECEDENCE = (
    Verdict.UNKNOWN, Verdict.RECALLED, Verdict.UNVERIFIED, Verdict.SUSPECT, Verdict.PENDING, Verdict.VERIFIED,
)  # fmt: skip
"""Worst first. UNKNOWN stands first: a chain that was not asked may hold a recall, so nothing else may be said."""


def worst(verdicts: tuple[Verdict, ...] | list[Verdict]) -> Verdict:
    """The verdict that wins; UNKNOWN where there is nothing to go by."""
    return min(verdicts, key=PRECEDENCE.index, default=Verdict.UNKNOWN)
