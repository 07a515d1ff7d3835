"""The consumer's page over HTTP: status, verdict, language, escaping and headers."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace

import httpx
import pytest
from fake_services import PUBLIC_URL, FakeWorld
from story_samples import BEIJING, CASES, LOT, MASTER, SHANGHAI, STORIES, story

from api.localization import LANGUAGES, words
from api.views.phrases import VERDICTS
from ledger.domain.custody_values import CertifiedShare, PledgeStory
from ledger.domain.identifiers import Grams, LotRef, ProductId
from ledger.domain.master_data import MasterData
from ledger.domain.sealing import DEFAULT, seal
from ledger.domain.story_values import Verdict

PAGE = f"/01/{CASES:014d}/10/{LOT.code}"
CHINESE = {"accept-language": "zh-CN,zh;q=0.9,en;q=0.5"}


@pytest.mark.parametrize("verdict", [*STORIES])
@pytest.mark.parametrize("language", [*LANGUAGES])
async def test_every_verdict_in_every_language(
    client: httpx.AsyncClient, world: FakeWorld, verdict: Verdict, language: str
) -> None:
    world.stories.told = story(verdict)
    response = await client.get(PAGE, headers={"accept-language": language})
    assert response.status_code == (503 if verdict is Verdict.UNKNOWN else 200)
    assert re.findall(r'<main data-verdict="(\w+)"', response.text) == [verdict.value]
    assert words(language)(VERDICTS[verdict].title) in response.text
    assert words(language)(VERDICTS[verdict].lead) in response.text


@pytest.mark.parametrize("language", [*LANGUAGES])
async def test_a_page_that_could_not_be_checked_never_claims_a_verdict(
    client: httpx.AsyncClient, world: FakeWorld, language: str
) -> None:
    world.stories.told = story(Verdict.UNKNOWN)
    response = await client.get(PAGE, headers={"accept-language": language})
    assert words(language)(VERDICTS[Verdict.VERIFIED].lead) not in response.text
    assert set(re.findall(r'data-branch-verdict="(\w+)"', response.text)) == {"unknown"}
    assert 'class="signed good"' not in response.text
    assert response.headers["retry-after"] == "10"


async def test_an_altered_record_shows_what_was_signed_and_what_was_found(
    client: httpx.AsyncClient, world: FakeWorld
) -> None:
    told = world.stories.told = story(Verdict.UNVERIFIED)
    text = (await client.get(PAGE)).text
    evidence = told.reasons[0].evidence
    assert evidence.signed_hash
    assert evidence.found_hash
    assert f"0x{evidence.signed_hash.hex()}" in text
    assert f"0x{evidence.found_hash.hex()}" in text
    assert "<bdi>2,944 kg</bdi>" in text
    assert "<bdi>29,440 kg</bdi>" in text
    assert "Changed after Oasis Packing House signed" in text


async def test_a_changed_detail_outside_the_signed_struct_shows_both_hashes(
    client: httpx.AsyncClient, world: FakeWorld
) -> None:
    told = story(Verdict.UNVERIFIED)
    reason = replace(told.reasons[0], differences=())
    world.stories.told = replace(told, reasons=(reason,))
    text = (await client.get(PAGE)).text
    assert "another detail of the record does not" in text
    assert reason.evidence.found_hash
    assert f"0x{reason.evidence.found_hash.hex()}" in text


async def test_a_recall_says_what_to_do(client: httpx.AsyncClient, world: FakeWorld) -> None:
    world.stories.told = story(Verdict.RECALLED)
    english = (await client.get(PAGE)).text
    assert "Take it back to where you bought it" in english
    assert "Lot HM-2026-0807 was recalled by Oasis Packing House." in english
    assert "请勿食用" in (await client.get(PAGE, headers=CHINESE)).text


async def test_the_page_tells_the_way_and_who_signed(client: httpx.AsyncClient) -> None:
    text = (await client.get(PAGE)).text
    for told in (
        "Yizhou, Hami, Xinjiang",
        "Packing hall 2",
        "Tianshan International Airport, cargo",
        "Xinfadi market",
        "Signed by Capital Fruit Traders",
        "3,060 kg in, 2,944 kg out",
        "Sent to Pujiang Fresh",
        "9 Aug 2026",
    ):
        assert told in text


async def test_branches_by_city(client: httpx.AsyncClient) -> None:
    text = (await client.get(PAGE)).text
    assert re.findall(r'data-branch-verdict="(\w+)"', text) == ["verified"] * 3
    assert "904 kg in store, 600 kg sold" in text


async def test_certified_origin_and_pledges_stand_on_the_page(client: httpx.AsyncClient, world: FakeWorld) -> None:
    assert "data-certified" not in (await client.get(PAGE)).text
    told = story(Verdict.VERIFIED)
    grams = told.amounts.born
    pledge = PledgeStory(BEIJING, SHANGHAI, Grams(5000), 1_800_000_000, told.events[0].content_hash, None, True)
    world.stories.told = replace(told, certified=CertifiedShare(grams, Grams(grams // 2)), pledges=(pledge,))
    text = (await client.get(PAGE)).text
    assert "50% of it is of certified origin" in text
    assert "has pledged 5 kg of this lot to Pujiang Fresh" in text


async def test_days_are_called_stated_and_the_ledgers_own_stand_beside(client: httpx.AsyncClient) -> None:
    text = (await client.get(PAGE)).text
    assert "Days are those that the signers state." in text
    assert "entered in the shared ledger on" in text
    assert "<dt>Stated time, the signer’s word</dt>" in text
    assert "<dt>Recorded on chain</dt>" in text


async def test_what_became_of_a_consignment_stands_at_its_deed(client: httpx.AsyncClient, world: FakeWorld) -> None:
    told = story(Verdict.VERIFIED)
    corrected = replace(told.events[0], corrected_by=told.events[1].content_hash)
    world.stories.told = replace(told, events=(corrected, *told.events[1:]))
    assert "Corrected later; this no longer counts." in (await client.get(PAGE)).text


async def test_a_serial_is_shown_as_the_labels_number(client: httpx.AsyncClient) -> None:
    response = await client.get(f"{PAGE}/21/A%2F42")
    assert response.status_code == 200
    assert '<bdi class="code">A/42</bdi>' in response.text


async def test_chinese_is_negotiated_and_marked(client: httpx.AsyncClient) -> None:
    response = await client.get(PAGE, headers=CHINESE)
    assert '<html lang="zh-Hans-CN" dir="ltr">' in response.text
    assert response.headers["content-language"] == "zh-Hans-CN"
    assert "哈密瓜" in response.text
    assert "2,944 公斤" in response.text
    assert {"Accept", "Accept-Language", "Cookie"} <= set(response.headers["vary"].split(", "))


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-TW", "zh-Hans-CN"),
        ("fr, zh;q=0.2", "zh-Hans-CN"),
        ("en;q=0.3, zh;q=0.8", "zh-Hans-CN"),
        ("zh;q=0, en", "en"),
        ("zh;q=nonsense", "en"),
        ("fr", "en"),
        ("*", "en"),
    ],
)
async def test_accept_language(client: httpx.AsyncClient, header: str, language: str) -> None:
    response = await client.get(PAGE, headers={"accept-language": header})
    assert response.headers["content-language"] == language


async def test_the_switch_is_remembered_in_a_cookie(client: httpx.AsyncClient) -> None:
    switched = await client.get(f"{PAGE}?lang=zh&x=1")
    assert switched.headers["content-language"] == "zh-Hans-CN"
    assert "HttpOnly" in switched.headers["set-cookie"]
    assert 'href="?x=1&amp;lang=en"' in switched.text
    assert (await client.get(PAGE)).headers["content-language"] == "zh-Hans-CN"
    assert (await client.get(f"{PAGE}?lang=en")).headers["content-language"] == "en"


async def test_an_unknown_language_is_no_switch(client: httpx.AsyncClient) -> None:
    response = await client.get(f"{PAGE}?lang=%3Cscript%3E")
    assert response.headers["content-language"] == "en"
    assert "set-cookie" not in response.headers
    assert "<script" not in response.text


HOSTILE = "<script>alert(1)</script>\"'><img src=x>\u202e"


async def test_hostile_names_are_escaped(client: httpx.AsyncClient, world: FakeWorld) -> None:
    text = {"en": HOSTILE, "zh": HOSTILE}
    told = story(Verdict.SUSPECT)
    assert told.product
    world.stories.told = replace(told, product=replace(told.product, name=text, variety=text))
    parties = {id_: replace(party, name=text, city=text) for id_, party in MASTER.parties.items()}
    plots = {id_: replace(plot, name=text, region=text) for id_, plot in MASTER.plots.items()}
    world.shelf.master = MasterData(parties, {}, plots, MASTER.products)
    response = await client.get(PAGE)
    assert response.status_code == 200
    assert "<script>alert" not in response.text
    assert "<img" not in response.text
    assert "&lt;script&gt;" in response.text


async def test_a_name_in_another_language_is_marked_as_such(client: httpx.AsyncClient, world: FakeWorld) -> None:
    parties = {**MASTER.parties, BEIJING: replace(MASTER.parties[BEIJING], name={"zh": "京东路鲜果行"})}
    world.shelf.master = replace(MASTER, parties=parties)
    assert '<bdi lang="zh-Hans-CN">京东路鲜果行</bdi>' in (await client.get(PAGE)).text


async def test_missing_master_data_leaves_numbers(client: httpx.AsyncClient, world: FakeWorld) -> None:
    world.shelf.master = MasterData()
    world.stories.told = replace(story(Verdict.VERIFIED), product=None)
    response = await client.get(PAGE)
    assert response.status_code == 200
    assert f"GLN {BEIJING:013d}" in response.text
    assert f"GTIN {CASES:014d}" in response.text


async def test_the_page_and_the_json_say_how_much_is_withheld_and_not_what(
    client: httpx.AsyncClient, world: FakeWorld
) -> None:
    told = story(Verdict.VERIFIED)
    secret = {**told.events[0].body, "silkroot:driver": "Tursun", "silkroot:phone": "13912345678"}
    salts = iter((b"\1" * 16, b"\2" * 16))
    sealed = seal(secret, DEFAULT, lambda: next(salts)).event
    world.stories.told = replace(told, events=(replace(told.events[0], body=sealed), *told.events[1:]))
    response = await client.get(PAGE)
    assert "2 members are withheld" in response.text
    assert "member is withheld" not in response.text
    as_json = await client.get(f"/lots/{LOT.product:014d}/{LOT.code}")
    first, second, *_ = as_json.json()["events"]
    assert first["withheld"] == [{"place": "", "count": 2, "erased": 0}]
    assert second["withheld"] == []
    for answer in (response.text, as_json.text):
        assert "Tursun" not in answer
        assert "13912345678" not in answer
        assert "was erased" not in answer


async def test_the_page_and_the_json_tell_what_was_erased_from_what_is_withheld(
    client: httpx.AsyncClient, world: FakeWorld
) -> None:
    told = story(Verdict.VERIFIED)
    salts = iter((b"\1" * 16, b"\2" * 16))
    secret = {**told.events[0].body, "silkroot:driver": "Tursun", "silkroot:phone": "13912345678"}
    sealed = seal(secret, DEFAULT, lambda: next(salts))
    gone = frozenset({sealed.disclosures[0].digest, "A" * 43})  # the other lay within it
    world.stories.told = replace(told, events=(replace(told.events[0], body=sealed.event, erased=gone),))
    response = await client.get(PAGE)
    assert "1 member is withheld" in response.text
    assert "1 sealed member was erased" in response.text
    (only,) = (await client.get(f"/lots/{LOT.product:014d}/{LOT.code}")).json()["events"]
    assert only["withheld"] == [{"place": "", "count": 2, "erased": 1}]
    every = frozenset(item.digest for item in sealed.disclosures)
    world.stories.told = replace(told, events=(replace(told.events[0], body=sealed.event, erased=every),))
    assert "withheld" not in (await client.get(PAGE)).text


MANGLED: list[dict[str, object]] = [
    {},
    {"eventTimeZoneOffset": 7, "silkroot:intake": "x"},
    {"readPoint": [None]},
    {"silkroot:sealed": "x"},
    {"@context": 7, "silkroot:sealed": [None]},
    {"@context": [{"silkroot": []}, None], "x": {"silkroot:sealedElement": {}}},
]


@pytest.mark.parametrize("body", MANGLED)
async def test_a_record_mangled_in_the_database_still_gives_a_page(
    client: httpx.AsyncClient, world: FakeWorld, body: dict[str, object]
) -> None:
    told = story(Verdict.UNVERIFIED)
    events = tuple(replace(each, body=body, event_time="yesterday", place=(1, "?")) for each in told.events)
    world.stories.told = replace(told, events=events)
    response = await client.get(PAGE)
    assert response.status_code == 200
    assert 'data-verdict="unverified"' in response.text


async def test_security_headers(client: httpx.AsyncClient) -> None:
    response = await client.get(PAGE)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    # The form's own page has to be told from others' when it is sent; other sites are told nothing.
    assert response.headers["referrer-policy"] == "same-origin"
    assert "form-action 'self'" in policy
    assert response.headers["cache-control"] == "no-store"


async def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(client: httpx.AsyncClient) -> None:
    text = (await client.get(PAGE)).text
    assert "<script" not in text
    assert not re.search(r"\s(?:src|srcset|style|on\w+)=", text)
    assert not re.search(r'<link[^>]+href="http', text)
    assert "url(" not in text


@pytest.mark.parametrize("verdict", [*STORIES])
async def test_the_page_stays_small(client: httpx.AsyncClient, world: FakeWorld, verdict: Verdict) -> None:
    world.stories.told = story(verdict)
    assert len(gzip.compress((await client.get(PAGE)).content)) < 30_000


async def test_the_page_travels_compressed(client: httpx.AsyncClient) -> None:
    response = await client.get(PAGE, headers={"accept-encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert int(response.headers["content-length"]) < 30_000
    plain = await client.get(PAGE, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers


async def test_an_allotted_product_has_its_page_under_lot(client: httpx.AsyncClient, world: FakeWorld) -> None:
    ref = world.add(10**14 + 5, "A/1")
    world.stories.told = replace(story(Verdict.VERIFIED), lot=ref, id=ref.id)
    response = await client.get("/lot/100000000000005/A%2F1")
    assert response.status_code == 200
    assert f"{PUBLIC_URL}/lot/100000000000005/A%2F1" in response.text
    assert (await client.get("/lot/100000000000005/A")).status_code == 404


async def test_a_lot_code_with_a_percent_sign_is_unescaped_once(client: httpx.AsyncClient, world: FakeWorld) -> None:
    world.add(CASES, "50%25")
    assert (await client.get(f"/01/{CASES:014d}/10/50%2525")).status_code == 200
    assert (await client.get(f"/01/{CASES:014d}/10/50%25")).status_code == 404


async def test_shorter_gtins_lead_to_the_same_lot(client: httpx.AsyncClient) -> None:
    assert f"{CASES:014d}".startswith("0")
    assert (await client.get(f"/01/{CASES:013d}/10/{LOT.code}")).status_code == 200


async def test_machines_get_a_linkset(client: httpx.AsyncClient) -> None:
    response = await client.get(PAGE, headers={"accept": "application/linkset+json"})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/linkset+json"
    assert response.headers["access-control-allow-origin"] == "*"
    (links,) = response.json()["linkset"]
    assert links["anchor"] == PUBLIC_URL + PAGE
    for relation, targets in links.items():
        if relation != "anchor":
            assert relation.startswith("https://ref.gs1.org/voc/")
            assert all({"href", "title", "type"} <= set(target) for target in targets)
    assert (await client.get(f"{PAGE}?linkType=linkset")).json() == response.json()


async def test_no_linkset_for_an_unknown_lot(client: httpx.AsyncClient) -> None:
    response = await client.get(f"/01/{CASES:014d}/10/NONE", headers={"accept": "application/linkset+json"})
    assert response.status_code == 404


async def test_lots_of_the_lineage_are_linked(client: httpx.AsyncClient, world: FakeWorld) -> None:
    child = LotRef(ProductId(CASES), "B 1".replace(" ", "/"))
    world.stories.told = replace(story(Verdict.VERIFIED), children=(child,))
    text = (await client.get(PAGE)).text
    assert f'href="/01/{CASES:014d}/10/B%2F1"' in text
