"""
A bundle to what `judge` weighs, and what of its events is shown and withheld; no I/O.

Disclosures are opened as `ledger.domain.sealing` has it; one that does not fit its event is a finding about that event,
never a crash. Contents, signatures, custody and anchoring do not depend on disclosures: the event was signed sealed.
That a member was erased is the word of who made the bundle. It is held against the event, which has to hold such a
digest, and against the bundle, which must not show it; nobody can check more. Nothing raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ledger.domain.bundle.lots import born_in, lots_in, named_in
from ledger.domain.bundle.values import Bundle, BundledEvent
from ledger.domain.dossier import Dossier, open_dossier
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash, LotId, LotRef
from ledger.domain.merkle import event_leaf
from ledger.domain.proof_json import signature_hash
from ledger.domain.readings import UNREADABLE, examine
from ledger.domain.records import JsonTree, RecordedEvent
from ledger.domain.sealing.disclosures import DIGEST, digest_of, parse_disclosure
from ledger.domain.sealing.reveal import Opened, Withheld, by_place, open_sealed
from ledger.domain.story_values import CheckName, Finding, Verdict
from ledger.domain.typed_data import Domain


@dataclass(frozen=True, slots=True)
class Shown:
    """
    What a reader gets of one event: the body with what is disclosed, where the disclosed members stand, and how many
    members are not shown, by place: `erased` those of which the bundle says so, `withheld` all others.
    """

    event: ContentHash
    body: JsonTree
    disclosed: tuple[str, ...]
    withheld: tuple[Withheld, ...]
    erased: tuple[Withheld, ...]


@dataclass(frozen=True, slots=True)
class OpenedBundle:
    """
    `shown` in the order of the events. `findings`: disclosures, and marks of what was erased, that do not fit. `names`:
    the lots that the events name in full.
    """

    bundle: Bundle
    shown: tuple[Shown, ...]
    findings: tuple[Finding, ...]
    names: Mapping[LotId, LotRef]


def open_bundle(bundle: Bundle, disclosures: Sequence[str] = ()) -> OpenedBundle:
    """Opens all disclosures: the bundle's own, and others that the reader has, wherever they belong."""
    shown, findings = [], []
    left = dict.fromkeys(disclosures)
    for event in bundle.events:
        own = [*event.disclosures, *_fitting(event, [one for one in left if one not in event.disclosures])]
        for one in own:
            left.pop(one, None)
        seen, problem = _shown(event, own)
        shown.append(seen)
        if problem is not None:
            findings.append(problem)
    findings += [_foreign(one) for one in left]
    return OpenedBundle(bundle, tuple(shown), tuple(findings), _names(bundle))


def dossier_of(opened: OpenedBundle, domain: Domain | None) -> Dossier:
    """
    The lot's and its ancestors' events by lot. `domain`: of the contract that the verifier trusts. An event that names
    no lot of the lineage stands with the lot itself, so that nothing in the bundle stays unchecked.
    """
    bundle = opened.bundle
    recorded = [_recorded(number, event) for number, event in enumerate(bundle.events, start=1)]
    by_lot: dict[LotId, list[RecordedEvent]] = {}
    for event in recorded:
        for lot in {*(ref.id for ref in named_in(event.body)), *lots_in(event.proof.action)}:
            by_lot.setdefault(lot, []).append(event)
    lot = bundle.lot.id
    dossier = open_dossier(lot, lambda name: by_lot.get(name, ()), domain)
    placed = {item.event.sequence for events in dossier.events.values() for item in events}
    strays = [examine(event, domain) for event in recorded if event.sequence not in placed]
    own = sorted((*dossier.events[lot], *strays), key=lambda item: item.event.sequence)
    places = {event.content_hash: place for event in bundle.events if (place := bundle.place_of(event)) is not None}
    return replace(dossier, events={**dossier.events, lot: tuple(own)}, places=places, findings=opened.findings)


def unproven(bundle: Bundle) -> tuple[Finding, ...]:
    """
    The events whose place in the log does not follow from the bundle's own checkpoint: all that can be said of it
    without a chain. That the chain has the checkpoint is not said here.
    """
    sentence = "The proof does not show the event under the root that the bundle itself names."
    return tuple(
        Finding(CheckName.ANCHORED, "anchored.log-proof", Verdict.UNVERIFIED, sentence, event=event.content_hash)
        for event in bundle.events
        if event.inclusion is not None and bundle.checkpoint is not None and not _is_under(event, bundle)
    )


def _is_under(event: BundledEvent, bundle: Bundle) -> bool:
    if event.inclusion is None or bundle.checkpoint is None:
        return False
    try:
        leaf = event_leaf(event.content_hash, signature_hash(event.proof))
    except InvalidInput:
        return False
    return event.inclusion.holds(leaf, bundle.checkpoint.root)


def _recorded(number: int, event: BundledEvent) -> RecordedEvent:
    event_id = event.body.get("eventID")
    return RecordedEvent(
        sequence=number,
        content_hash=event.content_hash,
        event_id=event_id if isinstance(event_id, str) else "",
        record_time=event.record_time,
        body=event.body,
        proof=event.proof,
        state=event.state,
        refusal=event.refusal,
    )


def _shown(event: BundledEvent, disclosures: Sequence[str]) -> tuple[Shown, Finding | None]:
    """Where disclosures do not fit, nothing of the event is shown; where they or marks do not, no mark counts."""
    problem = None
    try:
        opened = open_sealed(event.body, disclosures)
    except UNREADABLE as error:
        problem = _unfit(event, error)
        try:
            opened = open_sealed(event.body, ())
        except UNREADABLE:
            return Shown(event.content_hash, event.body, (), (), ()), problem
    problem = problem or _false_mark(event, opened)
    marked = frozenset(() if problem else event.erased)
    places = tuple(one.place for one in opened.disclosures)
    erased = by_place(place for digest, place in opened.hidden.items() if digest in marked)
    withheld = by_place(place for digest, place in opened.hidden.items() if digest not in marked)
    return Shown(event.content_hash, opened.tree, places, withheld, erased), problem


def _false_mark(event: BundledEvent, opened: Opened) -> Finding | None:
    """
    The first mark that cannot be true. What a reader shows of their own was handed out before it was erased: of such a
    member the mark may be true, and says nothing any more.
    """
    if not event.erased:
        return None
    own = {digest_of(text) for text in event.disclosures if text.isascii()}
    held = opened.hidden.keys() | {one.digest for one in opened.disclosures}
    for digest in event.erased:
        if digest in own:
            return _marked(event, digest, "shown", "The bundle shows what it says was erased.")
        if digest not in held:
            sentence = "The bundle says of something that it was erased, and the event does not hold it."
            return _marked(event, digest, "foreign", sentence)
    return None


def _unfit(event: BundledEvent, error: Exception) -> Finding:
    rule, value, told = "", "", str(error) or type(error).__name__
    if isinstance(error, InvalidInput):
        first = error.violations[0]
        rule, value, told = first.rule, first.value, first.message
    return Finding(
        CheckName.CONTENT,
        "content.disclosure",
        Verdict.UNVERIFIED,
        f"What is disclosed of the event is not what was sealed in it: {told}.",
        {"rule": rule, "value": value},
        event.content_hash,
    )


def _marked(event: BundledEvent, digest: str, problem: str, sentence: str) -> Finding:
    named = {"problem": problem, "value": digest}
    return Finding(CheckName.CONTENT, "content.erased", Verdict.UNVERIFIED, sentence, named, event.content_hash)


def _foreign(text: str) -> Finding:
    value = digest_of(text) if text.isascii() else ""
    sentence = "A disclosure that was given is of no event shown: it is altered, or of another one."
    named = {"rule": "disclosure.foreign", "value": value}
    return Finding(CheckName.CONTENT, "content.disclosure", Verdict.UNVERIFIED, sentence, named)


def _fitting(event: BundledEvent, disclosures: Iterable[str]) -> list[str]:
    """Those whose digest stands in the event, or in another one that fits."""
    given = {digest_of(one): one for one in disclosures if one.isascii()}
    if not given:
        return []
    fitting: dict[str, str] = {}
    open_trees: list[object] = [event.body]
    while open_trees:
        for digest in _digests_in(open_trees.pop()):
            if digest in given and digest not in fitting:
                fitting[digest] = given[digest]
                try:
                    open_trees.append(parse_disclosure(given[digest], "").value)
                except InvalidInput:
                    continue  # it is refused, and told of, where it is opened
    return list(fitting.values())


def _digests_in(tree: object) -> Iterator[str]:
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, str) and DIGEST.match(node):
            yield node


def _names(bundle: Bundle) -> dict[LotId, LotRef]:
    names = {ref.id: ref for event in bundle.events for ref in (*named_in(event.body), *born_in(event.proof.action))}
    return {bundle.lot.id: bundle.lot, **names}
