"""
A handoff without a network, in every language and at both sizes: a pallet is found by its number and signed for with
the network cut, the browser is closed and opened again, and what was signed is sent, recorded, confirmed by the chain.
And two people who sign for the same pallet, neither knowing of the other: one is first, the other is told.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from dock_phone import ready, until
from event_builders import BUYER, FARM, HARVEST_LOT, sscc
from journey import JOURNEYS, LOCALES, MELON, PARTIES, Journey, everywhere
from journey_cast import shows, travelled_cast
from journey_phone import kept
from PIL import Image
from playwright.sync_api import Page, Playwright, expect, sync_playwright
from staff_world import StaffWorld, staff_world

from api.catalogues import LANGUAGE_NAMES
from ledger.domain.own_members import own_member

pytestmark = [pytest.mark.browser, pytest.mark.chain]
LOT = f"{int(HARVEST_LOT.product):014d}/{HARVEST_LOT.code}"
SENT_AT = "2026-08-05T13:00:00+08:00"
SENT = {"en": "5 Aug 2026, 13:00", "zh": "2026年8月5日 13:00", "ug": "5-ئاۋغۇست، 2026، 13:00"}
MOMENT = {
    "en": r"\d+ [A-Z][a-z]{2} \d{4}, \d\d:\d\d",
    "zh": r"\d{4}年\d+月\d+日 \d\d:\d\d",
    "ug": r"\d+\u2011[\u0620-\u06d5]+، \d{4}، \d\d:\d\d",
}
"""How a time looks in each language; that is not left to the phone, of which hardly any knows Uyghur."""
DAMAGE = {"en": "One case was wet.", "zh": "一箱湿了。", "ug": "بىر ساندۇق ھۆل بولۇپ قاپتۇ."}
OPEN = {"en": "Two cases on top were open.", "zh": "最上面两箱开着。", "ug": "ئۈستىدىكى ئىككى ساندۇق ئوچۇق ئىكەن."}
SOON = 30_000
"""Milliseconds until what was signed has to be sent, on a busy machine."""


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    """The farm has melons enough for every journey."""
    with staff_world(tmp_path_factory.mktemp("dock"), travelled_cast()) as made:
        farm = f"{FARM:013d}"
        made.service.operate("harvest", party=farm, lot=LOT, grams=9_000_000, where=f"{farm}/PLOT-7", at=SENT_AT)
        yield made


def send(world: StaffWorld, number: int) -> str:
    """The farm sends 412.5 kg to the buyer; gives the number of the pallet."""
    manifest, reference = [{"lot": LOT, "grams": 412_500}], sscc(number)
    world.service.operate(
        "ship", party=f"{FARM:013d}", manifest=manifest, to=f"{BUYER:013d}", reference=reference, where="", at=SENT_AT
    )
    return reference.rpartition("/")[2]


def picture() -> bytes:
    """A photo with a note of the camera in it."""
    notes, out = Image.Exif(), io.BytesIO()
    notes[0x010F] = "a camera's name"
    Image.effect_noise((2400, 1200), 60).convert("RGB").save(out, "JPEG", exif=notes.tobytes(), quality=70)
    return out.getvalue()


def opened(page: Page, journey: Journey, url: str, name: str) -> None:
    """That page of the dock, with or without a network, once its script has run."""
    page.goto(f"{url}/staff/{name}")
    page.wait_for_selector("html[data-ready=yes]")
    journey.fits(page)


def told_at(journey: Journey, text: str, **values: object) -> re.Pattern[str]:
    """The sentence with some time in it, as that language writes times."""
    mark = "0time0"
    pattern = journey.saying(text, **values, time=mark).pattern
    return re.compile(pattern.replace("[\u2066-\u2069]*".join(mark), MOMENT[journey.language]))


def receipts(world: StaffWorld, number: str) -> list[dict[str, Any]]:
    """The receipts of the pallet that the lot's page for programs shows."""
    told = httpx.get(f"{world.url}/lots/{LOT}", timeout=30).json()
    return [
        one for one in told["events"]
        if one["body"]["bizStep"] == "receiving" and number in json.dumps(one["body"]["bizTransactionList"])
    ]  # fmt: skip


def confirmed(world: StaffWorld, number: str) -> dict[str, Any]:
    """The one receipt of the pallet, once the chain has it."""
    deadline = time.monotonic() + 90
    while True:
        (event,) = receipts(world, number)
        if event["state"] == "confirmed":
            return event
        assert time.monotonic() < deadline, event
        time.sleep(0.3)


def found_by_number(page: Page, journey: Journey, url: str, number: str) -> None:
    """On the page that scans, by what stands below the code."""
    opened(page, journey, url, "scan")
    expect(page.locator("#offline")).to_have_text(journey.say("No network. Scanning works all the same."))
    journey.field(page, "Or type what stands below the code").fill(f"(00){number}")
    journey.press(page, "Find")
    expect(page.locator("#result")).to_contain_text(journey.say("On its way to you"))
    journey.fits(page)
    page.locator("#result a.pick").click()
    page.wait_for_selector("html[data-ready=yes]")


def signed_for(page: Page, journey: Journey, number: str, name: str) -> None:
    """The open form is signed: all of it is there; without a network it stays on the phone."""
    journey.press(page, "Sign: %(mass)s accepted", mass=journey.kilograms(412_500))
    told = journey.say("Signed and kept on this phone. It is sent as soon as there is a network.")
    expect(page.locator("#say")).to_have_text(told)
    mine = page.locator("#list .pick", has_text=number)
    expect(mine).to_contain_text(journey.saying("Signed on this phone by %(name)s", name=name))
    journey.fits(page)


@everywhere
def test_received_without_a_network_and_confirmed_by_the_chain(
    playwright: Playwright, world: StaffWorld, tmp_path: Path, journey: Journey
) -> None:
    number, name, farm = send(world, 10 + journey.number), f"Aygül {journey.number}", PARTIES[FARM][journey.language]
    with kept(playwright, tmp_path, journey) as page:
        journey.join(world, page, BUYER, name, "staff")
        ready(page, world.url, "receive")
        journey.fits(page)
        expect(page.locator("#list")).to_contain_text(told_at(journey, "List of %(time)s"))
        page.context.set_offline(True)
        found_by_number(page, journey, world.url, number)
        manifest = page.locator(".manifest")
        shows(manifest.get_by_role("heading"), journey.say("From %(name)s", name=farm))
        shows(manifest, journey.say("Shipped %(time)s", time=SENT[journey.language]))
        shows(manifest, MELON[journey.language])
        shows(manifest.locator(".mass"), journey.kilograms(412_500))
        page.get_by_text(journey.say("Temperature, seal, damage, photo")).click()
        journey.field(page, "Temperature of the fruit, °C").fill("cold")
        journey.press(page, "Sign: %(mass)s accepted", mass=journey.kilograms(412_500))
        told = journey.say("Write a temperature from -60 to 60, such as 4.5.")
        expect(page.locator(".error", has_text=told)).to_be_visible()
        journey.field(page, "Temperature of the fruit, °C").fill("4,5")
        journey.field(page, "Number of the seal").fill("S-4711")
        journey.field(page, "What is damaged").fill(DAMAGE[journey.language])
        photo: Any = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture()}
        journey.field(page, "Photo").set_input_files(photo)
        told = journey.say("The photo is on this phone and is sent with the record.")
        expect(page.get_by_text(told)).to_be_visible()
        journey.fits(page)
        signed_for(page, journey, number, name)
    assert receipts(world, number) == []
    with kept(playwright, tmp_path, journey, offline=True) as page:  # still without a network
        sent: list[str] = []
        page.on("request", lambda one: sent.append(one.post_data or "") if "/capture" in one.url else None)
        opened(page, journey, world.url, "queue")
        item = page.locator(".item")
        expect(item.locator(".badge")).to_have_text(journey.say("Waits for a network"))
        expect(item).to_contain_text(told_at(journey, "Signed by %(name)s, %(time)s", name=name))
        expect(journey.button(page, "Send now")).to_be_visible()
        assert receipts(world, number) == []
        page.context.set_offline(False)  # the page sends by itself
        expect(item.locator(".badge")).to_have_text(journey.say("Recorded"), timeout=SOON)
        journey.fits(page)
        journey.press(page, "Remove what is recorded from this list")
        told = journey.say("Everything is sent. Nothing waits on this phone.")
        expect(page.locator("#list")).to_have_text(told)
    body = confirmed(world, number)["body"]
    assert own_member(body, "seal") == ("/silkroot:seal", "S-4711")
    assert body["sensorElementList"][0]["sensorReport"][0]["value"] == 4.5
    assert name not in json.dumps(body, ensure_ascii=False), "the person's name is sealed"
    (address,) = body["silkroot:photos"]
    named = base64.urlsafe_b64decode(address.removeprefix("ni:///sha-256;") + "=")
    photo = httpx.get(f"{world.url}/files/{named.hex()}").content
    assert hashlib.sha256(photo).digest() == named, "the photo is kept as it was signed for"
    assert b"camera" not in photo
    assert max(Image.open(io.BytesIO(photo)).size) == 1600
    assert httpx.get(f"{world.url}/lots/{LOT}").json()["verdict"] == "verified"


TWO = [one for one in JOURNEYS if str(one) in ("en-phone", "zh-desk", "ug-phone")]
OTHER = {"en": "ug", "zh": "en", "ug": "zh"}
"""What the second one's phone speaks: a language is chosen on the page, and the pages that are kept follow."""

KEPT_IN = "async (start) => (await (await caches.match('/staff/queue'))?.text())?.includes(start)"


@pytest.mark.parametrize("journey", TWO, ids=str)
def test_two_people_sign_for_the_same_pallet(
    playwright: Playwright, world: StaffWorld, tmp_path: Path, journey: Journey
) -> None:
    number, say = send(world, 20 + journey.number), journey.say
    first, second = f"Aygül {journey.number}", f"Memet {journey.number}"
    theirs = {first: {}, second: {"locale": LOCALES[OTHER[journey.language]]}}
    for name, options in theirs.items():
        with kept(playwright, tmp_path / name, journey, **options) as page:
            reader = Journey(OTHER[journey.language], journey.size) if options else journey
            reader.join(world, page, BUYER, name, "staff")
            ready(page, world.url, "receive")
            if options:
                page.get_by_role("link", name=LANGUAGE_NAMES[journey.language]).click()
                page.wait_for_selector(f"html[lang={journey.words.tag}][data-ready=yes]")
                until(page, KEPT_IN, f'<html lang="{journey.words.tag}"')
            page.context.set_offline(True)
            opened(page, journey, world.url, "receive")
            page.get_by_text(number).click()
            signed_for(page, journey, number, name)
            opened(page, journey, world.url, "queue")
            expect(page.locator(".item .badge")).to_have_text(say("Waits for a network"))
    with kept(playwright, tmp_path / first, journey) as page:
        opened(page, journey, world.url, "queue")
        expect(page.locator(".item .badge")).to_have_text(say("Recorded"), timeout=SOON)
    with kept(playwright, tmp_path / second, journey, **theirs[second]) as page:
        opened(page, journey, world.url, "queue")
        item = page.locator(".item")
        expect(item.locator(".badge")).to_have_text(say("Not recorded: somebody was first"), timeout=SOON)
        who = f"{first} ({PARTIES[BUYER][journey.language]})"
        did = "%(name)s received all of it, %(time)s: %(mass)s."
        expect(item.locator(".first")).to_have_text(told_at(journey, did, name=who, mass=journey.kilograms(412_500)))
        shows(item, say("Nothing was counted twice. Drop yours, or write a note about what you saw."))
        expect(journey.button(item, "Drop mine")).to_be_visible()
        journey.fits(page)
        journey.press(item, "Write a note")
        journey.press(item, "Sign the note")
        expect(item.locator(".error")).to_have_text(say("Write what you saw."))
        note = "What did you see? It is recorded beside the consignment, and moves nothing."
        journey.field(item, note).fill(OPEN[journey.language])
        journey.press(item, "Sign the note")
        expect(page.locator(".item[data-kind=note] .badge")).to_have_text(say("Recorded"), timeout=SOON)
        expect(item).to_have_count(1)
        shows(item.get_by_role("heading"), say("Note"))
        journey.fits(page)
    confirmed(world, number)
    assert world.service.operate("fsck")["faults"] == []
