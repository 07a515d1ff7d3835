"""The lot's page as texts: stops, shares, branches, troubles."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from event_builders import gtin
from story_samples import (
    ASKED_AT,
    BEIJING,
    CASES,
    FARM,
    HUB,
    KG,
    LOT,
    MASTER,
    PACKER,
    PICKED,
    STORIES,
    content_of,
    event,
    story,
)  # fmt: skip

from api.localization import words
from api.views.lot_page import LotPage, fruit_of, lot_page
from api.views.names import lot_path, moment_of
from ledger.domain import event_forms as forms
from ledger.domain.actions import EntryKind, Intake
from ledger.domain.custody_values import Amounts
from ledger.domain.event_forms import Amount, RosterLine, Spot, When
from ledger.domain.identifiers import Grams, LotRef, ProductId
from ledger.domain.master_data import MasterData, Product
from ledger.domain.story_values import (
    CheckName,
    Difference,
    Evidence,
    Finding,
    LotStory,
    Verdict,
)  # fmt: skip


def page(told: LotStory, master: MasterData = MASTER, language: str = "en") -> LotPage:
    """The page of a story."""
    return lot_page(told, master, words(language), link="https://trace.example/x")


def test_stops_stand_in_the_order_of_their_first_deed_whatever_the_order_of_entry() -> None:
    told = story(Verdict.VERIFIED)
    shuffled = replace(told, events=told.events[::-1])
    names = [str(stop.spot.name) for stop in page(shuffled).stops]
    assert names == [
        "Field 7", "Packing hall 2", "Tianshan International Airport, cargo", "Xinfadi market", "Jiangqiao cold store",
    ]  # fmt: skip
    hub = page(shuffled).stops[2]
    assert [deed.what for deed in hub.deeds] == [
        "Received from Oasis Packing House", "Inspected", "Sent to Capital Fruit Traders", "Sent to Pujiang Fresh",
    ]  # fmt: skip


def test_fields_stand_before_the_packing_house_that_they_lead_to_whenever_they_were_picked() -> None:
    told = story(Verdict.VERIFIED)
    picked = told.events[0]
    shipped, received = told.events[2], told.events[3]
    sent = replace(shipped, sequence=20, party=FARM, counterparty=PACKER, place=(int(FARM), ""))
    got = replace(received, sequence=21, party=PACKER, counterparty=FARM, place=(int(PACKER), ""))
    late = replace(picked, sequence=22, event_time="2026-08-30T00:00:00+08:00", place=(int(FARM), "8"))
    signs = [stop.spot.name.text for stop in page(replace(told, events=(*told.events, sent, got, late))).stops]
    assert signs.index("Packing hall 2") == 3
    assert signs[:2] == ["Field 7", "Yiwu Valley Melon Growers"]


def test_a_way_back_does_not_turn_the_order_round() -> None:
    told = story(Verdict.VERIFIED)
    back = replace(told.events[2], sequence=30, party=HUB, counterparty=PACKER, place=(int(HUB), ""),
                   event_time="2026-08-20T00:00:00+08:00")  # fmt: skip
    before = [str(stop.spot.name) for stop in page(told).stops]
    assert [str(stop.spot.name) for stop in page(replace(told, events=(*told.events, back))).stops] == before


def test_a_recall_stands_apart_and_last() -> None:
    last = page(story(Verdict.RECALLED)).stops[-1]
    assert (last.spot.sign, last.kind, str(last.spot.name), last.trouble) == (
        "recalled", "Recall", "Oasis Packing House", True,
    )  # fmt: skip


def test_an_event_without_a_place_stands_where_its_party_is() -> None:
    told = story(Verdict.VERIFIED)
    events = tuple(replace(each, place=None) if each.step == "inspecting" else each for each in told.events)
    assert [len(stop.deeds) for stop in page(replace(told, events=events)).stops] == [1, 2, 4, 1, 1]


def test_events_of_other_branches_of_an_ancestor_are_left_out() -> None:
    told = story(Verdict.VERIFIED)
    events = (replace(told.events[0], relevant=False), *told.events[1:])
    shown = page(replace(told, events=events))
    assert "Field 7" not in [str(stop.spot.name) for stop in shown.stops]
    assert shown.origins == ()


def test_a_stop_signs_once_where_all_is_well_and_deed_by_deed_where_not() -> None:
    assert all(stop.signature for stop in page(story(Verdict.VERIFIED)).stops)
    packing = page(story(Verdict.UNVERIFIED)).stops[1]
    assert (packing.signature, packing.trouble) == ("", True)
    assert [deed.mark for deed in packing.deeds] == ["bad", "good"]


@pytest.mark.parametrize(
    ("verdict", "marks"),
    [
        (Verdict.VERIFIED, {"good"}),
        (Verdict.PENDING, {"good", "wait"}),
        (Verdict.UNVERIFIED, {"good", "bad"}),
        (Verdict.UNKNOWN, {"unknown"}),
    ],
)
def test_marks_follow_the_checks(verdict: Verdict, marks: set[str]) -> None:
    assert {deed.mark for stop in page(story(verdict)).stops for deed in stop.deeds} == marks


def test_weights_in_and_out() -> None:
    shown = page(story(Verdict.VERIFIED))
    assert (shown.went_in, shown.born) == ("3,060 kg", "2,944 kg")
    assert [(share.kind, share.amount) for share in shown.shares] == [("hand", "2,344 kg"), ("sold", "600 kg")]


@pytest.mark.parametrize("parts", [(1, 1, 1, 0, 0), (3, 0, 0, 0, 7), (0, 0, 0, 0, 0), (999_999_999_999, 1, 0, 0, 0)])
def test_shares_fill_the_bar_exactly(parts: tuple[int, ...]) -> None:
    amounts = Amounts(Grams(sum(parts)), *(Grams(each) for each in parts))
    shares = page(replace(story(Verdict.VERIFIED), amounts=amounts)).shares
    assert len(shares) == sum(1 for each in parts if each)
    assert sum(share.width for share in shares) == (1000 if sum(parts) else 0)
    for before, after in pairwise(shares):
        assert before.start + before.width == after.start


def test_origin_of_pooled_fruit_names_villages_and_counts_growers() -> None:
    lot = LotRef(gtin(120), "IN-1")
    roster = [
        RosterLine("R1", "Dongkan", Grams(400 * KG), "T1"),
        RosterLine("R2", "Dongkan", Grams(300 * KG), "T2"),
        RosterLine("R1", "Bashi", Grams(300 * KG), "T3"),
    ]
    amount = Amount(lot, Grams(1000 * KG))
    body = forms.intake(FARM, amount, When("2026-08-05T07:20:00+08:00"), Spot(FARM), roster)
    bought = event(
        1, Intake(FARM, lot.product, lot.code, amount.grams, content_of(1), 0), body, (int(FARM), ""),
        {lot.id: amount.grams},
    )  # fmt: skip
    told = replace(story(Verdict.VERIFIED), lot=lot, id=lot.id, events=(bought,))
    (origin,) = page(told).origins
    assert origin.what == "Bought in from 2 growers in Dongkan and Bashi"
    assert str(origin.region) == "Hami, Xinjiang"
    mangled = replace(told, events=(replace(bought, body={"silkroot:intake": [3, {"village": ""}]}),))
    assert page(mangled).origins[0].what == "Bought in from growers"


def test_reasons_stand_at_a_branch_only_where_branches_differ() -> None:
    assert all(branch.reasons == () for branch in page(story(Verdict.UNVERIFIED)).branches)
    reasons = [branch.reasons for branch in page(story(Verdict.SUSPECT)).branches]
    assert reasons == [(), (), ("Pujiang Fresh gave away 1,300 kg, but held 1,200 kg.",)]


@pytest.mark.parametrize("verdict", [*STORIES])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_text_is_left_unfilled(verdict: Verdict, language: str) -> None:
    shown = repr(page(story(verdict), language=language))
    assert "%(" not in shown


def test_a_lot_that_could_not_be_checked_says_when_it_last_was() -> None:
    told = story(Verdict.UNKNOWN)
    assert page(told).headline.last == "Last checked 12 Aug 2026, 14:03. The answer then: verified."
    assert page(told).headline.checked == ""
    assert page(told).troubles == ()
    assert page(replace(told, last=None)).headline.last == "It was never checked before."


def test_what_is_found_without_the_chain_is_told_all_the_same() -> None:
    told = story(Verdict.UNKNOWN)
    altered = story(Verdict.UNVERIFIED).reasons
    (trouble,) = page(replace(told, reasons=(*told.reasons, *altered))).troubles
    assert trouble.sentence == "The record was changed after it was signed."


def test_a_change_names_its_lot_and_shows_both_values() -> None:
    (trouble,) = page(story(Verdict.UNVERIFIED)).troubles
    (change,) = trouble.changes
    assert (change.member, change.signed, change.found) == ("Weight (lot HM-2026-0807)", "2,944 kg", "29,440 kg")
    assert trouble.about == "Packed, Oasis Packing House, 7 Aug 2026"
    assert trouble.signed_hash != trouble.found_hash


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (Difference("packer", str(int(PACKER)), str(int(HUB))),
         ("Packer", "Oasis Packing House", "Tianshan Cold Chain Hub")),
        (Difference("inputs[0].grams", "999", ""), ("Weight (lot H-0805-07)", "999 g", "nothing")),
        (Difference("inputs[9].grams", "5000", "x"), ("Weight (inputs[9])", "5 kg", "x")),
        (Difference("inputs[0].lot", f"0x{PICKED.id.hex()}", "0x" + "00" * 32),
         ("Lot (lot H-0805-07)", "H-0805-07", "0x00000000…")),
        (Difference("lotCode", "A", "B"), ("Lot code", "A", "B")),
        (Difference("unheardOf", "1", "2"), ("unheardOf", "1", "2")),
    ],
)  # fmt: skip
def test_differences_in_words(difference: Difference, expected: tuple[str, str, str]) -> None:
    told = story(Verdict.UNVERIFIED)
    reason = replace(told.reasons[0], differences=(difference,))
    (trouble,) = page(replace(told, reasons=(reason,))).troubles
    (change,) = trouble.changes
    assert (change.member, change.signed, change.found) == expected


def test_a_finding_without_words_is_told_in_english_and_marked() -> None:
    finding = Finding(CheckName.CUSTODY, "custody.unheard-of", Verdict.SUSPECT, "Odd things happened.")
    told = replace(story(Verdict.SUSPECT), reasons=(finding,))
    (trouble,) = page(told, language="zh").troubles
    assert (trouble.sentence, trouble.lang) == ("Odd things happened.", "en")


def test_a_finding_that_lacks_a_parameter_falls_back_to_its_sentence() -> None:
    finding = Finding(CheckName.RECALL, "recall.lot", Verdict.RECALLED, "The lot is recalled.", lot=LOT.id)
    (trouble,) = page(replace(story(Verdict.RECALLED), reasons=(finding,))).troubles
    assert trouble.sentence == "The lot is recalled."


def test_equal_hashes_are_no_alteration() -> None:
    same = Evidence(signed_hash=content_of(1), found_hash=content_of(1))
    finding = Finding(CheckName.CONTENT, "content.misfiled", Verdict.UNVERIFIED, "Misfiled.", evidence=same)
    (trouble,) = page(replace(story(Verdict.UNVERIFIED), reasons=(finding,))).troubles
    assert (trouble.signed_hash, trouble.found_hash) == ("", "")


def test_evidence_holds_everything_whole() -> None:
    told = story(Verdict.VERIFIED)
    evidence = page(told).evidence
    values = {fact.value for each in evidence.events for fact in each.facts} | {fact.value for fact in evidence.chain}
    for each in told.events:
        assert each.entry
        assert {f"0x{each.content_hash.hex()}", f"0x{each.entry.transaction.hex()}", f"0x{each.key_id.hex()}"} <= values
    assert f"0x{told.chain.ledger.hex()}" in values if told.chain else False


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        ("+08:00", "15:05"),
        ("Z", "07:05"),
        ("-03:30", "03:35"),
        ("nonsense", "15:05"),
        (None, "15:05"),
        ("+99:00", "15:05"),
    ],
)
def test_times_are_told_in_the_events_own_zone(offset: str | None, expected: str) -> None:
    told = story(Verdict.VERIFIED)
    packed = replace(told.events[1], event_time="2026-08-07T07:05:00Z", body={"eventTimeZoneOffset": offset})
    moment = moment_of(packed)
    assert moment is not None
    assert moment.strftime("%H:%M") == expected


def test_a_time_that_is_none_stays_as_it_stands() -> None:
    told = story(Verdict.VERIFIED)
    odd = replace(told.events[0], event_time="yesterday")
    assert moment_of(odd) is None
    assert page(replace(told, events=(odd,))).origins[0].when == "yesterday"


@pytest.mark.parametrize(
    ("commodity", "name", "fruit"),
    [
        ("Hami melon", "x", "melon"),
        ("", "吐鲁番葡萄", "grapes"),
        ("", "库尔勒香梨", "pear"),
        ("Korla pear", "", "pear"),
        ("walnut", "核桃", "box"),
    ],
)
def test_the_drawing_fits_the_fruit(commodity: str, name: str, fruit: str) -> None:
    product = Product(CASES, BEIJING, Grams(1), {"zh": name}, commodity=commodity)
    assert fruit_of(product) == fruit
    assert fruit_of(None) == "box"


def test_paths_of_lots_escape_what_paths_cannot_hold() -> None:
    assert lot_path(LotRef(CASES, "A/%?")) == f"/01/{CASES:014d}/10/A%2F%25%3F"
    assert lot_path(LotRef(ProductId(10**14), "A")) == "/lot/100000000000000/A"


def test_clock_times_are_chinese_time() -> None:
    asked = datetime.fromtimestamp(ASKED_AT, UTC)
    assert asked.hour == 6
    assert page(story(Verdict.VERIFIED)).headline.checked == "Checked just now, 14 Aug 2026, 14:03"


def with_photos(photos: object) -> LotPage:
    """The page of a lot whose harvest names these photos."""
    told = story(Verdict.VERIFIED)
    events = tuple(
        replace(event, body={**event.body, "silkroot:photos": photos}) if event.kind is EntryKind.HARVEST else event
        for event in told.events
    )
    return page(replace(told, events=events))


def test_the_harvests_photo_is_shown_under_its_hash() -> None:
    photo = with_photos(["ni:///sha-256;" + "A" * 42 + "E", "ni:///sha-256;" + "B" * 43]).photo
    assert photo is not None
    assert photo.href == "/files/" + "00" * 31 + "01"
    assert photo.text == "Photo by Yiwu Valley Melon Growers"


@pytest.mark.parametrize("photos", [None, [], "x", [7], ["https://evil.example/x.jpg"], ["ni:///sha-256;../../x"]])
def test_what_names_no_file_is_no_photo(photos: object) -> None:
    assert with_photos(photos).photo is None
