"""
The offline handoff against a real service and chain: invited, received without a network, closed, opened, confirmed.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from pathlib import Path

import httpx
import pytest
from dock_phone import phone, ready
from event_builders import BUYER, FARM, HARVEST_LOT, sscc
from PIL import Image
from playwright.sync_api import expect
from staff_world import StaffWorld, staff_world

pytestmark = [pytest.mark.browser, pytest.mark.chain]

SSCC = sscc(7)
LOT = f"{int(HARVEST_LOT.product):014d}/{HARVEST_LOT.code}"


def picture() -> bytes:
    """A photo with a note of the camera in it."""
    notes, out = Image.Exif(), io.BytesIO()
    notes[0x010F] = "a camera's name"
    Image.effect_noise((2400, 1200), 60).convert("RGB").save(out, "JPEG", exif=notes.tobytes(), quality=70)
    return out.getvalue()


def test_received_without_a_network_and_confirmed_by_the_chain(tmp_path: Path) -> None:
    with staff_world(tmp_path) as world:
        farm, at = f"{FARM:013d}", "2026-08-05T13:00:00+08:00"
        plot = f"{FARM:013d}/PLOT-7"
        world.service.operate("harvest", party=farm, lot=LOT, grams=1_000_000, where=plot, at=at)
        manifest = [{"lot": LOT, "grams": 412_500}]
        world.service.operate(
            "ship", party=farm, manifest=manifest, to=f"{BUYER:013d}", reference=SSCC, where="", at=at
        )
        received(world, tmp_path / "phone")
        world.service.wait_until_settled()
        told = httpx.get(f"{world.service.url}/lots/{LOT}").json()
        assert told["verdict"] == "verified", told
        (event,) = [one for one in told["events"] if one["body"]["bizStep"] == "receiving"]
        assert event["state"] == "confirmed"
        assert "Aygül" not in json.dumps(event["body"], ensure_ascii=False)


def received(world: StaffWorld, folder: Path) -> None:
    """The phone's side, in a browser that is closed in between."""
    with phone(folder) as context:
        page = context.new_page()
        world.join(page, BUYER, "Aygül")
        ready(page, world.url, "receive")
        context.set_offline(True)
        page.get_by_text(SSCC.rpartition("/")[2]).click()
        page.get_by_text("Temperature, seal, damage, photo").click()
        page.get_by_label("What is damaged").fill("One case was wet.")
        photo = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture()}
        page.get_by_label("Photo", exact=True).set_input_files(photo)  # type: ignore[arg-type]
        expect(page.get_by_text("The photo is on this phone")).to_be_visible()
        page.get_by_role("button", name="Sign: 412.5 kg accepted").click()
        expect(page.locator("#say")).to_contain_text("Signed and kept on this phone")
    with phone(folder) as context:
        page = context.new_page()
        sent = []
        page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
        page.goto(f"{world.url}/staff/queue")
        expect(page.locator(".item .badge")).to_have_text("Recorded", timeout=20_000)
        (address,) = json.loads(sent[-1].post_data or "")["silkroot:photos"]
        named = base64.urlsafe_b64decode(address.removeprefix("ni:///sha-256;") + "=")
        kept = httpx.get(f"{world.url}/files/{named.hex()}")
        assert hashlib.sha256(kept.content).digest() == named, "the photo is kept as it was signed for"
        assert b"camera" not in kept.content
        assert max(Image.open(io.BytesIO(kept.content)).size) == 1600
