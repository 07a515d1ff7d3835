"""
A real service with a small world of parties, and people who are signed in to it in Chromium by their own device keys.

    world = staff_world(tmp_path)                  # starts `silkroot up`; use it as a context manager
    with world.signed_in(browser, FARM, "Aygül", role="admin") as page:
        page.goto(world.url + "/staff/people")

The way in is the real one: an invitation made over the control socket, opened in the page, a key made by WebCrypto and
registered on the real chain. Pages are those of a phone (390 x 844) unless another size is asked for. The parties are
those of `event_builders`, registered from a workbook's master data as an operator would.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from event_builders import master_data
from playwright.sync_api import Browser, BrowserContext, Page
from service_process import ServiceProcess, service

from ledger.domain.identifiers import FIRST_ALLOTTED_PRODUCT, PartyId
from ledger.domain.master_data import MasterData, Role

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
SIZES = {"phone": PHONE, "desk": DESK}


@dataclass(frozen=True)
class StaffWorld:
    """The service, and where its pages for staff are."""

    service: ServiceProcess

    @property
    def url(self) -> str:
        """By the name of this machine, not by its number: a passkey needs a name."""
        return f"http://localhost:{self.service.port}"

    def invitation(self, party: PartyId, name: str, role: str = "staff", hours: int = 72) -> str:
        """The link of a new invitation."""
        made = self.service.operate(
            "invite", party=f"{party:013d}", person=name, role=role, hours=hours, url=self.url
        )  # fmt: skip
        link: str = made["link"]
        return link

    def join(self, page: Page, party: PartyId, name: str, role: str = "staff", pin: str = "") -> None:
        """Opens an invitation in that page as a person does; the page is at /staff then, signed in."""
        page.goto(self.invitation(party, name, role))
        page.locator("#invitation").wait_for()
        if pin:
            page.get_by_label("Several people").check()
            page.locator("#pin").fill(pin)
            page.locator("#pin-again").fill(pin)
        page.get_by_role("button", name="Join on this phone").click()
        page.wait_for_url(f"{self.url}/staff")

    @contextlib.contextmanager
    def signed_in(
        self,
        browser: Browser,
        party: PartyId,
        name: str = "Aygül",
        role: str = "admin",
        size: dict[str, int] | None = None,
        language: str = "en",
        **context: Any,
    ) -> Iterator[Page]:
        """A page of a person of that party, in a browser context of its own, which `page.context` is."""
        opened: BrowserContext = browser.new_context(viewport=size or PHONE, locale="en", **context)  # type: ignore[arg-type]
        try:
            page = opened.new_page()
            self.join(page, party, name, role)
            if language != "en":
                page.goto(f"{self.url}/staff?lang={language}")
            yield page
        finally:
            opened.close()

    def me(self, page: Page) -> dict[str, Any]:
        """What the service says of whoever is signed in there."""
        told: dict[str, Any] = page.evaluate("async () => (await fetch('/staff/api/me')).json()")
        return told

    def keys_of(self, party: PartyId) -> dict[str, dict[str, Any]]:
        """The party's keys as the registry has them, by id."""
        return {key["key"]: key for key in self.service.operate("keys", party=f"{party:013d}")["keys"]}


@contextlib.contextmanager
def staff_world(folder: Path, master: MasterData | None = None, *arguments: str) -> Iterator[StaffWorld]:
    """A running service in that folder, in which the parties (the cast of `event_builders`) are registered."""
    with service(folder / "data", *arguments) as running:
        file = folder / "master.toml"
        file.write_text(master_toml(master or master_data()), encoding="utf-8")
        running.operate("import", path=str(file), dry_run=False)
        running.wait_until_settled()
        yield StaffWorld(running)


def master_toml(master: MasterData) -> str:
    """The master data as the file that an operator would write."""
    tables: list[tuple[str, dict[str, Any]]] = []
    for party in master.parties.values():
        roles = [str(role.name).lower() for role in Role if role & party.roles]
        tables.append(("party", {"id": f"{party.id:013d}", "name": party.name, "roles": roles, "city": party.city}))
    for place in master.places.values():
        row = {"gln": f"{place.gln:013d}", "extension": place.extension, "party": f"{place.party:013d}"}
        tables.append(("place", {**row, "name": place.name, "kind": place.kind.value, "city": place.city}))
    for plot in master.plots.values():
        row = {"gln": f"{plot.gln:013d}", "extension": plot.extension, "producer": f"{plot.producer:013d}"}
        tables.append(("plot", {**row, "name": plot.name, "region": plot.region}))
    for product in master.products.values():
        is_allotted = product.id >= FIRST_ALLOTTED_PRODUCT
        number: dict[str, Any] = {"number": int(product.id)} if is_allotted else {"gtin": f"{product.id:014d}"}
        row = {**number, "owner": f"{product.owner:013d}", "name": product.name}
        more = {"net_grams": int(product.net_grams), "packers": [f"{one:013d}" for one in product.packers]}
        tables.append(("product", {**row, **more, "variety": product.variety, "commodity": product.commodity}))
    return "\n".join(f"[[{kind}]]\n{_rows(row)}" for kind, row in tables)


def _rows(row: Mapping[str, Any]) -> str:
    return "".join(f"{name} = {_value(value)}\n" for name, value in row.items() if value not in ("", {}))


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{tag} = {_value(text)}" for tag, text in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
