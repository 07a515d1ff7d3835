"""
What stands behind the page, for those who check themselves: hashes, keys, transactions, blocks, contracts.

Everything is shown whole, in the form that other tools take: 0x hex, decimal block numbers, ISO 8601 times in UTC. The
time that a signer stated is a claim, and stands beside the block's, which nobody could choose.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from api.localization import N_, Words
from api.views import phrases
from api.views.deeds import deed_of
from api.views.journey import anchor
from api.views.names import Names, moment_of
from ledger.domain.records import KeyRecord, Scheme
from ledger.domain.sealing.reveal import hidden_in
from ledger.domain.story_values import EventStory, LotStory

_SCHEMES = {Scheme.NONE: "-", Scheme.SECP256K1: "secp256k1, EIP-712", Scheme.P256: "P-256, EIP-712"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value; `code` where it is to be read letter by letter."""

    label: str
    value: str
    code: bool = True


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A check of one event, in words; `mark` chooses its sign."""

    title: str
    outcome_word: str
    mark: str


@dataclass(frozen=True, slots=True)
class EventEvidence:
    """The evidence of one event. `when` is the time that the signer stated."""

    anchor: str
    title: str
    when: str
    facts: tuple[Fact, ...]
    checks: tuple[CheckLine, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The lot's own identifiers, the chain that answered, and the events."""

    lot: tuple[Fact, ...]
    chain: tuple[Fact, ...]
    events: tuple[EventEvidence, ...]


def evidence(story: LotStory, names: Names, speak: Words) -> Evidence:
    """All evidence of the story, events in the order of the chain."""
    return Evidence(
        lot=(Fact(speak(N_("Lot id")), _hex(story.id)),),
        chain=_chain(story, speak),
        events=tuple(_event(event, names, speak) for event in story.events if event.relevant),
    )


def _chain(story: LotStory, speak: Words) -> tuple[Fact, ...]:
    chain = story.chain
    if chain is None:
        return ()
    return (
        Fact(speak(N_("Chain")), f"{chain.name} ({chain.chain_id})", code=False),
        Fact(speak(N_("Ledger contract")), _hex(chain.ledger)),
        Fact(speak(N_("Registry contract")), _hex(chain.registry)),
        Fact(speak(N_("Read at block")), f"{chain.head} ({_utc(chain.head_time)})"),
        Fact(speak(N_("Confirmations asked for")), str(chain.confirmations)),
    )


def _event(event: EventStory, names: Names, speak: Words) -> EventEvidence:
    moment = moment_of(event)
    facts = [
        Fact(speak(N_("Stated time, the signer’s word")), event.event_time),
        Fact(speak(N_("Recorded on chain")), _utc(event.anchor.block_time) if event.anchor is not None else ""),
        Fact(speak(N_("Content hash (SHA-256)")), _hex(event.content_hash)),
        Fact(speak(N_("Event id")), event.event_id),
        Fact(speak(N_("Signed digest (EIP-712)")), _hex(event.digest)),
        Fact(speak(N_("Signing key")), _hex(event.key_id)),
        Fact(speak(N_("Kind of signature")), _SCHEMES[event.scheme]),
        Fact(speak(N_("Signature")), _hex(event.signature)),
        Fact(speak(N_("Key valid")), _window(event.key, speak), code=False),
    ]
    if event.batch is not None:
        place = f"{event.batch.index + 1} / {event.batch.count}"
        facts.append(Fact(speak(N_("Signed at once with others, as number")), place, code=False))
        facts.append(Fact(speak(N_("Root of what was signed at once")), _hex(event.batch.root)))
    if event.co is not None:
        facts += [
            Fact(speak(N_("Second signing key")), _hex(event.co.key_id)),
            Fact(speak(N_("Kind of second signature")), _SCHEMES[event.co.scheme]),
            Fact(speak(N_("Second signature")), _hex(event.co.signature)),
            Fact(speak(N_("Second key valid")), _window(event.co_key, speak), code=False),
        ]
    if event.anchor is not None:
        facts += [
            Fact(speak(N_("Transaction")), _hex(event.anchor.transaction)),
            Fact(speak(N_("Block")), f"{event.anchor.block_number} ({_utc(event.anchor.block_time)})"),
        ]
    if event.log is not None:
        facts.append(Fact(speak(N_("Entry in the log of all events")), str(event.log.proof.index)))
    hidden = (hidden_in(event.body) or {}).keys()
    if withheld := len(hidden - event.erased):
        told = speak.ngettext("%(count)s member is withheld", "%(count)s members are withheld", withheld)
        facts.append(Fact(speak(N_("Sealed")), told, code=False))
    if erased := len(hidden & event.erased):
        told = speak.ngettext("%(count)s sealed member was erased", "%(count)s sealed members were erased", erased)
        facts.append(Fact(speak(N_("Erased")), told, code=False))
    if event.refusal:
        facts.append(Fact(speak(N_("Refused by rule")), event.refusal))
    if event.corrected_by is not None:
        facts.append(Fact(speak(N_("Corrected by the record")), _hex(event.corrected_by)))
    return EventEvidence(
        anchor=anchor(event),
        title=f"{deed_of(event, names, speak)} · {names.party(event.party)}",
        when=speak(N_("stated: %(time)s"), time=speak.minute(moment) if moment else event.event_time),
        facts=tuple(fact for fact in facts if fact.value),
        checks=tuple(
            CheckLine(
                speak(phrases.CHECKS[check.name]), speak(phrases.OUTCOMES[check.outcome]), phrases.MARKS[check.outcome]
            )
            for check in event.checks
        ),
    )


def _window(key: KeyRecord | None, speak: Words) -> str:
    if key is None:
        return ""
    ends = [time for time in (key.valid_until, key.revoked_at) if time]
    until = _utc(min(ends)) if ends else speak(N_("no end"))
    return f"{_utc(key.valid_from)} – {until}"


def _hex(value: bytes | None) -> str:
    return f"0x{value.hex()}" if value else ""


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
