"""
The certificates of a lot and of what went into it, as its story tells them, and how each stands; no I/O.

Those of the lots that went in are shown with it, since a repacked lot rests on them; each says which lot it is about. A
certificate is `supplied` unless its issuer signed it, whatever its paper says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from ledger.domain.certificates import Certificate, CertificateKind, Validity, readable_certificate
from ledger.domain.identifiers import LotRef
from ledger.domain.story_values import EventStory, LotStory, Outcome

CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class LotCertificate:
    """
    A certificate and the event that states it. `lots`: those of this lot's family that it is about; `own`: this lot is
    one of them. `supplied`: its issuer did not sign. `withdrawn`: the event was declared wrong since. `doubtful`: a
    check of the event failed, so that nothing can be said of it.
    """

    certificate: Certificate
    event: EventStory
    lots: tuple[LotRef, ...]
    own: bool
    supplied: bool
    withdrawn: bool
    doubtful: bool
    validity: Validity

    @property
    def counts(self) -> bool:
        """Whether it can be relied on, as far as signatures and days go."""
        return self.validity is Validity.VALID and not self.withdrawn and not self.doubtful


def certificates_of(story: LotStory) -> tuple[LotCertificate, ...]:
    """Those about the lot itself first, then those of what went into it; promises first, then the newest first."""
    today, family = day_of(story), {ancestor.id for ancestor in story.ancestors} | {story.id}
    wrong = {(event.event_id, event.party) for event in story.events if "errorDeclaration" in event.body}
    found = []
    for event in story.events:
        certificate = readable_certificate(event.body)
        if certificate is None:
            continue
        lots = tuple(ref for ref in certificate.lots if ref.id in family)
        found.append(
            LotCertificate(
                certificate=certificate,
                event=event,
                lots=lots,
                own=story.lot in lots,
                supplied=not event.by_issuer,
                withdrawn=(event.event_id, event.party) in wrong,
                doubtful=any(check.outcome is Outcome.FAILED for check in event.checks),
                validity=certificate.validity(today),
            )
        )
    found.sort(key=lambda one: one.certificate.issued, reverse=True)
    return tuple(sorted(found, key=lambda one: (not one.own, one.certificate.kind is not CertificateKind.PROMISE)))


def promised(story: LotStory) -> LotCertificate | None:
    """The promise certificate of the lot itself that counts; None where there is none yet."""
    ours = (one for one in certificates_of(story) if one.own and one.certificate.kind is CertificateKind.PROMISE)
    return next((one for one in ours if one.counts), None)


def day_of(story: LotStory) -> date:
    """The day in China when the chain was asked, or last was, or else when the newest event was recorded."""
    asked = story.chain.asked_at if story.chain is not None else story.last.asked_at if story.last else None
    if asked is not None:
        return datetime.fromtimestamp(asked, CHINA).date()
    recorded = [event.record_time for event in story.events]
    return max(recorded).astimezone(CHINA).date() if recorded else date.min
