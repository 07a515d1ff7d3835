"""Pages in three languages: which is chosen, its direction, nothing left in English, and their weight."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import httpx
import pytest
from fake_services import FakeWorld
from story_samples import CASES, LOT, MASTER, STORIES, story

from api.catalogues import LANGUAGE_NAMES, RIGHT_TO_LEFT
from api.localization import LANGUAGES
from ledger.domain.story_values import Verdict

PAGE = f"/01/{CASES:014d}/10/{LOT.code}"
PROBLEMS = ("/01/1/10/A", f"/01/{CASES:014d}/10/NOTHING", "/nothing", "/lot/0/A")
CODES = re.compile(
    r"""
    [0-9a-f]{4,} | 0x[0-9a-f…]+ | urn:\S+ | https?://\S+     # hashes, identifiers, links
    | GTIN | GLN | QR | SHA | EIP | HTTP | secp256k1 | P-256 # names of standards
    | GET | HEAD | OPTIONS | GS1 | OpenAPI | openapi\.json
    | [A-Z]{1,3}(-[0-9A-Z]+)+ | T(?=\d\d:) | Z\b             # lot codes; the letters in ISO 8601
    | Silkroot | local\ \(\d+\) | [a-z0-9-]+(\.[a-z0-9-]+)+  # our name, the chain's, rules and hosts
    """,
    re.VERBOSE,
)
WORD = re.compile(r"[A-Za-z]{2,}")


class Texts(HTMLParser):
    """The texts of a page that a reader sees or hears, but for those that are marked as another language."""

    VOID = {"meta", "link", "path", "rect", "circle", "ellipse", "br"}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        marked = dict(attrs)
        hidden = tag == "style" or (tag != "html" and "lang" in marked)
        if tag not in self.VOID:
            self.open.append((tag, hidden or any(inside for _tag, inside in self.open)))
        self.found += [value for name, value in attrs if name in ("aria-label", "title", "alt") and value]

    def handle_endtag(self, tag: str) -> None:
        while self.open and tag not in self.VOID and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self.open and self.open[-1][1]):
            self.found.append(data.strip())


def english_in(html: str) -> list[str]:
    """The Latin words of a page that are no codes."""
    texts = Texts()
    texts.feed(html)
    return [text for text in texts.found if WORD.search(CODES.sub(" ", text))]


def tags_of(html: str) -> Iterator[str]:
    yield from re.findall(r"<html [^>]*>", html)


@pytest.mark.parametrize("language", ["zh", "ug"])
@pytest.mark.parametrize("verdict", [*STORIES])
async def test_no_english_stands_on_a_lots_page(
    client: httpx.AsyncClient, world: FakeWorld, verdict: Verdict, language: str
) -> None:
    world.stories.told = story(verdict)
    html = (await client.get(f"{PAGE}?lang={language}")).text
    assert english_in(html) == []


@pytest.mark.parametrize("language", ["zh", "ug"])
@pytest.mark.parametrize("path", ["/", *PROBLEMS])
async def test_no_english_stands_on_other_pages(client: httpx.AsyncClient, path: str, language: str) -> None:
    html = (await client.get(f"{path}?lang={language}", headers={"accept": "text/html"})).text
    assert english_in(html) == []


async def test_the_test_for_english_finds_it(client: httpx.AsyncClient) -> None:
    html = (await client.get(PAGE, headers={"accept-language": "en"})).text
    assert len(english_in(html)) > 30
    assert english_in("<html lang=ug><p>تۈركۈم <bdi>HM-2026-0807</bdi></p><p>Lot</p><p lang=en>so</p>") == ["Lot"]
    assert english_in("<html lang=ug><img aria-label='Language'>") == ["Language"]


@pytest.mark.parametrize("language", [*LANGUAGES])
async def test_a_page_states_language_and_direction(client: httpx.AsyncClient, language: str) -> None:
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    for path in (PAGE, "/", *PROBLEMS):
        response = await client.get(path, headers={"accept-language": language, "accept": "text/html"})
        assert list(tags_of(response.text)) == [f'<html lang="{LANGUAGES[language]}" dir="{direction}">']
        assert response.headers["content-language"] == LANGUAGES[language]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ug", "ug"),
        ("ug-CN,ug;q=0.9,zh-CN;q=0.8", "ug"),
        ("ug-Arab-CN", "ug"),
        ("zh-Hans-CN", "zh"),
        ("zh-TW", "zh"),
        ("kk-KZ, ug;q=0.4, en;q=0.3", "ug"),
        ("en;q=0.2, zh;q=0.1, ug;q=0", "en"),
        ("de-AT, fr;q=0.5", "en"),
        ("*", "en"),
        ("", "en"),
    ],
)
async def test_the_language_is_negotiated(client: httpx.AsyncClient, header: str, language: str) -> None:
    response = await client.get("/", headers={"accept-language": header})
    assert response.headers["content-language"] == LANGUAGES[language]


@pytest.mark.parametrize("language", [*LANGUAGES])
async def test_every_other_language_is_one_touch_away_in_its_own_script(
    client: httpx.AsyncClient, language: str
) -> None:
    html = (await client.get(f"{PAGE}?linkType=all&lang={language}")).text
    switches = re.findall(r'<a class="switch" href="([^"]+)" lang="([^"]+)"[^>]*>([^<]+)</a>', html)
    others = [code for code in LANGUAGES if code != language]
    assert switches == [(f"?linkType=all&amp;lang={code}", LANGUAGES[code], LANGUAGE_NAMES[code]) for code in others]


async def test_codes_stand_in_isolates_on_a_page_from_right_to_left(
    client: httpx.AsyncClient, world: FakeWorld
) -> None:
    world.stories.told = story(Verdict.RECALLED)
    html = (await client.get(f"{PAGE}?lang=ug")).text
    assert f"\u2068{LOT.code}\u2069 تۈركۈمىنى" in html
    english = (await client.get(f"{PAGE}?lang=en")).text
    assert "\u2068" not in english


async def test_dates_and_weights_are_written_as_the_language_does(client: httpx.AsyncClient, world: FakeWorld) -> None:
    world.stories.told = story(Verdict.VERIFIED)
    expected = {
        "zh": ("2026年8月14日 14:03", "2,944 公斤"),
        "en": ("14 Aug 2026, 14:03", "2,944 kg"),
        "ug": ("14\u2011ئاۋغۇست، 2026، 14:03", "2,944 كىلوگرام"),
    }
    for language, texts in expected.items():
        html = (await client.get(f"{PAGE}?lang={language}")).text
        for text in texts:
            assert text in html


async def test_a_name_without_uyghur_is_shown_in_chinese_and_marked(
    client: httpx.AsyncClient, world: FakeWorld
) -> None:
    world.stories.told = story(Verdict.VERIFIED)
    html = (await client.get(f"{PAGE}?lang=ug")).text
    assert '<bdi lang="zh-Hans-CN">京东路鲜果行</bdi>' in html
    assert "Capital Fruit Traders" not in html


@pytest.mark.parametrize("language", [*LANGUAGES])
async def test_a_page_is_light(client: httpx.AsyncClient, world: FakeWorld, language: str) -> None:
    long = "كۆپ سۆزلۈك نام " * 20
    world.shelf.master = replace(
        MASTER, parties={id_: replace(each, name={language: long}) for id_, each in MASTER.parties.items()}
    )
    for verdict in STORIES:
        world.stories.told = story(verdict)
        html = (await client.get(f"{PAGE}?lang={language}")).text
        assert len(gzip.compress(html.encode())) < 60_000
