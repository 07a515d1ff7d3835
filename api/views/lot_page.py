"""
The lot's page as plain texts, made from its story: what is true is decided before, here it is only put into words.

`lot_page` is pure. Every text is in one language; the template adds layout and no meaning.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from api.localization import CHINA_TIME, N_, Words
from api.views import phrases
from api.views.certificates import CertificateView, certificate_views
from api.views.climate_words import climate_words
from api.views.evidence import Evidence, evidence
from api.views.finding_phrases import Trouble, trouble
from api.views.journey import Stop, journey
from api.views.lot_facts import CertifiedView, certified_view, notices_of, pledge_texts
from api.views.names import Name, Names, lot_path, moment_of, product_number
from ledger.domain.actions import EntryKind
from ledger.domain.findings import NOT_ASKED
from ledger.domain.identifiers import LotRef
from ledger.domain.master_data import MasterData, Product
from ledger.domain.story_values import Branch, EventStory, LotStory, Verdict
from ledger.services.climate_json import climate_json

SILENCE = {NOT_ASKED, "chain.unavailable"}
"""Findings that say no more than that the ledger did not answer, which the headline says already."""
FRUIT = {
    "melon": ("melon", "cantaloupe", "瓜"),
    "grapes": ("grape", "raisin", "葡萄"),
    "pear": ("pear", "梨"),
}
"""Our drawings, by words in the product's commodity or name."""


@dataclass(frozen=True, slots=True)
class Headline:
    """The verdict in words; `checked` says when, `last` what was found before the ledger fell silent."""

    verdict: str
    title: str
    lead: str
    advice: str
    checked: str
    last: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where fruit of the lot grew: region, field, grower, and when it was picked or bought in."""

    region: Name
    field: Name
    grower: Name
    what: str
    when: str


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the lot's weight; `start` and `width` are in thousandths of the whole, for the bar."""

    kind: str
    label: str
    amount: str
    start: int
    width: int


@dataclass(frozen=True, slots=True)
class BranchView:
    """The lot at one holder."""

    city: Name
    holder: Name
    amounts: str
    climate: str
    notices: tuple[str, ...]
    since: str
    verdict: str
    verdict_word: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckView:
    """One of the five checks."""

    title: str
    outcome: str
    outcome_word: str
    mark: str


@dataclass(frozen=True, slots=True)
class Link:
    """Another lot; `href` is "" where its names are not known."""

    text: str
    href: str
    note: str


@dataclass(frozen=True, slots=True)
class LotPage:
    """All that the template shows."""

    headline: Headline
    product: Name
    variety: Name
    fruit: str
    product_number: str
    lot_code: str
    serial: str
    troubles: tuple[Trouble, ...]
    qualifiers: tuple[str, ...]
    pledges: tuple[str, ...]
    certified: CertifiedView | None
    certificates: tuple[CertificateView, ...]
    origins: tuple[Origin, ...]
    born: str
    went_in: str
    shares: tuple[Share, ...]
    stops: tuple[Stop, ...]
    branches: tuple[BranchView, ...]
    made_of: tuple[Link, ...]
    made_into: tuple[Link, ...]
    checks: tuple[CheckView, ...]
    evidence: Evidence
    link: str


def lot_page(story: LotStory, master: MasterData, speak: Words, *, link: str, serial: str = "") -> LotPage:
    """The page of the lot in the language of `speak`. `link` stands in its QR code, `serial` is the label's AI 21."""
    names = Names(story, master, speak)
    product = story.product
    return LotPage(
        headline=_headline(story, speak),
        product=names.product(),
        variety=names.text(product.variety) if product else Name(""),
        fruit=fruit_of(product),
        product_number=product_number(story.lot),
        lot_code=story.lot.code,
        serial=serial,
        troubles=_troubles(story, names, speak),
        qualifiers=tuple(
            speak(phrases.QUALIFIERS[each.code], parties=names.parties(each.parties)) for each in story.qualifiers
        ),
        pledges=pledge_texts(story, names, speak),
        certified=certified_view(story, master, names, speak),
        certificates=certificate_views(story, names, speak),
        origins=_origins(story, names, speak),
        born=speak.kilograms(story.amounts.born),
        went_in=_went_in(story, speak),
        shares=_shares(story, speak),
        stops=journey(story, names, speak),
        branches=_branches(story, names, speak),
        made_of=tuple(
            _link(each.ref, names.lot(each.id), speak.kilograms(each.grams_used) if each.distance == 1 else "")
            for each in story.ancestors
        ),
        made_into=tuple(_link(child, child.code, "") for child in story.children),
        checks=tuple(
            CheckView(
                speak(phrases.CHECKS[check.name]),
                check.outcome.value,
                speak(phrases.OUTCOMES[check.outcome]),
                phrases.MARKS[check.outcome],
            )
            for check in story.checks
        ),
        evidence=evidence(story, names, speak),
        link=link,
    )


def fruit_of(product: Product | None) -> str:
    """Which of our drawings fits the product: melon, grapes, pear, or box."""
    if product is None:
        return "box"
    text = " ".join((product.commodity, product.bulk_of, *product.name.values())).lower()
    return next((fruit for fruit, words in FRUIT.items() if any(word in text for word in words)), "box")


def _headline(story: LotStory, speak: Words) -> Headline:
    words = phrases.VERDICTS[story.verdict]
    checked = last = ""
    if story.chain is not None:
        checked = speak(N_("Checked just now, %(time)s"), time=_clock(story.chain.asked_at, speak))
    elif story.last is not None:
        last = speak(
            N_("Last checked %(time)s. The answer then: %(verdict)s."),
            time=_clock(story.last.asked_at, speak), verdict=speak(phrases.SHORT_VERDICTS[story.last.verdict]),
        )  # fmt: skip
    else:
        last = speak(N_("It was never checked before."))
    lead = words.lead
    if story.verdict is Verdict.VERIFIED and not story.amounts.born:
        # A correction to nothing: every signature is right, and still nobody should look for the fruit.
        lead = N_("Its maker withdrew this lot as a mistake: no fruit is recorded under this number.")
    return Headline(story.verdict.value, speak(words.title), speak(lead), speak(words.advice), checked, last)


def _clock(seconds: int, speak: Words) -> str:
    return speak.minute(datetime.fromtimestamp(seconds, CHINA_TIME))


def _troubles(story: LotStory, names: Names, speak: Words) -> tuple[Trouble, ...]:
    """What made the verdict, each thing once. Of a lot that could not be checked, what was found wrong all the same."""
    telling = (
        finding for finding in story.reasons if finding.leads_to is not Verdict.VERIFIED and finding.code not in SILENCE
    )
    found = [trouble(finding, story, names, speak) for finding in telling]
    return tuple({(each.sentence, each.about, each.changes, each.signed_hash): each for each in found}.values())


def _origins(story: LotStory, names: Names, speak: Words) -> tuple[Origin, ...]:
    births = [event for event in story.events if event.relevant and event.kind in (EntryKind.HARVEST, EntryKind.INTAKE)]
    return tuple(dict.fromkeys(_origin(event, names, speak) for event in births))


def _origin(event: EventStory, names: Names, speak: Words) -> Origin:
    spot = names.spot(event)
    moment = moment_of(event)
    return Origin(
        region=spot.city,
        field=spot.name if spot.sign == "farm" else Name(""),
        grower=names.party(event.party),
        what=_villages(event, speak) or speak(phrases.DEEDS[event.kind]),
        when=speak.date(moment) if moment else event.event_time,
    )


def _villages(event: EventStory, speak: Words) -> str:
    """For an intake: from how many growers of which villages, as far as the record can be read."""
    if event.kind is not EntryKind.INTAKE:
        return ""
    rows = next((value for name, value in event.body.items() if name.endswith(":intake")), None)
    growers = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    villages = dict.fromkeys(str(row["village"]) for row in growers if row.get("village"))
    if not growers or not villages:
        return ""
    count = len({str(row.get("roster")) for row in growers})
    return speak.ngettext(
        "Bought in from %(count)s grower in %(villages)s",
        "Bought in from %(count)s growers in %(villages)s",
        count,
        villages=speak.listing(list(villages)[:6]),
    )


def _went_in(story: LotStory, speak: Words) -> str:
    """The weight of the lots that this one was made from; "" for a lot that was picked or bought in."""
    grams = sum(each.grams_used for each in story.ancestors if each.distance == 1)
    return speak.kilograms(grams) if grams else ""


def _shares(story: LotStory, speak: Words) -> tuple[Share, ...]:
    amounts = story.amounts
    parts = (
        ("hand", N_("In store"), amounts.on_hand),
        ("way", N_("On the road"), amounts.in_transit),
        ("used", N_("Packed into other lots"), amounts.used),
        ("sold", N_("Sold"), amounts.sold),
        ("gone", N_("Destroyed"), amounts.destroyed),
        ("back", N_("On the road back to the sender"), amounts.returning),
        ("missing", N_("Missing, not settled yet"), amounts.missing),
        ("lost", N_("Lost on the way, settled"), amounts.lost),
        ("dry", N_("Weight lost on the way, settled"), amounts.weight_loss),
    )
    whole = max(amounts.born, sum(grams for _, _, grams in parts), 1)
    shares: list[Share] = []
    sum_so_far = 0
    for kind, label, grams in parts:
        if grams > 0:
            start = sum_so_far * 1000 // whole
            sum_so_far += grams
            width = sum_so_far * 1000 // whole - start
            shares.append(Share(kind, speak(label), speak.kilograms(grams), start, width))
    return tuple(shares)


def _branches(story: LotStory, names: Names, speak: Words) -> tuple[BranchView, ...]:
    """The branches; reasons are told only where branches differ, since the page tells those of the lot above."""
    branches = [_branch(branch, story, names, speak) for branch in story.branches]
    if len({branch.reasons for branch in branches}) == 1:
        return tuple(replace(branch, reasons=()) for branch in branches)
    return tuple(branches)


def _branch(branch: Branch, story: LotStory, names: Names, speak: Words) -> BranchView:
    parts = (
        (N_("%(amount)s in store"), branch.on_hand),
        (N_("%(amount)s on the road to this place"), branch.in_transit),
        (N_("%(amount)s packed into other lots"), branch.used),
        (N_("%(amount)s sold"), branch.sold),
        (N_("%(amount)s destroyed"), branch.destroyed),
        (N_("%(amount)s on the road back to this place"), branch.returning),
        (N_("%(amount)s missing on arrival"), branch.missing),
        (N_("%(amount)s lost on the way"), branch.lost),
        (N_("%(amount)s of weight lost on the way"), branch.weight_loss),
    )
    reasons = [each for each in branch.reasons if each.leads_to not in (Verdict.VERIFIED, Verdict.UNKNOWN)]
    last = next((event for event in story.events if branch.events and event.content_hash == branch.events[-1]), None)
    moment = moment_of(last) if last else None
    return BranchView(
        city=names.city(branch.holder),
        holder=names.party(branch.holder),
        amounts=speak.joined(speak(text, amount=speak.kilograms(grams)) for text, grams in parts if grams > 0),
        climate="" if branch.climate is None else climate_words(climate_json(branch.climate), speak),
        notices=notices_of(branch, names, speak),
        since=speak.date(moment) if moment else "",
        verdict=branch.verdict.value,
        verdict_word=speak(phrases.SHORT_VERDICTS[branch.verdict]),
        reasons=tuple(dict.fromkeys(trouble(finding, story, names, speak).sentence for finding in reasons)),
    )


def _link(ref: LotRef | None, text: str, note: str) -> Link:
    return Link(text, lot_path(ref) if ref else "", note)
