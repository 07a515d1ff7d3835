"""
A lot's story for every verdict, made by hand: Hami melons from a field in Hami over the hub to Beijing and Shanghai.

Pages only show what a story says, so these need no chain and no keys; hashes and signatures are made from
sequence numbers.
`story(verdict)` gives a fresh one; `MASTER` names its parties, places, plots and products.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from event_builders import gln, gtin

from ledger.domain import event_forms as forms
from ledger.domain.actions import Action, Harvest, Line, Output, Recall, Receipt, Shipment, Transformation
from ledger.domain.actions import Statement as StatementAction
from ledger.domain.custody_values import Amounts, Handoff
from ledger.domain.event_forms import Amount, Spot, When
from ledger.domain.identifiers import (
    ConsignmentId,
    ContentHash,
    Digest,
    Grams,
    KeyId,
    LotId,
    LotRef,
    PartyId,
    consignment_id,
    plot_id,
)  # fmt: skip
from ledger.domain.master_data import MasterData, Party, Place, PlaceKind, Plot, Product, Role
from ledger.domain.records import ChainEntry, ConsignmentState, EntryState, JsonTree, KeyRecord, Scheme
from ledger.domain.story_values import (
    Ancestor,
    Branch,
    ChainSummary,
    Check,
    CheckName,
    Difference,
    EventStory,
    Evidence,
    Finding,
    LastCheck,
    LotStory,
    Outcome,
    Qualifier,
    QualifierCode,
    Verdict,
)  # fmt: skip

FARM, PACKER, HUB, BEIJING, SHANGHAI = gln(11), gln(12), gln(13), gln(14), gln(15)
BULK, CASES = gtin(110), gtin(111)
PICKED = LotRef(BULK, "H-0805-07")
LOT = LotRef(CASES, "HM-2026-0807")
ASKED_AT = int(datetime(2026, 8, 14, 6, 3, tzinfo=UTC).timestamp())
REFERENCES = ("urn:epcglobal:cbv:bt:9520000000127:HUB-1", "urn:x:bj-1", "urn:x:sh-1")
FIELD = (int(FARM), "7")

MASTER = MasterData(
    parties={
        party.id: party
        for party in (
            Party(FARM, {"zh": "伊吾河谷瓜农合作社", "en": "Yiwu Valley Melon Growers",
                  "ug": "ئارا تۈرۈك ۋادىسى قوغۇنچىلار كوپېراتىپى"}, Role.PRODUCER,
                  {"zh": "新疆哈密", "en": "Hami, Xinjiang", "ug": "شىنجاڭ، قۇمۇل"}),
            Party(PACKER, {"zh": "哈密绿洲包装厂", "en": "Oasis Packing House",
                  "ug": "قۇمۇل بوستان قاچىلاش زاۋۇتى"}, Role.PACKER,
                  {"zh": "新疆哈密", "en": "Hami, Xinjiang", "ug": "شىنجاڭ، قۇمۇل"}),
            Party(HUB, {"zh": "天山机场冷链枢纽", "en": "Tianshan Cold Chain Hub",
                  "ug": "تەڭرىتاغ ئايرودروم سوغۇق زەنجىر مەركىزى"}, Role.HUB,
                  {"zh": "乌鲁木齐", "en": "Ürümqi", "ug": "ئۈرۈمچى"}),
            Party(BEIJING, {"zh": "京东路鲜果行", "en": "Capital Fruit Traders"}, Role.BUYER,
                  {"zh": "北京", "en": "Beijing", "ug": "بېيجىڭ"}),
            Party(SHANGHAI, {"zh": "浦江鲜果", "en": "Pujiang Fresh"}, Role.BUYER, {"zh": "上海", "en": "Shanghai",
                  "ug": "شاڭخەي"}),
        )
    },
    places={
        (place.gln, place.extension): place
        for place in (
            Place(int(PACKER), "", PACKER, {"zh": "二号包装车间", "en": "Packing hall 2",
                  "ug": "2-قاچىلاش سېخى"}, PlaceKind.PACKING_HOUSE,
                  {"zh": "新疆哈密", "en": "Hami, Xinjiang", "ug": "شىنجاڭ، قۇمۇل"}),
            Place(int(HUB), "", HUB, {"zh": "天山国际机场货运区", "en": "Tianshan International Airport, cargo",
                  "ug": "تەڭرىتاغ خەلقئارا ئايرودرومى يۈك رايونى"},
                  PlaceKind.HUB, {"zh": "乌鲁木齐", "en": "Ürümqi", "ug": "ئۈرۈمچى"}),
            Place(int(BEIJING), "", BEIJING, {"zh": "新发地市场", "en": "Xinfadi market"}, PlaceKind.WAREHOUSE,
                  {"zh": "北京", "en": "Beijing", "ug": "بېيجىڭ"}),
            Place(int(SHANGHAI), "", SHANGHAI, {"zh": "江桥冷库", "en": "Jiangqiao cold store"}, PlaceKind.COLD_STORE,
                  {"zh": "上海", "en": "Shanghai", "ug": "شاڭخەي"}),
        )
    },
    plots={
        FIELD: Plot(*FIELD, FARM, {"zh": "七号瓜田", "en": "Field 7", "ug": "7-قوغۇنلۇق"},
                    {"zh": "新疆哈密伊州区", "en": "Yizhou, Hami, Xinjiang", "ug": "شىنجاڭ قۇمۇل ئىۋىرغول رايونى"}),
    },
    products={
        product.id: product
        for product in (
            Product(BULK, FARM, Grams(1000),
                    {"zh": "哈密瓜（散装）", "en": "Hami melon, loose", "ug": "قۇمۇل قوغۇنى (چاچما)"},
                    commodity="Hami melon"),
            Product(CASES, PACKER, Grams(8000), {"zh": "哈密瓜", "en": "Hami melon", "ug": "قۇمۇل قوغۇنى"},
                    {"zh": "西州蜜17号", "en": "Xizhoumi 17"}, commodity="Hami melon"),
        )
    },
)  # fmt: skip

KG = 1000


def content_of(sequence: int) -> ContentHash:
    """The content hash of the sample event with that number."""
    return ContentHash(sha256(b"sample %d" % sequence).digest())


def _bytes(tag: str, sequence: int) -> bytes:
    return sha256(f"{tag} {sequence}".encode()).digest()


def check(name: CheckName, outcome: Outcome = Outcome.PASSED, *findings: Finding) -> Check:
    """A check; passed unless said otherwise."""
    passed = Finding(name, f"{name}.passed", Verdict.VERIFIED, "All is well.")
    return Check(name, outcome, findings or (passed,))


def checks(**outcomes: Check) -> tuple[Check, ...]:
    """The five checks of a lot, passed where nothing else is given."""
    return tuple(outcomes.get(name.value, check(name)) for name in CheckName)


def event(sequence: int, action: Action, body: JsonTree, place: tuple[int, str], lots: dict[LotId, int],
          *, of_lot: bool = True, counterparty: PartyId | None = None, step: str = "") -> EventStory:  # fmt: skip
    """An event on chain, final, with its three checks passed."""
    content = content_of(sequence)
    party = PartyId(int(body["silkroot:party"]))
    time = ASKED_AT - 700_000 + 60_000 * sequence
    digest, key = Digest(_bytes("digest", sequence)), KeyId(_bytes("key", int(party))[:20].rjust(32, b"\0"))
    return EventStory(
        content_hash=content, sequence=sequence, event_id=f"urn:uuid:00000000-0000-4000-8000-{sequence:012d}",
        kind=action.KIND, step=step or str(body["bizStep"]), party=party, counterparty=counterparty,
        event_time=str(body["eventTime"]), record_time=datetime.fromtimestamp(time, UTC), place=place,
        lots={lot: Grams(grams) for lot, grams in lots.items()}, of_lot=of_lot, relevant=True, body=body, action=action,
        key_id=key, scheme=Scheme.SECP256K1, signature=_bytes("r", sequence) + _bytes("s", sequence) + b"\x1b",
        digest=digest, key=KeyRecord(party, Scheme.SECP256K1, True, True, time - 10**6, 0, 0), hosted=True,
        state=EntryState.CONFIRMED, refusal="",
        entry=ChainEntry(content, party, action.KIND, key, digest, 40 + sequence, time, _bytes("tx", sequence), 0),
        final=True, checks=tuple(check(name) for name in (CheckName.CONTENT, CheckName.SIGNATURE, CheckName.ANCHORED)),
    )  # fmt: skip


def _handoff(number: int, sequence: int, sender: PartyId, receiver: PartyId, kilograms: int, days: tuple[str, str]
             ) -> tuple[list[EventStory], Handoff]:  # fmt: skip
    reference, grams = REFERENCES[number], kilograms * KG
    amount = Amount(LOT, Grams(grams))
    consignment = consignment_id(sender, reference)
    sent = Shipment(sender, receiver, reference, (Line(LOT.id, Grams(grams)),), content_of(sequence), 0)
    got = Receipt(receiver, ConsignmentId(consignment), bytes(32), content_of(sequence + 1), 0)
    there, here = Spot(sender), Spot(receiver)
    events = [
        event(sequence, sent, forms.shipping(sender, receiver, reference, [amount], When(days[0]), there),
              (int(sender), ""), {LOT.id: grams}, counterparty=receiver),
        event(sequence + 1, got, forms.receiving(receiver, sender, reference, [amount], When(days[1]), here),
              (int(receiver), ""), {LOT.id: grams}, counterparty=sender),
    ]  # fmt: skip
    return events, Handoff(
        consignment, reference, sender, receiver, Grams(grams), content_of(sequence), (content_of(sequence + 1),),
        ConsignmentState.RECEIVED, accepted=Grams(grams),
    )  # fmt: skip


def _branch(way: tuple[PartyId, ...], path: list[Handoff], on_hand: int, sold: int, sequence: int) -> Branch:
    return Branch(
        way[-1], way, tuple(path), Grams(on_hand * KG), Grams(0), Grams(sold * KG), Grams(0), Grams(0),
        (int(way[-1]), ""), "2026-08-10T06:30:00+08:00", (content_of(sequence),), Verdict.VERIFIED,
    )  # fmt: skip


def verified() -> LotStory:
    """All is well; the lot lies in Beijing and in Shanghai, and a remainder at the hub."""
    picked = event(
        1,
        Harvest(FARM, BULK, PICKED.code, plot_id(FARM, "7"), 2026, Grams(3060 * KG), content_of(1), 0),
        forms.harvest(FARM, Amount(PICKED, Grams(3060 * KG)), When("2026-08-05T07:20:00+08:00"), Spot(*FIELD)),
        FIELD, {PICKED.id: 3060 * KG}, of_lot=False,
    )  # fmt: skip
    packed = event(
        2,
        Transformation(PACKER, (Line(PICKED.id, Grams(3060 * KG)),), (Output(CASES, LOT.code, Grams(2944 * KG)),),
                       Grams(0), Grams(116 * KG), Grams(0), content_of(2), 0),
        forms.transformation(PACKER, [Amount(PICKED, Grams(3060 * KG))], [Amount(LOT, Grams(2944 * KG), 368)],
                             When("2026-08-07T15:05:00+08:00"), Spot(PACKER)),
        (int(PACKER), ""), {PICKED.id: 3060 * KG, LOT.id: 2944 * KG},
    )  # fmt: skip
    inspected = event(
        5,
        StatementAction(HUB, "inspecting", (LOT.id,), content_of(5), 0),
        forms.statement(HUB, "inspecting", [LOT], When("2026-08-08T12:00:00+08:00"), Spot(HUB)),
        (int(HUB), ""), {},
    )  # fmt: skip
    to_hub, first = _handoff(0, 3, PACKER, HUB, 2944, ("2026-08-07T19:40:00+08:00", "2026-08-08T09:15:00+08:00"))
    to_beijing, second = _handoff(1, 6, HUB, BEIJING, 1504, ("2026-08-08T21:00:00+08:00", "2026-08-09T05:45:00+08:00"))
    to_shanghai, third = _handoff(2, 8, HUB, SHANGHAI, 1200, ("2026-08-08T22:30:00+08:00", "2026-08-10T06:30:00+08:00"))
    return LotStory(
        lot=LOT, id=LOT.id, product=MASTER.products[CASES], issuer=PACKER, verdict=Verdict.VERIFIED,
        reasons=tuple(check(name).findings[0] for name in CheckName),
        qualifiers=(
            Qualifier(QualifierCode.HOSTED_KEY, (FARM, PACKER, HUB)),
            Qualifier(QualifierCode.SINGLE_OPERATOR_CHAIN),
        ),
        checks=checks(),
        branches=(
            _branch((PACKER, HUB), [first], 240, 0, 5),
            _branch((PACKER, HUB, BEIJING), [first, second], 904, 600, 7),
            _branch((PACKER, HUB, SHANGHAI), [first, third], 1200, 0, 9),
        ),
        events=(picked, packed, *to_hub, inspected, *to_beijing, *to_shanghai),
        amounts=Amounts(*(Grams(each * KG) for each in (2944, 2344, 0, 600, 0, 0))),
        ancestors=(Ancestor(PICKED.id, PICKED, 1, (), Grams(3060 * KG), None),),
        children=(), names={PICKED.id: PICKED, LOT.id: LOT},
        chain=ChainSummary(
            "local", 31337, bytes.fromhex("5f" * 20), bytes.fromhex("a1" * 20), 512, ASKED_AT, 1, ASKED_AT
        ),
        last=None,
    )  # fmt: skip


def _with_event(story: LotStory, sequence: int, changed: EventStory) -> tuple[EventStory, ...]:
    return tuple(changed if each.sequence == sequence else each for each in story.events)


def _failed_event(story: LotStory, finding: Finding, outcome: Outcome, sequence: int) -> tuple[EventStory, ...]:
    old = next(each for each in story.events if each.sequence == sequence)
    failed = tuple(Check(each.name, outcome, (finding,)) if each.name == finding.check else each for each in old.checks)
    return _with_event(story, sequence, replace(old, checks=failed))


def pending() -> LotStory:
    """The receipt in Shanghai is accepted and not yet on chain."""
    story = verified()
    finding = Finding(
        CheckName.ANCHORED, "anchored.waiting", Verdict.PENDING, "The event is accepted, but not yet on the chain.",
        event=content_of(9),
    )  # fmt: skip
    events = _failed_event(story, finding, Outcome.PENDING, 9)
    last = replace(events[-1], entry=None, final=False, state=EntryState.QUEUED)
    branches = (*story.branches[:2], replace(story.branches[2], verdict=Verdict.PENDING, reasons=(finding,)))
    return replace(
        story, verdict=Verdict.PENDING, reasons=(finding,), events=(*events[:-1], last), branches=branches,
        checks=checks(anchored=check(CheckName.ANCHORED, Outcome.PENDING, finding)),
    )  # fmt: skip


def suspect() -> LotStory:
    """Shanghai gave away more than it held."""
    story = verified()
    finding = Finding(
        CheckName.CUSTODY, "custody.more-than-held", Verdict.SUSPECT, "Party gave 1300000 g, but held 1200000 g.",
        {"lot": f"0x{LOT.id.hex()}", "holder": int(SHANGHAI), "held": 1200 * KG, "needed": 1300 * KG},
        content_of(9), LOT.id,
    )  # fmt: skip
    branches = (*story.branches[:2], replace(story.branches[2], verdict=Verdict.SUSPECT, reasons=(finding,)))
    return replace(
        story, verdict=Verdict.SUSPECT, reasons=(finding,), branches=branches,
        checks=checks(custody=check(CheckName.CUSTODY, Outcome.FAILED, finding)),
    )  # fmt: skip


def unverified() -> LotStory:
    """Somebody changed the weight that came out of the packing house in the database."""
    story = verified()
    finding = Finding(
        CheckName.CONTENT, "content.changed", Verdict.UNVERIFIED, "The stored event is not the one that was signed.",
        event=content_of(2), differences=(Difference("outputs[0].grams", "2944000", "29440000"),),
        evidence=Evidence(signed_hash=content_of(2), found_hash=content_of(222)),
    )  # fmt: skip
    branches = tuple(replace(each, verdict=Verdict.UNVERIFIED, reasons=(finding,)) for each in story.branches)
    return replace(
        story, verdict=Verdict.UNVERIFIED, reasons=(finding,), branches=branches,
        events=_failed_event(story, finding, Outcome.FAILED, 2),
        checks=checks(content=check(CheckName.CONTENT, Outcome.FAILED, finding)),
    )  # fmt: skip


def recalled() -> LotStory:
    """The packing house called the lot back."""
    story = verified()
    called = event(
        10, Recall(PACKER, LOT.id, content_of(10), 0), forms.recall(PACKER, LOT, When("2026-08-12T10:00:00+08:00")),
        (int(PACKER), ""), {},
    )  # fmt: skip
    finding = Finding(
        CheckName.RECALL, "recall.lot", Verdict.RECALLED, f"The lot is recalled by party {PACKER}.",
        {"lot": f"0x{LOT.id.hex()}", "party": int(PACKER)}, lot=LOT.id,
    )  # fmt: skip
    branches = tuple(replace(each, verdict=Verdict.RECALLED, reasons=(finding,)) for each in story.branches)
    return replace(
        story, verdict=Verdict.RECALLED, reasons=(finding,), events=(*story.events, called), branches=branches,
        checks=checks(recall=check(CheckName.RECALL, Outcome.FAILED, finding)),
    )  # fmt: skip


def unknown() -> LotStory:
    """The chain does not answer; it last did two days ago."""
    story = verified()
    not_asked = tuple(
        Finding(name, "chain.not-asked", Verdict.UNKNOWN, "The chain could not be asked, so this was not checked.")
        for name in (CheckName.ANCHORED, CheckName.CUSTODY, CheckName.RECALL)
    )
    events = tuple(
        replace(
            each, entry=None, final=False, key=None, hosted=False,
            checks=(each.checks[0], each.checks[1], Check(CheckName.ANCHORED, Outcome.NOT_MADE, not_asked[:1])),
        )
        for each in story.events
    )  # fmt: skip
    return replace(
        story, verdict=Verdict.UNKNOWN, reasons=not_asked, events=events, chain=None, qualifiers=(),
        branches=tuple(replace(each, verdict=Verdict.UNKNOWN, reasons=not_asked) for each in story.branches),
        checks=checks(**{each.check.value: Check(each.check, Outcome.NOT_MADE, (each,)) for each in not_asked}),
        last=LastCheck(ASKED_AT - 2 * 86_400, Verdict.VERIFIED),
    )  # fmt: skip


STORIES = {
    Verdict.VERIFIED: verified,
    Verdict.PENDING: pending,
    Verdict.SUSPECT: suspect,
    Verdict.UNVERIFIED: unverified,
    Verdict.RECALLED: recalled,
    Verdict.UNKNOWN: unknown,
}


def story(verdict: Verdict) -> LotStory:
    """A story with that verdict."""
    return STORIES[verdict]()


assert set(STORIES) == set(Verdict)
